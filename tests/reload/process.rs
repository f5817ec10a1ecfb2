//! Signals, and two processes on one port.

use std::net::SocketAddr;
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use mysql_async::prelude::Queryable;
use mysql_async::{Conn, Error};
use nix::sys::signal::Signal;
use shardwell::wire::decode_err;

use crate::common::process::{Process, connect_when_up, listens};
use crate::common::{self, APP_PASSWORD, APP_USER, Place, SCHEMA};
use crate::file::File;
use crate::raw::Raw;

const TABLES: &str = "[schemas.shop.tables.t]\nkey = \"id\"\nalgorithm = { kind = \"mod\" }\n";

async fn place() -> Place {
    let place = Place::new().await;
    place
        .everywhere("CREATE TABLE t (id INT PRIMARY KEY, v INT)")
        .await;
    place
}

fn address(file: &File) -> SocketAddr {
    listens(&file.first)
}

async fn connect(file: &File, password: &str) -> Conn {
    connect_when_up(address(file), password).await
}

#[tokio::test(flavor = "multi_thread")]
async fn sighup_has_the_file_read_again() {
    let file = File::new(&place().await, TABLES);
    let process = Process::start(&file.path, Stdio::null());
    let mut old = connect(&file, APP_PASSWORD).await;
    file.replace("app-secret", "changed");
    process.signal(Signal::SIGHUP);
    connect(&file, "changed").await;
    old.query_drop("SELECT * FROM t").await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn sigterm_lets_statements_and_transactions_end_and_idle_clients_are_told() {
    let file = File::new(&place().await, TABLES);
    let mut process = Process::start(&file.path, Stdio::null());
    let mut running = connect(&file, APP_PASSWORD).await;
    let mut idle = Raw::app(address(&file), None).await;
    let mut open = connect(&file, APP_PASSWORD).await;
    open.query_drop("BEGIN").await.unwrap();
    open.query_drop("INSERT INTO t VALUES (1, 1)")
        .await
        .unwrap();
    let running = tokio::spawn(async move {
        let slept: Option<i64> = running.query_first("SELECT SLEEP(2)").await.unwrap();
        slept
    });
    tokio::time::sleep(Duration::from_millis(500)).await;
    process.signal(Signal::SIGTERM);
    idle.packets.reset_sequence();
    let last_words = decode_err(&idle.packets.read_packet().await.unwrap()).unwrap();
    let expected = "ERROR 1053 (08S01): Server shutdown in progress";
    assert_eq!(last_words.to_string(), expected);
    assert!(
        idle.packets.read_packet().await.is_err(),
        "the connection is closed"
    );
    assert_eq!(running.await.unwrap(), Some(0));
    open.query_drop("INSERT INTO t VALUES (2, 2)")
        .await
        .unwrap();
    open.query_drop("COMMIT").await.unwrap();
    drop(open);
    assert!(process.ended().await.success());
    let _process = Process::start(&file.path, Stdio::null());
    let mut app = connect(&file, APP_PASSWORD).await;
    let rows: Vec<i64> = app.query("SELECT id FROM t ORDER BY id").await.unwrap();
    assert_eq!(rows, [1, 2]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_transaction_that_outlasts_the_drain_is_told_of_the_shutdown_and_rolled_back() {
    let file = File::new(&place().await, TABLES);
    file.replace("[server]", "[server]\ntimeouts = { drain = \"500ms\" }");
    let mut process = Process::start(&file.path, Stdio::null());
    let mut open = connect(&file, APP_PASSWORD).await;
    open.query_drop("BEGIN").await.unwrap();
    open.query_drop("INSERT INTO t VALUES (1, 1)")
        .await
        .unwrap();
    process.signal(Signal::SIGTERM);
    assert!(process.ended().await.success());
    open.query_drop("COMMIT").await.expect_err("it is over");
    let _process = Process::start(&file.path, Stdio::null());
    let mut app = connect(&file, APP_PASSWORD).await;
    let rows: Vec<i64> = app.query("SELECT id FROM t").await.unwrap();
    assert!(rows.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_process_takes_over_the_port_and_no_login_fails() {
    let file = File::new(&place().await, TABLES);
    file.replace("[server]", "[server]\nreuse_port = true");
    let mut first = Process::start(&file.path, Stdio::null());
    connect(&file, APP_PASSWORD)
        .await
        .disconnect()
        .await
        .unwrap();
    let stop = Arc::new(AtomicBool::new(false));
    let told = Arc::clone(&stop);
    let address = address(&file);
    let logins = tokio::spawn(async move {
        let (mut count, mut told_so) = (0, 0);
        while !told.load(Ordering::Relaxed) {
            let mut app = common::connect(address, APP_USER, APP_PASSWORD, Some(SCHEMA))
                .await
                .expect("a login");
            match app.query_drop("SELECT * FROM t WHERE id = 1").await {
                Ok(()) => count += 1,
                // The process that leaves says so to who has logged in.
                Err(Error::Server(error)) => assert_eq!(error.code, 1053),
                Err(_) => told_so += 1,
            }
            drop(app);
        }
        assert!(
            told_so < 3,
            "one connection at most was open as the process left"
        );
        count
    });
    let _second = Process::start(&file.path, Stdio::null());
    tokio::time::sleep(Duration::from_secs(2)).await;
    first.signal(Signal::SIGTERM);
    assert!(first.ended().await.success());
    tokio::time::sleep(Duration::from_millis(500)).await;
    stop.store(true, Ordering::Relaxed);
    assert!(logins.await.unwrap() > 10);
}
