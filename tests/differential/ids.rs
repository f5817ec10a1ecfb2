//! Rows that get ids: what one MySQL with AUTO_INCREMENT answers, and the same rows afterwards.
//!
//! Ids are of kind `segment`: one proxy alone gives the numbers that one MySQL gives, as long as
//! nobody writes a larger number than the next one.

use shardwell::wire::CapabilityFlags;

use super::pair::{CLIENTS, Stage, assert_same};
use super::rows::change_with_every_client;

const TABLES: &str = r#"
[schemas.shop.tables.o]
key = "user_id"
algorithm = "mod"
generate = { column = "id", kind = "segment", start = 100 }
[schemas.shop.tables.dup]
key = "user_id"
algorithm = "mod"
generate = { column = "id", kind = "segment", start = 100 }
[schemas.shop.tables.rep]
key = "user_id"
algorithm = "mod"
generate = { column = "id", kind = "segment", start = 100 }
[schemas.shop.tables.mixed]
key = "user_id"
algorithm = "mod"
generate = { column = "id", kind = "segment", start = 100 }
[schemas.shop.tables.bills]
key = "bill"
algorithm = "mod"
generate = { column = "bill", kind = "segment", start = 100 }
[schemas.shop.tables.plain]
key = "user_id"
algorithm = "mod"
[schemas.shop.tables.parts]
key = "id"
algorithm = "mod"
split = { tables = "parts_{0..3}", spread = "blocks" }
generate = { column = "id", kind = "segment", start = 100 }
"#;

const COLUMNS: &str = "(id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY, user_id INT, \
                       code VARCHAR(6), n INT NOT NULL DEFAULT 0, UNIQUE (user_id, code)) \
                       AUTO_INCREMENT = 100";

fn definitions() -> Vec<String> {
    let names = ["o", "dup", "rep", "mixed"];
    let mut all: Vec<String> = names
        .iter()
        .map(|name| format!("CREATE TABLE {name} {COLUMNS}"))
        .collect();
    let bills = "CREATE TABLE bills (bill INT NOT NULL AUTO_INCREMENT PRIMARY KEY, total INT) \
                 AUTO_INCREMENT = 100";
    all.push(bills.to_owned());
    all.push("CREATE TABLE plain (user_id INT, o BIGINT)".to_owned());
    all
}

pub(super) async fn stage() -> Stage {
    let definitions = definitions();
    let definitions: Vec<&str> = definitions.iter().map(String::as_str).collect();
    let tables = TABLES.split("[schemas.shop.tables.parts]").next();
    Stage::new(tables.unwrap(), &definitions, &[]).await
}

/// Statements whose rows all get ids, or none of them.
const PLAIN: &[&str] = &[
    "INSERT INTO o (user_id, code) VALUES (1, 'a')",
    "SELECT LAST_INSERT_ID()",
    "INSERT INTO o (user_id, code) VALUES (2, 'a'), (3, 'a'), (4, 'a')",
    "SELECT LAST_INSERT_ID(), @@last_insert_id, @@identity",
    "INSERT INTO o (user_id, code) VALUES (1, 'q'), (5, 'q'), (9, 'q')",
    "SELECT LAST_INSERT_ID()",
    "INSERT INTO o VALUES (NULL, 5, 'a', 1)",
    "INSERT INTO o VALUES (0, 6, 'a', 1)",
    "INSERT INTO o VALUES ('0', 6, 'b', 1), (NULL, 7, 'b', 1 + 1)",
    "INSERT INTO o (id, user_id, code) VALUES (DEFAULT, 7, 'a')",
    "INSERT INTO o (id, user_id, code) VALUES (DEFAULT, 7, 'c'), (NULL, 8, 'c')",
    "SELECT LAST_INSERT_ID()",
    "INSERT INTO o SET user_id = 8, code = 'a'",
    "INSERT o SET id = NULL, user_id = 9",
    "INSERT INTO o SET user_id = 9, id = DEFAULT, n = 3",
    "SELECT LAST_INSERT_ID()",
    "SELECT ROW_COUNT()",
    // The client's own.
    "INSERT INTO o (id, user_id) VALUES (50, 1)",
    "SELECT LAST_INSERT_ID()",
    "INSERT INTO o (id, user_id) VALUES (53, 1), (52, 2), (51, 3)",
    "INSERT INTO o (id, user_id) VALUES ('54', 1)",
    "INSERT INTO o SET id = 55, user_id = 4",
    "SELECT LAST_INSERT_ID()",
    // What fails.
    "INSERT INTO o (user_id, code) VALUES (1, 'a')",
    "INSERT INTO o (id, user_id) VALUES (50, 1)",
    "INSERT INTO o (user_id) VALUES (1, 'a')",
    "INSERT INTO o (user_id, code) VALUES (30, 'a')",
    "SELECT LAST_INSERT_ID()",
    // What reads the session's id.
    "INSERT INTO plain VALUES (30, LAST_INSERT_ID())",
    "INSERT INTO o (user_id, n) VALUES (31, LAST_INSERT_ID())",
    "SELECT LAST_INSERT_ID()",
    "INSERT INTO o (user_id, n) VALUES (32, LAST_INSERT_ID(7))",
    "SELECT LAST_INSERT_ID()",
    "INSERT INTO o (id, user_id, n) VALUES (60, 32, LAST_INSERT_ID(7))",
    "SELECT LAST_INSERT_ID()",
    "UPDATE o SET n = LAST_INSERT_ID() WHERE user_id = 32",
    "INSERT INTO plain VALUES (1, 1)",
    "SELECT LAST_INSERT_ID()",
    "SET last_insert_id = 77",
    "SELECT LAST_INSERT_ID()",
    // In transactions.
    "BEGIN",
    "INSERT INTO o (user_id, code) VALUES (40, 't'), (41, 't')",
    "SELECT LAST_INSERT_ID()",
    "SELECT id, user_id FROM o WHERE code = 't' ORDER BY id",
    "ROLLBACK",
    "SELECT LAST_INSERT_ID()",
    "SELECT COUNT(*) FROM o WHERE code = 't'",
    "SET autocommit = 0",
    "INSERT INTO o (user_id, code) VALUES (40, 't')",
    "INSERT INTO o (user_id, code) VALUES (41, 't'), (42, 't'), (43, 't')",
    "COMMIT",
    "SET autocommit = 1",
    "SELECT LAST_INSERT_ID()",
    // 0 as a value.
    "SET sql_mode = CONCAT(@@sql_mode, ',NO_AUTO_VALUE_ON_ZERO')",
    "INSERT INTO o (id, user_id, code) VALUES (0, 50, 'z')",
    "SELECT LAST_INSERT_ID()",
    "INSERT INTO o (id, user_id, code) VALUES (NULL, 50, 'y')",
    "SELECT LAST_INSERT_ID()",
    "SET sql_mode = DEFAULT",
    // The id decides the shard.
    "INSERT INTO bills (total) VALUES (5)",
    "INSERT INTO bills VALUES (NULL, 6), (0, 7), (DEFAULT, 8)",
    "SELECT LAST_INSERT_ID()",
    "INSERT INTO bills () VALUES ()",
    "INSERT INTO bills VALUES (), ()",
    "INSERT INTO bills SET total = 9",
    "INSERT INTO bills VALUES (5, 5), (6, 6)",
    "REPLACE INTO bills VALUES (5, 50)",
    "SELECT * FROM bills WHERE bill = 100",
    "SELECT LAST_INSERT_ID()",
];

/// Rows whose key may be there already. MySQL gives the number of a row that is not stored to the next
/// row of the statement, the proxy does not: such rows come last here.
const DUPLICATES: &[&str] = &[
    "INSERT INTO dup (user_id, code) VALUES (1, 'a'), (2, 'a'), (3, 'a')",
    "INSERT IGNORE INTO dup (user_id, code) VALUES (1, 'a')",
    "SELECT LAST_INSERT_ID()",
    "INSERT IGNORE INTO dup (user_id, code) VALUES (1, 'b')",
    "SELECT LAST_INSERT_ID()",
    "INSERT IGNORE INTO dup (user_id, code) VALUES (2, 'b'), (3, 'b'), (1, 'a'), (1, 'b')",
    "SHOW WARNINGS",
    "SELECT LAST_INSERT_ID()",
    "INSERT IGNORE INTO dup (user_id, code) VALUES (5, 'a'), (5, 'b'), (1, 'a')",
    "SELECT LAST_INSERT_ID()",
    "INSERT IGNORE INTO dup (user_id, code) VALUES (1, 'a'), (2, 'a')",
    "SELECT LAST_INSERT_ID()",
    "INSERT IGNORE INTO dup (id, user_id, code) VALUES (10, 1, 'a')",
    "INSERT IGNORE INTO dup (id, user_id, code) VALUES (10, 1, 'c')",
    "SELECT LAST_INSERT_ID()",
    "INSERT IGNORE INTO dup (user_id, code) VALUES (6, 'far too long'), (7, 'd')",
    "SELECT LAST_INSERT_ID()",
    // One row: stored, updated, found as it shall be.
    "INSERT INTO dup (user_id, code) VALUES (1, 'u') ON DUPLICATE KEY UPDATE n = n + 1",
    "SELECT LAST_INSERT_ID()",
    "INSERT INTO dup (user_id, code) VALUES (1, 'u') ON DUPLICATE KEY UPDATE n = n + 1",
    "SELECT LAST_INSERT_ID()",
    "INSERT INTO dup (user_id, code) VALUES (1, 'u') ON DUPLICATE KEY UPDATE n = 1",
    "SELECT LAST_INSERT_ID()",
    "INSERT INTO dup SET user_id = 1, code = 'u' ON DUPLICATE KEY UPDATE n = n + 1",
    "INSERT INTO dup (user_id, code) VALUES (1, 'u') ON DUPLICATE KEY UPDATE id = LAST_INSERT_ID(id)",
    "SELECT LAST_INSERT_ID()",
    "INSERT INTO dup (user_id, code) VALUES (1, 'v') ON DUPLICATE KEY UPDATE id = LAST_INSERT_ID(id)",
    "SELECT LAST_INSERT_ID()",
    "INSERT INTO dup (user_id, code) VALUES (1, 'u') ON DUPLICATE KEY UPDATE id = LAST_INSERT_ID(id), n = 9",
    "SELECT LAST_INSERT_ID()",
    "INSERT INTO dup (id, user_id, code) VALUES (20, 1, 'w') ON DUPLICATE KEY UPDATE n = n + 1",
    "INSERT INTO dup (id, user_id, code) VALUES (21, 1, 'w') ON DUPLICATE KEY UPDATE n = n + 1",
    "SELECT LAST_INSERT_ID()",
    // Several.
    "INSERT INTO dup (user_id, code) VALUES (8, 'a'), (9, 'a') ON DUPLICATE KEY UPDATE n = n + 1",
    "SELECT LAST_INSERT_ID()",
    "INSERT INTO dup (user_id, code) VALUES (9, 'b'), (10, 'a'), (8, 'a') ON DUPLICATE KEY UPDATE n = n + 1",
    "SELECT LAST_INSERT_ID()",
    "INSERT INTO dup (user_id, code) VALUES (8, 'a'), (9, 'b') ON DUPLICATE KEY UPDATE n = n + 1",
    "SELECT LAST_INSERT_ID()",
    "INSERT INTO dup (user_id, code, n) VALUES (8, 'a', 5), (9, 'b', 5) ON DUPLICATE KEY UPDATE n = VALUES(n)",
    "INSERT INTO dup (user_id, code) VALUES (12, 'a'), (12, 'b'), (12, 'a') ON DUPLICATE KEY UPDATE n = n + 1",
    "SELECT LAST_INSERT_ID()",
    "BEGIN",
    "INSERT IGNORE INTO dup (user_id, code) VALUES (13, 'b'), (14, 'b'), (1, 'a')",
    "SELECT LAST_INSERT_ID()",
    "INSERT INTO dup (user_id, code) VALUES (15, 'b'), (13, 'b') ON DUPLICATE KEY UPDATE n = 7",
    "SELECT LAST_INSERT_ID()",
    "ROLLBACK",
    // REPLACE.
    "REPLACE INTO rep (user_id, code) VALUES (1, 'a')",
    "SELECT LAST_INSERT_ID()",
    "REPLACE INTO rep (user_id, code) VALUES (1, 'a')",
    "SELECT LAST_INSERT_ID()",
    "REPLACE INTO rep (user_id, code) VALUES (1, 'a'), (2, 'a'), (3, 'a')",
    "SELECT LAST_INSERT_ID()",
    "REPLACE INTO rep (id, user_id, code) VALUES (10, 1, 'a')",
    "REPLACE INTO rep SET user_id = 1, code = 'a'",
    "SELECT LAST_INSERT_ID()",
];

/// Some rows get ids, others have them: MySQL takes one number for each row, so every statement has
/// a table whose next number is as it was.
const MIXED: &[&str] = &[
    "INSERT INTO mixed (id, user_id) VALUES (5, 1), (NULL, 2), (6, 3), (0, 4)",
    "SELECT LAST_INSERT_ID()",
];

/// How many duplicates there were is not said where a row that is found counts like one that is stored.
pub(super) fn is_untold(client: &str, sql: &str) -> bool {
    client == "found_rows" && sql.contains("), (") && sql.contains("ON DUPLICATE")
}

#[tokio::test]
async fn ids_are_told_as_one_server_tells_them() {
    let mut differences = Vec::new();
    for (name, extras) in CLIENTS {
        let stage = stage().await;
        let mut pair = stage.pair(extras).await;
        for statement in PLAIN.iter().chain(DUPLICATES).chain(MIXED) {
            if !is_untold(name, statement) {
                pair.change(statement).await;
            }
        }
        for table in ["o", "dup", "rep", "mixed"] {
            let rows = format!("SELECT * FROM {table} ORDER BY id");
            pair.rows_or_refusal(&rows).await;
        }
        pair.change("SELECT * FROM bills ORDER BY bill").await;
        differences.extend(pair.into_differences(name));
    }
    assert_same(&differences);
}

/// What is looked at afterwards.
const ROWS: [&str; 3] = ["SELECT * FROM o", "SELECT * FROM rep", "SELECT * FROM dup"];

/// Texts of PREPARE: each EXECUTE makes ids of its own.
const PREPARED: &[&str] = &[
    "SET @a = 1, @b = 2, @x = 'x', @none = NULL, @zero = 0, @own = 60",
    "PREPARE one FROM 'INSERT INTO o (user_id, code) VALUES (?, ?)'",
    "EXECUTE one USING @a, @x",
    "SELECT LAST_INSERT_ID()",
    "EXECUTE one USING @b, @none",
    "SELECT LAST_INSERT_ID()",
    "EXECUTE one USING @b, @none",
    // A key that is there, and too few values.
    "EXECUTE one USING @a, @x",
    "EXECUTE one USING @a",
    "PREPARE many FROM 'INSERT INTO rep (n, user_id) VALUES (?, 1), (7, ?), (?, 3)'",
    "EXECUTE many USING @a, @b, @own",
    "SELECT LAST_INSERT_ID(), ROW_COUNT()",
    "BEGIN",
    "EXECUTE many USING @own, @own, @b",
    "SELECT LAST_INSERT_ID(), ROW_COUNT()",
    "COMMIT",
    "PREPARE given FROM 'INSERT INTO dup (id, user_id) VALUES (?, ?)'",
    "EXECUTE given USING @none, @a",
    "EXECUTE given USING @zero, @b",
    "EXECUTE given USING @own, @b",
    "SELECT LAST_INSERT_ID()",
    "PREPARE bill FROM 'INSERT INTO bills SET total = ?'",
    "EXECUTE bill USING @a",
    "EXECUTE bill USING @none",
    "SELECT LAST_INSERT_ID()",
    "DEALLOCATE PREPARE bill",
    "SELECT * FROM bills ORDER BY bill",
];

#[tokio::test]
async fn texts_of_prepare_get_ids_each_time() {
    let different = async |stage: Stage| stage.different_rows(&ROWS).await;
    change_with_every_client(stage, PREPARED, different).await;
}

/// What is not certain says so and stores nothing.
#[tokio::test]
async fn ids_that_are_not_certain_are_refused() {
    let stage = stage().await;
    let mut pair = stage.pair(CapabilityFlags::empty()).await;
    let refused = [
        "INSERT INTO o (id, user_id) VALUES (1 - 1, 1)",
        "INSERT INTO o (id, user_id) VALUES (-1, 1)",
        "INSERT INTO o (id, user_id) VALUES ('1x', 1)",
        "INSERT INTO o (id, user_id) VALUES (@x, 1)",
        "INSERT INTO o (user_id, n) VALUES (1, id)",
        "INSERT IGNORE INTO o (user_id, n) VALUES (1, RAND()), (2, 1)",
    ];
    for sql in refused {
        assert!(pair.change_or_refusal(sql).await, "{sql}");
    }
    pair.change("SELECT COUNT(*) FROM o").await;
    assert_same(&pair.into_differences("refused"));
}

/// A table that is several tables.
pub(super) async fn split_stage() -> Stage {
    let columns = "(id INT NOT NULL AUTO_INCREMENT PRIMARY KEY, n INT) AUTO_INCREMENT = 100";
    let on_shards: Vec<String> = (0..4)
        .map(|part| format!("CREATE TABLE parts_{part} {columns}"))
        .collect();
    let rule = TABLES.split_once("[schemas.shop.tables.parts]").unwrap().1;
    let rule = format!("[schemas.shop.tables.parts]{rule}");
    let on_plain = format!("CREATE TABLE parts {columns}");
    Stage::split(&rule, &on_shards, &[&on_plain]).await
}

#[tokio::test]
async fn split_tables_get_ids() {
    let stage = split_stage().await;
    let mut pair = stage.pair(CapabilityFlags::empty()).await;
    let statements = [
        "INSERT INTO parts (n) VALUES (1)",
        "INSERT INTO parts (n) VALUES (2), (3), (4), (5), (6)",
        "SELECT LAST_INSERT_ID()",
        "INSERT INTO parts SET n = 7",
        "INSERT INTO parts VALUES (NULL, 8), (0, 9)",
        "SELECT LAST_INSERT_ID()",
        "SELECT * FROM parts ORDER BY id",
    ];
    for statement in statements {
        pair.change(statement).await;
    }
    assert_same(&pair.into_differences("split"));
}
