//! Changes of the configuration again and again, under load. By themselves in their process: its
//! memory, tasks and files are counted.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;
#[allow(dead_code)]
#[path = "reload/file.rs"]
mod file;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use mysql_async::Conn;
use mysql_async::prelude::Queryable;
use shardwell::cli::demo::proxy::ProxyHandle;
use tokio::task::JoinSet;

use common::{Place, connect_app};
use file::{File, admin, reload};

const TABLES: &str = "[schemas.shop.tables.t]\nkey = \"id\"\nalgorithm = { kind = \"mod\" }\n";

/// How many changes; a thousand takes minutes.
fn rounds() -> u32 {
    let given = std::env::var("SHARDWELL_RELOADS").ok();
    given.and_then(|text| text.parse().ok()).unwrap_or(60)
}

/// The file of a round: each kind of change comes and goes.
fn text(file: &File, round: u32) -> String {
    let mut text = file.first.clone();
    if round % 2 == 1 {
        text = text.replacen(
            "[replica_sets.a]",
            "[replica_sets.a.backend.pool]\nmax_connections = 40\n[replica_sets.a]",
            1,
        );
    }
    if round % 3 == 1 {
        text.push_str("\n[schemas.shop.tables.later]\nkind = \"broadcast\"\n");
    }
    if round % 5 == 1 {
        text = text.replacen(
            "[replica_sets.b]",
            "[replica_sets.b.backend]\nconnect_timeout = \"7s\"\n[replica_sets.b]",
            1,
        );
    }
    if round % 7 == 1 {
        text.push_str("\n[transactions]\nrecover_after = \"77s\"\n");
    }
    text
}

async fn work(mut app: Conn, client: u32, stop: Arc<AtomicBool>, done: Arc<AtomicU64>) {
    let find = app.prep("SELECT v FROM t WHERE id = ?").await.unwrap();
    let mut round = 0;
    while !stop.load(Ordering::Relaxed) {
        round += 1;
        let id = i64::from(client * 8 + round % 8);
        let found: Option<i64> = app.exec_first(&find, (id,)).await.unwrap();
        assert_eq!(found, Some(id));
        let sum: Option<i64> = app.query_first("SELECT COUNT(*) FROM t").await.unwrap();
        assert_eq!(sum, Some(64));
        // Two shards of both servers, all or nothing.
        app.query_drop("BEGIN").await.unwrap();
        for id in [client * 8, client * 8 + 2] {
            app.query_drop(format!("UPDATE t SET n = n + 1 WHERE id = {id}"))
                .await
                .unwrap();
        }
        app.query_drop("COMMIT").await.unwrap();
        done.fetch_add(1, Ordering::Relaxed);
    }
    app.disconnect().await.unwrap();
}

/// What a process may leak.
#[derive(Clone, Copy, Debug)]
struct Used {
    memory: u64,
    tasks: usize,
    files: usize,
}

impl Used {
    /// What is used when what was replaced has had time to go.
    async fn now() -> Self {
        tokio::time::sleep(Duration::from_secs(3)).await;
        let text = std::fs::read_to_string("/proc/self/statm").unwrap();
        let pages: u64 = text.split(' ').nth(1).unwrap().parse().unwrap();
        Self {
            memory: pages * 4096,
            tasks: tokio::runtime::Handle::current()
                .metrics()
                .num_alive_tasks(),
            files: std::fs::read_dir("/proc/self/fd").unwrap().count(),
        }
    }
}

/// Clients that work until they are stopped.
struct Clients {
    stop: Arc<AtomicBool>,
    done: Arc<AtomicU64>,
    tasks: JoinSet<()>,
}

impl Clients {
    async fn start(proxy: &ProxyHandle) -> Self {
        let mut clients = Self {
            stop: Arc::default(),
            done: Arc::default(),
            tasks: JoinSet::new(),
        };
        for client in 0..8 {
            let app = connect_app(proxy).await;
            let (stop, done) = (Arc::clone(&clients.stop), Arc::clone(&clients.done));
            clients.tasks.spawn(work(app, client, stop, done));
        }
        clients
    }

    /// How many rounds they have done.
    async fn stop(mut self) -> u64 {
        self.stop.store(true, Ordering::Relaxed);
        while let Some(done) = self.tasks.join_next().await {
            done.expect("no client met an error");
        }
        self.done.load(Ordering::Relaxed)
    }
}

async fn change(file: &File, boss: &mut Conn, text: &str) {
    file.write(text);
    reload(boss).await.expect("the new configuration is taken");
}

#[tokio::test(flavor = "multi_thread")]
async fn reloads_under_load_disturb_nobody_and_leave_nothing_behind() {
    let place = Place::new().await;
    place
        .everywhere("CREATE TABLE t (id INT PRIMARY KEY, v INT, n INT NOT NULL DEFAULT 0)")
        .await;
    let file = File::new(&place, TABLES);
    let proxy = file.proxy().await;
    let mut app = connect_app(&proxy).await;
    for id in 0..64 {
        let insert = format!("INSERT INTO t (id, v) VALUES ({id}, {id})");
        app.query_drop(insert).await.unwrap();
    }
    let clients = Clients::start(&proxy).await;
    let mut boss = admin(&proxy).await;
    // Somebody who does nothing all the time, and somebody in a transaction all the time.
    let mut idle = connect_app(&proxy).await;
    let mut open = connect_app(&proxy).await;
    open.query_drop("BEGIN").await.unwrap();
    let read = "SELECT * FROM t WHERE id = 1";
    open.query_drop(read).await.unwrap();
    let (began, rounds) = (Instant::now(), rounds());
    let mut first = None;
    for round in 0..rounds {
        change(&file, &mut boss, &text(&file, round)).await;
        if round == rounds / 4 {
            change(&file, &mut boss, &file.first).await;
            first = Some(Used::now().await);
        }
    }
    change(&file, &mut boss, &file.first).await;
    let (first, last) = (first.unwrap(), Used::now().await);
    let work = clients.stop().await;
    let took = began.elapsed();
    println!("{rounds} reloads and {work} rounds of clients in {took:?}: {first:?}, {last:?}");
    idle.query_drop(read).await.unwrap();
    open.query_drop("COMMIT").await.unwrap();
    let counted = "SELECT SUM(n) FROM t WHERE id % 8 IN (0, 2)";
    let total: Option<u64> = app.query_first(counted).await.unwrap();
    assert_eq!(total, Some(2 * work), "each transaction has done all");
    assert!(last.tasks <= first.tasks + 3, "tasks");
    assert!(last.files <= first.files + 20, "open files");
    assert!(last.memory <= first.memory + (24 << 20), "memory");
}
