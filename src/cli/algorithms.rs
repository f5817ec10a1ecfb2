//! The algorithms that a configuration may name.

use crate::config::{AlgorithmCheck, AlgorithmSpec};
use crate::route::algorithm::{self, REGISTRY};
use crate::topology::KeyType;

/// The registry of `route::algorithm`, for the author of a configuration file.
#[derive(Debug)]
pub struct RegisteredAlgorithms {
    names: Vec<&'static str>,
}

impl Default for RegisteredAlgorithms {
    fn default() -> Self {
        Self {
            names: REGISTRY.iter().map(|(name, _)| *name).collect(),
        }
    }
}

impl AlgorithmCheck for RegisteredAlgorithms {
    fn names(&self) -> &[&'static str] {
        &self.names
    }

    /// The key's type is known to the servers only. Every algorithm takes integers.
    fn check(&self, algorithm: &AlgorithmSpec, shards: usize) -> Result<(), String> {
        let key_type = KeyType::Integer {
            min: i128::from(i64::MIN),
            max: i128::from(i64::MAX),
        };
        algorithm::build(algorithm, shards, &key_type)
            .map(|_| ())
            .map_err(|error| error.to_string())
    }
}
