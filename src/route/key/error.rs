//! Why a value cannot be stored in a key column.

use crate::error::{ErrorKind, StageError};

/// Why the value of a written key is refused. The column's name is the router's to add.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// A number that the column's type does not hold; without strict mode MySQL would clamp it.
    #[error("it is out of the column's range")]
    OutOfRange,
    /// A string longer than the column.
    #[error("it is longer than the column")]
    TooLong,
    /// A string that is no number.
    #[error("it is no number")]
    NotANumber,
    /// A string or number that is no date.
    #[error("it is no date of the form 'YYYY-MM-DD' or 'YYYY-MM-DD hh:mm:ss'")]
    NotADate,
    /// Only MySQL knows what the column would hold.
    #[error("what the column would hold is not certain: {0}")]
    NotCertain(NotCertain),
}

/// Why it is not certain what a column would hold, with the remedy.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotCertain {
    /// A character outside printable ASCII under a collation that folds.
    #[error(
        "under collation {collation} only printable ASCII characters have a known equality; \
         give the key column a _bin collation"
    )]
    Collation {
        /// The column's collation.
        collation: String,
    },
    /// Bytes that the server converts from one character set to another.
    #[error(
        "the string is converted to character set {charset}; \
         connect with the column's character set, or use ASCII keys"
    )]
    Conversion {
        /// The column's character set.
        charset: String,
    },
    /// Bytes that the server converts on their way into a binary column.
    #[error("the string is converted to another character set; write the bytes as x'…'")]
    BinaryConversion,
    /// A number with an exponent.
    #[error("write the number without an exponent")]
    Exponent,
    /// More digits than are reproduced.
    #[error("it has more than 38 digits")]
    Digits,
    /// A literal of a kind that MySQL converts on its way into the column.
    #[error("write it as a literal of the column's own type")]
    Kind,
    /// What UUID_TO_BIN refuses.
    #[error("'{text}' is no UUID")]
    NotAUuid {
        /// Its argument.
        text: String,
    },
    /// A function's argument that it refuses, or that is not read here.
    #[error("the function's argument is not in plain form")]
    Function,
    /// A `?` without its value.
    #[error("the value of the placeholder is not known")]
    Placeholder,
    /// Fractional seconds beyond the column's, or a time of day for a DATE.
    #[error("MySQL would round it; write no more than the column holds")]
    Rounding,
    /// A string of a form that is not read here.
    #[error("the string is not in plain form")]
    Form,
}

impl StageError for KeyError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::OutOfRange => ErrorKind::OutOfRange,
            Self::TooLong => ErrorKind::DataTooLong,
            Self::NotANumber => ErrorKind::WrongValue,
            Self::NotADate => ErrorKind::WrongDate,
            Self::NotCertain(_) => ErrorKind::NotSupportedYet,
        }
    }
}

impl From<NotCertain> for KeyError {
    fn from(reason: NotCertain) -> Self {
        Self::NotCertain(reason)
    }
}
