//! How an answer can fail on its way.

use crate::backend::BackendError;

/// An answer that did not reach the client in full. The backend connection is of no further use.
#[derive(Debug, thiserror::Error)]
pub enum RelayError {
    /// The server's side failed.
    #[error("{error}")]
    Backend {
        /// What happened.
        #[source]
        error: BackendError,
        /// What the client has already seen of the answer.
        seen: Seen,
    },
    /// The client's side ended.
    #[error("{0}")]
    Client(Stop),
}

/// What a client has seen of an answer that failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seen {
    /// Nothing: an ERR packet can answer.
    Nothing,
    /// Whole rows: an ERR packet can end them; it carries this sequence id.
    WholeRows(u8),
    /// Half a packet: only closing the connection tells the truth.
    Half,
}

/// Why a client gets no more of its answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Stop {
    /// It closed its connection.
    #[error("the client has gone")]
    Gone,
    /// It did not read for as long as the write timeout.
    #[error("the client does not read its answer")]
    Stalled,
    /// KILL CONNECTION, or the end of a shutdown's patience.
    #[error("the connection was killed")]
    Killed,
}
