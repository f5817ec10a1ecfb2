//! UPDATE and DELETE with joins and subqueries over shards: rows are found together and written where
//! they are, and the answer is one MySQL's.

use mysql_async::prelude::Queryable;
use shardwell::wire::CapabilityFlags;

use super::dice::Dice;
use super::pair::{Stage, assert_same};
use super::prepared::{Param, int, null, text};
use super::rows::{change_at_random, change_with_every_client};

const TABLES: &str = r#"
[schemas.shop.tables.people]
key = "id"
algorithm = "hash_mod"
[schemas.shop.tables.buys]
key = "buy"
algorithm = "hash_mod"
[schemas.shop.tables.parts]
key = "buy"
bind = "buys"
[schemas.shop.tables.tags]
key = "word"
algorithm = "hash_mod"
[schemas.shop.tables.heap]
key = "k"
algorithm = "hash_mod"
[schemas.shop.tables.cats]
kind = "broadcast"
"#;

const EVERYWHERE: &[&str] = &[
    "CREATE TABLE people (id BIGINT PRIMARY KEY, name VARCHAR(20), city VARCHAR(20), age INT, \
     twice INT AS (age * 2), small TINYINT, at DATETIME(3))",
    "CREATE TABLE buys (buy INT PRIMARY KEY, person BIGINT, total DECIMAL(8,2), cat INT, KEY (person))",
    "CREATE TABLE parts (part INT, buy INT NOT NULL, n INT, PRIMARY KEY (part, buy))",
    "CREATE TABLE tags (id INT PRIMARY KEY, word VARCHAR(10) NOT NULL, n INT, UNIQUE (word, n))",
    "CREATE TABLE heap (k INT, n INT)",
    "CREATE TABLE cats (cat INT PRIMARY KEY, title VARCHAR(20))",
    "INSERT INTO cats VALUES (1, 'one'), (2, 'two'), (3, NULL)",
];

const ONCE: &[&str] = &[
    "CREATE TABLE notes (note INT PRIMARY KEY, id BIGINT, told VARCHAR(20))",
    "INSERT INTO notes VALUES (1, 1, 'a'), (2, 4, 'b'), (3, 77, 'c'), (4, NULL, 'd')",
];

const ROWS: [&str; 5] = [
    "SELECT * FROM people",
    "SELECT * FROM buys",
    "SELECT * FROM parts",
    "SELECT * FROM tags",
    "SELECT * FROM heap",
];

const FILL: [&str; 5] = [
    "INSERT INTO people (id, name, city, age, small, at) VALUES (1, 'ann', 'Bern', 20, 1, NULL), \
     (2, 'bob', 'Rom', 30, 2, '2020-01-02 03:04:05.678'), (3, 'cyd', NULL, NULL, 3, NULL), \
     (4, 'dan', 'Bern', 40, NULL, NULL), (5, 'eve', 'Oslo', 50, 5, NULL), (6, 'Ann', 'Rom', 20, 6, NULL)",
    "INSERT INTO buys VALUES (1, 1, 1.50, 1), (2, 1, 2.50, 2), (3, 2, 30, 1), (4, 4, 4.25, 3), (5, 9, 5, 2), \
     (6, NULL, 6, 1), (7, 5, 70, NULL)",
    "INSERT INTO parts VALUES (1, 1, 10), (2, 1, 20), (1, 2, 30), (1, 3, 40), (1, 7, NULL)",
    "INSERT INTO tags VALUES (1, 'ann', 1), (2, 'bob', 2), (3, 'Cyd', 3), (4, 'x y', 4), (5, 'ann', 5)",
    "INSERT INTO heap VALUES (1, 1), (2, 2), (3, 3)",
];

async fn staged() -> Stage {
    Stage::new(TABLES, EVERYWHERE, ONCE).await
}

async fn different(stage: Stage) -> Vec<String> {
    let mut different = stage.different_rows(&ROWS).await;
    different.extend(stage.different_copies(&["SELECT * FROM cats"]).await);
    different.extend(stage.different_single(&["SELECT * FROM notes"]).await);
    different
}

/// What every server must say word for word.
const STATEMENTS: &[&str] = &[
    FILL[0],
    FILL[1],
    FILL[2],
    FILL[3],
    FILL[4],
    // Subqueries that do not know the row.
    "UPDATE people SET age = age + 1 WHERE id IN (SELECT person FROM buys)",
    "SELECT ROW_COUNT()",
    "UPDATE people SET age = age + 1 WHERE id NOT IN (SELECT person FROM buys)",
    "UPDATE people SET age = age + 1 WHERE id NOT IN (SELECT person FROM buys WHERE person > 0)",
    "UPDATE people SET city = 'Ulm' WHERE id = (SELECT MAX(person) FROM buys WHERE person < 5)",
    "UPDATE people SET city = 'Ulm' WHERE id = (SELECT person FROM buys)",
    "UPDATE people SET age = 1 WHERE id = (SELECT person FROM buys WHERE buy > 99)",
    "UPDATE people SET age = age + 1 WHERE EXISTS (SELECT * FROM buys WHERE total > 60)",
    "UPDATE people SET age = age + 1 WHERE NOT EXISTS (SELECT * FROM buys WHERE total > 60)",
    "UPDATE people SET age = (SELECT MAX(buy) FROM buys), name = CONCAT(name, '!')",
    "UPDATE people SET age = (SELECT MAX(buy) FROM buys), name = CONCAT(name, '!')",
    "UPDATE people SET small = (SELECT SUM(total) FROM buys) WHERE id = 2 OR id = 3",
    "UPDATE people SET age = 7, small = age, city = (SELECT title FROM cats WHERE cat = 1 AND EXISTS \
     (SELECT * FROM buys)) WHERE id IN (SELECT person FROM buys WHERE cat = 1)",
    "UPDATE people SET nope = 1 WHERE id IN (SELECT person FROM buys)",
    "UPDATE people SET age = 1 WHERE nope IN (SELECT person FROM buys)",
    "UPDATE people SET age = 1 WHERE id IN (SELECT nope FROM buys)",
    "UPDATE people SET age = 1 WHERE id IN (SELECT person, buy FROM buys)",
    "UPDATE people SET twice = 1 WHERE id IN (SELECT person FROM buys)",
    "DELETE FROM people WHERE city IN (SELECT city FROM people)",
    "UPDATE people SET age = (SELECT MAX(age) FROM people) WHERE id IN (SELECT person FROM buys)",
    // Subqueries that know it.
    "UPDATE people SET age = (SELECT COUNT(*) FROM buys WHERE person = people.id)",
    "UPDATE people p SET p.city = (SELECT MIN(title) FROM cats JOIN buys USING (cat) WHERE person = p.id), \
     p.age = p.age + 10 WHERE EXISTS (SELECT * FROM buys WHERE buys.person = p.id AND total > 2)",
    "UPDATE people SET age = 99 WHERE 10 < (SELECT SUM(total) FROM buys WHERE person = people.id) \
     ORDER BY id DESC LIMIT 1",
    "UPDATE people SET age = 98 WHERE id IN (SELECT person FROM buys) ORDER BY id LIMIT 2",
    "UPDATE people SET at = (SELECT MAX(at) FROM people_at) WHERE id = 1",
    // Joins.
    "UPDATE people p JOIN buys b ON b.person = p.id SET p.age = 11",
    "SELECT ROW_COUNT()",
    "UPDATE people p JOIN buys b ON b.person = p.id SET p.age = b.buy WHERE b.buy IN (3, 4, 7)",
    "UPDATE people p, buys b SET p.name = CONCAT(p.name, b.buy), b.total = 9.75 WHERE b.person = p.id \
     AND b.buy IN (3, 4)",
    "UPDATE people JOIN buys ON person = id SET age = 5, total = 6 WHERE total > 60",
    "UPDATE people p LEFT JOIN buys b ON b.person = p.id SET p.age = -1, b.cat = 3 WHERE b.buy IS NULL",
    "UPDATE people p LEFT JOIN buys b ON b.person = p.id SET b.cat = 2 WHERE p.city = 'Rom'",
    "UPDATE people p JOIN notes n ON n.id = p.id SET p.city = n.told, n.id = 5",
    "UPDATE notes SET told = (SELECT COUNT(*) FROM people)",
    "UPDATE notes n JOIN cats ON cat = note JOIN people p ON p.id = n.id SET n.told = title",
    "UPDATE people p JOIN (SELECT person, SUM(total) AS s FROM buys GROUP BY person) x ON x.person = p.id \
     SET p.small = x.s WHERE x.s < 100",
    "UPDATE people p JOIN people q ON q.age = p.age AND q.id <> p.id SET p.city = q.name WHERE p.id = 4",
    "UPDATE tags t JOIN people p ON p.name = t.word SET t.n = p.id + 100",
    "UPDATE tags SET n = 5 WHERE word IN (SELECT name FROM people WHERE id < 3)",
    "UPDATE people p JOIN buys b ON b.person = p.id SET p.age = 1 WHERE 1 = 0",
    "UPDATE people p JOIN buys b ON b.person = p.id SET nope = 4",
    "DELETE FROM parts WHERE part = (SELECT MAX(part) FROM parts x)",
    "DELETE FROM tags WHERE n > (SELECT COUNT(*) + 100 FROM people)",
    "DELETE p FROM people p JOIN notes n ON n.id = p.id WHERE n.note = 1",
    "DELETE p, b FROM people p JOIN buys b ON b.person = p.id WHERE b.total > 20 AND b.total < 40",
    "DELETE FROM parts, buys USING parts JOIN buys ON buys.buy = parts.buy + 1 WHERE parts.n = 10",
    "DELETE p.* FROM people p LEFT JOIN buys b ON b.person = p.id WHERE b.buy IS NULL AND p.id < 4",
    "DELETE nope FROM people p JOIN buys b ON b.person = p.id",
    "DELETE FROM buys WHERE person NOT IN (SELECT id FROM people) ORDER BY buy LIMIT 1",
    "DELETE FROM buys WHERE EXISTS (SELECT * FROM people WHERE people.id = buys.person AND age > 5)",
    "DELETE FROM notes WHERE id NOT IN (SELECT id FROM people)",
    "DELETE FROM people WHERE id IN (SELECT person FROM buys)",
    "DELETE FROM people WHERE id IN (SELECT person FROM buys)",
];

#[tokio::test]
async fn rows_are_written_as_one_server_would_write_them() {
    change_with_every_client(staged, STATEMENTS, different).await;
}

/// An error takes back the statement and nothing else.
#[tokio::test]
async fn what_fails_in_a_transaction_takes_back_the_statement_alone() {
    let stage = staged().await;
    let mut pair = stage.pair(CapabilityFlags::empty()).await;
    let statements = [
        "BEGIN",
        "UPDATE people SET age = 21 WHERE id IN (SELECT person FROM buys WHERE total > 2)",
        "SAVEPOINT s",
        "UPDATE people p JOIN buys b ON b.person = p.id SET p.age = 22, b.cat = 1",
        "DELETE FROM people WHERE id IN (SELECT person FROM buys WHERE buy = 3)",
        // MySQL counts rows of subqueries where it numbers the row of an error.
        "UPDATE people SET small = (SELECT 1000 + MAX(total) FROM buys)",
        "UPDATE people SET name = (SELECT 'far far far far far too long' FROM buys WHERE buy = 3)",
        "UPDATE tags SET n = 7 WHERE id IN (SELECT person FROM buys) OR id = 5",
        "SELECT * FROM people ORDER BY id",
        "ROLLBACK TO s",
        "SELECT * FROM people ORDER BY id",
        "UPDATE people SET city = (SELECT MAX(title) FROM cats WHERE cat < (SELECT COUNT(*) FROM buys))",
        "COMMIT",
        "SET autocommit = 0",
        "DELETE p FROM people p JOIN buys b ON b.person = p.id WHERE b.buy = 7",
        "ROLLBACK",
        "DELETE b FROM people p JOIN buys b ON b.person = p.id WHERE b.buy = 7",
        "COMMIT",
        "SET autocommit = 1",
        "START TRANSACTION READ ONLY",
        "UPDATE people SET age = 9 WHERE id IN (SELECT person FROM buys)",
        "ROLLBACK",
        "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED",
        "UPDATE people SET age = 77 WHERE id NOT IN (SELECT person FROM buys WHERE person > 0)",
    ];
    for sql in FILL.iter().chain(&statements) {
        pair.counts(sql).await;
    }
    assert_same(&pair.into_differences("in transactions"));
    assert_same(&different(stage).await);
}

/// What is not done says so and changes nothing.
#[tokio::test]
async fn what_cannot_be_written_exactly_is_refused() {
    let stage = staged().await;
    for sql in FILL {
        stage.run(sql).await;
    }
    let mut pair = stage.pair(CapabilityFlags::empty()).await;
    pair.refusals(&[
        "UPDATE people SET id = 9 WHERE id IN (SELECT person FROM buys WHERE buy = 1)",
        "UPDATE people p JOIN buys b ON b.person = p.id SET p.id = 9",
        "UPDATE people p JOIN cats c ON c.cat = p.id JOIN buys b ON b.person = p.id SET c.title = 'x'",
        "UPDATE IGNORE tags SET n = 9 WHERE id IN (SELECT person FROM buys)",
        "UPDATE IGNORE people SET age = (SELECT buy FROM buys)",
        "UPDATE heap SET n = 9 WHERE k IN (SELECT person FROM buys)",
        "DELETE FROM heap WHERE k IN (SELECT person FROM buys)",
        "UPDATE people SET age = RAND() * (SELECT COUNT(*) FROM buys)",
        "UPDATE people SET age = (@x := 9) WHERE id IN (SELECT person FROM buys)",
        "UPDATE people SET age = 9, small = (SELECT COUNT(*) FROM buys WHERE person = people.age)",
        "UPDATE people p JOIN buys b ON b.person = p.id SET p.age = b.cat, b.cat = p.age",
        "UPDATE /*+ SHARDWELL(scatter=off) */ people SET age = 9 WHERE id IN (SELECT person FROM buys)",
        "UPDATE cats SET title = 'x' WHERE cat IN (SELECT note FROM notes)",
        "DELETE cats FROM cats JOIN notes ON note = cat",
        // MySQL compares text with numbers, and warns or fails.
        "UPDATE people SET age = 9 WHERE name = 0 AND id IN (SELECT person FROM buys)",
    ])
    .await;
    // MySQL does not know it, MariaDB does.
    pair.change_or_refusal(
        "UPDATE people p JOIN buys b ON b.person = p.id SET p.age = 1 ORDER BY p.id LIMIT 1",
    )
    .await;
    pair.change("SET sql_safe_updates = 1").await;
    pair.refusals(&["UPDATE people SET age = 9 WHERE id IN (SELECT person FROM buys)"])
        .await;
    assert_same(&pair.into_differences("refused"));
    assert_same(&different(stage).await);
}

/// Nobody changes what was read before it is written.
#[tokio::test]
async fn what_was_read_stays_locked() {
    let stage = staged().await;
    for sql in FILL {
        stage.run(sql).await;
    }
    let (mut one, mut other) = (stage.app().await, stage.app().await);
    one.query_drop("BEGIN").await.unwrap();
    one.query_drop("UPDATE people SET age = 9 WHERE id IN (SELECT person FROM buys WHERE cat = 2)")
        .await
        .unwrap();
    let wait = "SET SESSION innodb_lock_wait_timeout = 1";
    other.query_drop(wait).await.unwrap();
    for sql in [
        "UPDATE buys SET cat = 5 WHERE buy = 5",
        "INSERT INTO buys VALUES (50, 3, 1, 2)",
        "DELETE FROM people WHERE id = 1",
    ] {
        let error = other.query_drop(sql).await.expect_err(sql);
        assert!(error.to_string().contains("1205"), "{sql}: {error}");
    }
    one.query_drop("COMMIT").await.unwrap();
    other
        .query_drop("DELETE FROM people WHERE id = 1")
        .await
        .unwrap();
    let found: Vec<i64> = one
        .query("SELECT id FROM people WHERE age = 9 ORDER BY id")
        .await
        .unwrap();
    assert!(found.is_empty(), "{found:?}");
}

/// Few values of the other side: only rows that equal them are read.
#[tokio::test]
async fn few_values_limit_what_is_read() {
    let stage = staged().await;
    for sql in FILL {
        stage.run(sql).await;
    }
    let mut one = stage.app().await;
    let lines: Vec<(String, String)> = one
        .query("EXPLAIN FORMAT=SHARDWELL DELETE FROM people WHERE id IN (SELECT person FROM buys)")
        .await
        .unwrap();
    let only = (
        "only rows where".to_owned(),
        "`id` is one of buys.person, where these are few".to_owned(),
    );
    assert!(lines.contains(&only), "{lines:#?}");
    assert!(lines.iter().any(|(what, _)| what == "find"), "{lines:#?}");
}

/// Prepared: with the parameters' values in the text.
#[tokio::test]
async fn prepared_statements_are_written_too() {
    let stage = staged().await;
    for sql in FILL {
        stage.run(sql).await;
    }
    let mut pair = stage.pair(CapabilityFlags::CLIENT_DEPRECATE_EOF).await;
    let statements: [(&str, Vec<Vec<Param>>); 7] = [
        // No server finds their rows alone.
        (
            "UPDATE people SET age = age + ?, city = ? WHERE id IN (SELECT person FROM buys WHERE total > ?)",
            vec![
                vec![int(5), text("it's \\"), int(2)],
                vec![int(-6), null(), text("2.4")],
                vec![int(1), text("far far far far far too long"), int(2)],
                vec![int(1), null(), int(99)],
            ],
        ),
        (
            "UPDATE people p JOIN buys b ON b.person = p.id SET p.small = ?, b.total = 2 * b.total - ? WHERE b.cat = ?",
            vec![vec![int(3), int(1), int(1)], vec![int(300), int(1), int(1)]],
        ),
        (
            "UPDATE people SET age = (SELECT MAX(total) FROM buys WHERE cat = ?) WHERE id = ?",
            vec![vec![int(1), int(2)], vec![null(), int(4)]],
        ),
        (
            "DELETE p FROM people p LEFT JOIN buys b ON b.person = p.id WHERE b.buy IS NULL AND p.id > ?",
            vec![vec![int(5)]],
        ),
        (
            "UPDATE people SET name = ? WHERE id IN (SELECT person FROM buys) ORDER BY id LIMIT ?",
            vec![vec![text("top"), int(2)], vec![text("none"), int(0)]],
        ),
        (
            "UPDATE parts SET n = ? WHERE part IN (SELECT cat FROM buys WHERE person = ? AND total > 2)",
            vec![
                vec![int(5), int(1)],
                vec![int(6), text("2")],
                vec![null(), int(99)],
            ],
        ),
        (
            "DELETE FROM parts WHERE n = ? AND buy > (SELECT MIN(buy) FROM buys WHERE cat = ?)",
            vec![vec![int(40), int(1)], vec![text("40"), int(1)]],
        ),
    ];
    for (sql, lists) in &statements {
        let lists: Vec<&[Param]> = lists.iter().map(Vec::as_slice).collect();
        assert_eq!(pair.writes(sql, &lists).await, 0, "{sql}");
    }
    let refused = "UPDATE people SET age = age / ? WHERE id IN (SELECT person FROM buys)";
    assert_eq!(pair.writes(refused, &[&[int(2)]]).await, 1);
    for sql in [
        "SET @a = 3, @b = 'Rom'",
        "PREPARE s FROM 'UPDATE people SET age = age * ?, city = ? WHERE id IN (SELECT person FROM buys)'",
        "EXECUTE s USING @a, @b",
        "EXECUTE s USING @a",
        "PREPARE s FROM 'DELETE FROM people WHERE id = (SELECT MAX(person) FROM buys WHERE nope = ?)'",
        "PREPARE s FROM 'DELETE FROM people WHERE id = (SELECT MAX(person) FROM buys WHERE person < ?)'",
        "EXECUTE s USING @a",
    ] {
        pair.change(sql).await;
    }
    assert_same(&pair.into_differences("prepared"));
    assert_same(&different(stage).await);
}

/// Random statements in and outside of transactions.
#[tokio::test]
async fn random_statements_leave_the_same_rows() {
    change_at_random(staged, (250, statement), different).await;
}

fn statement(dice: &mut Dice, _: bool) -> String {
    let number = |dice: &mut Dice| dice.roll(12);
    let (a, b, c) = (number(dice), number(dice), number(dice));
    let of_buys = match dice.roll(5) {
        0 => format!("cat = {}", dice.roll(5)),
        1 => format!("buy IN ({a}, {b}, {c})"),
        2 => format!("total > {a}"),
        3 => format!("person BETWEEN {a} AND {b}"),
        _ => "person > 0".to_owned(),
    };
    let of_people = match dice.roll(4) {
        0 => format!("age > {a}"),
        1 => format!("id IN ({a}, {b}, {c})"),
        2 => format!("name LIKE '%{}%'", dice.pick(&["a", "b", "n"])),
        _ => "id > 0".to_owned(),
    };
    match dice.roll(24) {
        0 => "BEGIN".to_owned(),
        1 => "COMMIT".to_owned(),
        2 => "ROLLBACK".to_owned(),
        3 => "SAVEPOINT s".to_owned(),
        4 => "ROLLBACK TO s".to_owned(),
        5..8 => format!(
            "INSERT INTO people (id, name, age) VALUES ({a}, '{}', {b}), ({c}, '{}', NULL)",
            dice.pick(&["ann", "bob", "Cyd"]),
            dice.pick(&["ann", "bob", "nn"])
        ),
        8..12 => format!(
            "INSERT INTO buys VALUES ({a}, {b}, {c}.5, {}), ({}, NULL, 3, {c})",
            dice.roll(5),
            20 + dice.roll(12)
        ),
        12 => format!("DELETE FROM people WHERE id IN (SELECT person FROM buys WHERE {of_buys})"),
        13 => format!(
            "DELETE FROM buys WHERE person NOT IN (SELECT id FROM people WHERE {of_people}) AND {of_buys}"
        ),
        14 => format!(
            "UPDATE people SET age = age + 1 WHERE {of_people} AND EXISTS (SELECT * FROM buys WHERE \
             person = people.id AND {of_buys})"
        ),
        15 => format!(
            "UPDATE people SET age = (SELECT COUNT(*) FROM buys WHERE person = people.id AND {of_buys}) \
             WHERE {of_people}"
        ),
        16 => format!(
            "UPDATE people p JOIN buys b ON b.person = p.id SET p.small = {a}, b.cat = {b} WHERE \
             {of_buys} AND {of_people}"
        ),
        17 => format!(
            "UPDATE people p LEFT JOIN buys b ON b.person = p.id AND {of_buys} SET p.city = 'none' \
             WHERE b.buy IS NULL AND {of_people}"
        ),
        18 => format!(
            "DELETE b FROM people p JOIN buys b ON b.person = p.id WHERE {of_buys} AND {of_people}"
        ),
        19 => format!(
            "DELETE p, b FROM people p JOIN buys b ON b.person = p.id WHERE {of_people} AND b.buy = {a}"
        ),
        20 => format!(
            "UPDATE buys SET total = total + (SELECT COALESCE(MAX(age), 0) FROM people WHERE {of_people}) \
             WHERE {of_buys}"
        ),
        21 => format!(
            "UPDATE people SET name = 'top' WHERE {of_people} AND id IN (SELECT person FROM buys) ORDER BY \
             id LIMIT {}",
            dice.roll(3)
        ),
        22 => format!(
            "UPDATE notes n JOIN people p ON p.id = n.note SET n.told = p.name WHERE {of_people}"
        ),
        _ => format!(
            "UPDATE people p JOIN (SELECT person, MAX(total) AS m FROM buys WHERE {of_buys} GROUP BY \
             person) x ON x.person = p.id SET p.age = x.m WHERE {of_people}"
        ),
    }
}
