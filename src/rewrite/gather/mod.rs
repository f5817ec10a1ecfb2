//! What servers are told where rows are gathered: the query for the rows, the table for them, and
//! the rows as values.
//!
//! In: a table's definition, the columns that are needed, the conditions. Out: bytes of SQL. Values
//! come and go as the bytes that the column holds, whatever the session's character sets, time zone
//! and sql_mode are:
//!
//! | type | asked for as | stored as |
//! |---|---|---|
//! | integers, DECIMAL, YEAR | itself | itself |
//! | FLOAT | DOUBLE, for its text has six digits only | a string of the number |
//! | DOUBLE, DATE, TIME, DATETIME | itself | a string, which keeps `-0` |
//! | TIMESTAMP | seconds since 1970, which have no time zone | a UTC time |
//! | JSON | itself, and whether its text says all of it | a string |
//! | strings, ENUM, SET, BIT, spatial types, … | itself | the bytes |
//!
//! | file | what it writes |
//! |---|---|
//! | `place` | where each table is when the statement runs |
//! | `columns` | which columns, and how each travels |
//! | `create` | the table that holds the rows |
//! | `source` | the query that asks a data node for its rows |
//! | `insert` | the rows |

mod columns;
mod create;
mod insert;
mod order;
mod place;
mod source;

pub use insert::{InsertRows, RowError};
pub use order::Filling;
pub use place::{Places, Travel, filter_literals, filter_text, hints_text, physical};
pub use source::{LimitedTo, ReadFrom, RowLock, SourceQuery, probe};

use super::splice::PlacedTable;
use crate::topology::{Column, TableDefinition};
use columns::Kind;

/// A table whose rows are gathered, with the columns that are needed.
#[derive(Clone, Debug)]
pub struct GatheredTable<'a> {
    definition: &'a TableDefinition,
    columns: Vec<&'a Column>,
    kinds: Vec<Kind>,
    /// `*` may mean its columns.
    all_columns: bool,
}

impl<'a> GatheredTable<'a> {
    /// The columns that `names` (sorted, in lower case) may mean, or all. `None`: its columns are
    /// not known.
    pub fn new(
        definition: &'a TableDefinition,
        all_columns: bool,
        names: &[String],
    ) -> Option<Self> {
        let columns = columns::needed(definition, all_columns, names);
        (!columns.is_empty()).then(|| Self {
            definition,
            kinds: columns.iter().map(|column| Kind::of(column)).collect(),
            columns,
            all_columns,
        })
    }

    /// CREATE TEMPORARY TABLE.
    pub fn create(&self, table: &PlacedTable) -> Vec<u8> {
        create::table(self, table)
    }

    /// What makes the table take equal keys twice, where it does not: each shard keeps its own keys
    /// unique, and nobody keeps them all so.
    pub fn without_unique_keys(&self, table: &PlacedTable) -> Option<Vec<u8>> {
        create::without_unique_keys(self, table)
    }

    /// The query for the rows that satisfy `filters`.
    pub fn query(&self, from: ReadFrom<'_>, filters: &[Vec<u8>]) -> SourceQuery {
        source::query(self, from, filters)
    }

    /// Which value of its rows is that of a column.
    pub fn position(&self, column: &str) -> Option<usize> {
        let mut columns = self.columns.iter();
        columns.position(|known| known.name == column)
    }

    /// The rows of one gathered table for another one of the same columns.
    pub fn copy(&self, from: &PlacedTable, to: &PlacedTable) -> Vec<u8> {
        insert::copy(self, from, to)
    }

    /// Writes rows as the query gives them.
    pub fn insert(&self, table: &PlacedTable) -> InsertRows {
        InsertRows::new(self, table)
    }
}

#[cfg(test)]
mod tests;
