//! The orderly end of a proxy.

use std::time::{Duration, Instant};

use mysql_async::prelude::Queryable;

use crate::raw::Raw;
use crate::solo::{SOLO, shared};

#[tokio::test]
async fn a_shutdown_lets_work_end_and_then_ends_the_rest() {
    let (place, proxy) = shared("[server.timeouts]\ndrain = \"3s\"", "").await;
    let address = proxy.address();
    let mut idle = Raw::app(address, Some(SOLO)).await;
    let mut running = Raw::app(address, Some(SOLO)).await;
    let mut finishing = Raw::app(address, Some(SOLO)).await;
    let mut endless = Raw::app(address, Some(SOLO)).await;
    for client in [&mut finishing, &mut endless] {
        client.query("BEGIN").await.unwrap();
    }
    finishing
        .query("INSERT INTO t VALUES (1, 'kept')")
        .await
        .unwrap();
    endless
        .query("INSERT INTO t VALUES (2, 'lost')")
        .await
        .unwrap();
    running.send("SELECT SLEEP(1)").await;
    tokio::time::sleep(Duration::from_millis(200)).await;

    let started = Instant::now();
    let shutdown = tokio::spawn(proxy.shutdown());
    assert_eq!(idle.last_words().await.code, 1053);
    assert!(started.elapsed() < Duration::from_secs(1));
    assert!(tokio::net::TcpStream::connect(address).await.is_err());
    assert_eq!(running.answer().await.unwrap().len(), 1);
    assert_eq!(running.last_words().await.code, 1053);
    finishing
        .query("INSERT INTO t VALUES (3, 'kept')")
        .await
        .unwrap();
    finishing.query("COMMIT").await.unwrap();
    assert_eq!(finishing.last_words().await.code, 1053);
    endless.last_words().await;
    let waited = started.elapsed();
    assert!(waited > Duration::from_millis(2500), "{waited:?}");
    shutdown.await.unwrap();
    assert!(started.elapsed() < Duration::from_secs(7));
    let mut server = place.shard(0).await;
    let kept: Vec<u32> = server.query("SELECT id FROM t ORDER BY id").await.unwrap();
    assert_eq!(kept, [1, 3]);
}
