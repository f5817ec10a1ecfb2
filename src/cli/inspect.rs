//! `shardwell check --connect`: does the file fit what is on the servers?
//!
//! In: a valid configuration. Out: the snapshot that the proxy would work with, and what the
//! shards do not agree on.

use super::{CliError, serve};
use crate::backend::{Cluster, catalog, catalog::Look};
use crate::config::Config;
use crate::net::Reactor;
use crate::server::StartError;
use crate::topology::{Difference, Discovered, Table, TableKind, Topology, differences};

/// What is on the servers.
#[derive(Debug, Default)]
pub(super) struct Inspection {
    pub found: Discovered,
    pub differences: Vec<Difference>,
}

/// Asks all servers.
///
/// # Errors
/// A server cannot be reached or asked.
pub(super) fn inspect(config: &Config) -> Result<Inspection, CliError> {
    let found = serve::runtime()?.block_on(async {
        let cluster = Cluster::new(config, &Reactor::here()).map_err(StartError::Tls)?;
        Ok::<_, CliError>(catalog::discover(config, &cluster, Look::Whole).await?)
    })?;
    Ok(Inspection {
        differences: differences(config, &found),
        found,
    })
}

impl Inspection {
    /// Lines for people about what an operator should look at.
    pub fn warnings(&self, config: &Config, topology: &Topology) -> Vec<String> {
        let differences = self.differences.iter();
        let mut lines: Vec<String> = differences
            .map(|difference| format!("warning: shards differ: {difference}"))
            .collect();
        for (schema, table, configured) in tables(config, topology) {
            if let (TableKind::Refused { reason }, false) = (&table.kind, configured) {
                lines.push(format!("warning: {reason}"));
            } else if configured && self.is_nowhere(schema, &table.name, topology) {
                let name = format!("{schema}.{}", table.name);
                lines.push(format!("warning: table '{name}' is on no shard"));
            }
        }
        lines
    }

    fn is_nowhere(&self, schema: &str, table: &str, topology: &Topology) -> bool {
        let schema = topology.schema(schema);
        let id = schema.and_then(|(schema, _)| topology.table(schema, table));
        let spread = id.is_some_and(|(_, table)| !matches!(table.kind, TableKind::Single(_)));
        spread && id.is_some_and(|(id, _)| topology.definition(id).is_none())
    }
}

/// Why configured tables cannot be used.
pub(super) fn refused(config: &Config, topology: &Topology) -> Vec<String> {
    let refused =
        tables(config, topology).filter_map(|(schema, table, configured)| match &table.kind {
            TableKind::Refused { reason } if configured => {
                Some(format!("table '{schema}.{}': {reason}", table.name))
            }
            _ => None,
        });
    let unusable = topology.unusable.values().map(ToString::to_string);
    refused.chain(unusable).collect()
}

/// All tables with their schemas' names, and whether they have a rule.
fn tables<'a>(
    config: &'a Config,
    topology: &'a Topology,
) -> impl Iterator<Item = (&'a str, &'a Table, bool)> {
    topology.tables.iter().filter_map(|table| {
        let schema = topology.schema_by_id(table.schema)?.name.as_str();
        let rules = config.schemas.iter().find(|rules| rules.name == schema);
        let mut rules = rules.into_iter().flat_map(|rules| &rules.tables);
        let configured = rules.any(|rule| rule.name == table.name);
        Some((schema, table, configured))
    })
}
