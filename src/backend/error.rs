//! What can go wrong between the proxy and a server.

use super::primary::Why;
use crate::error::{ErrorKind, MysqlError, StageError};
use crate::net::NetError;
use crate::wire::WireError;

/// A failure on the way to a server. Messages name replica sets, never addresses or databases.
#[derive(Debug, thiserror::Error)]
pub enum BackendError {
    /// No connection could be made.
    #[error("Can't connect to MySQL server of replica set '{replica_set}' ({reason})")]
    Connect {
        /// The replica set's name.
        replica_set: String,
        /// What the operating system or the timeout said.
        reason: String,
    },
    /// The server refused the proxy's login. What it said may name the proxy's account and host, which
    /// are none of the client's business: it is for the log (`Server::refused`).
    #[error(
        "A MySQL server of replica set '{replica_set}' refused the proxy's login ({}); the \
         proxy's log says why",
        for_clients(error)
    )]
    Login {
        /// The replica set's name.
        replica_set: String,
        /// The server's own error.
        #[source]
        error: MysqlError,
    },
    /// The server lacks something that the proxy builds on.
    #[error("the server of replica set '{replica_set}' cannot be used: {reason}")]
    Unsuitable {
        /// The replica set's name.
        replica_set: String,
        /// What is missing.
        reason: &'static str,
    },
    /// No server of the replica set is known to be its primary.
    #[error("Replica set '{replica_set}' has no primary at present: {why}")]
    NoPrimary {
        /// The replica set's name.
        replica_set: String,
        /// Why.
        why: Why,
    },
    /// All connections stayed busy.
    #[error(
        "Too many connections: all {limit} connections to replica set '{replica_set}' stayed busy for {waited_ms} ms"
    )]
    PoolTimeout {
        /// The replica set's name.
        replica_set: String,
        /// `backend.pool.max_connections`.
        limit: u32,
        /// `backend.pool.acquire_timeout`.
        waited_ms: u128,
    },
    /// Enough statements wait already.
    #[error(
        "Too many connections: {limit} statements wait already for a connection to replica set '{replica_set}'"
    )]
    PoolFull {
        /// The replica set's name.
        replica_set: String,
        /// `backend.pool.max_waiting`.
        limit: u32,
    },
    /// The session's state could not be brought to the connection.
    #[error("{0}")]
    Setup(MysqlError),
    /// The connection broke while a statement was under way.
    #[error("Lost connection to MySQL server of replica set '{replica_set}' during query")]
    Lost {
        /// The replica set's name.
        replica_set: String,
        /// Certainly nothing was executed.
        untouched: bool,
        /// What happened to the socket.
        #[source]
        source: NetError,
    },
    /// The server broke the protocol.
    #[error("replica set '{replica_set}' sent a malformed answer: {source}")]
    Protocol {
        /// The replica set's name.
        replica_set: String,
        /// What was wrong.
        #[source]
        source: WireError,
    },
}

/// Refusals that name neither an account nor a host: ER_CON_COUNT_ERROR, ER_SERVER_SHUTDOWN,
/// ER_SERVER_OFFLINE_MODE.
const NAME_NOBODY: [u16; 3] = [1040, 1053, 3032];

/// What clients are told of a server's refusal.
fn for_clients(error: &MysqlError) -> String {
    match NAME_NOBODY.contains(&error.code) {
        true => format!(
            "error {}: {}",
            error.code,
            String::from_utf8_lossy(&error.message)
        ),
        false => format!("error {}", error.code),
    }
}

impl BackendError {
    /// The same for others who would have connected too: `None` where it says nothing of them.
    pub(super) fn to_all(&self) -> Option<Self> {
        match self {
            Self::Connect {
                replica_set,
                reason,
            } => Some(Self::Connect {
                replica_set: replica_set.clone(),
                reason: reason.clone(),
            }),
            Self::Login { replica_set, error } => Some(Self::Login {
                replica_set: replica_set.clone(),
                error: error.clone(),
            }),
            Self::Unsuitable {
                replica_set,
                reason,
            } => Some(Self::Unsuitable {
                replica_set: replica_set.clone(),
                reason,
            }),
            _ => None,
        }
    }
}

impl StageError for BackendError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::Connect { .. }
            | Self::Login { .. }
            | Self::Unsuitable { .. }
            | Self::NoPrimary { .. } => ErrorKind::BackendUnavailable,
            Self::PoolTimeout { .. } | Self::PoolFull { .. } => ErrorKind::TooManyConnections,
            Self::Setup(_) => ErrorKind::Internal,
            Self::Lost { .. } => ErrorKind::BackendLost,
            Self::Protocol { .. } => ErrorKind::MalformedPacket,
        }
    }

    fn retryable(&self) -> bool {
        matches!(
            self,
            Self::Lost {
                untouched: true,
                ..
            }
        )
    }

    fn to_mysql(&self) -> MysqlError {
        match self {
            Self::Setup(error) => error.clone(),
            other => MysqlError::new(other.kind(), other.to_string()),
        }
    }
}
