//! `mycat_partition_by_pattern`: a number's remainder picks a range (`PartitionByPattern`).

use super::super::arguments::Arguments;
use super::super::spelling::{Case, Spelling};
use super::super::{Algorithm, AlgorithmError, Setting};
use super::map::{self, Numbers, Range};
use super::text;
use crate::value::KeyValue;

pub(super) const NAME: &str = "mycat_partition_by_pattern";

/// As in Mycat, if the parameter is not given.
pub(super) const DEFAULT_PATTERN_VALUE: i64 = 1024;

#[derive(Debug)]
struct ByPattern {
    pattern_value: i64,
    default_node: usize,
    ranges: Vec<Range>,
    spelling: Spelling,
}

/// Takes `pattern_value` (1024), `default_node` (0, for what is not all digits) and `map` (the text
/// of Mycat's map file).
pub(super) fn build(setting: Setting<'_>) -> Result<Box<dyn Algorithm>, AlgorithmError> {
    let known = ["pattern_value", "default_node", "map"];
    let arguments = Arguments::new(NAME, setting.params, &known)?;
    let default_node = arguments.whole("default_node")?.unwrap_or(0);
    Ok(Box::new(ByPattern {
        pattern_value: pattern_value(&arguments)?,
        default_node: arguments.place("default_node", default_node, setting.places)?,
        ranges: map::ranges(&arguments, &setting, Numbers::Plain)?,
        spelling: Spelling::of(NAME, &setting, Case::Ignored)?,
    }))
}

/// The divisor.
pub(super) fn pattern_value(arguments: &Arguments<'_>) -> Result<i64, AlgorithmError> {
    let value = arguments
        .whole("pattern_value")?
        .unwrap_or(DEFAULT_PATTERN_VALUE);
    if value < 1 {
        return Err(arguments.refused("pattern_value", "must be 1 or more"));
    }
    Ok(value)
}

impl Algorithm for ByPattern {
    fn place(&self, key: &[KeyValue<'_>]) -> Result<usize, AlgorithmError> {
        let text = text::of(NAME, self.spelling, key)?;
        if !text.bytes().all(|b| b.is_ascii_digit()) {
            return Ok(self.default_node);
        }
        let value = text.parse::<i64>().ok();
        value
            .and_then(|value| map::find(&self.ranges, value % self.pattern_value))
            .ok_or(AlgorithmError::NoPlace { algorithm: NAME })
    }
}
