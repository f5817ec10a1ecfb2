//! Temporary tables in a schema with several shards: they are there for the session that makes them, as on
//! one server, and meet the rows of all shards.

use mysql_async::prelude::Queryable;

use super::common::Place;
use super::pair::{CLIENTS, Stage, assert_same};

const TABLES: &str = r#"
[schemas.shop.tables.items]
key = "id"
algorithm = "hash_mod"
[schemas.shop.tables.marks]
key = "item"
bind = "items"
[schemas.shop.tables.kinds]
kind = "broadcast"
"#;

const DEFINITIONS: &[&str] = &[
    "CREATE TABLE items (id BIGINT PRIMARY KEY, a INT, b VARCHAR(6), KEY by_a (a))",
    "CREATE TABLE marks (item BIGINT, n INT, PRIMARY KEY (item, n))",
    "CREATE TABLE kinds (a INT PRIMARY KEY, b VARCHAR(6))",
];

const ONCE: &[&str] = &["CREATE TABLE lone (id INT PRIMARY KEY, a INT)"];

const ROWS: [&str; 4] = [
    "INSERT INTO items VALUES (1, 1, 'b'), (2, 5, 'A'), (3, 3, 'c'), (4, 4, 'a'), (5, 2, NULL), (6, 6, 'C'), (7, 7, 'e')",
    "INSERT INTO marks VALUES (1, 1), (1, 2), (2, 9), (5, 1), (6, 6), (900, 1)",
    "INSERT INTO kinds VALUES (1, 'one'), (2, 'two'), (3, 'three')",
    "INSERT INTO lone VALUES (1, 10), (2, 20)",
];

const STATEMENTS: &[&str] = &[
    "SELECT * FROM tmp",
    "CREATE TEMPORARY TABLE tmp (id INT AUTO_INCREMENT PRIMARY KEY, a INT, b VARCHAR(6))",
    "CREATE TEMPORARY TABLE tmp (id INT)",
    "CREATE TEMPORARY TABLE IF NOT EXISTS tmp (id INT)",
    "INSERT INTO tmp (a, b) VALUES (1, 'x'), (3, 'y'), (7, NULL)",
    "SELECT LAST_INSERT_ID()",
    "SELECT * FROM tmp ORDER BY id",
    "SELECT t.b FROM shop.tmp AS t WHERE t.id = 2",
    "SHOW CREATE TABLE tmp",
    "DESCRIBE tmp",
    "SHOW COLUMNS FROM tmp LIKE 'a%'",
    "UPDATE tmp SET b = 'z' WHERE a = 3",
    "DELETE FROM tmp WHERE a = 7",
    "SELECT COUNT(*) FROM tmp",
    // With rows of all shards.
    "SELECT i.id, t.b FROM items i JOIN tmp t ON t.a = i.a ORDER BY i.id",
    "SELECT id FROM items WHERE a IN (SELECT a FROM tmp) ORDER BY id",
    "SELECT t.id, (SELECT COUNT(*) FROM marks WHERE n >= t.a) AS c FROM tmp t ORDER BY 1",
    "SELECT k.b, t.b FROM kinds k JOIN tmp t USING (a) ORDER BY k.a",
    "SELECT l.a, t.b FROM lone l JOIN tmp t ON t.id = l.id ORDER BY l.id",
    "SELECT i.id, t.b FROM items i JOIN tmp t ON t.a = i.a WHERE i.id = 3",
    "SELECT a FROM tmp UNION SELECT a FROM items ORDER BY 1",
    "INSERT INTO tmp (a, b) SELECT a, b FROM items WHERE id > 4 ORDER BY id",
    "SELECT * FROM tmp ORDER BY id",
    "INSERT INTO tmp (a, b) SELECT COUNT(*), MAX(b) FROM marks JOIN items ON items.a = marks.n",
    "SELECT * FROM tmp ORDER BY id",
    "INSERT INTO tmp (a, b) SELECT a, b FROM kinds WHERE a = 1",
    "SELECT COUNT(*) FROM tmp",
    // Definitions.
    "ALTER TABLE tmp ADD COLUMN c INT DEFAULT 5, ADD INDEX by_c (c)",
    "SELECT * FROM tmp ORDER BY id",
    "CREATE INDEX by_a ON tmp (a)",
    "ALTER TABLE tmp RENAME TO other",
    "SELECT COUNT(*) FROM tmp",
    "SELECT COUNT(*), MAX(c) FROM other",
    "TRUNCATE TABLE other",
    "SELECT COUNT(*) FROM other",
    "DROP TEMPORARY TABLE tmp",
    "DROP TEMPORARY TABLE IF EXISTS tmp",
    "DROP TEMPORARY TABLE other",
    "SELECT COUNT(*) FROM other",
    // Like others, and hiding them.
    "CREATE TEMPORARY TABLE tmp LIKE items",
    "SHOW CREATE TABLE tmp",
    "INSERT INTO tmp VALUES (1, 2, 'c')",
    "CREATE TEMPORARY TABLE items LIKE kinds",
    "INSERT INTO items VALUES (77, 'hidden')",
    "SELECT * FROM items",
    "SELECT * FROM items JOIN marks ON marks.n < items.a ORDER BY item, n",
    "DROP TABLE items",
    "SELECT * FROM items ORDER BY id",
    "SELECT items.id FROM items JOIN marks ON marks.item = items.id ORDER BY 1, n",
    "CREATE TEMPORARY TABLE filled AS SELECT a + 1 AS x, b FROM kinds",
    "SELECT * FROM filled ORDER BY x",
    "CREATE TEMPORARY TABLE made SELECT 1 AS one, 'two' AS two",
    "SELECT * FROM made",
    "DROP TEMPORARY TABLE tmp, filled, made",
    "SELECT * FROM filled",
    "CREATE TEMPORARY TABLE nowhere.tmp (id INT)",
    "CREATE TEMPORARY TABLE broken (id NOTYPE)",
];

async fn filled() -> Stage {
    let stage = Stage::at(Place::new().await, TABLES, DEFINITIONS, ONCE).await;
    for rows in ROWS {
        stage.run(rows).await;
    }
    stage
}

#[tokio::test]
async fn temporary_tables_are_those_of_one_server() {
    let mut differences = Vec::new();
    for (name, extras) in CLIENTS {
        let stage = filled().await;
        let mut pair = stage.pair(extras).await;
        for statement in STATEMENTS {
            pair.query_elsewhere(statement).await;
        }
        differences.extend(pair.into_differences(name));
    }
    assert_same(&differences);
}

#[tokio::test]
async fn nobody_else_sees_them() {
    let stage = filled().await;
    let (mut one, mut other) = (stage.app().await, stage.app().await);
    for app in [&mut one, &mut other] {
        app.query_drop("CREATE TEMPORARY TABLE tmp (a INT)")
            .await
            .unwrap();
    }
    one.query_drop("INSERT INTO tmp VALUES (1), (2)")
        .await
        .unwrap();
    let sql = "SELECT COUNT(*) FROM items JOIN tmp ON tmp.a = items.id";
    let count: Option<u8> = one.query_first(sql).await.unwrap();
    assert_eq!(count, Some(2));
    assert_eq!(one.exec_first(sql, ()).await.unwrap(), Some(2));
    let count: Option<u8> = other.query_first(sql).await.unwrap();
    assert_eq!(count, Some(0));
    assert_eq!(other.exec_first(sql, ()).await.unwrap(), Some(0));
    let mut third = stage.app().await;
    let error = third.query_drop(sql).await.unwrap_err().to_string();
    assert!(error.contains("1146"), "{error}");
    one.reset().await.unwrap();
    let error = one.exec_drop(sql, ()).await.unwrap_err().to_string();
    assert!(error.contains("1146"), "{error}");
    let count: Option<u8> = other.exec_first(sql, ()).await.unwrap();
    assert_eq!(count, Some(0));
}
