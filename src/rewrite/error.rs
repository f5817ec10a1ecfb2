//! Why a text cannot be rewritten.

use crate::error::{ErrorKind, StageError};

/// Why a text cannot be spliced.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SpliceError {
    /// The table is of another topology.
    #[error("the plan does not belong to this topology")]
    Stale,
    /// An edit names a token that the statement does not have, or edits overlap.
    #[error("the plan does not belong to this statement")]
    ForeignPlan,
    /// LIMIT with something else than whole numbers, in a statement over several shards.
    #[error("Shardwell does not support LIMIT with anything but whole numbers over several shards")]
    NoLimit,
}

impl StageError for SpliceError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::Stale | Self::ForeignPlan => ErrorKind::Internal,
            Self::NoLimit => ErrorKind::NotSupportedYet,
        }
    }

    fn retryable(&self) -> bool {
        true
    }
}
