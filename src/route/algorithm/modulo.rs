//! `mod`: an integer key modulo the number of places, never negative.

use super::{Algorithm, AlgorithmError, Setting, only, params};
use crate::topology::KeyType;
use crate::value::KeyValue;

/// Key -1 on 4 shards lies on shard 3.
#[derive(Debug)]
pub struct Modulo {
    places: usize,
}

impl Modulo {
    const NAME: &'static str = "mod";

    /// Takes no parameters, and integer keys only.
    ///
    /// # Errors
    /// A parameter was given, or the key is no integer.
    pub fn build(setting: Setting<'_>) -> Result<Box<dyn Algorithm>, AlgorithmError> {
        params::only(Self::NAME, setting.params, &[])?;
        if !matches!(setting.key_type(Self::NAME)?, KeyType::Integer { .. }) {
            return Err(AlgorithmError::KeyType {
                algorithm: Self::NAME,
                needs: "an integer key",
            });
        }
        Ok(Box::new(Self {
            places: setting.places,
        }))
    }
}

impl Algorithm for Modulo {
    fn place(&self, key: &[KeyValue<'_>]) -> Result<usize, AlgorithmError> {
        match only(Self::NAME, key)? {
            KeyValue::Int(value) => Ok(self.position(*value)),
            _ => Err(AlgorithmError::NoPlace {
                algorithm: Self::NAME,
            }),
        }
    }
}

impl Modulo {
    /// 128-bit division is slow; almost every key fits 64 bits.
    fn position(&self, value: i128) -> usize {
        match u64::try_from(value) {
            Ok(value) => (value % self.places as u64) as usize,
            Err(_) => value.rem_euclid(self.places as i128) as usize,
        }
    }
}
