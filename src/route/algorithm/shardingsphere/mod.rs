//! The algorithms of ShardingSphere 5 (`type:` of a sharding algorithm): existing data stays where
//! it was put.
//!
//! One file per class of `org.apache.shardingsphere.sharding.algorithm.sharding`. Facts: the
//! classes' sources at apache/shardingsphere (5.x). ShardingSphere places Java objects: the object
//! is taken here that JDBC reads from such a column.

mod auto_interval;
mod boundary_range;
mod hash_mod;
mod interval;
mod modulo;
mod ranges;
mod volume_range;

use super::Constructor;

/// Every algorithm by its name in the configuration.
pub(super) const ALGORITHMS: [(&str, Constructor); 6] = [
    (modulo::NAME, modulo::build),
    (hash_mod::NAME, hash_mod::build),
    (volume_range::NAME, volume_range::build),
    (boundary_range::NAME, boundary_range::build),
    (auto_interval::NAME, auto_interval::build),
    (interval::NAME, interval::build),
];

#[cfg(test)]
mod tests;
