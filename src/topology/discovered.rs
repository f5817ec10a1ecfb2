//! What a scan of the servers found: the raw material of a [`super::Topology`].

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use super::{ColumnFacts, DiscoveredCode, KeyType, KeyTypeRefused};

/// What a scan of the servers found, by schema and table. Two that are equal make equal snapshots.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Discovered {
    /// Schema name as configured, then table name as the servers spell it.
    pub schemas: HashMap<String, HashMap<String, DiscoveredTable>>,
    /// The databases that are schemas without standing in the configuration, sorted.
    pub databases: Vec<String>,
    /// Schema name as configured, then the stored functions; `None`: they were not looked for.
    pub functions: Option<HashMap<String, DiscoveredFunctions>>,
    /// Schema name as configured, then its triggers, views and routines.
    pub code: HashMap<String, DiscoveredCode>,
    /// Whose servers there are.
    pub brands: Brands,
    /// The servers' `lower_case_table_names` is not 0: names differ by more than case.
    pub fold_names: bool,
}

/// Names of stored functions in lower case, each with the positions in the schema's shard list
/// where it was found.
pub type DiscoveredFunctions = HashMap<String, Vec<usize>>;

/// Which makes of servers there are: each has functions of its own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Brands {
    /// There is a MySQL.
    pub mysql: bool,
    /// There is a MariaDB.
    pub mariadb: bool,
}

/// One table (or view, or sequence) found on the servers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DiscoveredTable {
    /// Positions in the schema's shard list where it was found, ascending.
    pub found_on: Vec<usize>,
    /// How it is defined; the shards that agree are one entry, ordered by their first shard. Empty
    /// where it was not read.
    pub variants: Vec<Variant>,
}

/// A definition and the shards that have it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Variant {
    /// What they agree on.
    pub definition: Arc<TableDefinition>,
    /// Positions in the schema's shard list, ascending; of a table that is split there may be
    /// several on a shard.
    pub shards: Vec<usize>,
}

impl DiscoveredTable {
    /// The definition on the first shard that has the table.
    pub fn definition(&self) -> Option<&Arc<TableDefinition>> {
        self.variants.first().map(|variant| &variant.definition)
    }

    /// The columns on the first shard that has the table; empty where they were not read.
    pub fn columns(&self) -> &[Column] {
        self.definition()
            .map(|definition| definition.columns.as_slice())
            .unwrap_or_default()
    }

    /// Adds what one shard has.
    pub fn add(&mut self, shard: usize, definition: Arc<TableDefinition>) {
        let mut known = self.variants.iter_mut();
        match known.find(|variant| variant.definition == definition) {
            Some(variant) => variant.shards.push(shard),
            None => self.variants.push(Variant {
                definition,
                shards: vec![shard],
            }),
        }
    }
}

/// The tables of a split as one; `None` where none was found.
pub(super) fn merged(parts: Vec<&DiscoveredTable>) -> Option<Cow<'_, DiscoveredTable>> {
    if let [only] = parts.as_slice() {
        return Some(Cow::Borrowed(only));
    }
    let mut whole = DiscoveredTable::default();
    for part in &parts {
        whole.found_on.extend(&part.found_on);
        for variant in &part.variants {
            let shards = variant.shards.iter();
            shards.for_each(|shard| whole.add(*shard, Arc::clone(&variant.definition)));
        }
    }
    whole.found_on.sort_unstable();
    whole.found_on.dedup();
    (!parts.is_empty()).then_some(Cow::Owned(whole))
}

/// The columns and indexes of a table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TableDefinition {
    /// In the table's order.
    pub columns: Vec<Column>,
    /// Ordered by name, the primary key (`PRIMARY`) among them.
    pub indexes: Vec<Index>,
    /// ENGINE of a table with a FULLTEXT index, which decides what its searches find; others were not asked.
    pub engine: Option<String>,
}

impl TableDefinition {
    /// The primary key.
    pub fn primary_key(&self) -> Option<&Index> {
        self.indexes.iter().find(|index| index.is_primary())
    }

    /// The columns that `*` and an INSERT without column list mean.
    pub fn visible(&self) -> impl Iterator<Item = &Column> {
        self.columns.iter().filter(|column| !column.invisible)
    }
}

/// A column as `information_schema.COLUMNS` describes it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Column {
    /// As the server spells it.
    pub name: String,
    /// DATA_TYPE: `int`.
    pub data_type: String,
    /// COLUMN_TYPE: `int unsigned`, `decimal(10,2)`.
    pub column_type: String,
    /// CHARACTER_SET_NAME; `None` for types without one.
    pub charset: Option<String>,
    /// COLLATION_NAME; `None` for types without one.
    pub collation: Option<String>,
    /// It may be NULL.
    pub nullable: bool,
    /// There is a DEFAULT; a column that may be NULL always has one.
    pub has_default: bool,
    /// Its DEFAULT is an expression that gives another value on each server, or with each call.
    pub volatile_default: bool,
    /// AUTO_INCREMENT
    pub auto_increment: bool,
    /// GENERATED ALWAYS: nothing can be stored in it.
    pub generated: bool,
    /// INVISIBLE: neither `*` nor an INSERT without column list means it.
    pub invisible: bool,
    /// MariaDB's JSON: text that a CHECK of the column's own keeps valid, by which the server's functions
    /// know a document from a string.
    pub checked_json: bool,
}

impl Column {
    /// What it is as a sharding key.
    ///
    /// # Errors
    /// Why it cannot be one.
    pub fn key_type(&self) -> Result<KeyType, KeyTypeRefused> {
        KeyType::from_column(&ColumnFacts {
            data_type: &self.data_type,
            column_type: &self.column_type,
            charset: self.charset.as_deref(),
            collation: self.collation.as_deref(),
        })
    }
}

/// An index as `information_schema.STATISTICS` describes it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Index {
    /// As the server spells it; `PRIMARY` is the primary key.
    pub name: String,
    /// Its entries are unique.
    pub unique: bool,
    /// FULLTEXT.
    pub full_text: bool,
    /// In the index's order.
    pub parts: Vec<IndexPart>,
}

impl Index {
    /// Whether it is the primary key.
    pub fn is_primary(&self) -> bool {
        self.name == "PRIMARY"
    }
}

/// A column of an index.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct IndexPart {
    /// The column; `None` for an expression.
    pub column: Option<String>,
    /// Only so many characters or bytes of it.
    pub prefix: Option<u32>,
}
