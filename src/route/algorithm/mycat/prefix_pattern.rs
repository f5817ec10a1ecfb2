//! `mycat_partition_by_prefix_pattern`: the sum of the first characters picks a range
//! (`PartitionByPrefixPattern`).

use super::super::arguments::Arguments;
use super::super::spelling::{Case, Spelling};
use super::super::{Algorithm, AlgorithmError, Setting};
use super::map::{self, Numbers, Range};
use super::{pattern, text};
use crate::value::KeyValue;

pub(super) const NAME: &str = "mycat_partition_by_prefix_pattern";

#[derive(Debug)]
struct ByPrefixPattern {
    pattern_value: i64,
    prefix_length: usize,
    ranges: Vec<Range>,
    spelling: Spelling,
}

/// Takes `pattern_value` (1024), `prefix_length` (in UTF-16 units) and `map` (the text of Mycat's
/// map file).
pub(super) fn build(setting: Setting<'_>) -> Result<Box<dyn Algorithm>, AlgorithmError> {
    let known = ["pattern_value", "prefix_length", "map"];
    let arguments = Arguments::new(NAME, setting.params, &known)?;
    let length = arguments.needed("prefix_length", arguments.whole("prefix_length")?)?;
    let length = usize::try_from(length)
        .map_err(|_| arguments.refused("prefix_length", "must be 0 or more"))?;
    Ok(Box::new(ByPrefixPattern {
        pattern_value: pattern::pattern_value(&arguments)?,
        prefix_length: length,
        ranges: map::ranges(&arguments, &setting, Numbers::Short)?,
        spelling: Spelling::of(NAME, &setting, Case::Matters)?,
    }))
}

impl Algorithm for ByPrefixPattern {
    fn place(&self, key: &[KeyValue<'_>]) -> Result<usize, AlgorithmError> {
        let text = text::of(NAME, self.spelling, key)?;
        let units = text.encode_utf16().take(self.prefix_length);
        let sum: i64 = units.map(i64::from).sum();
        map::find(&self.ranges, sum % self.pattern_value)
            .ok_or(AlgorithmError::NoPlace { algorithm: NAME })
    }
}
