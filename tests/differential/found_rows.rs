//! FOUND_ROWS() behind every kind of statement, on one shard and over several.

use mysql_async::prelude::Queryable;
use shardwell::wire::CapabilityFlags;

use super::common::Place;
use super::pair::{CLIENTS, Pair, Stage, assert_same};
use super::prepared::int;
use super::replies::on_mariadb;

const TABLES: &str = r#"
[schemas.shop.tables.items]
key = "id"
algorithm = "hash_mod"
[schemas.shop.tables.marks]
key = "item"
bind = "items"
[schemas.shop.tables.kinds]
kind = "broadcast"
[schemas.shop_one]
shards = ["a/shop_one"]
"#;

const DEFINITIONS: &[&str] = &[
    "CREATE TABLE items (id BIGINT PRIMARY KEY, a INT, b INT)",
    "CREATE TABLE marks (item BIGINT, n INT, PRIMARY KEY (item, n))",
    "CREATE TABLE kinds (id INT PRIMARY KEY, a INT)",
    "INSERT INTO kinds VALUES (1, 1), (2, 2), (3, 3)",
];

const SINGLE: &[&str] = &[
    "CREATE TABLE t (a INT PRIMARY KEY, b INT, c INT)",
    "CREATE TABLE u (a INT PRIMARY KEY, b INT)",
    "CREATE TABLE l (a INT, b INT)",
    "INSERT INTO t VALUES (1, 1, 1), (2, 2, 2), (3, 3, 3), (4, 4, 4)",
    "INSERT INTO u VALUES (1, 1), (2, 2)",
    "CREATE PROCEDURE given() BEGIN SELECT 1 UNION SELECT 2; UPDATE t SET b = b + 1; END",
    "CREATE PROCEDURE counted() BEGIN SELECT SQL_CALC_FOUND_ROWS a FROM t LIMIT 1; END",
    "CREATE PROCEDURE silent() BEGIN UPDATE t SET b = b + 1; END",
    "CREATE FUNCTION looked() RETURNS INT READS SQL DATA RETURN (SELECT MAX(a) FROM t)",
];

/// In a schema with one shard.
const ON_ONE: &[&str] = &[
    "UPDATE t SET b = b + 1",
    "UPDATE t SET b = 5",
    "UPDATE t SET b = 5",
    "UPDATE t SET b = 6 WHERE a < 3",
    "UPDATE t SET b = 6 WHERE a = 300",
    "UPDATE t SET b = 6 WHERE a = NULL",
    "UPDATE t SET b = 6 WHERE 1 = 0",
    "UPDATE t SET b = 7 ORDER BY a LIMIT 3",
    "UPDATE t SET b = 8 LIMIT 0",
    "UPDATE IGNORE t SET a = 1",
    "UPDATE t SET a = 1",
    "UPDATE t SET nope = 1",
    "UPDATE t, u SET t.b = 9 WHERE t.a = u.a",
    "UPDATE t JOIN u USING (a) SET t.b = 10, u.b = 10",
    "UPDATE t JOIN u USING (a) SET t.b = 10 WHERE 1 = 0",
    "UPDATE t SET b = (SELECT MAX(b) FROM u)",
    "UPDATE t SET b = 77 WHERE a IN (SELECT a FROM u)",
    "UPDATE t SET b = 77 WHERE a > (SELECT MAX(a) FROM u)",
    "UPDATE t SET b = LAST_INSERT_ID(5)",
    "INSERT INTO t VALUES (10, 1, 1)",
    "INSERT INTO t VALUES (11, 1, 1), (12, 1, 1)",
    "INSERT INTO t VALUES (11, 1, 1), (13, 1, 1)",
    "INSERT INTO t VALUES (LAST_INSERT_ID(14), 1, 1)",
    "INSERT IGNORE INTO t VALUES (11, 1, 1), (13, 1, 1)",
    "INSERT INTO t VALUES (11, 1, 1) ON DUPLICATE KEY UPDATE b = b + 1",
    "INSERT INTO t VALUES (16, (SELECT MAX(b) FROM u), 1)",
    "INSERT INTO t (a, b) SELECT a + 100, b FROM u",
    "INSERT IGNORE INTO t (a, b) SELECT a, b FROM u",
    "INSERT INTO t (a, b) SELECT a, b FROM u ON DUPLICATE KEY UPDATE c = 3",
    "INSERT INTO t (a, b) SELECT a, b FROM u WHERE a > 100",
    "INSERT INTO t (a, b) SELECT a + 310, b FROM u LIMIT 1",
    "INSERT INTO t (a, b) SELECT SQL_CALC_FOUND_ROWS a + 320, b FROM u LIMIT 1",
    "INSERT INTO t (a, b) SELECT a + 330, b FROM u ORDER BY a LIMIT 1 OFFSET 1",
    "INSERT INTO t (a, b) SELECT a, b FROM u",
    "INSERT INTO t (a) (SELECT 420)",
    "INSERT INTO t (a) SELECT MAX(a) + 1000 FROM u",
    "INSERT INTO t (a) SELECT COUNT(*) + 2000 FROM u",
    "INSERT INTO t (a) SELECT 3000 UNION SELECT 3001 LIMIT 1",
    "INSERT INTO t (a) SELECT TRIM('x' FROM '3100')",
    "REPLACE INTO t VALUES (11, 1, 1), (500, 1, 1)",
    "REPLACE INTO t (a, b) SELECT a, b FROM u",
    "DELETE FROM t WHERE a = 500",
    "DELETE FROM t WHERE a > 300 ORDER BY a LIMIT 1",
    "DELETE FROM t WHERE a > 5000",
    "DELETE FROM t WHERE a IN (SELECT a FROM u WHERE a > 5)",
    "DELETE t FROM t JOIN u USING (a) WHERE a = 2",
    "DELETE FROM t USING t JOIN u USING (a) WHERE a = 100",
    "DELETE FROM l",
    "SELECT a INTO @x FROM t WHERE a = 1",
    "SELECT a INTO @x FROM t WHERE a = 9999",
    "SELECT a INTO @x FROM t",
    "SELECT SQL_CALC_FOUND_ROWS a INTO @x FROM t LIMIT 1",
    "SELECT MAX(a) INTO @x FROM t",
    "SELECT 1 INTO @x",
    "SET @x = 1",
    "SET @x = (SELECT COUNT(*) FROM t)",
    "SET sql_mode = DEFAULT",
    "SET autocommit = 1",
    "DO 1",
    "DO (SELECT MAX(a) FROM t)",
    "DO looked()",
    "SELECT looked() FROM u",
    "CALL given()",
    "CALL counted()",
    "CALL silent()",
    "SHOW TABLES",
    "SHOW TABLES LIKE 'x%'",
    "SHOW VARIABLES LIKE 'sql_mode'",
    "SHOW WARNINGS",
    "SHOW ERRORS",
    "SHOW COUNT(*) WARNINGS",
    "SHOW CREATE TABLE t",
    "SHOW COLUMNS FROM t",
    "SHOW FULL FIELDS FROM t",
    "SHOW INDEX FROM t",
    "SHOW ENGINES",
    "SHOW CREATE PROCEDURE given",
    "SHOW COLLATION LIKE 'utf8mb4_b%'",
    "SHOW CHARACTER SET LIKE 'utf8%'",
    "SHOW PRIVILEGES",
    "SHOW PROFILES",
    "DESCRIBE t",
    "DESC t a",
    "EXPLAIN SELECT * FROM t",
    "EXPLAIN UPDATE t SET b = 1",
    "EXPLAIN SELECT 1",
    "CREATE TABLE cs SELECT a FROM t WHERE a < 3",
    "CREATE TABLE IF NOT EXISTS cs SELECT a FROM t WHERE a < 3",
    "CREATE TABLE ct SELECT 1",
    "CREATE TABLE cu SELECT SQL_CALC_FOUND_ROWS a FROM t LIMIT 1",
    "CREATE TABLE cv (a INT)",
    "CREATE INDEX i ON cv (a)",
    "ALTER TABLE cs ADD x INT",
    "ALTER TABLE cs ENGINE = InnoDB, ALGORITHM = COPY",
    "ANALYZE TABLE t",
    "CHECK TABLE t, u",
    "CHECKSUM TABLE t",
    "TRUNCATE TABLE cs",
    "DROP TABLE cs, ct, cu, cv",
    "DROP TABLE IF EXISTS nosuch",
    "BEGIN",
    "UPDATE t SET c = 2",
    "SAVEPOINT s",
    "ROLLBACK TO s",
    "COMMIT",
    "LOCK TABLES t WRITE",
    "UNLOCK TABLES",
    "HANDLER t OPEN",
    "HANDLER t READ FIRST LIMIT 3",
    "HANDLER t CLOSE",
    "PREPARE s1 FROM 'SELECT a FROM t'",
    "EXECUTE s1",
    "PREPARE s1 FROM 'UPDATE t SET b = b + 1 WHERE a < ?'",
    "SET @n = 3",
    "EXECUTE s1 USING @n",
    "DEALLOCATE PREPARE s1",
    "PREPARE s1 FROM 'DELETE FROM t WHERE a > 10000'",
    "EXECUTE s1",
    "PREPARE s1 FROM 'nonsense'",
    "SELECT 1 LIMIT 0",
    "SELECT a FROM t LIMIT 2, 1",
    "(SELECT a FROM t LIMIT 2, 1)",
    "SELECT SQL_CALC_FOUND_ROWS a FROM t LIMIT 2, 1",
    "SELECT a FROM nosuch",
    "SELECT nope FROM t",
    "SELECT (SELECT a FROM t)",
    "nonsense",
    "SELECT 1 UNION SELECT 2 LIMIT 1",
    "(SELECT a FROM t) UNION (SELECT 1) LIMIT 2",
    "SELECT SQL_CALC_FOUND_ROWS 1 UNION SELECT 2 LIMIT 1",
    "SELECT * FROM (SELECT 1 UNION SELECT 2) x LIMIT 1",
    "GET DIAGNOSTICS @n = NUMBER",
    "USE nosuch",
];

const UNTOLD: &[&str] = &[
    "CALL silent()",
    "(SELECT a FROM t LIMIT 2, 1)",
    "DELETE FROM t WHERE a IN (SELECT a FROM u WHERE a > 5)",
    "INSERT INTO t (a, b) SELECT a + 330, b FROM u ORDER BY a LIMIT 1 OFFSET 1",
    "INSERT INTO t VALUES (16, (SELECT MAX(b) FROM u), 1)",
    "SELECT a FROM t LIMIT 2, 1",
    "UPDATE t SET b = 77 WHERE a > (SELECT MAX(a) FROM u)",
    "UPDATE t SET b = 77 WHERE a IN (SELECT a FROM u)",
];

const UNTOLD_ON_MYSQL: &[&str] = &[
    "UPDATE t SET b = 6 WHERE 1 = 0",
    "UPDATE t SET b = 6 WHERE a = 300",
    "UPDATE t SET b = 6 WHERE a = NULL",
    "UPDATE t SET b = 8 LIMIT 0",
];

const UNTOLD_ON_MARIADB: &[&str] = &[
    "(SELECT a FROM t) UNION (SELECT 1) LIMIT 2",
    "CREATE TABLE ct SELECT 1",
    "CREATE TABLE cu SELECT SQL_CALC_FOUND_ROWS a FROM t LIMIT 1",
    "DELETE FROM t USING t JOIN u USING (a) WHERE a = 100",
    "DELETE t FROM t JOIN u USING (a) WHERE a = 2",
    "DO (SELECT MAX(a) FROM t)",
    "EXPLAIN SELECT * FROM t",
    "EXPLAIN SELECT 1",
    "EXPLAIN UPDATE t SET b = 1",
    "INSERT INTO t (a) (SELECT 420)",
    "INSERT INTO t (a) SELECT 3000 UNION SELECT 3001 LIMIT 1",
    "INSERT INTO t (a) SELECT COUNT(*) + 2000 FROM u",
    "INSERT INTO t (a) SELECT MAX(a) + 1000 FROM u",
    "INSERT INTO t (a) SELECT TRIM('x' FROM '3100')",
    "INSERT INTO t (a, b) SELECT SQL_CALC_FOUND_ROWS a + 320, b FROM u LIMIT 1",
    "INSERT INTO t (a, b) SELECT a + 100, b FROM u",
    "INSERT INTO t (a, b) SELECT a, b FROM u",
    "SELECT (SELECT a FROM t)",
    "SELECT 1 INTO @x",
    "SELECT 1 UNION SELECT 2 LIMIT 1",
    "SELECT MAX(a) INTO @x FROM t",
    "SELECT a INTO @x FROM t",
    "SET @x = (SELECT COUNT(*) FROM t)",
    "UPDATE t JOIN u USING (a) SET t.b = 10 WHERE 1 = 0",
    "UPDATE t JOIN u USING (a) SET t.b = 10, u.b = 10",
    "UPDATE t SET b = (SELECT MAX(b) FROM u)",
    "UPDATE t, u SET t.b = 9 WHERE t.a = u.a",
];

/// On tables of four shards.
const ON_SEVERAL: &[&str] = &[
    "INSERT INTO items VALUES (1, 1, 1), (2, 2, 2), (3, 3, 3), (4, 4, 4), (5, 5, 5), (6, 6, 6)",
    "INSERT INTO marks SELECT id, 1 FROM items",
    "INSERT INTO marks SELECT id + 1, 2 FROM items",
    "UPDATE items SET a = 5",
    "UPDATE items SET a = 5",
    "UPDATE items SET a = 6 WHERE id IN (1, 2, 3)",
    "UPDATE items SET a = 6 WHERE id = 2",
    "UPDATE items SET a = 6 WHERE id > 100",
    "UPDATE items SET a = 6 WHERE id = NULL",
    "UPDATE items SET a = 7 ORDER BY id LIMIT 2",
    "UPDATE items JOIN marks ON marks.item = items.id SET a = 8",
    "UPDATE items JOIN marks ON marks.n = items.a SET items.b = 8",
    "UPDATE items SET id = id + 100 WHERE id = 6",
    "UPDATE items SET b = (SELECT MAX(a) FROM kinds)",
    "UPDATE kinds SET a = 4",
    "UPDATE kinds SET a = 4",
    "INSERT INTO kinds SELECT id + 10, a FROM kinds",
    "INSERT INTO kinds VALUES (20, 1)",
    "DELETE FROM kinds WHERE id > 10",
    "REPLACE INTO items SELECT * FROM items WHERE id < 4",
    "SELECT id FROM items",
    "SELECT id FROM items ORDER BY id LIMIT 2",
    "SELECT id FROM items ORDER BY id LIMIT 1, 2",
    "SELECT SQL_CALC_FOUND_ROWS id FROM items ORDER BY id LIMIT 2",
    "SELECT id FROM items UNION SELECT 1 LIMIT 2",
    "SELECT a.id FROM items a JOIN items b ON a.a = b.b",
    "SELECT a.id FROM items a JOIN marks b ON a.a = b.n ORDER BY 1 LIMIT 1, 1",
    "SELECT (SELECT id FROM items)",
    "INSERT INTO items VALUES (1, 1, 1), (2, 2, 2), (3, 3, 3)",
    "DELETE items FROM items JOIN marks ON marks.n = items.a",
    "CHECK TABLE items",
    "ANALYZE TABLE items",
    "ALTER TABLE items ADD z INT",
    "ALTER TABLE items DROP COLUMN z",
    "SHOW CREATE TABLE items",
    "SHOW COLUMNS FROM items",
    "DELETE FROM items WHERE id > 3",
    "DELETE FROM items",
    "DELETE FROM marks",
];

const SEVERAL_UNTOLD: &[&str] =
    &["SELECT a.id FROM items a JOIN marks b ON a.a = b.n ORDER BY 1 LIMIT 1, 1"];

const SEVERAL_UNTOLD_ON_MYSQL: &[&str] = &[
    "UPDATE items SET a = 6 WHERE id = NULL",
    "UPDATE items SET a = 6 WHERE id > 100",
];

const SEVERAL_UNTOLD_ON_MARIADB: &[&str] = &[
    "DELETE items FROM items JOIN marks ON marks.n = items.a",
    "SELECT (SELECT id FROM items)",
    "SELECT id FROM items UNION SELECT 1 LIMIT 2",
    "UPDATE items JOIN marks ON marks.item = items.id SET a = 8",
    "UPDATE items JOIN marks ON marks.n = items.a SET items.b = 8",
    "UPDATE items SET b = (SELECT MAX(a) FROM kinds)",
];

const SEVEN: &str = "SELECT 1 UNION SELECT 2 UNION SELECT 3 UNION SELECT 4 UNION SELECT 5 UNION \
                     SELECT 6 UNION SELECT 7";

/// A stage with the tables of one shard, and the procedures, in a schema of their own.
async fn stage() -> (Stage, String) {
    let place = Place::new().await;
    let schema = format!("{}_one", place.name());
    for mut server in [place.shard(0).await, place.plain().await] {
        let create = format!("CREATE DATABASE {schema}");
        for statement in [&create, &format!("USE {schema}")] {
            server.query_drop(statement).await.unwrap();
        }
        for definition in SINGLE {
            server.query_drop(*definition).await.expect(definition);
        }
    }
    let stage = Stage::at(place, TABLES, DEFINITIONS, &[]).await;
    (stage, schema)
}

/// Runs statements, each behind one that found seven rows, and compares FOUND_ROWS(). Behind those of
/// `untold` the proxy may say that it does not know.
async fn compare(pair: &mut Pair, statements: &[&str], untold: &[&str]) -> Vec<String> {
    let mut differences = Vec::new();
    for sql in statements {
        pair.query(SEVEN).await;
        for side in [&mut pair.proxy, &mut pair.plain] {
            side.query(sql.as_bytes()).await;
        }
        if pair.rows_or_refusal("SELECT FOUND_ROWS()").await && !untold.contains(sql) {
            differences.push(format!("refused behind {sql}"));
        }
        let told = pair.take_differences();
        differences.extend(told.map(|told| format!("behind {sql}: {told}")));
    }
    differences
}

/// What is not known on both kinds of servers, and what is not on one of them.
async fn untold(
    both: &[&'static str],
    mysql: &[&'static str],
    mariadb: &[&'static str],
) -> Vec<&'static str> {
    let others = if on_mariadb().await { mariadb } else { mysql };
    both.iter().chain(others).copied().collect()
}

#[tokio::test]
async fn found_rows_behind_statements_on_one_shard() {
    let (stage, schema) = stage().await;
    let untold = untold(UNTOLD, UNTOLD_ON_MYSQL, UNTOLD_ON_MARIADB).await;
    let mut differences = Vec::new();
    for (name, extras) in [CLIENTS[1], CLIENTS[3]] {
        let mut pair = stage.pair(extras).await;
        pair.query(format!("USE {schema}")).await;
        let different = compare(&mut pair, ON_ONE, &untold).await;
        differences.extend(different.iter().map(|text| format!("{name}: {text}")));
    }
    assert_same(&differences);
}

#[tokio::test]
async fn found_rows_behind_statements_on_several_shards() {
    let (stage, _) = stage().await;
    let untold = untold(
        SEVERAL_UNTOLD,
        SEVERAL_UNTOLD_ON_MYSQL,
        SEVERAL_UNTOLD_ON_MARIADB,
    )
    .await;
    let mut differences = Vec::new();
    for (name, extras) in [CLIENTS[1], CLIENTS[3]] {
        let mut pair = stage.pair(extras).await;
        let different = compare(&mut pair, ON_SEVERAL, &untold).await;
        differences.extend(different.iter().map(|text| format!("{name}: {text}")));
    }
    assert_same(&differences);
}

/// Prepared, loaded, and several in one command.
#[tokio::test]
async fn found_rows_behind_other_commands() {
    let (stage, schema) = stage().await;
    let mut pair = stage
        .pair(CapabilityFlags::CLIENT_MULTI_STATEMENTS | CapabilityFlags::CLIENT_LOCAL_FILES)
        .await;
    pair.query(format!("USE {schema}")).await;
    let asks = "SELECT FOUND_ROWS()";
    for (sql, param) in [
        ("UPDATE t SET b = b + 1 WHERE a < ?", 3),
        ("INSERT INTO l SELECT a, b FROM t WHERE a > ?", 1),
        ("DELETE FROM l WHERE a = ?", 2),
        ("SELECT a FROM t WHERE a > ?", 2),
    ] {
        pair.query(SEVEN).await;
        pair.prepared(sql, &[&[int(param)]]).await;
        assert!(!pair.rows_or_refusal(asks).await, "{sql}");
    }
    pair.query(SEVEN).await;
    pair.load(
        "LOAD DATA LOCAL INFILE 'f' INTO TABLE l",
        b"1\t2\n3\t4\n",
        5,
    )
    .await;
    assert!(!pair.rows_or_refusal(asks).await);
    for sql in [
        "SELECT 1 UNION SELECT 2; UPDATE t SET b = b + 1; SELECT FOUND_ROWS()",
        "SELECT 1 UNION SELECT 2; INSERT INTO l VALUES (1, 1); SELECT FOUND_ROWS()",
        "SELECT 1 UNION SELECT 2; INSERT INTO l SELECT a, b FROM t; SELECT FOUND_ROWS()",
        "SELECT 1 UNION SELECT 2; DO 1; SELECT FOUND_ROWS()",
    ] {
        pair.values(sql).await;
    }
    assert_same(&pair.into_differences("other commands"));
}
