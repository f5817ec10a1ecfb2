//! Slot → the literals that stand there.

use super::RouteError;
use super::key::LiteralContext;
use crate::parse::{Digest, Literal, Slot};

/// A statement whose literals can be read.
#[derive(Clone, Copy, Debug)]
pub struct Literals<'a> {
    /// Where they stand.
    pub digest: &'a Digest,
    /// The statement's bytes.
    pub text: &'a [u8],
    /// How the session reads them.
    pub context: LiteralContext,
}

impl<'a> Literals<'a> {
    /// The literals of a slot: one, or one per row of a folded group.
    ///
    /// # Errors
    /// The statement has no such slot: the plan is of another statement.
    pub fn of(&self, slot: Slot) -> Result<impl Iterator<Item = &'a Literal>, RouteError> {
        let (first, stride, count) = self.place(slot);
        let literals = &self.digest.literals;
        let last = first + stride * (count - 1);
        if last >= literals.len() {
            return Err(RouteError::ForeignPlan);
        }
        let rows = literals.get(first..=last).unwrap_or_default();
        Ok(rows.iter().step_by(stride))
    }

    /// Index of the slot's first literal, the step to the next row's, and the number of rows.
    fn place(&self, slot: Slot) -> (usize, usize, usize) {
        let slot = slot.0 as usize;
        // What the groups before the slot hold beyond their first row.
        let mut folded = 0;
        for group in &self.digest.groups {
            let (first, columns) = (group.first_slot as usize, group.columns.max(1) as usize);
            let rows = group.rows.max(1) as usize;
            if slot < first {
                break;
            }
            if slot < first + columns {
                return (slot + folded, columns, rows);
            }
            folded += (rows - 1) * columns;
        }
        (slot + folded, 1, 1)
    }
}
