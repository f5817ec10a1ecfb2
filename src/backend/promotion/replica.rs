//! One replica in a promotion.

use std::collections::HashMap;
use std::fmt::Display;
use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::NotPromoted;
use super::choice::Candidate;
use super::spelling::{self, Spelling};
use super::status::{Receiver, Status};
use crate::backend::gtid::Position;
use crate::backend::{BackendError, Connection, Flavor, ReplicaSet};
use crate::config::Address;

/// Held on more than half of the replicas by whoever promotes one.
const LOCK: &str = "SELECT GET_LOCK('shardwell promotes a replica', 0)";

/// What of a server's variables matters here, by any of its names.
const VARIABLES: &str = "SHOW GLOBAL VARIABLES WHERE Variable_name IN ('read_only', 'log_bin', \
    'log_replica_updates', 'log_slave_updates', 'gtid_executed', 'gtid_slave_pos', \
    'gtid_binlog_pos', 'report_host', 'report_port', 'rpl_semi_sync_source_enabled', \
    'rpl_semi_sync_master_enabled', 'rpl_semi_sync_source_wait_for_replica_count', \
    'rpl_semi_sync_master_wait_for_slave_count')";

/// How long a replica that tries to connect to its source is watched: longer than a source that
/// lives takes to answer.
const SOURCE_PATIENCE: Duration = Duration::from_secs(1);

/// How often it is looked at.
const LOOK_AGAIN: Duration = Duration::from_millis(50);

/// How long the new primary may take to apply what it has received.
const APPLY_PATIENCE: Duration = Duration::from_secs(60);

/// How long one question about that waits, in seconds.
const APPLY_SLICE: f64 = 5.0;

/// A connection to a replica that takes part.
#[derive(Debug)]
pub(super) struct Replica {
    /// Its position.
    pub at: usize,
    /// Its address, for people.
    pub server: String,
    connection: Connection,
    flavor: Flavor,
    spelling: &'static Spelling,
    /// Its channel receives, or tries to; not if somebody has stopped it.
    receives: bool,
    variables: HashMap<String, String>,
}

impl Replica {
    /// Connects as who may promote.
    pub async fn open(set: &ReplicaSet, at: usize) -> Result<Self, NotPromoted> {
        let server = set.promoting_server(at).ok_or(NotPromoted::NoNeed)?;
        let address = server.address.to_string();
        let connection = match Connection::open(server, false).await {
            Ok(connection) => connection,
            Err(source) => {
                let server = address;
                return Err(NotPromoted::Server { server, source });
            }
        };
        let flavor = connection.version().flavor;
        Ok(Self {
            at,
            server: address,
            connection,
            flavor,
            spelling: spelling::of(flavor),
            receives: false,
            variables: HashMap::new(),
        })
    }

    fn failed(&self, source: BackendError) -> NotPromoted {
        let server = self.server.clone();
        NotPromoted::Server { server, source }
    }

    fn problem(&self, problem: impl Display) -> NotPromoted {
        NotPromoted::Replica {
            server: self.server.clone(),
            problem: problem.to_string(),
        }
    }

    async fn run(&mut self, sql: &str) -> Result<(), NotPromoted> {
        let done = self.connection.execute(sql.as_bytes()).await;
        done.map_err(|error| self.failed(error))
    }

    async fn number(&mut self, sql: &str) -> Result<Option<i64>, NotPromoted> {
        let rows = self.connection.query(sql.as_bytes()).await;
        let rows = rows.map_err(|error| self.failed(error))?;
        let value = rows
            .into_iter()
            .next()
            .and_then(|row| row.into_iter().next());
        let text = value
            .flatten()
            .and_then(|text| String::from_utf8(text).ok());
        Ok(text.and_then(|text| text.parse().ok()))
    }

    /// Keeps other proxies from promoting another replica, as long as this connection lives.
    pub async fn lock(&mut self) -> Result<(), NotPromoted> {
        match self.number(LOCK).await? {
            Some(1) => Ok(()),
            _ => Err(NotPromoted::Taken),
        }
    }

    /// Its channel; `None`: it has none.
    async fn status(&mut self) -> Result<Option<Status>, NotPromoted> {
        let asked = self.connection.query_named(self.spelling.status.as_bytes());
        let (names, rows) = asked.await.map_err(|error| self.failed(error))?;
        let [row] = rows.as_slice() else {
            return match rows.is_empty() {
                true => Ok(None),
                false => Err(self.problem("it replicates from several sources")),
            };
        };
        let channel = names.iter().position(|name| name == self.spelling.channel);
        let channel = channel.and_then(|at| row.get(at)?.as_deref());
        if channel.is_some_and(|name| !name.is_empty()) {
            return Err(self.problem("its channel has a name"));
        }
        let status = Status::of(&names, row, self.flavor);
        let status = status.ok_or_else(|| self.problem("its status cannot be read"))?;
        Ok(Some(status))
    }

    /// Finds out whether a promotion is possible and needed at all.
    pub async fn examine(&mut self) -> Result<(), NotPromoted> {
        let status = self.status().await?;
        self.receives = status
            .as_ref()
            .is_some_and(|s| s.receiver != Receiver::Stopped);
        if status.is_some_and(|status| !status.by_gtids) {
            return Err(self.problem("it does not replicate by GTIDs"));
        }
        self.read_variables().await?;
        match self.is_on("read_only") {
            true => Ok(()),
            false => Err(NotPromoted::NoNeed),
        }
    }

    async fn read_variables(&mut self) -> Result<(), NotPromoted> {
        let rows = self.connection.query(VARIABLES.as_bytes()).await;
        let rows = rows.map_err(|error| self.failed(error))?;
        let text = |value: Option<Vec<u8>>| {
            String::from_utf8_lossy(&value.unwrap_or_default()).into_owned()
        };
        let pairs = rows.into_iter().filter_map(|row| {
            let [name, value] = <[_; 2]>::try_from(row).ok()?;
            Some((text(name), text(value)))
        });
        self.variables = pairs.collect();
        Ok(())
    }

    fn variable(&self, name: &str) -> &str {
        self.variables.get(name).map_or("", String::as_str)
    }

    fn is_on(&self, name: &str) -> bool {
        self.variable(name) == "ON"
    }

    /// Has it connect to its source anew: the source may live although the proxy cannot see it, and
    /// a connection may seem to be there long after the source has died.
    pub async fn lose_source(&mut self) -> Result<(), NotPromoted> {
        if !self.receives {
            return Ok(());
        }
        self.run(self.spelling.stop_receiving).await?;
        self.run(self.spelling.start_receiving).await?;
        let end = Instant::now() + SOURCE_PATIENCE;
        while Instant::now() < end {
            sleep(LOOK_AGAIN).await;
            match self.status().await?.map(|status| status.receiver) {
                Some(Receiver::Connected) => {
                    return Err(NotPromoted::SourceAnswers(self.server.clone()));
                }
                Some(Receiver::Connecting) => {}
                Some(Receiver::Refused | Receiver::Stopped) | None => break,
            }
        }
        Ok(())
    }

    /// From now on it acknowledges nothing that a primary writes which nobody sees.
    pub async fn stop_receiving(&mut self) -> Result<(), NotPromoted> {
        match self.receives {
            true => self.run(self.spelling.stop_receiving).await,
            false => Ok(()),
        }
    }

    /// What it could give, once it receives nothing any more.
    pub async fn candidate(&mut self, drained: bool) -> Result<Candidate, NotPromoted> {
        let status = self.status().await?;
        self.read_variables().await?;
        let mut has = Position::empty(self.flavor);
        let executed = match self.flavor {
            Flavor::MySql => ["gtid_executed"].as_slice(),
            Flavor::MariaDb => ["gtid_slave_pos", "gtid_binlog_pos"].as_slice(),
        };
        for name in executed {
            let position = Position::parse(self.variable(name), self.flavor);
            has.add(&position.map_err(|error| self.problem(error))?);
        }
        if let Some(status) = &status {
            has.add(&status.received);
        }
        Ok(Candidate {
            server: self.server.clone(),
            has,
            obstacle: self.obstacle(status.as_ref()),
            version: self.connection.version().numbers(),
            drained,
        })
    }

    fn obstacle(&self, status: Option<&Status>) -> Option<&'static str> {
        let logs = ["log_replica_updates", "log_slave_updates"];
        let logs = self.is_on("log_bin") && logs.iter().any(|name| self.is_on(name));
        let obstacles = [
            (!logs, "its binary log has not what it replicates"),
            (status.is_some_and(|s| s.delay > 0), "it is late on purpose"),
            (status.is_some_and(|s| s.filtered), "it leaves tables out"),
            (
                status.is_some_and(|s| !s.error.is_empty()),
                "it has failed to apply a transaction",
            ),
            (status.is_some_and(|s| !s.applies), "it applies nothing"),
        ];
        let mut met = obstacles.into_iter().filter(|(is_met, _)| *is_met);
        met.next().map(|(_, obstacle)| obstacle)
    }

    /// Waits until it has executed all that it has.
    pub async fn apply(&mut self, has: &Position) -> Result<(), NotPromoted> {
        let sql = has.wait_sql(APPLY_SLICE);
        let end = Instant::now() + APPLY_PATIENCE;
        while self.number(&sql).await? != Some(0) {
            if Instant::now() >= end {
                return Err(NotPromoted::Behind(self.server.clone()));
            }
        }
        Ok(())
    }

    /// Makes it the primary. Its commits wait for acknowledgements if so many others give them as it
    /// wants.
    pub async fn take_writes(&mut self, acknowledging: usize) -> Result<(), NotPromoted> {
        self.run(self.spelling.stop).await?;
        self.run(self.spelling.reset).await?;
        match self.semi_sync(acknowledging) {
            Some(sql) => self.run(&sql).await?,
            None => tracing::warn!(
                server = self.server,
                "commits on the new primary do not wait for its replicas"
            ),
        }
        self.run(self.spelling.take_writes).await
    }

    fn semi_sync(&self, acknowledging: usize) -> Option<String> {
        let enabled = [
            "rpl_semi_sync_source_enabled",
            "rpl_semi_sync_master_enabled",
        ];
        let name = enabled
            .iter()
            .find(|name| self.variables.contains_key(**name))?;
        let counts = [
            "rpl_semi_sync_source_wait_for_replica_count",
            "rpl_semi_sync_master_wait_for_slave_count",
        ];
        let wanted = counts
            .iter()
            .find_map(|name| self.variable(name).parse().ok());
        let enough = acknowledging >= wanted.unwrap_or(1);
        enough.then(|| format!("SET GLOBAL {name} = ON"))
    }

    /// Where other servers find it: what it says of itself, else what the proxy knows.
    pub fn place(&self) -> Option<(String, u16)> {
        let host = self.variable("report_host");
        let port = self.variable("report_port").parse().ok();
        match (&self.connection.server().address, port) {
            (_, Some(port)) if !host.is_empty() => Some((host.to_owned(), port)),
            (Address::Tcp { host, port }, _) => Some((host.clone(), *port)),
            (Address::Unix(_), _) => None,
        }
    }

    /// Makes it replicate from the new primary.
    pub async fn follow(&mut self, host: &str, port: u16) -> Result<(), NotPromoted> {
        let change = spelling::change_source(self.flavor, host, port);
        let change = change.ok_or_else(|| self.problem(format!("no source at '{host}'")))?;
        self.run(self.spelling.stop).await?;
        self.run(&change).await?;
        self.run(self.spelling.start).await
    }

    /// Makes it receive again, as before.
    pub async fn resume(&mut self) {
        if self.receives
            && let Err(error) = self.run(self.spelling.start_receiving).await
        {
            tracing::warn!("replication could not be started again: {error}");
        }
    }
}

/// Makes a server refuse writes.
pub(super) async fn refuse_writes(set: &ReplicaSet, at: usize) -> Result<(), NotPromoted> {
    let mut replica = Replica::open(set, at).await?;
    replica.run(replica.spelling.refuse_writes).await
}
