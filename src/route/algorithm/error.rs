//! What can be wrong with an algorithm's setting, or with a value for it.

use crate::error::{ErrorKind, StageError};

/// Why an algorithm cannot be built, or cannot place a value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AlgorithmError {
    /// No algorithm of this name is registered.
    #[error("unknown algorithm \"{name}\"{suggestion}")]
    Unknown {
        /// The name in the configuration.
        name: String,
        /// What may have been meant, as the end of the sentence.
        suggestion: String,
    },
    /// The algorithm has no such parameter.
    #[error("algorithm \"{algorithm}\" has no parameter \"{param}\"{suggestion}")]
    UnknownParam {
        /// The algorithm.
        algorithm: &'static str,
        /// The parameter in the configuration.
        param: String,
        /// What may have been meant, as the end of the sentence.
        suggestion: String,
    },
    /// The algorithm tells letters by their case, the key's collation does not.
    #[error(
        "algorithm \"{algorithm}\" places 'a' and 'A' apart, which collation {collation} holds \
         equal: the key needs a _bin collation or VARBINARY"
    )]
    Collation {
        /// The algorithm.
        algorithm: &'static str,
        /// The collation of the key column.
        collation: String,
    },
    /// The algorithm does not work on keys of this type.
    #[error("algorithm \"{algorithm}\" needs {needs}; \"hash_mod\" takes every key type")]
    KeyType {
        /// The algorithm.
        algorithm: &'static str,
        /// The type that it needs.
        needs: &'static str,
    },
    /// The algorithm takes keys of one column only.
    #[error("algorithm \"{algorithm}\" takes a key of one column; \"hash_mod\" takes several")]
    KeyColumns {
        /// The algorithm.
        algorithm: &'static str,
    },
    /// A schema without shards.
    #[error("the schema has no shards")]
    NoShards,
    /// A parameter is missing or wrong, whatever the key's type.
    #[error("algorithm \"{algorithm}\": {reason}")]
    Setting {
        /// The algorithm.
        algorithm: &'static str,
        /// What is wrong, and what to write.
        reason: String,
    },
    /// A value in the setting that the key column cannot hold.
    #[error("algorithm \"{algorithm}\": {reason}")]
    SettingValue {
        /// The algorithm.
        algorithm: &'static str,
        /// Which value, and why.
        reason: String,
    },
    /// The setting leaves this key out.
    #[error("algorithm \"{algorithm}\" has no place for {value}: {reason}")]
    NoPlaceFor {
        /// The algorithm.
        algorithm: &'static str,
        /// The key as a literal.
        value: String,
        /// Why.
        reason: String,
    },
    /// A value that the algorithm leaves out, or one of another type than it was built for.
    #[error("algorithm \"{algorithm}\" has no place for this value")]
    NoPlace {
        /// The algorithm.
        algorithm: &'static str,
    },
}

impl AlgorithmError {
    /// Whether the setting may be right for a key of another type.
    pub fn is_of_key_type(&self) -> bool {
        matches!(self, Self::KeyType { .. } | Self::SettingValue { .. })
    }
}

impl StageError for AlgorithmError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::NoPlace { .. } | Self::NoPlaceFor { .. } => ErrorKind::NoPlaceForValue,
            _ => ErrorKind::Internal,
        }
    }
}
