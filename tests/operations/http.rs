//! Who gets in, and to what.

use std::time::Duration;

use crate::common::Place;
use crate::page::{get, get_with, with_admin};
use shardwell::cli::demo::proxy::start_proxy;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

#[tokio::test]
async fn without_the_token_nothing_is_shown() {
    let place = Place::new().await;
    let keys = "token = \"0123456789abcdef\"";
    let (config, address) = with_admin(&place.config(""), keys);
    let proxy = start_proxy(config).await.unwrap();
    for path in ["/metrics", "/topology", "/sessions"] {
        for headers in ["", "Authorization: Bearer 0123456789abcdeg\r\n"] {
            let refused = get_with(address, path, headers).await;
            assert_eq!(refused.status, 401, "{path}");
            assert!(
                refused.head.contains("www-authenticate: Bearer"),
                "{}",
                refused.head
            );
            assert!(!refused.body.contains("shop"), "{}", refused.body);
        }
        let token = "Authorization: Bearer 0123456789abcdef\r\n";
        assert_eq!(get_with(address, path, token).await.status, 200, "{path}");
    }
    assert_eq!(get(address, "/healthz").await.status, 200);
    assert_eq!(get(address, "/nothing").await.status, 404);
    proxy.shutdown().await;
}

#[tokio::test]
async fn topology_names_schemas_shards_tables_and_servers() {
    let place = Place::new().await;
    place
        .everywhere("CREATE TABLE t (id BIGINT PRIMARY KEY)")
        .await;
    let tables = "[schemas.shop.tables.t]\nkey = \"id\"\nalgorithm = \"mod\"";
    let (config, address) = with_admin(&place.config(tables), "");
    let proxy = start_proxy(config).await.unwrap();
    let page = get(address, "/topology").await;
    let topology: serde_json::Value = serde_json::from_str(&page.body).unwrap();
    let shop = &topology["schemas"][0];
    assert_eq!(shop["name"], "shop", "{topology:#}");
    assert_eq!(shop["shards"].as_array().unwrap().len(), 4);
    assert_eq!(shop["tables"][0]["name"], "t");
    assert_eq!(shop["tables"][0]["kind"], "sharded");
    let server = &topology["replica_sets"][1]["servers"][0];
    assert_eq!(server["role"], "primary", "{topology:#}");
    assert_eq!(server["up"], true);
    proxy.shutdown().await;
}

#[tokio::test]
async fn a_request_with_endless_headers_is_turned_away() {
    let place = Place::new().await;
    let (config, address) = with_admin(&place.config(""), "");
    let proxy = start_proxy(config).await.unwrap();
    let mut stream = TcpStream::connect(address).await.unwrap();
    let line = format!("X-Long: {}\r\n", "x".repeat(1000));
    let mut request = "GET /healthz HTTP/1.1\r\nHost: admin\r\n".to_owned();
    (0..100).for_each(|_| request.push_str(&line));
    // It may be gone before it has all.
    let _ = stream.write_all(request.as_bytes()).await;
    let mut answer = Vec::new();
    let read = stream.read_to_end(&mut answer);
    let read = tokio::time::timeout(Duration::from_secs(30), read).await;
    assert!(read.is_ok(), "the connection is still open");
    let answer = String::from_utf8_lossy(&answer);
    assert!(
        answer.is_empty() || answer.starts_with("HTTP/1.1 431"),
        "{answer}"
    );
    assert_eq!(get(address, "/healthz").await.status, 200);
    proxy.shutdown().await;
}

#[tokio::test]
async fn with_tls_plain_http_gets_nothing() {
    let place = Place::new().await;
    let (config, address) = with_admin(&place.config(""), "tls = {}");
    let proxy = start_proxy(config).await.unwrap();
    let mut stream = TcpStream::connect(address).await.unwrap();
    let request = b"GET /healthz HTTP/1.1\r\nHost: admin\r\n\r\n";
    stream.write_all(request).await.unwrap();
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
    assert!(!answer.starts_with(b"HTTP"), "{answer:?}");

    // As a scraper does that does not check the name.
    let stream = shardwell::net::Stream::Tcp(TcpStream::connect(address).await.unwrap());
    let tls = shardwell::net::tls::ClientTls::unverified().unwrap();
    let mut stream = tls.connect(stream, "localhost").await.unwrap();
    let request = b"GET /healthz HTTP/1.1\r\nHost: admin\r\nConnection: close\r\n\r\n";
    stream.write_all(request).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    proxy.shutdown().await;
}
