//! What can be wrong with a statement's bytes.

use crate::error::{ErrorKind, StageError};

/// Why bytes did not become tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ParseError {
    /// A string's closing quote is missing.
    #[error("You have an error in your SQL syntax: the string that starts at byte {0} has no end")]
    UnterminatedString(u32),
    /// A quoted identifier's closing quote is missing.
    #[error(
        "You have an error in your SQL syntax: the quoted name that starts at byte {0} has no end"
    )]
    UnterminatedName(u32),
    /// A comment's `*/` is missing.
    #[error("You have an error in your SQL syntax: the comment that starts at byte {0} has no end")]
    UnterminatedComment(u32),
    /// Offsets would not fit in 32 bits.
    #[error("a statement of 4 GiB or more is too long")]
    TooLong,
}

impl StageError for ParseError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::TooLong => ErrorKind::PacketTooLarge,
            _ => ErrorKind::Syntax,
        }
    }

    fn retryable(&self) -> bool {
        false
    }
}
