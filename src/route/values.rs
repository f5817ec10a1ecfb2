//! Sets of values of one key column.

use std::collections::HashSet;
use std::ops::Bound;

use smallvec::SmallVec;

use super::key::Bounds;
use crate::value::{KeyRange, KeyValue};

/// Values that a key column may have. Never too few.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Values<'a> {
    /// Any.
    Any,
    /// These; none at all means that nothing matches.
    Points(Points<'a>),
    /// Those of a range.
    Range(KeyRange<'a>),
}

/// Single values.
pub(super) type Points<'a> = SmallVec<[KeyValue<'a>; 2]>;

/// Lists longer than this are intersected by hashing.
const SHORT: usize = 16;

impl<'a> Values<'a> {
    pub(super) fn none() -> Self {
        Self::Points(Points::new())
    }

    pub(super) fn is_none(&self) -> bool {
        matches!(self, Self::Points(points) if points.is_empty())
    }

    /// What both hold.
    pub(super) fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Any, set) | (set, Self::Any) => set,
            (Self::Points(mut a), Self::Points(b)) => {
                if a.len() > SHORT && b.len() > SHORT {
                    let b: HashSet<KeyValue<'a>> = b.into_iter().collect();
                    a.retain(|value| b.contains(value));
                } else {
                    a.retain(|value| b.contains(value));
                }
                Self::Points(a)
            }
            (Self::Points(mut points), Self::Range(range))
            | (Self::Range(range), Self::Points(mut points)) => {
                points.retain(|value| holds(&range, value));
                Self::Points(points)
            }
            (Self::Range(a), Self::Range(b)) => {
                let range = KeyRange {
                    lower: tighter(a.lower, b.lower, |a, b| a > b),
                    upper: tighter(a.upper, b.upper, |a, b| a < b),
                };
                if is_empty(&range) {
                    Self::none()
                } else {
                    Self::Range(range)
                }
            }
        }
    }

    /// What either holds, and what is between them where that is no list.
    pub(super) fn or(self, other: Self) -> Self {
        match (self, other) {
            (Self::Any, _) | (_, Self::Any) => Self::Any,
            (none, set) | (set, none) if none.is_none() => set,
            (Self::Points(mut a), Self::Points(b)) => {
                a.extend(b);
                Self::Points(a)
            }
            (a, b) => match (a.hull(), b.hull()) {
                (Some(a), Some(b)) => Self::Range(KeyRange {
                    lower: wider(a.lower, b.lower, |a, b| a < b),
                    upper: wider(a.upper, b.upper, |a, b| a > b),
                }),
                _ => Self::Any,
            },
        }
    }

    /// The range from the lowest to the highest of them.
    fn hull(self) -> Option<KeyRange<'a>> {
        match self {
            Self::Any => None,
            Self::Range(range) => Some(range),
            Self::Points(points) => {
                let low = points.iter().min()?.clone();
                let high = points.into_iter().max()?;
                Some(KeyRange {
                    lower: Bound::Included(low),
                    upper: Bound::Included(high),
                })
            }
        }
    }

    /// The single values, if they are no more than `most`: of a range only integers are.
    pub(super) fn points(&self, most: usize) -> Option<Points<'a>> {
        match self {
            Self::Any => None,
            Self::Points(points) => (points.len() <= most).then(|| points.clone()),
            Self::Range(range) => integers(range, most),
        }
    }
}

impl<'a> From<Bounds<'a>> for Values<'a> {
    fn from(bounds: Bounds<'a>) -> Self {
        match bounds {
            Bounds::Range(range) if is_empty(&range) => Self::none(),
            Bounds::Range(range) => Self::Range(range),
            Bounds::Never => Self::none(),
            Bounds::Unsure => Self::Any,
        }
    }
}

/// The integers of a range, if they are no more than `most`.
pub(super) fn integers<'a>(range: &KeyRange<'_>, most: usize) -> Option<Points<'a>> {
    let (Bound::Included(KeyValue::Int(low)), Bound::Included(KeyValue::Int(high))) =
        (&range.lower, &range.upper)
    else {
        return None;
    };
    let count = high.checked_sub(*low)?.checked_add(1)?;
    (count <= most as i128).then(|| (*low..=*high).map(KeyValue::Int).collect())
}

fn holds(range: &KeyRange<'_>, value: &KeyValue<'_>) -> bool {
    let above = match &range.lower {
        Bound::Included(low) => value >= low,
        Bound::Excluded(low) => value > low,
        Bound::Unbounded => true,
    };
    above
        && match &range.upper {
            Bound::Included(high) => value <= high,
            Bound::Excluded(high) => value < high,
            Bound::Unbounded => true,
        }
}

fn is_empty(range: &KeyRange<'_>) -> bool {
    match (&range.lower, &range.upper) {
        (Bound::Unbounded, _) | (_, Bound::Unbounded) => false,
        (Bound::Included(low), Bound::Included(high)) => low > high,
        (
            Bound::Included(low) | Bound::Excluded(low),
            Bound::Included(high) | Bound::Excluded(high),
        ) => low >= high,
    }
}

type IsFirst = fn(&KeyValue<'_>, &KeyValue<'_>) -> bool;

/// The bound that leaves less; `inner` says whether its first value does.
fn tighter<'a>(
    a: Bound<KeyValue<'a>>,
    b: Bound<KeyValue<'a>>,
    inner: IsFirst,
) -> Bound<KeyValue<'a>> {
    match (&a, &b) {
        (Bound::Unbounded, _) => b,
        (_, Bound::Unbounded) => a,
        (Bound::Included(x) | Bound::Excluded(x), Bound::Included(y) | Bound::Excluded(y)) => {
            let a_excludes = x == y && matches!(a, Bound::Excluded(_));
            if inner(x, y) || a_excludes { a } else { b }
        }
    }
}

/// The bound that leaves more; `outer` says whether its first value does.
fn wider<'a>(
    a: Bound<KeyValue<'a>>,
    b: Bound<KeyValue<'a>>,
    outer: IsFirst,
) -> Bound<KeyValue<'a>> {
    match (&a, &b) {
        (Bound::Unbounded, _) | (_, Bound::Unbounded) => Bound::Unbounded,
        (Bound::Included(x) | Bound::Excluded(x), Bound::Included(y) | Bound::Excluded(y)) => {
            let a_includes = x == y && matches!(a, Bound::Included(_));
            if outer(x, y) || a_includes { a } else { b }
        }
    }
}

#[cfg(test)]
mod tests;
