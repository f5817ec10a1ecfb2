//! Every metric that there is moves when what it counts happens.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use mysql_async::prelude::Queryable;
use mysql_async::{Conn, Error};
use shardwell::cli::demo::cluster::Cluster;
use shardwell::cli::demo::program::Program;
use shardwell::cli::demo::proxy::{ProxyHandle, start_proxy};
use shardwell::cli::demo::server::free_port;
use shardwell::cli::demo::workspace::Workspace;

use crate::common::{APP_PASSWORD, SCHEMA, connect};
use crate::page::{Metrics, get, with_admin};
use crate::raw::Raw;

/// How long what happens by itself may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// Seen by tests/traces, in a build with the feature `otlp`.
const ELSEWHERE: [&str; 1] = ["shardwell_trace_spans"];

/// Two servers, a replica and a proxy on which everything is scarce.
struct Stage {
    _workspace: Workspace,
    cluster: Cluster,
    proxy: ProxyHandle,
    admin: SocketAddr,
    moved: BTreeSet<String>,
}

impl Stage {
    async fn new() -> Self {
        let workspace = Workspace::new().unwrap();
        let given = std::env::var_os("SHARDWELL_MYSQLD").map(std::path::PathBuf::from);
        let program = Program::find(given.as_deref()).unwrap();
        let cluster = Cluster::start(program, workspace.path()).await.unwrap();
        let (config, admin) = with_admin(&config(&cluster), "");
        let proxy = start_proxy(config).await.unwrap();
        Self {
            _workspace: workspace,
            cluster,
            proxy,
            admin,
            moved: BTreeSet::new(),
        }
    }

    async fn client(&self, user: &str) -> Conn {
        let address = self.proxy.address();
        let end = Instant::now() + PATIENCE;
        loop {
            match connect(address, user, APP_PASSWORD, Some(SCHEMA)).await {
                Ok(client) => return client,
                // Those who have left count until the proxy has seen it.
                Err(Error::Server(full)) if [1040, 1203].contains(&full.code) => {
                    assert!(Instant::now() < end, "{full}");
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
                Err(error) => panic!("{error}"),
            }
        }
    }

    /// A connection straight to a shard.
    async fn shard(&self, position: usize) -> Conn {
        let (server, database) = self.cluster.shards()[position];
        self.cluster.direct(server, database).await.unwrap()
    }

    async fn read(&self) -> Metrics {
        Metrics::read(self.admin).await
    }

    /// Waits until each of these has a higher value than `before`.
    async fn rises(&mut self, before: &Metrics, names: &[&str]) {
        let end = Instant::now() + PATIENCE;
        for name in names {
            let series = format!("shardwell_{name}");
            while self.read().await.sum(&series) <= before.sum(&series) {
                assert!(Instant::now() < end, "{name} does not move");
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
            let family = series.split('{').next().unwrap();
            let family = family.strip_suffix("_total").unwrap_or(family);
            let family = family.strip_suffix("_count").unwrap_or(family);
            self.moved.insert(family.to_owned());
        }
    }
}

fn config(cluster: &Cluster) -> String {
    let (user, password) = cluster.account();
    let (a, replica, b) = (
        cluster.primary_a(),
        cluster.replica_a(),
        cluster.primary_b(),
    );
    let port = free_port().unwrap();
    let users = [
        ("app", ""),
        ("few", "connections = 1, rows = 1, time = \"300ms\""),
        ("one", "statements = 1, bytes = \"20\""),
    ];
    let users = users.map(|(name, limits)| {
        format!(
            "[[users]]\nname = \"{name}\"\npassword = \"{APP_PASSWORD}\"\nschemas = [\"shop\"]\n\
             admin = true\nlimits = {{ {limits} }}\n"
        )
    });
    format!(
        r#"
[server]
listen = "127.0.0.1:{port}"
max_connections = 8
{}
[backend]
user = "{user}"
password = "{password}"
pool = {{ max_connections = 2, max_waiting = 1, acquire_timeout = "2s" }}
health = {{ interval = "100ms" }}
[transactions]
recover_after = "200ms"
[log]
slow = "50ms"
[replica_sets.a]
primary = "{a}"
replicas = ["{replica}"]
[replica_sets.b]
primary = "{b}"
[schemas.shop]
shards = ["a/shop_0", "a/shop_1", "b/shop_2", "b/shop_3"]
[schemas.shop.tables.t]
key = "id"
algorithm = "mod"
[[rules]]
name = "keep"
pattern = '^delete from t$'
deny = "say which rows"
"#,
        users.concat()
    )
}

/// What a client does alone.
async fn statements(stage: &mut Stage) {
    let before = stage.read().await;
    let mut app = stage.client("app").await;
    let wide = "CREATE TABLE t (id BIGINT PRIMARY KEY, c INT, v VARCHAR(3000))";
    app.query_drop(wide).await.unwrap();
    for id in 0..8 {
        let insert = format!("INSERT INTO t VALUES ({id}, {id}, REPEAT('v', 100))");
        app.query_drop(insert).await.unwrap();
    }
    for sql in [
        "SELECT c, SLEEP(0.1) FROM t WHERE id = 1",
        "SELECT id FROM t ORDER BY id",
        "SELECT id FROM t WHERE c = 3",
        "SELECT id FROM t WHERE c = 4",
        "SELECT t.id FROM t JOIN t u ON t.c = u.c",
        "UPDATE t SET c = c + 10",
    ] {
        app.query_drop(sql).await.unwrap();
    }
    for wrong in ["ALTER TABLE t ADD INDEX (nope)", "DELETE FROM t"] {
        app.query_drop(wrong).await.unwrap_err();
    }
    let prepared = app.prep("SELECT c FROM t WHERE id = ?").await.unwrap();
    app.exec_drop(&prepared, (1,)).await.unwrap();
    app.query_drop("BEGIN").await.unwrap();
    app.query_drop("SELECT c FROM t WHERE id = 1")
        .await
        .unwrap();
    app.query_drop("SET @mine = 1").await.unwrap();
    let nobody = connect(stage.proxy.address(), "app", "wrong", None).await;
    assert!(nobody.is_err());
    let seen = "statement_seconds_count{|statement_rows_total{|statement_changed_rows_total{\
                |statement_failures_total{|errors_total{code=\"1227\"}|slow_statements_total\
                |staged_statements_total|stage_seconds_total{stage=\"plan\"}\
                |stage_seconds_total{stage=\"server\"}|stage_seconds_total{stage=\"reply\"}\
                |shard_seconds_count{|several_shards_seconds_count{work=\"merge\"}\
                |several_shards_seconds_count{work=\"gather\"}\
                |several_shards_seconds_count{work=\"write\"}\
                |several_shards_seconds_count{work=\"definition\"}|several_shards_nodes_total{\
                |several_shards_rows_total{work=\"merge\"}|several_shards_rows_total{work=\"gather\"}\
                |several_shards_bytes_total{work=\"merge\"}\
                |several_shards_bytes_total{work=\"gather\"}|definition_failures_total{\
                |plan_seconds_count|plan_cache_hits_total|plan_cache_plans|prepared_statements\
                |rule_statements_total{|rule_refusals_total{|client_accepted_total\
                |client_denied_total|client_received_bytes_total|client_sent_bytes_total|sessions{\
                |sessions_in_transaction|sessions_pinned{reason=\"user_variable\"}\
                |server_seconds_count{|server_connect_seconds_count{|server_received_bytes_total{\
                |server_sent_bytes_total{|pool_connections{";
    let seen: Vec<&str> = seen.split('|').collect();
    stage.rises(&before, &seen).await;
    app.disconnect().await.unwrap();
}

/// Limits of users, and one client too many for the proxy.
async fn refusals(stage: &mut Stage) {
    let before = stage.read().await;
    let mut few = stage.client("few").await;
    let address = stage.proxy.address();
    let again = connect(address, "few", APP_PASSWORD, None).await;
    assert!(again.is_err());
    few.query_drop("SELECT id FROM t").await.unwrap_err();
    let mut holder = stage.shard(1).await;
    for sql in ["BEGIN", "UPDATE t SET c = 1 WHERE id = 1"] {
        holder.query_drop(sql).await.unwrap();
    }
    let slow = "SELECT c FROM t WHERE id = 1 FOR UPDATE";
    few.query_drop(slow).await.unwrap_err();
    drop(holder);
    few.disconnect().await.unwrap();
    let (mut one, mut other) = (stage.client("one").await, stage.client("one").await);
    one.query_drop("SELECT v FROM t WHERE id = 1")
        .await
        .unwrap_err();
    let sleeps = one.query_drop("SELECT SLEEP(2) FROM t WHERE id = 1");
    let refused = async {
        tokio::time::sleep(Duration::from_millis(700)).await;
        other.query_drop("SELECT 1 FROM t").await.unwrap_err()
    };
    tokio::join!(sleeps, refused).0.unwrap();
    let mut crowd = Vec::new();
    while let Ok(client) = connect(address, "app", APP_PASSWORD, None).await {
        crowd.push(client);
        assert!(crowd.len() < 20, "max_connections does not hold");
    }
    let limits = ["connections", "statements", "time", "rows", "bytes"];
    let limits = limits.map(|limit| format!("limit_refusals_total{{limit=\"{limit}\"}}"));
    let mut names: Vec<&str> = limits.iter().map(String::as_str).collect();
    names.push("client_refused_total");
    stage.rises(&before, &names).await;
}

/// What waits: for a connection, for the right to gather, for a client to fetch.
async fn queues(stage: &mut Stage) {
    let before = stage.read().await;
    let (mut one, mut two) = (stage.client("app").await, stage.client("app").await);
    let (mut third, mut fourth) = (stage.client("app").await, stage.client("app").await);
    for holder in [&mut one, &mut two] {
        holder.query_drop("BEGIN").await.unwrap();
        let read = "SELECT c FROM t WHERE id = 2";
        holder.query_drop(read).await.unwrap();
    }
    let read = "SELECT c FROM t WHERE id = 2";
    let waits = tokio::spawn(async move { third.query_drop(read).await });
    stage.rises(&before, &["pool_waiting{"]).await;
    fourth.query_drop(read).await.unwrap_err();
    waits.await.unwrap().unwrap_err();
    let rest = [
        "pool_refused_total{",
        "pool_timeouts_total{",
        "pool_wait_seconds_count{",
    ];
    stage.rises(&before, &rest).await;
    drop((one, two, fourth));

    let before = stage.read().await;
    let clients = [stage.client("app").await, stage.client("app").await];
    let mut shard = stage.shard(3).await;
    shard.query_drop("LOCK TABLES t WRITE").await.unwrap();
    let mut gathers = Vec::new();
    for mut app in clients {
        let join = "SELECT t.id FROM t JOIN t u ON t.c = u.c";
        gathers.push(tokio::spawn(async move { app.query_drop(join).await }));
    }
    stage
        .rises(&before, &["gathers_running", "gathers_waiting"])
        .await;
    shard.query_drop("UNLOCK TABLES").await.unwrap();
    for gather in gathers {
        gather.await.unwrap().unwrap();
    }

    let mut raw = Raw::app(stage.proxy.address(), Some(SCHEMA)).await;
    raw.prepare_first("SELECT id, v FROM t ORDER BY id", 2)
        .await;
    assert!(raw.open_cursor().await.unwrap().is_empty());
    stage.rises(&before, &["cursor_bytes"]).await;
}

/// A replica that is behind, drained, and follows nobody.
async fn replica(stage: &mut Stage) {
    let before = stage.read().await;
    for name in [
        "server_up",
        "server_primary",
        "server_fit",
        "pool_max_connections",
    ] {
        let least = if name == "server_primary" { 2.0 } else { 3.0 };
        let sum = before.sum(&format!("shardwell_{name}{{"));
        assert!(sum >= least, "{name}: {sum}");
        stage.moved.insert(format!("shardwell_{name}"));
    }
    stage
        .rises(&Metrics::none(), &["gathers_max", "build_info"])
        .await;
    let address = stage.cluster.replica_a();
    let mut app = stage.client("app").await;
    let drain = format!("SHARDWELL DRAIN SERVER '{address}'");
    app.query_drop(drain).await.unwrap();
    stage.rises(&before, &["server_drained{"]).await;

    let (user, password) = stage.cluster.account();
    let mut direct = connect(address, user, password, None).await.unwrap();
    let lock = "FLUSH TABLES WITH READ LOCK";
    direct.query_drop(lock).await.unwrap();
    let write = "UPDATE t SET c = 1 WHERE id = 4";
    app.query_drop(write).await.unwrap();
    stage.rises(&before, &["replica_lag_seconds{"]).await;
    direct.query_drop("UNLOCK TABLES").await.unwrap();
    direct.query_drop("SHUTDOWN").await.unwrap();
    let end = Instant::now() + PATIENCE;
    for state in ["shardwell_server_up{", "shardwell_server_fit{"] {
        while stage.read().await.sum(state) >= before.sum(state) {
            assert!(Instant::now() < end, "{state}: the replica is gone");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}

/// A transaction that nobody can end, and connections that break and cannot be made.
async fn servers(stage: &mut Stage) {
    let up = stage.read().await;
    let (mut app, mut other) = (stage.client("app").await, stage.client("app").await);
    let mut direct = stage.shard(2).await;
    let xid = "'00000000000000010000000000000009','000000000000000000000000000000ee-1',1398230065";
    for step in ["XA START", "XA END", "XA PREPARE"] {
        direct.query_drop(format!("{step} {xid}")).await.unwrap();
        if step == "XA START" {
            direct
                .query_drop("UPDATE t SET c = 1 WHERE id = 2")
                .await
                .unwrap();
        }
    }
    direct.disconnect().await.unwrap();
    stage.rises(&up, &["transactions_in_doubt{"]).await;
    let mut direct = stage.shard(2).await;
    direct
        .query_drop(format!("XA ROLLBACK {xid}"))
        .await
        .unwrap();

    let before = stage.read().await;
    let sleeps =
        tokio::spawn(async move { app.query_drop("SELECT SLEEP(30) FROM t WHERE id = 3").await });
    tokio::time::sleep(Duration::from_millis(700)).await;
    let lock = "ALTER USER shardwell ACCOUNT LOCK";
    direct.query_drop(lock).await.unwrap();
    let own = "SELECT id FROM information_schema.processlist WHERE user = 'shardwell'";
    let own: Vec<u64> = direct.query(own).await.unwrap();
    for id in own {
        let _ = direct.query_drop(format!("KILL {id}")).await;
    }
    sleeps.await.unwrap().unwrap_err();
    other
        .query_drop("SELECT c FROM t WHERE id = 2")
        .await
        .unwrap_err();
    let broken = [
        "server_lost_connections_total{",
        "server_failed_connects_total{",
    ];
    stage.rises(&before, &broken).await;
}

#[tokio::test]
async fn every_metric_moves() {
    let mut stage = Stage::new().await;
    statements(&mut stage).await;
    refusals(&mut stage).await;
    queues(&mut stage).await;
    replica(&mut stage).await;
    servers(&mut stage).await;
    let page = get(stage.admin, "/metrics").await.body;
    let families = page.lines().filter_map(|line| line.strip_prefix("# TYPE "));
    let families = families.filter_map(|line| line.split(' ').next());
    let still: Vec<&str> = families
        .filter(|name| name.starts_with("shardwell_"))
        .filter(|name| !stage.moved.contains(*name) && !ELSEWHERE.contains(name))
        .collect();
    assert!(still.is_empty(), "nobody has seen these move: {still:?}");
    stage.proxy.shutdown().await;
}
