//! How much a merge holds.

use super::error::{MergeError, Result};
use super::spec::Budget;

/// What a row or value takes beside its own bytes: hash table, vectors, counts.
const OVERHEAD: usize = 96;

/// Counts what is held against a [`Budget`].
#[derive(Clone, Copy, Debug)]
pub struct Meter {
    budget: Budget,
    rows: usize,
    bytes: usize,
}

impl Meter {
    /// Nothing is held.
    pub fn new(budget: Budget) -> Self {
        Self {
            budget,
            rows: 0,
            bytes: 0,
        }
    }

    /// One more row or value, of so many bytes.
    ///
    /// # Errors
    /// That is more than the budget.
    pub fn hold(&mut self, bytes: usize) -> Result<()> {
        self.rows += 1;
        self.exchange(0, bytes + OVERHEAD)?;
        match self.rows <= self.budget.rows {
            true => Ok(()),
            false => Err(MergeError::Budget {
                limit: self.budget.rows,
                unit: "rows",
            }),
        }
    }

    /// Bytes in the place of others.
    ///
    /// # Errors
    /// That is more than the budget.
    pub fn exchange(&mut self, before: usize, after: usize) -> Result<()> {
        self.bytes = self.bytes.saturating_sub(before).saturating_add(after);
        match self.bytes <= self.budget.bytes {
            true => Ok(()),
            false => Err(MergeError::Budget {
                limit: self.budget.bytes,
                unit: "bytes",
            }),
        }
    }

    /// Nothing is held any more.
    pub fn clear(&mut self) {
        self.rows = 0;
        self.bytes = 0;
    }
}
