//! Definitions and table maintenance: the answers of one MySQL, and the same tables on every shard.

use mysql_async::Conn;
use mysql_async::prelude::Queryable;
use shardwell::wire::CapabilityFlags;

use super::pair::{CLIENTS, Pair, Stage, assert_same};

const TABLES: &str = r#"
[schemas.shop.tables.items]
key = "id"
algorithm = "hash_mod"
[schemas.shop.tables.marks]
key = "item"
bind = "items"
[schemas.shop.tables.parts]
key = "item"
bind = "items"
[schemas.shop.tables.old_items]
key = "id"
bind = "items"
[schemas.shop.tables.kinds]
kind = "broadcast"
[schemas.shop.tables.colors]
kind = "broadcast"
"#;

/// What every server must say word for word.
const STATEMENTS: &[&str] = &[
    "CREATE TABLE items (id BIGINT PRIMARY KEY, a INT, b VARCHAR(6) NOT NULL DEFAULT 'x') COMMENT = 'sharded'",
    "CREATE TABLE items (id BIGINT PRIMARY KEY)",
    "CREATE TABLE IF NOT EXISTS items (id INT PRIMARY KEY)",
    "SHOW WARNINGS",
    "SHOW COUNT(*) WARNINGS",
    "INSERT INTO items (id, a) VALUES (1, 1), (2, 2), (3, 3), (4, 4), (5, 5), (6, 6), (7, 7)",
    "ALTER TABLE items ADD COLUMN c INT NOT NULL DEFAULT 3 AFTER a",
    "INSERT INTO items VALUES (8, 8, 8, 'y'), (9, 9, 9, 'z')",
    "ALTER TABLE items ADD COLUMN c INT",
    "SELECT ROW_COUNT()",
    "ALTER TABLE items ADD INDEX (a), ADD UNIQUE KEY named (id, b)",
    "CREATE INDEX by_c ON items (c, a)",
    "CREATE INDEX by_c ON items (c)",
    "DROP INDEX by_c ON items",
    "DROP INDEX by_c ON items",
    "ALTER TABLE items MODIFY b VARCHAR(20)",
    "ALTER TABLE items MODIFY id BIGINT NOT NULL COMMENT 'it stays the key'",
    "ALTER TABLE items DROP COLUMN nope",
    "ALTER TABLE items RENAME COLUMN c TO d",
    "SELECT SUM(d) FROM items",
    "ALTER TABLE items ENGINE = InnoDB",
    "ALTER TABLE items ADD CHECK (a > 0)",
    "ALTER TABLE items FORCE, ALGORITHM = COPY",
    "SELECT ROW_COUNT()",
    "CREATE TABLE marks (item BIGINT, n INT, PRIMARY KEY (item, n), FOREIGN KEY (item) REFERENCES items (id))",
    "INSERT INTO marks VALUES (1, 1), (2, 1), (3, 1)",
    "INSERT INTO marks VALUES (100, 1)",
    "CREATE TABLE parts (item SMALLINT, n INT)",
    "INSERT INTO parts VALUES (1, 1), (-2, 1), (3, 1)",
    "ALTER TABLE parts CHANGE item item BIGINT, ADD KEY (item)",
    "INSERT INTO parts VALUES (40000, 1), (5000000000, 1)",
    "SELECT * FROM parts WHERE item = 40000",
    "SELECT * FROM parts WHERE item IN (-2, 5000000000) ORDER BY item",
    "UPDATE parts SET n = 2 WHERE item = 5000000000",
    "DROP TABLE parts",
    "CREATE TABLE parts LIKE marks",
    "CREATE TABLE kinds (a INT PRIMARY KEY, b VARCHAR(6))",
    "CREATE TABLE colors (a INT, kind INT, FOREIGN KEY (kind) REFERENCES kinds (a))",
    "ALTER TABLE kinds ADD UNIQUE KEY (b)",
    "ALTER TABLE kinds ADD nope INT FIRST, ADD nope INT",
    "TRUNCATE kinds",
    "TRUNCATE TABLE marks",
    "SELECT COUNT(*) FROM marks",
    "TRUNCATE nowhere",
    "CREATE TABLE plain (a INT AUTO_INCREMENT PRIMARY KEY, b VARCHAR(10)) AUTO_INCREMENT = 5",
    "INSERT INTO plain (b) VALUES ('x')",
    "SELECT * FROM plain",
    "CREATE TABLE copied AS SELECT a + 1 AS c, b FROM plain",
    "SELECT * FROM copied",
    "CREATE VIEW seen AS SELECT b FROM plain WHERE a > 1",
    "SELECT * FROM seen",
    "CREATE VIEW seen AS SELECT 1",
    "CREATE OR REPLACE VIEW seen AS SELECT a, b FROM plain",
    "SELECT * FROM seen",
    "ALTER TABLE plain RENAME TO plainer",
    "RENAME TABLE plainer TO plain, copied TO copies",
    "SELECT * FROM copies",
    "CREATE TABLE checked (a INT, CHECK (DATABASE() = 'x'))",
    "ALTER TABLE plain ADD CHECK (a < LENGTH(CONCAT(DATABASE(), b)))",
    "RENAME TABLE nowhere TO somewhere",
    "RENAME TABLE items TO old_items",
    "SELECT COUNT(*) FROM old_items",
    "SELECT COUNT(*) FROM items",
    "RENAME TABLE old_items TO items",
    "SELECT COUNT(*) FROM items",
    "BEGIN",
    "UPDATE items SET a = a + 1",
    "CREATE TABLE plain_two (a INT)",
    "ROLLBACK",
    "SELECT SUM(a) FROM items",
    "BEGIN",
    "UPDATE items SET a = a + 1",
    "ALTER TABLE items COMMENT = 'changed'",
    "ROLLBACK",
    "SELECT SUM(a) FROM items",
    "BEGIN",
    "UPDATE items SET a = a + 1 WHERE id = 1",
    "ALTER TABLE items ADD COLUMN nope INT, ADD COLUMN nope INT",
    "ROLLBACK",
    "SELECT SUM(a) FROM items",
    "START TRANSACTION READ ONLY",
    "ALTER TABLE items COMMENT = 'never'",
    "COMMIT",
    "SET autocommit = 0",
    "UPDATE items SET a = a + 1",
    "ALTER TABLE items COMMENT = 'again'",
    "ROLLBACK",
    "SELECT SUM(a) FROM items",
    "SET autocommit = 1",
    "ANALYZE TABLE items",
    "SELECT ROW_COUNT()",
    "CHECK TABLE items, kinds, plain EXTENDED",
    "CHECK TABLE kinds",
    "OPTIMIZE TABLE kinds",
    "OPTIMIZE LOCAL TABLE items",
    "REPAIR TABLE items",
    "CHECKSUM TABLE items, plain, kinds",
    "CHECKSUM TABLE items QUICK",
    "DROP TABLE items",
    "DROP TABLE plain_two, copies",
    "DROP TABLE IF EXISTS copies, parts",
    "SHOW WARNINGS",
    "DROP TABLE marks, nowhere, items",
    "DROP VIEW seen",
    "DROP VIEW seen",
    "DROP VIEW IF EXISTS seen",
    "SHOW WARNINGS",
];

/// The tables that are left.
const LEFT: [&str; 5] = ["items", "marks", "kinds", "colors", "plain"];

/// Definitions that MariaDB does otherwise where one of several tables is missing: it drops the others.
const MARIADB_DROPS: [&str; 1] = ["DROP TABLE marks, nowhere, items"];

#[tokio::test]
async fn definitions_answer_as_one_server_does() {
    let mut differences = Vec::new();
    let mariadb =
        super::common::servers().await.flavor() != shardwell::cli::demo::program::Flavor::MySql;
    for (name, extras) in CLIENTS {
        let stage = Stage::new(TABLES, &[], &[]).await;
        let mut pair = stage.pair(extras).await;
        for statement in STATEMENTS {
            if !(mariadb && MARIADB_DROPS.contains(statement)) {
                pair.change(statement).await;
            }
        }
        for table in LEFT {
            pair.query(format!("SHOW CREATE TABLE {table}")).await;
        }
        different_definitions(&stage, &mut pair).await;
        differences.extend(pair.into_differences(name));
    }
    assert_same(&differences);
}

/// Every shard has what the plain server has.
async fn different_definitions(stage: &Stage, pair: &mut Pair) {
    let mut plain = stage.place.plain().await;
    for table in ["items", "marks", "kinds", "colors"] {
        let wanted = definition(&mut plain, table).await;
        for position in 0..4 {
            let found = definition(&mut stage.place.shard(position).await, table).await;
            if found != wanted {
                pair.note(format!(
                    "{table} on {position}: {found:?} instead of {wanted:?}"
                ));
            }
        }
    }
}

async fn definition(connection: &mut Conn, table: &str) -> Option<String> {
    let sql = format!("SHOW CREATE TABLE {table}");
    let row: Option<(String, String)> = connection.query_first(sql).await.unwrap();
    row.map(|(_, text)| text)
}

/// What the statement says through the proxy: nothing, or code and message.
async fn said(app: &mut Conn, statement: &str) -> Option<(u16, String)> {
    match app.query_drop(statement).await {
        Ok(()) => None,
        Err(mysql_async::Error::Server(error)) => Some((error.code, error.message)),
        Err(error) => panic!("{statement}: {error}"),
    }
}

/// A statement that has failed on some shards, run again, does what is left.
#[tokio::test]
async fn a_repeated_statement_does_what_is_left() {
    let stage = Stage::new(TABLES, &[], &[]).await;
    let mut app = stage.app().await;
    let names: Vec<String> = stage
        .place
        .shards()
        .iter()
        .map(|(_, name)| name.clone())
        .collect();
    let mut third = stage.place.shard(2).await;

    // CREATE TABLE where one shard has the same, then another one.
    let create = "CREATE TABLE items (id BIGINT PRIMARY KEY, a INT)";
    third.query_drop(create).await.unwrap();
    assert_eq!(said(&mut app, create).await, None);
    assert_eq!(
        said(&mut app, create).await.map(|(code, _)| code),
        Some(1050)
    );
    app.query_drop("DROP TABLE items").await.unwrap();
    third
        .query_drop("CREATE TABLE items (id BIGINT PRIMARY KEY, b INT)")
        .await
        .unwrap();
    for statement in [
        create,
        "CREATE TABLE IF NOT EXISTS items (id BIGINT PRIMARY KEY, a INT)",
    ] {
        if said(&mut app, "SHOW CREATE TABLE items").await.is_none() && statement != create {
            for position in [0, 1, 3] {
                let mut shard = stage.place.shard(position).await;
                shard.query_drop("DROP TABLE items").await.unwrap();
            }
        }
        let (_, message) = said(&mut app, statement).await.unwrap();
        assert!(message.contains(&format!("b/{}", names[2])), "{message}");
        assert!(message.contains("not the same"), "{message}");
    }
    // One shard can be mended alone.
    let mend = format!("/*+ SHARDWELL(shard={}) */ DROP TABLE items", names[2]);
    assert_eq!(said(&mut app, &mend).await, None);
    assert_eq!(said(&mut app, create).await, None);

    // ALTER TABLE that cannot get its lock on one shard: it says so, and succeeds when repeated, although
    // an index without a name could be added again and again.
    let add = "ALTER TABLE items ADD INDEX (a)";
    app.query_drop("SET lock_wait_timeout = 1").await.unwrap();
    third.query_drop("LOCK TABLES items READ").await.unwrap();
    let (code, message) = said(&mut app, add).await.unwrap();
    assert_eq!(code, 1205, "{message}");
    let told = format!(
        "on b/{}; done on a/{}, a/{}, b/{}",
        names[2], names[0], names[1], names[3]
    );
    assert!(message.contains(&told), "{message}");
    third.query_drop("UNLOCK TABLES").await.unwrap();
    assert_eq!(said(&mut app, add).await, None);
    let wanted = definition(&mut third, "items").await.unwrap();
    assert!(
        wanted.contains("KEY `a` (`a`)") && !wanted.contains("a_2"),
        "{wanted}"
    );
    for position in 0..4 {
        let mut shard = stage.place.shard(position).await;
        assert_eq!(
            definition(&mut shard, "items").await.as_ref(),
            Some(&wanted)
        );
    }
    // Another difference is no business of the statement's.
    third
        .query_drop("ALTER TABLE items ADD COLUMN other INT")
        .await
        .unwrap();
    let (code, message) = said(&mut app, "ALTER TABLE items ADD COLUMN c INT")
        .await
        .unwrap();
    assert!(
        code == 1235 && message.contains(&names[2]),
        "{code} {message}"
    );
    for position in 0..4 {
        let found = definition(&mut stage.place.shard(position).await, "items")
            .await
            .unwrap();
        assert!(!found.contains("`c`"), "{found}");
    }
    third.query_drop("DROP TABLE items").await.unwrap();
    let (code, message) = said(&mut app, "ALTER TABLE items ADD COLUMN c INT")
        .await
        .unwrap();
    assert!(
        code == 1146 && message.contains(&names[2]),
        "{code} {message}"
    );

    // DROP TABLE where one of several is gone from a shard.
    app.query_drop("CREATE TABLE kinds (a INT)").await.unwrap();
    assert_eq!(said(&mut app, "DROP TABLE items, kinds").await, None);
    for position in 0..4 {
        let mut shard = stage.place.shard(position).await;
        let left: Vec<String> = shard.query("SHOW TABLES").await.unwrap();
        assert!(left.is_empty(), "{left:?}");
    }
    let gone = said(&mut app, "DROP TABLE items").await;
    assert_eq!(gone.map(|(code, _)| code), Some(1051));

    // RENAME TABLE that has been done on one shard.
    app.query_drop(create).await.unwrap();
    third
        .query_drop("RENAME TABLE items TO old_items")
        .await
        .unwrap();
    assert_eq!(
        said(&mut app, "RENAME TABLE items TO old_items").await,
        None
    );
    let count: Option<u64> = app
        .query_first("SELECT COUNT(*) FROM old_items")
        .await
        .unwrap();
    assert_eq!(count, Some(0));
}

/// The databases of a schema.
#[tokio::test]
async fn a_schema_is_dropped_and_made_again() {
    let stage = Stage::new(TABLES, &[], &[]).await;
    let mut pair = stage.pair(CapabilityFlags::empty()).await;
    let schema = stage.place.name().to_owned();
    for statement in [
        "CREATE TABLE items (id BIGINT PRIMARY KEY)".to_owned(),
        "CREATE TABLE plain (id BIGINT PRIMARY KEY)".to_owned(),
        format!("CREATE DATABASE {schema}"),
        format!("CREATE DATABASE IF NOT EXISTS {schema}"),
        "SHOW WARNINGS".to_owned(),
        format!("ALTER DATABASE {schema} CHARACTER SET latin1"),
        "ALTER DATABASE CHARACTER SET utf8mb4".to_owned(),
        "SELECT ROW_COUNT()".to_owned(),
        format!("DROP DATABASE {schema}"),
        "SELECT DATABASE() IS NULL".to_owned(),
        format!("DROP DATABASE {schema}"),
        format!("DROP DATABASE IF EXISTS {schema}"),
        "SHOW WARNINGS".to_owned(),
        format!("CREATE SCHEMA {schema} CHARACTER SET utf8mb4"),
        format!("USE {schema}"),
        "CREATE TABLE items (id BIGINT PRIMARY KEY)".to_owned(),
        "CREATE TABLE plain (id BIGINT PRIMARY KEY)".to_owned(),
        "INSERT INTO items VALUES (1), (2), (3)".to_owned(),
        "SELECT COUNT(*) FROM items".to_owned(),
        "SELECT COUNT(*) FROM plain".to_owned(),
    ] {
        pair.change(&statement).await;
    }
    let third = stage.place.shards()[2].1.clone();
    let mut shard = stage.place.shard(2).await;
    shard
        .query_drop(format!("DROP DATABASE {third}"))
        .await
        .unwrap();
    assert_same(&pair.into_differences("databases"));
    let mut app = stage.app().await;
    let again = format!("CREATE DATABASE {schema}");
    assert_eq!(said(&mut app, &again).await, None);
    assert_eq!(
        said(&mut app, &again).await.map(|(code, _)| code),
        Some(1007)
    );
    let (code, _) = said(&mut app, "CREATE DATABASE another").await.unwrap();
    assert_eq!(code, 1235);
}

/// What would not be the table that its rule speaks of.
#[tokio::test]
async fn what_a_rule_does_not_allow_is_refused() {
    let stage = Stage::new(TABLES, &[], &[]).await;
    let mut app = stage.app().await;
    for made in [
        "CREATE TABLE items (id BIGINT PRIMARY KEY, a INT)",
        "CREATE TABLE kinds (a INT PRIMARY KEY)",
        "CREATE TABLE plain (a INT PRIMARY KEY)",
        "CREATE VIEW shown AS SELECT a FROM kinds",
    ] {
        assert_eq!(said(&mut app, made).await, None, "{made}");
    }
    let refused = [
        "CREATE TABLE marks (n INT)",
        "CREATE TABLE marks SELECT 1 AS item",
        "ALTER TABLE items DROP COLUMN id",
        "ALTER TABLE items MODIFY id VARCHAR(10)",
        "ALTER TABLE items RENAME TO other",
        "RENAME TABLE items TO kinds",
        "RENAME TABLE plain TO items",
        "ALTER TABLE plain ADD FOREIGN KEY (a) REFERENCES items (id)",
        "CREATE TABLE marks (item BIGINT, n BIGINT, FOREIGN KEY (n) REFERENCES items (id))",
        "CREATE VIEW v AS SELECT * FROM items",
        "CREATE TABLE copied SELECT * FROM items",
    ];
    for statement in refused {
        let (code, message) = said(&mut app, statement).await.expect(statement);
        assert_eq!(code, 1235, "{statement}: {message}");
    }
    // A key of a type that cannot be one: the table is there and says so, and can be dropped.
    let (_, message) = said(&mut app, "CREATE TABLE marks (item FLOAT)")
        .await
        .unwrap();
    assert!(message.contains("item"), "{message}");
    // Its rows cannot be used; all other tables can, also those that come after it.
    let (code, message) = said(&mut app, "SELECT * FROM marks").await.unwrap();
    assert_eq!(code, 1235);
    assert!(
        message.contains("FLOAT cannot be a sharding key"),
        "{message}"
    );
    for statement in [
        "SHOW CREATE TABLE marks",
        "SHOW COLUMNS FROM marks",
        "ALTER TABLE items COMMENT = 'still here'",
        "CREATE TABLE later (a INT)",
        "INSERT INTO later VALUES (1)",
        "DROP TABLE later",
    ] {
        assert_eq!(said(&mut app, statement).await, None, "{statement}");
    }
    assert_eq!(said(&mut app, "DROP TABLE marks").await, None);
    assert_eq!(
        said(&mut app, "CREATE TABLE marks (item BIGINT)").await,
        None
    );
    // A view over a broadcast table shows its rows, and does not let one copy be written.
    let written = said(&mut app, "INSERT INTO shown VALUES (1)").await;
    assert!(written.is_some());
    let count: Option<u64> = app.query_first("SELECT COUNT(*) FROM shown").await.unwrap();
    assert_eq!(count, Some(0));
}

/// Tables that are several on each shard.
#[tokio::test]
async fn the_tables_of_a_split_table_change_together() {
    const SPLIT: &str = r#"
[schemas.shop.tables.logs]
key = "id"
algorithm = "hash_mod"
split = { tables = "logs_{0..2}", key = "id", algorithm = "mod" }
"#;
    let stage = Stage::new(SPLIT, &[], &[]).await;
    let mut pair = stage.pair(CapabilityFlags::empty()).await;
    for statement in [
        "CREATE TABLE logs (id BIGINT PRIMARY KEY, a INT CHECK (a > 0))",
        "CREATE TABLE logs (id BIGINT PRIMARY KEY, a INT)",
        "INSERT INTO logs VALUES (1, 1), (2, 2), (3, 3), (4, 4), (5, 5), (6, 6), (7, 7)",
        "ALTER TABLE logs ADD COLUMN b INT, ADD INDEX (b)",
        "ALTER TABLE logs ADD COLUMN b INT",
        "CREATE INDEX a ON logs (a)",
        "CHECK TABLE logs",
        "ANALYZE TABLE logs",
        "CHECKSUM TABLE logs",
        "SELECT COUNT(*) FROM logs",
        "TRUNCATE logs",
        "SELECT COUNT(*) FROM logs",
        "DROP TABLE logs",
        "DROP TABLE logs",
        "DROP TABLE IF EXISTS logs",
    ] {
        pair.change(statement).await;
    }
    assert_same(&pair.into_differences("split"));
}

/// Rows that are there already get their numbers from one server, or not at all.
#[tokio::test]
async fn rows_of_several_shards_are_not_numbered_by_each() {
    let stage = Stage::new(TABLES, &[], &[]).await;
    let mut app = stage.app().await;
    app.query_drop("CREATE TABLE items (id BIGINT PRIMARY KEY, a INT NOT NULL)")
        .await
        .unwrap();
    let refused = |said: Option<(u16, String)>| said.is_some_and(|(code, _)| code == 1235);
    // Nothing is there to be numbered.
    let add = "ALTER TABLE items ADD COLUMN n INT NOT NULL AUTO_INCREMENT, ADD UNIQUE KEY (n)";
    assert_eq!(said(&mut app, add).await, None);
    let count = "ALTER TABLE items AUTO_INCREMENT = 1000, ADD COLUMN serial INT";
    assert_eq!(
        said(&mut app, "ALTER TABLE items DROP COLUMN n").await,
        None
    );
    app.query_drop("INSERT INTO items VALUES (1, 1), (2, 2), (3, 3), (4, 4)")
        .await
        .unwrap();
    for statement in [
        add,
        "ALTER TABLE items ADD (m INT, n SERIAL)",
        "ALTER TABLE items ADD COLUMN n SERIAL FIRST",
        "ALTER TABLE items ADD m INT DEFAULT 5, ADD n INT /*!50000 AUTO_INCREMENT */ UNIQUE",
    ] {
        assert!(refused(said(&mut app, statement).await), "{statement}");
    }
    assert_eq!(said(&mut app, count).await, None);
    // Each row has a number that is its own.
    let modify = "ALTER TABLE items MODIFY a INT NOT NULL AUTO_INCREMENT, ADD UNIQUE KEY by_a (a)";
    assert_eq!(said(&mut app, modify).await, None);
    let drop = "ALTER TABLE items MODIFY a INT NOT NULL, DROP KEY by_a";
    assert_eq!(said(&mut app, drop).await, None);
    app.query_drop("UPDATE items SET a = 0 WHERE id = 3")
        .await
        .unwrap();
    assert!(refused(said(&mut app, modify).await));
    let change = "ALTER TABLE items CHANGE a b INT NOT NULL AUTO_INCREMENT UNIQUE";
    assert!(refused(said(&mut app, change).await));
    let sums: Vec<(u64, u64)> = app
        .query("SELECT SUM(id), SUM(a) FROM items")
        .await
        .unwrap();
    assert_eq!(sums, [(10, 7)]);

    // Copies have one order by their primary key.
    app.query_drop("CREATE TABLE kinds (a INT PRIMARY KEY)")
        .await
        .unwrap();
    app.query_drop("CREATE TABLE colors (a INT)").await.unwrap();
    for table in ["kinds", "colors"] {
        let insert = format!("INSERT INTO {table} VALUES (5), (3), (4)");
        app.query_drop(insert).await.unwrap();
    }
    let add = "ALTER TABLE kinds ADD n INT AUTO_INCREMENT UNIQUE";
    assert_eq!(said(&mut app, add).await, None);
    let add = "ALTER TABLE colors ADD n INT AUTO_INCREMENT UNIQUE";
    assert!(refused(said(&mut app, add).await));
    for position in 0..4 {
        let mut shard = stage.place.shard(position).await;
        let rows: Vec<(i32, i32)> = shard
            .query("SELECT a, n FROM kinds ORDER BY a")
            .await
            .unwrap();
        assert_eq!(rows, [(3, 1), (4, 2), (5, 3)]);
    }
}

/// Of what is not there.
const FAILING: &[&str] = &[
    "ALTER TABLE missing ADD b INT",
    "CREATE INDEX i ON missing (a)",
    "DROP INDEX i ON missing",
    "TRUNCATE missing",
    "RENAME TABLE missing TO found",
    "DROP TABLE missing",
    "DROP VIEW missing",
    "LOCK TABLES missing READ",
    "CREATE TABLE found LIKE missing",
    "CREATE VIEW found AS SELECT * FROM missing",
    "ALTER TABLE items DROP COLUMN nope",
];

#[tokio::test]
async fn a_definition_that_fails_has_committed() {
    let once = ["CREATE TABLE notes (id INT PRIMARY KEY)"];
    let definitions = ["CREATE TABLE items (id BIGINT PRIMARY KEY)"];
    let stage = Stage::new(TABLES, &definitions, &once).await;
    let mut differences = Vec::new();
    for (name, extras) in CLIENTS {
        let mut pair = stage.pair(extras).await;
        for failing in FAILING {
            for statement in [
                "BEGIN",
                "SAVEPOINT here",
                "INSERT INTO notes VALUES (1)",
                "INSERT INTO items VALUES (1), (2), (3), (4), (5)",
                failing,
                "ROLLBACK TO SAVEPOINT here",
                "ROLLBACK",
                "UNLOCK TABLES",
                "SELECT COUNT(*) FROM notes",
                "SELECT COUNT(*) FROM items",
                "DELETE FROM notes",
                "DELETE FROM items",
            ] {
                pair.change(statement).await;
            }
        }
        // What cannot be read has committed nothing, and neither has a refusal of the proxy's own.
        for statement in [
            "BEGIN",
            "INSERT INTO notes VALUES (1)",
            "ALTER TABLE missing ADDD b INT",
            "ROLLBACK",
        ] {
            pair.change(statement).await;
        }
        pair.query("SELECT COUNT(*) FROM notes").await;
        differences.extend(pair.into_differences(name));
    }
    assert_same(&differences);
}
