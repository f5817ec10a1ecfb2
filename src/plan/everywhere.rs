//! Statements that every data node of their tables carries out for itself: definitions and table
//! maintenance.

use std::ops::Range;

use crate::parse::TableAdminVerb;
use crate::topology::{SchemaId, ShardId, TableId, Topology};

/// A statement for every data node of its tables. Each node gets the client's text with its own names
/// in it; the nodes' answers become one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Everywhere {
    /// What it does: it says how the answers become one, and when a repeated statement is done.
    pub deed: Deed,
    /// The tables or databases whose names become those of the node, in the order of the text.
    pub names: Vec<Named>,
    /// They are a list of which each node's text has only its own ones; else each node has all.
    pub listed: bool,
    /// A hint says that only this shard is meant.
    pub only: Option<ShardId>,
    /// It numbers rows that are there already.
    pub numbers: Option<Numbered>,
}

/// The rows that a new AUTO_INCREMENT numbers: each server counts from one, and in its own order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Numbered {
    /// All rows of a sharded table, which gets the column.
    All,
    /// All rows of a table that is whole on every node, where nothing says in which order.
    Copies,
    /// Those with 0 or NULL in this column.
    Unset(String),
}

impl Everywhere {
    /// The same for one shard alone; `None`: it is another schema's, or the statement is about whole
    /// schemas.
    pub fn limited(&self, shard: ShardId, topology: &Topology) -> Option<Self> {
        let schema = topology.shard(shard)?.schema;
        let fits = |name: &Named| {
            let here = !matches!(name.place, Place::One(other) if other != shard);
            here && name.schema == schema && name.table.is_some()
        };
        self.names.iter().all(fits).then(|| Self {
            only: Some(shard),
            ..self.clone()
        })
    }
}

/// What a statement does on each data node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deed {
    /// CREATE TABLE
    CreateTable {
        /// IF NOT EXISTS
        lenient: bool,
    },
    /// ALTER TABLE, CREATE INDEX, DROP INDEX
    Alter,
    /// DROP TABLE, DROP VIEW
    Drop,
    /// TRUNCATE
    Truncate,
    /// RENAME TABLE, of pairs of names.
    Rename,
    /// CREATE DATABASE
    CreateDatabase,
    /// ALTER DATABASE
    AlterDatabase,
    /// DROP DATABASE
    DropDatabase,
    /// ANALYZE, CHECK, CHECKSUM, OPTIMIZE, REPAIR TABLE: rows are answered.
    Maintain(TableAdminVerb),
}

impl Deed {
    /// How the whole is told to people.
    pub fn outcome(self) -> &'static str {
        match self {
            Self::Maintain(TableAdminVerb::Checksum) => "the nodes' checksums are added up",
            Self::Maintain(_) => {
                "one row for each message, with the nodes that it is not the same on"
            }
            _ => "one OK when every data node has said OK; else an error names those that differ",
        }
    }
}

/// A name that is another one on each data node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    /// Its tokens, with those of its schema.
    pub tokens: Range<usize>,
    /// The schema.
    pub schema: SchemaId,
    /// The table as the client wrote it; `None`: it is the schema itself.
    pub table: Option<String>,
    /// Where it is.
    pub place: Place,
}

/// The data nodes of something that is defined.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// Those of a sharded table.
    Nodes(TableId),
    /// Every shard of the schema.
    Shards(SchemaId),
    /// One shard.
    One(ShardId),
}
