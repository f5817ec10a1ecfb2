//! `shardwell check`: is the file right, and what does it mean?

use std::fmt::Write as _;
use std::io;

use clap::Args;

use crate::config::{
    self, AlgorithmCheck, Config, Context, Environment, FileAlone, ProcessEnvironment,
    SchemaAccess, UserConfig,
};
use crate::topology::{Schema, ShardId, Sharding, SplitBy, TableKind, Topology};

use super::inspect::{self, Inspection};
use super::{CliError, ConfigArgs};

/// The arguments of `shardwell check`.
#[derive(Debug, Args)]
pub struct CheckArgs {
    #[command(flatten)]
    config: ConfigArgs,
    /// Look at the file alone: not at the environment variables, secret files and certificates
    /// that it names.
    #[arg(long)]
    offline: bool,
    /// Ask the servers too: are the tables there, and the same on all shards? Changes nothing.
    #[arg(long, conflicts_with = "offline")]
    connect: bool,
}

/// Checks the file and writes a summary.
pub(super) fn run(
    args: &CheckArgs,
    algorithms: &dyn AlgorithmCheck,
    out: &mut dyn io::Write,
) -> Result<(), CliError> {
    let environment: &dyn Environment = if args.offline {
        &FileAlone
    } else {
        &ProcessEnvironment
    };
    let path = &args.config.config;
    let config = config::load(
        path,
        &Context {
            environment,
            algorithms,
        },
    )?;
    let inspection = if args.connect {
        inspect::inspect(&config)?
    } else {
        Inspection::default()
    };
    let topology = Topology::build(&config, &inspection.found).map_err(CliError::Topology)?;
    let summary = summary(&config, &topology);
    let (path, summary) = (path.display(), summary.trim_end());
    writeln!(out, "{path} is valid.\n\n{summary}")?;
    if !args.connect {
        return Ok(());
    }
    writeln!(out)?;
    for warning in inspection.warnings(&config, &topology) {
        writeln!(out, "{warning}")?;
    }
    let refused = inspect::refused(&config, &topology);
    if refused.is_empty() {
        writeln!(out, "The file fits the servers.")?;
        Ok(())
    } else {
        Err(CliError::Refused(refused))
    }
}

/// What the file means, for people.
fn summary(config: &Config, topology: &Topology) -> String {
    let mut text = String::new();
    for address in &config.server.listen {
        line(&mut text, &format!("listen on {address}"));
    }
    if let Some(admin) = &config.server.admin {
        let scheme = if admin.tls.is_some() { "https" } else { "http" };
        let token = match &admin.token {
            Some(_) => "with a token",
            None => "for whoever can connect",
        };
        line(
            &mut text,
            &format!("admin on {scheme}://{} {token}", admin.listen),
        );
    }
    for user in &config.users {
        line(&mut text, &format!("user {}: {}", user.name, allowed(user)));
    }
    for set in &config.replica_sets {
        let mut servers = format!("replica set {}: primary {}", set.name, set.primary.address);
        for replica in &set.replicas {
            let _ = write!(
                servers,
                ", replica {} (weight {})",
                replica.address, replica.weight
            );
        }
        line(&mut text, &servers);
    }
    for schema in &topology.schemas {
        describe(&mut text, schema, topology);
    }
    text
}

/// Writing to a `String` cannot fail.
fn line(text: &mut String, content: &str) {
    text.push_str(content);
    text.push('\n');
}

fn allowed(user: &UserConfig) -> String {
    match &user.schemas {
        SchemaAccess::All => "all schemas".to_owned(),
        SchemaAccess::Only(names) => names.join(", "),
    }
}

fn describe(text: &mut String, schema: &Schema, topology: &Topology) {
    let name = |id: ShardId| topology.shard(id).map_or("?", |shard| shard.name.as_str());
    let shards: Vec<&str> = schema.shards.iter().map(|id| name(*id)).collect();
    line(
        text,
        &format!(
            "\nschema {}: {} shards: {}",
            schema.name,
            shards.len(),
            shards.join(", ")
        ),
    );
    let mut ids: Vec<_> = schema.tables.values().copied().collect();
    ids.sort();
    let tables: Vec<_> = ids
        .into_iter()
        .filter_map(|id| topology.table_by_id(id))
        .collect();
    for table in &tables {
        let kind = match &table.kind {
            TableKind::Sharded(sharding) => {
                let group = sharding.binding_group;
                let bound: Vec<&str> = tables
                    .iter()
                    .filter(|other| other.name != table.name && in_group(&other.kind, group))
                    .map(|other| other.name.as_str())
                    .collect();
                let mut kind = placement(sharding);
                if !bound.is_empty() {
                    let _ = write!(kind, ", together with {}", bound.join(", "));
                }
                kind
            }
            TableKind::Broadcast => "on every shard".to_owned(),
            TableKind::Single(shard) => format!("on {}", name(*shard)),
            TableKind::Refused { reason } => reason.clone(),
        };
        line(text, &format!("  table {}: {kind}", table.name));
    }
    line(
        text,
        &format!(
            "  new tables without a rule: on {}",
            name(schema.default_shard)
        ),
    );
}

fn in_group(kind: &TableKind, group: u32) -> bool {
    matches!(kind, TableKind::Sharded(sharding) if sharding.binding_group == group)
}

fn placement(sharding: &Sharding) -> String {
    let by = |rule| sharding.rule_text(rule);
    let first = by(&sharding.rule);
    let Some(split) = &sharding.split else {
        return format!("sharded {first}");
    };
    let (count, names) = (split.tables.len(), split.tables.join(" "));
    let shown: String = names.chars().take(60).collect();
    match &split.by {
        SplitBy::Rule(rule) if split.periods.is_some() => {
            let rule = by(rule);
            format!("sharded {first}; on each shard a table for each period {rule}: {shown} …")
        }
        SplitBy::Rule(rule) => {
            let rule = by(rule);
            format!("sharded {first}; on each shard {count} tables {rule}: {shown}")
        }
        SplitBy::Spread(_) => format!("{count} tables {first}, spread over the shards: {shown}"),
    }
}
