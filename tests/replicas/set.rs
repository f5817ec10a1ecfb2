//! A primary and two replicas of a test's own, and a proxy before them.

use std::time::{Duration, Instant};

use mysql_async::Conn;
use mysql_async::prelude::Queryable;
use nix::sys::signal::{self, Signal};
use nix::unistd::Pid;
use shardwell::cli::demo::program::Flavor;
use shardwell::cli::demo::proxy::{ProxyHandle, start_proxy};
use shardwell::cli::demo::server::{ServerOptions, ServerProcess, free_port};

use crate::common::{APP_PASSWORD, APP_USER, PASSWORD, SCHEMA, USER, connect, servers};

/// How long anything may take that happens by itself.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// A server behind a port that stays the same.
pub struct Node {
    process: Option<ServerProcess>,
    pub port: u16,
    pub flavor: Flavor,
}

impl Node {
    async fn start(id: u32) -> Self {
        let port = free_port().unwrap();
        let options = ServerOptions {
            server_id: Some(id),
            flags: vec![format!("--port={port}")],
        };
        let process = servers().await.another(&options).await;
        let flavor = process.flavor();
        let node = Self {
            process: Some(process),
            port,
            flavor,
        };
        // The servers' accounts are no part of what replicates.
        let reset = match flavor {
            Flavor::MySql => "RESET BINARY LOGS AND GTIDS",
            Flavor::MariaDb => "RESET MASTER",
        };
        node.run(&[reset]).await;
        node
    }

    /// A connection as root, past the proxy.
    pub async fn admin(&self) -> Conn {
        self.process.as_ref().unwrap().admin().await.unwrap()
    }

    /// Runs statements as root.
    pub async fn run(&self, statements: &[&str]) {
        let mut admin = self.admin().await;
        for sql in statements {
            if let Err(error) = admin.query_drop(*sql).await {
                panic!("{sql}: {error}");
            }
        }
        admin.disconnect().await.unwrap();
    }

    /// Runs what only one kind of server spells so.
    pub async fn run_on(&self, mysql: &[&str], mariadb: &[&str]) {
        match self.flavor {
            Flavor::MySql => self.run(mysql).await,
            Flavor::MariaDb => self.run(mariadb).await,
        }
    }

    /// Makes it follow another, `delay` seconds late.
    pub async fn follow(&self, primary: &Self, delay: u32) {
        let port = primary.port;
        let mysql = format!(
            "CHANGE REPLICATION SOURCE TO SOURCE_HOST='127.0.0.1', SOURCE_PORT={port}, \
             SOURCE_USER='{USER}', SOURCE_PASSWORD='{PASSWORD}', SOURCE_AUTO_POSITION=1, \
             GET_SOURCE_PUBLIC_KEY=1, SOURCE_DELAY={delay}"
        );
        let mariadb = format!(
            "CHANGE MASTER TO MASTER_HOST='127.0.0.1', MASTER_PORT={port}, \
             MASTER_USER='{USER}', MASTER_PASSWORD='{PASSWORD}', MASTER_USE_GTID=slave_pos, \
             MASTER_DELAY={delay}"
        );
        self.run_on(
            &[
                "STOP REPLICA",
                &mysql,
                "START REPLICA",
                "SET GLOBAL super_read_only = ON",
            ],
            &[
                "STOP SLAVE",
                &mariadb,
                "START SLAVE",
                "SET GLOBAL read_only = ON",
            ],
        )
        .await;
    }

    /// How many SELECT statements it has run.
    pub async fn selects(&self) -> u64 {
        let mut admin = self.admin().await;
        let row: Option<(String, u64)> = admin
            .query_first("SHOW GLOBAL STATUS LIKE 'Com_select'")
            .await
            .unwrap();
        row.unwrap().1
    }

    /// Ends it as a crash would.
    pub fn kill(&mut self) {
        self.process.take().unwrap().kill();
    }

    /// Stops all of its threads, until the returned value is dropped.
    pub fn freeze(&self) -> Frozen {
        let socket = self.process.as_ref().unwrap().socket();
        let file = socket.parent().unwrap().join("pid");
        let text = std::fs::read_to_string(file).unwrap();
        let process = Pid::from_raw(text.trim().parse().unwrap());
        signal::kill(process, Signal::SIGSTOP).unwrap();
        Frozen(process)
    }
}

/// A process that does nothing for now.
pub struct Frozen(Pid);

impl Drop for Frozen {
    fn drop(&mut self) {
        let _ = signal::kill(self.0, Signal::SIGCONT);
    }
}

/// The databases of a schema that has two shards, `parted`.
const HALVES: [&str; 2] = ["parted_0", "parted_1"];

/// A primary and its two replicas. `who` says on each of them who it is: `p`, `r1`, `r2`.
pub struct Set {
    pub primary: Node,
    pub replicas: [Node; 2],
}

impl Set {
    /// Replicas that follow as fast as they can.
    pub async fn start() -> Self {
        let (primary, one, two) = tokio::join!(Node::start(11), Node::start(12), Node::start(13));
        let set = Self {
            primary,
            replicas: [one, two],
        };
        for (node, name) in set.nodes().into_iter().zip(["p", "r1", "r2"]) {
            let name = format!("INSERT INTO shop.who VALUES ('{name}')");
            node.run(&[
                "SET sql_log_bin = 0",
                "CREATE DATABASE shop",
                "CREATE TABLE shop.who (name VARCHAR(10) PRIMARY KEY)",
                &name,
            ])
            .await;
            for half in HALVES {
                let database = format!("CREATE DATABASE {half}");
                let same = format!("CREATE TABLE {half}.who SELECT * FROM shop.who");
                node.run(&["SET sql_log_bin = 0", &database, &same]).await;
            }
        }
        for replica in &set.replicas {
            replica.follow(&set.primary, 0).await;
        }
        set.primary
            .run(&["CREATE TABLE shop.t (id INT PRIMARY KEY, v BIGINT)"])
            .await;
        for half in HALVES {
            let table = format!("CREATE TABLE {half}.t (id INT PRIMARY KEY, owner INT, v BIGINT)");
            set.primary.run(&[&table]).await;
        }
        set.wait_until_applied().await;
        set
    }

    /// All servers, the primary first.
    pub fn nodes(&self) -> [&Node; 3] {
        let [one, two] = &self.replicas;
        [&self.primary, one, two]
    }

    /// Waits until both replicas have everything.
    pub async fn wait_until_applied(&self) {
        let (position, wait) = match self.primary.flavor {
            Flavor::MySql => (
                "SELECT @@GLOBAL.gtid_executed",
                "SELECT WAIT_FOR_EXECUTED_GTID_SET(?, 30)",
            ),
            Flavor::MariaDb => (
                "SELECT @@GLOBAL.gtid_binlog_pos",
                "SELECT MASTER_GTID_WAIT(?, 30)",
            ),
        };
        let mut admin = self.primary.admin().await;
        let position: String = admin.query_first(position).await.unwrap().unwrap();
        for replica in &self.replicas {
            let mut admin = replica.admin().await;
            let done: Option<i64> = admin.exec_first(wait, (&position,)).await.unwrap();
            assert_eq!(done, Some(0));
        }
    }

    /// A proxy before them. `read` is the schema's, `more` are further lines of the file.
    pub async fn proxy(&self, read: &str, more: &str) -> ProxyHandle {
        let ports = self.nodes().map(|node| node.port);
        self.proxy_to(ports, read, more).await
    }

    /// The same, before other ports that lead to the servers.
    pub async fn proxy_to(&self, ports: [u16; 3], read: &str, more: &str) -> ProxyHandle {
        let proxy = start_proxy(config(ports, read, more)).await.unwrap();
        // Replicas answer once they were looked at.
        let mut client = connect(proxy.address(), "reports", APP_PASSWORD, Some(SCHEMA))
            .await
            .unwrap();
        eventually("both replicas answer", async || {
            let mut seen = vec![who(&mut client).await, who(&mut client).await];
            seen.sort();
            seen == ["r1", "r2"]
        })
        .await;
        proxy
    }
}

/// A proxy's configuration before a primary and two replicas at these ports.
pub fn config([primary, one, two]: [u16; 3], read: &str, more: &str) -> String {
    let listen = free_port().unwrap();
    format!(
        r#"
[server]
listen = "127.0.0.1:{listen}"

[[users]]
name = "{APP_USER}"
password = "{APP_PASSWORD}"
schemas = ["{SCHEMA}", "parted"]

[[users]]
name = "reports"
password = "{APP_PASSWORD}"
schemas = ["{SCHEMA}", "parted"]
read = "eventual"

[backend]
user = "{USER}"
password = "{PASSWORD}"
health = {{ interval = "100ms" }}
balance = {{ policy = "round_robin", slow_start = "0s" }}
{more}

[replica_sets.a]
primary = "127.0.0.1:{primary}"
replicas = ["127.0.0.1:{one}", "127.0.0.1:{two}"]

[schemas.{SCHEMA}]
shards = ["a/shop"]
read = {read}

[schemas.parted]
shards = ["a/parted_0", "a/parted_1"]
read = {read}

[schemas.parted.tables]
t   = {{ key = "id", algorithm = "mod" }}
who = {{ key = "name", algorithm = "hash_mod" }}
"#
    )
}

/// Who answers a plain read.
pub async fn who(client: &mut Conn) -> String {
    answered_by(client, "SELECT name FROM who").await
}

/// Who answers: the first column of the only row.
pub async fn answered_by(client: &mut Conn, sql: &str) -> String {
    match client.query_first::<String, _>(sql).await {
        Ok(name) => name.unwrap_or_default(),
        Err(error) => format!("{sql}: {error}"),
    }
}

/// Waits until something is so.
pub async fn eventually(what: &str, mut is_so: impl AsyncFnMut() -> bool) {
    let end = Instant::now() + PATIENCE;
    while !is_so().await {
        assert!(Instant::now() < end, "{what}: not in time");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
