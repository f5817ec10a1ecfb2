//! Statements whose rows lie on several shards and come together on one server: joins, subqueries,
//! CTEs, window functions and aggregates that no shard can answer alone.

use shardwell::cli::demo::program::Flavor;
use shardwell::wire::CapabilityFlags;

use super::common::servers;
use super::pair::{Pair, Stage, assert_same};
use super::types::filled;

const TABLES: &str = r#"
[schemas.shop.tables.users]
key = "id"
algorithm = "hash_mod"
[schemas.shop.tables.orders]
key = "order_id"
algorithm = "hash_mod"
[schemas.shop.tables.items]
key = "order_id"
algorithm = "hash_mod"
bind = "orders"
[schemas.shop.tables.products]
kind = "broadcast"
"#;

const EVERYWHERE: &[&str] = &[
    "CREATE TABLE users (id BIGINT NOT NULL PRIMARY KEY, name VARCHAR(40) NOT NULL, \
     city VARCHAR(40), age INT, score DOUBLE, KEY (city))",
    "CREATE TABLE orders (order_id BIGINT NOT NULL PRIMARY KEY, user_id BIGINT, \
     total DECIMAL(10,2), placed DATETIME(3), state ENUM('new','paid','sent') NOT NULL, \
     KEY (user_id))",
    "CREATE TABLE items (order_id BIGINT NOT NULL, line INT NOT NULL, product_id INT, \
     quantity INT NOT NULL DEFAULT 1, PRIMARY KEY (order_id, line))",
    "CREATE TABLE products (id INT NOT NULL PRIMARY KEY, title VARCHAR(40) NOT NULL, \
     price DECIMAL(8,2))",
    "INSERT INTO products VALUES (1,'pen',1.50),(2,'Buch',12.00),(3,'läMP',NULL),(4,'nib',0.10)",
];

/// On one shard and on the plain server.
const ONCE: &[&str] = &[
    "CREATE TABLE cities (name VARCHAR(40) PRIMARY KEY, region VARCHAR(20))",
    "INSERT INTO cities VALUES ('Bern','CH'),('Köln','DE'),('Paris','FR'),('Rom',NULL)",
];

pub async fn stage() -> (Stage, Pair) {
    let stage = Stage::new(TABLES, EVERYWHERE, ONCE).await;
    let mut pair = stage.pair(CapabilityFlags::CLIENT_DEPRECATE_EOF).await;
    let cities = ["'Bern'", "'bern'", "'Köln'", "'Oslo'", "NULL"];
    for id in 1..=12 {
        let city = cities[id % cities.len()];
        let age = if id % 4 == 0 {
            "NULL".to_owned()
        } else {
            (20 + id % 5).to_string()
        };
        let score = id as f64 / 7.0;
        pair.query(format!(
            "INSERT INTO users VALUES ({id}, 'u{id}', {city}, {age}, {score})"
        ))
        .await;
    }
    for id in 1..=24 {
        let user = if id % 7 == 0 {
            "NULL".to_owned()
        } else {
            (id % 14).to_string()
        };
        let state = ["new", "paid", "sent"][id % 3];
        pair.query(format!(
            "INSERT INTO orders VALUES ({id}, {user}, {id}.25, '2024-01-{id:02} 10:00:00.5', '{state}')"
        ))
        .await;
        for line in 0..id % 3 {
            let product = (id + line) % 5;
            pair.query(format!(
                "INSERT INTO items VALUES ({id}, {line}, {product}, {})",
                line + 1
            ))
            .await;
        }
    }
    (stage, pair)
}

/// Each orders its rows, or gives one.
pub const STATEMENTS: &[&str] = &[
    // Joins.
    "SELECT u.id, o.order_id FROM users u JOIN orders o ON o.user_id = u.id ORDER BY 1, 2",
    "SELECT users.name, orders.total FROM users, orders WHERE users.id = orders.user_id \
     AND orders.state = 'paid' ORDER BY orders.order_id",
    "SELECT u.*, o.* FROM users u LEFT JOIN orders o ON o.user_id = u.id AND o.total > 10 \
     ORDER BY u.id, o.order_id",
    "SELECT * FROM orders o RIGHT JOIN users u ON u.id = o.user_id AND o.state <> 'new' \
     WHERE u.age > 20 ORDER BY u.id, o.order_id",
    "SELECT u.id FROM users u LEFT JOIN orders o ON o.user_id = u.id WHERE o.order_id IS NULL \
     ORDER BY u.id",
    "SELECT u.id FROM users u LEFT JOIN orders o ON o.user_id = u.id AND o.state = 'sent' \
     WHERE o.state IS NULL ORDER BY u.id",
    "SELECT a.id, b.id FROM users a JOIN users b ON a.city = b.city AND a.id < b.id ORDER BY 1, 2",
    "SELECT a.id, b.id FROM users a CROSS JOIN users b WHERE a.id = 3 AND b.age = 21 ORDER BY 2",
    "SELECT u.name, o.order_id, i.line, p.title FROM users u JOIN orders o ON o.user_id = u.id \
     JOIN items i ON i.order_id = o.order_id JOIN products p ON p.id = i.product_id \
     ORDER BY o.order_id, i.line",
    "SELECT u.name, c.region FROM users u JOIN cities c ON c.name = u.city ORDER BY u.id",
    "SELECT c.name, COUNT(u.id) FROM cities c LEFT JOIN users u ON u.city = c.name \
     GROUP BY c.name ORDER BY c.name",
    "SELECT order_id, line FROM orders JOIN items USING (order_id) JOIN users ON id = user_id \
     ORDER BY order_id, line",
    "SELECT * FROM orders NATURAL JOIN items JOIN users u ON u.id = orders.user_id \
     ORDER BY order_id, line",
    "SELECT STRAIGHT_JOIN u.id, o.total FROM users u FORCE INDEX (PRIMARY) JOIN orders o \
     USE INDEX FOR JOIN (user_id) ON o.user_id = u.id ORDER BY o.order_id",
    "SELECT u.id FROM (users u LEFT JOIN orders o ON o.user_id = u.id) JOIN products p \
     ON p.id = u.id AND o.total > 3 ORDER BY u.id, o.order_id",
    // Names.
    "SELECT shop.users.name, shop.orders.total + 1 AS more FROM shop.users JOIN shop.orders \
     ON shop.users.id = shop.orders.user_id ORDER BY shop.orders.order_id",
    "SELECT shop.users.* FROM users JOIN orders ON users.id = shop.orders.user_id \
     ORDER BY orders.order_id",
    "SELECT `users`.`name` AS `the name`, (SELECT MAX(total) FROM orders) FROM `users` ORDER BY 1",
    "SELECT (SELECT COUNT(*) FROM shop.orders) + 1 FROM users WHERE id = 1",
    // Subqueries.
    "SELECT id, (SELECT COUNT(*) FROM orders o WHERE o.user_id = u.id) n FROM users u ORDER BY id",
    "SELECT id FROM users WHERE id IN (SELECT user_id FROM orders WHERE total > 12) ORDER BY id",
    "SELECT id FROM users WHERE id NOT IN (SELECT user_id FROM orders WHERE user_id IS NOT NULL) \
     ORDER BY id",
    "SELECT id FROM users u WHERE EXISTS (SELECT * FROM orders o WHERE o.user_id = u.id \
     AND o.state = 'paid') ORDER BY id",
    "SELECT id FROM users u WHERE NOT EXISTS (SELECT 1 FROM orders WHERE user_id = id) ORDER BY id",
    "SELECT order_id FROM orders WHERE total > ALL (SELECT age FROM users WHERE age IS NOT NULL) \
     ORDER BY 1",
    "SELECT order_id FROM orders WHERE (user_id, state) IN (SELECT id, 'new' FROM users) ORDER BY 1",
    "SELECT order_id FROM orders WHERE total = (SELECT MAX(total) FROM orders)",
    "SELECT d.city, d.n FROM (SELECT city, COUNT(*) n FROM users GROUP BY city) d \
     WHERE d.n > 1 ORDER BY 1",
    "SELECT u.id, l.m FROM users u, LATERAL (SELECT MAX(total) m FROM orders \
     WHERE user_id = u.id) l ORDER BY u.id",
    "SELECT id FROM users ORDER BY (SELECT SUM(total) FROM orders WHERE user_id = id) DESC, id",
    "SELECT city FROM users GROUP BY city HAVING COUNT(*) > (SELECT 1 FROM orders LIMIT 1) \
     ORDER BY city",
    // CTEs.
    "WITH o AS (SELECT user_id, SUM(total) s FROM orders GROUP BY user_id) \
     SELECT u.name, o.s FROM users u JOIN o ON o.user_id = u.id ORDER BY u.id",
    "WITH big AS (SELECT * FROM orders WHERE total > 5), both_ AS (SELECT a.order_id x, b.order_id y \
     FROM big a JOIN big b ON a.user_id = b.user_id) SELECT * FROM both_ ORDER BY 1, 2",
    "WITH a AS (SELECT user_id u, COUNT(*) n FROM orders GROUP BY user_id), b (x) AS (SELECT a.u FROM \
     a JOIN users ON users.id = a.u) SELECT b1.x, b2.x, a.n FROM b b1 JOIN b AS b2 ON b1.x = b2.x + 1 \
     JOIN a ON a.u = b1.x WHERE b2.x IN (SELECT x FROM b) ORDER BY 1, 2",
    "WITH c AS (SELECT id FROM users WHERE id < 4) SELECT c.id, (SELECT COUNT(*) FROM c d) FROM c \
     WHERE c.id IN (WITH d AS (SELECT id FROM c), e AS (SELECT d.id FROM d JOIN d f USING (id)) \
     SELECT id FROM e) ORDER BY c.id",
    "WITH RECURSIVE t AS (SELECT id FROM users WHERE id = 2 UNION SELECT u.id FROM t \
     JOIN users u ON u.id = t.id + 4) SELECT a.id, b.id FROM t a, t b ORDER BY 1, 2",
    "WITH RECURSIVE chain AS (SELECT id, 0 d FROM users WHERE id = 1 UNION ALL \
     SELECT u.id, d + 1 FROM chain c JOIN users u ON u.id = c.id + 3) SELECT * FROM chain ORDER BY 1",
    "WITH RECURSIVE n AS (SELECT 1 x UNION ALL SELECT x + 1 FROM n WHERE x < 5) \
     SELECT n.x, COUNT(u.id) FROM n LEFT JOIN users u ON u.id % 5 = n.x GROUP BY n.x ORDER BY 1",
    // Windows.
    "SELECT id, ROW_NUMBER() OVER (ORDER BY id) r FROM users ORDER BY id",
    "SELECT order_id, SUM(total) OVER (PARTITION BY state ORDER BY order_id) FROM orders ORDER BY 1",
    "SELECT id, RANK() OVER w, LAG(age) OVER w FROM users WINDOW w AS (PARTITION BY city \
     ORDER BY age, id) ORDER BY id",
    "SELECT order_id, AVG(total) OVER (ORDER BY placed ROWS BETWEEN 2 PRECEDING AND CURRENT ROW) a \
     FROM orders ORDER BY order_id",
    // Aggregates.
    "SELECT GROUP_CONCAT(name ORDER BY id SEPARATOR '; ') FROM users",
    "SELECT city, GROUP_CONCAT(DISTINCT age ORDER BY age DESC) FROM users GROUP BY city ORDER BY city",
    "SELECT JSON_ARRAYAGG(n) FROM (SELECT id n FROM users ORDER BY id LIMIT 100) d",
    "SELECT STD(total), VARIANCE(total), STDDEV_SAMP(total), VAR_SAMP(total) FROM orders",
    "SELECT state, COUNT(*), SUM(total) FROM orders GROUP BY state WITH ROLLUP",
    "SELECT SUM(total) / COUNT(*) + 1, ROUND(AVG(total), 1) FROM orders",
    "SELECT u.id, u.name, COUNT(*) FROM users u JOIN orders o ON o.user_id = u.id GROUP BY u.id \
     ORDER BY u.id",
    "SELECT COUNT(DISTINCT city, age) FROM users",
    "SELECT COUNT(*) FROM users a, users b",
    "SELECT SUM(score) > 1 FROM users WHERE id < 0",
    // Sets.
    "SELECT id FROM users WHERE id < 5 UNION SELECT user_id FROM orders ORDER BY id",
    "(SELECT id FROM users ORDER BY id LIMIT 3) UNION ALL (SELECT order_id FROM orders \
     ORDER BY order_id DESC LIMIT 2) ORDER BY id",
    "SELECT id FROM users INTERSECT SELECT user_id FROM orders ORDER BY id",
    "SELECT id FROM users EXCEPT SELECT user_id FROM orders ORDER BY id",
    // Conditions that go to the shards.
    "SELECT COUNT(*) FROM users u JOIN orders o ON o.user_id = u.id WHERE (u.age BETWEEN 21 AND 23 \
     AND (LOWER(u.name) LIKE 'u%' OR u.id = 7)) AND o.placed > '2024-01-05' AND NOT o.total <=> 9.25",
    "SELECT u.id FROM users u JOIN orders o ON u.id = o.user_id AND o.order_id IN (3, 4, 5) \
     WHERE u.id = 4 -- only one\n AND o.order_id = 4",
    "SELECT u.id, o.order_id FROM users u JOIN orders o ON o.user_id = u.id \
     WHERE o.order_id = 5 AND u.id = o.user_id",
    "SELECT u.id FROM users u, orders o WHERE u.id = o.user_id AND o.order_id = -1",
    // Errors.
    "SELECT nothing FROM users u JOIN orders o ON u.id = o.user_id",
    "SELECT id, (SELECT order_id FROM orders) FROM users",
    "SELECT u.name, COUNT(*) FROM users u JOIN orders o ON o.user_id = u.id GROUP BY u.city",
    "SELECT order_id FROM orders JOIN items ON items.line = 1 JOIN users",
    "SELECT * FROM users u JOIN orders u ON 1",
    "SELECT SQL_CALC_FOUND_ROWS a.id FROM users a JOIN users b ON a.id <= b.id ORDER BY 1 LIMIT 2",
];

#[tokio::test(flavor = "multi_thread")]
async fn what_needs_rows_of_several_shards_is_finished_by_one_server() {
    let (stage, mut pair) = stage().await;
    for sql in STATEMENTS {
        let sql = sql.replace("shop.", &format!("{}.", stage.place.name()));
        if servers().await.flavor() == Flavor::MariaDb
            && (sql.contains("LATERAL") || sql.contains("(WITH d"))
        {
            continue;
        }
        pair.query_elsewhere(&sql).await;
    }
    assert_same(&pair.into_differences("gather"));
}

/// Sessions whose settings must not change a value on its way.
const SETTINGS: &[&str] = &[
    "SET @@SESSION.sql_mode = @@GLOBAL.sql_mode",
    "SET time_zone = '+05:30'",
    "SET NAMES latin1",
    "SET sql_mode = 'ANSI_QUOTES,PAD_CHAR_TO_FULL_LENGTH,NO_BACKSLASH_ESCAPES'",
    "SET NAMES utf8mb4, sql_select_limit = 2, time_zone = 'SYSTEM'",
];

#[tokio::test(flavor = "multi_thread")]
async fn every_type_arrives_as_it_was() {
    let (_stage, mut pair, names) = filled().await;
    for setting in SETTINGS {
        pair.query(setting).await;
        let join = "FROM typed t JOIN n ON n.v = t.id";
        pair.query_elsewhere(&format!("SELECT * {join} ORDER BY id"))
            .await;
        pair.query_elsewhere(&format!(
            "SELECT {names}, g1, g2, d1, d3 {join} ORDER BY id"
        ))
        .await;
    }
    assert_same(&pair.into_differences("types"));
}

/// SET and DO whose values are rows of several shards.
const ASSIGNED: &[&str] = &[
    "SET @a = (SELECT MAX(id) FROM users)",
    "SELECT ROW_COUNT(), @a, @a + 1",
    "SELECT @a, COUNT(*) FROM users WHERE id < @a",
    "SET @b := (SELECT SUM(total) FROM orders o JOIN users u ON u.id = o.user_id WHERE u.age > 20) * 2 + 1, \
     @c = 'x', @d = (SELECT GROUP_CONCAT(title ORDER BY id) FROM products)",
    "SELECT @b, @c, @d",
    "SET @a = @a + (SELECT COUNT(*) FROM shop.orders WHERE order_id IN (1, 2, 3) AND user_id <> 7), @e = DATABASE()",
    "SELECT @a, @e = DATABASE()",
    "SET @f = EXISTS (SELECT 1 FROM users WHERE name = 'u3' AND id > 2)",
    "SELECT @f",
    "SET @g = (SELECT name FROM users WHERE id = 5)",
    "SELECT @g",
    "SET @h = (WITH w AS (SELECT id FROM users) SELECT COUNT(*) FROM w a JOIN w b ON a.id < b.id)",
    "SELECT @h",
    "CREATE TEMPORARY TABLE indexed AS SELECT * FROM users FORCE INDEX (PRIMARY) WHERE age > 21",
    "SELECT COUNT(*), MIN(id), MAX(age) FROM indexed",
    "DROP TEMPORARY TABLE indexed",
    "SET @a = (SELECT id FROM users)",
    "SELECT @a",
    "SET @a = (SELECT nothing FROM users)",
    "SET @a = (SELECT id, name FROM users WHERE id = 1)",
    "SET @a = (SELECT id FROM users WHERE id = -1)",
    "SELECT @a IS NULL",
    "DO (SELECT COUNT(*) FROM users), 1",
    "SELECT ROW_COUNT()",
    "DO (SELECT id FROM users)",
];

#[tokio::test(flavor = "multi_thread")]
async fn values_of_variables_come_from_several_shards() {
    let (stage, mut pair) = stage().await;
    for sql in ASSIGNED {
        let sql = sql.replace("shop.", &format!("{}.", stage.place.name()));
        pair.query_elsewhere(&sql).await;
    }
    let refused = "SET @a = (SELECT COUNT(*) FROM users), @@sql_select_limit = 5";
    pair.refusals(&[refused]).await;
    assert_same(&pair.into_differences("values of variables"));
}
