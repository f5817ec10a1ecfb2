//! LOCK TABLES over several shards: what the session may do then, and what others must wait for.

use mysql_async::prelude::Queryable;
use mysql_async::{Conn, Error};

use super::pair::{BOUND_AND_BROADCAST, CLIENTS, Stage, assert_same};

const DEFINITIONS: &[&str] = &[
    "CREATE TABLE items (id BIGINT PRIMARY KEY, a INT NOT NULL, b VARCHAR(6))",
    "CREATE TABLE marks (item BIGINT, n INT, PRIMARY KEY (item, n))",
    "CREATE TABLE kinds (a INT PRIMARY KEY)",
];

const ONCE: &[&str] = &["CREATE TABLE plain (a INT PRIMARY KEY)"];

const ROWS: [&str; 3] = [
    "INSERT INTO items VALUES (1, 1, 'b'), (2, 5, 'A'), (3, 3, 'c'), (4, 4, 'a'), (5, 2, NULL), (6, 6, 'C')",
    "INSERT INTO marks VALUES (1, 1), (1, 2), (2, 9), (5, 1), (6, 6)",
    "INSERT INTO kinds VALUES (1), (2)",
];

/// In one session, in this order.
const SESSION: &[&str] = &[
    "UNLOCK TABLES",
    "LOCK TABLES items READ, marks AS m READ, kinds READ",
    "SELECT id, a FROM items ORDER BY id",
    "SELECT a FROM items WHERE id = 3",
    "SELECT COUNT(*) FROM marks AS m",
    "SELECT COUNT(*) FROM marks",
    "SELECT COUNT(*) FROM kinds",
    "SELECT a FROM plain",
    "INSERT INTO items VALUES (7, 7, 'x'), (8, 8, 'y')",
    "UPDATE items SET a = 0 WHERE id = 1",
    "LOCK TABLES items WRITE, kinds WRITE",
    "SELECT COUNT(*) FROM marks AS m",
    "INSERT INTO items VALUES (7, 7, 'x'), (8, 8, 'y'), (9, 9, 'z'), (10, 10, 'z')",
    "INSERT INTO items VALUES (11, 7, 'x'), (12, 7, 'x'), (7, 8, 'y'), (14, 14, 'y')",
    "SELECT id, a, b FROM items ORDER BY id",
    "UPDATE items SET a = a + 1",
    "DELETE FROM items WHERE a > 10",
    "INSERT INTO kinds VALUES (3), (4)",
    "INSERT INTO kinds VALUES (5), (4)",
    "SELECT a FROM kinds ORDER BY a",
    "SET autocommit = 0",
    "INSERT INTO items VALUES (15, 7, 'x'), (16, 8, 'y'), (17, 9, 'z'), (18, 10, 'z')",
    "INSERT INTO items VALUES (19, 7, 'x'), (20, 7, 'x'), (15, 8, 'y'), (21, 14, 'y')",
    "SELECT id, a, b FROM items ORDER BY id",
    "ROLLBACK",
    "SELECT id, a, b FROM items ORDER BY id",
    "INSERT INTO items VALUES (15, 7, 'x'), (16, 8, 'y'), (17, 9, 'z'), (18, 10, 'z')",
    "UNLOCK TABLES",
    "ROLLBACK",
    "SELECT id, a, b FROM items ORDER BY id",
    "COMMIT",
    "SET autocommit = 1",
    "BEGIN",
    "UPDATE items SET a = 100",
    "LOCK TABLES marks WRITE",
    "ROLLBACK",
    "INSERT INTO marks VALUES (3, 3), (4, 4), (6, 7)",
    "UNLOCK TABLES",
    "SELECT id, a, b FROM items ORDER BY id",
    "SELECT item, n FROM marks ORDER BY item, n",
    "LOCK TABLES items WRITE",
    "BEGIN",
    "INSERT INTO marks VALUES (3, 4), (4, 5), (6, 8)",
    "COMMIT",
    "SELECT item, n FROM marks ORDER BY item, n",
    "LOCK TABLES items WRITE, nowhere READ",
    "SELECT COUNT(*) FROM marks",
    "LOCK TABLES items WRITE, items READ",
    "SELECT COUNT(*) FROM marks",
    "LOCK TABLES plain WRITE",
    "INSERT INTO plain VALUES (1)",
    "SELECT a FROM plain",
    "UNLOCK TABLES",
];

#[tokio::test]
async fn a_session_with_locked_tables_is_that_of_one_server() {
    let mut differences = Vec::new();
    for (name, extras) in CLIENTS {
        let stage = Stage::new(BOUND_AND_BROADCAST, DEFINITIONS, ONCE).await;
        for rows in ROWS {
            stage.run(rows).await;
        }
        let mut pair = stage.pair(extras).await;
        for statement in SESSION {
            match statement.starts_with("SELECT") {
                true => pair.query_elsewhere(statement).await,
                false => pair.change(statement).await,
            }
        }
        differences.extend(pair.into_differences(name));
    }
    assert_same(&differences);
}

/// Some rows, the session that locks, and one that soon gives up waiting.
async fn two_sessions() -> (Stage, Conn, Conn) {
    let stage = Stage::new(BOUND_AND_BROADCAST, DEFINITIONS, ONCE).await;
    stage.run(ROWS[0]).await;
    let (first, mut second) = (stage.app().await, stage.app().await);
    let patience = "SET lock_wait_timeout = 1";
    second.query_drop(patience).await.unwrap();
    (stage, first, second)
}

async fn refused(conn: &mut Conn, statement: &str) -> u16 {
    match conn.query_drop(statement).await {
        Err(Error::Server(error)) => error.code,
        other => panic!("{statement}: {other:?}"),
    }
}

#[tokio::test]
async fn others_wait_for_what_is_locked_on_every_shard() {
    let (_stage, mut first, mut second) = two_sessions().await;
    first.query_drop("LOCK TABLES items READ").await.unwrap();
    let rows: Vec<i64> = second.query("SELECT id FROM items").await.unwrap();
    assert_eq!(rows.len(), 6);
    for id in 1..=4 {
        let update = format!("UPDATE items SET a = a + 1 WHERE id = {id}");
        assert_eq!(refused(&mut second, &update).await, 1205, "{update}");
    }
    first.query_drop("LOCK TABLES items WRITE").await.unwrap();
    for id in 1..=4 {
        let select = format!("SELECT a FROM items WHERE id = {id}");
        assert_eq!(refused(&mut second, &select).await, 1205, "{select}");
    }
    // Whatever ends the session ends its locks.
    first
        .query_drop("INSERT INTO items VALUES (50, 0, ''), (51, 0, ''), (52, 0, '')")
        .await
        .unwrap();
    first.disconnect().await.unwrap();
    second
        .query_drop("SET lock_wait_timeout = 60")
        .await
        .unwrap();
    second
        .query_drop("UPDATE items SET a = a + 1")
        .await
        .unwrap();
    let rows: Vec<i64> = second.query("SELECT id FROM items").await.unwrap();
    assert_eq!(rows.len(), 9);
}

#[tokio::test]
async fn tables_that_are_locked_can_be_altered_and_kept_locked() {
    let (_stage, mut first, mut second) = two_sessions().await;
    let statements = [
        "SET @before = @@sql_mode",
        "LOCK TABLES items WRITE",
        "ALTER TABLE items DISABLE KEYS",
        "ALTER TABLE items ADD COLUMN c INT",
        "TRUNCATE items",
        "INSERT INTO items VALUES (1, 1, '', 1), (2, 2, '', 2), (3, 3, '', 3)",
        "SET sql_mode = @before",
        "ANALYZE TABLE items",
    ];
    for statement in statements {
        first.query_drop(statement).await.expect(statement);
    }
    assert_eq!(
        refused(&mut second, "SELECT a FROM items WHERE id = 1").await,
        1205
    );
    assert_eq!(
        refused(&mut first, "ALTER TABLE marks ADD COLUMN c INT").await,
        1100
    );
    assert_eq!(refused(&mut first, "CREATE TABLE more (a INT)").await, 1100);
    let gathered = "SELECT i.id FROM items AS i JOIN items AS j ON i.a = j.id";
    assert_eq!(refused(&mut first, gathered).await, 1235);
    first.query_drop("UNLOCK TABLES").await.unwrap();
    let rows: Vec<(i64, i64)> = second
        .query("SELECT id, c FROM items ORDER BY id")
        .await
        .unwrap();
    assert_eq!(rows, [(1, 1), (2, 2), (3, 3)]);
}
