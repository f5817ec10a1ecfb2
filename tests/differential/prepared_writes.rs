//! Prepared writes that need several shards: the answer of one MySQL, and the same rows afterwards.

use mysql_async::prelude::Queryable;
use shardwell::wire::{CapabilityFlags, ColumnType};

use super::pair::{CLIENTS, Pair, Stage, assert_same, is_refusal};
use super::prepared::{Numbers, Param, every_type, execute, int, null, sent, text};
use super::raw::Expect;

const TABLES: &str = r#"
[schemas.shop.tables.items]
key = "id"
algorithm = "hash_mod"
[schemas.shop.tables.marks]
key = "item"
bind = "items"
[schemas.shop.tables.serial]
key = "k"
algorithm = "hash_mod"
"#;

const DEFINITIONS: &[&str] = &[
    "CREATE TABLE items (id BIGINT PRIMARY KEY, a INT, b VARCHAR(6), c TINYINT DEFAULT 7)",
    "CREATE TABLE marks (item BIGINT, n INT, name VARCHAR(50), u BIGINT UNSIGNED, d DECIMAL(20,5), \
     f FLOAT, g DOUBLE, b BLOB, at DATETIME(6), da DATE, t TIME(6), bi BIT(20), y YEAR, \
     l VARCHAR(20) CHARACTER SET latin1, PRIMARY KEY (item))",
    "CREATE TABLE serial (n INT AUTO_INCREMENT, k INT, PRIMARY KEY (n, k))",
];

impl Pair {
    /// COM_STMT_EXECUTE on both, but for whether an index is used: that depends on how many rows
    /// there are. Says whether the proxy refused with 1235.
    pub async fn written(&mut self, what: &str, statement: Numbers, packet: &[u8]) -> bool {
        let packet = |number: u32| [&[0x17], &number.to_le_bytes()[..], packet].concat();
        let ours = packet(statement.ours);
        let mut ours = self.proxy.command(&ours, Expect::Results).await;
        if is_refusal(&ours) {
            return true;
        }
        let theirs = packet(statement.theirs);
        let mut theirs = self.plain.command(&theirs, Expect::Results).await;
        self.forget([&mut ours, &mut theirs]);
        self.compare(what, &ours, &theirs);
        false
    }

    /// Prepares, executes with each list of parameters, and closes; says how often the proxy refused.
    pub async fn writes(&mut self, sql: &str, lists: &[&[Param]]) -> usize {
        let statement = self.must_prepare(sql).await;
        let mut refused = 0;
        for params in lists {
            let packet = execute(params, true, 0, self.plain.capabilities());
            let what = format!("{sql} {params:?}");
            refused += usize::from(self.written(&what, statement, &packet).await);
        }
        self.statement("COM_STMT_CLOSE", (0x19, statement), &[], Expect::Silence)
            .await;
        refused
    }
}

const ITEMS: &str = "SELECT * FROM items";

const MARKS: &str = "SELECT CONCAT_WS('|', item, QUOTE(n), QUOTE(name), QUOTE(u), QUOTE(d), \
    QUOTE(CAST(f AS DECIMAL(60,30))), QUOTE(g), HEX(b), QUOTE(at), QUOTE(da), QUOTE(t), HEX(bi), \
    QUOTE(y), HEX(l)) FROM marks";

/// Statements and what is bound to them, one execution after the other.
fn statements(found_rows: bool) -> Vec<(&'static str, Vec<Vec<Param>>)> {
    let row = |id: i64, a: i64, b: &str, c: i64| vec![int(id), int(a), text(b), int(c)];
    let rows = |rows: &[Vec<Param>]| rows.concat();
    let mut all = vec![
        (
            "INSERT INTO items VALUES (?, ?, ?, ?), (?, ?, ?, ?), (?, ?, ?, ?), (?, ?, ?, ?)",
            vec![
                rows(&[
                    row(1, 1, "a", 1),
                    row(2, 2, "b", 2),
                    row(3, 3, "c", 3),
                    row(4, 4, "d", 4),
                ]),
                rows(&[
                    row(5, 1, "e", 1),
                    row(6, 2, "f", 2),
                    row(7, 3, "g", 3),
                    row(8, 4, "h", 4),
                ]),
                // A duplicate, a string that is too long, and nothing of the others stays.
                rows(&[
                    row(9, 1, "e", 1),
                    row(6, 2, "f", 2),
                    row(10, 3, "g", 3),
                    row(11, 4, "h", 4),
                ]),
                rows(&[
                    row(9, 1, "e", 1),
                    row(10, 2, "f", 2),
                    row(11, 3, "far too long", 3),
                    row(12, 4, "h", 4),
                ]),
                vec![
                    text("13"),
                    null(),
                    null(),
                    int(1),
                    int(14),
                    text("5"),
                    int(7),
                    text("8"),
                    int(15),
                    int(1),
                    text("z"),
                    int(3),
                    int(16),
                    null(),
                    null(),
                    int(9),
                ],
                // The types are others now, and then the first ones again.
                vec![
                    int(17),
                    text("6"),
                    text("x"),
                    int(1),
                    text("18"),
                    int(5),
                    int(7),
                    int(8),
                    text("19"),
                    null(),
                    null(),
                    text("3"),
                    text("20"),
                    text("1"),
                    text("q"),
                    text("9"),
                ],
                rows(&[
                    row(21, 1, "a", 1),
                    row(22, 2, "b", 2),
                    row(23, 3, "c", 3),
                    row(24, 4, "d", 4),
                ]),
            ],
        ),
        (
            "INSERT INTO items (b, id, a) VALUES (?, 101, ?), ('y', ?, 5) /* two */, (UPPER(?), 103, ? + 1)",
            vec![vec![text("x"), int(1), int(102), text("z"), int(2)]],
        ),
        (
            "INSERT IGNORE INTO items (id, b) VALUES (?, ?), (?, ?), (?, ?)",
            vec![
                vec![
                    int(1),
                    text("q"),
                    int(201),
                    text("fits not"),
                    int(2),
                    text("q"),
                ],
                vec![
                    int(202),
                    text("q"),
                    int(203),
                    text("fits not"),
                    int(204),
                    text("q"),
                ],
            ],
        ),
        (
            "REPLACE INTO items (id, b) VALUES (?, ?), (?, ?), (?, ?)",
            vec![vec![
                int(1),
                text("r"),
                int(301),
                text("r"),
                int(2),
                text("r"),
            ]],
        ),
        (
            "INSERT INTO items (id, a, b) VALUES (?, ?, ?), (?, ?, ?), (?, ?, ?) \
             ON DUPLICATE KEY UPDATE b = ?, a = VALUES(a) + ?",
            vec![vec![
                int(401),
                int(1),
                text("o"),
                int(402),
                int(1),
                text("o"),
                int(403),
                int(1),
                text("o"),
                text("upd"),
                int(3),
            ]],
        ),
        (
            "UPDATE items SET a = ?",
            vec![vec![int(5)], vec![int(5)], vec![null()], vec![text("7")]],
        ),
        (
            "UPDATE items SET a = ? + id, b = ? WHERE id IN (?, ?, ?, ?)",
            vec![
                vec![int(1), text("in"), int(1), int(2), int(3), int(1000)],
                vec![int(1), text("too long"), int(1), int(2), int(3), int(4)],
                vec![text("2"), null(), int(1), text("2"), int(3), null()],
            ],
        ),
        (
            "UPDATE items SET a = 9 WHERE c > ? ORDER BY id",
            vec![vec![int(3)], vec![text("100")]],
        ),
        (
            "DELETE FROM items WHERE b = ?",
            vec![vec![text("r")], vec![null()]],
        ),
        (
            "DELETE FROM items WHERE id BETWEEN ? AND ? OR a IS NULL",
            vec![vec![int(8), int(15)]],
        ),
        (
            "INSERT INTO marks (item, n) VALUES (1, ?), (2, ?), (3, ?)",
            vec![vec![int(1), int(2), int(3)]],
        ),
        (
            "UPDATE items JOIN marks ON marks.item = items.id SET a = a + n + ? WHERE n < ?",
            vec![vec![int(10), int(3)]],
        ),
        (
            "DELETE items FROM items JOIN marks ON marks.item = items.id WHERE n > ?",
            vec![vec![int(2)]],
        ),
        ("UPDATE items SET nothing = 1", vec![]),
    ];
    // One row that is found and not changed is answered like one that is stored: the proxy does not
    // say how many duplicates there were.
    all.retain(|(sql, _)| !found_rows || !sql.contains("ON DUPLICATE"));
    all
}

#[tokio::test]
async fn prepared_writes_on_several_shards_answer_as_one_server_does() {
    let mut differences = Vec::new();
    for (name, extras) in CLIENTS {
        let stage = Stage::new(TABLES, DEFINITIONS, &[]).await;
        let mut pair = stage.pair(extras).await;
        for around in [
            &["BEGIN", "ROLLBACK"][..],
            &["SET autocommit = 0", "COMMIT", "SET autocommit = 1"],
        ] {
            let mut around = around.iter();
            pair.query(around.next().unwrap()).await;
            for (sql, lists) in statements(name == "found_rows") {
                if lists.is_empty() {
                    pair.prepared(sql, &[]).await;
                    continue;
                }
                let lists: Vec<&[Param]> = lists.iter().map(Vec::as_slice).collect();
                assert_eq!(pair.writes(sql, &lists).await, 0, "{sql}");
                pair.query("SHOW WARNINGS").await;
                pair.query("SELECT ROW_COUNT()").await;
            }
            for end in around {
                pair.query(end).await;
            }
            differences.extend(stage.different_rows(&[ITEMS]).await);
        }
        pair.change("DELETE FROM items").await;
        for (sql, lists) in statements(name == "found_rows") {
            let lists: Vec<&[Param]> = lists.iter().map(Vec::as_slice).collect();
            if !lists.is_empty() && !sql.starts_with("INSERT INTO marks") {
                assert_eq!(pair.writes(sql, &lists).await, 0, "{sql}");
            }
        }
        differences.extend(pair.into_differences(name));
        differences.extend(stage.different_rows(&[ITEMS]).await);
    }
    assert_same(&differences);
}

/// Rows with parameters of every type for columns of every type, each on the shard where it belongs.
#[tokio::test]
async fn parameters_of_every_type_are_stored_with_the_rows_they_belong_to() {
    let stage = Stage::new(TABLES, DEFINITIONS, &[]).await;
    let mut pair = stage.pair(CapabilityFlags::CLIENT_DEPRECATE_EOF).await;
    let mut id = 0;
    let (mut refused, mut differences) = (0, Vec::new());
    for mode in ["", "NO_BACKSLASH_ESCAPES,ANSI_QUOTES"] {
        pair.query(format!("SET sql_mode = '{mode}'")).await;
        for column in [
            "n", "name", "u", "d", "f", "g", "b", "at", "da", "t", "bi", "y", "l",
        ] {
            let sql = format!(
                "INSERT IGNORE INTO marks (item, {column}, n) VALUES (?, ?, 1), (?, NULL, ?), (?, ?, 3)"
            );
            let sql = match column {
                "n" => "INSERT IGNORE INTO marks (item, n) VALUES (?, ?), (?, ? + 1), (?, ?)",
                _ => &sql,
            };
            for param in every_type() {
                id += 3;
                let params = [
                    int(id),
                    param.clone(),
                    int(id + 1),
                    int(7),
                    int(id + 2),
                    param.clone(),
                ];
                // Prepared anew each time: a server's statement remembers types. Servers do not agree
                // how long a value of type BIT is.
                refused +=
                    usize::from(pair.writes(sql, &[&params]).await != usize::from(param.is_bit()));
            }
            let update = format!("UPDATE IGNORE marks SET {column} = ? WHERE n = ?");
            for param in every_type() {
                refused += pair.writes(&update, &[&[param, int(7)]]).await;
            }
            differences.extend(stage.different_rows(&[MARKS]).await);
            // Counts of one byte are easier to compare.
            pair.change("DELETE FROM marks").await;
        }
    }
    assert_eq!(refused, 0);
    differences.extend(pair.into_differences("types"));
    assert_same(&differences);
}

#[tokio::test]
async fn long_data_and_types_of_before_go_with_their_rows() {
    let stage = Stage::new(TABLES, DEFINITIONS, &[]).await;
    let mut pair = stage.pair(CapabilityFlags::CLIENT_DEPRECATE_EOF).await;
    let sql = "INSERT INTO marks (item, b, name) VALUES (?, ?, ?), (?, ?, ?), (?, ?, ?) \
               ON DUPLICATE KEY UPDATE name = ?";
    let statement = pair.must_prepare(sql).await;
    let blob = || sent(ColumnType::MYSQL_TYPE_BLOB);
    for (turn, first) in [1, 11, 21, 21, 31].into_iter().enumerate() {
        for (param, data) in [
            (1_u16, vec![b'x'; 70_000]),
            (4, b"\0'\"\\".to_vec()),
            (7, Vec::new()),
        ] {
            let rest = [&param.to_le_bytes()[..], &data].concat();
            pair.statement("long data", (0x18, statement), &rest, Expect::Silence)
                .await;
        }
        let params = [
            int(first),
            blob(),
            text("one"),
            int(first + 1),
            blob(),
            text("two"),
            int(first + 2),
            blob(),
            text("three"),
            text("again"),
        ];
        // The types are told once, and now and then once more.
        let packet = execute(&params, turn % 3 == 0, 0, pair.plain.capabilities());
        assert!(!pair.written("rows", statement, &packet).await);
    }
    assert_same(&pair.into_differences("long data"));
    assert_same(&stage.different_rows(&[MARKS]).await);
}

#[tokio::test]
async fn a_write_under_other_settings_than_its_preparation_means_the_same() {
    let stage = Stage::new(TABLES, DEFINITIONS, &[]).await;
    let mut pair = stage.pair(CapabilityFlags::CLIENT_DEPRECATE_EOF).await;
    pair.query("SET sql_mode = 'ANSI_QUOTES,PIPES_AS_CONCAT'")
        .await;
    let sql = "INSERT INTO \"items\" (\"id\", b) VALUES (?, 'a' || ?), (?, ? || 'b'), (?, ?)";
    let quoted = pair.must_prepare(sql).await;
    pair.query("SET sql_mode = ''").await;
    let update = pair.must_prepare("UPDATE items SET b = \"x\", a = ?").await;
    pair.query("USE information_schema").await;
    for (turn, mode) in ["", "STRICT_ALL_TABLES", "ANSI_QUOTES"]
        .into_iter()
        .enumerate()
    {
        pair.query(format!("SET sql_mode = '{mode}'")).await;
        let first = 10 * turn as i64;
        let params = [
            int(first),
            text("x"),
            int(first + 1),
            text("long text"),
            int(first + 2),
            text("y"),
        ];
        let capabilities = pair.plain.capabilities();
        let packet = execute(&params, true, 0, capabilities);
        assert!(!pair.written(sql, quoted, &packet).await);
        let packet = execute(&[text("12")], true, 0, capabilities);
        assert!(!pair.written("UPDATE", update, &packet).await);
    }
    assert_same(&pair.into_differences("settings"));
    assert_same(&stage.different_rows(&[ITEMS]).await);
}

#[tokio::test]
async fn what_is_no_write_of_several_shards_is_refused_when_prepared_too() {
    let stage = Stage::new(TABLES, DEFINITIONS, &[]).await;
    stage
        .run("INSERT INTO items (id, b) VALUES (1, 'a'), (2, 'b'), (3, 'c'), (4, 'd')")
        .await;
    let mut pair = stage.pair(CapabilityFlags::empty()).await;
    for sql in [
        "UPDATE items SET a = RAND() + ?",
        "INSERT INTO items (id, a) VALUES (5, ?), (6, RAND()), (7, 1), (8, 1)",
    ] {
        assert_eq!(pair.writes(sql, &[&[int(1)]]).await, 1, "{sql}");
    }
    assert_same(&pair.into_differences("refused"));
    assert_same(&stage.different_rows(&[ITEMS]).await);
}

/// All copies of a broadcast table get the same parameters, and the same time.
#[tokio::test]
async fn copies_are_written_with_the_same_parameters_and_the_same_clock() {
    let tables = "[schemas.shop.tables.kinds]\nkind = \"broadcast\"\n\
                  [schemas.shop.tables.items]\nkey = \"id\"\nalgorithm = \"hash_mod\"\n";
    let definitions = [
        "CREATE TABLE kinds (id INT PRIMARY KEY, b VARCHAR(6), n INT, \
         made DATETIME(6) DEFAULT CURRENT_TIMESTAMP(6))",
        "CREATE TABLE items (id BIGINT PRIMARY KEY, a INT)",
    ];
    let stage = Stage::new(tables, &definitions, &[]).await;
    let mut pair = stage.pair(CapabilityFlags::CLIENT_DEPRECATE_EOF).await;
    for around in [
        "SET autocommit = 1",
        "BEGIN",
        "SET sql_mode = 'ANSI_QUOTES'",
    ] {
        pair.query(around).await;
        let id = |at: i64| int(at + 100 * around.len() as i64);
        let lists: [&[Param]; 3] = [
            &[id(1), text("one"), id(2), text("two"), int(7)],
            &[id(3), text("too long"), id(4), text("x"), int(7)],
            &[id(5), null(), id(6), text("six"), text("8")],
        ];
        let sql = "INSERT INTO kinds (id, b) VALUES (?, ?), (?, ?) ON DUPLICATE KEY UPDATE n = ?";
        assert_eq!(pair.writes(sql, &lists).await, 0);
        let sql = "UPDATE kinds SET n = id + ?, made = NOW(6) WHERE b = ?";
        let lists: [&[Param]; 2] = [&[int(1), text("one")], &[text("2"), text("six")]];
        assert_eq!(pair.writes(sql, &lists).await, 0);
        pair.query("COMMIT").await;
    }
    let mut differences = pair.into_differences("copies");
    let rows = "SELECT CONCAT_WS('|', id, QUOTE(b), QUOTE(n)) FROM kinds ORDER BY id";
    let times = "SELECT CONCAT_WS('|', id, made) FROM kinds ORDER BY id";
    let expected: Vec<String> = stage.place.plain().await.query(rows).await.unwrap();
    let first: Vec<String> = stage.place.shard(0).await.query(times).await.unwrap();
    for position in 0..4 {
        let mut shard = stage.place.shard(position).await;
        let found: Vec<String> = shard.query(rows).await.unwrap();
        let made: Vec<String> = shard.query(times).await.unwrap();
        if found != expected || made != first {
            differences.push(format!("shard {position}: {found:?} {made:?}, {first:?}"));
        }
    }
    assert_same(&differences);
}

/// The last row is left out: its id is the parameter that it was given.
#[tokio::test]
async fn the_insert_id_is_that_of_the_last_row_also_where_it_is_a_parameter() {
    let stage = Stage::new(TABLES, DEFINITIONS, &[]).await;
    let mut pair = stage.pair(CapabilityFlags::empty()).await;
    let sql = "INSERT IGNORE INTO serial VALUES (?, 1), (?, 2), (?, 3), (?, 4)";
    let lists: &[&[Param]] = &[
        &[int(1), int(2), int(3), int(4)],
        &[int(5), int(6), int(7), int(4)],
        &[int(8), int(9), int(10), text("4")],
        &[int(8), int(9), int(10), int(4)],
    ];
    assert_eq!(pair.writes(sql, lists).await, 0);
    assert_same(&pair.into_differences("plainest"));
    let rows = "SELECT * FROM serial";
    assert_same(&stage.different_rows(&[rows]).await);
}
