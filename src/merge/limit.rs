//! LIMIT and OFFSET of the whole.

use super::spec::Limit;

/// What is left of a LIMIT.
#[derive(Clone, Copy, Debug)]
pub struct Window {
    skip: u64,
    /// `None`: any number.
    left: Option<u64>,
}

impl Window {
    /// A LIMIT of which nothing is used up.
    pub fn new(limit: Option<Limit>) -> Self {
        Self {
            skip: limit.map_or(0, |limit| limit.offset),
            left: limit.map(|limit| limit.count),
        }
    }

    /// No row is wanted any more.
    pub fn is_over(&self) -> bool {
        self.left == Some(0)
    }

    /// Whether the next row is given; counts it.
    pub fn admits(&mut self) -> bool {
        if self.skip > 0 {
            self.skip -= 1;
            return false;
        }
        match &mut self.left {
            None => true,
            Some(0) => false,
            Some(left) => {
                *left -= 1;
                true
            }
        }
    }
}
