//! What a server is asked, and what it answers.

use std::sync::Arc;
use std::time::Duration;

use super::semi_sync::{self, SemiSync};
use crate::backend::gtid::Position;
use crate::backend::{BackendError, Connection, Flavor, Server, TextRow};

/// What changes what statements answer, and no session can set: a replica on which one differs gives other answers than the
/// primary.
pub(super) const SETTINGS: [&str; 3] = [
    "system_time_zone",
    "lower_case_table_names",
    "collation_server",
];

/// wsrep_local_state of a node that has everything
/// (<https://galeracluster.com/library/documentation/node-states.html>).
const SYNCED: &[u8] = b"4";

/// What a server said of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Observation {
    /// When it was asked, as the time since the replica set's beginning.
    pub asked_at: Duration,
    /// The transactions that it has; `None` without GTIDs.
    pub executed: Option<Arc<Position>>,
    /// The transactions that it has written to its own binary log: what others get from it.
    pub written: Option<Arc<Position>>,
    /// It refuses writes of ordinary accounts.
    pub read_only: bool,
    /// It refuses writes of all accounts.
    pub super_read_only: bool,
    /// Who it is, as its replicas name their source.
    pub identity: Option<String>,
    /// The servers that it replicates from just now, empty for one that it has not reached yet;
    /// `None`: it does not tell.
    pub sources: Option<Vec<String>>,
    /// The values of the variables that change answers and that no session can set.
    pub settings: Vec<Option<Vec<u8>>>,
    /// Its state in Group Replication, where it takes part: `ONLINE`, `RECOVERING`, …
    pub group_state: Option<String>,
    /// It is the primary of its group.
    pub group_primary: bool,
    /// Whether a node of a Galera cluster is synced; `None`: it is none.
    pub galera_synced: Option<bool>,
    /// Whether its commits wait for replicas; `None`: it was not asked.
    pub semi_sync: Option<SemiSync>,
}

/// A connection for questions.
#[derive(Debug)]
pub(super) struct Probe {
    connection: Connection,
    group: bool,
    galera: bool,
    promotes: bool,
    /// The global variables with which sessions begin, as they were when it was asked last.
    globals: Option<TextRow>,
}

impl Probe {
    /// Connects, and finds out what can be asked. Where a replica may have to be promoted, more
    /// is.
    pub async fn open(server: &Arc<Server>, promotes: bool) -> Result<Self, BackendError> {
        let connection = Connection::open(Arc::clone(server), false).await?;
        let mut probe = Self {
            connection,
            group: false,
            galera: false,
            promotes,
            globals: None,
        };
        match probe.flavor() {
            Flavor::MySql => {
                let sql = "SELECT 1 FROM information_schema.PLUGINS WHERE PLUGIN_NAME = \
                           'group_replication' AND PLUGIN_STATUS = 'ACTIVE'";
                probe.group = probe.ask_if_possible(sql).await?.is_some();
            }
            Flavor::MariaDb => {
                let row = probe.ask_if_possible("SELECT @@GLOBAL.wsrep_on").await?;
                probe.galera = row.is_some_and(|row| flag(&row, 0));
            }
        }
        Ok(probe)
    }

    fn flavor(&self) -> Flavor {
        self.connection.version().flavor
    }

    /// Asks how the server is.
    pub async fn ask(&mut self, asked_at: Duration) -> Result<Observation, BackendError> {
        let flavor = self.flavor();
        let own = match flavor {
            Flavor::MySql => {
                "@@GLOBAL.read_only, @@GLOBAL.super_read_only, @@GLOBAL.gtid_mode, \
                 @@GLOBAL.gtid_executed, @@GLOBAL.gtid_executed, @@GLOBAL.server_uuid"
            }
            Flavor::MariaDb => {
                "@@GLOBAL.read_only, 0, 'ON', @@GLOBAL.gtid_slave_pos, \
                 @@GLOBAL.gtid_binlog_pos, @@GLOBAL.server_id"
            }
        };
        let decisive = self.connection.decisive();
        let asked: Vec<String> = SETTINGS
            .iter()
            .chain(&decisive)
            .map(|name| format!("@@GLOBAL.{name}"))
            .collect();
        let sql = format!("SELECT {own}, {}", asked.join(", "));
        let mut rows = self.connection.query(sql.as_bytes()).await?;
        let mut row = rows.pop().unwrap_or_default();
        let mut settings = row.split_off(row.len().min(6));
        self.note_globals(settings.split_off(settings.len().min(SETTINGS.len())));
        let position = |at: usize| {
            let text = String::from_utf8_lossy(row.get(at)?.as_deref()?);
            let position = Position::parse(&text, flavor).ok();
            position.map(Arc::new).filter(|_| flag(&row, 2))
        };
        let (group_state, group_primary) = self.group_state().await?;
        let sources = self.sources().await?;
        Ok(Observation {
            asked_at,
            executed: position(3),
            written: position(4),
            read_only: flag(&row, 0),
            super_read_only: flag(&row, 1),
            group_state,
            group_primary,
            galera_synced: self.galera_synced().await?,
            semi_sync: self.semi_sync().await?,
            identity: text(&row, 5),
            sources,
            settings,
        })
    }

    /// What sessions begin with; somebody may have changed it on the server itself.
    fn note_globals(&mut self, globals: Vec<Option<Vec<u8>>>) {
        let before = self.globals.replace(globals);
        if before.is_some() && before != self.globals {
            self.connection.server().note_globals();
        }
    }

    async fn group_state(&mut self) -> Result<(Option<String>, bool), BackendError> {
        if !self.group {
            return Ok((None, false));
        }
        // One that does not see the larger part of its group can commit nothing, and does not
        // know whether the others have another primary by now.
        let sql = "SELECT IF((SELECT 2 * SUM(MEMBER_STATE <> 'UNREACHABLE') > COUNT(*) FROM \
                   performance_schema.replication_group_members), MEMBER_STATE, 'NO QUORUM'), \
                   MEMBER_ROLE FROM performance_schema.replication_group_members \
                   WHERE MEMBER_ID = @@server_uuid";
        let Some(row) = self.ask_if_possible(sql).await? else {
            return Ok((None, false));
        };
        Ok((text(&row, 0), text(&row, 1).as_deref() == Some("PRIMARY")))
    }

    /// The servers whose transactions it receives or applies just now.
    async fn sources(&mut self) -> Result<Option<Vec<String>>, BackendError> {
        match self.flavor() {
            Flavor::MySql => {
                let sql = "SELECT s.SOURCE_UUID, s.SERVICE_STATE, a.SERVICE_STATE FROM \
                           performance_schema.replication_connection_status s JOIN \
                           performance_schema.replication_applier_status a USING (CHANNEL_NAME) \
                           WHERE CHANNEL_NAME NOT LIKE 'group_replication_%'";
                let rows = refused_is_none(self.connection.query(sql.as_bytes()).await)?;
                Ok(rows.map(|rows| running(&rows, [0, 1, 2])))
            }
            Flavor::MariaDb => {
                let asked = self.connection.query_named(b"SHOW ALL SLAVES STATUS").await;
                let Some((names, rows)) = refused_is_none(asked)? else {
                    return Ok(None);
                };
                let at = |name: &str| names.iter().position(|known| known == name);
                let columns = ["Master_Server_Id", "Slave_IO_Running", "Slave_SQL_Running"];
                let [Some(id), Some(receiver), Some(applier)] = columns.map(at) else {
                    return Ok(None);
                };
                Ok(Some(running(&rows, [id, receiver, applier])))
            }
        }
    }

    async fn galera_synced(&mut self) -> Result<Option<bool>, BackendError> {
        if !self.galera {
            return Ok(None);
        }
        let sql = "SHOW GLOBAL STATUS LIKE 'wsrep_local_state'";
        let row = self.ask_if_possible(sql).await?;
        let state = row.and_then(|row| row.get(1).cloned().flatten());
        Ok(Some(state.as_deref() == Some(SYNCED)))
    }

    async fn semi_sync(&mut self) -> Result<Option<SemiSync>, BackendError> {
        if !self.promotes {
            return Ok(None);
        }
        let status = self.connection.query(semi_sync::STATUS.as_bytes()).await?;
        let variables = self.connection.query(semi_sync::VARIABLES.as_bytes());
        Ok(Some(SemiSync::of(&status, &variables.await?)))
    }

    /// The first row, if the server allows the question and has one.
    async fn ask_if_possible(&mut self, sql: &str) -> Result<Option<TextRow>, BackendError> {
        let rows = refused_is_none(self.connection.query(sql.as_bytes()).await)?;
        Ok(rows.and_then(|rows| rows.into_iter().next()))
    }
}

fn refused_is_none<T>(asked: Result<T, BackendError>) -> Result<Option<T>, BackendError> {
    match asked {
        Ok(answer) => Ok(Some(answer)),
        Err(BackendError::Setup(_)) => Ok(None),
        Err(error) => Err(error),
    }
}

/// The sources of the channels that do something: columns of source, receiver and applier.
fn running(rows: &[TextRow], [source, receiver, applier]: [usize; 3]) -> Vec<String> {
    let stopped = |row: &TextRow, at: usize| {
        let state = row.get(at).and_then(|value| value.as_deref());
        matches!(state, Some(b"OFF" | b"No") | None)
    };
    let running = rows
        .iter()
        .filter(|row| !stopped(row, receiver) || !stopped(row, applier));
    running
        .map(|row| text(row, source).unwrap_or_default())
        .collect()
}

fn text(row: &TextRow, at: usize) -> Option<String> {
    let value = row.get(at)?.as_deref()?;
    Some(String::from_utf8_lossy(value).into_owned())
}

fn flag(row: &TextRow, at: usize) -> bool {
    let value = row.get(at).and_then(|value| value.as_deref());
    matches!(value, Some(b"1" | b"ON" | b"ON_PERMISSIVE"))
}
