//! What SHOW SHARDWELL lists.

use std::time::Duration;

use super::show::{Cell, Listing};
use super::views::{self, ServerView};
use crate::config::Address;
use crate::plan::{Action, Plan};
use crate::session::shared::{Shared, Snapshot};
use crate::telemetry::{MOST_DIGESTS, Times};
use crate::topology::{TableId, Topology};

fn text(value: impl ToString) -> Cell {
    Some(value.to_string())
}

fn yes(is: bool) -> Cell {
    text(if is { "yes" } else { "no" })
}

fn seconds(value: f64) -> Cell {
    Some(format!("{value:.3}"))
}

fn milliseconds(seconds: f64) -> Cell {
    Some(format!("{:.3}", seconds * 1e3))
}

/// How many, their mean and their 95th percentile in milliseconds.
fn times(times: &Times) -> [Cell; 3] {
    let count = times.count();
    let mean = times.seconds() / count.max(1) as f64;
    [
        text(count),
        milliseconds(mean),
        milliseconds(times.quantile(0.95)),
    ]
}

/// SHOW SHARDWELL SHARDS
pub(super) fn shards(shared: &Shared) -> Listing {
    let snapshot = shared.snapshot();
    let topology = &snapshot.topology;
    let mut rows = Vec::new();
    for schema in &topology.schemas {
        let shards = schema.shards.iter().filter_map(|id| topology.shard(*id));
        for (position, shard) in shards.enumerate() {
            let set = topology.replica_sets.get(usize::from(shard.replica_set.0));
            let series = shared.metrics.shard(&schema.name, &shard.name);
            let mut row = vec![
                text(&schema.name),
                text(position),
                text(&shard.name),
                set.map(|set| set.name.clone()),
                text(&shard.database),
            ];
            row.extend(times(&series.times.times()));
            rows.push(row);
        }
    }
    let columns = [
        "Schema",
        "#Position",
        "Shard",
        "Replica_set",
        "Database",
        "#Answers",
        "Avg_ms",
        "P95_ms",
    ];
    Listing::new(&columns, 2, rows)
}

/// The servers of all replica sets, each with its set's name.
fn all_servers(shared: &Shared) -> impl Iterator<Item = (String, ServerView)> {
    let sets = views::replica_sets(shared).into_iter();
    sets.flat_map(|set| {
        let name = set.name;
        let servers = set.servers.into_iter();
        servers.map(move |server| (name.clone(), server))
    })
}

/// SHOW SHARDWELL SERVERS
pub(super) fn servers(shared: &Shared) -> Listing {
    let rows = all_servers(shared).map(|(set, server)| {
        vec![
            text(set),
            text(server.address),
            text(server.role),
            yes(server.up),
            yes(server.drained),
            server.lag_seconds.and_then(seconds),
            text(server.weight),
            server.version,
            server.answers_no_reads_because,
        ]
    });
    let columns = [
        "Replica_set",
        "Server",
        "Role",
        "Up",
        "Drained",
        "Lag_s",
        "Weight",
        "Version",
        "No_reads_because",
    ];
    Listing::new(&columns, 1, rows.collect())
}

/// SHOW SHARDWELL POOLS
pub(super) fn pools(shared: &Shared) -> Listing {
    let rows = all_servers(shared).map(|(set, server)| {
        let pool = server.connections;
        vec![
            text(set),
            text(server.address),
            text(pool.idle),
            text(pool.busy),
            text(pool.opening),
            text(pool.max),
            text(pool.waiting),
            text(pool.max_waiting),
            text(pool.waits),
            milliseconds(pool.wait_seconds / pool.waits.max(1) as f64),
            text(pool.timeouts),
            text(pool.refused),
            text(pool.opened),
            text(pool.failed),
            text(pool.lost),
        ]
    });
    let columns = [
        "Replica_set",
        "Server",
        "#Idle",
        "#Busy",
        "#Opening",
        "#Max",
        "#Waiting",
        "#Max_waiting",
        "#Waits",
        "Avg_wait_ms",
        "#Timeouts",
        "#Refused",
        "#Opened",
        "#Failed",
        "#Lost",
    ];
    Listing::new(&columns, 1, rows.collect())
}

/// SHOW SHARDWELL SESSIONS
pub(super) fn sessions(shared: &Shared) -> Listing {
    let rows = views::sessions(shared).into_iter().map(|session| {
        vec![
            text(session.id),
            session.user,
            text(session.client),
            session.schema,
            text(session.state),
            seconds(session.state_seconds),
            seconds(session.connected_seconds),
            yes(session.in_transaction),
            text(session.pinned_by.join(", ")),
            text(session.received_bytes),
            text(session.sent_bytes),
        ]
    });
    let columns = [
        "#Id",
        "User",
        "Client",
        "Schema",
        "State",
        "State_s",
        "Connected_s",
        "In_transaction",
        "Pinned_by",
        "#Received_bytes",
        "#Sent_bytes",
    ];
    Listing::new(&columns, 1, rows.collect())
}

/// SHOW SHARDWELL TABLES
pub(super) fn tables(shared: &Shared) -> Listing {
    let schemas = views::schemas(shared).into_iter();
    let rows = schemas.flat_map(|schema| {
        let name = schema.name;
        let tables = schema.tables.into_iter();
        tables.map(move |table| {
            vec![
                text(&name),
                text(table.name),
                text(table.kind),
                table.sharded_by,
                table.shard,
                table.refused,
            ]
        })
    });
    let columns = ["Schema", "Table", "Kind", "Sharded", "Shard", "Refused"];
    Listing::new(&columns, 1, rows.collect())
}

/// SHOW SHARDWELL PLANS: what the plan cache holds, by statement.
pub(super) fn plans(shared: &Shared) -> Listing {
    let snapshot = shared.snapshot();
    let plans = snapshot.plans.all();
    let mut rows: Vec<_> = plans
        .iter()
        .filter_map(|plan| {
            let series = plan.series.as_ref()?;
            Some(vec![
                text(&series.id),
                text(&series.of.schema),
                text(plan.verb.label()),
                text(goes_to(plan, &snapshot)),
                text(together(plan)),
                text(&series.of.text),
            ])
        })
        .collect();
    rows.sort_by(|one, other| one.last().cmp(&other.last()).then_with(|| one.cmp(other)));
    let columns = [
        "Digest",
        "Schema",
        "Kind",
        "Goes_to",
        "Several_shards",
        "Statement",
    ];
    Listing::new(&columns, 5, rows)
}

/// Where a plan's statements go, in a few words.
fn goes_to(plan: &Plan, snapshot: &Snapshot) -> String {
    let topology = &snapshot.topology;
    match &plan.action {
        Action::Sharded { table, .. } => {
            format!("the shards that {} says", keys(*table, topology))
        }
        Action::Single(shard) => topology
            .shard(*shard)
            .map_or_else(String::new, |shard| shard.name.clone()),
        Action::Copies(_) => "every shard of its schema".to_owned(),
        Action::Any(Some(schema)) => topology
            .schema_by_id(*schema)
            .map_or_else(String::new, |s| format!("any shard of {}", s.name)),
        Action::Any(None) => "any server".to_owned(),
        Action::OtherSchema(other) => topology
            .replica_set(other.replica_set)
            .map_or_else(String::new, |set| set.name.clone()),
        Action::Everywhere(_) => "every data node".to_owned(),
        Action::Utility(_) | Action::Explain { .. } | Action::Nothing => "the proxy".to_owned(),
        Action::Generate(_) => "the shards of its rows' keys, with ids".to_owned(),
        Action::Lock(_) => "every replica set that has one of its tables".to_owned(),
        Action::Move(_) => "the proxy, which reads the rows and stores them".to_owned(),
        Action::Rekey(rekey) => format!(
            "the shards that {} says, then where the new keys belong",
            keys(rekey.table, topology)
        ),
        Action::Picked(_) => "the shards of all its tables".to_owned(),
        Action::Load(_) => "the shards of the rows in the client's file".to_owned(),
        Action::Refuse(_) if plan.gathered().is_some() => "the shards of all its tables".to_owned(),
        Action::Refuse(error) | Action::Unreadable(error) => format!("refused: {error}"),
    }
}

fn keys(table: TableId, topology: &Topology) -> String {
    let found = topology.table_by_id(table);
    match found.map(|table| (&table.name, &table.kind)) {
        Some((name, crate::topology::TableKind::Sharded(sharding))) => {
            format!("{name} ({})", sharding.key_names())
        }
        Some((name, _)) => name.clone(),
        None => String::new(),
    }
}

/// What is done where the shards are several.
fn together(plan: &Plan) -> &'static str {
    match (&plan.write, plan.merged(), plan.gathered()) {
        (Some(Ok(_)), _, _) => "written together",
        (_, Some(_), _) => "merged",
        (_, _, Some(_)) => "gathered",
        _ => "",
    }
}

/// SHOW SHARDWELL DIGESTS: what took most time in all comes first.
pub(super) fn digests(shared: &Shared) -> Listing {
    let slowest = shared.metrics.digests.slowest(MOST_DIGESTS);
    let rows = slowest.into_iter().map(|(series, totals)| {
        let statements = &totals.statements;
        let [count, mean, p95] = times(&statements.times);
        let nodes = totals.nodes as f64 / statements.times.count().max(1) as f64;
        let known = !series.id.is_empty();
        vec![
            known.then(|| series.id.clone()),
            known.then(|| series.of.schema.clone()),
            count,
            text(statements.failed),
            text(statements.rows),
            text(statements.changed),
            seconds(statements.times.seconds()),
            mean,
            p95,
            milliseconds(totals.max as f64 / 1e9),
            Some(format!("{nodes:.1}")),
            known.then(|| series.of.text.clone()),
        ]
    });
    let columns = [
        "Digest",
        "Schema",
        "#Count",
        "#Errors",
        "#Rows",
        "#Changed",
        "Total_s",
        "Avg_ms",
        "P95_ms",
        "Max_ms",
        "Shards",
        "Statement",
    ];
    Listing::new(&columns, 11, rows.collect())
}

/// SHOW SHARDWELL VARIABLES: what holds at this moment, by the names of the configuration.
pub(super) fn variables(shared: &Shared) -> Listing {
    let config = shared.refresher.config();
    let server = &config.server;
    let time = |time: Duration| format!("{time:?}");
    let flag = |on: bool| on.to_string();
    let listen: Vec<String> = server.listen.iter().map(Address::to_string).collect();
    let admin = server.admin.as_ref();
    let admin = admin.map_or_else(String::new, |admin| admin.listen.to_string());
    let statement = server.timeouts.statement.unwrap_or_default();
    let (limits, gather) = (&shared.limits, &shared.limits.gather);
    let all: Vec<(&str, String)> = vec![
        ("version", env!("CARGO_PKG_VERSION").to_owned()),
        (
            "uptime",
            time(Duration::from_secs(shared.started.elapsed().as_secs())),
        ),
        ("server.listen", listen.join(", ")),
        ("server.admin.listen", admin),
        ("server.version", shared.shown_version()),
        ("server.max_connections", limits.clients.to_string()),
        (
            "server.max_allowed_packet",
            limits.max_allowed_packet.to_string(),
        ),
        ("server.zone", server.zone.clone().unwrap_or_default()),
        ("server.reload_on_change", flag(server.reload_on_change)),
        ("server.local_infile", flag(server.local_infile)),
        ("server.reuse_port", flag(server.reuse_port)),
        ("server.tls", tls(shared).to_owned()),
        ("server.timeouts.handshake", time(limits.handshake)),
        ("server.timeouts.idle", time(limits.idle)),
        ("server.timeouts.write", time(limits.write)),
        ("server.timeouts.statement", time(statement)),
        ("server.timeouts.drain", time(limits.drain)),
        ("server.merge.memory", limits.merge.memory.to_string()),
        ("server.merge.rows", limits.merge.rows.to_string()),
        (
            "server.merge.connections",
            limits.merge.connections.to_string(),
        ),
        ("server.merge.cursors", limits.merge.cursors.to_string()),
        ("server.gather.max_rows", gather.max_rows.to_string()),
        ("server.gather.max_bytes", gather.max_bytes.to_string()),
        (
            "transactions.database",
            config.transactions.database.clone(),
        ),
        (
            "transactions.recover_after",
            time(config.transactions.recover_after),
        ),
        ("users", config.users.len().to_string()),
        ("rules", config.rules.len().to_string()),
        ("schemas", config.schemas.len().to_string()),
        ("replica_sets", config.replica_sets.len().to_string()),
    ];
    let rows = all.into_iter();
    let rows = rows.map(|(name, value)| vec![text(name), Some(value)]);
    Listing::new(&["Variable", "Value"], 0, rows.collect())
}

fn tls(shared: &Shared) -> &'static str {
    match (&shared.tls, shared.tls_required) {
        (None, _) => "off",
        (Some(_), true) => "required",
        (Some(_), false) => "auto",
    }
}
