//! `vitess_unicode_loose_xxhash`: xxHash64 of the loose weights
//! ([`super::loose`]) with seed 0, little endian.

use super::super::spelling::{Case, Spelling};
use super::super::{AlgorithmError, Setting};
use super::keyspace::{KeyspaceId, Vindex};
use super::loose;
use super::xxhash::xxh64;
use crate::value::KeyValue;

#[derive(Debug)]
pub(super) struct UnicodeLooseXxHash(Spelling);

impl Vindex for UnicodeLooseXxHash {
    const NAME: &'static str = "vitess_unicode_loose_xxhash";

    fn new(setting: &Setting<'_>) -> Result<Self, AlgorithmError> {
        Spelling::of(Self::NAME, setting, Case::Ignored).map(Self)
    }

    fn keyspace_id(&self, key: &KeyValue<'_>) -> Option<KeyspaceId> {
        Some(KeyspaceId::from_slice(&xxh64(&loose::weights(
            &self.0.bytes(key)?,
        )?)))
    }
}
