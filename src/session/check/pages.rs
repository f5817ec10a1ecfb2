//! How the rows of a data node are read: the key columns and the primary key. Where that is one
//! integer, in pages by it, so that no server keeps an old view of its rows for long; else at once.

use super::super::overview::Cell;
use super::{primary_key, values};
use crate::backend::TextRow;
use crate::route::quoted;
use crate::topology::{KeyType, Sharding, TableDefinition};

/// Rows of a page.
const PAGE: usize = 20_000;

/// The queries for one data node.
#[derive(Debug)]
pub(super) struct Pages {
    /// The sharding key's columns.
    keys: Vec<String>,
    /// The primary key's, behind them.
    primary: Vec<String>,
    /// Rows come in pages.
    paged: bool,
    /// The primary key of the last row that was read.
    last: Option<i128>,
    /// Rows of the page so far; `None`: nothing was asked yet.
    seen: Option<usize>,
}

impl Pages {
    pub fn new(sharding: &Sharding, definition: Option<&TableDefinition>) -> Self {
        let keys = sharding.keys.iter().map(|key| key.name.clone());
        let primary = primary_key(definition);
        let integer = |name: &String| {
            let mut columns = definition.into_iter().flat_map(|found| &found.columns);
            let column = columns.find(|column| column.name == *name);
            let kind = column.and_then(|column| column.key_type().ok());
            matches!(kind, Some(KeyType::Integer { .. }))
        };
        Self {
            keys: keys.collect(),
            paged: matches!(primary.as_slice(), [only] if integer(only)),
            primary,
            last: None,
            seen: None,
        }
    }

    /// The next query on `table`; `None`: all rows were read.
    pub fn next(&mut self, table: &str) -> Option<String> {
        if self.seen.is_some_and(|seen| !self.paged || seen < PAGE) {
            return None;
        }
        self.seen = Some(0);
        let columns = self.keys.iter().chain(&self.primary);
        let columns: Vec<String> = columns.map(|name| quoted(name)).collect();
        let mut sql = format!("SELECT {} FROM {table}", columns.join(", "));
        if let ([key], true) = (self.primary.as_slice(), self.paged) {
            let key = quoted(key);
            if let Some(last) = self.last {
                sql += &format!(" WHERE {key} > {last}");
            }
            sql += &format!(" ORDER BY {key} LIMIT {PAGE}");
        }
        Some(sql)
    }

    /// A row has come.
    pub fn note(&mut self, row: &TextRow) {
        self.seen = self.seen.map(|seen| seen + 1);
        if self.paged {
            let last = row.last().and_then(Option::as_deref);
            let last = last.and_then(|text| std::str::from_utf8(text).ok());
            self.last = last.and_then(|text| text.parse().ok()).or(self.last);
        }
    }

    /// The sharding key's values.
    pub fn keys<'r>(&self, row: &'r TextRow) -> impl Iterator<Item = Option<&'r [u8]>> {
        row.iter().take(self.keys.len()).map(Option::as_deref)
    }

    /// What tells the row from others.
    pub fn identity(&self, row: &TextRow) -> Cell {
        let primary = row.iter().skip(self.keys.len()).map(Option::as_deref);
        let named = self.primary.iter().map(String::as_str).zip(primary);
        (!self.primary.is_empty()).then(|| values(named))
    }
}
