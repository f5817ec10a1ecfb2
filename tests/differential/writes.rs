//! Writes that need several shards: the answer of one MySQL, and the same rows afterwards.

use shardwell::wire::CapabilityFlags;

use super::dice::Dice;
use super::pair::{CLIENTS, Stage, assert_same};
use super::rows::{change_at_random, change_with_every_client};

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
[schemas.shop.tables.steps]
key = "k"
bind = "serial"
[schemas.shop.tables.kinds]
kind = "broadcast"
"#;

const DEFINITIONS: &[&str] = &[
    "CREATE TABLE items (id BIGINT PRIMARY KEY, a INT, b VARCHAR(6) NOT NULL, c TINYINT DEFAULT 7)",
    "CREATE TABLE marks (item BIGINT, n INT, PRIMARY KEY (item, n))",
    "CREATE TABLE serial (n INT AUTO_INCREMENT, k INT, PRIMARY KEY (n, k))",
    "CREATE TABLE steps (n TINYINT AUTO_INCREMENT, k INT, u INT, v INT, PRIMARY KEY (n, k), \
     UNIQUE (k, u))",
    "CREATE TABLE kinds (a INT PRIMARY KEY, b VARCHAR(6))",
    "INSERT INTO kinds VALUES (1, 'one'), (2, 'two')",
];

/// What is looked at afterwards.
const ROWS: [&str; 4] = [
    "SELECT * FROM items",
    "SELECT * FROM marks",
    "SELECT * FROM serial",
    "SELECT * FROM steps",
];

async fn staged() -> Stage {
    Stage::new(TABLES, DEFINITIONS, &[]).await
}

/// What every server must say word for word.
const STATEMENTS: &[&str] = &[
    "INSERT INTO items VALUES (1, 1, 'a', 1), (2, 2, 'b', 2), (3, 3, 'c', 3), (4, 4, 'd', 4), (5, 1, 'e', 5)",
    "INSERT INTO items (b, id) VALUES ('x', 11) /* one */ , ('y', 12) -- two\n, ( 'z' , 13 )",
    "SELECT ROW_COUNT()",
    "INSERT INTO items (id, b) VALUES (21, UPPER('x')), (22, CONCAT('a', 'b')), (-23, DATABASE())",
    "INSERT IGNORE INTO items (id, b) VALUES (1, 'q'), (31, 'q'), (2, 'q'), (32, 'q')",
    "INSERT IGNORE INTO items (id, b) VALUES (33, 'fits'), (34, 'fits not'), (35, 'fits'), (36, 'neither')",
    "SHOW WARNINGS",
    "SHOW COUNT(*) WARNINGS",
    "INSERT INTO items (id, b) VALUES (41, 'fits'), (42, 'fits'), (43, 'fits not'), (44, 'fits')",
    "SHOW WARNINGS",
    "SELECT ROW_COUNT()",
    "SELECT * FROM items WHERE id > 36 ORDER BY id",
    "INSERT INTO items (id, b) VALUES (45, 'new'), (1, 'old'), (46, 'new')",
    "REPLACE INTO items (id, b) VALUES (1, 'r'), (51, 'r'), (2, 'r'), (52, 'r'), (3, 'r')",
    "REPLACE items (id, b) VALUES (1, 'r'), (53, 'r')",
    "INSERT INTO items (id, b) VALUES (1, 'o'), (61, 'o'), (2, 'o'), (62, 'o') \
     ON DUPLICATE KEY UPDATE b = VALUES(b), c = COALESCE(c, 0) + 1",
    "INSERT INTO items (id, b) VALUES (1, 'o'), (64, 'o'), (2, 'o') ON DUPLICATE KEY UPDATE items.id = items.id, c = 9",
    "INSERT INTO items (id, b) VALUES (1, 'o') ON DUPLICATE KEY UPDATE `id` = `items`.`id`",
    "UPDATE items SET a = 5",
    "UPDATE items SET a = 5",
    "SELECT ROW_COUNT()",
    "UPDATE items SET a = a + 1 WHERE id IN (1, 2, 3, 4, 1000)",
    "UPDATE items SET a = 1 WHERE a > 1000",
    "UPDATE items SET a = 9 WHERE c > 3 ORDER BY id",
    "INSERT INTO marks VALUES (1, 1), (2, 1), (3, 1), (1, 2), (4, 9), (900, 1)",
    "UPDATE items JOIN marks ON marks.item = items.id SET a = a + n WHERE n < 9",
    "UPDATE items SET c = (SELECT COUNT(*) FROM marks WHERE marks.item = items.id) WHERE id < 30",
    "UPDATE items JOIN kinds USING (a) SET items.b = 'kind'",
    "DELETE items FROM items JOIN marks ON marks.item = items.id WHERE n = 9",
    "DELETE FROM marks WHERE NOT EXISTS (SELECT 1 FROM items WHERE items.id = marks.item)",
    "DELETE m FROM marks m JOIN kinds ON kinds.a = m.n WHERE m.item > 3",
    "DELETE FROM i USING items i JOIN kinds k ON k.a = i.a WHERE i.id > 30",
    "UPDATE items SET a = 1 / 0 WHERE id < 3",
    "DELETE FROM items WHERE nope = 1",
    "UPDATE items SET nope = 1",
    "BEGIN",
    "UPDATE items SET a = 100",
    "SAVEPOINT s",
    "DELETE FROM items",
    "SELECT COUNT(*) FROM items",
    "INSERT INTO items (id, b) VALUES (71, 'fits'), (72, 'fits not'), (73, 'fits')",
    "SELECT COUNT(*) FROM items",
    "ROLLBACK TO s",
    "SELECT COUNT(*), SUM(a) FROM items",
    "INSERT INTO items (id, b) VALUES (71, 'x'), (72, 'x'), (1, 'x')",
    "SELECT COUNT(*), SUM(a) FROM items",
    "INSERT INTO items (id, b) VALUES (71, 'x'), (72, 'x'), (73, 'x')",
    "ROLLBACK",
    "SELECT COUNT(*), SUM(a) FROM items",
    "SET autocommit = 0",
    "UPDATE items SET a = 8",
    "ROLLBACK",
    "DELETE FROM items WHERE a = 5",
    "COMMIT",
    "SET autocommit = 1",
    "START TRANSACTION READ ONLY",
    "UPDATE items SET a = 9",
    "ROLLBACK",
    "INSERT INTO serial (n, k) VALUES (10, 1), (30, 2), (20, 3)",
    "SELECT LAST_INSERT_ID()",
    "SELECT COUNT(*) FROM items",
];

#[tokio::test]
async fn writes_on_several_shards_answer_as_one_server_does() {
    let different = async |stage: Stage| stage.different_rows(&ROWS).await;
    change_with_every_client(staged, STATEMENTS, different).await;
}

/// With ids of the client's own: the last row may be stored, left out, found and changed or not.
const GIVEN_IDS: &[&str] = &[
    "INSERT INTO serial VALUES (1, 1), (2, 2), (3, 3), (4, 4)",
    "INSERT IGNORE INTO serial VALUES (5, 1), (6, 2), (3, 3)",
    "INSERT IGNORE INTO serial VALUES (5, 1), (6, 2), (7, 3)",
    "INSERT IGNORE INTO serial VALUES (5, 1), (6, 2), (7, 3)",
    "INSERT IGNORE INTO serial (k, n) VALUES (4, 4), (3, 8), (2, 9), (1, 1 + 0), (4, 4)",
    "INSERT IGNORE INTO serial VALUES (31, 1), (32, 2), (33, 3), (4, 4), (1, 1)",
    "INSERT IGNORE INTO serial VALUES (41, 1), (42, 2), (43, 3), (44, 4), (1, 2 - 1)",
    "INSERT IGNORE INTO serial VALUES (51, 1), (52, 2), (53, 3), (54, 4), ('1', 1)",
    "INSERT INTO serial VALUES (1, 1), (2, 2), (61, 3) ON DUPLICATE KEY UPDATE k = VALUES(n) - n + 1",
    "INSERT INTO steps VALUES (1, 1, 1, 1), (2, 2, 1, 1), (3, 3, 1, 1), (4, 4, 1, 1)",
    "INSERT INTO steps VALUES (1, 1, 1, 1), (2, 2, 1, 1), (3, 3, 1, 2) ON DUPLICATE KEY UPDATE v = VALUES(v)",
    "INSERT INTO steps VALUES (5, 1, 1, 9), (6, 2, 1, 9), (7, 3, 1, 9) ON DUPLICATE KEY UPDATE v = VALUES(v)",
    "INSERT INTO steps VALUES (9, 1, 1, 8), (8, 2, 1, 8), (7, 3, 1, 9) ON DUPLICATE KEY UPDATE v = VALUES(v)",
    "INSERT INTO steps VALUES (3, 3, 1, 7), (2, 2, 1, 7), (1, 1, 1, 8) ON DUPLICATE KEY UPDATE v = VALUES(v)",
    "INSERT IGNORE INTO steps VALUES (11, 1, 2, 9), (12, 2, 2, 9), (13, 3, 1, 9)",
    "INSERT IGNORE INTO steps VALUES (14, 1, 3, 9), (15, 2, 3, 9), (300, 3, 1, 9)",
    "INSERT IGNORE INTO steps VALUES (16, 1, 4, 9), (17, 2, 4, 9), (0, 3, 1, 9)",
    "INSERT IGNORE INTO steps VALUES (18, 1, 5, 9), (19, 2, 5, 9), (-4, 3, 1, 9)",
    "INSERT IGNORE INTO steps (k, u, v) VALUES (1, 5, 9), (2, 5, 9), (3, 1, 9)",
    "INSERT INTO steps (k, u, v) VALUES (1, 1, 10), (2, 1, 10), (3, 1, 10) ON DUPLICATE KEY UPDATE v = VALUES(v)",
    "SELECT LAST_INSERT_ID()",
];

/// Those of [`GIVEN_IDS`] that need not be answered.
const MAY_BE_REFUSED: usize = 6;

#[tokio::test]
async fn the_insert_id_is_that_of_the_last_row_whether_it_is_stored_or_not() {
    let mut differences = Vec::new();
    // Where rows found are counted, "Records: …" may be missing.
    let clients = CLIENTS
        .into_iter()
        .filter(|(name, _)| *name != "found_rows");
    for (name, extras) in clients {
        let stage = staged().await;
        let mut pair = stage.pair(extras).await;
        let mut refused = Vec::new();
        for statement in GIVEN_IDS {
            if pair.change_or_refusal(statement).await {
                refused.push(*statement);
            }
        }
        assert!(refused.len() <= MAY_BE_REFUSED, "{name}: {refused:#?}");
        differences.extend(pair.into_differences(name));
        differences.extend(stage.different_rows(&ROWS).await);
    }
    assert_same(&differences);
}

/// What is not answered says so and changes nothing.
#[tokio::test]
async fn what_would_not_be_exact_is_refused() {
    let stage = staged().await;
    let fill = "INSERT INTO items (id, b) VALUES (1, 'a'), (2, 'b'), (3, 'c'), (4, 'd')";
    stage.run(fill).await;
    let mut pair = stage.pair(CapabilityFlags::empty()).await;
    let refused = [
        "UPDATE items SET a = RAND()",
        "UPDATE items SET a = (@x := 1)",
        "DELETE kinds, i FROM items i JOIN kinds ON kinds.a = i.a",
        "INSERT INTO items (id, b) VALUES (5, RAND()), (6, 'x'), (7, 'x')",
        "INSERT INTO serial (k) VALUES (1), (2), (3)",
        "INSERT INTO serial (n, k) VALUES (NULL, 1), (77, 2), (78, 3)",
        "INSERT INTO items (id, b) VALUES (5, LAST_INSERT_ID()), (6, 'x'), (7, 'x')",
        "UPDATE /*+ SHARDWELL(scatter=off) */ items SET a = 1",
    ];
    pair.refusals(&refused).await;
    assert_same(&pair.into_differences("refused"));
    assert_same(&stage.different_rows(&ROWS).await);
}

/// Random statements in and outside of transactions.
#[tokio::test]
async fn random_writes_leave_the_same_rows() {
    // One row that is found and not changed is answered like one that is stored: the proxy does not
    // say how many duplicates there were.
    let different = async |stage: Stage| stage.different_rows(&ROWS).await;
    change_at_random(staged, (250, statement), different).await;
}

fn statement(dice: &mut Dice, update: bool) -> String {
    let condition = condition(dice);
    let ignore = dice.pick(&["", "", "IGNORE "]);
    match dice.roll(16) {
        0 => "BEGIN".to_owned(),
        1 => "COMMIT".to_owned(),
        2 => "ROLLBACK".to_owned(),
        3 => format!("SAVEPOINT {}", dice.pick(&["s", "t"])),
        4 => format!("ROLLBACK TO {}", dice.pick(&["s", "t"])),
        5..9 => {
            let rows = rows(dice);
            let tail = " ON DUPLICATE KEY UPDATE a = VALUES(a), c = c + 1";
            let tail = if update && dice.roll(3) == 0 {
                tail
            } else {
                ""
            };
            format!("INSERT {ignore}INTO items VALUES {rows}{tail}")
        }
        9 => format!("REPLACE INTO items VALUES {}", rows(dice)),
        10..14 => {
            let what = dice.pick(&["a = a + 1", "b = 'y'", "c = c + 30", "b = CONCAT(b, 'zz')"]);
            format!("UPDATE {ignore}items SET {what} WHERE {condition}")
        }
        _ => format!("DELETE FROM items WHERE {condition}"),
    }
}

fn rows(dice: &mut Dice) -> String {
    let count = 1 + dice.roll(5);
    let row = |dice: &mut Dice| {
        let b = dice.pick(&[
            "'x'",
            "'x'",
            "'x'",
            "'yy'",
            "CONCAT('a', 'b')",
            "'far too long'",
        ]);
        format!(
            "({}, {}, {b}, {})",
            dice.roll(40),
            dice.roll(6),
            dice.roll(90)
        )
    };
    let rows: Vec<String> = (0..count).map(|_| row(dice)).collect();
    rows.join(", ")
}

fn condition(dice: &mut Dice) -> String {
    match dice.roll(4) {
        0 => format!("a = {}", dice.roll(6)),
        1 => format!("id BETWEEN {} AND {}", dice.roll(40), dice.roll(40)),
        2 => format!(
            "id IN ({}, {}, {})",
            dice.roll(40),
            dice.roll(40),
            dice.roll(40)
        ),
        _ => format!("c > {}", dice.roll(127)),
    }
}

/// MySQL says of a column once that it cannot be NULL, however many rows are stored, and on however many
/// shards they are; of rows that are changed it says it of each.
const NULLS: &[&str] = &[
    "INSERT IGNORE INTO items (id, b) VALUES (1, NULL), (2, NULL), (3, NULL), (4, NULL), (5, 'x'), (6, NULL)",
    "SHOW WARNINGS",
    "INSERT IGNORE INTO items (id, b, a) VALUES (11, NULL, 1 + 1), (12, NULL, 1), (13, NULL, 1), (14, NULL, 1)",
    "SHOW WARNINGS",
    "INSERT IGNORE INTO marks VALUES (1, NULL), (2, NULL), (3, NULL), (4, NULL), (5, NULL)",
    "INSERT IGNORE INTO items (id, b) SELECT id + 20, NULL FROM items WHERE id < 7",
    "UPDATE IGNORE items SET b = NULL",
];

#[tokio::test]
async fn that_a_column_cannot_be_null_is_said_once() {
    let different = async |stage: Stage| stage.different_rows(&ROWS).await;
    change_with_every_client(staged, NULLS, different).await;
}

/// As bulk loaders write them: far too many rows to be parsed each, all with functions.
#[tokio::test]
async fn many_rows_with_functions_are_stored_at_once() {
    let row = |id: u32| match id % 5 {
        0 => format!("({id}, {id} DIV 3 - 1, LOWER('X'), DEFAULT)"),
        1 => format!("({id}, NULL, LOWER(NULLIF('Y', '')), 1 + 1)"),
        _ => format!("({id}, -{id}, CONCAT(LEFT('abc', 1), {id} % 100), {id} % 7 + 1)"),
    };
    let rows: Vec<String> = (0..15_000).map(row).collect();
    let insert = format!("INSERT INTO items (id, a, b, c) VALUES {}", rows.join(","));
    let again = format!("{insert} ON DUPLICATE KEY UPDATE a = VALUES(a) + 1");
    let statements = [
        insert.as_str(),
        "SELECT ROW_COUNT()",
        &again,
        "SELECT ROW_COUNT()",
    ];
    let different = async |stage: Stage| stage.different_rows(&ROWS).await;
    change_with_every_client(staged, &statements, different).await;
}
