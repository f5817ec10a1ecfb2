//! INSERT and REPLACE … SELECT, on every data node for itself and through the proxy: the answer of one
//! MySQL, and the same rows afterwards.

use mysql_async::prelude::Queryable;
use shardwell::wire::CapabilityFlags;

use super::dice::Dice;
use super::pair::{CLIENTS, Stage, assert_same};
use super::prepared::{Param, every_type, execute, int, null, text};
use super::rows::change_at_random;

const TABLES: &str = r#"
[schemas.shop.tables.items]
key = "id"
algorithm = "hash_mod"
[schemas.shop.tables.marks]
key = "item"
bind = "items"
[schemas.shop.tables.words]
key = "word"
algorithm = "hash_mod"
[schemas.shop.tables.other]
key = "id"
algorithm = "hash_mod"
[schemas.shop.tables.serial]
key = "k"
algorithm = "hash_mod"
[schemas.shop.tables.numbered]
key = "k"
algorithm = "hash_mod"
generate = { column = "n", kind = "segment", start = 100 }
[schemas.shop.tables.kinds]
kind = "broadcast"
"#;

const TYPES: &str = "i INT, u BIGINT UNSIGNED, d DECIMAL(20,6), f DOUBLE, y YEAR, dt DATETIME(3), da DATE, \
                     ti TIME(2), ts TIMESTAMP NULL, c CHAR(5), v VARCHAR(40), l VARCHAR(40) CHARACTER SET \
                     latin1, t TEXT, vb VARBINARY(40), bl BLOB, bi BIT(9), e ENUM('a', 'b é'), s SET('x', 'y')";

fn definitions() -> Vec<String> {
    let texts = [
        "CREATE TABLE items (id BIGINT PRIMARY KEY, a INT, b VARCHAR(6) NOT NULL, c TINYINT DEFAULT 7)",
        "CREATE TABLE marks (item BIGINT, n INT, PRIMARY KEY (item, n))",
        "CREATE TABLE words (word VARCHAR(20) COLLATE utf8mb4_bin PRIMARY KEY, n INT)",
        "CREATE TABLE serial (n INT AUTO_INCREMENT, k INT, PRIMARY KEY (n, k))",
        "CREATE TABLE numbered (n INT AUTO_INCREMENT PRIMARY KEY, k INT) AUTO_INCREMENT = 100",
        "CREATE TABLE kinds (a INT PRIMARY KEY, b VARCHAR(6))",
        "INSERT INTO kinds VALUES (1, 'one'), (2, 'two')",
    ];
    let mut all: Vec<String> = texts.iter().map(|text| (*text).to_owned()).collect();
    all.push(format!(
        "CREATE TABLE other (id BIGINT PRIMARY KEY, {TYPES})"
    ));
    all
}

/// On one shard alone.
fn singles() -> Vec<String> {
    vec![
        "CREATE TABLE lone (id INT AUTO_INCREMENT PRIMARY KEY, a INT, b VARCHAR(6))".to_owned(),
        format!("CREATE TABLE typed (id BIGINT PRIMARY KEY, {TYPES})"),
    ]
}

/// What must be the same afterwards.
const ROWS: [&str; 6] = [
    "SELECT * FROM items",
    "SELECT * FROM marks",
    "SELECT * FROM words",
    "SELECT * FROM serial",
    "SELECT * FROM numbered",
    "SELECT * FROM other",
];

async fn different_rows(stage: &Stage) -> Vec<String> {
    let mut different = stage.different_rows(&ROWS).await;
    different.extend(stage.different_copies(&["SELECT * FROM kinds"]).await);
    let lone = ["SELECT * FROM lone", "SELECT * FROM typed"];
    different.extend(stage.different_single(&lone).await);
    different
}

async fn stage() -> Stage {
    let (everywhere, once) = (definitions(), singles());
    let everywhere: Vec<&str> = everywhere.iter().map(String::as_str).collect();
    let once: Vec<&str> = once.iter().map(String::as_str).collect();
    Stage::new(TABLES, &everywhere, &once).await
}

/// What every server must say word for word.
const STATEMENTS: &[&str] = &[
    "INSERT INTO items VALUES (1, 1, 'a', 1), (2, 2, 'b', 2), (3, 3, 'c', 3), (4, 4, 'd', 4), (5, 1, 'e', 5)",
    // Every node for itself.
    "INSERT INTO marks SELECT id, a FROM items",
    "SELECT ROW_COUNT()",
    "INSERT INTO marks (n, item) SELECT a + 100, i.id FROM items i WHERE a < 4 ORDER BY id",
    "INSERT INTO marks SELECT item, n + 1000 FROM marks WHERE n > 100",
    "INSERT INTO marks SELECT id, 7 FROM items WHERE id = 3",
    "INSERT INTO marks SELECT id, 7 FROM items WHERE id = 3000",
    "INSERT IGNORE INTO marks SELECT id, a FROM items WHERE a < 3",
    "SHOW COUNT(*) WARNINGS",
    "INSERT INTO marks SELECT id, a FROM items WHERE id = 2",
    "REPLACE INTO items SELECT item, MAX(n), 'max', COUNT(*) FROM marks GROUP BY item",
    "INSERT INTO items (id, b) SELECT item, n FROM marks WHERE n < 5 ON DUPLICATE KEY UPDATE c = c + marks.n, b = VALUES(b)",
    "INSERT INTO items SELECT item, n, 'far too long', 1 FROM marks WHERE item = 4",
    // Through the proxy.
    "INSERT INTO items (id, a, b) SELECT id + 100, a, b FROM items",
    "INSERT INTO items (id, a, b) SELECT id + 1000, a, b FROM items WHERE id > 100 ORDER BY id LIMIT 3",
    "INSERT INTO items (id, a, b) SELECT 5000, 1, 'x'",
    "INSERT INTO items (id, a, b) SELECT 5001, NULL, 'x' FROM DUAL WHERE 1 = 0",
    "SELECT ROW_COUNT()",
    "INSERT INTO items (id, b) SELECT a + 200, b FROM kinds",
    "INSERT IGNORE INTO items (id, b) SELECT a + 200, b FROM kinds",
    "INSERT IGNORE INTO items (id, b) SELECT a + 201, b FROM kinds",
    "REPLACE INTO items (id, b) SELECT a + 202, 'r' FROM kinds",
    "INSERT INTO items (id, b, c) SELECT a + 202, 'u', 1 FROM kinds ON DUPLICATE KEY UPDATE c = c + VALUES(c), items.b = items.b",
    "INSERT INTO items (id, a) SELECT MAX(id) + 1, COUNT(*) FROM items",
    "INSERT INTO items (id, a, b) SELECT MAX(id) + 1, COUNT(*), 'n' FROM items",
    "INSERT INTO items (id, b) (SELECT 6000, 'p')",
    "INSERT INTO items (id, b) SELECT id + 7000, CONCAT(b, 'far too long') FROM items WHERE id < 6",
    "INSERT INTO items (id, b) SELECT id, b FROM items LIMIT 100",
    "INSERT INTO items (id, b) SELECT id FROM marks",
    "INSERT INTO items (id, b) SELECT a FROM kinds",
    "INSERT INTO items (id, nope) SELECT a, b FROM kinds",
    "INSERT INTO items (id, b) SELECT a, nope FROM kinds",
    "INSERT INTO words SELECT b, a FROM kinds",
    "INSERT IGNORE INTO words SELECT b, a FROM kinds WHERE FALSE ON DUPLICATE KEY UPDATE n = VALUES(n)",
    "INSERT INTO words (word, nope) SELECT b, a FROM kinds WHERE FALSE",
    "INSERT INTO items (id, b, a) SELECT 10000 + i.id, k.b, SUM(m.n) FROM items i JOIN kinds k ON k.a = i.a \
     JOIN marks m ON m.n = k.a GROUP BY i.id, k.b",
    "INSERT INTO marks SELECT a.id, b.id + 50000 FROM items a JOIN items b ON a.a = b.a",
    "INSERT INTO items (id, b) SELECT id + 40000, b FROM items WHERE id < 4 UNION SELECT a + 41000, b FROM kinds ORDER BY 1",
    "INSERT INTO words SELECT CONCAT('é', id, '''\\\\'), a FROM items WHERE id < 6",
    "INSERT INTO words SELECT UPPER(word), n FROM words ON DUPLICATE KEY UPDATE n = VALUES(n) + 1",
    "SELECT * FROM words ORDER BY word",
    // Single and broadcast tables.
    "INSERT INTO lone (a, b) SELECT a, b FROM kinds",
    "INSERT INTO lone (a, b) SELECT id, b FROM items WHERE id < 6 ORDER BY id",
    "SELECT LAST_INSERT_ID()",
    "INSERT INTO lone SELECT id + 50, a, b FROM items WHERE id < 6 ORDER BY id",
    "SELECT LAST_INSERT_ID()",
    "INSERT INTO lone (a) SELECT a FROM items WHERE id = 1",
    "INSERT INTO kinds SELECT id + 10, b FROM items WHERE id < 6 ORDER BY id",
    "INSERT INTO kinds SELECT a + 100, b FROM kinds",
    "INSERT INTO items (id, b) SELECT id + 9000, b FROM lone",
    "INSERT INTO serial SELECT a, a FROM kinds ORDER BY a",
    "SELECT LAST_INSERT_ID()",
    // MySQL reserves ids for rows to come: this can be compared once.
    "INSERT INTO numbered (k) SELECT a FROM kinds WHERE a < 3 ORDER BY a",
    "SELECT LAST_INSERT_ID()",
    "INSERT INTO numbered SELECT a + 150, a FROM kinds WHERE a < 20 ORDER BY a",
    "SELECT LAST_INSERT_ID()",
    // In transactions.
    "BEGIN",
    "INSERT INTO items (id, b) SELECT id + 20000, b FROM items WHERE id < 6",
    "SELECT COUNT(*) FROM items",
    "INSERT INTO items (id, b) SELECT id, b FROM items WHERE id < 6 LIMIT 10",
    "INSERT INTO marks SELECT id, 9 FROM items WHERE id < 6",
    "INSERT INTO marks SELECT id, a FROM items WHERE id = 203",
    "INSERT INTO marks SELECT id, 9 FROM items WHERE id = 3",
    "SELECT COUNT(*) FROM items",
    "SELECT COUNT(*) FROM marks",
    "ROLLBACK",
    "SELECT COUNT(*) FROM items",
    "SET autocommit = 0",
    "INSERT INTO items (id, b) SELECT id + 30000, b FROM items WHERE id < 6",
    "ROLLBACK",
    "SET autocommit = 1",
    "START TRANSACTION READ ONLY",
    "INSERT INTO items (id, b) SELECT id + 30000, b FROM items WHERE id < 6",
    "ROLLBACK",
    "SELECT COUNT(*), SUM(id) FROM items",
];

/// Statements that several rows make fail: which of them the error names is chance.
const CHANCE: [&str; 3] = ["CONCAT(b, 'far", "id, b FROM items LIMIT", "id < 6 LIMIT"];

#[tokio::test]
async fn rows_of_a_select_are_stored_as_one_server_stores_them() {
    let mut differences = Vec::new();
    for (name, extras) in CLIENTS {
        let stage = stage().await;
        let mut pair = stage.pair(extras).await;
        for statement in STATEMENTS {
            // How many duplicates there were, rows of VALUES do not tell who counts rows found.
            let counted = !(name == "found_rows" && statement.contains("UPPER(word)"));
            match CHANCE.iter().any(|part| statement.contains(part)) {
                true => pair.counts(statement).await,
                false if counted => pair.change(statement).await,
                false => stage.run(statement).await,
            }
        }
        differences.extend(pair.into_differences(name));
        differences.extend(different_rows(&stage).await);
    }
    assert_same(&differences);
}

/// Values of all types travel as they are, whatever the session's settings.
#[tokio::test]
async fn values_arrive_as_they_were() {
    let stage = stage().await;
    let rows = [
        "(1, -5, 18446744073709551615, 1.5, 0.1, 2005, '2020-01-02 03:04:05.678', '2020-01-02', '-01:02:03.5', \
         '2020-05-05 05:05:05', 'ab', 'a''\\\\\"é😀', 'é', 'text\\n', x'00FF27', x'DEAD5C', b'100000001', 'b é', 'x,y')",
        "(2, 0, 0, -0.000001, 1e300, 0, '1000-01-01', '9999-12-31', '838:59:59', '1970-01-02', '', '', '', '', '', '', \
         0, 'a', '')",
        "(3, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)",
        "(4, 2147483647, 9223372036854775808, 99999999999999.999999, 2.2250738585072014e-308, 2155, \
         '2020-02-29 23:59:59.999', '2020-02-29', '00:00:00', '2038-01-01', 'é', ' x ', 'ÿ', '', x'27', x'', 1, NULL, 'y')",
    ];
    let settings = [
        "SET NAMES utf8mb4",
        "SET NAMES latin1",
        "SET sql_mode = 'ANSI_QUOTES,NO_BACKSLASH_ESCAPES,STRICT_ALL_TABLES'",
        "SET time_zone = '+05:30'",
        "SET sql_mode = ''",
    ];
    let mut pair = stage.pair(CapabilityFlags::empty()).await;
    pair.change("SET NAMES utf8mb4").await;
    pair.change("SET time_zone = '+00:00'").await;
    pair.change(&format!("INSERT INTO typed VALUES {}", rows.join(", ")))
        .await;
    for setting in settings {
        pair.change(setting).await;
        for sql in [
            "INSERT INTO other SELECT * FROM typed",
            "INSERT INTO typed SELECT id + 10, i, u, d, f, y, dt, da, ti, ts, c, v, l, t, vb, bl, bi, e, s FROM other",
            "INSERT INTO other SELECT * FROM typed WHERE id > 10",
            // From one type to another.
            "INSERT INTO other (id, u, d, f, v, t) SELECT id + 20, id, i, d, dt, d FROM other WHERE id < 4 ORDER BY id",
            "INSERT INTO other (id, v, l, vb, t, s) SELECT id + 30, l, v, l, e, s FROM other WHERE id IN (2, 3) ORDER BY id",
        ] {
            pair.change(sql).await;
        }
        for difference in different_rows(&stage).await {
            pair.note(difference);
        }
        pair.change("DELETE FROM other").await;
        pair.change("DELETE FROM typed WHERE id > 10").await;
    }
    assert_same(&pair.into_differences("types"));
}

/// What is not answered says so and changes nothing.
#[tokio::test]
async fn what_would_not_be_exact_is_refused() {
    let stage = stage().await;
    let fill = "INSERT INTO items (id, b) VALUES (1, 'a'), (2, 'b'), (3, 'c'), (4, 'd')";
    stage.run(fill).await;
    let mut pair = stage.pair(CapabilityFlags::empty()).await;
    pair.change("SET time_zone = 'SYSTEM'").await;
    let refused = [
        "INSERT INTO items (id, b) SELECT id + 10, @x := 1 FROM items",
        "INSERT INTO items (id, b) SELECT id + 10, 'x' + 0 FROM items",
        "INSERT INTO items (id, b) SELECT a + 10, b FROM kinds ON DUPLICATE KEY UPDATE c = kinds.a",
        "INSERT INTO other (id, v) SELECT id + 10, 0.5e0 FROM items",
        "INSERT INTO serial (k) SELECT id + 10 FROM items",
        "INSERT INTO serial (k) SELECT a FROM kinds",
        "INSERT INTO items (id, b) SELECT a, b FROM kinds ON DUPLICATE KEY UPDATE id = 7",
        "INSERT /*+ SHARDWELL(scatter=off) */ INTO items (id, b) SELECT id + 10, b FROM items",
        "EXPLAIN INSERT INTO items (id, b) SELECT id + 10, b FROM items",
    ];
    pair.refusals(&refused).await;
    assert_same(&pair.into_differences("refused"));
    assert_same(&different_rows(&stage).await);
}

/// Prepared ones run on the data nodes where they can.
#[tokio::test]
async fn prepared_statements_store_what_they_read() {
    let stage = stage().await;
    let fill =
        "INSERT INTO items (id, a, b) VALUES (1, 1, 'a'), (2, 2, 'b'), (3, 3, 'c'), (4, 4, 'd')";
    stage.run(fill).await;
    let sql = "INSERT INTO marks SELECT id, a + ? FROM items WHERE a < ?";
    for mut server in [stage.app().await, stage.place.plain().await] {
        server.exec_drop(sql, (7, 4)).await.unwrap();
        assert_eq!(server.affected_rows(), 3);
        let info = server.info().into_owned();
        assert_eq!(info, "Records: 3  Duplicates: 0  Warnings: 0");
    }
    assert_same(&different_rows(&stage).await);
}

/// Those that move rows do so with the values of their parameters.
#[tokio::test]
async fn prepared_statements_move_rows() {
    let stage = stage().await;
    for sql in [
        "INSERT INTO items (id, a, b) VALUES (1, 1, 'a'), (2, 2, 'b'), (3, 3, 'c'), (4, 4, 'd')",
        "INSERT INTO lone (id, a, b) VALUES (900, 1, 'l')",
    ] {
        stage.run(sql).await;
    }
    let mut pair = stage.pair(CapabilityFlags::CLIENT_DEPRECATE_EOF).await;
    let statements: [(&str, Vec<Vec<Param>>); 12] = [
        (
            "INSERT INTO items (id, b) SELECT id + ?, b FROM items WHERE id < ? ORDER BY id LIMIT ?",
            vec![
                vec![int(10), int(5), int(2)],
                vec![int(20), text("5"), int(9)],
                vec![int(20), int(5), int(9)],
                vec![int(30), int(0), int(9)],
            ],
        ),
        (
            "INSERT IGNORE INTO items (id, a, b) SELECT id + 1, ?, ? AS c FROM items WHERE b IN (?, 'b')",
            vec![
                vec![int(7), text("it's"), text("a")],
                vec![null(), text("far too long"), text("c")],
            ],
        ),
        (
            "INSERT INTO items (id, b, c) SELECT a + 2, ?, 1 FROM kinds ON DUPLICATE KEY UPDATE b = ?, c = items.c + 1",
            vec![vec![text("x"), text("y")], vec![text("x"), text("y")]],
        ),
        (
            "REPLACE INTO items (id, b) SELECT MAX(id) + ?, 'max' FROM items",
            vec![vec![int(-1)]],
        ),
        (
            "INSERT INTO items (id, b) SELECT ?, b FROM lone",
            vec![vec![int(700)], vec![text("701")]],
        ),
        (
            "INSERT INTO lone (a, b) SELECT id, b FROM items WHERE a = ? ORDER BY id",
            vec![vec![int(1)]],
        ),
        (
            "INSERT INTO kinds SELECT id + ?, b FROM items WHERE id < 3",
            vec![vec![int(10)]],
        ),
        // Without parameters, also in the text that servers say is wrong. Of several rows that are there
        // already any may be named.
        (
            "INSERT INTO items (id, b) SELECT id + 100, b FROM items WHERE id = 2",
            vec![vec![], vec![]],
        ),
        (
            "INSERT INTO items (id, b) SELECT a + 300, b FROM lone WHERE a = ?",
            vec![vec![int(1)]],
        ),
        // Rows get ids.
        (
            "INSERT INTO numbered (k) SELECT id FROM items WHERE id = ?",
            vec![vec![int(1)], vec![int(2)]],
        ),
        (
            "INSERT INTO numbered (n, k) SELECT ?, id FROM items WHERE id = 1",
            vec![vec![int(90)]],
        ),
        (
            "INSERT INTO items (id, b) SELECT ?, 'x' FROM DUAL WHERE ?",
            vec![],
        ),
    ];
    for (sql, lists) in &statements {
        let lists: Vec<&[Param]> = lists.iter().map(Vec::as_slice).collect();
        assert_eq!(pair.writes(sql, &lists).await, 0, "{sql}");
    }
    for wrong in [
        "INSERT INTO items (id, nope) SELECT id + ?, b FROM items",
        "INSERT INTO items (id, b) SELECT id + ? FROM items",
        "INSERT INTO items (id, b) SELECT id + ?, b FROM items WHERE nope = 1",
    ] {
        // MariaDB says so when it executes it.
        pair.prepare(wrong).await;
    }
    let computed = "INSERT INTO items (id, b) SELECT id + 1000, CONCAT(b, ?) FROM items";
    assert_eq!(pair.writes(computed, &[&[text("x")]]).await, 0);
    let updates =
        "INSERT INTO items (id, b) SELECT a, b FROM kinds ON DUPLICATE KEY UPDATE c = c + ?";
    assert_eq!(pair.writes(updates, &[&[int(1)]]).await, 1);
    for sql in [
        "SET @a = 400, @b = 'v', @c = 3",
        "PREPARE s FROM 'INSERT INTO items (id, b) SELECT id + ?, ? FROM items WHERE id < ?'",
        "EXECUTE s USING @a, @b, @c",
        "EXECUTE s USING @a, @b",
        "PREPARE s FROM 'INSERT INTO items (id, a, b) SELECT id + 3000, a - ?, b FROM items WHERE id < 3 ORDER BY id'",
        "EXECUTE s USING @c",
        "PREPARE s FROM 'INSERT INTO items (id, b) SELECT id + ?, nope FROM items'",
        "PREPARE s FROM 'INSERT INTO numbered (k) SELECT id FROM items WHERE id = 4'",
        "EXECUTE s",
        "SELECT LAST_INSERT_ID()",
    ] {
        pair.change(sql).await;
    }
    assert_same(&pair.into_differences("prepared moves"));
    assert_same(&different_rows(&stage).await);
}

/// A text of the proxy's own would be read under the settings of now.
#[tokio::test]
async fn rows_do_not_move_under_other_settings_than_the_preparation() {
    let stage = stage().await;
    let fill = "INSERT INTO items (id, a, b) VALUES (1, 1, 'a'), (2, 2, 'b')";
    stage.run(fill).await;
    let mut pair = stage.pair(CapabilityFlags::CLIENT_DEPRECATE_EOF).await;
    let capabilities = pair.plain.capabilities();
    for (sql, params) in [
        (
            "INSERT INTO items (id, b) SELECT id + 10, \"b\" FROM items",
            vec![],
        ),
        (
            "INSERT INTO items (id, b) SELECT id + ?, \"b\" FROM items",
            vec![int(20)],
        ),
    ] {
        pair.query("SET sql_mode = 'ANSI_QUOTES'").await;
        let statement = pair.must_prepare(sql).await;
        let packet = execute(&params, true, 0, capabilities);
        pair.query("SET sql_mode = ''").await;
        assert!(pair.written(sql, statement, &packet).await, "{sql}");
        pair.query("SET sql_mode = 'ANSI_QUOTES'").await;
        assert!(!pair.written(sql, statement, &packet).await, "{sql}");
    }
    assert_same(&pair.into_differences("settings"));
    assert_same(&different_rows(&stage).await);
}

/// Parameters of every type arrive in columns of every type as they were, or are refused.
#[tokio::test]
async fn parameters_of_every_type_move_with_their_rows() {
    let stage = stage().await;
    stage.run("INSERT INTO kinds VALUES (3, 'three')").await;
    let mut pair = stage.pair(CapabilityFlags::CLIENT_DEPRECATE_EOF).await;
    let mut differences = Vec::new();
    let (mut id, mut moved) = (0, 0);
    for column in [
        "i", "u", "d", "f", "y", "dt", "da", "ti", "ts", "c", "v", "l", "t", "vb", "bl", "bi",
    ] {
        let sql =
            format!("INSERT IGNORE INTO other (id, {column}, i) SELECT a + ?, ?, 1 FROM kinds");
        let sql = match column {
            "i" => "INSERT IGNORE INTO other (id, i) SELECT a + ?, ? FROM kinds",
            _ => &sql,
        };
        for param in every_type() {
            id += 3;
            // Prepared anew each time: a server's statement remembers types.
            moved += 1 - pair.writes(sql, &[&[int(id), param]]).await;
        }
        differences.extend(stage.different_rows(&["SELECT * FROM other"]).await);
        pair.change("DELETE FROM other").await;
    }
    stage.run("INSERT INTO other (id, dt, da, u, i) VALUES (1, '2024-02-29 10:20:30', '2024-02-29', 1, 1), (2, NULL, '2024-03-01', 7, 7)").await;
    for (column, sign) in [
        ("dt", "<="),
        ("da", "="),
        ("da", ">"),
        ("ts", "<"),
        ("u", "="),
        ("i", ">="),
        ("v", "="),
    ] {
        let sql = format!(
            "REPLACE INTO items (id, b) SELECT id + 1000, 'x' FROM other WHERE {column} {sign} ?"
        );
        for param in every_type() {
            moved += 1 - pair.writes(&sql, &[&[param]]).await;
            differences.extend(stage.different_rows(&["SELECT * FROM items"]).await);
            pair.change("DELETE FROM items").await;
        }
    }
    for sql in [
        "REPLACE INTO items (id, a, b) SELECT i + 50, i - ?, 'x' FROM other WHERE id = 2",
        "REPLACE INTO items (id, a, b) SELECT i + 50, u - ?, 'x' FROM other WHERE id = 2",
    ] {
        for param in every_type() {
            moved += 1 - pair.writes(sql, &[&[param]]).await;
        }
    }
    assert!(moved > 400, "{moved}");
    differences.extend(pair.into_differences("types"));
    assert_same(&differences);
    assert_same(&different_rows(&stage).await);
}

/// Random statements in and outside of transactions.
#[tokio::test]
async fn random_statements_leave_the_same_rows() {
    let different = async |stage: Stage| different_rows(&stage).await;
    change_at_random(stage, (200, statement), different).await;
}

fn statement(dice: &mut Dice, update: bool) -> String {
    let (low, shift) = (dice.roll(40), dice.roll(50));
    let condition = format!("BETWEEN {low} AND {}", low + dice.roll(8));
    let verb = dice.pick(&[
        "INSERT INTO",
        "INSERT INTO",
        "INSERT IGNORE INTO",
        "REPLACE INTO",
    ]);
    let tail = match verb.contains("INSERT") && update && dice.roll(3) == 0 {
        true => " ON DUPLICATE KEY UPDATE n = VALUES(n) + 1",
        false => "",
    };
    let unmarked = tail.replace("n = VALUES(n)", "items.a = VALUES(a)");
    match dice.roll(14) {
        0 => "BEGIN".to_owned(),
        1 => "COMMIT".to_owned(),
        2 => "ROLLBACK".to_owned(),
        3 => format!("DELETE FROM items WHERE id {condition}"),
        4 => format!("DELETE FROM marks WHERE item {condition}"),
        5 | 6 => format!(
            "INSERT IGNORE INTO items VALUES ({low}, {shift}, 'x', 1), ({shift}, {low}, 'y', 2)"
        ),
        7 | 8 => format!("{verb} marks SELECT id, c FROM items WHERE id {condition}{tail}"),
        9 => format!("{verb} marks SELECT id + {shift}, c FROM items WHERE id {condition}{tail}"),
        10 => format!("{verb} marks SELECT {shift}, id FROM items WHERE id {condition}{tail}"),
        11 => format!(
            "{verb} items SELECT item, MIN(n), 'm', 3 FROM marks WHERE item {condition} GROUP BY item{unmarked}"
        ),
        12 => format!(
            "{verb} items SELECT n, MIN(item), 'm', 3 FROM marks WHERE n {condition} GROUP BY n{unmarked}"
        ),
        _ => format!(
            "{verb} items SELECT a + {shift}, a, b, 1 FROM kinds ORDER BY a LIMIT 1{unmarked}"
        ),
    }
}
