//! `vitess_hash`: DES with a key of zeros encrypts the 64 bits of an integer.
//!
//! Vitess speaks of 3DES; with three equal keys that is DES.

use des::Des;
use des::cipher::{Array, BlockCipherEncrypt, KeyInit};

use super::super::{AlgorithmError, Setting};
use super::keyspace::{self, KeyspaceId, Vindex};
use crate::value::KeyValue;

#[derive(Debug)]
pub(super) struct Hash {
    cipher: Des,
}

impl Vindex for Hash {
    const NAME: &'static str = "vitess_hash";

    fn new(setting: &Setting<'_>) -> Result<Self, AlgorithmError> {
        keyspace::integer_key(Self::NAME, setting)?;
        let cipher = Des::new(&Array::from([0; 8]));
        Ok(Self { cipher })
    }

    fn keyspace_id(&self, key: &KeyValue<'_>) -> Option<KeyspaceId> {
        let KeyValue::Int(value) = key else {
            return None;
        };
        let mut block = Array::from((*value as u64).to_be_bytes());
        self.cipher.encrypt_block(&mut block);
        Some(KeyspaceId::from_slice(&block))
    }
}
