//! What a server says of a statement that is prepared, as text and by command: warnings, and that a database
//! is unknown only when it is dropped.

use super::pair::{CLIENTS, Stage, assert_same};
use super::replies::on_mariadb;

const TABLES: &str = "[schemas.shop.tables.items]\nkey = \"id\"\nalgorithm = \"hash_mod\"\n";

const DEFINITIONS: &[&str] = &["CREATE TABLE items (id INT PRIMARY KEY, b INT, c INT)"];

const SINGLE: &[&str] = &["CREATE TABLE t (a INT PRIMARY KEY, b INT)"];

/// Texts whose preparation says something, or nothing; no quotes in them.
const TEXTS: &[&str] = &[
    "SELECT a, 1 AS ` y` FROM t",
    "SELECT id, 1 AS ` y` FROM items WHERE id = 1",
    "SELECT id, 1 AS ` y` FROM items",
    "SELECT a FROM t WHERE b = ?",
    "SELECT nope FROM t",
    "UPDATE t SET b = ? WHERE a = 1",
    "DROP DATABASE IF EXISTS unknown_to_all",
    "DROP DATABASE unknown_to_all",
    "DROP SCHEMA IF EXISTS unknown_to_all",
];

/// Texts of which MySQL says something, and MariaDB nothing.
const OF_MYSQL: &[&str] = &[
    "SELECT a && 1 FROM t",
    "SELECT id && 1 FROM items WHERE id = 1",
    "SELECT BINARY a FROM t",
    "SELECT SQL_CALC_FOUND_ROWS a FROM t",
    "SELECT /*+ NO_ICP(nosuch) */ a FROM t",
    "INSERT INTO t (a) VALUES (?) ON DUPLICATE KEY UPDATE b = VALUES(b)",
    "INSERT INTO items (id) VALUES (?) ON DUPLICATE KEY UPDATE b = VALUES(b)",
    "CREATE TABLE made (a FLOAT(7, 4), b INT(5) ZEROFILL)",
];

#[tokio::test]
async fn what_is_said_of_a_statement_that_is_prepared() {
    let stage = Stage::new(TABLES, DEFINITIONS, SINGLE).await;
    let mut differences = Vec::new();
    let others = if on_mariadb().await { &[] } else { OF_MYSQL };
    for (name, extras) in [CLIENTS[0], CLIENTS[1]] {
        let mut pair = stage.pair(extras).await;
        for sql in TEXTS.iter().chain(others) {
            // Preparing such a statement is not what a table's definition is given for.
            if !sql.starts_with("CREATE") {
                pair.query(format!("PREPARE s FROM '{sql}'")).await;
                pair.query("SHOW WARNINGS").await;
                pair.query("SHOW COUNT(*) WARNINGS").await;
            }
            pair.prepare(sql).await;
            pair.query("SHOW WARNINGS").await;
        }
        differences.extend(pair.into_differences(name));
    }
    assert_same(&differences);
}

#[tokio::test]
async fn an_unknown_database_is_told_when_it_is_dropped() {
    let stage = Stage::new(TABLES, DEFINITIONS, SINGLE).await;
    let mut pair = stage.pair(CLIENTS[1].1).await;
    for sql in [
        "DROP DATABASE IF EXISTS unknown_to_all",
        "DROP DATABASE unknown_to_all",
    ] {
        for statement in [
            &*format!("PREPARE s FROM '{sql}'"),
            "EXECUTE s",
            "SHOW WARNINGS",
        ] {
            pair.query(statement).await;
        }
        let prepared = pair.must_prepare(sql).await;
        for _ in 0..2 {
            pair.execute(sql, prepared, &[]).await;
            pair.query("SHOW WARNINGS").await;
        }
    }
    assert_same(&pair.into_differences("unknown databases"));
}
