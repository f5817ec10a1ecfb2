//! Statements on several shards of which one fails, dies, or is not waited for.

use std::time::{Duration, Instant};

use mysql_async::prelude::Queryable;
use shardwell::cli::demo::proxy::ProxyHandle;

use crate::common::{Place, SCHEMA};
use crate::kill::wait_for_statements;
use crate::raw::Raw;
use crate::solo::{SOLO, Solo};

const LOST: u16 = 2013;
const UNREACHABLE: u16 = 2003;
const INTERRUPTED: u16 = 1317;
const OUT_OF_RANGE: u16 = 1690;

const TABLES: &str = "[schemas.shop.tables.t]\nkey = \"id\"\nalgorithm = \"hash_mod\"\n";

/// Four shards with ten rows each; no row is where its key says, which a full scan does not mind.
async fn place() -> (Place, ProxyHandle) {
    let place = Place::new().await;
    place
        .everywhere("CREATE TABLE t (id BIGINT PRIMARY KEY, v VARCHAR(100))")
        .await;
    for position in 0..4 {
        let mut shard = place.shard(position).await;
        for id in 0..10 {
            let id = position * 100 + id;
            let insert = format!("INSERT INTO t VALUES ({id}, 'row {id}')");
            shard.query_drop(insert).await.unwrap();
        }
    }
    let proxy = place.proxy(TABLES).await;
    (place, proxy)
}

async fn nothing_runs(place: &Place, needle: &str) {
    for position in [0, 2] {
        let mut server = place.shard(position).await;
        let gone_after = wait_for_statements(&mut server, needle, 0).await;
        assert!(gone_after < Duration::from_secs(5), "{gone_after:?}");
    }
}

/// A SELECT that works for minutes on every shard, called `name`.
fn long(name: &str) -> String {
    format!("SELECT id, BENCHMARK(4000000000, SHA2(v, 256)) AS {name} FROM t")
}

#[tokio::test]
async fn the_first_error_stops_the_statement_everywhere() {
    let (place, proxy) = place().await;
    let mut client = Raw::app(proxy.address(), Some(SCHEMA)).await;
    assert_eq!(client.value("SELECT COUNT(*) FROM t").await, "40");
    let started = Instant::now();
    // On the third and the fourth shard the number is too large.
    let sql = "SELECT id, EXP(id * 5) AS failing, \
               BENCHMARK(IF(id < 100, 4000000000, 1), SHA2(v, 256)) FROM t";
    let error = client.query(sql).await.unwrap_err();
    assert_eq!(error.code, OUT_OF_RANGE, "{error}");
    assert!(started.elapsed() < Duration::from_secs(10));
    nothing_runs(&place, "failing").await;
    // The connections serve on, with the right answers.
    for _ in 0..20 {
        assert_eq!(client.value("SELECT SUM(id) FROM t").await, "6180");
    }
}

#[tokio::test]
async fn kill_query_stops_a_statement_on_all_shards() {
    let (place, proxy) = place().await;
    let mut victim = Raw::app(proxy.address(), Some(SCHEMA)).await;
    let mut killer = Raw::app(proxy.address(), Some(SCHEMA)).await;
    let id = victim.greeting.connection_id;
    victim.send(&long("scattered_victim")).await;
    let mut server = place.shard(0).await;
    wait_for_statements(&mut server, "scattered_victim", 2).await;
    killer.query(&format!("KILL QUERY {id}")).await.unwrap();
    let error = victim.answer().await.unwrap_err();
    assert_eq!(error.code, INTERRUPTED, "{error}");
    nothing_runs(&place, "scattered_victim").await;
    assert_eq!(victim.value("SELECT MAX(id) FROM t").await, "309");
}

#[tokio::test]
async fn a_client_that_leaves_takes_its_statement_off_all_shards() {
    let (place, proxy) = place().await;
    let mut leaver = Raw::app(proxy.address(), Some(SCHEMA)).await;
    leaver.send(&long("scattered_leaver")).await;
    let mut server = place.shard(0).await;
    wait_for_statements(&mut server, "scattered_leaver", 2).await;
    drop(leaver);
    nothing_runs(&place, "scattered_leaver").await;
    let mut next = Raw::app(proxy.address(), Some(SCHEMA)).await;
    assert_eq!(next.value("SELECT MIN(id) FROM t").await, "0");
}

#[tokio::test]
async fn a_server_that_dies_is_an_error_and_never_a_part_of_the_rows() {
    let mut solo = Solo::start().await;
    let config = solo.config("", "").replace(
        &format!("shards = [\"a/{SOLO}\"]"),
        &format!("shards = [\"a/{SOLO}\", \"a/solo_1\"]"),
    ) + "\n[schemas.solo.tables.t]\nkey = \"id\"\nalgorithm = \"hash_mod\"\n";
    second_shard(&solo).await;
    let proxy = shardwell::cli::demo::proxy::start_proxy(config)
        .await
        .unwrap();
    let mut client = Raw::app(proxy.address(), Some(SOLO)).await;
    let mut idle = Raw::app(proxy.address(), Some(SOLO)).await;
    assert_eq!(idle.value("SELECT COUNT(*) FROM t").await, "2");
    client.send(&long("scattered_orphan")).await;
    tokio::time::sleep(Duration::from_millis(500)).await;
    solo.kill();
    let code = client.answer().await.unwrap_err().code;
    assert!([LOST, UNREACHABLE].contains(&code), "{code}");
    let code = idle.query("SELECT COUNT(*) FROM t").await.unwrap_err().code;
    assert!([LOST, UNREACHABLE].contains(&code), "{code}");
    solo.restart().await;
    second_shard(&solo).await;
    for client in [&mut client, &mut idle] {
        assert_eq!(client.value("SELECT SUM(id) FROM t").await, "3");
    }
}

async fn second_shard(solo: &Solo) {
    let mut admin = solo.admin().await;
    for sql in [
        "CREATE DATABASE solo_1",
        "CREATE TABLE solo_1.t (id INT PRIMARY KEY, v VARCHAR(100))",
        "INSERT INTO solo.t VALUES (1, 'one')",
        "INSERT INTO solo_1.t VALUES (2, 'two')",
    ] {
        admin.query_drop(sql).await.unwrap();
    }
}

#[tokio::test]
async fn many_clients_share_few_connections() {
    let place = Place::new().await;
    place
        .everywhere("CREATE TABLE t (id BIGINT PRIMARY KEY, v VARCHAR(100))")
        .await;
    let config = place.config(TABLES).replace(
        "[backend]",
        "[backend.pool]\nmax_connections = 2\nacquire_timeout = \"20s\"\n\n[backend]",
    );
    let proxy = shardwell::cli::demo::proxy::start_proxy(config)
        .await
        .unwrap();
    let mut clients = Vec::new();
    for _ in 0..16 {
        clients.push(Raw::app(proxy.address(), Some(SCHEMA)).await);
    }
    let tasks = clients.into_iter().map(|mut client| {
        tokio::spawn(async move {
            for _ in 0..20 {
                assert_eq!(client.value("SELECT COUNT(*) FROM t").await, "0");
                assert!(
                    client
                        .query("SELECT v FROM t ORDER BY v, id")
                        .await
                        .unwrap()
                        .is_empty()
                );
            }
        })
    });
    for task in tasks.collect::<Vec<_>>() {
        task.await.unwrap();
    }
}
