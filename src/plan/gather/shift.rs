//! What is planned of a part of a statement, in the tokens and slots of the whole.

use super::{Filter, Gather, RowsOf};
use crate::plan::{Edit, Replacement};

/// How far the part is behind the whole's beginning.
#[derive(Clone, Copy, Debug)]
pub struct Shift {
    /// In tokens.
    pub tokens: u32,
    /// In slots of literals.
    pub slots: u32,
}

impl Gather {
    /// The same in the whole's tokens and slots.
    pub fn shifted(mut self, by: Shift) -> Self {
        for table in &mut self.tables {
            if let RowsOf::Sharded { condition, .. } = &mut table.rows {
                condition.each_slot(&mut |slot| slot.0 += by.slots);
            }
            for filter in &mut table.filters {
                by.filter(filter);
            }
            for hint in &mut table.index_hints {
                by.range(hint);
            }
        }
        by.edits(&mut self.edits);
        self
    }
}

impl Shift {
    fn filter(self, filter: &mut Filter) {
        for range in std::iter::once(&mut filter.tokens).chain(&mut filter.without) {
            self.range(range);
        }
    }

    fn range(self, range: &mut std::ops::Range<usize>) {
        *range = range.start + self.tokens as usize..range.end + self.tokens as usize;
    }

    fn edits(self, edits: &mut [Edit]) {
        for edit in edits {
            edit.token += self.tokens;
            match &mut edit.with {
                Replacement::ItemName { first } => *first += self.tokens,
                Replacement::CteCopies(copies) => {
                    for copy in copies {
                        copy.tokens =
                            copy.tokens.start + self.tokens..copy.tokens.end + self.tokens;
                        self.edits(&mut copy.edits);
                    }
                }
                _ => {}
            }
        }
    }
}
