//! UPDATE and DELETE over shards with IGNORE, in safe update mode, and on tables that have no primary key
//! but another unique one.

use shardwell::wire::CapabilityFlags;

use super::pair::{Stage, assert_same};
use super::rows::change_with_every_client;

const TABLES: &str = r#"
[schemas.shop.tables.people]
key = "id"
algorithm = "hash_mod"
[schemas.shop.tables.parents]
key = "k"
algorithm = "hash_mod"
[schemas.shop.tables.children]
key = "k"
bind = "parents"
[schemas.shop.tables.keyed]
key = "k"
algorithm = "hash_mod"
[schemas.shop.tables.open]
key = "k"
algorithm = "hash_mod"
[schemas.shop.tables.buys]
key = "buy"
algorithm = "hash_mod"
"#;

const EVERYWHERE: &[&str] = &[
    "CREATE TABLE people (id INT PRIMARY KEY, name VARCHAR(5) NOT NULL, age TINYINT, CHECK (age < 100))",
    "CREATE TABLE parents (k INT PRIMARY KEY, n INT)",
    "CREATE TABLE children (id INT, k INT, n INT, PRIMARY KEY (k, id), FOREIGN KEY (k) REFERENCES parents (k))",
    "CREATE TABLE keyed (k INT NOT NULL, w VARCHAR(10) NOT NULL, n INT, UNIQUE (n), UNIQUE (w, k), KEY (k))",
    "CREATE TABLE open (k INT NOT NULL, w VARCHAR(10), n INT NOT NULL, UNIQUE (w), UNIQUE (w(2), n), KEY (n))",
    "CREATE TABLE buys (buy INT PRIMARY KEY, person INT, word VARCHAR(20))",
];

const ROWS: [&str; 6] = [
    "SELECT * FROM people",
    "SELECT * FROM parents",
    "SELECT * FROM children",
    "SELECT * FROM keyed",
    "SELECT * FROM open",
    "SELECT * FROM buys",
];

const FILL: [&str; 6] = [
    "INSERT INTO people VALUES (1, 'ann', 1), (2, 'bob', 2), (3, 'cyd', NULL), (4, 'dan', 4)",
    "INSERT INTO parents VALUES (1, 1), (2, 2), (3, 3), (4, 4), (5, 5)",
    "INSERT INTO children VALUES (1, 1, 1), (2, 1, 2), (3, 4, 3)",
    "INSERT INTO keyed VALUES (1, 'a', 1), (1, 'b', NULL), (2, 'b', NULL), (3, 'c', 3)",
    "INSERT INTO open VALUES (1, 'a', 1), (2, 'b', 2)",
    "INSERT INTO buys VALUES (1, 1, 'one'), (2, 2, 'far too long'), (3, 3, NULL), (4, 4, '7'), (5, 9, 'x')",
];

async fn staged() -> Stage {
    Stage::new(TABLES, EVERYWHERE, &[]).await
}

/// What is wrong with a row is a warning, and what cannot be done to it is not done.
const IGNORING: &[&str] = &[
    FILL[0],
    FILL[1],
    FILL[2],
    FILL[5],
    "UPDATE IGNORE people SET age = 1000 WHERE id IN (SELECT person FROM buys WHERE buy = 2)",
    "UPDATE IGNORE people SET age = age + 97 WHERE id IN (SELECT person FROM buys)",
    "UPDATE IGNORE people SET name = NULL WHERE id IN (SELECT person FROM buys WHERE buy = 1)",
    "SHOW WARNINGS",
    "UPDATE IGNORE people p JOIN buys b ON b.person = p.id SET p.name = b.word WHERE b.buy > 1",
    "UPDATE IGNORE people SET age = (SELECT MAX(buy) * 60 FROM buys) WHERE id = 4",
    "UPDATE IGNORE people p JOIN buys b ON b.person = p.id SET p.age = 7, b.word = 'seven' WHERE b.buy > 3",
    "UPDATE IGNORE people SET age = 3 WHERE id IN (SELECT person FROM buys WHERE buy > 100)",
    "UPDATE IGNORE children SET n = 9 WHERE id IN (SELECT person FROM buys)",
    "DELETE IGNORE FROM parents WHERE k IN (SELECT person FROM buys)",
    "SELECT ROW_COUNT()",
    "DELETE IGNORE FROM children WHERE id IN (SELECT person FROM buys WHERE buy = 3)",
    "DELETE IGNORE FROM parents WHERE k IN (SELECT person FROM buys)",
    "DELETE FROM parents WHERE k IN (SELECT person FROM buys)",
    "BEGIN",
    "DELETE IGNORE FROM parents WHERE k = (SELECT MIN(person) FROM buys) OR k = 5",
    "COMMIT",
];

#[tokio::test]
async fn what_is_wrong_with_a_row_is_a_warning() {
    let different = async |stage: Stage| stage.different_rows(&ROWS).await;
    change_with_every_client(staged, IGNORING, different).await;
}

/// With LIMIT or several tables to delete from, as long as no row is left out.
const WHOLE: &[&str] = &[
    FILL[0],
    FILL[1],
    FILL[2],
    FILL[5],
    "UPDATE IGNORE people SET age = 9 WHERE id IN (SELECT person FROM buys) ORDER BY id DESC LIMIT 2",
    "UPDATE IGNORE people SET age = '7x', name = 'too long' WHERE id IN (SELECT person FROM buys) ORDER BY id LIMIT 3",
    "UPDATE IGNORE people SET age = age + 1 WHERE id IN (SELECT person FROM buys) ORDER BY id LIMIT 100",
    "DELETE IGNORE FROM people WHERE id IN (SELECT person FROM buys) ORDER BY name DESC LIMIT 1",
    "SELECT ROW_COUNT()",
    "BEGIN",
    "DELETE IGNORE p, b FROM people p JOIN buys b ON b.person = p.id WHERE b.buy < 3",
    "DELETE IGNORE FROM p USING parents p JOIN buys b ON b.person = p.k WHERE b.buy = 3",
    "DELETE IGNORE c FROM children c JOIN buys b ON b.buy = c.id WHERE c.n > 1",
    "COMMIT",
    "DELETE IGNORE p FROM parents p LEFT JOIN buys b ON b.buy = p.n WHERE p.k = 5",
];

/// Rows that would be left out.
const NOT_WHOLE: [&str; 5] = [
    "UPDATE IGNORE people SET age = age + 98 WHERE id IN (SELECT person FROM buys) LIMIT 3",
    "UPDATE IGNORE people SET age = 1000 WHERE id IN (SELECT person FROM buys) ORDER BY id LIMIT 2",
    "DELETE IGNORE FROM parents WHERE k IN (SELECT person FROM buys) LIMIT 3",
    "DELETE IGNORE p, b FROM parents p JOIN buys b ON b.person = p.k",
    "DELETE IGNORE p FROM parents p JOIN buys b ON b.person = p.k",
];

#[tokio::test]
async fn where_an_order_decides_no_row_is_left_out() {
    let different = async |stage: Stage| stage.different_rows(&ROWS).await;
    change_with_every_client(staged, WHOLE, different).await;
    let stage = staged().await;
    for sql in FILL {
        stage.run(sql).await;
    }
    let mut pair = stage.pair(CapabilityFlags::empty()).await;
    pair.refusals(&NOT_WHOLE).await;
    pair.change("BEGIN").await;
    pair.change("UPDATE parents SET n = n + 10").await;
    pair.refusals(&NOT_WHOLE).await;
    pair.change("COMMIT").await;
    assert_same(&pair.into_differences("left out"));
    assert_same(&stage.different_rows(&ROWS).await);
}

/// Rows are told apart by any key that has no NULL.
const KEYED: &[&str] = &[
    FILL[3],
    FILL[5],
    "UPDATE keyed SET n = 5 WHERE k IN (SELECT person FROM buys WHERE buy = 2)",
    "UPDATE keyed JOIN buys ON person = k SET n = buy * 10 + k, word = w WHERE buy > 1",
    "DELETE FROM keyed WHERE k = (SELECT MAX(person) - 6 FROM buys)",
    // They also move by it.
    "UPDATE keyed SET k = 70 WHERE w = 'b' AND k = 2",
    "UPDATE keyed SET k = 71 WHERE k = 1",
    "UPDATE keyed SET k = k + 100",
];

#[tokio::test]
async fn another_unique_key_tells_rows_apart() {
    let different = async |stage: Stage| stage.different_rows(&ROWS).await;
    change_with_every_client(staged, KEYED, different).await;
    let stage = staged().await;
    for sql in FILL {
        stage.run(sql).await;
    }
    let mut pair = stage.pair(CapabilityFlags::empty()).await;
    pair.refusals(&[
        "UPDATE open SET n = 5 WHERE k IN (SELECT person FROM buys)",
        "UPDATE keyed SET w = 'z' WHERE k IN (SELECT person FROM buys)",
    ])
    .await;
    assert_same(&pair.into_differences("refused"));
    assert_same(&stage.different_rows(&ROWS).await);
}

/// LIMIT makes anything safe, and nothing is without a condition.
const SAFE: &[&str] = &[
    FILL[0],
    FILL[5],
    "SET sql_safe_updates = 1",
    "UPDATE people SET age = (SELECT COUNT(*) FROM buys)",
    "DELETE FROM people WHERE id IN (SELECT person FROM buys) LIMIT 1",
    "UPDATE people SET age = (SELECT COUNT(*) FROM buys) LIMIT 10",
    "UPDATE people SET age = 5 WHERE name IN (SELECT word FROM buys) ORDER BY id LIMIT 10",
];

#[tokio::test]
async fn safe_updates_are_those_of_one_server() {
    let different = async |stage: Stage| stage.different_rows(&ROWS).await;
    change_with_every_client(staged, SAFE, different).await;
}
