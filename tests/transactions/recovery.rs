//! What proxies find prepared on the servers, left there by somebody who is gone.

use std::time::{Duration, Instant};

use mysql_async::prelude::Queryable;
use mysql_async::{Conn, Row};

use crate::accounts::{A, B, balance, bank};
use crate::common::{Place, connect_app};

/// The format number of the proxy's branches.
const FORMAT: u32 = 0x5357_4C31;

/// A branch on the second server that sets account B, prepared by a connection that is gone.
async fn prepare(place: &Place, gtrid: &str, home: &str, balance: u32) {
    let mut shard = place.shard(2).await;
    let xid = format!("'{gtrid}','{home}-1',{FORMAT}");
    for sql in [
        format!("XA START {xid}"),
        format!("UPDATE accounts SET balance = {balance} WHERE id = {B}"),
        format!("XA END {xid}"),
        format!("XA PREPARE {xid}"),
    ] {
        shard.query_drop(sql).await.unwrap();
    }
    shard.disconnect().await.unwrap();
}

async fn is_listed(place: &Place, gtrid: &str) -> bool {
    let rows: Vec<Row> = place.shard(2).await.query("XA RECOVER").await.unwrap();
    let data = |row: Row| row.get::<Vec<u8>, _>(3).unwrap();
    rows.into_iter()
        .any(|row| data(row).starts_with(gtrid.as_bytes()))
}

async fn wait_until_gone(place: &Place, gtrid: &str) {
    let deadline = Instant::now() + Duration::from_secs(30);
    while is_listed(place, gtrid).await {
        assert!(Instant::now() < deadline, "{gtrid} is still prepared");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// The first server's identity, which it has once a transaction over both has run.
async fn identity(app: &mut Conn, place: &Place) -> String {
    for sql in [
        "BEGIN",
        &format!("UPDATE accounts SET note = 'x' WHERE id = {A}"),
        &format!("UPDATE accounts SET note = 'x' WHERE id = {B}"),
        "COMMIT",
    ] {
        app.query_drop(sql).await.unwrap();
    }
    let mut first = place.shard(0).await;
    let identity = first
        .query_first("SELECT identity FROM shardwell.identity")
        .await;
    identity.unwrap().unwrap()
}

#[tokio::test]
async fn the_decision_row_decides_on_what_is_left_prepared() {
    let (place, proxy) = bank("[transactions]\nrecover_after = \"300ms\"").await;
    let mut app = connect_app(&proxy).await;
    let home = identity(&mut app, &place).await;
    let mut first = place.shard(0).await;
    let (committed, orphan) = (
        "00000000000000010000000000000001",
        "00000000000000010000000000000002",
    );

    let row = |gtrid| {
        format!(
            "INSERT INTO shardwell.decisions (gtrid, outcome, branches) VALUES ('{gtrid}', 'commit', '')"
        )
    };
    first.query_drop(row(committed)).await.unwrap();
    prepare(&place, committed, &home, 42).await;
    wait_until_gone(&place, committed).await;
    assert_eq!(balance(&mut app, B).await, 42);

    prepare(&place, orphan, &home, 43).await;
    wait_until_gone(&place, orphan).await;
    assert_eq!(balance(&mut app, B).await, 42);
    // Whoever prepared it and only slept can not commit any more.
    let late = first.query_drop(row(orphan)).await.unwrap_err();
    assert!(late.to_string().contains("Duplicate"), "{late}");
    proxy.shutdown().await;
}

/// The decision is about to be committed: recovery waits for it.
#[tokio::test]
async fn recovery_does_not_overtake_a_commit_that_is_under_way() {
    let (place, proxy) = bank("[transactions]\nrecover_after = \"200ms\"").await;
    let mut app = connect_app(&proxy).await;
    let home = identity(&mut app, &place).await;
    let gtrid = "00000000000000010000000000000003";
    let mut first = place.shard(0).await;
    first.query_drop("BEGIN").await.unwrap();
    let row = "INSERT INTO shardwell.decisions (gtrid, outcome, branches) VALUES";
    first
        .query_drop(format!("{row} ('{gtrid}', 'commit', '')"))
        .await
        .unwrap();
    prepare(&place, gtrid, &home, 44).await;
    tokio::time::sleep(Duration::from_millis(2500)).await;
    assert!(is_listed(&place, gtrid).await);
    first.query_drop("COMMIT").await.unwrap();
    wait_until_gone(&place, gtrid).await;
    assert_eq!(balance(&mut app, B).await, 44);
    proxy.shutdown().await;
}

#[tokio::test]
async fn a_branch_of_an_unknown_home_is_shown_and_left_alone() {
    let (place, proxy) = bank("[transactions]\nrecover_after = \"200ms\"").await;
    let mut app = connect_app(&proxy).await;
    let (gtrid, home) = (
        "00000000000000010000000000000004",
        "000000000000000000000000000000ff",
    );
    prepare(&place, gtrid, home, 45).await;
    let deadline = Instant::now() + Duration::from_secs(30);
    loop {
        let sql = "SHOW SHARDWELL TRANSACTIONS";
        let shown: Vec<(String, u32, String, String)> = app.query(sql).await.unwrap();
        if let Some((_, branch, replica_set, _)) = shown.iter().find(|row| row.0 == gtrid) {
            assert_eq!((*branch, replica_set.as_str()), (1, "b"));
            break;
        }
        assert!(Instant::now() < deadline, "never shown");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert!(is_listed(&place, gtrid).await);
    let rollback = format!("XA ROLLBACK '{gtrid}','{home}-1',{FORMAT}");
    place.shard(2).await.query_drop(rollback).await.unwrap();
    proxy.shutdown().await;
}
