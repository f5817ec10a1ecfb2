//! Why configuration and servers do not fit together.

use crate::error::{ErrorKind, StageError};

/// A contradiction between what is configured and what was found; logical names only.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TopologyError {
    /// The key is not a column.
    #[error(
        "table '{schema}.{table}' has no column '{key}', which is its sharding key; its columns are {columns}"
    )]
    KeyMissing {
        /// The schema.
        schema: String,
        /// The table.
        table: String,
        /// The configured key.
        key: String,
        /// The columns that there are, separated by commas.
        columns: String,
    },
    /// The key's type cannot be a sharding key's.
    #[error("the sharding key '{key}' of table '{schema}.{table}' cannot be used: {reason}")]
    KeyRefused {
        /// The schema.
        schema: String,
        /// The table.
        table: String,
        /// The configured key.
        key: String,
        /// Why, and what to do.
        reason: String,
    },
    /// The column cannot be given ids.
    #[error(
        "table '{schema}.{table}' cannot get ids in column '{column}', as `generate` says: {reason}"
    )]
    IdColumn {
        /// The schema.
        schema: String,
        /// The table.
        table: String,
        /// The configured column.
        column: String,
        /// Why, and what to do.
        reason: String,
    },
    /// Bound tables whose equal keys would not meet on one shard.
    #[error(
        "table '{schema}.{table}' cannot be bound to '{other}': the types of their sharding keys \
         place equal values differently; give both columns the same type and collation"
    )]
    KeysDiffer {
        /// The schema.
        schema: String,
        /// The table.
        table: String,
        /// The first table of the binding group.
        other: String,
    },
    /// The table's algorithm has no place for keys of this type.
    #[error("the sharding key of table '{schema}.{table}' cannot be used: {reason}")]
    NoPlace {
        /// The schema.
        schema: String,
        /// The table.
        table: String,
        /// Why.
        reason: String,
    },
    /// A table that a split table consists of has another use.
    #[error(
        "table '{schema}.{table}' is split into tables of which one is called '{part}', and so is \
         another table or a part of one; give it a name of its own"
    )]
    PartTaken {
        /// The schema.
        schema: String,
        /// The split table.
        table: String,
        /// The part.
        part: String,
    },
    /// Two names become one where the servers fold case.
    #[error(
        "{what} '{name}' differs from another only in case, and the servers do not tell them apart \
         (lower_case_table_names)"
    )]
    SameName {
        /// `schema` or `table`.
        what: &'static str,
        /// The second of the two.
        name: String,
    },
}

impl StageError for TopologyError {
    fn kind(&self) -> ErrorKind {
        ErrorKind::Internal
    }
}
