//! `vitess_unicode_loose_md5`: MD5 of the loose weights ([`super::loose`]).

use super::super::spelling::{Case, Spelling};
use super::super::{AlgorithmError, Setting};
use super::binary_md5::md5;
use super::keyspace::{KeyspaceId, Vindex};
use super::loose;
use crate::value::KeyValue;

#[derive(Debug)]
pub(super) struct UnicodeLooseMd5(Spelling);

impl Vindex for UnicodeLooseMd5 {
    const NAME: &'static str = "vitess_unicode_loose_md5";

    fn new(setting: &Setting<'_>) -> Result<Self, AlgorithmError> {
        Spelling::of(Self::NAME, setting, Case::Ignored).map(Self)
    }

    fn keyspace_id(&self, key: &KeyValue<'_>) -> Option<KeyspaceId> {
        Some(KeyspaceId::from_slice(&md5(&loose::weights(
            &self.0.bytes(key)?,
        )?)))
    }
}
