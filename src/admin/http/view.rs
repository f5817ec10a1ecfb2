//! `/topology` and `/sessions`: what is there now, as JSON.
//!
//! Statements are not shown: their literals may be anybody's secrets.

use serde::Serialize;

use super::servers;
use crate::backend::Pool;
use crate::session::Shared;
use crate::topology::{Schema, Table, TableKind, Topology};

#[derive(Serialize)]
pub(super) struct TopologyView {
    schemas: Vec<SchemaView>,
    replica_sets: Vec<ReplicaSetView>,
}

#[derive(Serialize)]
struct SchemaView {
    name: String,
    shards: Vec<String>,
    tables: Vec<TableView>,
}

#[derive(Serialize)]
struct TableView {
    name: String,
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    sharded_by: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    shard: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    refused: Option<String>,
}

#[derive(Serialize)]
struct ReplicaSetView {
    name: String,
    servers: Vec<ServerView>,
}

#[derive(Serialize)]
struct ServerView {
    address: String,
    role: &'static str,
    up: bool,
    version: Option<String>,
    weight: f64,
    lag_seconds: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    answers_no_reads_because: Option<String>,
    connections: ConnectionsView,
}

#[derive(Serialize)]
struct ConnectionsView {
    idle: usize,
    busy: usize,
    opening: u32,
    waiting: usize,
    max: u32,
    max_waiting: u32,
    /// Since the start, as all below.
    opened: u64,
    failed: u64,
    lost: u64,
    /// Statements that had to wait, those included that got none.
    waits: u64,
    wait_seconds: f64,
    timeouts: u64,
    refused: u64,
}

/// Schemas and servers.
pub(super) fn topology(shared: &Shared) -> TopologyView {
    let snapshot = shared.snapshot();
    let topology = &snapshot.topology;
    let schemas = topology.schemas.iter();
    let servers = servers::found(&shared.cluster);
    let sets = shared.cluster.replica_sets().iter();
    TopologyView {
        schemas: schemas.map(|schema| of_schema(schema, topology)).collect(),
        replica_sets: sets
            .map(|set| {
                let own = servers.iter().filter(|found| found.set.name == set.name);
                ReplicaSetView {
                    name: set.name.clone(),
                    servers: own.map(of_server).collect(),
                }
            })
            .collect(),
    }
}

fn of_schema(schema: &Schema, topology: &Topology) -> SchemaView {
    let shards = schema.shards.iter().filter_map(|id| topology.shard(*id));
    let mut ids: Vec<_> = schema.tables.values().copied().collect();
    ids.sort();
    let tables = ids.into_iter().filter_map(|id| topology.table_by_id(id));
    SchemaView {
        name: schema.name.clone(),
        shards: shards.map(|shard| shard.name.clone()).collect(),
        tables: tables.map(|table| of_table(table, topology)).collect(),
    }
}

fn of_table(table: &Table, topology: &Topology) -> TableView {
    let view = |kind| TableView {
        name: table.name.clone(),
        kind,
        sharded_by: None,
        shard: None,
        refused: None,
    };
    match &table.kind {
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
    }
}

fn of_server(found: &servers::Found<'_>) -> ServerView {
    let (pool, server) = (&found.member.pool, found.member.pool.server());
    ServerView {
        address: server.address.to_string(),
        role: if found.is_primary {
            "primary"
        } else {
            "replica"
        },
        up: found.is_up,
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

#[derive(Serialize)]
pub(super) struct SessionView {
    id: u32,
    user: Option<String>,
    client: String,
    schema: Option<String>,
    state: &'static str,
    /// How long it has been in this state, to a tenth of a second.
    state_seconds: f64,
    connected_seconds: f64,
    in_transaction: bool,
    pinned_by: Vec<&'static str>,
    received_bytes: u64,
    sent_bytes: u64,
}

/// All sessions, by id.
pub(super) fn sessions(shared: &Shared) -> Vec<SessionView> {
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
