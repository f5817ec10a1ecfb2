//! The demo's servers: two replica sets, the first with a replica that really replicates, and
//! four physical databases.

use std::net::SocketAddr;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use mysql_async::prelude::Queryable;
use mysql_async::{Conn, Opts, OptsBuilder, Row};
use rand::distr::{Alphanumeric, SampleString};

use super::program::{Flavor, Program};
use super::server::{ServerOptions, ServerProcess};
use super::template::Template;

/// The account by which the proxy speaks to the servers.
const PROXY_USER: &str = "shardwell";

/// The account by which the replica follows its primary.
const REPLICATION_USER: &str = "replication";

/// How long the replica may take to have what its primary has.
const CATCH_UP: Duration = Duration::from_secs(30);

/// The servers of the demo.
#[derive(Debug)]
pub struct Cluster {
    a: ServerProcess,
    a_replica: ServerProcess,
    b: ServerProcess,
    password: String,
}

impl Cluster {
    /// Initialises and starts three servers below `folder`, makes the accounts and the databases,
    /// and starts replication.
    ///
    /// # Errors
    /// A server does not start or refuses a statement.
    pub async fn start(program: Program, folder: &Path) -> Result<Self> {
        let template = Template::initialise(program, folder).await?;
        let (a, a_replica, b) = tokio::try_join!(
            start_server(&template, folder, "a", 1),
            start_server(&template, folder, "a-replica", 2),
            start_server(&template, folder, "b", 3),
        )?;
        let cluster = Self {
            a,
            a_replica,
            b,
            password: random_password(),
        };
        cluster.prepare().await?;
        Ok(cluster)
    }

    async fn prepare(&self) -> Result<()> {
        let replication = random_password();
        for primary in [&self.a, &self.b] {
            primary.create_account(PROXY_USER, &self.password).await?;
        }
        self.a
            .create_account(REPLICATION_USER, &replication)
            .await?;
        for (primary, database) in self.shards() {
            let mut connection = primary.admin().await?;
            connection
                .query_drop(format!("CREATE DATABASE {database} CHARACTER SET utf8mb4"))
                .await?;
            connection.disconnect().await?;
        }
        follow(&self.a, &self.a_replica, &replication).await?;
        self.wait_for_replica().await
    }

    /// The shards in the schema's order: the primary and the database.
    pub fn shards(&self) -> [(&ServerProcess, &'static str); 4] {
        [
            (&self.a, "shop_0"),
            (&self.a, "shop_1"),
            (&self.b, "shop_2"),
            (&self.b, "shop_3"),
        ]
    }

    /// The shards by the names that the configuration gives them.
    pub fn shard_names(&self) -> [&'static str; 4] {
        ["a/shop_0", "a/shop_1", "b/shop_2", "b/shop_3"]
    }

    /// The primary of replica set `a`.
    pub fn primary_a(&self) -> SocketAddr {
        self.a.address()
    }

    /// The replica of replica set `a`.
    pub fn replica_a(&self) -> SocketAddr {
        self.a_replica.address()
    }

    /// The primary of replica set `b`.
    pub fn primary_b(&self) -> SocketAddr {
        self.b.address()
    }

    /// The account for the proxy: user and password.
    pub fn account(&self) -> (&str, &str) {
        (PROXY_USER, &self.password)
    }

    /// A connection straight to one shard, past the proxy.
    ///
    /// # Errors
    /// The server does not answer.
    pub async fn direct(&self, primary: &ServerProcess, database: &str) -> Result<Conn> {
        let options = OptsBuilder::default()
            .socket(Some(primary.socket().to_string_lossy()))
            .user(Some("root"))
            .db_name(Some(database));
        Ok(Conn::new(Opts::from(options)).await?)
    }

    /// Waits until the replica has applied everything that its primary has committed so far.
    ///
    /// # Errors
    /// It does not get there in time; the message has what it says about itself.
    pub async fn wait_for_replica(&self) -> Result<()> {
        let (position, applied) = match self.a.flavor() {
            Flavor::MySql => (
                "SELECT @@GLOBAL.gtid_executed",
                "SELECT WAIT_FOR_EXECUTED_GTID_SET(?, 1)",
            ),
            Flavor::MariaDb => (
                "SELECT @@GLOBAL.gtid_binlog_pos",
                "SELECT MASTER_GTID_WAIT(?, 1)",
            ),
        };
        let mut primary = self.a.admin().await?;
        let position: String = primary.query_first(position).await?.unwrap_or_default();
        primary.disconnect().await?;
        let mut replica = self.a_replica.admin().await?;
        let deadline = Instant::now() + CATCH_UP;
        while replica.exec_first(applied, (&position,)).await? != Some(0) {
            if Instant::now() >= deadline {
                bail!(
                    "the replica does not catch up: {}",
                    replica_state(&mut replica).await?
                );
            }
        }
        Ok(replica.disconnect().await?)
    }

    /// Shuts all servers down.
    ///
    /// # Errors
    /// A server could not be waited for.
    pub async fn stop(self) -> Result<()> {
        tokio::try_join!(self.a_replica.stop(), self.a.stop(), self.b.stop())?;
        Ok(())
    }
}

async fn start_server(
    template: &Template,
    folder: &Path,
    name: &str,
    id: u32,
) -> Result<ServerProcess> {
    let options = ServerOptions {
        server_id: Some(id),
        flags: Vec::new(),
    };
    ServerProcess::start(template, &folder.join(name), &options)
        .await
        .with_context(|| format!("server {name} did not start"))
}

/// Makes `replica` follow `primary` from the first transaction on.
async fn follow(primary: &ServerProcess, replica: &ServerProcess, password: &str) -> Result<()> {
    let (host, port) = (primary.address().ip(), primary.address().port());
    let statements = match replica.flavor() {
        Flavor::MySql => [
            format!(
                "CHANGE REPLICATION SOURCE TO SOURCE_HOST='{host}', SOURCE_PORT={port}, \
                 SOURCE_USER='{REPLICATION_USER}', SOURCE_PASSWORD='{password}', \
                 SOURCE_AUTO_POSITION=1, GET_SOURCE_PUBLIC_KEY=1"
            ),
            "START REPLICA".to_owned(),
            "SET GLOBAL super_read_only = ON".to_owned(),
        ],
        Flavor::MariaDb => [
            format!(
                "CHANGE MASTER TO MASTER_HOST='{host}', MASTER_PORT={port}, \
                 MASTER_USER='{REPLICATION_USER}', MASTER_PASSWORD='{password}', \
                 MASTER_USE_GTID=slave_pos"
            ),
            "START SLAVE".to_owned(),
            "SET GLOBAL read_only = ON".to_owned(),
        ],
    };
    let mut connection = replica.admin().await?;
    for statement in statements {
        connection.query_drop(statement).await?;
    }
    Ok(connection.disconnect().await?)
}

/// The errors that a replica reports about its two threads.
async fn replica_state(replica: &mut Conn) -> Result<String> {
    let rows: Vec<Row> = match replica.query("SHOW REPLICA STATUS").await {
        Ok(rows) => rows,
        Err(_) => replica.query("SHOW SLAVE STATUS").await?,
    };
    let Some(row) = rows.into_iter().next() else {
        return Ok("it follows no primary".to_owned());
    };
    let errors: Vec<String> = ["Last_IO_Error", "Last_SQL_Error"]
        .into_iter()
        .filter_map(|name| row.get::<Option<String>, _>(name).flatten())
        .filter(|text| !text.is_empty())
        .collect();
    Ok(if errors.is_empty() {
        "it reports no error".to_owned()
    } else {
        errors.join("; ")
    })
}

/// A password that needs no escaping in SQL, TOML or a shell.
pub(super) fn random_password() -> String {
    Alphanumeric.sample_string(&mut rand::rng(), 20)
}
