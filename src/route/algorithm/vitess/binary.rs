//! `vitess_binary`: the bytes themselves.

use super::super::spelling::{Case, Spelling};
use super::super::{AlgorithmError, Setting};
use super::keyspace::{KeyspaceId, Vindex};
use crate::value::KeyValue;

#[derive(Debug)]
pub(super) struct Binary(Spelling);

impl Vindex for Binary {
    const NAME: &'static str = "vitess_binary";

    fn new(setting: &Setting<'_>) -> Result<Self, AlgorithmError> {
        Spelling::of(Self::NAME, setting, Case::Matters).map(Self)
    }

    fn keyspace_id(&self, key: &KeyValue<'_>) -> Option<KeyspaceId> {
        Some(KeyspaceId::from_slice(&self.0.bytes(key)?))
    }
}
