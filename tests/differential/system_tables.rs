//! Tables of information_schema: each table of the schema once, under its own name, as on one server.

use mysql_async::prelude::Queryable;
use mysql_async::{Conn, Row};

use super::common::Place;
use super::pair::{BOUND_AND_BROADCAST, Stage, make_account};

const EVERYWHERE: [&str; 4] = [
    "CREATE TABLE items (id BIGINT PRIMARY KEY, a INT NOT NULL DEFAULT 3, b VARCHAR(6) COMMENT 'the b', CONSTRAINT not_much CHECK (a < 100), KEY by_a (a, b))",
    "CREATE TABLE marks (item BIGINT, n INT, PRIMARY KEY (item, n), CONSTRAINT of_item FOREIGN KEY (item) REFERENCES items (id) ON DELETE CASCADE)",
    "CREATE TABLE kinds (a INT PRIMARY KEY, b ENUM('x', 'y'), UNIQUE KEY (b)) COMMENT = 'all kinds'",
    "CREATE TRIGGER stamp BEFORE INSERT ON items FOR EACH ROW SET NEW.a = 5",
];

const ONCE: [&str; 2] = [
    "CREATE TABLE plain (a INT AUTO_INCREMENT PRIMARY KEY, b DECIMAL(10, 2))",
    "CREATE VIEW seen AS SELECT a, b FROM plain WHERE a > 1",
];

/// As ORMs and tools ask.
const STATEMENTS: &[&str] = &[
    "SHOW TABLES WHERE `Tables_in_shop` = 'items'",
    "SHOW FULL TABLES WHERE Table_type = 'VIEW' OR `tables_in_shop` LIKE 'k%'",
    "SELECT TABLE_NAME, TABLE_TYPE FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE() ORDER BY 1",
    "SELECT * FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = DATABASE() ORDER BY TABLE_NAME, ORDINAL_POSITION",
    "SELECT TABLE_CATALOG, TABLE_SCHEMA, TABLE_NAME, TABLE_TYPE, ENGINE, VERSION, ROW_FORMAT, TABLE_COLLATION, CREATE_OPTIONS, TABLE_COMMENT FROM information_schema.TABLES WHERE TABLE_SCHEMA = 'shop' ORDER BY TABLE_NAME",
    "SELECT * FROM information_schema.KEY_COLUMN_USAGE WHERE TABLE_SCHEMA = 'shop' ORDER BY TABLE_NAME, CONSTRAINT_NAME, ORDINAL_POSITION",
    "SELECT * FROM information_schema.REFERENTIAL_CONSTRAINTS WHERE CONSTRAINT_SCHEMA = 'shop'",
    "SELECT * FROM information_schema.TABLE_CONSTRAINTS WHERE TABLE_SCHEMA = SCHEMA() ORDER BY TABLE_NAME, CONSTRAINT_NAME",
    "SELECT * FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = 'shop'",
    "SELECT * FROM information_schema.VIEWS WHERE TABLE_SCHEMA = 'shop'",
    "SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = 'shop'",
    "SELECT COUNT(*) FROM information_schema.tables WHERE table_schema LIKE 'shop' AND table_type = 'BASE TABLE'",
    "SELECT s.TABLE_NAME, s.NON_UNIQUE, s.INDEX_SCHEMA, s.INDEX_NAME, s.SEQ_IN_INDEX, s.COLUMN_NAME, s.COLLATION, s.SUB_PART, s.NULLABLE, s.INDEX_TYPE FROM information_schema.STATISTICS s WHERE s.TABLE_SCHEMA = 'shop' ORDER BY 1, 4, 5",
    "SELECT * FROM information_schema.CHECK_CONSTRAINTS WHERE CONSTRAINT_SCHEMA = 'shop' ORDER BY CONSTRAINT_NAME",
    "SELECT TRIGGER_NAME FROM INFORMATION_SCHEMA.TRIGGERS WHERE EVENT_OBJECT_SCHEMA = DATABASE() AND EVENT_OBJECT_TABLE = 'items'",
    "SELECT TRIGGER_SCHEMA, TRIGGER_NAME, EVENT_MANIPULATION, EVENT_OBJECT_SCHEMA, EVENT_OBJECT_TABLE, ACTION_STATEMENT, ACTION_TIMING FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA = 'shop'",
    "SELECT TABLE_NAME, PARTITION_NAME, PARTITION_METHOD FROM information_schema.PARTITIONS WHERE TABLE_SCHEMA = 'shop' ORDER BY 1",
    "SELECT ROUTINE_NAME FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA = 'shop'",
    "SELECT PARAMETER_NAME FROM information_schema.PARAMETERS WHERE SPECIFIC_SCHEMA = 'shop'",
    "SELECT EVENT_NAME FROM information_schema.EVENTS WHERE EVENT_SCHEMA = 'shop'",
    "SELECT FILE_NAME FROM information_schema.FILES WHERE FILE_TYPE = 'UNDO LOG' AND FILE_NAME IS NOT NULL AND LOGFILE_GROUP_NAME IS NOT NULL",
    // Django
    "SELECT cc.constraint_name, cc.check_clause FROM information_schema.check_constraints AS cc, information_schema.table_constraints AS tc WHERE cc.constraint_schema = DATABASE() AND tc.table_schema = cc.constraint_schema AND cc.constraint_name = tc.constraint_name AND tc.constraint_type = 'CHECK' AND tc.table_name = 'items' ORDER BY 1",
    "SELECT kc.column_name, kc.referenced_table_name, kc.referenced_column_name FROM information_schema.key_column_usage AS kc WHERE kc.table_schema = DATABASE() AND kc.table_name = 'marks' AND kc.referenced_table_name IS NOT NULL",
    "SELECT kc.constraint_name, kc.column_name, c.constraint_type FROM information_schema.key_column_usage AS kc, information_schema.table_constraints AS c WHERE kc.table_schema = DATABASE() AND (kc.referenced_table_schema = DATABASE() OR kc.referenced_table_schema IS NULL) AND c.table_schema = kc.table_schema AND c.constraint_name = kc.constraint_name AND c.table_name = kc.table_name AND c.constraint_type != 'CHECK' AND kc.table_name = 'marks' ORDER BY kc.constraint_name, kc.ordinal_position",
    // TypeORM, Prisma
    "SELECT `TABLE_SCHEMA`, `TABLE_NAME`, `COLUMN_NAME` FROM `INFORMATION_SCHEMA`.`COLUMNS` WHERE `TABLE_SCHEMA` = 'shop' AND `TABLE_NAME` = 'items' UNION ALL SELECT `TABLE_SCHEMA`, `TABLE_NAME`, 'x' FROM `INFORMATION_SCHEMA`.`COLUMNS` WHERE `TABLE_SCHEMA` = 'shop' AND `TABLE_NAME` = 'kinds' ORDER BY 2, 3",
    "SELECT DISTINCT table_info.table_name AS table_name FROM information_schema.tables AS table_info JOIN information_schema.columns AS column_info ON column_info.table_name = table_info.table_name WHERE table_info.table_schema = 'shop' AND column_info.table_schema = 'shop' AND table_info.table_type = 'BASE TABLE' ORDER BY 1",
    // Sequelize
    "SELECT CONSTRAINT_NAME AS constraintName, CONSTRAINT_SCHEMA AS constraintSchema, TABLE_NAME AS tableName, REFERENCED_TABLE_SCHEMA AS referencedTableSchema FROM INFORMATION_SCHEMA.KEY_COLUMN_USAGE WHERE REFERENCED_TABLE_NAME IS NOT NULL AND TABLE_SCHEMA = 'shop'",
    // ActiveRecord
    "SELECT fk.referenced_table_name AS 'to_table', rc.delete_rule AS 'on_delete' FROM information_schema.referential_constraints rc JOIN information_schema.key_column_usage fk USING (constraint_schema, constraint_name) WHERE fk.referenced_column_name IS NOT NULL AND fk.table_schema = database() AND fk.table_name = 'marks' AND rc.constraint_schema = database() AND rc.table_name = 'marks'",
    "SELECT information_schema.TABLES.TABLE_NAME FROM information_schema.TABLES WHERE information_schema.TABLES.TABLE_SCHEMA = 'shop' AND EXISTS (SELECT 1 FROM information_schema.COLUMNS c WHERE c.TABLE_SCHEMA = 'shop' AND c.TABLE_NAME = TABLES.TABLE_NAME AND c.COLUMN_NAME = 'b') ORDER BY 1",
    "SELECT COUNT(*) FROM information_schema.TABLES WHERE TABLE_SCHEMA = 'nowhere'",
];

async fn stage() -> Stage {
    make_account().await;
    let place = Place::new().await;
    // A single table on another shard than the first, of the same server.
    let apart = "CREATE TABLE apart (a INT PRIMARY KEY, CONSTRAINT apart_too CHECK (a <> 7)) COMMENT = 'on the second shard'";
    place.shard(1).await.query_drop(apart).await.unwrap();
    place.plain().await.query_drop(apart).await.unwrap();
    Stage::at(place, BOUND_AND_BROADCAST, &EVERYWHERE, &ONCE).await
}

/// The columns' names, as the server writes them, and the rows.
async fn answer(connection: &mut Conn, sql: &str) -> (Vec<String>, Vec<String>) {
    let rows: Vec<Row> = connection.query(sql).await.unwrap_or_else(|error| {
        panic!("{sql}: {error}");
    });
    let names = rows.first().map(|row| {
        let columns = row.columns_ref().iter();
        columns
            .map(|column| column.name_str().into_owned())
            .collect()
    });
    let rows = rows.into_iter().map(|row| format!("{:?}", row.unwrap()));
    (names.unwrap_or_default(), rows.collect())
}

#[tokio::test]
async fn tables_of_information_schema_show_the_clients_schema() {
    let stage = stage().await;
    let name = stage.place.name().to_owned();
    let (mut app, mut plain) = (stage.app().await, stage.place.plain().await);
    for statement in STATEMENTS {
        let statement = statement
            .replace("'shop'", &format!("'{name}'"))
            .replace("_in_shop`", &format!("_in_{name}`"));
        let (ours, theirs) = (
            answer(&mut app, &statement).await,
            answer(&mut plain, &statement).await,
        );
        assert_eq!(ours, theirs, "{statement}");
    }
    app.query_drop("USE information_schema").await.unwrap();
    let sql = format!("SELECT table_name FROM tables WHERE table_schema = '{name}' ORDER BY 1");
    assert_eq!(answer(&mut app, &sql).await.1.len(), 6);
}

#[tokio::test]
async fn no_other_schema_is_shown() {
    let stage = stage().await;
    let name = stage.place.name().to_owned();
    let mut app = stage.app().await;
    for (column, table) in [
        ("TABLE_SCHEMA", "TABLES"),
        ("SCHEMA_NAME", "SCHEMATA"),
        ("TABLE_SCHEMA", "COLUMNS"),
    ] {
        let sql = format!("SELECT DISTINCT {column} FROM information_schema.{table}");
        let mut schemas: Vec<String> = app.query(&sql).await.unwrap();
        schemas.sort();
        assert_eq!(schemas, ["information_schema", name.as_str()], "{sql}");
    }
    let prepared: Vec<String> = app
        .exec(
            "SELECT TABLE_NAME FROM information_schema.TABLES WHERE TABLE_SCHEMA = ? AND TABLE_NAME LIKE ?",
            (&name, "k%"),
        )
        .await
        .unwrap();
    assert_eq!(prepared, ["kinds"]);
    // A single table where the others are not known.
    let mut third = stage.place.shard(2).await;
    third
        .query_drop("CREATE TABLE far (a INT PRIMARY KEY)")
        .await
        .unwrap();
    tokio::time::sleep(std::time::Duration::from_millis(1100)).await;
    app.query_drop("INSERT INTO far VALUES (1)").await.unwrap();
    let sql = "SELECT COUNT(*) FROM information_schema.TABLES";
    let refused = app.query_drop(sql).await.unwrap_err().to_string();
    assert!(refused.contains("information_schema.TABLES"), "{refused}");
}

/// The cells of rows as text, by their columns' names.
fn cells(rows: Vec<Row>, names: &[&str]) -> Vec<Vec<String>> {
    let cell = |row: &Row, name: &&str| {
        let value: mysql_async::Value = row.get(*name).unwrap_or(mysql_async::Value::NULL);
        match value {
            mysql_async::Value::Bytes(bytes) => String::from_utf8(bytes).unwrap(),
            other => other.as_sql(true).trim_matches('\'').to_owned(),
        }
    };
    let of_row = |row: Row| names.iter().map(|name| cell(&row, name)).collect();
    rows.into_iter().map(of_row).collect()
}

/// What the shards count of their tables is what one server counts of the whole table; both as text and
/// in binary rows.
#[tokio::test]
async fn rows_and_bytes_of_all_shards_are_added_up() {
    let stage = stage().await;
    let mut app = stage.app().await;
    let mut plain = stage.place.plain().await;
    for connection in [&mut app, &mut plain] {
        let rows: Vec<String> = (0..400)
            .map(|id| format!("({id}, {}, 'b{}')", id % 7, id % 5))
            .collect();
        let items = format!("INSERT INTO items (id, a, b) VALUES {}", rows.join(","));
        connection.query_drop(items).await.unwrap();
        connection
            .query_drop("INSERT INTO kinds VALUES (1, 'x'), (2, 'y')")
            .await
            .unwrap();
        connection
            .query_drop("ANALYZE TABLE items, kinds")
            .await
            .unwrap();
    }
    let statistics = "SELECT INDEX_NAME, SEQ_IN_INDEX, CARDINALITY FROM information_schema.STATISTICS \
                      WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = 'items' AND INDEX_NAME = 'PRIMARY'";
    let tables = "SELECT TABLE_NAME, TABLE_ROWS FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE() \
                  AND TABLE_NAME IN ('items', 'kinds') AND TABLE_ROWS > 0 ORDER BY 1";
    let index = ["Table", "Key_name", "Seq_in_index", "Cardinality"];
    let status = ["Name", "Rows"];
    let cases: [(&str, &[&str]); 6] = [
        (statistics, &["INDEX_NAME", "SEQ_IN_INDEX", "CARDINALITY"]),
        (tables, &["TABLE_NAME", "TABLE_ROWS"]),
        ("SHOW INDEX FROM items WHERE Key_name = 'PRIMARY'", &index),
        ("SHOW INDEX FROM kinds WHERE Key_name = 'PRIMARY'", &index),
        ("SHOW TABLE STATUS LIKE 'items'", &status),
        ("SHOW TABLE STATUS WHERE Name = 'kinds'", &status),
    ];
    for (sql, names) in cases {
        let theirs: Vec<Row> = plain.query(sql).await.unwrap();
        let theirs = cells(theirs, names);
        let as_text: Vec<Row> = app
            .query(sql)
            .await
            .unwrap_or_else(|error| panic!("{sql}: {error}"));
        assert_eq!(cells(as_text, names), theirs, "{sql}");
        let prepared: Vec<Row> = app
            .exec(sql, ())
            .await
            .unwrap_or_else(|error| panic!("{sql}: {error}"));
        assert_eq!(cells(prepared, names), theirs, "{sql}, prepared");
    }
    let mut bytes = 0;
    let length = "SELECT DATA_LENGTH FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = 'items'";
    for shard in 0..4 {
        let length: Option<u64> = stage
            .place
            .shard(shard)
            .await
            .query_first(length)
            .await
            .unwrap();
        bytes += length.unwrap();
    }
    assert_eq!(
        app.query_first::<u64, _>(length).await.unwrap(),
        Some(bytes)
    );
    let status: Vec<Row> = app.query("SHOW TABLE STATUS LIKE 'items'").await.unwrap();
    assert_eq!(cells(status, &["Data_length"]), [[bytes.to_string()]]);
    for refused in [
        "SHOW TABLE STATUS WHERE `Rows` > 100",
        "SHOW INDEX FROM items WHERE Cardinality > 100",
    ] {
        let error = app.query_drop(refused).await.unwrap_err().to_string();
        assert!(error.contains("1235"), "{error}");
    }
}

/// The sessions that a client sees are the proxy's: its own user's.
#[tokio::test]
async fn the_process_lists_show_the_proxys_sessions() {
    let stage = stage().await;
    let (mut app, other) = (stage.app().await, stage.app().await);
    let ids = {
        let mut ids = vec![app.id(), other.id()];
        ids.sort_unstable();
        ids
    };
    for sql in [
        "SELECT ID FROM information_schema.PROCESSLIST ORDER BY ID",
        "SELECT p.id FROM performance_schema.processlist p WHERE p.db = DATABASE() ORDER BY p.id",
        "SELECT information_schema.processlist.id FROM information_schema.processlist WHERE command IN ('Query', 'Sleep') ORDER BY 1",
        "SELECT p.ID FROM information_schema.processlist p JOIN information_schema.ENGINES e ON e.ENGINE = 'InnoDB' ORDER BY p.ID",
    ] {
        assert_eq!(app.query::<u32, _>(sql).await.unwrap(), ids, "{sql}");
        assert_eq!(app.exec::<u32, _, _>(sql, ()).await.unwrap(), ids, "{sql}");
    }
    let own = "SELECT * FROM information_schema.PROCESSLIST WHERE ID = CONNECTION_ID()";
    let columns = answer(&mut app, own).await.0;
    assert_eq!(
        columns,
        [
            "ID", "USER", "HOST", "DB", "COMMAND", "TIME", "STATE", "INFO"
        ]
    );
    let info: Vec<String> = app
        .exec(
            "SELECT INFO FROM information_schema.PROCESSLIST WHERE ID = ?",
            (app.id(),),
        )
        .await
        .unwrap();
    assert_eq!(
        info,
        ["SELECT INFO FROM information_schema.PROCESSLIST WHERE ID = ?"]
    );
}
