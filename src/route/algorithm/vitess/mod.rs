//! The functional vindexes of Vitess: existing data stays where it was put.
//!
//! One file per vindex: key → keyspace id. [`keyspace`]: keyspace id → shard. Facts: the sources in
//! vitessio/vitess, `go/vt/vtgate/vindexes` and `go/vt/key`.

mod binary;
mod binary_md5;
mod hash;
mod keyspace;
mod loose;
mod numeric;
mod reverse_bits;
mod unicode_loose_md5;
mod unicode_loose_xxhash;
mod xxhash;

use super::Constructor;
use keyspace::build;

/// Every vindex by its name in the configuration.
pub(super) const ALGORITHMS: [(&str, Constructor); 8] = [
    ("vitess_hash", build::<hash::Hash>),
    ("vitess_numeric", build::<numeric::Numeric>),
    ("vitess_reverse_bits", build::<reverse_bits::ReverseBits>),
    ("vitess_binary", build::<binary::Binary>),
    ("vitess_binary_md5", build::<binary_md5::BinaryMd5>),
    ("vitess_xxhash", build::<xxhash::XxHash>),
    (
        "vitess_unicode_loose_md5",
        build::<unicode_loose_md5::UnicodeLooseMd5>,
    ),
    (
        "vitess_unicode_loose_xxhash",
        build::<unicode_loose_xxhash::UnicodeLooseXxHash>,
    ),
];

#[cfg(test)]
mod tests;
