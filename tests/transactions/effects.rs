//! What errors and other statements do to a transaction over two servers.

use mysql_async::prelude::Queryable;
use mysql_async::{Conn, Error};

use crate::accounts::{A, B, balance, bank, everything, in_transaction};
use crate::common::connect_app;

fn code(result: Result<(), Error>) -> u16 {
    match result {
        Err(Error::Server(error)) => error.code,
        other => panic!("an error was expected: {other:?}"),
    }
}

async fn set(connection: &mut Conn, id: u32, balance: i64) -> Result<(), Error> {
    let sql = format!("UPDATE accounts SET balance = {balance} WHERE id = {id}");
    connection.query_drop(sql).await
}

async fn run(connection: &mut Conn, sql: &str) {
    connection.query_drop(sql).await.expect(sql);
}

const DEADLOCK: u16 = 1213;
const LOCK_WAIT: u16 = 1205;

/// A deadlock inside one server, of a transaction that writes on both: MySQL rolls all of it back.
#[tokio::test]
async fn a_deadlock_rolls_back_every_server() {
    let (_place, proxy) = bank("").await;
    // The victim is where the other transaction has changed more: on the first server, then on the
    // second one.
    for (there, here, second, third) in [(B, A, 2, 150), (A, B, 301, 500)] {
        let mut victim = connect_app(&proxy).await;
        let mut other = connect_app(&proxy).await;
        run(&mut other, "BEGIN").await;
        for id in [second, third] {
            set(&mut other, id, 77).await.unwrap();
        }
        run(&mut victim, "BEGIN").await;
        set(&mut victim, there, 55).await.unwrap();
        set(&mut victim, here, 55).await.unwrap();
        let waits = tokio::spawn(async move {
            let done = set(&mut other, here, 77).await;
            (other, done)
        });
        tokio::time::sleep(std::time::Duration::from_millis(300)).await;
        assert_eq!(code(set(&mut victim, second, 55).await), DEADLOCK);
        let (mut other, done) = waits.await.unwrap();
        done.unwrap();
        run(&mut other, "ROLLBACK").await;
        // The transaction is gone: what follows commits itself.
        assert_eq!(balance(&mut victim, there).await, 100);
        assert!(!in_transaction(&victim));
        set(&mut victim, there, 56).await.unwrap();
        run(&mut victim, "ROLLBACK").await;
        assert_eq!(balance(&mut victim, there).await, 56);
        assert_eq!(balance(&mut victim, here).await, 100);
        set(&mut victim, there, 100).await.unwrap();
    }
    proxy.shutdown().await;
}

/// The same before the second server has joined: nothing may join a transaction that is gone.
#[tokio::test]
async fn nothing_joins_a_transaction_that_a_deadlock_has_ended() {
    let (_place, proxy) = bank("").await;
    let mut victim = connect_app(&proxy).await;
    let mut other = connect_app(&proxy).await;
    run(&mut other, "BEGIN").await;
    set(&mut other, 2, 77).await.unwrap();
    set(&mut other, 150, 77).await.unwrap();
    run(&mut victim, "BEGIN").await;
    set(&mut victim, A, 55).await.unwrap();
    let waits = tokio::spawn(async move {
        set(&mut other, A, 77).await.unwrap();
        run(&mut other, "ROLLBACK").await;
    });
    tokio::time::sleep(std::time::Duration::from_millis(300)).await;
    assert_eq!(code(set(&mut victim, 2, 55).await), DEADLOCK);
    waits.await.unwrap();
    set(&mut victim, B, 56).await.unwrap();
    run(&mut victim, "ROLLBACK").await;
    assert_eq!(balance(&mut victim, B).await, 56);
    proxy.shutdown().await;
}

#[tokio::test]
async fn a_lock_wait_timeout_takes_back_its_statement_only() {
    let (_place, proxy) = bank("").await;
    let mut holder = connect_app(&proxy).await;
    run(&mut holder, "BEGIN").await;
    set(&mut holder, 301, 77).await.unwrap();
    let mut waiting = connect_app(&proxy).await;
    run(&mut waiting, "SET innodb_lock_wait_timeout = 1").await;
    run(&mut waiting, "BEGIN").await;
    set(&mut waiting, A, 11).await.unwrap();
    set(&mut waiting, B, 12).await.unwrap();
    assert_eq!(code(set(&mut waiting, 301, 13).await), LOCK_WAIT);
    run(&mut holder, "ROLLBACK").await;
    set(&mut waiting, 301, 14).await.unwrap();
    run(&mut waiting, "COMMIT").await;
    let found = [
        balance(&mut waiting, A).await,
        balance(&mut waiting, B).await,
        balance(&mut waiting, 301).await,
    ];
    assert_eq!(found, [11, 12, 14]);
    proxy.shutdown().await;
}

/// Definitions commit what is open, also where XA would refuse them, and on other servers.
#[tokio::test]
async fn a_definition_commits_on_every_server() {
    let (_place, proxy) = bank("").await;
    let mut app = connect_app(&proxy).await;
    // Where the transaction is open, and where the definition goes to.
    let cases: [(&[u32], usize); 5] = [
        (&[A, B], 1),
        (&[A, B], 3),
        (&[B, A], 1),
        (&[A], 3),
        (&[A], 1),
    ];
    for (at, (accounts, log)) in cases.into_iter().enumerate() {
        let balance_then = 10 + i64::try_from(at).unwrap();
        run(&mut app, "BEGIN").await;
        for id in accounts {
            set(&mut app, *id, balance_then).await.unwrap();
        }
        run(
            &mut app,
            &format!("ALTER TABLE log{log} ADD COLUMN c{at} INT"),
        )
        .await;
        assert!(!in_transaction(&app));
        run(&mut app, "ROLLBACK").await;
        for id in accounts {
            assert_eq!(balance(&mut app, *id).await, balance_then, "case {at}");
        }
    }
    proxy.shutdown().await;
}

#[tokio::test]
async fn a_session_that_ends_in_a_transaction_leaves_nothing() {
    let (place, proxy) = bank("").await;
    let before = everything(&place).await.0;
    for goodbye in ["quit", "drop", "reset"] {
        let mut app = connect_app(&proxy).await;
        run(&mut app, "BEGIN").await;
        set(&mut app, A, 1).await.unwrap();
        set(&mut app, B, 1).await.unwrap();
        match goodbye {
            "quit" => app.disconnect().await.unwrap(),
            "reset" => {
                app.reset().await.unwrap();
                assert_eq!(balance(&mut app, 500).await, 100);
                assert!(!in_transaction(&app));
            }
            _ => drop(app),
        }
        // The locks are free soon.
        let mut next = connect_app(&proxy).await;
        for id in [A, B] {
            set(&mut next, id, 100).await.unwrap();
        }
        assert_eq!(everything(&place).await.0, before, "{goodbye}");
    }
    proxy.shutdown().await;
}
