//! A session's reads see its own writes, wherever they are answered.

use std::time::Duration;

use mysql_async::prelude::Queryable;

use shardwell::cli::demo::program::Flavor;
use shardwell::wire::{BackendWish, OkPacket, SessionChange, SessionChanges, client_capabilities};

use crate::common::{SCHEMA, connect_app, servers};
use crate::raw::Raw;
use crate::set::Set;

const CAUSAL: &str = r#"{ consistency = "causal", wait = "200ms" }"#;

/// How many write-then-read pairs: with SHARDWELL_LONG 100,000, or as many as it says.
fn pairs() -> u64 {
    match std::env::var("SHARDWELL_LONG") {
        Ok(wanted) => wanted.parse().unwrap_or(100_000),
        Err(_) => 3_000,
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_read_sees_the_sessions_own_writes() {
    const SESSIONS: u64 = 8;
    let set = Set::start().await;
    let proxy = set.proxy(CAUSAL, "").await;
    let before = set.replicas[0].selects().await + set.replicas[1].selects().await;
    let mut tasks = tokio::task::JoinSet::new();
    for session in 0..SESSIONS {
        let mut client = connect_app(&proxy).await;
        tasks.spawn(async move {
            let insert = format!("INSERT INTO t VALUES ({session}, 0)");
            client.query_drop(insert).await.unwrap();
            for n in 1..=pairs() / SESSIONS {
                let write = match n % 4 {
                    // In a transaction, with an error in it, and as it is.
                    0 => vec![
                        "BEGIN".to_owned(),
                        format!("UPDATE t SET v = {n} WHERE id = {session}"),
                        "COMMIT".to_owned(),
                    ],
                    _ => vec![format!("UPDATE t SET v = {n} WHERE id = {session}")],
                };
                for sql in write {
                    client.query_drop(sql).await.unwrap();
                }
                let read: Option<u64> = match n % 3 {
                    0 => {
                        let sql = "SELECT v FROM t WHERE id = ?";
                        client.exec_first(sql, (session,)).await.unwrap()
                    }
                    _ => {
                        let sql = format!("SELECT v FROM t WHERE id = {session}");
                        client.query_first(sql).await.unwrap()
                    }
                };
                assert_eq!(read, Some(n), "session {session}");
            }
        });
    }
    // One of the replicas falls behind now and then.
    let [one, _] = &set.replicas;
    while !tasks.is_empty() {
        let pause = tokio::time::sleep(Duration::from_millis(700));
        tokio::select! {
            done = tasks.join_next() => done.unwrap().unwrap(),
            () = pause => {
                one.run_on(&["STOP REPLICA SQL_THREAD"], &["STOP SLAVE SQL_THREAD"]).await;
                tokio::time::sleep(Duration::from_millis(300)).await;
                one.run_on(&["START REPLICA SQL_THREAD"], &["START SLAVE SQL_THREAD"]).await;
            }
        }
    }
    let after = set.replicas[0].selects().await + set.replicas[1].selects().await;
    assert!(
        after - before > pairs() / 2,
        "replicas answered {} times",
        after - before
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn reads_over_several_shards_see_the_sessions_own_writes() {
    const SESSIONS: u64 = 4;
    let set = Set::start().await;
    let proxy = set.proxy(CAUSAL, "").await;
    let before = set.replicas[0].selects().await + set.replicas[1].selects().await;
    let mut tasks = tokio::task::JoinSet::new();
    for session in 0..SESSIONS {
        let mut client = connect_app(&proxy).await;
        tasks.spawn(async move {
            let (one, two) = (2 * session, 2 * session + 1);
            let insert =
                format!("INSERT INTO parted.t VALUES ({one}, {session}, 0), ({two}, {session}, 0)");
            client.query_drop(insert).await.unwrap();
            for n in 1..=pairs() / SESSIONS / 3 {
                let write = format!("UPDATE parted.t SET v = {n} WHERE owner = {session}");
                client.query_drop(write).await.unwrap();
                let sql = "SELECT MIN(v), MAX(v) FROM parted.t WHERE owner = ";
                let read: Option<(u64, u64)> = match n % 2 {
                    0 => client.exec_first(format!("{sql}?"), (session,)).await,
                    _ => client.query_first(format!("{sql}{session}")).await,
                }
                .unwrap();
                assert_eq!(read, Some((n, n)), "session {session}");
            }
        });
    }
    while let Some(done) = tasks.join_next().await {
        done.unwrap();
    }
    let after = set.replicas[0].selects().await + set.replicas[1].selects().await;
    assert!(
        after - before > pairs() / 4,
        "replicas answered {} times",
        after - before
    );
}

#[tokio::test]
async fn writes_without_a_gtid_of_their_own_are_seen_too() {
    let set = Set::start().await;
    let proxy = set.proxy(CAUSAL, "").await;
    let mut client = connect_app(&proxy).await;
    let mut other = connect_app(&proxy).await;
    for id in 0..20 {
        let insert = format!("INSERT INTO t VALUES ({id}, 0)");
        client.query_drop(insert).await.unwrap();
    }
    set.wait_until_applied().await;
    for replica in &set.replicas {
        replica
            .run_on(&["STOP REPLICA SQL_THREAD"], &["STOP SLAVE SQL_THREAD"])
            .await;
    }
    for id in 0..20 {
        // Somebody else is faster: nothing is left to delete, and still it is gone.
        let delete = format!("DELETE FROM t WHERE id = {id}");
        other.query_drop(&delete).await.unwrap();
        client.query_drop(&delete).await.unwrap();
        assert_eq!(client.affected_rows(), 0);
        let sql = format!("SELECT id FROM t WHERE id = {id}");
        let found: Option<u32> = client.query_first(sql).await.unwrap();
        assert_eq!(found, None);
    }
}

#[tokio::test]
async fn what_one_session_wrote_another_one_sees_by_its_position() {
    let set = Set::start().await;
    let proxy = set.proxy(CAUSAL, "").await;
    let mut writer = connect_app(&proxy).await;
    let mut reader = connect_app(&proxy).await;
    for replica in &set.replicas {
        replica
            .run_on(&["STOP REPLICA SQL_THREAD"], &["STOP SLAVE SQL_THREAD"])
            .await;
    }
    for (id, write) in [
        (1, "INSERT INTO t VALUES (1, 0)"),
        // It has no GTID of its own.
        (1, "DELETE FROM t WHERE id = 7"),
        (2, "INSERT INTO t VALUES (2, 0)"),
    ] {
        writer.query_drop(write).await.unwrap();
        let position: Option<String> = writer.query_first("SHOW SHARDWELL POSITION").await.unwrap();
        let position = position.unwrap();
        assert!(position.starts_with("a="), "{position}");
        let set_position = format!("SET SESSION shardwell_position = '{position}'");
        reader.query_drop(set_position).await.unwrap();
        let sql = format!("SELECT id FROM t WHERE id = {id}");
        let found: Option<u32> = reader.query_first(sql).await.unwrap();
        assert_eq!(found, Some(id), "{write}");
    }
    for wrong in ["'b=1'", "'a=x'", "7", "'a'"] {
        let sql = format!("SET shardwell_position = {wrong}");
        let error = reader.query_drop(sql).await.unwrap_err().to_string();
        assert!(error.contains("1231"), "{error}");
    }
}

/// The GTIDs that the answer to a statement tells.
async fn told(client: &mut Raw, sql: &str) -> Vec<String> {
    client.send(sql).await;
    let payload = client.packets.read_packet().await.unwrap();
    let wish = BackendWish::default();
    let capabilities = client_capabilities(wish, client.greeting.capabilities);
    let ok = OkPacket::decode(&payload, capabilities).unwrap();
    let changes = SessionChanges::new(ok.session_changes);
    let gtids = changes.filter_map(|change| match change.unwrap() {
        SessionChange::Gtids(text) => Some(String::from_utf8_lossy(text).into_owned()),
        _ => None,
    });
    gtids.collect()
}

#[tokio::test]
async fn clients_hear_of_gtids_only_if_they_ask() {
    let set = Set::start().await;
    if servers().await.flavor() != Flavor::MySql {
        return;
    }
    let proxy = set.proxy(CAUSAL, "pool = { max_connections = 1 }").await;
    let mut client = Raw::app(proxy.address(), Some(SCHEMA)).await;
    assert!(
        told(&mut client, "INSERT INTO t VALUES (1, 1)")
            .await
            .is_empty()
    );
    client
        .query("SET SESSION session_track_gtids = OWN_GTID")
        .await
        .unwrap();
    assert_eq!(
        told(&mut client, "INSERT INTO t VALUES (2, 1)").await.len(),
        1
    );
    client
        .query("SET SESSION session_track_gtids = OFF")
        .await
        .unwrap();
    assert!(
        told(&mut client, "INSERT INTO t VALUES (3, 1)")
            .await
            .is_empty()
    );
    // The one connection goes back to what the proxy needs of it.
    let mut client = connect_app(&proxy).await;
    client
        .query_drop("INSERT INTO t VALUES (4, 1)")
        .await
        .unwrap();
    let sql = "SELECT id, name FROM t, who WHERE id = 4";
    let (id, name): (u32, String) = client.query_first(sql).await.unwrap().unwrap();
    assert_eq!(id, 4);
    assert_ne!(name, "p", "its GTID was known");
}
