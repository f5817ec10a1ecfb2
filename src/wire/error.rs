//! What can be wrong with a packet.

use crate::error::{ErrorKind, MysqlError, StageError};

/// A packet that cannot be read, or a value that no packet can carry.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WireError {
    /// The packet ends before a value does.
    #[error("Malformed communication packet: {wanted} bytes expected, {left} left")]
    Truncated {
        /// Bytes the value needs (at least).
        wanted: usize,
        /// Bytes there are.
        left: usize,
    },
    /// A length-encoded integer opens with a byte that announces none.
    #[error("Malformed communication packet: 0x{0:02X} opens no length-encoded integer")]
    BadLength(u8),
    /// A zero-terminated string without its zero.
    #[error("Malformed communication packet: a string has no terminator")]
    Unterminated,
    /// A value breaks the rules of its packet.
    #[error("Malformed communication packet: {packet}: {reason}")]
    Malformed {
        /// The packet's name in MySQL's protocol documentation.
        packet: &'static str,
        /// The rule that is broken.
        reason: &'static str,
    },
    /// A value is longer than we accept, or than its field can say.
    #[error(
        "Malformed communication packet: {what} is {len} bytes long, at most {max} are allowed"
    )]
    TooLong {
        /// The value.
        what: &'static str,
        /// Its length in bytes.
        len: usize,
        /// The limit in bytes.
        max: usize,
    },
    /// The greeting speaks another protocol than version 10.
    #[error("Bad handshake: protocol version {0}, only 10 is supported")]
    ProtocolVersion(u8),
    /// The peer lacks a capability without which we cannot talk to it.
    #[error("Bad handshake: the peer lacks {0}")]
    MissingCapability(&'static str),
    /// A MariaDB progress report, which only clients that ask for it may get.
    #[error("Malformed communication packet: progress report where none was asked for")]
    ProgressReport,
}

impl StageError for WireError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::ProtocolVersion(_) | Self::MissingCapability(_) => ErrorKind::BadHandshake,
            _ => ErrorKind::MalformedPacket,
        }
    }
}

impl From<WireError> for MysqlError {
    fn from(error: WireError) -> Self {
        error.to_mysql()
    }
}

/// The outcome of reading a packet.
pub type Result<T, E = WireError> = std::result::Result<T, E>;
