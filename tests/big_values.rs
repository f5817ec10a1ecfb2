//! Values that do not fit into one packet of 16 MiB, to the servers and from them.

#![allow(clippy::unwrap_used)]

mod common;

use common::{APP_PASSWORD, APP_USER, Place, SCHEMA};
use mysql_async::prelude::Queryable;
use mysql_async::{Conn, Opts, OptsBuilder};
use shardwell::cli::demo::proxy::ProxyHandle;

/// A packet of this size is followed by another one, which may be empty.
const FULL: usize = (1 << 24) - 1;

async fn connect(proxy: &ProxyHandle) -> Conn {
    Conn::new(Opts::from(
        OptsBuilder::default()
            .ip_or_hostname("127.0.0.1")
            .tcp_port(proxy.address().port())
            .user(Some(APP_USER))
            .pass(Some(APP_PASSWORD))
            .db_name(Some(SCHEMA))
            .max_allowed_packet(Some(64 << 20))
            .prefer_socket(false),
    ))
    .await
    .unwrap()
}

async fn limit(app: &mut Conn) -> usize {
    let limit = app.query_first("SELECT @@max_allowed_packet").await;
    limit.unwrap().unwrap()
}

#[tokio::test]
async fn statements_of_any_size_reach_their_shard() {
    let place = Place::new().await;
    place
        .everywhere("CREATE TABLE bodies (id BIGINT PRIMARY KEY, body LONGBLOB)")
        .await;
    let tables = "[schemas.shop.tables.bodies]\nkey = \"id\"\nalgorithm = \"hash_mod\"";
    let proxy = place.proxy(tables).await;
    let mut app = connect(&proxy).await;
    let limit = limit(&mut app).await;
    let (before, behind) = ("INSERT INTO bodies VALUES (7, '", "')");
    // The command's byte belongs to the packet.
    let around = 1 + before.len() + behind.len();
    for packet in [FULL - 1, FULL, FULL + 1, 2 * FULL, 2 * FULL + 1] {
        if packet >= limit {
            continue;
        }
        let size = packet - around;
        let insert = format!("{before}{}{behind}", "x".repeat(size));
        app.query_drop(insert).await.unwrap();
        assert_eq!(app.affected_rows(), 1);
        let stored = app.query_first("SELECT LENGTH(body) FROM bodies WHERE id = 7");
        assert_eq!(stored.await.unwrap(), Some(size), "{packet}");
        app.query_drop("DELETE FROM bodies WHERE id = 7")
            .await
            .unwrap();
    }
    proxy.shutdown().await;
}

#[tokio::test]
async fn rows_of_any_size_reach_the_client() {
    let place = Place::new().await;
    let proxy = place.proxy("").await;
    let mut app = connect(&proxy).await;
    let limit = limit(&mut app).await;
    for row in [FULL - 1, FULL, FULL + 1, 2 * FULL, 2 * FULL + 1] {
        if row >= limit {
            continue;
        }
        // The value's length takes four bytes of the row, or nine.
        let overhead = if row < (1 << 24) + 4 { 4 } else { 9 };
        let size = row - overhead;
        let statement = format!("SELECT REPEAT('x', {size}) UNION ALL SELECT 'end'");
        let rows: Vec<Vec<u8>> = app.query(statement).await.unwrap();
        let sizes: Vec<usize> = rows.iter().map(Vec::len).collect();
        assert_eq!(sizes, [size, 3], "{row}");
    }
    proxy.shutdown().await;
}
