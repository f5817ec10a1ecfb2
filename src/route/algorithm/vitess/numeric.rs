//! `vitess_numeric`: the 64 bits of an integer, big endian. Negative ones have no id.

use super::super::{AlgorithmError, Setting};
use super::keyspace::{self, KeyspaceId, Vindex};
use crate::value::KeyValue;

#[derive(Debug)]
pub(super) struct Numeric;

impl Vindex for Numeric {
    const NAME: &'static str = "vitess_numeric";

    fn new(setting: &Setting<'_>) -> Result<Self, AlgorithmError> {
        keyspace::integer_key(Self::NAME, setting).map(|()| Self)
    }

    fn keyspace_id(&self, key: &KeyValue<'_>) -> Option<KeyspaceId> {
        let number = keyspace::unsigned(key)?;
        Some(KeyspaceId::from_slice(&number.to_be_bytes()))
    }
}
