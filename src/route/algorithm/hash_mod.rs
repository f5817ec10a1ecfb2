//! `hash_mod`: xxh64 of the canonical value, modulo the number of shards.
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

use xxhash_rust::xxh64::xxh64;

use super::{Algorithm, AlgorithmError, Setting, params};
use crate::value::{CalendarDate, KeyValue};

/// Spreads any key type evenly; changing the number of shards moves almost every key.
#[derive(Debug)]
pub struct HashMod {
    shards: usize,
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
            shards: setting.shards,
        }))
    }
}

impl Algorithm for HashMod {
    fn shard(&self, key: &KeyValue<'_>) -> Result<usize, AlgorithmError> {
        Ok((hash(key) % self.shards as u64) as usize)
    }
}

fn hash(key: &KeyValue<'_>) -> u64 {
    match key {
        KeyValue::Int(value) => xxh64(&(*value as u64).to_le_bytes(), 0),
        KeyValue::Decimal { unscaled, scale } => {
            let mut bytes = [0; 17];
            bytes[..16].copy_from_slice(&unscaled.to_le_bytes());
            bytes[16] = *scale;
            xxh64(&bytes, 0)
        }
        KeyValue::Bytes(bytes) => xxh64(bytes, 0),
        KeyValue::Date(date) => xxh64(&date_bytes(*date), 0),
        KeyValue::DateTime { date, micros } => {
            let mut bytes = [0; 12];
            bytes[..4].copy_from_slice(&date_bytes(*date));
            bytes[4..].copy_from_slice(&micros.to_le_bytes());
            xxh64(&bytes, 0)
        }
    }
}

fn date_bytes(date: CalendarDate) -> [u8; 4] {
    let [low, high] = date.year.to_le_bytes();
    [low, high, date.month, date.day]
}
