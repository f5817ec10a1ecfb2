//! `vitess_binary_md5`: MD5 of the bytes.

use md5::{Digest, Md5};

use super::super::spelling::{Case, Spelling};
use super::super::{AlgorithmError, Setting};
use super::keyspace::{KeyspaceId, Vindex};
use crate::value::KeyValue;

#[derive(Debug)]
pub(super) struct BinaryMd5(Spelling);

impl Vindex for BinaryMd5 {
    const NAME: &'static str = "vitess_binary_md5";

    fn new(setting: &Setting<'_>) -> Result<Self, AlgorithmError> {
        Spelling::of(Self::NAME, setting, Case::Matters).map(Self)
    }

    fn keyspace_id(&self, key: &KeyValue<'_>) -> Option<KeyspaceId> {
        Some(KeyspaceId::from_slice(&md5(&self.0.bytes(key)?)))
    }
}

pub(super) fn md5(bytes: &[u8]) -> [u8; 16] {
    Md5::digest(bytes).into()
}
