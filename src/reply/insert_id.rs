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

#[cfg(test)]
mod tests {
    use super::*;
    use Duplicates::{Fail, Ignore, Replace};
    use RowId::{Made, Own};

    const UPDATE: Duplicates = Duplicates::Update { ignore: false };

    fn ids(rows: &[RowId], duplicates: Duplicates, told: bool) -> InsertIds {
        InsertIds {
            rows: rows.to_vec(),
            duplicates,
            told,
        }
    }

    fn id(shown: u64, last: Option<u64>) -> InsertId {
        InsertId { shown, last }
    }

    #[test]
    fn one_answer_tells_the_first_id_that_was_made_else_the_last_rows() {
        type Case<'a> = (&'a [RowId], Duplicates, bool, (u64, u64), InsertId);
        let cases: [Case<'_>; 14] = [
            (&[Made(7)], Fail, false, (1, 0), id(7, Some(7))),
            (
                &[Own(3), Made(7), Made(8)],
                Fail,
                true,
                (3, 8),
                id(7, Some(7)),
            ),
            (&[Own(3), Own(4)], Fail, false, (2, 0), id(4, None)),
            (&[Own(3), Own(4)], Fail, true, (2, 4), id(4, None)),
            (&[Made(7), Made(8)], Replace, false, (3, 0), id(7, Some(7))),
            (&[Made(7)], Ignore, false, (1, 0), id(7, Some(7))),
            (&[Made(7)], Ignore, false, (0, 0), id(0, None)),
            (&[Made(7)], Ignore, true, (0, 0), id(0, None)),
            (&[Own(3), Own(4)], Ignore, false, (1, 0), id(4, None)),
            (&[Own(3)], Ignore, false, (0, 0), id(0, None)),
            (&[Made(7)], UPDATE, true, (1, 7), id(7, Some(7))),
            (&[Made(7)], UPDATE, true, (2, 5), id(5, None)),
            // Found as it shall be, by a client that counts found rows.
            (&[Made(7)], UPDATE, true, (1, 5), id(5, None)),
            (&[Own(3)], UPDATE, true, (1, 3), id(3, None)),
        ];
        for (rows, duplicates, told, (affected, insert_id), expected) in cases {
            let ids = ids(rows, duplicates, told);
            let found = ids.of_whole(affected, insert_id);
            assert_eq!(found, expected, "{ids:?} {affected} {insert_id}");
        }
    }

    #[test]
    fn parts_are_told_in_the_order_of_the_clients_rows() {
        let stored = |rows, affected, insert_id| Stored {
            rows,
            affected,
            insert_id,
        };
        let three = [Made(7), Made(8), Made(9)];
        let split = ids(&three, Fail, false);
        let parts = [stored(&[1, 2][..], 2, 0), stored(&[0], 1, 0)];
        assert_eq!(split.of_parts(&parts), id(7, Some(7)));
        let each = |a, b, c| {
            [
                stored(&[2][..], c, 0),
                stored(&[0], a, 0),
                stored(&[1], b, 0),
            ]
        };
        let ignored = ids(&three, Ignore, false);
        assert_eq!(ignored.of_parts(&each(0, 1, 1)), id(8, Some(8)));
        assert_eq!(ignored.of_parts(&each(0, 0, 0)), id(0, None));
        let updated = ids(&three, UPDATE, true);
        let parts = [
            stored(&[0][..], 2, 3),
            stored(&[1], 1, 8),
            stored(&[2], 2, 4),
        ];
        assert_eq!(updated.of_parts(&parts), id(8, Some(8)));
        let none = [stored(&[0][..], 2, 3), stored(&[1], 2, 5)];
        assert_eq!(updated.of_parts(&none), id(5, None));
    }

    #[test]
    fn only_rows_that_may_not_be_stored_go_one_by_one() {
        let two = [Made(1), Own(2)];
        assert!(ids(&two, Ignore, true).one_by_one());
        assert!(ids(&two, UPDATE, true).one_by_one());
        assert!(!ids(&two, Fail, true).one_by_one());
        assert!(!ids(&two, Replace, true).one_by_one());
        assert!(!ids(&[Own(1), Own(2)], Ignore, true).one_by_one());
        assert!(!ids(&[Made(1)], Ignore, true).one_by_one());
    }
}
