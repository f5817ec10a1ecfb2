//! `mycat_rang_long`: ranges of numbers (`AutoPartitionByLong`).

use super::super::super::NodeSet;
use super::super::arguments::Arguments;
use super::super::spelling::{Case, Spelling};
use super::super::{Algorithm, AlgorithmError, Setting, span};
use super::map::{self, Numbers, Range};
use super::text;
use crate::value::{KeyRange, KeyValue};

pub(super) const NAME: &str = "mycat_rang_long";

#[derive(Debug)]
struct RangeLong {
    ranges: Vec<Range>,
    default_node: Option<usize>,
    spelling: Spelling,
}

/// Takes `map` (the text of Mycat's map file) and `default_node`.
pub(super) fn build(setting: Setting<'_>) -> Result<Box<dyn Algorithm>, AlgorithmError> {
    let arguments = Arguments::new(NAME, setting.params, &["map", "default_node"])?;
    Ok(Box::new(RangeLong {
        ranges: map::ranges(&arguments, &setting, Numbers::Short)?,
        default_node: map::default_node(&arguments, &setting)?,
        spelling: Spelling::of(NAME, &setting, Case::Ignored)?,
    }))
}

impl Algorithm for RangeLong {
    fn place(&self, key: &[KeyValue<'_>]) -> Result<usize, AlgorithmError> {
        let value = match key {
            [KeyValue::Int(value)] => i64::try_from(*value).ok(),
            _ => text::of(NAME, self.spelling, key)?.parse().ok(),
        };
        value
            .and_then(|value| map::find(&self.ranges, value).or(self.default_node))
            .ok_or(AlgorithmError::NoPlace { algorithm: NAME })
    }

    fn places_in(&self, range: &KeyRange<'_>) -> NodeSet {
        let Some((lower, upper)) = span::integers(range) else {
            return NodeSet::All;
        };
        let meets = |r: &&Range| i128::from(r.first) <= upper && i128::from(r.last) >= lower;
        let places = self.ranges.iter().filter(meets).map(|range| range.place);
        span::set(places.chain(self.default_node))
    }
}
