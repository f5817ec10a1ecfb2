//! Reads from the servers what the topology needs: which tables and stored functions there are and
//! where, and how the tables are defined that lie on several shards.
//!
//! In: configuration, servers, and what is known already. Out: [`Discovered`]. Every server is
//! asked once for all of its shards, and all servers at the same time.
//!
//! | file | what it reads |
//! |---|---|
//! | `scan` | one server: what is asked of it, and in which order |
//! | `names` | names of databases, tables and stored functions |
//! | `definitions` | columns and indexes |
//! | `code` | triggers, views and routines: what they leave in sessions |
//! | `merge` | the servers' answers → [`Discovered`] |

mod code;
mod definitions;
mod merge;
mod names;
mod scan;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use futures_util::future::try_join_all;

use super::{BackendError, Cluster, Server, TextRow};
use crate::config::{Config, TableRule};
use crate::topology::{Discovered, ReplicaSetId, TableDefinition};
use merge::Merge;
use scan::{Asked, Place, ServerFindings, Wanted};

/// How much to look at.
#[derive(Clone, Copy, Debug)]
pub enum Look<'a> {
    /// Everything.
    Whole,
    /// All names, and the definitions of the tables that `Discovered` does not have yet.
    News(&'a Discovered),
    /// Stored functions and other code only: nothing else is in what is found.
    Functions,
    /// These tables only; the rest is as in `Discovered`.
    Tables(&'a Discovered, &'a [TableName]),
}

/// A table by the names that clients use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableName {
    /// The schema as configured.
    pub schema: String,
    /// The table.
    pub table: String,
}

/// Looks at the shards once.
///
/// # Errors
/// A server that cannot be reached or asked: what is not known must not be guessed.
pub async fn discover(
    config: &Config,
    cluster: &Cluster,
    look: Look<'_>,
) -> Result<Discovered, BackendError> {
    let databases = match look {
        Look::Tables(known, _) => known.databases.clone(),
        Look::Whole | Look::News(_) | Look::Functions => other_databases(config, cluster).await?,
    };
    let config = &*config.with_databases(&databases);
    let wanted = Wanted { config, look };
    let servers = (0..config.replica_sets.len()).map(|replica_set| {
        let places = places(config, replica_set, look);
        scan_server(cluster, replica_set, places, wanted)
    });
    let answers = try_join_all(servers).await?;
    let mut merge = Merge::new(config, look);
    answers.into_iter().for_each(|answer| merge.add(answer));
    Ok(Discovered {
        databases,
        ..merge.finish()
    })
}

/// The databases that are schemas without standing in the configuration.
async fn other_databases(config: &Config, cluster: &Cluster) -> Result<Vec<String>, BackendError> {
    let Some(others) = &config.others else {
        return Ok(Vec::new());
    };
    let mut asked = Asked::open(server(cluster, others.replica_set).await?).await?;
    let mut databases = names::databases(&mut asked).await?;
    let taken = config.taken_names();
    databases.retain(|database| !taken.contains(&database.to_lowercase()));
    databases.sort_unstable();
    Ok(databases)
}

/// Reads the definition of one table where `discover` left it out; `None`: it is not there.
///
/// # Errors
/// The server cannot be reached or asked.
pub async fn definition(
    cluster: &Cluster,
    replica_set: ReplicaSetId,
    database: &str,
    table: &str,
) -> Result<Option<TableDefinition>, BackendError> {
    let server = server(cluster, usize::from(replica_set.0)).await?;
    let mut asked = Asked::open(server).await?;
    let place = Place::alone(database);
    let tables = [table.to_owned()];
    let found = definitions::read(&mut asked, &[place], &tables, 1).await?;
    Ok(found.into_iter().next().map(|found| found.definition))
}

async fn scan_server(
    cluster: &Cluster,
    replica_set: usize,
    places: Vec<Place>,
    wanted: Wanted<'_>,
) -> Result<ServerFindings, BackendError> {
    if places.is_empty() && matches!(wanted.look, Look::Tables(..)) {
        return Ok(ServerFindings::default());
    }
    let mut asked = Asked::open(server(cluster, replica_set).await?).await?;
    scan::scan(&mut asked, &places, wanted).await
}

async fn server(cluster: &Cluster, replica_set: usize) -> Result<Arc<Server>, BackendError> {
    let id = u16::try_from(replica_set).ok().map(ReplicaSetId);
    let server = match id.and_then(|id| cluster.get(id)) {
        Some(set) => set.primary_to_look_at().await,
        None => None,
    };
    server.ok_or_else(|| BackendError::Connect {
        replica_set: replica_set.to_string(),
        reason: "no such replica set".to_owned(),
    })
}

/// The shards of a replica set that are looked at.
fn places(config: &Config, replica_set: usize, look: Look<'_>) -> Vec<Place> {
    let mut places = Vec::new();
    for (schema, content) in config.schemas.iter().enumerate() {
        let concerned = match look {
            Look::Tables(_, tables) => tables.iter().any(|table| table.schema == content.name),
            Look::Whole | Look::News(_) | Look::Functions => true,
        };
        let shards = content.shards.iter().enumerate();
        let shards = shards.filter(|(_, shard)| concerned && shard.replica_set == replica_set);
        places.extend(shards.map(|(position, shard)| Place {
            schema,
            position,
            database: shard.database.clone(),
        }));
    }
    places
}

/// Whether a rule spreads its table over several shards.
fn is_spread(rule: &TableRule) -> bool {
    !matches!(rule, TableRule::Single(_))
}

fn text(row: &TextRow, at: usize) -> Option<String> {
    let value = row.get(at)?.as_deref()?;
    Some(String::from_utf8_lossy(value).into_owned())
}

fn number(row: &TextRow, at: usize) -> Option<usize> {
    text(row, at)?.parse().ok()
}

/// A string literal for any sql_mode. Plain ones are compared without converting each row.
fn quoted(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '$' | '.');
    if text.chars().all(plain) {
        return format!("'{text}'");
    }
    format!("_utf8mb4 0x{}", hex::encode(text))
}
