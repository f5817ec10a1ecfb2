//! Topology: an immutable snapshot of schemas, shards and tables.
//!
//! In: the validated configuration and what was discovered on the servers
//! ([`Discovered`]). Out: [`Topology`], which plan and route read. A reload builds a
//! new snapshot and swaps it; nothing in here ever changes.

mod build;
mod collation;
mod column;
mod compare;
mod discovered;
mod dump;
mod error;
mod functions;
mod generated;
mod id;
mod lookup;
mod sharding;
mod split_parts;
mod stored_code;

#[cfg(test)]
mod tests;

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, OnceLock};

pub use crate::config::{AlgorithmSpec, IdKind, ReadPolicy, Spread};
pub use column::{ColumnFacts, Folding, KeyCollation, KeyType, KeyTypeRefused};
pub use compare::{Difference, Subject, differences};
pub use discovered::{
    Brands, Column, Discovered, DiscoveredFunctions, DiscoveredTable, Index, IndexPart,
    TableDefinition, Variant,
};
pub use dump::{DumpedTable, discovered as discovered_in_dump, read_dump};
pub use error::TopologyError;
pub use functions::{Functions, StoredFunction};
pub use generated::{Generated, IdColumn};
pub use id::{ReplicaSetId, SchemaId, ShardId, TableId};
pub use sharding::{KeyColumn, PlacementRule, Sharding, Split, SplitBy};
pub use split_parts::FoundTables;
pub use stored_code::{CodeKind, CodeObject, DiscoveredCode, Left, StoredCode};

/// Everything that planning and routing need to know about the servers.
#[derive(Debug, Default)]
pub struct Topology {
    /// Indexed by [`ReplicaSetId`].
    pub replica_sets: Vec<ReplicaSet>,
    /// Indexed by [`ShardId`].
    pub shards: Vec<Shard>,
    /// Indexed by [`SchemaId`].
    pub schemas: Vec<Schema>,
    /// Indexed by [`TableId`].
    pub tables: Vec<Table>,
    /// Schema name (as `lower_case_table_names` of the servers has it) to id.
    pub schema_ids: HashMap<String, SchemaId>,
    /// Names of schemas and tables are compared without case; the maps hold them in lower case.
    pub fold_names: bool,
    /// The proxy's own database on every server; no client's.
    pub own_database: String,
    /// Where databases are that are schemas without standing in the configuration; `None`: there are none.
    pub others: Option<Others>,
    /// Columns and indexes, indexed by [`TableId`]. Those of sharded and broadcast tables are there
    /// from the beginning, others once somebody asked for them: see [`Topology::learn`].
    pub definitions: Vec<OnceLock<Arc<TableDefinition>>>,
    /// The broadcast tables whose copies do not have the same columns and indexes.
    pub unlike_copies: HashSet<TableId>,
    /// The sharded tables that cannot be used as they are on the servers, and why. They may be changed
    /// and dropped.
    pub unusable: HashMap<TableId, TopologyError>,
    /// The stored functions.
    pub functions: Functions,
    /// What triggers, views and routines leave in the sessions that run them.
    pub code: StoredCode,
}

/// A primary and its replicas, by name only: addresses belong to the backend.
#[derive(Debug)]
pub struct ReplicaSet {
    /// The name in the configuration.
    pub name: String,
}

/// Databases that are schemas without standing in the configuration.
#[derive(Debug)]
pub struct Others {
    /// Where they are.
    pub replica_set: ReplicaSetId,
    /// What they are not called, in lower case.
    pub taken: HashSet<String>,
}

/// One physical database on one replica set.
#[derive(Debug)]
pub struct Shard {
    /// The schema that it belongs to.
    pub schema: SchemaId,
    /// Where it lives.
    pub replica_set: ReplicaSetId,
    /// Its physical name, which must never reach a client.
    pub database: String,
    /// `replica_set/database`, for operators.
    pub name: String,
}

/// A logical database.
#[derive(Debug)]
pub struct Schema {
    /// What clients call it.
    pub name: String,
    /// Its shards in the order of the configuration: algorithms speak of positions in this list.
    pub shards: Vec<ShardId>,
    /// Where a new table without a rule is created.
    pub default_shard: ShardId,
    /// Table name to id: the configured ones and the discovered single ones.
    pub tables: HashMap<String, TableId>,
    /// The tables on the servers that split tables consist of, by name.
    pub parts: HashMap<String, Part>,
    /// Which servers may answer reads.
    pub read: ReadPolicy,
}

/// One of the tables that a split table consists of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// What clients call the whole.
    pub table: String,
    /// Its position among the split's tables.
    pub number: u32,
}

/// A logical table.
#[derive(Debug)]
pub struct Table {
    /// What clients call it.
    pub name: String,
    /// The schema that it belongs to.
    pub schema: SchemaId,
    /// How its rows are placed.
    pub kind: TableKind,
}

/// How a table's rows are placed.
#[derive(Debug)]
pub enum TableKind {
    /// Spread over the schema's shards by a key.
    Sharded(Box<Sharding>),
    /// A full copy on every shard of the schema.
    Broadcast,
    /// All rows on one shard.
    Single(ShardId),
    /// Where its rows are is not clear, so that every statement on it is refused.
    Refused {
        /// What to tell the client: logical names only.
        reason: String,
    },
}
