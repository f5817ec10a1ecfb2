//! `hash_mod`: xxh64 of the canonical value, modulo the number of places.
//!
//! The byte form that is hashed, with seed 0, fixed forever:
//!
//! | value | bytes |
//! |---|---|
//! | integer | 8 bytes little endian, two's complement (unsigned values as they are) |
//! | decimal | the digits as a 16-byte little-endian two's complement integer, then one byte: the scale |
//! | string | its canonical bytes |
//! | date | year as 2 bytes little endian, month, day |
//! | datetime | the date, then microseconds since midnight as 8 bytes little endian |

//!
//! A key of several columns is the values' byte forms, each behind its length as 4 bytes little
//! endian.

use xxhash_rust::xxh64::{Xxh64, xxh64};

use super::{Algorithm, AlgorithmError, Setting, params};
use crate::value::{CalendarDate, KeyValue};

/// Spreads any key type evenly; changing the number of places moves almost every key.
#[derive(Debug)]
pub struct HashMod {
    places: usize,
}

impl HashMod {
    const NAME: &'static str = "hash_mod";

    /// Takes no parameters.
    ///
    /// # Errors
    /// A parameter was given.
    pub fn build(setting: Setting<'_>) -> Result<Box<dyn Algorithm>, AlgorithmError> {
        params::only(Self::NAME, setting.params, &[])?;
        Ok(Box::new(Self {
            places: setting.places,
        }))
    }
}

impl Algorithm for HashMod {
    fn place(&self, key: &[KeyValue<'_>]) -> Result<usize, AlgorithmError> {
        Ok((hash(key) % self.places as u64) as usize)
    }
}

/// The hash of a key; never changes.
pub(super) fn hash(key: &[KeyValue<'_>]) -> u64 {
    if let [only] = key {
        return with_bytes(only, |bytes| xxh64(bytes, 0));
    }
    let mut hasher = Xxh64::new(0);
    for value in key {
        with_bytes(value, |bytes| {
            hasher.update(&(bytes.len() as u32).to_le_bytes());
            hasher.update(bytes);
        });
    }
    hasher.digest()
}

/// Hands the byte form of a value over.
fn with_bytes<T>(value: &KeyValue<'_>, with: impl FnOnce(&[u8]) -> T) -> T {
    match value {
        KeyValue::Int(value) => with(&(*value as u64).to_le_bytes()),
        KeyValue::Decimal { unscaled, scale } => {
            let mut bytes = [0; 17];
            bytes[..16].copy_from_slice(&unscaled.to_le_bytes());
            bytes[16] = *scale;
            with(&bytes)
        }
        KeyValue::Bytes(bytes) => with(bytes),
        KeyValue::Date(date) => with(&date_bytes(*date)),
        KeyValue::DateTime { date, micros } => {
            let mut bytes = [0; 12];
            bytes[..4].copy_from_slice(&date_bytes(*date));
            bytes[4..].copy_from_slice(&micros.to_le_bytes());
            with(&bytes)
        }
    }
}

fn date_bytes(date: CalendarDate) -> [u8; 4] {
    let [low, high] = date.year.to_le_bytes();
    [low, high, date.month, date.day]
}
