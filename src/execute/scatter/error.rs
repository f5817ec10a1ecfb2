//! Why several data nodes gave no whole answer.

use crate::backend::BackendError;
use crate::error::{ErrorKind, MysqlError};
use crate::execute::{RelayError, Seen};

/// An answer that did not become whole.
#[derive(Debug, thiserror::Error)]
pub enum ScatterError {
    /// A server said no, or the merge did: an ERR packet tells the client.
    #[error("{error}")]
    Refused {
        /// What the client is told.
        error: MysqlError,
        /// What it has seen of the answer.
        seen: Seen,
        /// The answers' types do not allow a merge; MySQL itself could finish the statement.
        unmergeable: bool,
    },
    /// A server or the client was lost.
    #[error(transparent)]
    Lost(#[from] RelayError),
}

impl ScatterError {
    /// A server's error. Where its statement has hidden columns, they repeat what the client groups by,
    /// and not every expression is known to a server as the same one: one that gets the client's own
    /// text finds nothing wrong, or says what is.
    pub(super) fn said(error: MysqlError, seen: Seen, hidden: bool) -> Self {
        Self::Refused {
            unmergeable: hidden && error.code == ErrorKind::NotGrouped.code().0,
            error,
            seen,
        }
    }

    /// Whether nothing was told yet, and a server that has all rows could answer.
    pub fn is_for_one_server(&self) -> bool {
        matches!(
            self,
            Self::Refused {
                seen: Seen::Nothing,
                unmergeable: true,
                ..
            }
        )
    }
}

impl From<BackendError> for ScatterError {
    fn from(error: BackendError) -> Self {
        RelayError::from(error).into()
    }
}
