//! Rows → a temporary table, in batches.

use super::source::Rows;
use super::values::Values;
use super::{GatherError, Moved, TableJob};
use crate::backend::{BackendError, Connection};
use crate::config::GatherConfig;
use crate::rewrite::RowError;
use crate::wire::Reader;

/// An INSERT is sent when it has so many bytes: far less than any server's `max_allowed_packet`.
const BATCH: usize = 256 * 1024;

/// ER_DUP_ENTRY
const DUPLICATE: u16 = 1062;

/// How much a statement may move.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Budget {
    /// Rows.
    pub rows: u64,
    /// Bytes, as the servers send them.
    pub bytes: u64,
}

impl From<GatherConfig> for Budget {
    fn from(config: GatherConfig) -> Self {
        Self {
            rows: config.max_rows.into(),
            bytes: config.max_bytes,
        }
    }
}

impl Budget {
    fn check(self, moved: &Moved) -> Result<(), GatherError> {
        for (limit, unit, amount) in [
            (self.rows, "rows", moved.rows),
            (self.bytes, "bytes", moved.bytes),
        ] {
            if amount > limit {
                return Err(GatherError::Budget { limit, unit });
            }
        }
        Ok(())
    }
}

/// Fills one table.
pub(super) struct Loader<'a> {
    table: &'a TableJob,
    target: &'a mut Connection,
    account: &'a mut Account,
    batch: Vec<u8>,
    unique: bool,
}

/// What loading does beside.
#[derive(Debug)]
pub(super) struct Account {
    /// How much may be moved.
    pub budget: Budget,
    /// How much was moved.
    pub moved: Moved,
    /// What was seen of the columns that limit others.
    pub values: Values,
}

impl<'a> Loader<'a> {
    pub(super) fn new(
        table: &'a TableJob,
        target: &'a mut Connection,
        account: &'a mut Account,
    ) -> Self {
        Self {
            table,
            target,
            account,
            batch: Vec::new(),
            unique: true,
        }
    }

    /// Stores all rows of a source.
    pub(super) async fn take(&mut self, rows: &mut Rows<'_, '_>) -> Result<(), GatherError> {
        while let Some(row) = rows.next().await? {
            self.account.moved.rows += 1;
            self.account.moved.bytes += row.len() as u64;
            self.account.budget.check(&self.account.moved)?;
            self.note_values(&row)?;
            // A large row goes alone: together they might be more than the server takes.
            if !self.batch.is_empty() && self.batch.len() + row.len() > BATCH {
                self.send().await?;
            }
            self.table.insert.put(&row, &mut self.batch)?;
            if self.batch.len() >= BATCH {
                self.send().await?;
            }
        }
        self.account.moved.warnings += u64::from(rows.warnings);
        Ok(())
    }

    fn note_values(&mut self, row: &[u8]) -> Result<(), RowError> {
        let gives = &self.table.gives;
        let Some(last) = gives.iter().map(|give| give.position).max() else {
            return Ok(());
        };
        let mut reader = Reader::new(row);
        for position in 0..=last {
            let value = reader.nullable_bytes()?;
            for give in gives.iter().filter(|give| give.position == position) {
                self.account.values.note(give.column, value);
            }
        }
        Ok(())
    }

    /// Stores what is left.
    pub(super) async fn finish(mut self) -> Result<(), GatherError> {
        if self.batch.is_empty() {
            return Ok(());
        }
        self.send().await
    }

    /// Stores the rows of another table.
    pub(super) async fn copy(&mut self, sql: &[u8]) -> Result<(), GatherError> {
        self.batch.extend_from_slice(sql);
        self.send().await
    }

    async fn send(&mut self) -> Result<(), GatherError> {
        let mut stored = self.target.execute_patiently(&self.batch).await;
        if self.unique
            && is_duplicate(&stored)
            && let Some(alter) = &self.table.without_unique_keys
        {
            self.unique = false;
            self.target.execute_patiently(alter).await?;
            stored = self.target.execute_patiently(&self.batch).await;
        }
        match stored {
            Ok(()) => {}
            Err(BackendError::Setup(error)) => return Err(GatherError::Refused(error)),
            Err(error) => return Err(error.into()),
        }
        self.batch.clear();
        Ok(())
    }
}

fn is_duplicate(stored: &Result<(), BackendError>) -> bool {
    matches!(stored, Err(BackendError::Setup(error)) if error.code == DUPLICATE)
}
