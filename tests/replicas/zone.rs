//! Reads stay in the proxy's zone while a server there can answer them.

use shardwell::cli::demo::proxy::start_proxy;

use crate::common::connect_app;
use crate::set::{Set, config, eventually, who};

#[tokio::test]
async fn the_near_replica_answers_while_it_is_well() {
    let set = Set::start().await;
    let ports = set.nodes().map(|node| node.port);
    let near = format!("\"127.0.0.1:{}\"]", ports[2]);
    let placed = format!(
        "{{ address = {}, zone = \"here\" }}]",
        near.trim_end_matches(']')
    );
    let text = config(ports, "\"eventual\"", "")
        .replace("[server]", "[server]\nzone = \"here\"")
        .replace(&near, &placed);
    let proxy = start_proxy(text).await.unwrap();
    let mut client = connect_app(&proxy).await;
    eventually("it was looked at", async || who(&mut client).await == "r2").await;
    for _ in 0..50 {
        assert_eq!(who(&mut client).await, "r2");
    }
    let frozen = set.replicas[1].freeze();
    eventually("the far one answers", async || {
        who(&mut client).await == "r1"
    })
    .await;
    for _ in 0..50 {
        assert_eq!(who(&mut client).await, "r1");
    }
    drop(frozen);
    eventually("it is back", async || who(&mut client).await == "r2").await;
}
