//! Reads from the servers what the topology needs: which tables there are and where, and the
//! columns of tables that are sharded.

use std::collections::HashMap;
use std::sync::Arc;

use super::{BackendError, Cluster, Connection, Server, TextRow};
use crate::config::{Config, SchemaConfig, ShardConfig, TableConfig, TableRule};
use crate::topology::{
    ColumnFacts, Discovered, DiscoveredColumn, DiscoveredTable, KeyType, ReplicaSetId,
};

/// Looks at every shard once.
///
/// # Errors
/// A server that cannot be reached or asked: what is not known must not be guessed.
pub async fn discover(config: &Config, cluster: &Cluster) -> Result<Discovered, BackendError> {
    let mut connections = Connections::new(cluster);
    let mut found = Discovered {
        fold_names: connections.fold_names(config).await?,
        ..Discovered::default()
    };
    for schema in &config.schemas {
        let tables = discover_schema(schema, &mut connections).await?;
        found.schemas.insert(schema.name.clone(), tables);
    }
    Ok(found)
}

/// One connection for each replica set that is asked.
struct Connections<'a> {
    cluster: &'a Cluster,
    open: HashMap<usize, Connection>,
}

impl<'a> Connections<'a> {
    fn new(cluster: &'a Cluster) -> Self {
        Self {
            cluster,
            open: HashMap::new(),
        }
    }

    async fn query(&mut self, replica_set: usize, sql: &str) -> Result<Vec<TextRow>, BackendError> {
        let connection = match self.open.remove(&replica_set) {
            Some(connection) => connection,
            None => Connection::open(self.server(replica_set)?, false).await?,
        };
        let connection = self.open.entry(replica_set).or_insert(connection);
        connection.query(sql.as_bytes()).await
    }

    fn server(&self, replica_set: usize) -> Result<Arc<Server>, BackendError> {
        let id = u16::try_from(replica_set).ok().map(ReplicaSetId);
        let set = id.and_then(|id| self.cluster.get(id));
        set.map(|set| Arc::clone(set.primary.server()))
            .ok_or_else(|| BackendError::Connect {
                replica_set: replica_set.to_string(),
                reason: "no such replica set".to_owned(),
            })
    }

    /// Names are folded where any server folds them: what one server mixes up, all must.
    async fn fold_names(&mut self, config: &Config) -> Result<bool, BackendError> {
        let sql = "SELECT @@lower_case_table_names, @@GLOBAL.sql_mode";
        let mut fold = false;
        for replica_set in 0..config.replica_sets.len() {
            let rows = self.query(replica_set, sql).await?;
            let Some(row) = rows.first() else { continue };
            fold |= text(row, 0).is_some_and(|value| value != "0");
            if let Some(sql_mode) = text(row, 1) {
                self.server(replica_set)?.note_sql_mode(sql_mode);
            }
        }
        Ok(fold)
    }
}

async fn discover_schema(
    schema: &SchemaConfig,
    connections: &mut Connections<'_>,
) -> Result<HashMap<String, DiscoveredTable>, BackendError> {
    let mut tables: HashMap<String, DiscoveredTable> = HashMap::new();
    for (position, shard) in schema.shards.iter().enumerate() {
        let sql = format!(
            "SELECT TABLE_NAME FROM information_schema.TABLES WHERE TABLE_SCHEMA = {}",
            quoted(&shard.database)
        );
        for row in connections.query(shard.replica_set, &sql).await? {
            if let Some(name) = text(&row, 0) {
                tables.entry(name).or_default().found_on.push(position);
            }
        }
    }
    for shard in &schema.shards {
        let missing = unread_tables(schema, &tables);
        if missing.is_empty() {
            break;
        }
        read_columns(shard, &missing, connections, &mut tables).await?;
    }
    Ok(tables)
}

/// The sharded tables whose columns are not known yet.
fn unread_tables(schema: &SchemaConfig, tables: &HashMap<String, DiscoveredTable>) -> Vec<String> {
    let sharded = schema.tables.iter().filter(|table| {
        matches!(table.rule, TableRule::Sharded { .. })
            && tables
                .get(&column_source(table))
                .is_none_or(|found| found.columns.is_empty())
    });
    sharded.map(column_source).collect()
}

/// The table on the servers that has the columns: of a split table, its first one.
fn column_source(table: &TableConfig) -> String {
    match &table.rule {
        TableRule::Sharded {
            split: Some(split), ..
        } => split.tables.first().cloned().unwrap_or_default(),
        _ => table.name.clone(),
    }
}

async fn read_columns(
    shard: &ShardConfig,
    names: &[String],
    connections: &mut Connections<'_>,
    tables: &mut HashMap<String, DiscoveredTable>,
) -> Result<(), BackendError> {
    let names: Vec<String> = names.iter().map(|name| quoted(name)).collect();
    let sql = format!(
        "SELECT TABLE_NAME, COLUMN_NAME, DATA_TYPE, COLUMN_TYPE, CHARACTER_SET_NAME, \
         COLLATION_NAME FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = {} \
         AND TABLE_NAME IN ({}) ORDER BY TABLE_NAME, ORDINAL_POSITION",
        quoted(&shard.database),
        names.join(",")
    );
    for row in connections.query(shard.replica_set, &sql).await? {
        let (Some(table), Some(name)) = (text(&row, 0), text(&row, 1)) else {
            continue;
        };
        let (data_type, column_type) = (text(&row, 2), text(&row, 3));
        let (charset, collation) = (text(&row, 4), text(&row, 5));
        let key_type = KeyType::from_column(&ColumnFacts {
            data_type: data_type.as_deref().unwrap_or_default(),
            column_type: column_type.as_deref().unwrap_or_default(),
            charset: charset.as_deref(),
            collation: collation.as_deref(),
        });
        let column = DiscoveredColumn { name, key_type };
        tables.entry(table).or_default().columns.push(column);
    }
    Ok(())
}

fn text(row: &TextRow, at: usize) -> Option<String> {
    let value = row.get(at)?.as_deref()?;
    Some(String::from_utf8_lossy(value).into_owned())
}

/// A string literal for any sql_mode.
fn quoted(text: &str) -> String {
    if text.is_empty() {
        return "''".to_owned();
    }
    format!("_utf8mb4 0x{}", hex::encode(text))
}
