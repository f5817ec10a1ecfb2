//! `vitess_reverse_bits`: the 64 bits of an integer, last bit first. Negative ones have no id.

use super::super::{AlgorithmError, Setting};
use super::keyspace::{self, KeyspaceId, Vindex};
use crate::value::KeyValue;

#[derive(Debug)]
pub(super) struct ReverseBits;

impl Vindex for ReverseBits {
    const NAME: &'static str = "vitess_reverse_bits";

    fn new(setting: &Setting<'_>) -> Result<Self, AlgorithmError> {
        keyspace::integer_key(Self::NAME, setting).map(|()| Self)
    }

    fn keyspace_id(&self, key: &KeyValue<'_>) -> Option<KeyspaceId> {
        let number = keyspace::unsigned(key)?.reverse_bits();
        Some(KeyspaceId::from_slice(&number.to_be_bytes()))
    }
}
