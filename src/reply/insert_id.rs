//! The insert id of an INSERT whose rows the proxy gave ids: what MySQL tells of an AUTO_INCREMENT
//! column.
//!
//! MySQL's rule (`sql/sql_insert.cc`): the first id that was made for a row that was inserted, which
//! LAST_INSERT_ID() gives from then on; where there is none, the id that the last row has, and
//! LAST_INSERT_ID() stays what it was; 0 where nothing was stored.

use crate::plan::Duplicates;

/// The ids of the rows of a statement as the servers got it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InsertIds {
    /// One for each row of the client's, in order.
    pub rows: Vec<RowId>,
    /// What a row does whose key is there already.
    pub duplicates: Duplicates,
    /// The servers have AUTO_INCREMENT on the column: their answers tell the last row's id.
    pub told: bool,
}

/// The id of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RowId {
    /// Made by the proxy.
    Made(u64),
    /// The client's own.
    Own(u64),
}

/// What a server said of some of the rows.
#[derive(Clone, Copy, Debug)]
pub struct Stored<'a> {
    /// Their positions among the client's rows, ascending.
    pub rows: &'a [usize],
    /// How many rows were affected.
    pub affected: u64,
    /// The insert id of the server's own answer.
    pub insert_id: u64,
}

/// What the client is told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct InsertId {
    /// The insert id of the answer.
    pub shown: u64,
    /// What LAST_INSERT_ID() gives from now on; `None`: what it gave before.
    pub last: Option<u64>,
}

impl InsertIds {
    /// Whether each row must be a statement of its own: of several rows together it could not be told
    /// which of them were inserted.
    pub fn one_by_one(&self) -> bool {
        let may_fail = matches!(
            self.duplicates,
            Duplicates::Ignore | Duplicates::Update { .. }
        );
        may_fail && self.rows.len() > 1 && self.first_made(0..self.rows.len()).is_some()
    }

    /// The insert id where one server has stored all rows.
    pub fn of_whole(&self, affected: u64, insert_id: u64) -> InsertId {
        let rows: Vec<usize> = match self.rows.len() {
            0 | 1 => vec![0],
            // Only the first made one and the last row count.
            all => self
                .rows
                .iter()
                .position(|row| matches!(row, RowId::Made(_)))
                .into_iter()
                .chain([all - 1])
                .collect(),
        };
        self.of_parts(&[Stored {
            rows: &rows,
            affected,
            insert_id,
        }])
    }

    /// The insert id where servers have stored each its own rows.
    pub fn of_parts(&self, parts: &[Stored<'_>]) -> InsertId {
        let inserted = parts.iter().filter(|part| self.has_inserted(part));
        let made = inserted.flat_map(|part| {
            let rows = part.rows.iter().copied();
            rows.filter(|row| self.made(*row).is_some())
        });
        if let Some(id) = made.min().and_then(|row| self.made(row)) {
            return InsertId {
                shown: id,
                last: Some(id),
            };
        }
        InsertId {
            shown: self.of_last(parts),
            last: None,
        }
    }

    /// The id that the last row has, where anything was stored.
    fn of_last(&self, parts: &[Stored<'_>]) -> u64 {
        let last = parts.iter().max_by_key(|part| part.rows.last());
        let Some(last) = last else { return 0 };
        if last.insert_id != 0 || self.told && parts.len() == 1 {
            return last.insert_id;
        }
        let stored = parts.iter().any(|part| part.affected > 0);
        let row = last.rows.last().and_then(|row| self.rows.get(*row));
        match row {
            Some(RowId::Made(id) | RowId::Own(id)) if stored => *id,
            _ => 0,
        }
    }

    /// Whether the part's rows (or its only one, where rows may fail) are new in the table.
    fn has_inserted(&self, part: &Stored<'_>) -> bool {
        match self.duplicates {
            Duplicates::Fail | Duplicates::Replace => true,
            Duplicates::Ignore => part.affected > 0,
            // A row that was there has another id, or it would have none of ours.
            Duplicates::Update { .. } => {
                let only = part.rows.last().and_then(|row| self.made(*row));
                part.affected == 1 && only == Some(part.insert_id)
            }
        }
    }

    fn made(&self, row: usize) -> Option<u64> {
        match self.rows.get(row) {
            Some(RowId::Made(id)) => Some(*id),
            _ => None,
        }
    }

    fn first_made(&self, mut rows: std::ops::Range<usize>) -> Option<u64> {
        rows.find_map(|row| self.made(row))
    }
}
