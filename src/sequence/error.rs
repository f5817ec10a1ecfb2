//! Why there is no id.

use crate::backend::BackendError;
use crate::error::{ErrorKind, MysqlError, StageError};

/// Why a statement's rows get no ids. Nothing of the statement was sent.
#[derive(Debug, thiserror::Error)]
pub enum SequenceError {
    /// The table that keeps ids apart cannot be asked.
    #[error("Failed to get ids for new rows: {0}")]
    Backend(#[from] BackendError),
    /// The proxy's account lacks what its own tables need.
    #[error(
        "Failed to get ids for new rows: the proxy's account on replica set '{replica_set}' cannot \
         {what}: {error}"
    )]
    NotAllowed {
        /// The replica set's name.
        replica_set: String,
        /// What it cannot do.
        what: &'static str,
        /// The server's own words.
        error: MysqlError,
    },
    /// The worker number is no longer this proxy's for certain, and cannot be renewed.
    #[error(
        "Failed to get ids for new rows: the lease of this proxy's worker number has ended and cannot \
         be renewed: {why}"
    )]
    LeaseLost {
        /// What stands in the way.
        why: String,
    },
    /// All worker numbers are in use.
    #[error(
        "Failed to get ids for new rows: all {workers} worker numbers are leased; one is free again \
         two minutes after its proxy has ended"
    )]
    NoWorker {
        /// How many there are.
        workers: u16,
    },
    /// More rows than ids that follow each other.
    #[error(
        "Shardwell does not support more than {most} new ids of kind \"snowflake\" in one statement; \
         use kind = \"segment\", or fewer rows"
    )]
    TooMany {
        /// How many there can be.
        most: u64,
    },
    /// The column holds no such number.
    #[error("Failed to get ids for new rows: the column holds no id above {max}")]
    Exhausted {
        /// The largest that it holds.
        max: u64,
    },
    /// The proxy's own table holds what no proxy has written.
    #[error("Failed to get ids for new rows: the proxy's own table holds {0}")]
    Garbled(&'static str),
}

impl StageError for SequenceError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::TooMany { .. } => ErrorKind::NotSupportedYet,
            _ => ErrorKind::NoId,
        }
    }

    fn retryable(&self) -> bool {
        true
    }
}
