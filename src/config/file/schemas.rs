//! The keys of `[schemas.NAME]`.

use serde::Deserialize;
use toml::Spanned;

use super::server::{LimitsFile, ReadFile};
use super::{Key, Named, OneOrMany};

/// Logical databases: at least one. The name is what clients call it, and none of MySQL's own
/// databases. `[schemas."*"]` stands for [all other databases of a replica
/// set](configuration.md#schemas-that-come-and-go).
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(in crate::config) struct SchemaFile {
    /// A list of `"replica_set/physical_database"`. **The order is part of the sharding rule**:
    /// changing it while there is data makes rows unreachable. A shard belongs to one schema. Of
    /// `"*"`: one `"replica_set/*"`.
    pub(in crate::config) shards: Key<Vec<Spanned<String>>>,
    /// Where a new table without a rule is created: one of `shards`. Without it: the first of them.
    pub(in crate::config) default_shard: Key<String>,
    /// Which servers answer reads.
    pub(in crate::config) read: Key<ReadFile>,
    /// What all statements on it may take.
    pub(in crate::config) limits: LimitsFile,
    /// The rules of tables. A table without a rule is single where it is found.
    pub(in crate::config) tables: Named<TableFile>,
}

/// The rule of a table.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(in crate::config) struct TableFile {
    /// `"sharded"`: rows are spread by a key. `"broadcast"`: a full copy on every shard.
    /// `"single"`: on one shard.
    pub(in crate::config) kind: Key<String>,
    /// `sharded`: the column whose value decides, or a list of columns that decide together
    /// (`hash_mod` and `consistent_hash`).
    pub(in crate::config) key: Key<OneOrMany>,
    /// `sharded`: how a value becomes a shard: a name, or `{ kind = "name", parameter = … }`, see
    /// [Algorithms](algorithms.md).
    pub(in crate::config) algorithm: Key<AlgorithmFile>,
    /// `sharded`: the table is several tables inside its databases.
    pub(in crate::config) split: Key<SplitFile>,
    /// `sharded`: another table of the schema, sharded alike: equal keys live on one shard, so that
    /// joins on the key stay there. The algorithm must be the same, and the key columns must have
    /// the same kind of type and collation.
    pub(in crate::config) bind: Key<String>,
    /// `single`: one of the schema's `shards`. Without it: where the table is found, else
    /// `default_shard`.
    pub(in crate::config) shard: Key<String>,
    /// `sharded`: what gives new rows their ids.
    pub(in crate::config) generate: Key<GenerateFile>,
}

/// [A table that is several tables](configuration.md#split-a-table-that-is-several-tables):
/// `split = { tables = "orders_{00..15}", … }`. A table that is bound to a split one is split alike:
/// it writes only `tables`, and `key` where that column has another name.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(in crate::config) struct SplitFile {
    /// Their names on the servers: `"orders_{00..15}"`, or a list of names and such patterns; or
    /// `"events_{yyyyMM}"`, [a table for each period](configuration.md#tables-by-period).
    pub(in crate::config) tables: Key<OneOrMany>,
    /// Together with `algorithm`: every shard has all of these tables; the table's own `key` and
    /// `algorithm` give the shard, these give the table. The two keys may be the same column or
    /// different ones.
    pub(in crate::config) key: Key<OneOrMany>,
    /// Which table a value of `key` is in.
    pub(in crate::config) algorithm: Key<AlgorithmFile>,
    /// Instead of `key` and `algorithm`: every table is on one shard, and the table's own `key` and
    /// `algorithm` give the table. `"blocks"`: the first shard has the first tables, and so on.
    /// `"round_robin"`: the first table is on the first shard, the second on the second, and so on
    /// around.
    pub(in crate::config) spread: Key<String>,
    /// Tables by period: the tables of so many periods to come are created. Without it: none is.
    pub(in crate::config) ahead: Key<i64>,
}

/// Ids for new rows: `generate = { column = "order_id", kind = "snowflake" }` on a sharded table:
/// rows get an id where an INSERT gives none. See [Ids for new rows](ids.md).
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(in crate::config) struct GenerateFile {
    /// The column that gets the ids; it may be the sharding key.
    pub(in crate::config) column: Key<String>,
    /// `"snowflake"`: time, the proxy's worker number and a count, for BIGINT. `"segment"`: numbers
    /// from a table, for any integer type. `"uuid_v7"`: UUIDs of version 7, for BINARY(16), CHAR(36)
    /// and the like.
    pub(in crate::config) kind: Key<String>,
    /// `"segment"`: how many numbers a proxy takes at a time.
    pub(in crate::config) block: Key<i64>,
    /// `"segment"`: the first number of all.
    pub(in crate::config) start: Key<i64>,
}

/// `"name"` or `{ kind = "name", parameter = … }`.
pub(in crate::config) struct AlgorithmFile {
    /// `None` in a table without a string `kind`.
    pub(in crate::config) kind: Option<String>,
    /// The other keys.
    pub(in crate::config) params: toml::Table,
}
