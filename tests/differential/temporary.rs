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
    "SELECT t.b FROM tmp AS t WHERE t.id = 2",
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
    // Made of rows of all shards.
    "CREATE TEMPORARY TABLE sums SELECT marks.n, COUNT(*) AS many, AVG(items.a) AS mean, MAX(b) FROM items JOIN marks \
     ON marks.n = items.a GROUP BY marks.n",
    "SELECT * FROM sums ORDER BY n",
    "SHOW CREATE TABLE sums",
    "CREATE TEMPORARY TABLE some (PRIMARY KEY (id), extra INT DEFAULT 4) ENGINE = InnoDB AS SELECT id, b FROM items WHERE a > 3",
    "SELECT * FROM some ORDER BY id",
    "SELECT some.id, n FROM some JOIN marks ON marks.item = some.id OR marks.n = some.id ORDER BY 1, 2",
    "CREATE TEMPORARY TABLE some SELECT id FROM items",
    "CREATE TEMPORARY TABLE IF NOT EXISTS some SELECT id FROM items",
    "CREATE TEMPORARY TABLE one_row AS SELECT id, a FROM items WHERE id = 4",
    "SELECT * FROM one_row",
    "CREATE TEMPORARY TABLE wrong SELECT nope FROM items",
    "SELECT * FROM wrong",
    "CREATE TEMPORARY TABLE joined WITH x AS (SELECT id, a FROM items) SELECT x.id, y.a FROM x JOIN x y ON x.a = y.id",
    "SELECT * FROM joined ORDER BY id",
    "DROP TEMPORARY TABLE sums, some, one_row, joined",
    "DROP TEMPORARY TABLE tmp, filled, made",
    "SELECT * FROM filled",
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
            match statement.starts_with("INSERT") || statement.starts_with("CREATE") {
                true => pair.change(statement).await,
                false => pair.query_elsewhere(statement).await,
            }
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

/// In a transaction they are used like any other; where rows of other shards would have to come together, the
/// statement is refused, for the connection beside the transaction does not have the table.
#[tokio::test]
async fn transactions_use_them() {
    let mut differences = Vec::new();
    let stage = filled().await;
    for (name, extras) in CLIENTS {
        let mut pair = stage.pair(extras).await;
        for before in ["BEGIN", "SET autocommit = 0"] {
            pair.change(before).await;
            pair.change("UPDATE items SET a = a + 1 WHERE id = 1").await;
            pair.query_elsewhere("CREATE TEMPORARY TABLE tmp (a INT)")
                .await;
            pair.query_elsewhere("INSERT INTO tmp VALUES (1), (2)")
                .await;
            pair.query_elsewhere("SELECT SUM(a) FROM tmp").await;
            pair.query_elsewhere("SELECT k.b FROM kinds k JOIN tmp USING (a) ORDER BY 1")
                .await;
            pair.refusals(&["SELECT COUNT(*) FROM tmp JOIN items USING (a)"])
                .await;
            pair.change("ROLLBACK").await;
            pair.query_elsewhere("SELECT COUNT(*) FROM items WHERE id = 1 AND a = 1")
                .await;
            pair.query_elsewhere("SELECT COUNT(*) FROM tmp").await;
            pair.query_elsewhere("DROP TEMPORARY TABLE tmp").await;
            pair.change("COMMIT").await;
        }
        differences.extend(pair.into_differences(name));
    }
    assert_same(&differences);
}

/// What is prepared finds the table that is there when it is executed.
#[tokio::test]
async fn prepared_statements_use_them() {
    let stage = filled().await;
    let mut app = stage.app().await;
    for round in 0..3 {
        let sql = "SELECT COUNT(*) FROM items";
        assert_eq!(app.exec_first(sql, ()).await.unwrap(), Some(7));
        app.exec_drop("CREATE TEMPORARY TABLE items (a INT, b INT)", ())
            .await
            .unwrap();
        let insert = "INSERT INTO items VALUES (?, ?)";
        for n in 0..=round {
            app.exec_drop(insert, (n, 1)).await.unwrap();
        }
        assert_eq!(app.exec_first(sql, ()).await.unwrap(), Some(round + 1));
        let joined = "SELECT COUNT(*) FROM items JOIN marks ON marks.n = items.b AND items.a >= ?";
        assert_eq!(
            app.exec_first(joined, (0,)).await.unwrap(),
            Some(3 * (round + 1))
        );
        let made = "CREATE TEMPORARY TABLE made SELECT item FROM marks WHERE n >= 2";
        app.exec_drop(made, ()).await.unwrap();
        let count = "SELECT COUNT(*) FROM made";
        assert_eq!(app.exec_first(count, ()).await.unwrap(), Some(3));
        app.exec_drop("DROP TEMPORARY TABLE items, made", ())
            .await
            .unwrap();
    }
}

/// They are made where the session has its variables.
#[tokio::test]
async fn they_are_where_the_variables_are() {
    let stage = filled().await;
    for id in 0..8 {
        let mut app = stage.app().await;
        app.query_drop(format!(
            "SELECT @x := id FROM items WHERE id = {}",
            id % 7 + 1
        ))
        .await
        .unwrap();
        app.query_drop("CREATE TEMPORARY TABLE tmp (a INT)")
            .await
            .unwrap();
        app.query_drop("INSERT INTO tmp VALUES (@x)").await.unwrap();
        let sql = "SELECT items.id FROM tmp JOIN items ON items.id = tmp.a";
        let found: Option<i64> = app.query_first(sql).await.unwrap();
        assert_eq!(found, Some(id % 7 + 1));
    }
}

/// Writes that read a temporary table, or write to one beside others: right, or refused.
#[tokio::test]
async fn writes_beside_them_are_right_or_refused() {
    let stage = filled().await;
    let mut pair = stage.pair(CLIENTS[1].1).await;
    pair.change("CREATE TEMPORARY TABLE tmp (a INT PRIMARY KEY, b VARCHAR(6))")
        .await;
    pair.change("INSERT INTO tmp VALUES (1, 'x'), (3, 'y'), (7, NULL)")
        .await;
    let mut refused = Vec::new();
    for sql in [
        "INSERT INTO items (id, a, b) SELECT a + 1000, a, b FROM tmp",
        "REPLACE INTO marks SELECT a, a FROM tmp",
        "INSERT INTO lone SELECT a + 70, a FROM tmp",
        "INSERT INTO kinds SELECT a + 70, b FROM tmp",
        "UPDATE items JOIN tmp ON tmp.a = items.a SET items.b = 'q'",
        "UPDATE tmp JOIN items ON tmp.a = items.a SET tmp.b = items.b",
        "UPDATE tmp SET b = (SELECT MAX(b) FROM items) WHERE a = 1",
        "UPDATE items SET b = 'r' WHERE a IN (SELECT a FROM tmp)",
        "DELETE FROM items WHERE a IN (SELECT a FROM tmp WHERE a > 5)",
        "DELETE items FROM items JOIN tmp USING (a) WHERE a = 3",
        "DELETE tmp FROM tmp JOIN items USING (a)",
        "UPDATE lone JOIN tmp ON tmp.a = lone.id SET lone.a = 5",
        "UPDATE kinds JOIN tmp USING (a) SET kinds.b = 'k'",
        "INSERT INTO tmp SELECT n + 100, 'm' FROM marks WHERE n > 5 ON DUPLICATE KEY UPDATE b = 'd'",
        "INSERT INTO tmp SELECT a, b FROM items WHERE id = 2",
    ] {
        if pair.change_or_refusal(sql).await {
            refused.push(sql);
        }
        for table in ["items", "marks", "kinds", "lone", "tmp"] {
            pair.query_elsewhere(&format!("SELECT * FROM {table} ORDER BY 1, 2"))
                .await;
        }
    }
    pair.change("BEGIN").await;
    // It is the name of other things, too.
    pair.query_elsewhere("SELECT COUNT(*) AS tmp FROM items AS tmp")
        .await;
    pair.change("COMMIT").await;
    assert_same(&pair.into_differences("writes"));
    assert_same(
        &stage
            .different_rows(&["SELECT * FROM items", "SELECT * FROM marks"])
            .await,
    );
    let own = |sql: &&str| sql.starts_with("INSERT INTO tmp");
    assert_eq!(refused.iter().find(|sql| own(sql)), None);
}

/// What a server makes of the table or view behind a temporary table would change one shard's alone; what RENAME
/// TABLE means, the servers do not agree on.
#[tokio::test]
async fn definitions_of_what_they_hide_are_refused() {
    let stage = filled().await;
    stage
        .run("CREATE VIEW view_of AS SELECT * FROM kinds")
        .await;
    let mut pair = stage.pair(CLIENTS[1].1).await;
    for hidden in ["items", "kinds", "lone", "view_of", "free"] {
        pair.change(&format!("CREATE TEMPORARY TABLE {hidden} (id INT)"))
            .await;
        for sql in [
            "RENAME TABLE % TO other",
            "RENAME TABLE other TO another, % TO other",
            "CREATE TABLE % (id INT)",
            "CREATE TABLE IF NOT EXISTS % LIKE lone",
            "CREATE VIEW % AS SELECT 1 AS one",
            "CREATE OR REPLACE VIEW % AS SELECT 1 AS one",
            "ALTER VIEW % AS SELECT 1 AS one",
            "DROP VIEW %",
            "DROP VIEW IF EXISTS %",
        ] {
            pair.refusals(&[&sql.replace('%', hidden)]).await;
        }
        pair.query_elsewhere(&format!("SELECT * FROM {hidden}"))
            .await;
        pair.query_elsewhere(&format!("DROP TEMPORARY TABLE {hidden}"))
            .await;
    }
    // Which table a view's columns name depends on how it is made.
    pair.query_elsewhere("SELECT COUNT(*) FROM view_of").await;
    for table in ["items", "kinds", "lone", "free", "other"] {
        pair.query_elsewhere(&format!("SELECT * FROM {table} ORDER BY 1"))
            .await;
    }
    assert_same(&pair.into_differences("definitions"));
}
