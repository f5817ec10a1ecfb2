//! Ranges of keys, as the algorithms that keep order look at them.
//!
//! A value without a place cannot have been stored, so no place is kept for it.

use std::ops::Bound;

use smallvec::SmallVec;

use super::super::NodeSet;
use super::calendar::Moment;
use crate::value::{KeyRange, KeyValue};

/// The smallest and the largest integer of a range; `None` if it is one of other keys.
pub(super) fn integers(range: &KeyRange<'_>) -> Option<(i128, i128)> {
    let lower = match &range.lower {
        Bound::Included(KeyValue::Int(value)) => *value,
        Bound::Excluded(KeyValue::Int(value)) => value.saturating_add(1),
        Bound::Unbounded => i128::MIN,
        _ => return None,
    };
    let upper = match &range.upper {
        Bound::Included(KeyValue::Int(value)) => *value,
        Bound::Excluded(KeyValue::Int(value)) => value.saturating_sub(1),
        Bound::Unbounded => i128::MAX,
        _ => return None,
    };
    let bounded = lower != i128::MIN || upper != i128::MAX;
    bounded.then_some((lower, upper))
}

/// The moments between which a range lies, both perhaps in it; `None` inside where it has no end,
/// and as a whole if an end is on no calendar.
pub(super) fn moments(range: &KeyRange<'_>) -> Option<(Option<Moment>, Option<Moment>)> {
    let end = |bound: &Bound<KeyValue<'_>>| match bound {
        Bound::Included(key) | Bound::Excluded(key) => Moment::of(key).map(Some),
        Bound::Unbounded => Some(None),
    };
    Some((end(&range.lower)?, end(&range.upper)?))
}

/// These positions.
pub(super) fn set(positions: impl IntoIterator<Item = usize>) -> NodeSet {
    let mut all: SmallVec<[usize; 8]> = positions.into_iter().collect();
    all.sort_unstable();
    all.dedup();
    NodeSet::from_sorted(all)
}
