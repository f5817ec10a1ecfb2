//! Pooled connections that died while nobody used them.

use std::time::Duration;

use mysql_async::prelude::Queryable;

use shardwell::wire::decode_err;

use crate::common::{PASSWORD, USER};
use crate::raw::{PATIENCE, Raw};
use crate::solo::{SOLO, Solo, shared};

const POOLED: &str = "SELECT ID FROM information_schema.PROCESSLIST \
                      WHERE COMMAND = 'Sleep' AND ID <> CONNECTION_ID() AND DB = DATABASE()";

#[tokio::test]
async fn a_pooled_connection_that_was_killed_is_replaced_without_an_error() {
    let (place, proxy) = shared("", "").await;
    let mut server = place.shard(0).await;
    let mut client = Raw::app(proxy.address(), Some(SOLO)).await;
    for n in 0..10 {
        assert!(client.works().await);
        // The server needs a moment to call the connection idle.
        let mut pooled: Vec<u64> = Vec::new();
        while pooled.is_empty() {
            pooled = server.query(POOLED).await.unwrap();
        }
        for id in pooled {
            server.query_drop(format!("KILL {id}")).await.unwrap();
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
        if n % 2 == 0 {
            client
                .query(&format!("INSERT INTO t VALUES ({n}, 'x')"))
                .await
                .unwrap();
        }
        assert!(client.works().await);
    }
    let rows: Vec<u32> = server.query("SELECT id FROM t ORDER BY id").await.unwrap();
    assert_eq!(rows, [0, 2, 4, 6, 8]);
}

#[tokio::test]
async fn a_server_that_closes_idle_connections_is_no_error() {
    let solo = Solo::start().await;
    let mut admin = solo.admin().await;
    admin
        .query_drop("SET GLOBAL wait_timeout = 1")
        .await
        .unwrap();
    let proxy = solo.proxy("", "").await;
    let mut client = Raw::app(proxy.address(), Some(SOLO)).await;
    client.query("INSERT INTO t VALUES (1, 'x')").await.unwrap();
    for n in 2..5 {
        tokio::time::sleep(Duration::from_millis(1900)).await;
        client
            .query(&format!("INSERT INTO t VALUES ({n}, 'x')"))
            .await
            .unwrap();
    }
    // A session that holds something on the connection cannot go on elsewhere.
    client.query("BEGIN").await.unwrap();
    client.query("INSERT INTO t VALUES (9, 'x')").await.unwrap();
    tokio::time::sleep(Duration::from_millis(1900)).await;
    client.send("INSERT INTO t VALUES (10, 'x')").await;
    client.last_words().await;
    let mut admin = solo.admin().await;
    let rows: Vec<u32> = admin
        .query("SELECT id FROM solo.t ORDER BY id")
        .await
        .unwrap();
    assert_eq!(rows, [1, 2, 3, 4]);
}

#[tokio::test]
async fn a_servers_goodbye_carries_sequence_id_zero() {
    let solo = Solo::start().await;
    let mut admin = solo.admin().await;
    admin
        .query_drop("SET GLOBAL wait_timeout = 1")
        .await
        .unwrap();
    let mut raw = Raw::greeted(solo.address()).await;
    raw.login(USER, PASSWORD, None).await.unwrap();
    let _ = raw.query("SELECT 1").await.unwrap();
    raw.packets.accept_any_sequence();
    let goodbye = tokio::time::timeout(PATIENCE, raw.packets.read_packet());
    match goodbye.await.unwrap() {
        Ok(payload) => {
            println!("{:?}", decode_err(&payload));
            // One more than the goodbye's own.
            assert_eq!(raw.packets.sequence(), 1);
        }
        Err(error) => println!("without a word: {error}"),
    }
}

#[tokio::test]
async fn an_error_that_looks_like_a_goodbye_is_an_answer() {
    let (place, proxy) = shared("", "").await;
    let mut server = place.shard(0).await;
    server
        .query_drop(
            "CREATE PROCEDURE deceive() BEGIN INSERT INTO t SELECT COUNT(*), 'once' FROM t; COMMIT; \
             SIGNAL SQLSTATE '45000' SET MYSQL_ERRNO = 4031; END",
        )
        .await
        .unwrap();
    let mut client = Raw::app(proxy.address(), Some(SOLO)).await;
    let error = client.query("CALL deceive()").await.unwrap_err();
    assert!(error.code == 4031 || error.code == 1235, "{error}");
    let rows: Vec<u32> = server.query("SELECT COUNT(*) FROM t").await.unwrap();
    assert!(rows[0] <= 1, "the procedure ran twice");
}
