//! `/readyz` follows the servers.

use std::time::{Duration, Instant};

use crate::common::{Place, servers};
use crate::page::{Metrics, get, get_with, with_admin};
use shardwell::cli::demo::proxy::start_proxy;
use shardwell::cli::demo::server::ServerOptions;

/// How long a change may take to be seen.
const PATIENCE: Duration = Duration::from_secs(60);

#[tokio::test]
async fn the_proxy_is_ready_while_every_schema_has_a_primary() {
    let place = Place::new().await;
    let own = servers().await.another(&ServerOptions::default()).await;
    let mut admin = own.admin().await.unwrap();
    mysql_async::prelude::Queryable::query_drop(&mut admin, "CREATE DATABASE mine")
        .await
        .unwrap();
    drop(admin);
    let more = format!(
        "[replica_sets.c]\nprimary = \"{}\"\n[schemas.mine]\nshards = [\"c/mine\"]",
        own.address()
    );
    let keys = "token = \"0123456789abcdef\"";
    let (config, address) = with_admin(&place.config(&more), keys);
    let proxy = start_proxy(config).await.unwrap();
    let ready = get(address, "/readyz").await;
    assert_eq!(
        (ready.status, ready.body.as_str()),
        (200, "{\"ready\":true,\"reasons\":[]}")
    );
    own.kill();
    let begun = Instant::now();
    while get(address, "/readyz").await.status != 503 {
        assert!(begun.elapsed() < PATIENCE, "still ready");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    // Whoever has no token learns that, and not why.
    let unready = get(address, "/readyz").await;
    assert_eq!(unready.body, "{\"ready\":false,\"reasons\":[]}");
    let told = get_with(
        address,
        "/readyz",
        "Authorization: Bearer 0123456789abcdef\r\n",
    )
    .await;
    assert_eq!(told.status, 503);
    assert!(
        told.body.contains("schema mine: replica set c") && !told.body.contains("schema shop"),
        "{}",
        told.body
    );
    assert_eq!(get(address, "/healthz").await.status, 200);
    proxy.shutdown().await;
}

#[tokio::test]
async fn a_server_that_cannot_be_reached_is_not_up() {
    let place = Place::new().await;
    let nowhere = shardwell::cli::demo::server::free_port().unwrap();
    let more = format!(
        "[replica_sets.c]\nprimary = \"127.0.0.1:{nowhere}\"\n[schemas.mine]\nshards = [\"c/mine\"]"
    );
    let (config, address) = with_admin(&place.config(&more), "");
    let proxy = start_proxy(config).await.unwrap();
    assert_eq!(get(address, "/readyz").await.status, 503);
    let seen = Metrics::read(address).await;
    let server = format!("{{replica_set=\"c\",server=\"127.0.0.1:{nowhere}\"}}");
    assert_eq!(seen.get(&format!("shardwell_server_up{server}")), 0.0);
    assert!(seen.get(&format!("shardwell_server_failed_connects_total{server}")) > 0.0);
    proxy.shutdown().await;
}
