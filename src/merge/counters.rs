//! What servers count of the tables on their shards → what one server would say of the whole tables.
//!
//! In: rows of information_schema, as [`TABLES_SQL`] and [`INDEXES_SQL`] ask for them. Out:
//! [`Counters`]. Rows and bytes are estimates on one server, too; of several they are added up.

use std::collections::BTreeMap;

use crate::topology::{ReplicaSetId, SchemaId, Shard, ShardId, Table, TableKind, Topology};

/// A row of text values.
type Row = [Option<Vec<u8>>];

/// Asks for what is counted of the tables in some databases, whose list follows. Names come as the
/// digits of their bytes in utf8mb4: a session's character set may not have their letters.
pub const TABLES_SQL: &str = "SELECT HEX(CONVERT(TABLE_SCHEMA USING utf8mb4)), \
     HEX(CONVERT(TABLE_NAME USING utf8mb4)), TABLE_ROWS, DATA_LENGTH, INDEX_LENGTH, DATA_FREE, \
     AUTO_INCREMENT FROM information_schema.TABLES WHERE TABLE_TYPE = 'BASE TABLE' AND TABLE_SCHEMA IN ";

/// Asks for what is counted of the indexes in some databases, whose list follows.
pub const INDEXES_SQL: &str = "SELECT HEX(CONVERT(TABLE_SCHEMA USING utf8mb4)), \
     HEX(CONVERT(TABLE_NAME USING utf8mb4)), HEX(CONVERT(INDEX_NAME USING utf8mb4)), SEQ_IN_INDEX, \
     HEX(CONVERT(COLUMN_NAME USING utf8mb4)), NON_UNIQUE, CARDINALITY \
     FROM information_schema.STATISTICS WHERE TABLE_SCHEMA IN ";

/// What is counted of a table.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TableCounts {
    /// Rows.
    pub rows: u64,
    /// Bytes of rows.
    pub data_length: u64,
    /// Bytes of indexes.
    pub index_length: u64,
    /// Bytes that are allocated and not used.
    pub data_free: u64,
    /// The largest of the servers' next ids.
    pub auto_increment: Option<u64>,
}

impl TableCounts {
    /// Bytes of a row.
    pub fn avg_row_length(&self) -> u64 {
        self.data_length.checked_div(self.rows).unwrap_or(0)
    }
}

/// A column of an index: the index's name as clients compare it, and the column's position in it.
type IndexColumn = (String, u64);

/// A column of an index on the shards.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Cardinality {
    sum: u64,
    max: u64,
    /// A column that decides where a row lies: no value is on two shards.
    is_key: bool,
    unique: bool,
}

/// What is counted of the tables of schemas with several shards.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    tables: BTreeMap<(SchemaId, String), TableCounts>,
    indexes: BTreeMap<(SchemaId, String), BTreeMap<IndexColumn, Cardinality>>,
}

impl Counters {
    /// Takes in a row of [`TABLES_SQL`] that a server of the replica set gave.
    pub fn add_table(&mut self, topology: &Topology, set: ReplicaSetId, row: &Row) -> Option<()> {
        let (schema, table) = counted(topology, set, row)?;
        let number = |at: usize| number(row, at).unwrap_or(0);
        let counts = self.tables.entry((schema, table.name.clone())).or_default();
        counts.rows = counts.rows.saturating_add(number(2));
        counts.data_length = counts.data_length.saturating_add(number(3));
        counts.index_length = counts.index_length.saturating_add(number(4));
        counts.data_free = counts.data_free.saturating_add(number(5));
        counts.auto_increment = counts.auto_increment.max(self::number(row, 6));
        Some(())
    }

    /// Takes in a row of [`INDEXES_SQL`] that a server of the replica set gave.
    pub fn add_index(&mut self, topology: &Topology, set: ReplicaSetId, row: &Row) -> Option<()> {
        let (schema, table) = counted(topology, set, row)?;
        let (index, position) = (name(row, 2)?, number(row, 3)?);
        let column = name(row, 4).unwrap_or_default().to_lowercase();
        let cardinality = number(row, 6)?;
        let indexes = self
            .indexes
            .entry((schema, table.name.clone()))
            .or_default();
        let known = indexes.entry((index.to_lowercase(), position)).or_default();
        known.sum = known.sum.saturating_add(cardinality);
        known.max = known.max.max(cardinality);
        known.unique = number(row, 5) == Some(0);
        known.is_key = match &table.kind {
            TableKind::Sharded(sharding) => sharding.keys.iter().any(|key| key.name == column),
            _ => false,
        };
        Some(())
    }

    /// What is counted of a table.
    pub fn table(&self, schema: SchemaId, table: &str) -> Option<&TableCounts> {
        self.tables.get(&(schema, table.to_owned()))
    }

    /// All tables.
    pub fn tables(&self) -> impl Iterator<Item = (SchemaId, &str, &TableCounts)> {
        let all = self.tables.iter();
        all.map(|((schema, table), counts)| (*schema, table.as_str(), counts))
    }

    /// How many values there are of an index's first columns, up to this one. Those of several shards
    /// are different values where a column among them says which shard a row is on, and in the whole
    /// of a unique index; else each shard may have the same ones.
    pub fn cardinality(
        &self,
        schema: SchemaId,
        table: &str,
        (index, position): (&str, u64),
    ) -> Option<u64> {
        let columns = self.indexes.get(&(schema, table.to_owned()))?;
        let index = index.to_lowercase();
        let known = columns.get(&(index.clone(), position))?;
        let mut first = columns.range((index.clone(), 0)..=(index.clone(), position));
        let is_last = !columns.contains_key(&(index, position + 1));
        let apart = first.any(|(_, column)| column.is_key) || known.unique && is_last;
        Some(if apart { known.sum } else { known.max })
    }

    /// All columns of indexes: schema, table, index, position and how many values there are.
    pub fn indexes(&self) -> impl Iterator<Item = (SchemaId, &str, &str, u64, u64)> {
        self.indexes
            .iter()
            .flat_map(move |((schema, table), columns)| {
                columns.keys().filter_map(move |(index, position)| {
                    let count = self.cardinality(*schema, table, (index, *position))?;
                    Some((*schema, table.as_str(), index.as_str(), *position, count))
                })
            })
    }
}

/// The table that a row is about, if it counts: every shard of a sharded table does, and one copy of a
/// broadcast table.
fn counted<'t>(
    topology: &'t Topology,
    set: ReplicaSetId,
    row: &Row,
) -> Option<(SchemaId, &'t Table)> {
    let (database, table) = (name(row, 0)?, name(row, 1)?);
    let (id, shard) = shard_of(topology, set, &database)?;
    let schema = topology.schema_by_id(shard.schema)?;
    let table = match schema.parts.get(&table) {
        Some(part) => part.table.as_str(),
        None => table.as_str(),
    };
    let (_, table) = topology.table(shard.schema, table)?;
    let counts = match table.kind {
        TableKind::Sharded(_) => true,
        TableKind::Broadcast => schema.shards.first() == Some(&id),
        TableKind::Single(home) => home == id,
        TableKind::Refused { .. } => false,
    };
    counts.then_some((shard.schema, table))
}

fn shard_of<'t>(
    topology: &'t Topology,
    set: ReplicaSetId,
    database: &str,
) -> Option<(ShardId, &'t Shard)> {
    let mut schemas = topology.schemas.iter();
    schemas.find_map(|schema| {
        let shards = schema.shards.iter();
        let mut shards = shards.filter_map(|id| Some((*id, topology.shard(*id)?)));
        shards.find(|(_, shard)| shard.replica_set == set && shard.database == database)
    })
}

fn cell(row: &Row, at: usize) -> Option<&str> {
    std::str::from_utf8(row.get(at)?.as_deref()?).ok()
}

fn number(row: &Row, at: usize) -> Option<u64> {
    cell(row, at)?.parse().ok()
}

fn name(row: &Row, at: usize) -> Option<String> {
    String::from_utf8(hex::decode(cell(row, at)?).ok()?).ok()
}
