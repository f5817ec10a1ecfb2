//! Locking reads that need several shards: the rows of one MySQL, its locks, and its errors' effect on
//! the transaction.

use std::time::Duration;

use mysql_async::prelude::Queryable;
use mysql_async::{Conn, Error};

use super::pair::{BOUND, CLIENTS, Stage, assert_same};

const DEFINITIONS: &[&str] = &[
    "CREATE TABLE items (id BIGINT PRIMARY KEY, a INT, b VARCHAR(6))",
    "CREATE TABLE marks (item BIGINT, n INT, PRIMARY KEY (item, n))",
];

const ROWS: [&str; 2] = [
    "INSERT INTO items VALUES (1, 1, 'b'), (2, 5, 'A'), (3, 3, 'c'), (4, 4, 'a'), (5, 2, NULL), \
     (6, 6, 'C'), (7, 7, 'e'), (8, 8, 'd'), (9, 9, 'x'), (10, 10, 'x'), (11, 11, 'y'), \
     (12, 12, 'x'), (13, 13, 'X'), (14, 14, 'y'), (15, 15, 'x'), (16, 16, 'x')",
    "INSERT INTO marks VALUES (1, 1), (1, 2), (2, 9), (5, 1), (6, 6), (900, 1)",
];

const STATEMENTS: &[&str] = &[
    "SELECT id, a FROM items ORDER BY a FOR UPDATE",
    "SELECT id FROM items WHERE a BETWEEN 2 AND 6 ORDER BY b, id DESC LIMIT 1, 3 FOR UPDATE",
    "SELECT COUNT(*), SUM(a), MAX(b) FROM items FOR UPDATE",
    "SELECT a DIV 3 AS g, COUNT(*) FROM items GROUP BY g ORDER BY g LOCK IN SHARE MODE",
    "SELECT items.id, marks.n FROM items JOIN marks ON marks.item = items.id \
     ORDER BY items.id, marks.n FOR UPDATE",
    "SELECT id FROM items WHERE EXISTS (SELECT 1 FROM marks WHERE marks.item = items.id) \
     ORDER BY id LOCK IN SHARE MODE",
    "SELECT id FROM items ORDER BY id FOR UPDATE NOWAIT",
    "SELECT id FROM items ORDER BY id LIMIT 3 FOR UPDATE SKIP LOCKED",
    "SELECT nope FROM items FOR UPDATE",
];

#[tokio::test]
async fn locking_reads_answer_as_one_server_does() {
    let mut differences = Vec::new();
    for (name, extras) in CLIENTS {
        let stage = Stage::new(BOUND, DEFINITIONS, &[]).await;
        for rows in ROWS {
            stage.run(rows).await;
        }
        let mut pair = stage.pair(extras).await;
        for before in ["DO 0", "BEGIN", "SET autocommit = 0"] {
            pair.change(before).await;
            for statement in STATEMENTS {
                pair.query_elsewhere(statement).await;
            }
            pair.change("UPDATE items SET a = a + 1").await;
            pair.query_elsewhere(STATEMENTS[0]).await;
            pair.change("ROLLBACK").await;
            pair.query_elsewhere("SELECT id, a FROM items ORDER BY id FOR UPDATE")
                .await;
            pair.change("COMMIT").await;
        }
        differences.extend(pair.into_differences(name));
    }
    assert_same(&differences);
}

/// Which rows of a set operation would be locked is not certain.
#[tokio::test]
async fn locking_reads_that_no_shard_can_answer_are_refused() {
    let stage = Stage::new(BOUND, DEFINITIONS, &[]).await;
    let mut app = stage.app().await;
    for sql in [
        "SELECT id FROM items UNION SELECT item FROM marks FOR UPDATE",
        "SELECT items.id INTO @x FROM items JOIN marks ON marks.n = items.a LIMIT 1 FOR UPDATE",
    ] {
        assert_eq!(code(app.query_drop(sql).await), 1235, "{sql}");
    }
}

#[tokio::test]
async fn locks_are_held_on_every_shard_until_the_end() {
    let stage = filled().await;
    let (mut one, mut other) = (stage.app().await, impatient(&stage).await);
    let all = "SELECT id FROM items ORDER BY id FOR UPDATE";
    let found: Vec<i64> = one.query(all).await.unwrap();
    assert_eq!(found.len(), 16);
    // Outside of a transaction they end with the statement.
    let skipping = "SELECT id FROM items ORDER BY id FOR UPDATE SKIP LOCKED";
    assert_eq!(other.query::<i64, _>(skipping).await.unwrap().len(), 16);
    one.query_drop("SET TRANSACTION ISOLATION LEVEL READ COMMITTED")
        .await
        .unwrap();
    one.query_drop("BEGIN").await.unwrap();
    one.query_drop("SELECT id FROM items WHERE id < 15 FOR UPDATE")
        .await
        .unwrap();
    for id in 1..7 {
        let sql = format!("UPDATE items SET a = 0 WHERE id = {id}");
        assert_eq!(code(other.query_drop(sql).await), 1205, "{id}");
    }
    let nowait = code(other.query_drop(format!("{all} NOWAIT")).await);
    assert!([3572, 1205].contains(&nowait), "{nowait}");
    assert_eq!(other.query::<i64, _>(skipping).await.unwrap(), [15, 16]);
    let prepared = "SELECT id FROM items WHERE a > ? ORDER BY id FOR UPDATE SKIP LOCKED";
    assert_eq!(
        other.exec::<i64, _, _>(prepared, (0,)).await.unwrap(),
        [15, 16]
    );
    one.query_drop("COMMIT").await.unwrap();
    assert_eq!(other.query::<i64, _>(skipping).await.unwrap().len(), 16);
}

/// Lock wait timeout: the statement is over, the transaction is not.
#[tokio::test]
async fn a_lock_that_does_not_come_ends_the_statement_only() {
    let stage = filled().await;
    let (mut one, mut other) = (impatient(&stage).await, stage.app().await);
    other.query_drop("BEGIN").await.unwrap();
    other
        .query_drop("UPDATE items SET a = 70 WHERE id = 7")
        .await
        .unwrap();
    one.query_drop("BEGIN").await.unwrap();
    one.query_drop("UPDATE items SET a = 100 WHERE id < 5")
        .await
        .unwrap();
    let all = "SELECT id FROM items FOR UPDATE";
    assert_eq!(code(one.query_drop(all).await), 1205);
    one.query_drop("UPDATE items SET a = a + 1 WHERE id = 1")
        .await
        .unwrap();
    one.query_drop("COMMIT").await.unwrap();
    other.query_drop("ROLLBACK").await.unwrap();
    let sums: Vec<i64> = one
        .query("SELECT a FROM items ORDER BY id LIMIT 4")
        .await
        .unwrap();
    assert_eq!(sums, [101, 100, 100, 100]);
}

/// Deadlock: the transaction is gone on all servers.
#[tokio::test]
async fn a_deadlock_on_one_shard_rolls_back_all() {
    let stage = filled().await;
    // Two rows and many others of one shard.
    let mut shard = stage.place.shard(2).await;
    let here: Vec<i64> = shard
        .query("SELECT id FROM items WHERE id > 4 ORDER BY id")
        .await
        .unwrap();
    let [x, y, ..] = here[..] else {
        panic!("too few rows on a shard: {here:?}");
    };
    let (mut one, mut other) = (stage.app().await, stage.app().await);
    one.query_drop("BEGIN").await.unwrap();
    one.query_drop("UPDATE items SET a = 100 WHERE id IN (1, 2, 3, 4)")
        .await
        .unwrap();
    one.query_drop(format!("SELECT * FROM items WHERE id = {x} FOR UPDATE"))
        .await
        .unwrap();
    other.query_drop("BEGIN").await.unwrap();
    // The one that has changed less is the victim.
    let marks: Vec<String> = (10..300).map(|n| format!("({y}, {n})")).collect();
    let sql = format!("INSERT INTO marks VALUES {}", marks.join(","));
    other.query_drop(sql).await.unwrap();
    other
        .query_drop(format!("UPDATE items SET a = 7 WHERE id = {y}"))
        .await
        .unwrap();
    let waiting = tokio::spawn(async move {
        let done = one.query_drop("SELECT id FROM items FOR UPDATE").await;
        (one, done)
    });
    tokio::time::sleep(Duration::from_millis(600)).await;
    other
        .query_drop(format!("UPDATE items SET a = 8 WHERE id = {x}"))
        .await
        .unwrap();
    let (mut one, done) = waiting.await.unwrap();
    assert_eq!(code(done), 1213);
    other.query_drop("ROLLBACK").await.unwrap();
    // Nothing is open any more: this is committed by itself.
    one.query_drop("UPDATE items SET b = 'z' WHERE id = 1")
        .await
        .unwrap();
    one.query_drop("ROLLBACK").await.unwrap();
    let rows: Vec<(i64, Option<String>)> = one
        .query("SELECT a, b FROM items ORDER BY id LIMIT 4")
        .await
        .unwrap();
    let texts: Vec<(i64, Option<&str>)> = rows.iter().map(|(a, b)| (*a, b.as_deref())).collect();
    let expected = [
        (1, Some("z")),
        (5, Some("A")),
        (3, Some("c")),
        (4, Some("a")),
    ];
    assert_eq!(texts, expected);
}

async fn filled() -> Stage {
    let stage = Stage::new(BOUND, DEFINITIONS, &[]).await;
    for rows in ROWS {
        stage.run(rows).await;
    }
    stage
}

/// A client that waits a second for a lock.
async fn impatient(stage: &Stage) -> Conn {
    let mut app = stage.app().await;
    app.query_drop("SET innodb_lock_wait_timeout = 1")
        .await
        .unwrap();
    app
}

/// The number of the error; 0 for none.
fn code(done: Result<(), Error>) -> u16 {
    match done {
        Ok(()) => 0,
        Err(Error::Server(error)) => error.code,
        Err(other) => panic!("{other}"),
    }
}
