//! What can be wrong with a statement's bytes.

use crate::error::{ErrorKind, StageError};

/// Why bytes did not become tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ParseError {
    /// A string's closing quote is missing.
    #[error("You have an error in your SQL syntax: the string that starts at byte {0} has no end")]
    UnterminatedString(usize),
    /// A quoted identifier's closing quote is missing.
    #[error(
        "You have an error in your SQL syntax: the quoted name that starts at byte {0} has no end"
    )]
    UnterminatedName(usize),
    /// A comment's `*/` is missing.
    #[error("You have an error in your SQL syntax: the comment that starts at byte {0} has no end")]
    UnterminatedComment(usize),
    /// Offsets would not fit in 32 bits.
    #[error("a statement of {0} bytes is too long")]
    TooLong(usize),
}

impl StageError for ParseError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::TooLong(_) => ErrorKind::PacketTooLarge,
            _ => ErrorKind::Syntax,
        }
    }

    fn retryable(&self) -> bool {
        false
    }
}
