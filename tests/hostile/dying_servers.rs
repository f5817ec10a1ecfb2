//! Servers that are killed, stopped or started again while clients work.

use std::time::{Duration, Instant};

use mysql_async::prelude::Queryable;
use shardwell::cli::demo::workspace::Workspace;
use tokio::net::TcpStream;

use crate::common::USER;
use crate::common::process::{PATIENCE, Process, listens};
use crate::raw::Raw;
use crate::solo::{SOLO, Solo};

const LOST: u16 = 2013;
const UNREACHABLE: u16 = 2003;

#[tokio::test]
async fn a_killed_server_is_a_clear_error_and_a_new_one_is_used_at_once() {
    let mut solo = Solo::start().await;
    let proxy = solo.proxy("", "").await;
    let address = proxy.address();
    let mut waiting = Raw::app(address, Some(SOLO)).await;
    let mut writing = Raw::app(address, Some(SOLO)).await;
    let mut in_transaction = Raw::app(address, Some(SOLO)).await;
    let mut idle = Raw::app(address, Some(SOLO)).await;
    assert!(idle.works().await);
    in_transaction.query("BEGIN").await.unwrap();
    in_transaction
        .query("INSERT INTO t VALUES (1, 'never')")
        .await
        .unwrap();
    waiting.send("SELECT SLEEP(30)").await;
    writing.send("INSERT INTO t SELECT 2, SLEEP(30)").await;
    tokio::time::sleep(Duration::from_millis(500)).await;

    solo.kill();
    // A read may run again, but there is no server any more; a write that may have run must not.
    let code = waiting.answer().await.unwrap_err().code;
    assert!([LOST, UNREACHABLE].contains(&code), "{code}");
    let error = writing.answer().await.unwrap_err();
    assert_eq!(error.code, LOST);
    let text = String::from_utf8_lossy(&error.message).into_owned();
    assert!(text.contains("'a'"), "{text}");
    assert_eq!(idle.query("SELECT 1").await.unwrap_err().code, UNREACHABLE);

    solo.restart().await;
    for client in [&mut waiting, &mut writing, &mut idle] {
        assert!(client.works().await);
        assert!(client.query("SELECT v FROM t").await.unwrap().is_empty());
    }
    // The rest of the transaction must not run on the new server.
    in_transaction
        .send("INSERT INTO t VALUES (3, 'rest')")
        .await;
    let told = in_transaction.last_words().await;
    assert_eq!(told.code, LOST);
    let mut admin = solo.admin().await;
    let rows: Vec<u32> = admin.query("SELECT id FROM solo.t").await.unwrap();
    assert!(rows.is_empty(), "{rows:?}");
}

#[tokio::test]
async fn a_server_that_hangs_costs_its_statements_and_nothing_else() {
    let solo = Solo::start().await;
    let server = "[server.timeouts]\nstatement = \"1s\"";
    let backend = "connect_timeout = \"500ms\"";
    let proxy = solo.proxy(server, backend).await;
    let mut client = Raw::app(proxy.address(), Some(SOLO)).await;
    assert!(client.works().await);
    let frozen = solo.freeze();
    let started = Instant::now();
    client.send("INSERT INTO t VALUES (1, 'late')").await;
    let error = client.answer().await.unwrap_err();
    assert_eq!(error.code, LOST, "{error}");
    assert!(started.elapsed() < Duration::from_secs(16));
    // New clients are greeted and served as far as no server is needed.
    let mut other = Raw::app(proxy.address(), Some(SOLO)).await;
    other.query("COMMIT").await.unwrap();
    drop(frozen);
    assert!(other.works().await);
    assert!(client.works().await);
}

#[tokio::test]
async fn a_statement_over_its_time_is_stopped_on_the_server() {
    let (place, proxy) = crate::solo::shared("[server.timeouts]\nstatement = \"1s\"", "").await;
    let mut client = Raw::app(proxy.address(), Some(SOLO)).await;
    let started = Instant::now();
    let error = client
        .query(
            "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000) \
             SELECT COUNT(*) FROM n a, n b, n c, n d WHERE a.i + b.i <> c.i * d.i",
        )
        .await
        .unwrap_err();
    assert_eq!(error.code, 3024, "{error}");
    assert!(started.elapsed() < Duration::from_secs(5));
    assert!(client.works().await);
    drop(place);
}

#[tokio::test]
async fn a_proxy_starts_before_its_servers_do() {
    let mut solo = Solo::start().await;
    solo.kill();
    let proxy = solo.proxy("", "").await;
    let mut client = Raw::app(proxy.address(), Some(SOLO)).await;
    let error = client.query("SELECT 1").await.unwrap_err();
    assert_eq!(error.code, UNREACHABLE);
    solo.restart().await;
    client.query("INSERT INTO t VALUES (1, 'x')").await.unwrap();
    assert!(client.works().await);
}

#[tokio::test]
async fn why_a_server_refuses_the_proxys_login_is_for_the_log_and_not_for_clients() {
    let solo = Solo::start().await;
    let folder = Workspace::new().unwrap();
    let (config, log) = (solo.config("", ""), folder.path().join("log"));
    let file = folder.path().join("shardwell.toml");
    std::fs::write(&file, &config).unwrap();
    let _process = Process::start(&file, std::fs::File::create(&log).unwrap());
    let address = listens(&config);
    let end = Instant::now() + PATIENCE;
    while TcpStream::connect(address).await.is_err() {
        assert!(Instant::now() < end, "it does not listen");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let mut client = Raw::app(address, Some(SOLO)).await;
    assert!(client.works().await);

    let mut admin = solo.admin().await;
    let another = format!("ALTER USER '{USER}'@'%' IDENTIFIED BY 'another'");
    admin.query_drop(another).await.unwrap();
    let open = format!("SELECT id FROM information_schema.processlist WHERE user = '{USER}'");
    let open: Vec<u64> = admin.query(open).await.unwrap();
    for id in open {
        admin.query_drop(format!("KILL {id}")).await.unwrap();
    }
    let error = client.query("SELECT v FROM t").await.unwrap_err();
    let text = String::from_utf8_lossy(&error.message).into_owned();
    assert_eq!(error.code, UNREACHABLE, "{text}");
    assert!(
        text.contains("'a'") && text.contains("the proxy's log"),
        "{text}"
    );
    assert!(
        !text.contains(USER) && !text.contains("Access denied"),
        "{text}"
    );
    let logged = std::fs::read_to_string(&log).unwrap();
    let line = logged
        .lines()
        .find(|line| line.contains("refuses the proxy's login"));
    let line = line.unwrap_or_else(|| panic!("{logged}"));
    for said in [USER, "Access denied", &solo.address().to_string()] {
        assert!(line.contains(said), "{said}: {line}");
    }
}
