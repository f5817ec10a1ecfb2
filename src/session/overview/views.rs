//! What is there now, for `/topology` and `/sessions` as JSON and for SHOW SHARDWELL as rows.
//!
//! Statements are not shown: their literals may be anybody's secrets.

use serde::Serialize;

use super::servers::{self, Found};
use crate::backend::Pool;
use crate::session::Shared;
use crate::topology::{Schema, TableId, TableKind, Topology};

/// Schemas and servers.
#[derive(Debug, Serialize)]
pub struct TopologyView {
    /// In the order of the configuration.
    pub schemas: Vec<SchemaView>,
    /// In the order of the configuration.
    pub replica_sets: Vec<ReplicaSetView>,
}

/// A schema.
#[derive(Debug, Serialize)]
pub struct SchemaView {
    /// What clients call it.
    pub name: String,
    /// `replica_set/database`
    pub shards: Vec<String>,
    /// Those that are known.
    pub tables: Vec<TableView>,
}

/// A table.
#[derive(Debug, Serialize)]
pub struct TableView {
    /// What clients call it.
    pub name: String,
    /// `sharded`, `broadcast`, `single` or `refused`.
    pub kind: &'static str,
    /// Key columns and algorithm.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sharded_by: Option<String>,
    /// Where a single table is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shard: Option<String>,
    /// Why statements on it are refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refused: Option<String>,
}

/// A replica set.
#[derive(Debug, Serialize)]
pub struct ReplicaSetView {
    /// Its name in the configuration.
    pub name: String,
    /// Its servers.
    pub servers: Vec<ServerView>,
}

/// A server.
#[derive(Debug, Serialize)]
pub struct ServerView {
    /// As configured.
    pub address: String,
    /// `primary` or `replica`.
    pub role: &'static str,
    /// It answers, as far as the proxy knows.
    pub up: bool,
    /// An operator keeps statements away from it.
    pub drained: bool,
    /// What it said it is.
    pub version: Option<String>,
    /// Its share of the reads.
    pub weight: f64,
    /// How far it is behind its primary.
    pub lag_seconds: Option<f64>,
    /// Why it answers no reads.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub answers_no_reads_because: Option<String>,
    /// The proxy's connections to it.
    pub connections: ConnectionsView,
}

/// The proxy's connections to a server.
#[derive(Debug, Serialize)]
pub struct ConnectionsView {
    /// Free.
    pub idle: usize,
    /// In use.
    pub busy: usize,
    /// Being opened.
    pub opening: u32,
    /// Statements that wait for one.
    pub waiting: usize,
    /// How many there may be.
    pub max: u32,
    /// How many statements may wait.
    pub max_waiting: u32,
    /// Since the start, as all below.
    pub opened: u64,
    /// Attempts to connect that failed.
    pub failed: u64,
    /// Connections that broke.
    pub lost: u64,
    /// Statements that had to wait, those included that got none.
    pub waits: u64,
    /// How long they waited.
    pub wait_seconds: f64,
    /// Statements that got none in time.
    pub timeouts: u64,
    /// Statements that were refused.
    pub refused: u64,
}

/// A session.
#[derive(Debug, Serialize)]
pub struct SessionView {
    /// What KILL takes.
    pub id: u32,
    /// `None` before the login.
    pub user: Option<String>,
    /// Where the client is.
    pub client: String,
    /// Its current schema.
    pub schema: Option<String>,
    /// `running` or `idle`.
    pub state: &'static str,
    /// How long it has been in this state, to a tenth of a second.
    pub state_seconds: f64,
    /// Since it connected.
    pub connected_seconds: f64,
    /// A transaction is open.
    pub in_transaction: bool,
    /// Why it keeps connections between statements.
    pub pinned_by: Vec<&'static str>,
    /// Bytes from the client.
    pub received_bytes: u64,
    /// Bytes to the client.
    pub sent_bytes: u64,
}

/// Schemas and servers.
pub fn topology(shared: &Shared) -> TopologyView {
    TopologyView {
        schemas: schemas(shared),
        replica_sets: replica_sets(shared),
    }
}

pub(super) fn schemas(shared: &Shared) -> Vec<SchemaView> {
    let snapshot = shared.snapshot();
    let topology = &snapshot.topology;
    let schemas = topology.schemas.iter();
    schemas.map(|schema| of_schema(schema, topology)).collect()
}

pub(super) fn replica_sets(shared: &Shared) -> Vec<ReplicaSetView> {
    let sets = shared.cluster.replica_sets().iter();
    sets.map(|set| ReplicaSetView {
        name: set.name.clone(),
        servers: servers::of_set(set).iter().map(of_server).collect(),
    })
    .collect()
}

fn of_schema(schema: &Schema, topology: &Topology) -> SchemaView {
    let shards = schema.shards.iter().filter_map(|id| topology.shard(*id));
    let mut ids: Vec<_> = schema.tables.values().copied().collect();
    ids.sort();
    let tables = ids.into_iter().filter_map(|id| of_table(id, topology));
    SchemaView {
        name: schema.name.clone(),
        shards: shards.map(|shard| shard.name.clone()).collect(),
        tables: tables.collect(),
    }
}

fn of_table(id: TableId, topology: &Topology) -> Option<TableView> {
    let table = topology.table_by_id(id)?;
    let unusable = topology.unusable.get(&id);
    let view = |kind| TableView {
        name: table.name.clone(),
        kind,
        sharded_by: None,
        shard: None,
        refused: unusable.map(ToString::to_string),
    };
    Some(match &table.kind {
        TableKind::Sharded(sharding) => TableView {
            sharded_by: Some(sharding.rule_text(&sharding.rule)),
            ..view("sharded")
        },
        TableKind::Broadcast => view("broadcast"),
        TableKind::Single(shard) => TableView {
            shard: topology.shard(*shard).map(|shard| shard.name.clone()),
            ..view("single")
        },
        TableKind::Refused { reason } => TableView {
            refused: Some(reason.clone()),
            ..view("refused")
        },
    })
}

fn of_server(found: &Found<'_>) -> ServerView {
    let (pool, server) = (&found.member.pool, found.member.pool.server());
    ServerView {
        address: server.address.to_string(),
        role: if found.is_primary {
            "primary"
        } else {
            "replica"
        },
        up: found.is_up,
        drained: found.member.is_drained(),
        version: server.version().map(|version| version.text.clone()),
        weight: found.member.weight,
        lag_seconds: found.lag,
        answers_no_reads_because: found.unfit.clone(),
        connections: of_pool(pool),
    }
}

fn of_pool(pool: &Pool) -> ConnectionsView {
    let (figures, series) = (pool.figures(), &pool.server().series);
    let waits = series.waits.times();
    ConnectionsView {
        idle: figures.idle,
        busy: figures.busy(),
        opening: figures.opening,
        waiting: figures.waiting,
        max: figures.most,
        max_waiting: figures.most_waiting,
        opened: series.connects.times().count(),
        failed: series.failed_connects.total(),
        lost: series.lost.total(),
        waits: waits.count(),
        wait_seconds: waits.seconds(),
        timeouts: series.timeouts.total(),
        refused: series.refused.total(),
    }
}

/// All sessions, by id.
pub fn sessions(shared: &Shared) -> Vec<SessionView> {
    let sessions = shared.registry.list().into_iter();
    let view = sessions.map(|session| {
        let (activity, tied) = (session.activity(), session.tied());
        let traffic = session.traffic();
        SessionView {
            id: session.id.0,
            user: session.user(),
            client: session.peer.clone(),
            schema: activity.schema,
            state: if activity.running { "running" } else { "idle" },
            state_seconds: activity.since.until(session.watch.now()).as_secs_f64(),
            connected_seconds: session.since.elapsed().as_secs_f64(),
            in_transaction: tied.in_transaction(),
            pinned_by: tied.reasons().map(|reason| reason.label()).collect(),
            received_bytes: traffic.received,
            sent_bytes: traffic.sent,
        }
    });
    view.collect()
}
