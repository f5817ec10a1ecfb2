//! UPDATEs that change sharding keys: rows move to other shards, and the answer is one MySQL's.

use mysql_async::prelude::Queryable;
use shardwell::cli::demo::program::Flavor;
use shardwell::wire::CapabilityFlags;

use super::common::servers;
use super::dice::Dice;
use super::pair::{Stage, assert_same};
use super::prepared::{Param, int, null, text};
use super::rows::{change_at_random, change_with_every_client};

const TABLES: &str = r#"
[schemas.shop.tables.items]
key = "id"
algorithm = "hash_mod"
[schemas.shop.tables.orders]
key = "customer"
algorithm = "hash_mod"
[schemas.shop.tables.names]
key = "name"
algorithm = "hash_mod"
[schemas.shop.tables.kinds]
key = ["a", "b"]
algorithm = "hash_mod"
[schemas.shop.tables.marks]
key = "customer"
algorithm = "hash_mod"
[schemas.shop.tables.heap]
key = "k"
algorithm = "hash_mod"
[schemas.shop.tables.watched]
key = "k"
algorithm = "hash_mod"
[schemas.shop.tables.parents]
key = "k"
algorithm = "hash_mod"
[schemas.shop.tables.children]
key = "k"
bind = "parents"
"#;

const DEFINITIONS: &[&str] = &[
    "CREATE TABLE items (id BIGINT PRIMARY KEY, a INT, b VARCHAR(6) NOT NULL, c TINYINT DEFAULT 7)",
    "CREATE TABLE orders (id INT AUTO_INCREMENT PRIMARY KEY, customer INT NOT NULL, n INT, \
     note VARCHAR(20) DEFAULT 'none', twice INT AS (n * 2), kept INT AS (n + 1) STORED, \
     UNIQUE (customer, n), CHECK (n < 1000))",
    "CREATE TABLE names (name VARCHAR(10) PRIMARY KEY, n INT)",
    "CREATE TABLE kinds (a INT, b INT, n INT, PRIMARY KEY (b, a))",
    "CREATE TABLE marks (id INT, customer INT, n INT CHECK (n < 1000), note VARCHAR(4), \
     PRIMARY KEY (customer, id), UNIQUE (n, customer))",
    "CREATE TABLE heap (k INT, n INT)",
    "CREATE TABLE watched (id INT PRIMARY KEY, k INT)",
    "CREATE TABLE parents (k INT PRIMARY KEY)",
    "CREATE TABLE children (id INT, k INT, PRIMARY KEY (k, id), FOREIGN KEY (k) REFERENCES parents (k))",
    "CREATE TRIGGER watched_bu BEFORE UPDATE ON watched FOR EACH ROW SET NEW.id = NEW.id",
];

const ROWS: [&str; 8] = [
    "SELECT * FROM marks",
    "SELECT * FROM items",
    "SELECT * FROM orders",
    "SELECT * FROM names",
    "SELECT * FROM kinds",
    "SELECT * FROM heap",
    "SELECT * FROM watched",
    "SELECT * FROM children",
];

async fn staged() -> Stage {
    Stage::new(TABLES, DEFINITIONS, &[]).await
}

/// What every server must say word for word.
const STATEMENTS: &[&str] = &[
    "INSERT INTO items VALUES (1, 1, 'a', 1), (2, 2, 'b', 2), (3, 3, 'c', 3), (4, 4, 'd', 4), (5, 1, 'e', 5)",
    "INSERT INTO orders (id, customer, n) VALUES (1, 1, 1), (2, 1, 2), (3, 2, 1), (4, 3, 1), (5, 4, 9)",
    "INSERT INTO names VALUES ('ann', 1), ('bob', 2), ('cyd', 3), ('dan', 4)",
    "INSERT INTO kinds VALUES (1, 1, 1), (1, 2, 2), (2, 1, 3), (2, 2, 4)",
    // The key is the primary key.
    "UPDATE items SET id = 11 WHERE id = 1",
    "SELECT ROW_COUNT()",
    "SELECT * FROM items WHERE id = 11",
    "UPDATE items SET id = 2 WHERE id = 11",
    "UPDATE items SET id = 11 WHERE id = 11",
    "UPDATE items SET id = '11', a = 5 WHERE id = 11",
    "UPDATE items SET id = id + 100, a = a + 1",
    "SELECT ROW_COUNT()",
    "UPDATE items SET id = id + 1000, b = CONCAT('x', id), c = DEFAULT WHERE a < 5",
    "UPDATE items SET a = id, b = 'y', id = id * 2 WHERE id > 100 ORDER BY id DESC",
    "UPDATE items AS i SET i.id = i.id + 1, c = NULL WHERE i.a > 1000",
    "UPDATE items SET id = NULL WHERE a > 0",
    "UPDATE items SET id = 'none' WHERE a > 0",
    "UPDATE items SET id = 9223372036854775808 WHERE a > 0",
    "UPDATE items SET id = 77 WHERE a > 0",
    "UPDATE items SET id = 77, b = 'far too long' WHERE id = 210",
    "UPDATE items SET id = 77, b = NULL WHERE id = 210",
    "UPDATE items SET id = 77, nope = 1 WHERE id = 210",
    "UPDATE items SET id = 77 WHERE nope = 210",
    "UPDATE items SET id = nope WHERE id = 210",
    "UPDATE items SET id = 77 WHERE id = 99999",
    "UPDATE items SET id = id + 1 WHERE a = -1",
    // The key is not the primary key.
    "UPDATE orders SET customer = 7 WHERE id = 1",
    "UPDATE orders SET customer = 7 WHERE id = 1",
    "UPDATE orders SET customer = 7, n = 8 WHERE id = 1",
    "UPDATE orders SET customer = 7 WHERE customer = 1",
    "UPDATE orders SET customer = 1, n = 1 WHERE customer = 7",
    "UPDATE orders SET customer = customer + 10, note = 'moved'",
    "UPDATE orders SET customer = customer + 10, n = n + 1 WHERE n < 9",
    "UPDATE orders SET customer = 5 WHERE n = 9 OR id = 3",
    "UPDATE orders SET customer = 6, n = 1000 WHERE customer = 5",
    "SELECT * FROM orders ORDER BY id",
    "UPDATE orders SET customer = 99 ORDER BY n, id LIMIT 2",
    "UPDATE orders SET customer = 98 WHERE customer = 99 ORDER BY id LIMIT 1",
    "UPDATE orders SET customer = 90 + id, n = 3 ORDER BY id DESC LIMIT 3",
    "UPDATE orders SET customer = 12 LIMIT 0",
    "SELECT * FROM orders ORDER BY id",
    "UPDATE names SET name = 'eve' WHERE name = 'bob'",
    "UPDATE names SET name = 'Eve' WHERE name = 'eve'",
    "UPDATE names SET name = 'it''s' WHERE n = 3",
    "UPDATE names SET name = 'ann' WHERE n = 3",
    "UPDATE names SET name = CONCAT('z', name) WHERE n = 4",
    "UPDATE kinds SET a = 5 WHERE b = 1",
    "UPDATE kinds SET a = a + 7, b = b + 7 WHERE n < 4",
    "UPDATE kinds SET b = 3, a = 3 WHERE n = 4",
    "UPDATE kinds SET a = 3 WHERE a = 3 AND b = 3",
    // In transactions.
    "BEGIN",
    "UPDATE orders SET customer = 50 WHERE id = 2",
    "SAVEPOINT s",
    "UPDATE orders SET customer = customer + 100",
    "SELECT id, customer, n FROM orders ORDER BY id",
    "UPDATE orders SET customer = 150, n = 2",
    "SELECT id, customer, n FROM orders ORDER BY id",
    "ROLLBACK TO s",
    "SELECT id, customer, n FROM orders ORDER BY id",
    "UPDATE orders SET customer = 51 WHERE id = 3",
    "COMMIT",
    "SELECT id, customer, n FROM orders ORDER BY id",
    "START TRANSACTION READ ONLY",
    "UPDATE orders SET customer = 52 WHERE id = 3",
    "ROLLBACK",
    "SET autocommit = 0",
    "UPDATE orders SET customer = 53 WHERE id = 4",
    "ROLLBACK",
    "UPDATE orders SET customer = 54 WHERE id = 4",
    "COMMIT",
    "SET autocommit = 1",
    "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED",
    "UPDATE orders SET customer = customer + 200 WHERE id < 4",
    "UPDATE watched SET k = 4 WHERE id = 1",
    "UPDATE heap SET k = k WHERE k = 5",
    // By the server's own text protocol statements.
    "SET @k = 70, @i = 2",
    "PREPARE p FROM 'UPDATE orders SET customer = ?, n = ? WHERE id = ?'",
    "EXECUTE p USING @k, @i, @i",
    "SELECT id, customer, n FROM orders ORDER BY id",
];

#[tokio::test]
async fn rows_move_as_one_server_would_change_them() {
    let different = async |stage: Stage| stage.different_rows(&ROWS).await;
    change_with_every_client(staged, STATEMENTS, different).await;
}

/// What is not done says so and changes nothing.
#[tokio::test]
async fn what_cannot_be_moved_exactly_is_refused() {
    let stage = staged().await;
    let rows = [
        "INSERT INTO items (id, b) VALUES (1, 'a'), (2, 'b'), (3, 'c'), (4, 'd')",
        "INSERT INTO names VALUES ('ann', 1), ('bob', 2)",
        "INSERT INTO heap VALUES (1, 1), (2, 2)",
        "INSERT INTO watched VALUES (1, 1), (2, 2)",
        "INSERT INTO parents VALUES (1), (2), (3), (4)",
        "INSERT INTO children VALUES (1, 1), (2, 2), (3, 3)",
        "INSERT INTO orders (id, customer, n) VALUES (1, 1, 1), (2, 2, 2), (3, 3, 1), (4, 4, 1)",
    ];
    for sql in rows {
        stage.run(sql).await;
    }
    let mut pair = stage.pair(CapabilityFlags::empty()).await;
    let refused = [
        // What one MySQL says depends on the order in which it changes rows.
        "UPDATE items SET id = id + 1",
        "UPDATE items SET id = 5 - id ORDER BY id",
        "UPDATE names SET name = CONCAT(name, 'é')",
        "UPDATE orders SET customer = customer + 1, n = n + 1",
        "UPDATE IGNORE items SET id = 9 WHERE id = 1",
        "UPDATE items JOIN orders ON orders.customer = items.id SET items.id = 9",
        "UPDATE heap SET k = 9 WHERE k = 1",
        "UPDATE watched SET k = k + 10",
        "UPDATE parents SET k = k + 10",
        "UPDATE children SET k = k + 1 WHERE id = 1",
        "UPDATE items SET a = 7, id = a + 10",
        "UPDATE items SET id = (SELECT 9) WHERE id = 1",
        "UPDATE items SET id = RAND() * 100 + 10",
        "UPDATE items SET id = (@x := 9) WHERE id = 1",
        "UPDATE items SET id = 9, id = 8 WHERE id = 1",
        "UPDATE /*+ SHARDWELL(scatter=off) */ items SET id = 9 WHERE a = 1",
        "EXPLAIN UPDATE items SET id = 9 WHERE id = 1",
        "INSERT INTO items (id, b) VALUES (1, 'x') ON DUPLICATE KEY UPDATE id = 9",
    ];
    pair.refusals(&refused).await;
    // In a transaction nothing else is taken back.
    for sql in ["BEGIN", "UPDATE orders SET customer = 77 WHERE id = 1"] {
        pair.change(sql).await;
    }
    pair.refusals(&refused[..4]).await;
    for sql in ["COMMIT", "SELECT * FROM orders ORDER BY id"] {
        pair.change(sql).await;
    }
    assert_same(&pair.into_differences("refused"));
    assert_same(&stage.different_rows(&ROWS).await);
}

/// All columns travel as they are.
#[tokio::test]
async fn every_type_arrives_as_it_left() {
    let tables = r#"
[schemas.shop.tables.things]
key = "k"
algorithm = "hash_mod"
"#;
    let definition = "CREATE TABLE things (id INT PRIMARY KEY, k INT, b1 BIT(20), f FLOAT, f2 FLOAT(8,3), \
        d DOUBLE, m DECIMAL(30, 10), y YEAR, da DATE, ti TIME(3), dt DATETIME(6), ts TIMESTAMP(2) NULL, \
        c CHAR(5), v VARCHAR(20) CHARACTER SET latin1, vb VARBINARY(20), bi BINARY(4), bl LONGBLOB, \
        tx TEXT, e ENUM('a', 'é', ''), s SET('x', 'y'), j JSON, g GEOMETRY, p POINT, \
        z INT(6) ZEROFILL, u BIGINT UNSIGNED, \
        up TIMESTAMP NULL ON UPDATE CURRENT_TIMESTAMP, hidden INT DEFAULT 3 INVISIBLE)";
    let stage = Stage::new(tables, &[definition], &[]).await;
    let rows = [
        "INSERT INTO things (id, k, hidden, b1, f, f2, d, m, y, da, ti, dt, ts, c, v, vb, bi, bl, tx, e, s, \
         j, g, p, z, u) VALUES (1, 1, 8, b'10110011100011110000', 0.1, 12345.678, 1.7976931348623157e308, \
         12345678901234567890.0123456789, 2026, '2026-11-22', '-838:59:58.123', \
         '2026-11-22 03:04:05.678901', '2026-10-25 02:30:00.12', 'a b  ', 'é\\'x', x'00ff27', x'00', \
         x'00010203ff', 'tëxt \\\\ \"', 'é', 'x,y', '{\"a\": [1, 2.5, \"ü\", null, -0.0, 1e100]}', \
         ST_GeomFromText('POLYGON((0 0,1 0,1 1,0 0))'), POINT(1.5, -2), 42, 18446744073709551615), \
         (2, 2, NULL, 0, -0.0, NULL, 4.9e-324, -0.5, 1901, '1000-01-01', '00:00:00', NULL, NULL, '', '', '', \
         '', '', '', 'a', '', 'null', NULL, NULL, 0, 0), \
         (3, 3, NULL, NULL, 3.4028234e38, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, \
         NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)",
        "UPDATE things SET ts = '2026-10-25 00:30:00.12'",
    ];
    let mut pair = stage.pair(CapabilityFlags::empty()).await;
    for sql in ["SET NAMES utf8mb4", "SET time_zone = '+00:00'"]
        .iter()
        .chain(&rows)
    {
        pair.change(sql).await;
    }
    for sql in [
        "SET time_zone = '+02:00', sql_mode = 'PAD_CHAR_TO_FULL_LENGTH'",
        "UPDATE things SET k = k + 10, up = '2020-01-01'",
        "UPDATE things SET k = 5, id = id + 10",
    ] {
        pair.change(sql).await;
    }
    let count: Option<u64> = stage
        .app()
        .await
        .query_first("SELECT COUNT(*) FROM things WHERE k = 5")
        .await
        .unwrap();
    assert_eq!(count, Some(3));
    // Of a DECIMAL the text keeps less than MySQL's JSON does; MariaDB's is text.
    pair.change("UPDATE things SET j = JSON_OBJECT('a', 1.50) WHERE k = 5")
        .await;
    let decimal = "UPDATE things SET k = id * 100";
    let refused = pair.change_or_refusal(decimal).await;
    assert_eq!(refused, servers().await.flavor() != Flavor::MariaDb);
    let looked = "SELECT *, hidden, HEX(b1), f + 0e0, d + 0e0, HEX(v), HEX(bl), HEX(bi), HEX(g), HEX(p), \
                  HEX(CAST(j AS CHAR)), UNIX_TIMESTAMP(ts) FROM things";
    assert_same(&pair.into_differences("types"));
    assert_same(&stage.different_rows(&[looked]).await);
}

/// Prepared: with the parameters' values in the text where rows may move, as it is where they stay.
#[tokio::test]
async fn prepared_updates_move_rows_too() {
    let stage = staged().await;
    let fill = "INSERT INTO names VALUES ('ann', 1), ('bob', 2), ('cyd', 3), ('dan', 4)";
    stage.run(fill).await;
    let fill =
        "INSERT INTO orders (id, customer, n) VALUES (1, 1, 1), (2, 1, 2), (3, 2, 1), (4, 3, 1)";
    stage.run(fill).await;
    let mut pair = stage.pair(CapabilityFlags::CLIENT_DEPRECATE_EOF).await;
    let statements: [(&str, Vec<Vec<Param>>); 6] = [
        (
            "UPDATE orders SET customer = ?, note = ? WHERE id = ?",
            vec![
                vec![int(9), text("it's \\ here"), int(1)],
                vec![int(9), text("again"), int(1)],
                vec![int(8), null(), int(1)],
                vec![text("7"), text("x"), text("1")],
                vec![int(7), text("far too long for this column"), int(2)],
            ],
        ),
        (
            "UPDATE orders SET n = ?, customer = ? WHERE customer = ? AND id = ?",
            vec![
                vec![int(5), int(7), int(7), int(1)],
                vec![int(6), int(2), int(2), int(3)],
                vec![int(6), int(12), int(2), int(3)],
                vec![int(6), int(12), int(2), int(3)],
            ],
        ),
        (
            "UPDATE names SET name = ? WHERE name = ?",
            vec![
                vec![text("zoe"), text("ann")],
                vec![text("bob"), text("zoe")],
                vec![text("zoe"), text("zoe")],
            ],
        ),
        (
            "UPDATE orders SET customer = customer + 40 WHERE id > ?",
            vec![vec![int(2)]],
        ),
        (
            "UPDATE orders SET n = 2 + n - ?, customer = customer + ? WHERE id = ?",
            vec![vec![int(1), int(30), int(3)], vec![int(-2), int(0), int(3)]],
        ),
        (
            "UPDATE orders SET customer = ? ORDER BY id LIMIT ?",
            vec![vec![int(88), int(2)]],
        ),
    ];
    for around in [["BEGIN", "ROLLBACK"], ["BEGIN", "COMMIT"], ["DO 1", "DO 2"]] {
        pair.query(around[0]).await;
        for (sql, lists) in &statements {
            let lists: Vec<&[Param]> = lists.iter().map(Vec::as_slice).collect();
            assert_eq!(pair.writes(sql, &lists).await, 0, "{sql}");
        }
        pair.query(around[1]).await;
        assert_same(&stage.different_rows(&ROWS).await);
    }
    let refused = "UPDATE orders SET customer = ABS(? - customer) WHERE id = ?";
    assert_eq!(pair.writes(refused, &[&[int(1), int(2)]]).await, 1);
    assert_same(&pair.into_differences("prepared"));
    assert_same(&stage.different_rows(&ROWS).await);
}

/// Random statements in and outside of transactions.
#[tokio::test]
async fn random_moves_leave_the_same_rows() {
    let different = async |stage: Stage| stage.different_rows(&ROWS).await;
    change_at_random(staged, (200, statement), different).await;
}

fn statement(dice: &mut Dice, _: bool) -> String {
    let key = dice.roll(20);
    let condition = match dice.roll(5) {
        0 => format!("n = {}", dice.roll(9)),
        1 => format!(
            "id IN ({}, {}, {})",
            dice.roll(40),
            dice.roll(40),
            dice.roll(40)
        ),
        2 => format!("customer = {}", dice.roll(20)),
        3 => format!("customer IN ({}, {})", dice.roll(20), dice.roll(20)),
        _ => format!("id BETWEEN {} AND {}", dice.roll(40), dice.roll(40)),
    };
    match dice.roll(16) {
        0 => "BEGIN".to_owned(),
        1 => "COMMIT".to_owned(),
        2 => "ROLLBACK".to_owned(),
        3 => "SAVEPOINT s".to_owned(),
        4 => "ROLLBACK TO s".to_owned(),
        5..8 => format!(
            "INSERT INTO marks (id, customer, n) VALUES ({}, {key}, {}), ({}, {}, {})",
            dice.roll(40),
            dice.roll(9),
            dice.roll(40),
            dice.roll(20),
            dice.roll(9)
        ),
        8 => format!("DELETE FROM marks WHERE {condition}"),
        9 => format!("UPDATE marks SET n = {} WHERE {condition}", dice.roll(1100)),
        10 => format!(
            "UPDATE marks SET customer = customer + 100 WHERE customer < 100 AND {condition}"
        ),
        11 => format!(
            "UPDATE marks SET customer = customer - 100 WHERE customer > 99 AND {condition}"
        ),
        12 => format!(
            "UPDATE marks SET customer = {key} WHERE {condition} ORDER BY id, customer LIMIT {}",
            dice.roll(4)
        ),
        13 => format!(
            "UPDATE marks SET customer = {key}, id = {} WHERE id = {}",
            dice.roll(40),
            dice.roll(40)
        ),
        _ => format!("UPDATE marks SET customer = {key}, note = 'x' WHERE {condition}"),
    }
}
