//! Sets of data nodes (or of places, for an algorithm), as positions in a list.

use smallvec::SmallVec;

/// A set of positions. The common cases hold no memory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NodeSet {
    /// None.
    Empty,
    /// One.
    One(usize),
    /// Several, ascending.
    Some(SmallVec<[usize; 8]>),
    /// Every one.
    All,
}

impl NodeSet {
    /// What both hold.
    pub fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::All, set) | (set, Self::All) => set,
            (Self::Empty, _) | (_, Self::Empty) => Self::Empty,
            (Self::One(a), set) | (set, Self::One(a)) if set.contains(a) => Self::One(a),
            (Self::Some(a), Self::Some(b)) => {
                Self::from_sorted(a.into_iter().filter(|at| b.contains(at)).collect())
            }
            _ => Self::Empty,
        }
    }

    /// What either holds.
    pub fn or(self, other: Self) -> Self {
        match (self, other) {
            (Self::All, _) | (_, Self::All) => Self::All,
            (Self::Empty, set) | (set, Self::Empty) => set,
            (a, b) => {
                let mut all: SmallVec<[usize; 8]> = a.positions().chain(b.positions()).collect();
                all.sort_unstable();
                all.dedup();
                Self::from_sorted(all)
            }
        }
    }

    /// Adds one position.
    pub fn insert(&mut self, at: usize) {
        match self {
            Self::Empty => *self = Self::One(at),
            Self::All => {}
            Self::One(only) if *only == at => {}
            Self::One(only) => {
                let (low, high) = (at.min(*only), at.max(*only));
                *self = Self::Some(SmallVec::from_slice(&[low, high]));
            }
            Self::Some(all) => {
                if let Err(place) = all.binary_search(&at) {
                    all.insert(place, at);
                }
            }
        }
    }

    /// Whether the position is in it.
    pub fn contains(&self, at: usize) -> bool {
        matches!(self, Self::All) || self.positions().any(|p| p == at)
    }

    /// Whether all of so many positions are in it.
    pub fn covers(&self, count: usize) -> bool {
        match self {
            Self::Empty => count == 0,
            Self::One(_) => false,
            Self::Some(all) => all.len() == count,
            Self::All => true,
        }
    }

    /// The positions of a set that is not [`NodeSet::All`].
    pub(super) fn positions(&self) -> impl Iterator<Item = usize> {
        let slice = match self {
            Self::Empty | Self::All => &[][..],
            Self::One(at) => std::slice::from_ref(at),
            Self::Some(all) => all,
        };
        slice.iter().copied()
    }

    /// From positions that ascend.
    pub fn from_sorted(all: SmallVec<[usize; 8]>) -> Self {
        match all.as_slice() {
            [] => Self::Empty,
            [at] => Self::One(*at),
            _ => Self::Some(all),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn set(mask: u16) -> NodeSet {
        if mask == u16::MAX {
            return NodeSet::All;
        }
        let mut set = NodeSet::Empty;
        (0..16)
            .filter(|at| mask >> at & 1 == 1)
            .for_each(|at| set.insert(at));
        set
    }

    proptest! {
        #[test]
        fn sets_obey_the_algebra_of_bit_masks(a: u16, b: u16) {
            prop_assume!((a | b) != u16::MAX || a == u16::MAX || b == u16::MAX);
            prop_assert_eq!(set(a).and(set(b)), set(a & b));
            prop_assert_eq!(set(a).or(set(b)), set(a | b));
        }
    }
}
