//! What can go wrong on a connection.

use std::io;

use crate::error::{ErrorKind, StageError};

/// A failure of one connection.
#[derive(Debug, thiserror::Error)]
pub enum NetError {
    /// The peer closed the connection between two packets.
    #[error("the connection was closed")]
    Closed,
    /// The peer closed the connection within a packet.
    #[error("the connection was closed within a packet")]
    Truncated,
    /// The peer announced or sent more than the limit.
    #[error("Got a packet bigger than 'max_allowed_packet' bytes")]
    TooLarge,
    /// Sequence ids did not follow each other.
    #[error("Got packets out of order")]
    OutOfOrder,
    /// The socket failed.
    #[error("{0}")]
    Io(#[from] io::Error),
    /// The TLS handshake failed.
    #[error("TLS: {0}")]
    Tls(#[source] io::Error),
    /// A compressed frame could not be decoded.
    #[error("malformed compressed packet: {0}")]
    Compression(&'static str),
    /// The wait was ended by a [`super::Signal`].
    #[error("interrupted: {0:?}")]
    Interrupted(super::Signal),
}

impl StageError for NetError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::TooLarge => ErrorKind::PacketTooLarge,
            Self::OutOfOrder => ErrorKind::PacketsOutOfOrder,
            Self::Tls(_) => ErrorKind::BadHandshake,
            Self::Compression(_) => ErrorKind::MalformedPacket,
            Self::Interrupted(super::Signal::KillQuery) => ErrorKind::QueryInterrupted,
            Self::Interrupted(super::Signal::Deadline) => ErrorKind::ReadTimeout,
            Self::Interrupted(_) => ErrorKind::ServerShutdown,
            Self::Closed | Self::Truncated | Self::Io(_) => ErrorKind::BackendLost,
        }
    }
}
