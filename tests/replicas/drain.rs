//! Servers that operators take away, bring back, add and remove, under statements.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use mysql_async::prelude::Queryable;
use mysql_async::{Conn, Error};
use shardwell::cli::demo::proxy::{ProxyHandle, start_proxy_from};
use shardwell::cli::demo::server::free_port;

use crate::common::{APP_PASSWORD, APP_USER, PASSWORD, SCHEMA, USER, connect, connect_app};
use crate::failover::{make_read_only, promote};
use crate::set::{Set, answered_by, eventually, who};

/// A proxy with a file that can be changed.
struct Changed {
    _folder: tempfile::TempDir,
    path: PathBuf,
    port: u16,
    proxy: ProxyHandle,
    admin: Conn,
}

impl Changed {
    async fn start(set_of_servers: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("shardwell.toml");
        let port = free_port().unwrap();
        std::fs::write(&path, text(port, set_of_servers)).unwrap();
        let proxy = start_proxy_from(&path).await.unwrap();
        let admin = connect(proxy.address(), "boss", APP_PASSWORD, None);
        Self {
            _folder: folder,
            path,
            port,
            admin: admin.await.unwrap(),
            proxy,
        }
    }

    async fn to(&mut self, set_of_servers: &str) -> Vec<(String, String)> {
        std::fs::write(&self.path, text(self.port, set_of_servers)).unwrap();
        self.admin.query("SHARDWELL RELOAD").await.unwrap()
    }
}

fn text(port: u16, set_of_servers: &str) -> String {
    format!(
        r#"
[server]
listen = "127.0.0.1:{port}"
reload_on_change = false

[[users]]
name = "{APP_USER}"
password = "{APP_PASSWORD}"
schemas = ["{SCHEMA}"]

[[users]]
name = "boss"
password = "{APP_PASSWORD}"
schemas = ["*"]
admin = true

[backend]
user = "{USER}"
password = "{PASSWORD}"
health = {{ interval = "100ms" }}
balance = {{ policy = "round_robin", slow_start = "0s" }}

[replica_sets.a]
{set_of_servers}

[schemas.{SCHEMA}]
shards = ["a/shop"]
read = "eventual"
"#
    )
}

/// The set's line of the file: the primary and some replicas.
fn servers(set: &Set, replicas: &[usize]) -> String {
    let address = |port: u16| format!("\"127.0.0.1:{port}\"");
    let replicas: Vec<String> = replicas
        .iter()
        .map(|at| address(set.replicas[*at].port))
        .collect();
    let primary = address(set.primary.port);
    format!("primary = {primary}\nreplicas = [{}]", replicas.join(", "))
}

/// A read that takes some seconds.
const SLOW: &str = "SELECT name FROM who WHERE (SELECT COUNT(*) FROM t a, t b, t c \
                    WHERE a.v + b.v + c.v = 7) >= 0";

/// Those who answer some reads, sorted.
async fn answering(client: &mut Conn) -> Vec<String> {
    let mut seen = Vec::new();
    for _ in 0..6 {
        seen.push(who(client).await);
    }
    seen.sort();
    seen.dedup();
    seen
}

async fn answered_only_by(client: &mut Conn, expected: &[&str]) {
    eventually(&format!("{expected:?} answer"), async || {
        answering(client).await == expected
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_drained_replica_gets_no_new_statements_until_it_is_resumed() {
    let set = Set::start().await;
    let rows: Vec<String> = (0..320).map(|id| format!("({id}, {id})")).collect();
    let insert = format!("INSERT INTO shop.t VALUES {}", rows.join(", "));
    set.primary.run(&[&insert]).await;
    set.wait_until_applied().await;
    let mut changed = Changed::start(&servers(&set, &[0, 1])).await;
    let mut app = connect_app(&changed.proxy).await;
    answered_only_by(&mut app, &["r1", "r2"]).await;
    let address = format!("127.0.0.1:{}", set.replicas[0].port);
    // A statement that is under way there ends there.
    let mut slow = Vec::new();
    for _ in 0..2 {
        let mut client = connect_app(&changed.proxy).await;
        slow.push(tokio::spawn(
            async move { answered_by(&mut client, SLOW).await },
        ));
    }
    tokio::time::sleep(Duration::from_millis(500)).await;
    let order = format!("SHARDWELL DRAIN SERVER '{address}'");
    changed.admin.query_drop(&order).await.unwrap();
    assert_eq!(answering(&mut app).await, ["r2"]);
    assert!(
        slow.iter().all(|client| !client.is_finished()),
        "they are under way"
    );
    let mut slept = Vec::new();
    for client in slow {
        slept.push(client.await.unwrap());
    }
    assert!(slept.contains(&"r1".to_owned()), "{slept:?}");
    // It stays so when the configuration changes.
    changed
        .to(&(servers(&set, &[0, 1]) + "\nbackend = { pool = { max_connections = 9 } }"))
        .await;
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert_eq!(answering(&mut app).await, ["r2"]);
    let order = format!("SHARDWELL RESUME SERVER {address}");
    changed.admin.query_drop(order).await.unwrap();
    answered_only_by(&mut app, &["r1", "r2"]).await;
    for (order, part) in [
        (
            format!("DRAIN SERVER '127.0.0.1:{}'", set.primary.port),
            "is the primary",
        ),
        ("DRAIN SERVER '127.0.0.1:1'".to_owned(), "no server"),
    ] {
        let refused = changed.admin.query_drop(format!("SHARDWELL {order}")).await;
        let Err(Error::Server(error)) = refused else {
            panic!("{refused:?}");
        };
        assert!(
            error.code == 1210 && error.message.contains(part),
            "{error}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn replicas_come_and_go_and_a_promoted_server_stays_the_primary() {
    let set = Set::start().await;
    let mut changed = Changed::start(&servers(&set, &[0])).await;
    let mut app = connect_app(&changed.proxy).await;
    answered_only_by(&mut app, &["r1"]).await;
    let stop = Arc::new(AtomicBool::new(false));
    let told = Arc::clone(&stop);
    let mut writer = connect_app(&changed.proxy).await;
    let writes = tokio::spawn(async move {
        let mut count: u64 = 0;
        while !told.load(Ordering::Relaxed) {
            count += 1;
            let insert = format!("INSERT INTO t VALUES ({count}, {count})");
            writer.query_drop(insert).await.expect("a write");
            writer
                .query_drop("SELECT COUNT(*) FROM t")
                .await
                .expect("a read");
        }
        count
    });
    for _ in 0..5 {
        changed.to(&servers(&set, &[0, 1])).await;
        answered_only_by(&mut app, &["r1", "r2"]).await;
        changed.to(&servers(&set, &[1])).await;
        answered_only_by(&mut app, &["r2"]).await;
        changed.to(&servers(&set, &[0])).await;
        answered_only_by(&mut app, &["r1"]).await;
    }
    stop.store(true, Ordering::Relaxed);
    let count = writes.await.unwrap();
    let mut admin = set.primary.admin().await;
    let rows: Option<u64> = admin
        .query_first("SELECT COUNT(*) FROM shop.t")
        .await
        .unwrap();
    assert_eq!(rows, Some(count));
    // r1 becomes primary; the file still names the old one, and then changes.
    changed.to(&servers(&set, &[0, 1])).await;
    set.wait_until_applied().await;
    make_read_only(&set.primary).await;
    promote(&set.replicas[0]).await;
    eventually("r1 is written to", async || {
        answered_by(&mut app, "SELECT name FROM who LOCK IN SHARE MODE").await == "r1"
    })
    .await;
    let slower = servers(&set, &[0, 1]) + "\nbackend = { connect_timeout = \"7s\" }";
    assert_eq!(changed.to(&slower).await.len(), 1);
    let locking = "SELECT name FROM who LOCK IN SHARE MODE";
    assert_eq!(answered_by(&mut app, locking).await, "r1");
}
