//! Why rows cannot be brought together.

use crate::backend::BackendError;
use crate::error::{ErrorKind, MysqlError, StageError};
use crate::rewrite::RowError;

/// Why rows cannot be brought together.
#[derive(Debug, thiserror::Error)]
pub enum GatherError {
    /// A server failed, or has something against what it was asked.
    #[error(transparent)]
    Backend(#[from] BackendError),
    /// A row cannot be stored as it is.
    #[error("This version of Shardwell doesn't yet support 'a statement that brings together {0}'")]
    Row(#[from] RowError),
    /// The server that finishes does not take a row as it is.
    #[error(
        "This version of Shardwell doesn't yet support 'a statement that brings together rows \
         that cannot be stored again as they are': {0}"
    )]
    Refused(MysqlError),
    /// There is more to move than is allowed.
    #[error(
        "Out of sort memory: the statement brings together more than {limit} {unit} of several \
         shards (server.gather.max_{unit})"
    )]
    Budget {
        /// The budget.
        limit: u64,
        /// `rows` or `bytes`.
        unit: &'static str,
    },
    /// The statement was planned for other servers.
    #[error("the statement was planned for other servers")]
    Stale,
}

impl StageError for GatherError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::Backend(error) => error.kind(),
            Self::Row(_) | Self::Refused(_) => ErrorKind::NotSupportedYet,
            Self::Budget { .. } => ErrorKind::OutOfSortMemory,
            Self::Stale => ErrorKind::Internal,
        }
    }

    fn to_mysql(&self) -> MysqlError {
        match self {
            Self::Backend(error) => error.to_mysql(),
            Self::Stale => MysqlError::stale(),
            other => MysqlError::new(other.kind(), other.to_string()),
        }
    }
}
