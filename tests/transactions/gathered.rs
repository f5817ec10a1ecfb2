//! Statements inside a transaction whose rows come together on one server: they see what the
//! transaction sees, and leave it as it was.

use std::time::Duration;

use mysql_async::prelude::Queryable;

use crate::accounts::{A, B, balance, bank, in_transaction, same};
use crate::common::connect_app;

const OUT_OF_MEMORY: u16 = 1038;
const INTERRUPTED: u16 = 1317;

/// A join that no server can answer alone.
const PAIRS: &str = "SELECT x.id, y.id, x.balance + y.balance FROM accounts x JOIN accounts y \
                     ON y.balance = x.balance AND y.id > x.id ORDER BY 1, 2";

const NOTES: &str = "SELECT GROUP_CONCAT(note ORDER BY id), COUNT(*) FROM accounts";

const SEQUENCES: &[&[&str]] = &[
    // Own writes are seen, on both servers and before any of them is committed.
    &[
        "BEGIN",
        PAIRS,
        "UPDATE accounts SET balance = balance - 10 WHERE id = 1",
        "UPDATE accounts SET balance = balance + 10 WHERE id = 300",
        PAIRS,
        "ROLLBACK",
        PAIRS,
    ],
    &[
        "BEGIN",
        "UPDATE accounts SET note = 'only here' WHERE id = 500",
        NOTES,
        "SELECT id, RANK() OVER (ORDER BY note, id) FROM accounts ORDER BY id",
        "SAVEPOINT s",
        "UPDATE accounts SET note = 'there too' WHERE id = 1",
        NOTES,
        "ROLLBACK TO s",
        NOTES,
        "COMMIT",
        NOTES,
    ],
    // It begins the transaction, and a transaction without autocommit too.
    &[
        "SET autocommit = 0",
        PAIRS,
        "UPDATE accounts SET note = 'n' WHERE id = 2",
        NOTES,
        "ROLLBACK",
        NOTES,
        "COMMIT",
        "SET autocommit = 1",
        NOTES,
    ],
    // One server has all the rows that matter.
    &[
        "SET autocommit = 0",
        "SELECT GROUP_CONCAT(id ORDER BY id) FROM accounts WHERE id IN (1, 150)",
        "UPDATE accounts SET balance = 1 WHERE id = 150",
        "SELECT GROUP_CONCAT(balance ORDER BY id) FROM accounts WHERE id IN (1, 150)",
        "ROLLBACK",
        "SET autocommit = 1",
    ],
    // Errors take back nothing.
    &[
        "BEGIN",
        "UPDATE accounts SET balance = 7 WHERE id = 300",
        "SELECT x.nothing FROM accounts x JOIN accounts y ON x.balance = y.balance",
        "SELECT (SELECT balance FROM accounts) FROM accounts x",
        "UPDATE accounts SET balance = 8 WHERE id = 1",
        PAIRS,
        "COMMIT",
    ],
    &[
        "START TRANSACTION READ ONLY",
        PAIRS,
        "UPDATE accounts SET note = 'm' WHERE id = 300",
        NOTES,
        "COMMIT",
    ],
    &[
        "SET TRANSACTION ISOLATION LEVEL SERIALIZABLE",
        "BEGIN",
        NOTES,
        "UPDATE accounts SET note = 'serial' WHERE id = 300",
        NOTES,
        "COMMIT AND CHAIN",
        NOTES,
        "COMMIT",
    ],
];

#[tokio::test]
async fn a_gathered_statement_belongs_to_its_transaction() {
    let (place, proxy) = bank("").await;
    for sequence in SEQUENCES {
        same(&place, &proxy, sequence).await;
    }
    proxy.shutdown().await;
}

#[tokio::test]
async fn a_snapshot_stays_the_same_while_others_write() {
    let (_place, proxy) = bank("").await;
    let mut reader = connect_app(&proxy).await;
    let mut writer = connect_app(&proxy).await;
    reader.query_drop("BEGIN").await.unwrap();
    let pairs = |rows: Vec<(u32, u32, i64)>| rows.len();
    let before = pairs(reader.query(PAIRS).await.unwrap());
    for id in [A, B] {
        let sql = format!("UPDATE accounts SET balance = {id} WHERE id = {id}");
        writer.query_drop(sql).await.unwrap();
    }
    assert_eq!(pairs(reader.query(PAIRS).await.unwrap()), before);
    reader.query_drop("COMMIT").await.unwrap();
    assert!(pairs(reader.query(PAIRS).await.unwrap()) < before);
    proxy.shutdown().await;
}

/// Runs a statement that fails in a transaction of two servers, which goes on without it; KILL ends
/// one that waits for somebody's lock of a row, or finishes slowly.
async fn fails(more: &str, statement: &'static str, code: u16, lock: Option<u32>) {
    let (_place, proxy) = bank(more).await;
    let mut client = connect_app(&proxy).await;
    let mut other = connect_app(&proxy).await;
    let id: Option<u64> = client.query_first("SELECT CONNECTION_ID()").await.unwrap();
    for statement in [
        "SET TRANSACTION ISOLATION LEVEL SERIALIZABLE",
        "BEGIN",
        "UPDATE accounts SET balance = 50 WHERE id = 1",
        "UPDATE accounts SET balance = 150 WHERE id = 300",
    ] {
        client.query_drop(statement).await.unwrap();
    }
    if let Some(row) = lock {
        other.query_drop("BEGIN").await.unwrap();
        let sql = format!("UPDATE accounts SET note = 'mine' WHERE id = {row}");
        other.query_drop(sql).await.unwrap();
    }
    let running = tokio::spawn(async move {
        let error = client.query_drop(statement).await.unwrap_err();
        (client, error)
    });
    if code == INTERRUPTED {
        tokio::time::sleep(Duration::from_secs(1)).await;
        let kill = format!("KILL QUERY {}", id.unwrap());
        other.query_drop(kill).await.unwrap();
    }
    let (mut client, error) = running.await.unwrap();
    let mysql_async::Error::Server(server) = &error else {
        panic!("{statement}: {error}");
    };
    assert_eq!(server.code, code, "{statement}: {error}");
    assert_eq!(balance(&mut client, B).await, 150, "{statement}");
    assert!(in_transaction(&client), "{statement}");
    client.query_drop("ROLLBACK").await.unwrap();
    let after = (balance(&mut client, A).await, balance(&mut client, B).await);
    assert_eq!(after, (100, 100), "{statement}");
    other.query_drop("ROLLBACK").await.unwrap();
    proxy.shutdown().await;
}

#[tokio::test]
async fn a_budget_leaves_the_transaction_open() {
    fails("[server.gather]\nmax_rows = 9", PAIRS, OUT_OF_MEMORY, None).await;
}

#[tokio::test]
async fn kill_query_leaves_the_transaction_open() {
    for row in [150, 500] {
        fails("", NOTES, INTERRUPTED, Some(row)).await;
    }
}

#[tokio::test]
async fn kill_query_of_the_finish_leaves_the_transaction_open() {
    let sql = "SELECT SUM(BENCHMARK(4000000000, SHA2(x.id, 256))) FROM accounts x \
               JOIN accounts y ON x.balance = y.balance";
    fails("", sql, INTERRUPTED, None).await;
}
