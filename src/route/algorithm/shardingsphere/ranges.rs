//! Consecutive ranges of numbers: the part that `VOLUME_RANGE` and `BOUNDARY_RANGE` share.

use super::super::super::NodeSet;
use super::super::spelling::Spelling;
use super::super::{Algorithm, AlgorithmError, only, span};
use crate::value::{KeyRange, KeyValue};

/// Places by where the ranges begin: the first has no beginning.
#[derive(Debug)]
pub(super) struct Ranges {
    pub(super) algorithm: &'static str,
    /// Ascending; the place of a number is how many of them it is not below.
    pub(super) bounds: Vec<i64>,
    pub(super) spelling: Spelling,
}

impl Algorithm for Ranges {
    fn place(&self, key: &[KeyValue<'_>]) -> Result<usize, AlgorithmError> {
        let number = match only(self.algorithm, key)? {
            KeyValue::Int(value) => i64::try_from(*value).ok(),
            key => self.spelling.text(key).and_then(|text| text.parse().ok()),
        };
        let no_place = AlgorithmError::NoPlace {
            algorithm: self.algorithm,
        };
        Ok(self.position(i128::from(number.ok_or(no_place)?)))
    }

    fn places_in(&self, range: &KeyRange<'_>) -> NodeSet {
        match span::integers(range) {
            Some((lower, upper)) => span::set(self.position(lower)..=self.position(upper)),
            None => NodeSet::All,
        }
    }
}

impl Ranges {
    fn position(&self, number: i128) -> usize {
        self.bounds
            .partition_point(|bound| i128::from(*bound) <= number)
    }
}
