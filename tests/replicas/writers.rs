//! Clients that write without a pause, and what they were told.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use mysql_async::Conn;
use mysql_async::prelude::Queryable;
use shardwell::cli::demo::proxy::ProxyHandle;
use tokio::task::JoinSet;

use crate::common::connect_app;
use crate::set::{Node, PATIENCE, eventually};

/// What a client was told.
#[derive(Default)]
pub struct Tally {
    pub acknowledged: Vec<u64>,
    pub errors: Vec<String>,
    /// The longest time from one acknowledged write to the next.
    pub gap: Duration,
}

/// Clients that write without a pause, each statement a transaction of its own.
pub struct Writers {
    stop: Arc<AtomicBool>,
    done: Arc<AtomicU64>,
    tasks: JoinSet<Tally>,
}

pub const WRITERS: u64 = 8;

impl Writers {
    pub async fn start(proxy: &ProxyHandle) -> Self {
        Self::begin_at(proxy, 0).await
    }

    /// Their ids begin with this one.
    pub async fn begin_at(proxy: &ProxyHandle, first: u64) -> Self {
        let mut writers = Self {
            stop: Arc::default(),
            done: Arc::default(),
            tasks: JoinSet::new(),
        };
        for writer in 0..WRITERS {
            let client = connect_app(proxy).await;
            let (stop, done) = (Arc::clone(&writers.stop), Arc::clone(&writers.done));
            writers
                .tasks
                .spawn(write(client, first + writer, stop, done));
        }
        writers.advance(200).await;
        writers
    }

    /// Waits for so many more acknowledged writes.
    pub async fn advance(&self, more: u64) {
        let wanted = self.done.load(Ordering::Relaxed) + more;
        eventually("more writes", async || {
            self.done.load(Ordering::Relaxed) >= wanted
        })
        .await;
    }

    /// Stops; the server must have what was acknowledged, and only statements under way may have
    /// failed: one of each client.
    pub async fn stop_on(self, primary: &Node) -> Tally {
        let tally = self.stop().await;
        assert_kept(primary, &tally).await;
        assert!(tally.errors.len() as u64 <= WRITERS, "{:?}", tally.errors);
        tally
    }

    pub async fn stop(mut self) -> Tally {
        self.stop.store(true, Ordering::Relaxed);
        let mut all = Tally::default();
        while let Some(done) = tokio::time::timeout(PATIENCE, self.tasks.join_next())
            .await
            .unwrap()
        {
            let one = done.unwrap();
            all.acknowledged.extend(one.acknowledged);
            all.errors.extend(one.errors);
            all.gap = all.gap.max(one.gap);
        }
        println!(
            "{} writes, {} errors {:?}, longest gap {:?}",
            all.acknowledged.len(),
            all.errors.len(),
            all.errors.first(),
            all.gap
        );
        all
    }
}

async fn write(
    mut client: Conn,
    writer: u64,
    stop: Arc<AtomicBool>,
    done: Arc<AtomicU64>,
) -> Tally {
    let mut tally = Tally::default();
    let mut last = Instant::now();
    for n in 0.. {
        if stop.load(Ordering::Relaxed) {
            break;
        }
        let id = n * WRITERS + writer;
        // Executed twice, it would be an error.
        let sql = format!("INSERT INTO t VALUES ({id}, {n})");
        match client.query_drop(sql).await {
            Ok(()) => {
                tally.acknowledged.push(id);
                tally.gap = tally.gap.max(last.elapsed());
                last = Instant::now();
                done.fetch_add(1, Ordering::Relaxed);
            }
            Err(error) => tally.errors.push(error.to_string()),
        }
    }
    tally
}

/// Every acknowledged write is there.
pub async fn assert_kept(node: &Node, tally: &Tally) {
    let mut admin = node.admin().await;
    let ids: Vec<u64> = admin.query("SELECT id FROM shop.t").await.unwrap();
    let ids: std::collections::HashSet<u64> = ids.into_iter().collect();
    let lost: Vec<_> = tally
        .acknowledged
        .iter()
        .filter(|id| !ids.contains(id))
        .collect();
    assert!(lost.is_empty(), "lost: {lost:?}");
}

pub async fn rows_on(node: &Node) -> u64 {
    let mut admin = node.admin().await;
    let sql = "SELECT COUNT(*) FROM shop.t";
    admin.query_first(sql).await.unwrap().unwrap()
}
