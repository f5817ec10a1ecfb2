//! Algorithms: a key's value → the position of its shard in the schema's list.
//!
//! One file per algorithm behind one trait, one line per algorithm in [`REGISTRY`]. What an
//! algorithm answers for a value must never change: rows already lie where it said.

mod error;
mod hash_mod;
mod modulo;
mod params;

pub use error::AlgorithmError;
pub use hash_mod::HashMod;
pub use modulo::Modulo;

use std::fmt::Debug;

use crate::topology::{AlgorithmSpec, KeyType};
use crate::value::KeyValue;

/// A rule that places keys.
pub trait Algorithm: Send + Sync + Debug {
    /// The shard's position, less than the number of shards that it was built for.
    ///
    /// # Errors
    /// The algorithm has no place for the value.
    fn shard(&self, key: &KeyValue<'_>) -> Result<usize, AlgorithmError>;
}

/// What an algorithm is built from.
#[derive(Clone, Copy, Debug)]
pub struct Setting<'a> {
    /// The parameters beside the name in the configuration.
    pub params: &'a toml::Table,
    /// The number of shards, at least 1.
    pub shards: usize,
    /// The type of the key column.
    pub key_type: &'a KeyType,
}

/// Checks the setting and builds the algorithm.
pub type Constructor = fn(Setting<'_>) -> Result<Box<dyn Algorithm>, AlgorithmError>;

/// Every algorithm by its name in the configuration.
pub const REGISTRY: [(&str, Constructor); 2] =
    [("hash_mod", HashMod::build), ("mod", Modulo::build)];

/// Builds the algorithm that a table's configuration names.
///
/// # Errors
/// The name or a parameter is unknown, or the setting does not fit the algorithm.
pub fn build(
    spec: &AlgorithmSpec,
    shards: usize,
    key_type: &KeyType,
) -> Result<Box<dyn Algorithm>, AlgorithmError> {
    if shards == 0 {
        return Err(AlgorithmError::NoShards);
    }
    let Some((_, constructor)) = REGISTRY.iter().find(|(name, _)| *name == spec.name) else {
        return Err(AlgorithmError::Unknown {
            name: spec.name.clone(),
            suggestion: params::suggestion(&spec.name, REGISTRY.map(|(name, _)| name)),
        });
    };
    constructor(Setting {
        params: &spec.params,
        shards,
        key_type,
    })
}

#[cfg(test)]
mod tests;
