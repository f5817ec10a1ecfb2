//! Rows as a server sends them → INSERT.

use super::super::splice::{PlacedTable, put_table};
use super::super::text::put_quoted;
use super::GatheredTable;
use super::columns::Kind;
use crate::value::CalendarDate;
use crate::wire::{Reader, WireError};

/// Why a row cannot be stored.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RowError {
    /// The row cannot be read.
    #[error(transparent)]
    Wire(#[from] WireError),
    /// A value that its column's type does not have.
    #[error("a value of column '{0}' is none of its type")]
    BadValue(String),
    /// A JSON document with values that only a column can hold.
    #[error("a JSON document in column '{0}' that holds more than its text")]
    Document(String),
}

/// Writes INSERT statements for rows of text values.
#[derive(Clone, Debug)]
pub struct InsertRows {
    head: Vec<u8>,
    columns: Vec<(String, Kind)>,
    documents: usize,
}

const SECONDS_PER_DAY: i64 = 86_400;

pub(super) fn copy(columns: &GatheredTable<'_>, from: &PlacedTable, to: &PlacedTable) -> Vec<u8> {
    let mut sql = b"INSERT INTO ".to_vec();
    put_table(&mut sql, to);
    sql.extend_from_slice(b" (");
    put_names(&mut sql, columns);
    sql.extend_from_slice(b") SELECT ");
    put_names(&mut sql, columns);
    sql.extend_from_slice(b" FROM ");
    put_table(&mut sql, from);
    sql
}

fn put_names(sql: &mut Vec<u8>, columns: &GatheredTable<'_>) {
    for (at, column) in columns.columns.iter().enumerate() {
        if at > 0 {
            sql.push(b',');
        }
        put_quoted(sql, column.name.as_bytes());
    }
}

impl InsertRows {
    pub(super) fn new(from: &GatheredTable<'_>, table: &PlacedTable) -> Self {
        let mut head = b"INSERT INTO ".to_vec();
        put_table(&mut head, table);
        head.extend_from_slice(b" (");
        put_names(&mut head, from);
        head.extend_from_slice(b") VALUES ");
        let names = from.columns.iter().map(|column| column.name.clone());
        let kinds = from.kinds.iter().copied();
        Self {
            head,
            documents: kinds.clone().filter(|kind| *kind == Kind::Json).count(),
            columns: names.zip(kinds).collect(),
        }
    }

    /// Appends a row to a statement; an empty one is begun.
    ///
    /// # Errors
    /// The row is not one of the query's, or cannot be stored as it is.
    pub fn put(&self, row: &[u8], sql: &mut Vec<u8>) -> Result<(), RowError> {
        if sql.is_empty() {
            sql.extend_from_slice(&self.head);
        } else {
            sql.push(b',');
        }
        let mut reader = Reader::new(row);
        for (at, (name, kind)) in self.columns.iter().enumerate() {
            sql.push(if at == 0 { b'(' } else { b',' });
            match reader.nullable_bytes()? {
                None => sql.extend_from_slice(b"NULL"),
                Some(value) => {
                    put_value(sql, *kind, value).ok_or_else(|| RowError::BadValue(name.clone()))?
                }
            }
        }
        sql.push(b')');
        self.check_documents(reader)
    }

    fn check_documents(&self, mut reader: Reader<'_>) -> Result<(), RowError> {
        let documents = self.columns.iter().filter(|(_, kind)| *kind == Kind::Json);
        for (name, _) in documents.take(self.documents) {
            match reader.nullable_bytes()? {
                None | Some(b"1") => {}
                Some(_) => return Err(RowError::Document(name.clone())),
            }
        }
        Ok(())
    }
}

fn put_value(sql: &mut Vec<u8>, kind: Kind, value: &[u8]) -> Option<()> {
    match kind {
        Kind::Number => {
            let plain = |byte: &u8| byte.is_ascii_digit() || matches!(byte, b'-' | b'.');
            (!value.is_empty() && value.iter().all(plain)).then_some(())?;
            sql.extend_from_slice(value);
        }
        Kind::Text | Kind::Float | Kind::Json => put_string(sql, value),
        Kind::Timestamp => put_timestamp(sql, value)?,
        Kind::Bytes => {
            sql.extend_from_slice(b"_binary");
            put_string(sql, value);
        }
    }
    Some(())
}

/// Without escapes: NO_BACKSLASH_ESCAPES is in force.
fn put_string(sql: &mut Vec<u8>, value: &[u8]) {
    sql.push(b'\'');
    for (at, piece) in value.split(|byte| *byte == b'\'').enumerate() {
        if at > 0 {
            sql.extend_from_slice(b"''");
        }
        sql.extend_from_slice(piece);
    }
    sql.push(b'\'');
}

/// Seconds since 1970 as a UTC time; 0 is the zero value, which has no number of its own.
fn put_timestamp(sql: &mut Vec<u8>, value: &[u8]) -> Option<()> {
    let text = std::str::from_utf8(value).ok()?;
    let (seconds, fraction) = text.split_once('.').unwrap_or((text, ""));
    fraction
        .bytes()
        .all(|byte| byte.is_ascii_digit())
        .then_some(())?;
    let seconds: i64 = seconds.parse().ok()?;
    if seconds == 0 {
        sql.extend_from_slice(b"'0000-00-00 00:00:00'");
        return Some(());
    }
    let day = CalendarDate::from_day_number(seconds.div_euclid(SECONDS_PER_DAY))?;
    let time = seconds.rem_euclid(SECONDS_PER_DAY);
    let (hour, minute, second) = (time / 3600, time / 60 % 60, time % 60);
    let (year, month, day) = (day.year, day.month, day.day);
    let point = if fraction.is_empty() { "" } else { "." };
    let text = format!(
        "'{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}{point}{fraction}'"
    );
    sql.extend_from_slice(text.as_bytes());
    Some(())
}
