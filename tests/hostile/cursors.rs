//! Rows of cursors that wait in the proxy: all of them together are bounded, and go with their client.

use std::time::Instant;

use bytes::BufMut;
use shardwell::cli::demo::proxy::{ProxyHandle, start_proxy};
use shardwell::wire::{
    put_quit, put_reset_connection, put_stmt_close, put_stmt_fetch, put_stmt_reset,
};

use crate::common::{Place, SCHEMA, with_orders};
use crate::raw::{PATIENCE, Raw};

const TABLES: &str = "[schemas.shop.tables.t]\nkey = \"id\"\nalgorithm = \"hash_mod\"\n";

const ROWS: usize = 300;

/// The answer to COM_STMT_FETCH for a statement that there is not.
const UNKNOWN: u16 = 1243;

/// COM_STMT_EXECUTE without a cursor and parameters.
const EXECUTE: [u8; 10] = [0x17, 1, 0, 0, 0, 0, 1, 0, 0, 0];

/// The only statement of a session.
const NUMBER: u32 = 1;

/// How a client gives up its cursor.
#[derive(Clone, Copy, Debug)]
enum End {
    Fetch,
    Reset,
    Close,
    Again,
    ResetConnection,
    Quit,
    Vanish,
    Kill,
}

const ENDS: [End; 8] = [
    End::Fetch,
    End::Reset,
    End::Close,
    End::Again,
    End::ResetConnection,
    End::Quit,
    End::Vanish,
    End::Kill,
];

/// A proxy in which the rows of one client fit, and not those of two.
async fn place() -> (Place, ProxyHandle) {
    let place = Place::new().await;
    place
        .everywhere("CREATE TABLE t (id BIGINT PRIMARY KEY, v TEXT)")
        .await;
    let config = place.config(TABLES);
    let config = with_orders(&config).replace(
        "[backend]",
        "[server.merge]\ncursors = \"1MiB\"\n\n[backend]",
    );
    let proxy = start_proxy(config).await.unwrap();
    let mut client = Raw::app(proxy.address(), Some(SCHEMA)).await;
    for id in 0..ROWS {
        let insert = format!("INSERT INTO t VALUES ({id}, REPEAT('x', 2000))");
        client.query(&insert).await.unwrap();
    }
    (place, proxy)
}

/// A client that has prepared a statement over all shards.
async fn prepared(proxy: &ProxyHandle) -> Raw {
    let mut client = Raw::app(proxy.address(), Some(SCHEMA)).await;
    client.packets.reset_sequence();
    client
        .packets
        .queue_with(|out| put_stmt_fetch(out, NUMBER, 1));
    client.packets.flush().await.unwrap();
    let error = client.answer().await.unwrap_err();
    assert_eq!(error.code, UNKNOWN, "a cursor of another client's");
    client
        .prepare_first("SELECT id, v FROM t ORDER BY id", 2)
        .await;
    client
}

/// Opens the cursor; says whether its rows wait. They are all there else.
async fn opens(client: &mut Raw) -> bool {
    let rows = client.open_cursor().await.unwrap();
    assert!([0, ROWS].contains(&rows.len()), "{} rows", rows.len());
    rows.is_empty()
}

/// The client's cursor is no more; gives back the client, where it is still there.
async fn end(proxy: &ProxyHandle, mut client: Raw, end: End) -> Option<Raw> {
    client.packets.reset_sequence();
    let packets = &mut client.packets;
    match end {
        End::Fetch => packets.queue_with(|out| put_stmt_fetch(out, NUMBER, u32::MAX)),
        End::Reset => packets.queue_with(|out| put_stmt_reset(out, NUMBER)),
        End::Close => packets.queue_with(|out| put_stmt_close(out, NUMBER)),
        End::Again => packets.queue_with(|out| out.put_slice(&EXECUTE)),
        End::ResetConnection => packets.queue_with(put_reset_connection),
        End::Quit => packets.queue_with(put_quit),
        End::Vanish => return None,
        End::Kill => {
            let id = client.greeting.connection_id;
            let mut other = Raw::app(proxy.address(), Some(SCHEMA)).await;
            other.query(&format!("KILL {id}")).await.unwrap();
            return Some(client);
        }
    }
    packets.flush().await.unwrap();
    match end {
        End::Fetch => {
            let mut rows = 0;
            while client.packets.read_packet().await.unwrap().len() > 100 {
                rows += 1;
            }
            assert_eq!(rows, ROWS);
        }
        End::Again => assert_eq!(client.answer().await.unwrap().len(), ROWS),
        End::Reset | End::ResetConnection => drop(client.answer().await.unwrap()),
        _ => {}
    }
    Some(client)
}

#[tokio::test]
async fn rows_that_wait_for_all_clients_are_bounded_and_go_with_them() {
    let (_place, proxy) = place().await;
    for how in ENDS {
        let mut first = prepared(&proxy).await;
        assert!(
            opens(&mut first).await,
            "{how:?}: what is left is not enough"
        );
        let mut second = prepared(&proxy).await;
        assert!(!opens(&mut second).await, "{how:?}: more than there may be");
        let _first = end(&proxy, first, how).await;
        let until = Instant::now() + PATIENCE;
        while !opens(&mut second).await {
            assert!(Instant::now() < until, "{how:?}: rows of nobody's wait");
        }
        end(&proxy, second, End::Reset).await;
    }
}
