//! Replicas that die while they are read.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use mysql_async::prelude::Queryable;
use shardwell::cli::demo::proxy::ProxyHandle;
use tokio::task::JoinSet;

use crate::common::connect_app;
use crate::set::{PATIENCE, Set, eventually, who};

/// Clients that read without a pause.
struct Load {
    stop: Arc<AtomicBool>,
    answers: Arc<AtomicU64>,
    tasks: JoinSet<Duration>,
}

impl Load {
    /// Four kinds of reads: of one shard and of two, as text and prepared.
    async fn start(proxy: &ProxyHandle) -> Self {
        let mut load = Self {
            stop: Arc::default(),
            answers: Arc::default(),
            tasks: JoinSet::new(),
        };
        for turn in 0..8 {
            let mut client = connect_app(proxy).await;
            let (stop, answers) = (Arc::clone(&load.stop), Arc::clone(&load.answers));
            load.tasks.spawn(async move {
                let mut longest = Duration::ZERO;
                while !stop.load(Ordering::Relaxed) {
                    let began = Instant::now();
                    let one = "SELECT name FROM who, t WHERE id = 1";
                    let two = "SELECT MAX(name) FROM parted.who";
                    let sql = if turn % 4 < 2 { one } else { two };
                    let answer: Option<String> = match turn % 2 {
                        0 => client.query_first(sql).await.unwrap(),
                        _ => client.exec_first(sql, ()).await.unwrap(),
                    };
                    assert!(answer.is_some());
                    longest = longest.max(began.elapsed());
                    answers.fetch_add(1, Ordering::Relaxed);
                }
                longest
            });
        }
        load.advance(200).await;
        load
    }

    /// Waits for so many more answers.
    async fn advance(&self, more: u64) {
        let wanted = self.answers.load(Ordering::Relaxed) + more;
        eventually("more answers", async || {
            self.answers.load(Ordering::Relaxed) >= wanted
        })
        .await;
    }

    /// Ends the load; no client got an error. Gives the longest time that a read took.
    async fn stop(mut self) -> Duration {
        self.stop.store(true, Ordering::Relaxed);
        let mut longest = Duration::ZERO;
        while let Some(done) = tokio::time::timeout(PATIENCE, self.tasks.join_next())
            .await
            .unwrap()
        {
            longest = longest.max(done.unwrap());
        }
        longest
    }
}

/// A set that has a row on every server, and a proxy that reads from all of them.
async fn filled() -> (Set, ProxyHandle) {
    let set = Set::start().await;
    let proxy = set.proxy("\"eventual\"", "").await;
    connect_app(&proxy)
        .await
        .query_drop("INSERT INTO t VALUES (1, 1)")
        .await
        .unwrap();
    set.wait_until_applied().await;
    (set, proxy)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_replicas_cost_no_client_an_error() {
    let (mut set, proxy) = filled().await;
    let load = Load::start(&proxy).await;
    set.replicas[0].kill();
    load.advance(300).await;
    set.replicas[1].kill();
    load.advance(300).await;
    let longest = load.stop().await;
    assert!(longest < Duration::from_secs(3), "{longest:?}");
    assert_eq!(who(&mut connect_app(&proxy).await).await, "p");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_replica_that_hangs_is_left_and_comes_back() {
    let (set, proxy) = filled().await;
    let load = Load::start(&proxy).await;
    let frozen = set.replicas[0].freeze();
    load.advance(1000).await;
    let mut client = connect_app(&proxy).await;
    eventually("the other one answers everything", async || {
        who(&mut client).await == "r2" && who(&mut client).await == "r2"
    })
    .await;
    drop(frozen);
    eventually("it is back", async || who(&mut client).await == "r1").await;
    let longest = load.stop().await;
    assert!(longest < Duration::from_secs(5), "{longest:?}");
}
