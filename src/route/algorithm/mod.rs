//! Algorithms: a key → its place, a position in the list of shards (or of the tables that one
//! table is split into).
//!
//! One file per algorithm behind one trait, one line per algorithm in [`REGISTRY`] or in the
//! table of the folder of the middleware that it comes from. What an
//! algorithm answers for a value must never change: rows already lie where it said.

mod arguments;
mod calendar;
mod consistent_hash;
mod error;
mod hash_mod;
mod java;
mod list;
mod modulo;
mod mycat;
mod params;
mod pattern;
mod range;
mod setting_value;
mod shardingsphere;
mod span;
mod spelling;
mod time_range;
mod vitess;

pub use consistent_hash::ConsistentHash;
pub use error::AlgorithmError;
pub use hash_mod::HashMod;
pub use list::List;
pub use modulo::Modulo;
pub use range::Range;
pub use time_range::TimeRange;

use std::fmt::Debug;

use super::NodeSet;
use crate::topology::{AlgorithmSpec, KeyType};
use crate::value::{KeyRange, KeyValue};

/// A rule that places keys.
pub trait Algorithm: Send + Sync + Debug {
    /// The place of a key: less than [`Setting::places`]. One value per key column, in the order
    /// of the configuration; most algorithms take one column ([`only`]).
    ///
    /// # Errors
    /// The algorithm has no place for the value.
    fn place(&self, key: &[KeyValue<'_>]) -> Result<usize, AlgorithmError>;

    /// The places that may hold keys of a range. Algorithms that keep order narrow it; the others
    /// leave it: every place.
    fn places_in(&self, range: &KeyRange<'_>) -> NodeSet {
        let _ = range;
        NodeSet::All
    }
}

/// What an algorithm is built from.
#[derive(Clone, Copy, Debug)]
pub struct Setting<'a> {
    /// The parameters beside the name in the configuration.
    pub params: &'a toml::Table,
    /// The number of places (shards, or tables of a split table), at least 1.
    pub places: usize,
    /// The types of the key's columns, at least one.
    pub key_types: &'a [KeyType],
    /// Tables by period: the numbers of the periods that have one, ascending.
    pub present: Option<&'a [usize]>,
}

impl<'a> Setting<'a> {
    /// The type of the key's only column.
    ///
    /// # Errors
    /// The key has several.
    pub fn key_type(&self, algorithm: &'static str) -> Result<&'a KeyType, AlgorithmError> {
        match self.key_types {
            [only] => Ok(only),
            _ => Err(AlgorithmError::KeyColumns { algorithm }),
        }
    }
}

/// The value of a key of one column.
///
/// # Errors
/// The key has another number of columns: it is no key of this algorithm.
pub fn only<'k, 'v>(
    algorithm: &'static str,
    key: &'k [KeyValue<'v>],
) -> Result<&'k KeyValue<'v>, AlgorithmError> {
    match key {
        [only] => Ok(only),
        _ => Err(AlgorithmError::NoPlace { algorithm }),
    }
}

/// Checks the setting and builds the algorithm.
pub type Constructor = fn(Setting<'_>) -> Result<Box<dyn Algorithm>, AlgorithmError>;

/// Our own algorithms by their names in the configuration.
pub const REGISTRY: [(&str, Constructor); 6] = [
    ("hash_mod", HashMod::build),
    ("consistent_hash", ConsistentHash::build),
    ("mod", Modulo::build),
    ("range", Range::build),
    ("list", List::build),
    ("time_range", TimeRange::build),
];

/// Every algorithm by its name in the configuration: our own, and those that other middleware
/// placed existing data by.
pub fn registered() -> impl Iterator<Item = (&'static str, Constructor)> {
    REGISTRY
        .into_iter()
        .chain(mycat::ALGORITHMS)
        .chain(shardingsphere::ALGORITHMS)
        .chain(vitess::ALGORITHMS)
}

/// Builds the algorithm that a table's configuration names.
///
/// # Errors
/// The name or a parameter is unknown, or the setting does not fit the algorithm.
pub fn build(
    spec: &AlgorithmSpec,
    places: usize,
    key_types: &[KeyType],
) -> Result<Box<dyn Algorithm>, AlgorithmError> {
    constructed(
        spec,
        Setting {
            params: &spec.params,
            places,
            key_types,
            present: None,
        },
    )
}

/// As [`build`], for tables by period: the places are those of the periods that have a table, by
/// their numbers, ascending.
///
/// # Errors
/// As [`build`].
pub fn build_present(
    spec: &AlgorithmSpec,
    present: &[usize],
    key_types: &[KeyType],
) -> Result<Box<dyn Algorithm>, AlgorithmError> {
    constructed(
        spec,
        Setting {
            params: &spec.params,
            places: present.len(),
            key_types,
            present: Some(present),
        },
    )
}

fn constructed(
    spec: &AlgorithmSpec,
    setting: Setting<'_>,
) -> Result<Box<dyn Algorithm>, AlgorithmError> {
    if setting.places == 0 {
        return Err(AlgorithmError::NoShards);
    }
    let Some((_, constructor)) = registered().find(|(name, _)| *name == spec.name) else {
        return Err(AlgorithmError::Unknown {
            name: spec.name.clone(),
            suggestion: suggestion(&spec.name),
        });
    };
    constructor(setting)
}

/// The nearest name of all, else the list of our own.
fn suggestion(written: &str) -> String {
    match params::nearest(written, registered().map(|(name, _)| name)) {
        Some(name) => format!("; did you mean \"{name}\"?"),
        None => {
            let own = params::suggestion(written, REGISTRY.map(|(name, _)| name));
            format!("{own}, and those of Mycat, ShardingSphere and Vitess: docs/algorithms.md")
        }
    }
}

#[cfg(test)]
mod properties;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
