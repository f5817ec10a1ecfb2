//! `vitess_xxhash`: xxHash64 of the bytes with seed 0, little endian.

use super::super::spelling::{Case, Spelling};
use super::super::{AlgorithmError, Setting};
use super::keyspace::{KeyspaceId, Vindex};
use crate::value::KeyValue;

#[derive(Debug)]
pub(super) struct XxHash(Spelling);

impl Vindex for XxHash {
    const NAME: &'static str = "vitess_xxhash";

    fn new(setting: &Setting<'_>) -> Result<Self, AlgorithmError> {
        Spelling::of(Self::NAME, setting, Case::Matters).map(Self)
    }

    fn keyspace_id(&self, key: &KeyValue<'_>) -> Option<KeyspaceId> {
        Some(KeyspaceId::from_slice(&xxh64(&self.0.bytes(key)?)))
    }
}

pub(super) fn xxh64(bytes: &[u8]) -> [u8; 8] {
    xxhash_rust::xxh64::xxh64(bytes, 0).to_le_bytes()
}
