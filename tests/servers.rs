//! The real servers behind the demo and the tests: they start, replicate and leave nothing behind.

#![allow(clippy::unwrap_used)]

mod common;

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use common::{Answer, Place, ask, connect, servers};
use indicatif::ProgressBar;
use mysql_async::prelude::Queryable;
use shardwell::cli::demo::cluster::Cluster;
use shardwell::cli::demo::program::{Flavor, Program};
use shardwell::cli::demo::sample;
use shardwell::cli::demo::server::ServerOptions;
use shardwell::cli::demo::workspace::Workspace;

/// Tells a second run of this test binary to start servers and wait to be killed.
const HOLD: &str = "SHARDWELL_TEST_HOLD_SERVERS";

fn program() -> Program {
    let given = std::env::var_os("SHARDWELL_MYSQLD").map(std::path::PathBuf::from);
    Program::find(given.as_deref()).unwrap()
}

#[tokio::test]
async fn the_servers_answer_and_are_what_the_program_says() {
    let place = Place::new().await;
    let mut shard = place.shard(2).await;
    let version: String = shard
        .query_first("SELECT VERSION()")
        .await
        .unwrap()
        .unwrap();
    let expected = servers().await.flavor() == Flavor::MariaDb;
    assert_eq!(version.contains("MariaDB"), expected, "{version}");
    let uuid = match servers().await.flavor() {
        Flavor::MySql => "SELECT @@server_uuid",
        Flavor::MariaDb => "SELECT @@server_id",
    };
    let (one, other) = (
        ask(&mut shard, uuid).await,
        ask(&mut place.shard(0).await, uuid).await,
    );
    assert_ne!(one, other, "two servers must not look like one");
}

#[tokio::test]
async fn each_place_has_databases_of_its_own() {
    let (one, other) = (Place::new().await, Place::new().await);
    one.everywhere("CREATE TABLE t (id BIGINT PRIMARY KEY)")
        .await;
    let found = ask(&mut one.plain().await, "SELECT COUNT(*) FROM t").await;
    assert!(matches!(found, Answer::Rows { .. }), "{found:?}");
    for position in 0..4 {
        let missing = ask(&mut other.shard(position).await, "SELECT COUNT(*) FROM t").await;
        let expected = Answer::Refused {
            code: 1146,
            state: "42S02".to_owned(),
        };
        assert_eq!(missing, expected);
    }
}

#[tokio::test]
async fn a_server_that_was_stopped_or_killed_does_not_answer() {
    let options = ServerOptions::default();
    let (stopped, killed) = tokio::join!(
        async {
            let server = servers().await.another(&options).await;
            let address = server.address();
            server.stop().await.unwrap();
            address
        },
        async {
            let server = servers().await.another(&options).await;
            let address = server.address();
            server.kill();
            address
        },
    );
    for address in [stopped, killed] {
        assert!(
            connect(address, common::USER, common::PASSWORD, None)
                .await
                .is_err()
        );
    }
}

#[tokio::test]
async fn a_server_that_cannot_start_says_why() {
    let options = ServerOptions {
        server_id: None,
        flags: vec!["--no-such-flag=1".to_owned()],
    };
    let workspace = Workspace::new().unwrap();
    let template =
        shardwell::cli::demo::template::Template::initialise(program(), workspace.path())
            .await
            .unwrap();
    let folder = workspace.path().join("x");
    let error = shardwell::cli::demo::server::ServerProcess::start(&template, &folder, &options)
        .await
        .unwrap_err();
    assert!(error.to_string().contains("no-such-flag"), "{error:#}");
}

#[tokio::test]
async fn the_demo_cluster_holds_the_shop_and_its_replica_follows() {
    let workspace = Workspace::new().unwrap();
    let cluster = Cluster::start(program(), workspace.path()).await.unwrap();
    sample::create_tables(&cluster).await.unwrap();
    // Rows of one shard only: placing them is the proxy's part.
    let (primary, database) = cluster.shards()[1];
    let mut shard = cluster.direct(primary, database).await.unwrap();
    sample::load(&mut shard, &ProgressBar::hidden())
        .await
        .unwrap();
    cluster.wait_for_replica().await.unwrap();

    let (user, password) = cluster.account();
    let mut replica = connect(cluster.replica_a(), user, password, Some(database))
        .await
        .unwrap();
    let sums = "SELECT COUNT(*), SUM(total), MAX(note), MIN(ordered_at) FROM orders";
    assert_eq!(ask(&mut replica, sums).await, ask(&mut shard, sums).await);
    let names = "SELECT name FROM products ORDER BY product_id";
    assert_eq!(ask(&mut replica, names).await, ask(&mut shard, names).await);
    let mut last = connect(cluster.primary_b(), user, password, Some("shop_3"))
        .await
        .unwrap();
    assert_eq!(ask(&mut last, names).await, ask(&mut shard, names).await);
    drop((shard, replica, last));
    cluster.stop().await.unwrap();
    let path = workspace.path().to_owned();
    drop(workspace);
    assert!(!path.exists());
}

/// Not a test of its own: the process that the next test kills.
#[tokio::test]
async fn hold_servers_if_told_to() {
    let Some(folder) = std::env::var_os(HOLD) else {
        return;
    };
    let workspace = Workspace::below(folder.as_ref()).unwrap();
    let _cluster = Cluster::start(program(), workspace.path()).await.unwrap();
    std::fs::write(std::path::Path::new(&folder).join("ready"), "").unwrap();
    std::future::pending::<()>().await;
}

#[test]
fn a_process_killed_without_warning_leaves_no_server_and_no_folder() {
    let folder = tempfile::tempdir().unwrap();
    let mut holder = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "hold_servers_if_told_to", "--nocapture"])
        .env(HOLD, folder.path())
        .stdout(Stdio::null())
        .stderr(Stdio::inherit())
        .spawn()
        .unwrap();
    wait_until("the servers run", || folder.path().join("ready").exists());
    assert!(processes_naming(folder.path()) > 0);
    holder.kill().unwrap();
    holder.wait().unwrap();
    wait_until("the servers are gone", || {
        processes_naming(folder.path()) == 0
    });
    wait_until("the folder is gone", || {
        let left = std::fs::read_dir(folder.path()).unwrap().flatten();
        left.filter(|entry| entry.file_name() != "ready").count() == 0
    });
}

fn wait_until(what: &str, condition: impl Fn() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(60);
    while !condition() {
        assert!(Instant::now() < deadline, "not in time: {what}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// How many processes have this folder on their command line.
fn processes_naming(folder: &std::path::Path) -> usize {
    let needle = folder.to_string_lossy().into_owned();
    std::fs::read_dir("/proc")
        .unwrap()
        .flatten()
        .filter_map(|entry| std::fs::read(entry.path().join("cmdline")).ok())
        .filter(|line| String::from_utf8_lossy(line).contains(&needle))
        .count()
}
