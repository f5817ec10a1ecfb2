//! Where the rows of a merged answer go.

use bytes::Bytes;

use super::{Run, ScatterError};
use crate::error::MysqlError;
use crate::merge::{Budget, Meter, RowFormat};

/// Where the rows of a merged answer go.
#[derive(Debug)]
pub enum Sink {
    /// To the client.
    Client,
    /// Nowhere: they are counted by the number that is their only column.
    Tally(Vec<u64>),
    /// They are kept; the client gets nothing.
    Keep(Kept),
}

/// An answer that is kept.
#[derive(Debug)]
pub struct Kept {
    /// The definitions of its columns, as payloads.
    pub columns: Vec<Bytes>,
    /// Its rows as a client would get them: without the columns that are hidden.
    pub rows: Vec<Bytes>,
    /// In which protocol.
    pub format: RowFormat,
    /// Connections are asked one after the other, for they lock what they read.
    pub(super) in_turn: bool,
    meter: Meter,
}

impl Kept {
    /// Nothing yet, and no more than `budget`. `in_turn`: one connection is asked after the other.
    pub fn new(budget: Budget, format: RowFormat, in_turn: bool) -> Self {
        Self {
            columns: Vec::new(),
            rows: Vec::new(),
            format,
            in_turn,
            meter: Meter::new(budget),
        }
    }
}

impl Run<'_, '_> {
    /// The client waits for columns and rows.
    pub(super) fn is_told(&self) -> bool {
        matches!(self.job.sink, Sink::Client)
    }

    /// Puts a row where it belongs.
    pub(super) async fn put(&mut self, row: &Bytes) -> Result<(), ScatterError> {
        let done = match &mut self.job.sink {
            Sink::Client => return self.pass_on(row).await,
            Sink::Tally(tally) => count(row, self.job.format, tally),
            Sink::Keep(kept) => {
                kept.rows.push(row.clone());
                let held = kept.meter.hold(row.len());
                held.map_err(|error| self.unmerged(&error))?;
                Some(())
            }
        };
        self.outcome.rows += 1;
        done.ok_or_else(|| self.told(MysqlError::stale()))
    }

    /// Keeps the definitions of the columns, where an answer is kept.
    pub(super) fn keep_columns(&mut self) {
        let visible = self.columns.len().saturating_sub(self.job.hidden);
        if let Sink::Keep(kept) = &mut self.job.sink {
            kept.columns = self.columns.iter().take(visible).cloned().collect();
        }
    }
}

/// Counts a row by the number in it.
fn count(row: &Bytes, format: RowFormat, tally: &mut [u64]) -> Option<()> {
    let number = match format {
        RowFormat::Text => {
            let (_, digits) = row.split_first()?;
            std::str::from_utf8(digits).ok()?.parse().ok()?
        }
        // Behind the header and one byte of NULLs, as many bytes as the server's type has.
        RowFormat::Binary => {
            let bytes = row
                .get(2..)
                .filter(|bytes| (1..=8).contains(&bytes.len()))?;
            let mut whole = [0; 8];
            whole.get_mut(..bytes.len())?.copy_from_slice(bytes);
            usize::try_from(u64::from_le_bytes(whole)).ok()?
        }
    };
    *tally.get_mut(number)? += 1;
    Some(())
}
