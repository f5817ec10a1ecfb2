//! `mycat_mod_long`: the absolute value modulo `count` (`PartitionByMod`).
//!
//! Key -1 of 4 lies on 1, not on 3. A text that is no integer is placed by its Java hash.

use super::super::arguments::Arguments;
use super::super::java::{self, BigInteger};
use super::super::spelling::{Case, Spelling};
use super::super::{Algorithm, AlgorithmError, Setting};
use super::text;
use crate::value::KeyValue;

pub(super) const NAME: &str = "mycat_mod_long";

#[derive(Debug)]
struct ModLong {
    count: u64,
    spelling: Spelling,
}

/// Takes `count`; without it, the number of shards.
pub(super) fn build(setting: Setting<'_>) -> Result<Box<dyn Algorithm>, AlgorithmError> {
    let arguments = Arguments::new(NAME, setting.params, &["count"])?;
    let count = arguments.count("count", setting.places)?;
    Ok(Box::new(ModLong {
        count: count as u64,
        spelling: Spelling::of(NAME, &setting, Case::Matters)?,
    }))
}

impl Algorithm for ModLong {
    fn place(&self, key: &[KeyValue<'_>]) -> Result<usize, AlgorithmError> {
        if let [KeyValue::Int(value)] = key {
            return Ok((value.unsigned_abs() % u128::from(self.count)) as usize);
        }
        let text = text::of(NAME, self.spelling, key)?;
        let place = match BigInteger::read(&text) {
            BigInteger::Number { digits, .. } => java::remainder(digits, self.count),
            BigInteger::NotOne => u64::from(java::string_hash(&text).unsigned_abs()) % self.count,
            BigInteger::Unsure => return Err(AlgorithmError::NoPlace { algorithm: NAME }),
        };
        Ok(place as usize)
    }
}
