//! Why a transaction cannot reach another replica set.

use crate::backend::BackendError;
use crate::error::{ErrorKind, MysqlError, StageError};

/// Why a transaction cannot be ended atomically on a replica set.
#[derive(Debug, thiserror::Error)]
pub enum TransactionError {
    /// A server could not be asked.
    #[error(transparent)]
    Backend(#[from] BackendError),
    /// Prepared branches would not outlive a crash or a lost connection.
    #[error(
        "replica set '{replica_set}' runs {version}: atomic transactions over several replica sets \
         need MySQL 8.0.30 or MariaDB 10.5; see `commit` in the configuration"
    )]
    OldServer {
        /// The replica set's name.
        replica_set: String,
        /// The server's version.
        version: String,
    },
    /// The proxy's account lacks what its own database or recovery needs.
    #[error(
        "the proxy's account on replica set '{replica_set}' cannot {what}, which transactions over \
         several replica sets need: {error}"
    )]
    NotAllowed {
        /// The replica set's name.
        replica_set: String,
        /// What it cannot do.
        what: &'static str,
        /// The server's own words.
        error: MysqlError,
    },
    /// The proxy's own database holds what no proxy has written.
    #[error("the proxy's own database on replica set '{replica_set}' holds {what}")]
    Garbled {
        /// The replica set's name.
        replica_set: String,
        /// What is wrong with it.
        what: &'static str,
    },
}

impl StageError for TransactionError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::Backend(error) => error.kind(),
            Self::OldServer { .. } => ErrorKind::NotSupportedYet,
            Self::NotAllowed { .. } | Self::Garbled { .. } => ErrorKind::Internal,
        }
    }

    fn to_mysql(&self) -> MysqlError {
        match self {
            Self::Backend(error) => error.to_mysql(),
            other => MysqlError::new(other.kind(), other.to_string()),
        }
    }
}
