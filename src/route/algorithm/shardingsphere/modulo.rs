//! `shardingsphere_mod`: the number, or a part of its digits, modulo `sharding_count` (`MOD`).

use super::super::arguments::Arguments;
use super::super::java::{self, BigInteger};
use super::super::spelling::{Case, Spelling};
use super::super::{Algorithm, AlgorithmError, Setting, only};
use crate::topology::KeyType;
use crate::value::KeyValue;

pub(super) const NAME: &str = "shardingsphere_mod";

#[derive(Debug)]
struct Mod {
    count: u64,
    /// How many characters are cut off at the start and at the end.
    cut: (usize, usize),
    /// `None`: a DECIMAL with a scale, whose text is not needed.
    spelling: Option<Spelling>,
}

/// Takes `sharding_count` (without it, the number of shards), `start_offset` and `stop_offset`.
pub(super) fn build(setting: Setting<'_>) -> Result<Box<dyn Algorithm>, AlgorithmError> {
    let known = ["sharding_count", "start_offset", "stop_offset"];
    let arguments = Arguments::new(NAME, setting.params, &known)?;
    let offset = |param| {
        let number = arguments.whole(param)?.unwrap_or(0);
        usize::try_from(number).map_err(|_| arguments.refused(param, "must be 0 or more"))
    };
    let cut = (offset("start_offset")?, offset("stop_offset")?);
    let count = arguments.count("sharding_count", setting.places)? as u64;
    let spelling = match setting.key_type(NAME)? {
        KeyType::Decimal { .. } if cut == (0, 0) => None,
        _ => Some(Spelling::of(NAME, &setting, Case::Ignored)?),
    };
    Ok(Box::new(Mod {
        count,
        cut,
        spelling,
    }))
}

impl Algorithm for Mod {
    fn place(&self, key: &[KeyValue<'_>]) -> Result<usize, AlgorithmError> {
        let place = self.position(only(NAME, key)?);
        place.ok_or(AlgorithmError::NoPlace { algorithm: NAME })
    }
}

impl Mod {
    fn position(&self, key: &KeyValue<'_>) -> Option<usize> {
        if self.cut == (0, 0) {
            match key {
                KeyValue::Int(value) => return Some(self.long(*value)),
                KeyValue::Decimal { unscaled, scale } => {
                    let unit = 10i128.checked_pow(u32::from(*scale))?;
                    return Some(self.long(unscaled / unit));
                }
                _ => {}
            }
        }
        let text = self.spelling?.text(key)?;
        // Characters are one byte, one UTF-16 unit each: what is not ASCII has no place below.
        let (start, stop) = self.cut;
        if !text.is_ascii() {
            return None;
        }
        let part = text.get(start..text.len().checked_sub(stop)?)?;
        let BigInteger::Number { negative, digits } = BigInteger::read(part) else {
            return None;
        };
        let rest = java::remainder(digits, self.count);
        let place = if negative && rest > 0 {
            self.count - rest
        } else {
            rest
        };
        Some(place as usize)
    }

    /// Java's `longValue` keeps the lowest 64 bits.
    fn long(&self, value: i128) -> usize {
        (value as i64).rem_euclid(self.count as i64) as usize
    }
}
