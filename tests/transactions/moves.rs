//! An UPDATE that moves a row to another server: there or here, whatever fails at any of its steps.

use std::time::{Duration, Instant};

use mysql_async::prelude::Queryable;
use mysql_async::{Conn, Row};
use shardwell::cli::demo::proxy::start_proxy;

use crate::common::{Place, connect_app};
use crate::cost::tapped;
use crate::tap::{Tap, When};

/// What is said to the first server (0) and to the second one (1).
const STEPS: [(usize, &str); 8] = [
    (0, "shardwell node"),
    (0, "SET id = "),
    (0, "DELETE FROM `"),
    (1, "INSERT INTO `"),
    (1, "XA PREPARE"),
    (0, "decisions (gtrid"),
    (0, "COMMIT"),
    (1, "XA COMMIT"),
];

pub const PATIENCE: Duration = Duration::from_secs(60);

#[tokio::test]
async fn a_row_is_in_one_place_whatever_fails() {
    let place = Place::new().await;
    place
        .everywhere("CREATE TABLE accounts (id INT PRIMARY KEY, balance INT NOT NULL)")
        .await;
    let (config, a, b) = tapped(&place, "[transactions]\nrecover_after = \"200ms\"").await;
    let mut taps = [a, b];
    let proxy = start_proxy(config).await.unwrap();
    let mut app = connect_app(&proxy).await;
    let rows = "INSERT INTO accounts VALUES (1, 100), (2, 100), (300, 100)";
    app.query_drop(rows).await.unwrap();
    // The first transaction over both makes the proxy's own tables.
    for (from, to) in [(1, 333), (333, 1)] {
        let sql = format!("UPDATE accounts SET id = {to} WHERE id = {from}");
        app.query_drop(sql).await.unwrap();
    }
    let mut seen = [0, 0];
    for (at, needle) in STEPS {
        for when in [When::Before, When::After] {
            let sql = "UPDATE accounts SET id = 333, balance = balance + 1 WHERE id = 1";
            let client = connect_app(&proxy).await;
            let told = cut_at(&mut taps[at], (needle, when), client, sql).await;
            settle(&place, needle).await;
            let found = accounts(&place).await;
            let (here, there) = ([1, 2, 300], [2, 300, 333]);
            let moved = found.iter().any(|(id, _)| *id == 333);
            let ids: Vec<i64> = found.iter().map(|(id, _)| *id).collect();
            assert_eq!(ids, if moved { there } else { here }, "{needle} {when:?}");
            let sum: i64 = found.iter().map(|(_, balance)| balance).sum();
            assert_eq!(sum, 300 + i64::from(moved), "{needle} {when:?}");
            assert!(moved || !told, "{needle} {when:?}: told to be there");
            seen[usize::from(moved)] += 1;
            if moved {
                let back = "UPDATE accounts SET id = 1, balance = balance - 1 WHERE id = 333";
                app = connect_app(&proxy).await;
                app.query_drop(back).await.unwrap();
            }
        }
    }
    assert!(seen.iter().all(|count| *count > 2), "{seen:?}");
    drop(app);
    proxy.shutdown().await;
}

/// Cuts a server's connection at a message of the statement; says whether the client was told that it is
/// done.
pub async fn cut_at(
    tap: &mut Tap,
    (needle, when): (&str, When),
    mut client: Conn,
    sql: &'static str,
) -> bool {
    tap.cut_at(needle, when);
    let work = tokio::spawn(async move { client.query_drop(sql).await.is_ok() });
    let hit = tokio::time::timeout(PATIENCE, tap.hit()).await;
    assert!(hit.is_ok(), "{needle} never came");
    tap.cut();
    tokio::time::timeout(PATIENCE, work).await.unwrap().unwrap()
}

/// Waits until nothing is prepared.
pub async fn settle(place: &Place, what: &str) {
    let deadline = Instant::now() + PATIENCE;
    for position in [0, 2] {
        let mut server = place.shard(position).await;
        loop {
            let prepared: Vec<Row> = server.query("XA RECOVER").await.unwrap();
            if prepared.is_empty() {
                break;
            }
            assert!(Instant::now() < deadline, "{what}: still prepared");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}

/// All accounts, as they are committed; one that is locked is waited for.
async fn accounts(place: &Place) -> Vec<(i64, i64)> {
    let mut all: Vec<(i64, i64)> = Vec::new();
    for position in 0..4 {
        let sql = "SELECT id, balance FROM accounts LOCK IN SHARE MODE";
        let rows: Vec<(i64, i64)> = place.shard(position).await.query(sql).await.unwrap();
        all.extend(rows);
    }
    all.sort_unstable();
    all
}

/// What the proxy itself asks of a server that does not answer is ended by KILL QUERY too.
#[tokio::test]
async fn kill_ends_a_question_of_the_proxys_own() {
    let place = Place::new().await;
    place
        .everywhere("CREATE TABLE accounts (id INT PRIMARY KEY, balance INT NOT NULL)")
        .await;
    let (config, mut a, _b) = tapped(&place, "").await;
    let proxy = start_proxy(config).await.unwrap();
    let mut client = connect_app(&proxy).await;
    let rows = "INSERT INTO accounts VALUES (1, 100), (2, 100), (300, 100)";
    client.query_drop(rows).await.unwrap();
    let id: Option<u64> = client.query_first("SELECT CONNECTION_ID()").await.unwrap();
    a.cut_at("REFERENTIAL_CONSTRAINTS", When::Before);
    let sql = "UPDATE accounts SET id = 333 WHERE id = 1";
    let running = tokio::spawn(async move {
        let done = client.query_drop(sql).await;
        (client, done)
    });
    tokio::time::timeout(PATIENCE, a.hit()).await.unwrap();
    let kill = format!("KILL QUERY {}", id.unwrap());
    connect_app(&proxy).await.query_drop(kill).await.unwrap();
    let (mut client, done) = tokio::time::timeout(PATIENCE, running)
        .await
        .unwrap()
        .unwrap();
    // Without it the server's silence would have been an error, after half a minute.
    let Err(mysql_async::Error::Server(error)) = done else {
        panic!("{done:?}");
    };
    assert_eq!(error.code, 1317, "{error}");
    a.cut();
    client.query_drop(sql).await.unwrap();
    let ids: Vec<i64> = accounts(&place).await.iter().map(|(id, _)| *id).collect();
    assert_eq!(ids, [2, 300, 333]);
    proxy.shutdown().await;
}
