//! Statements that are ended from outside, and clients that leave in the middle of one.

use std::time::{Duration, Instant};

use mysql_async::Conn;
use mysql_async::prelude::Queryable;

use crate::common::{APP_PASSWORD, connect};
use crate::raw::Raw;
use crate::solo::{SOLO, shared};

/// Waits until the server runs as many statements with `needle` in them.
pub async fn wait_for_statements(server: &mut Conn, needle: &str, wanted: usize) -> Duration {
    let started = Instant::now();
    loop {
        let sql = "SELECT INFO FROM information_schema.PROCESSLIST WHERE INFO IS NOT NULL";
        let running: Vec<String> = server.query(sql).await.unwrap();
        let found = running.iter().filter(|sql| sql.contains(needle)).count();
        if found == wanted {
            return started.elapsed();
        }
        assert!(started.elapsed() < Duration::from_secs(10), "{running:?}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn a_client_that_leaves_takes_its_statement_with_it() {
    let (place, proxy) = shared("", "").await;
    let mut server = place.shard(0).await;
    let mut others = Vec::new();
    for _ in 0..20 {
        let mut raw = Raw::app(proxy.address(), Some(SOLO)).await;
        raw.send("SELECT SLEEP(60) AS leaver").await;
        others.push(raw);
    }
    let mut witness = Raw::app(proxy.address(), Some(SOLO)).await;
    wait_for_statements(&mut server, "leaver", 20).await;
    // One by one it takes no time; all at once they queue for few connections to kill with.
    let crowd = others.split_off(1);
    drop(others);
    let gone_after = wait_for_statements(&mut server, "leaver", 19).await;
    assert!(gone_after < Duration::from_secs(2), "{gone_after:?}");
    drop(crowd);
    let gone_after = wait_for_statements(&mut server, "leaver", 0).await;
    println!("19 statements gone after {gone_after:?}");
    assert!(witness.works().await);
}

#[tokio::test]
async fn kill_query_ends_the_statement_and_not_the_session() {
    let (place, proxy) = shared("", "").await;
    let mut server = place.shard(0).await;
    let mut victim = Raw::app(proxy.address(), Some(SOLO)).await;
    let mut killer = Raw::app(proxy.address(), Some(SOLO)).await;
    let id = victim.greeting.connection_id;
    victim
        .send("SELECT id, SLEEP(60) FROM (SELECT 1 AS id UNION SELECT 2) AS victims")
        .await;
    wait_for_statements(&mut server, "victims", 1).await;
    killer.query(&format!("KILL QUERY {id}")).await.unwrap();
    // An interrupted SLEEP() is no error by itself: both answers are MySQL's.
    if let Err(error) = victim.answer().await {
        assert_eq!(error.code, 1317);
    }
    wait_for_statements(&mut server, "victims", 0).await;
    assert!(victim.works().await);
    assert!(killer.works().await);
}

#[tokio::test]
async fn kill_query_never_hits_the_connections_next_statement() {
    let (_place, proxy) = shared("", "[backend.pool]\nmax_connections = 1").await;
    let mut victim = Raw::app(proxy.address(), Some(SOLO)).await;
    let mut killer = Raw::app(proxy.address(), Some(SOLO)).await;
    let mut next = Raw::app(proxy.address(), Some(SOLO)).await;
    let id = victim.greeting.connection_id;
    for round in 0..40u64 {
        // The statement ends by itself just when it is to be killed.
        victim.send("SELECT SLEEP(0.02)").await;
        tokio::time::sleep(Duration::from_micros(17_000 + 150 * round)).await;
        let (killed, _) = tokio::join!(killer.query("DO 0"), async {
            tokio::time::sleep(Duration::ZERO).await;
        });
        drop(killed);
        killer.query(&format!("KILL QUERY {id}")).await.unwrap();
        let (slept, _) = tokio::join!(
            next.query("SELECT SLEEP(0.03), BENCHMARK(1000, 1)"),
            victim.answer()
        );
        assert_eq!(slept.unwrap()[0][..2], *b"\x010", "round {round}");
    }
}

#[tokio::test]
async fn kill_connection_ends_the_session_with_a_word() {
    let (_place, proxy) = shared("", "").await;
    let mut killer = Raw::app(proxy.address(), Some(SOLO)).await;
    let mut idle = Raw::app(proxy.address(), Some(SOLO)).await;
    let mut busy = Raw::app(proxy.address(), Some(SOLO)).await;
    busy.send("SELECT SLEEP(60)").await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    for victim in [&mut idle, &mut busy] {
        let id = victim.greeting.connection_id;
        killer.query(&format!("KILL {id}")).await.unwrap();
        assert_eq!(victim.last_words().await.code, 1317);
    }
    assert!(killer.works().await);
}

#[tokio::test]
async fn only_the_owner_may_kill() {
    let (_place, proxy) = shared("", "").await;
    let mut app = Raw::app(proxy.address(), Some(SOLO)).await;
    let mut other = Raw::greeted(proxy.address()).await;
    other.login("other", APP_PASSWORD, None).await.unwrap();
    let id = app.greeting.connection_id;
    for sql in [format!("KILL {id}"), format!("KILL QUERY {id}")] {
        assert_eq!(other.query(&sql).await.unwrap_err().code, 1095);
    }
    for unknown in ["KILL 4000000000", "KILL QUERY 99999999999", "KILL 0"] {
        assert_eq!(
            app.query(unknown).await.unwrap_err().code,
            1094,
            "{unknown}"
        );
    }
    assert!(app.works().await);
    let mut conn = connect(proxy.address(), "other", APP_PASSWORD, None)
        .await
        .unwrap();
    let seen: Vec<mysql_async::Row> = conn.query("SHOW PROCESSLIST").await.unwrap();
    assert_eq!(seen.len(), 2, "the sessions of others are not shown");
}

#[tokio::test]
async fn kill_query_of_an_idle_session_does_nothing() {
    let (_place, proxy) = shared("", "").await;
    let mut killer = Raw::app(proxy.address(), Some(SOLO)).await;
    let mut idle = Raw::app(proxy.address(), Some(SOLO)).await;
    let id = idle.greeting.connection_id;
    killer.query(&format!("KILL QUERY {id}")).await.unwrap();
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert_eq!(idle.value("SELECT SLEEP(0.2)").await, "0");
}

#[tokio::test]
async fn a_statement_that_waits_for_a_connection_can_be_killed() {
    let backend = "[backend.pool]\nmax_connections = 1\nacquire_timeout = \"9s\"";
    let (_place, proxy) = shared("", backend).await;
    let mut killer = Raw::app(proxy.address(), Some(SOLO)).await;
    let mut busy = Raw::app(proxy.address(), Some(SOLO)).await;
    busy.query("BEGIN").await.unwrap();
    busy.query("INSERT INTO t VALUES (1, 'x')").await.unwrap();
    let mut waiting = Raw::app(proxy.address(), Some(SOLO)).await;
    let mut doomed = Raw::app(proxy.address(), Some(SOLO)).await;
    for client in [&mut waiting, &mut doomed] {
        client.send("INSERT INTO t VALUES (2, 'x')").await;
    }
    tokio::time::sleep(Duration::from_millis(200)).await;
    let started = Instant::now();
    for (kill, victim) in [("KILL QUERY", &waiting), ("KILL", &doomed)] {
        let id = victim.greeting.connection_id;
        killer.query(&format!("{kill} {id}")).await.unwrap();
    }
    assert_eq!(waiting.answer().await.unwrap_err().code, 1317);
    assert_eq!(doomed.last_words().await.code, 1317);
    assert!(started.elapsed() < Duration::from_secs(2));
    busy.query("COMMIT").await.unwrap();
    assert!(waiting.works().await);
}
