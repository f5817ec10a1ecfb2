//! Every refusal by name: what a client is told when a statement cannot be answered exactly.

use super::full_text::Inexact;
use super::scatter::Reason;
use super::{Action, Plan, WriteReason};
use crate::error::{ErrorKind, MysqlError, StageError};
use crate::topology::{ShardId, Topology};

/// Why a statement has no plan. Names are the client's own.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PlanError {
    /// A table without schema, and no schema selected.
    #[error("No database selected")]
    NoSchemaSelected,
    /// A schema that is not configured.
    #[error("Unknown database '{0}'")]
    UnknownSchema(String),
    /// DROP DATABASE of a name that is no schema.
    #[error("Can't drop database '{0}'; database doesn't exist")]
    NoSuchDatabase(String),
    /// A table that is neither configured nor was it found.
    #[error("Table '{0}' doesn't exist")]
    NoSuchTable(String),
    /// Tables to be dropped, with commas between them, that are nowhere.
    #[error("Unknown table '{0}'")]
    UnknownTables(String),
    /// The number of values differs from the number of columns.
    #[error("Column count doesn't match value count at row {row}")]
    WrongValueCount {
        /// From 1.
        row: usize,
    },
    /// A SHARDWELL hint that cannot be followed.
    #[error("Wrong SHARDWELL hint {0}")]
    Hint(String),
    /// The topology refuses every statement on the table.
    #[error("Table '{table}' cannot be used: {reason}")]
    RefusedTable {
        /// `schema.table`.
        table: String,
        /// Why.
        reason: String,
    },
    /// What the proxy cannot do yet, as the end of the sentence.
    #[error("Shardwell does not support {0}")]
    Unsupported(Unsupported),
}

/// Valid SQL that this version cannot answer exactly.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unsupported {
    /// The parser does not know the statement, and its tables are on more than one shard.
    #[error("this statement on a schema with several shards: {reason}")]
    Unparsed {
        /// What the parser says.
        reason: String,
    },
    /// SET or DO reads rows of several shards.
    #[error("a subquery in SET or DO on a schema with several shards")]
    AssignedRows,
    /// Rows go into or out of all copies of a broadcast table.
    #[error("writing to broadcast table '{0}'")]
    BroadcastWrite(String),
    /// Rows that are not on every shard go into all copies of a broadcast table, or decide about them.
    #[error("writing to broadcast table '{table}' by rows of '{other}', which is none")]
    BroadcastFrom {
        /// The broadcast table.
        table: String,
        /// What is read besides.
        other: String,
    },
    /// A statement that changes a table's definition on several shards.
    #[error("{verb} on a schema with several shards; run it on each shard")]
    Definition {
        /// For instance `ALTER TABLE`.
        verb: String,
    },
    /// Tables of more than one place.
    #[error("a statement on '{0}' and '{1}', which are not sharded alike")]
    DifferentSharding(String, String),
    /// A single table on another shard than the rest.
    #[error("a statement on '{0}' and '{1}', which are not on the same shard")]
    DifferentShards(String, String),
    /// Rows of a query into a sharded table.
    #[error("INSERT … SELECT into sharded table '{0}'")]
    InsertSelect(String),
    /// The rows to insert depend on another table.
    #[error("a subquery on '{other}' in an INSERT into sharded table '{table}'")]
    InsertSubquery {
        /// The target.
        table: String,
        /// What the subquery reads.
        other: String,
    },
    /// An INSERT without the sharding key.
    #[error("an INSERT into '{table}' without its sharding key column '{column}'")]
    KeyMissing {
        /// The target.
        table: String,
        /// Its key column.
        column: String,
    },
    /// The key of an inserted row is no literal.
    #[error(
        "an INSERT into '{table}' whose sharding key column '{column}' is not a literal (row {row})"
    )]
    KeyExpression {
        /// The target.
        table: String,
        /// Its key column.
        column: String,
        /// From 1.
        row: usize,
    },
    /// An assignment to the key of stored rows.
    #[error("changing sharding key column '{column}' of '{table}'")]
    KeyUpdate {
        /// The table.
        table: String,
        /// Its key column.
        column: String,
    },
    /// An assignment whose table is not certain.
    #[error(
        "an UPDATE of several tables, broadcast table '{0}' among them, with unqualified columns"
    )]
    UnqualifiedAssignment(String),
    /// An INSERT without column list into a table whose columns were not read.
    #[error(
        "an INSERT without column list into '{0}', whose columns are not known or not the same on all shards"
    )]
    ColumnsNotKnown(String),
    /// A system table whose content names physical databases or differs between servers.
    #[error("reading {0} across shards")]
    SystemTable(String),
    /// What needs rows of several shards in one place, and cannot have them there.
    #[error("{0} in a statement that brings rows of several shards together")]
    Gathered(String),
    /// A full-text search whose answer depends on the rows of all shards.
    #[error("a search over several shards with {0}")]
    FullText(Inexact),
    /// What one server alone can do, in a SELECT that several shards would have to answer.
    #[error("{what} in a SELECT over several shards; {instead}")]
    OnlyOnce {
        /// What it is, in the statement's words.
        what: String,
        /// Why, and what can be said instead.
        instead: &'static str,
    },
    /// System tables together with a schema's own.
    #[error("a statement on {0} and the tables of a schema with several shards")]
    SystemJoin(String),
    /// A name whose meaning is not certain without parsing the statement.
    #[error("this statement with '{0}', which may be a schema or a table")]
    AmbiguousName(String),
    /// A statement that is sent as it is, in which a name may be a split table's.
    #[error(
        "this statement with '{0}', which is the name of a split table or of one of its tables"
    )]
    SplitName(String),
    /// A stored function or sequence on several shards.
    #[error("'{0}', a stored function or sequence, in a statement that may need several shards")]
    RoutinePlace(String),
    /// A stored function of another schema.
    #[error("stored function '{0}' in a statement that does not run in its schema")]
    RoutineElsewhere(String),
    /// A statement by its name.
    #[error("{0}")]
    Statement(String),
    /// A statement by its name that one shard can carry out for its own part.
    #[error("{0}; say which shard: /*+ SHARDWELL(shard=NAME) */")]
    OneShardOf(String),
    /// A read whose parts only MySQL itself can put together.
    #[error(
        "a statement over several shards ({nodes} data nodes) with {reason}; with literals that say \
         which sharding keys it is about, all on one shard, it runs"
    )]
    Unmerged {
        /// What stands in the way.
        reason: Reason,
        /// How many data nodes it needs.
        nodes: usize,
    },
    /// A write whose parts do not make one.
    #[error(
        "a write on several shards ({nodes} data nodes) with {reason}; with literals that say which \
         sharding keys it is about, all on one shard, it runs"
    )]
    Unsplit {
        /// What stands in the way.
        reason: WriteReason,
        /// How many data nodes it needs.
        nodes: usize,
    },
    /// A write after which the copies of a broadcast table might differ.
    #[error("a write to a broadcast table with {0}: its copies might differ")]
    Copies(WriteReason),
    /// A parameter of which MySQL does not tell the clients of a prepared statement.
    #[error(
        "preparing GROUP_CONCAT(… ORDER BY ?): MySQL counts this parameter and does not describe it, so \
         that clients wait for ever; a parameter orders nothing, leave it out"
    )]
    UndescribedParameter,
    /// More data nodes than one, and the statement says `scatter=off`.
    #[error("scatter=off for a statement that needs {0} data nodes")]
    ScatterOff(usize),
    /// More shards than one.
    #[error(
        "a statement that needs {needed} of the {all} shards of schema '{schema}': \
         literals must say which sharding keys it is about, and they must be on one shard"
    )]
    ManyShards {
        /// The schema.
        schema: String,
        /// How many the statement needs.
        needed: usize,
        /// How many there are.
        all: usize,
    },
    /// More than one of the tables that a table is split into.
    #[error(
        "a statement that needs {tables} of the tables that a table of schema '{schema}' is split \
         into: literals must say which sharding keys it is about, and they must be in one of them"
    )]
    ManyTables {
        /// The schema.
        schema: String,
        /// How many the statement needs.
        tables: usize,
    },
}

impl StageError for PlanError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::NoSchemaSelected => ErrorKind::NoSchemaSelected,
            Self::UnknownSchema(_) => ErrorKind::UnknownSchema,
            Self::NoSuchDatabase(_) => ErrorKind::NoSuchDatabase,
            Self::NoSuchTable(_) => ErrorKind::NoSuchTable,
            Self::UnknownTables(_) => ErrorKind::UnknownTable,
            Self::WrongValueCount { .. } => ErrorKind::WrongValueCount,
            Self::Hint(_) => ErrorKind::WrongArguments,
            Self::RefusedTable { .. } | Self::Unsupported(_) => ErrorKind::NotSupportedYet,
        }
    }

    fn retryable(&self) -> bool {
        true
    }
}

impl From<Unsupported> for PlanError {
    fn from(what: Unsupported) -> Self {
        Self::Unsupported(what)
    }
}

/// What a client is told whose write cannot be carried out by so many data nodes.
pub fn unsplit(action: &Action, reason: WriteReason, nodes: usize) -> MysqlError {
    let what = match action {
        Action::Copies(_) => Unsupported::Copies(reason),
        _ => Unsupported::Unsplit { reason, nodes },
    };
    PlanError::from(what).to_mysql()
}

/// What a client is told whose statement needs these nodes of one schema's table (the shard of
/// each), which is more than can carry it out together: why, where the plan knows.
pub fn many_nodes(
    topology: &Topology,
    plan: &Plan,
    shards: impl Iterator<Item = ShardId>,
) -> MysqlError {
    if let Some(Err(error)) = &plan.gather {
        return error.clone();
    }
    let mut nodes: Vec<ShardId> = shards.collect();
    let tables = nodes.len();
    let first = nodes.first().and_then(|shard| topology.shard(*shard));
    let found = first.and_then(|shard| topology.schema_by_id(shard.schema));
    let schema = found.map_or_else(String::new, |schema| schema.name.clone());
    nodes.dedup();
    nodes.sort_unstable();
    nodes.dedup();
    let what = match nodes.len() {
        1 if tables > 1 => Unsupported::ManyTables { schema, tables },
        needed => Unsupported::ManyShards {
            schema,
            needed,
            all: found.map_or(0, |schema| schema.shards.len()),
        },
    };
    PlanError::from(what).to_mysql()
}
