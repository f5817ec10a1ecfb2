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
        let (first, stride, count) = self.digest.slot_place(slot);
        let literals = &self.digest.literals;
        let last = first + stride * (count - 1);
        if last >= literals.len() {
            return Err(RouteError::ForeignPlan);
        }
        let rows = literals.get(first..=last).unwrap_or_default();
        Ok(rows.iter().step_by(stride))
    }
}
