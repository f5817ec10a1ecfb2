//! `mycat_partition_by_long`: the lowest ten bits pick a segment (`PartitionByLong`; `func1` in
//! Mycat's own rule.xml).

use super::super::arguments::Arguments;
use super::super::spelling::{Case, Spelling};
use super::super::{Algorithm, AlgorithmError, Setting};
use super::segments::Segments;
use super::text;
use crate::value::KeyValue;

pub(super) const NAME: &str = "mycat_partition_by_long";

#[derive(Debug)]
struct ByLong {
    segments: Segments,
    /// Whether the upper half counts, too; `None`: not said.
    fold_high_bits: Option<bool>,
    spelling: Spelling,
}

/// Takes `partition_count`, `partition_length`, and `fold_high_bits`: true as in Mycat 1.6.7.4 and
/// later (released in 2020), false as in versions before. They place negative numbers and those
/// above 2^32 differently; without the parameter such keys have no place.
pub(super) fn build(setting: Setting<'_>) -> Result<Box<dyn Algorithm>, AlgorithmError> {
    let known = ["partition_count", "partition_length", "fold_high_bits"];
    let arguments = Arguments::new(NAME, setting.params, &known)?;
    Ok(Box::new(ByLong {
        segments: Segments::read(&arguments, &setting)?,
        fold_high_bits: arguments.flag("fold_high_bits")?,
        spelling: Spelling::of(NAME, &setting, Case::Ignored)?,
    }))
}

impl Algorithm for ByLong {
    fn place(&self, key: &[KeyValue<'_>]) -> Result<usize, AlgorithmError> {
        let value = match key {
            [KeyValue::Int(value)] => i64::try_from(*value).ok(),
            _ => text::of(NAME, self.spelling, key)?.parse().ok(),
        };
        value
            .and_then(|value| self.position(value))
            .ok_or(AlgorithmError::NoPlace { algorithm: NAME })
    }
}

impl ByLong {
    fn position(&self, value: i64) -> Option<usize> {
        let plain = self.segments.place(value);
        let folded = self.segments.place((value as u64 >> 32) as i64 ^ value);
        match self.fold_high_bits {
            Some(true) => folded,
            Some(false) => plain,
            None => plain.filter(|_| plain == folded),
        }
    }
}
