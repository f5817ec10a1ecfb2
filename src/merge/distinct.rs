//! DISTINCT: the first of the rows whose visible values are equal.

use std::cmp::Ordering;
use std::collections::HashSet;

use bytes::Bytes;

use super::budget::Meter;
use super::compare::{Columns, Comparator, Keyed, put_canonical};
use super::error::{MergeError, Result};
use super::row::{Layout, Span};
use super::spec::{Budget, Distinct};

/// Values that were there.
#[derive(Debug)]
pub struct Seen {
    equality: Comparator,
    /// The order of the rows, if equal rows can only stand in one run of it.
    runs: Option<Comparator>,
    /// A row of the run.
    last: Option<Keyed>,
    seen: HashSet<Box<[u8]>>,
    meter: Meter,
    spans: Vec<Span>,
    canonical: Vec<u8>,
}

impl Seen {
    /// # Errors
    /// The columns' types do not allow it.
    pub fn new(distinct: &Distinct, columns: &Columns, budget: Budget) -> Result<Self> {
        let is_key = |column| distinct.keys.iter().any(|key| key.column == column);
        let in_runs = !distinct.order.is_empty()
            && distinct.order.iter().all(|key| is_key(key.operand.column));
        Ok(Self {
            equality: Comparator::grouped(&distinct.keys, columns)?,
            runs: in_runs
                .then(|| Comparator::ordered(&distinct.order, columns))
                .transpose()?,
            last: None,
            seen: HashSet::new(),
            meter: Meter::new(budget),
            spans: Vec::new(),
            canonical: Vec::new(),
        })
    }

    /// Whether the row is new; its keys are those of the order.
    ///
    /// # Errors
    /// The row is malformed, rows do not come in the order that was promised, or what must be held
    /// is beyond the budget.
    pub fn is_new(&mut self, layout: &Layout, row: &Keyed) -> Result<bool> {
        self.enter(row)?;
        let keys = self.equality.keys(layout, &row.row, &mut self.spans)?;
        self.canonical.clear();
        put_canonical(&keys, &row.row, &mut self.canonical);
        if self.seen.contains(self.canonical.as_slice()) {
            return Ok(false);
        }
        self.meter.hold(self.canonical.len())?;
        self.seen.insert(self.canonical.as_slice().into());
        Ok(true)
    }

    /// Forgets all where another run begins.
    fn enter(&mut self, row: &Keyed) -> Result<()> {
        let Some(runs) = &self.runs else {
            return Ok(());
        };
        let order = self.last.as_ref().map(|last| runs.compare(last, row));
        match order {
            Some(Ordering::Equal) => return Ok(()),
            Some(Ordering::Greater) => {
                return Err(MergeError::Unmergeable(
                    "strings that differ beyond max_sort_length",
                ));
            }
            Some(Ordering::Less) | None => {}
        }
        self.seen.clear();
        self.meter.clear();
        self.last = Some(Keyed {
            row: Bytes::clone(&row.row),
            keys: row.keys.clone(),
        });
        Ok(())
    }
}
