//! What can go wrong while answers are merged.

use crate::error::{ErrorKind, StageError};
use crate::wire::WireError;

/// Why a merge cannot begin or cannot go on.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MergeError {
    /// A row that cannot be read.
    #[error(transparent)]
    Wire(#[from] WireError),
    /// A value that its column's type does not have.
    #[error("Malformed communication packet: a value of column {column} is no {expected}")]
    BadValue {
        /// The column, counted from 0.
        column: usize,
        /// What was expected.
        expected: &'static str,
    },
    /// The specification names a column that the answer does not have, or a source that does not exist.
    #[error("the merge needs {what} {index}, there are {count}")]
    Missing {
        /// What is missing.
        what: &'static str,
        /// Its index, counted from 0.
        index: usize,
        /// How many there are.
        count: usize,
    },
    /// A value whose order or equality only MySQL knows.
    #[error("Shardwell does not support merging rows by {0}")]
    Unmergeable(&'static str),
    /// The hidden columns that the value's type asks for were not given.
    #[error(
        "Shardwell does not support merging rows by {what} without a hidden column with its {needed}"
    )]
    Hidden {
        /// The value's type.
        what: &'static str,
        /// What the hidden column holds.
        needed: &'static str,
    },
    /// A sum that MySQL's DECIMAL cannot hold.
    #[error("DECIMAL value is out of range in '{0}'")]
    OutOfRange(&'static str),
    /// What has to be held while merging is beyond the statement's budget.
    #[error("Out of sort memory: merging the answers of the shards needs more than {limit} {unit}")]
    Budget {
        /// The budget.
        limit: usize,
        /// `rows` or `bytes`.
        unit: &'static str,
    },
}

impl StageError for MergeError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::Wire(error) => error.kind(),
            Self::BadValue { .. } => ErrorKind::MalformedPacket,
            Self::Missing { .. } => ErrorKind::Internal,
            Self::Unmergeable(_) | Self::Hidden { .. } => ErrorKind::NotSupportedYet,
            Self::OutOfRange(_) => ErrorKind::NumericOutOfRange,
            Self::Budget { .. } => ErrorKind::OutOfSortMemory,
        }
    }
}

/// The outcome of a step of merging.
pub type Result<T, E = MergeError> = std::result::Result<T, E>;
