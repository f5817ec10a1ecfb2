//! Why a statement has no route.

use super::algorithm::AlgorithmError;
use super::key::KeyError;
use crate::error::{ErrorKind, MysqlError, StageError};

/// Why the router could not be built, or why a statement has no route.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RouteError {
    /// A table's algorithm cannot be built, or has no place for a key.
    #[error("table '{table}': {source}")]
    Algorithm {
        /// `schema.table`.
        table: String,
        /// Why.
        source: AlgorithmError,
    },
    /// The type of a key column was not read from a server yet.
    #[error("the columns of sharded table '{table}' are not known yet: no server could be asked")]
    UnknownColumns {
        /// `schema.table`.
        table: String,
    },
    /// The plan is of another topology.
    #[error("the plan does not belong to this topology")]
    Stale,
    /// The plan speaks of a literal that the statement does not have.
    #[error("the plan does not belong to this statement")]
    ForeignPlan,
    /// A row's sharding key is NULL.
    #[error("Column '{column}' cannot be null: it is the sharding key")]
    NullKey {
        /// The key column.
        column: String,
    },
    /// A row's sharding key is not acceptable.
    #[error("{} for sharding key column '{column}' at row {row}: {source}", key_phrase(.source))]
    Key {
        /// The key column.
        column: String,
        /// The row of the statement, from 1.
        row: usize,
        /// Why.
        source: KeyError,
    },
    /// UUID_TO_BIN refuses its argument, on every server.
    #[error("Incorrect string value: '{0}' for function uuid_to_bin")]
    NotAUuid(String),
    /// A row belongs to another shard than the statement's hint names.
    #[error("Wrong SHARDWELL hint 'shard': a row belongs to another shard")]
    OtherShard,
    /// A stored function would run on several shards, each with rows of its own.
    #[error(
        "Shardwell does not support '{0}', a stored function or sequence, in a statement that \
         needs several shards"
    )]
    ScatteredRoutine(String),
    /// The plan is a refusal.
    #[error("{0}")]
    Refused(MysqlError),
}

/// How MySQL begins the message of the same mistake.
fn key_phrase(error: &KeyError) -> &'static str {
    match error {
        KeyError::OutOfRange => "Out of range value",
        KeyError::TooLong => "Data too long",
        KeyError::NotANumber => "Incorrect value",
        KeyError::NotADate => "Incorrect date value",
        KeyError::NotCertain(_) => "Unsupported value",
    }
}

impl StageError for RouteError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::Algorithm { source, .. } => source.kind(),
            Self::Stale | Self::ForeignPlan => ErrorKind::Internal,
            Self::UnknownColumns { .. } => ErrorKind::BackendUnavailable,
            Self::NotAUuid(_) => ErrorKind::WrongValueForType,
            Self::OtherShard => ErrorKind::WrongArguments,
            Self::NullKey { .. } => ErrorKind::NullNotAllowed,
            Self::Key { source, .. } => source.kind(),
            Self::Refused(_) | Self::ScatteredRoutine(_) => ErrorKind::NotSupportedYet,
        }
    }

    fn retryable(&self) -> bool {
        true
    }

    fn to_mysql(&self) -> MysqlError {
        match self {
            Self::Refused(error) => error.clone(),
            _ => MysqlError::new(self.kind(), self.to_string()),
        }
    }
}
