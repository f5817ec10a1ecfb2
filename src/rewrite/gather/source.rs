//! The query that asks a data node for its rows.

use super::super::splice::{PlacedTable, put_table};
use super::super::text::put_quoted;
use super::GatheredTable;
use super::columns::Kind;
use crate::plan::Form;

/// Where rows are read.
#[derive(Clone, Copy, Debug)]
pub struct ReadFrom<'a> {
    /// The table.
    pub table: &'a PlacedTable,
    /// What filters call it.
    pub alias: &'a str,
    /// Its index hints, with a blank before each.
    pub hints: &'a [u8],
}

/// Asks for the needed columns of the rows that satisfy all filters; behind the columns, for each
/// JSON column, whether its text says all of it.
pub(super) fn query(
    wanted: &GatheredTable<'_>,
    from: ReadFrom<'_>,
    filters: &[Vec<u8>],
) -> SourceQuery {
    let mut sql = b"SELECT ".to_vec();
    for (at, (column, kind)) in wanted.columns.iter().zip(&wanted.kinds).enumerate() {
        if at > 0 {
            sql.push(b',');
        }
        let (before, behind): (&[u8], &[u8]) = match kind {
            Kind::Float => (b"CAST(", b" AS DOUBLE)"),
            Kind::Timestamp => (b"UNIX_TIMESTAMP(", b")"),
            Kind::Number | Kind::Text | Kind::Json | Kind::Bytes => (b"", b""),
        };
        sql.extend_from_slice(before);
        put_quoted(&mut sql, column.name.as_bytes());
        sql.extend_from_slice(behind);
    }
    let documents = wanted.columns.iter().zip(&wanted.kinds);
    for (column, _) in documents.filter(|(_, kind)| **kind == Kind::Json) {
        sql.push(b',');
        put_is_text(&mut sql, &column.name);
    }
    put_from(&mut sql, from, filters);
    SourceQuery {
        conditions_end: sql.len(),
        sql,
        filtered: !filters.is_empty(),
    }
}

fn put_from(sql: &mut Vec<u8>, from: ReadFrom<'_>, filters: &[Vec<u8>]) {
    sql.extend_from_slice(b" FROM ");
    put_table(sql, from.table);
    // What is wrong with a hint is said by the table's alias; other letters would have to be told in the
    // session's character set.
    let hinted = !from.hints.is_empty() && from.alias.is_ascii();
    if !filters.is_empty() || hinted {
        sql.extend_from_slice(b" AS ");
        put_quoted(sql, from.alias.as_bytes());
    }
    sql.extend_from_slice(from.hints);
    for (at, filter) in filters.iter().enumerate() {
        sql.extend_from_slice(if at == 0 { b" WHERE (" } else { b" AND (" });
        sql.extend_from_slice(filter);
        sql.push(b')');
    }
}

/// Asks whether there are more rows that satisfy the filters than `few`: gives one more then.
pub fn probe(from: ReadFrom<'_>, filters: &[Vec<u8>], few: usize) -> Vec<u8> {
    let mut sql = b"SELECT 1".to_vec();
    put_from(&mut sql, from, filters);
    sql.extend_from_slice(format!(" LIMIT {}", few + 1).as_bytes());
    sql
}

/// Asks a data node for rows.
#[derive(Clone, Debug)]
pub struct SourceQuery {
    sql: Vec<u8>,
    /// Where further conditions go.
    conditions_end: usize,
    filtered: bool,
}

/// How rows are locked that are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RowLock {
    /// Nobody else changes them.
    Share,
    /// Nobody else locks them: they will be changed.
    Update,
}

impl RowLock {
    /// What stands behind a SELECT, in words that all servers know.
    pub fn clause(self) -> &'static str {
        match self {
            Self::Share => "LOCK IN SHARE MODE",
            Self::Update => "FOR UPDATE",
        }
    }
}

/// A column whose values must be among some.
#[derive(Clone, Debug)]
pub struct LimitedTo {
    column: Vec<u8>,
    form: Form,
}

impl LimitedTo {
    /// A column of the table that is asked; its values are written in this form.
    pub fn new(column: &str, form: Form) -> Self {
        let mut quoted = Vec::new();
        put_quoted(&mut quoted, column.as_bytes());
        let column = quoted;
        Self { column, form }
    }

    /// The column, for people.
    pub fn column(&self) -> std::borrow::Cow<'_, str> {
        String::from_utf8_lossy(&self.column)
    }

    /// ` IN (…)`; `None`: a value cannot be written so.
    fn put<'v>(&self, sql: &mut Vec<u8>, values: impl Iterator<Item = &'v [u8]>) -> Option<()> {
        sql.extend_from_slice(&self.column);
        // Equal to nothing.
        sql.extend_from_slice(b" IN (NULL");
        for value in values {
            sql.push(b',');
            match &self.form {
                Form::Integer => {
                    let digits = value.strip_prefix(b"-").unwrap_or(value);
                    let number = !digits.is_empty() && digits.iter().all(u8::is_ascii_digit);
                    number.then(|| sql.extend_from_slice(value))?;
                }
                Form::Text(charset) => {
                    sql.push(b'_');
                    sql.extend_from_slice(charset.as_bytes());
                    sql.extend_from_slice(b" X'");
                    sql.extend_from_slice(hex(value).as_bytes());
                    sql.push(b'\'');
                }
            }
        }
        sql.push(b')');
        Some(())
    }
}

impl SourceQuery {
    /// The query for the rows that have these values too.
    pub fn limited<'v, V>(&self, limits: impl Iterator<Item = (&'v LimitedTo, V)>) -> Vec<u8>
    where
        V: Iterator<Item = &'v [u8]>,
    {
        let (asked, lock) = self.sql.split_at(self.conditions_end);
        let mut sql = asked.to_vec();
        let mut filtered = self.filtered;
        for (limit, values) in limits {
            let mut condition = Vec::new();
            if limit.put(&mut condition, values).is_some() {
                sql.extend_from_slice(if filtered { b" AND " } else { b" WHERE " });
                sql.extend_from_slice(&condition);
                filtered = true;
            }
        }
        sql.extend_from_slice(lock);
        sql
    }

    /// Locks the rows, in the words of a locking clause.
    pub fn lock(&mut self, clause: &str) {
        self.sql.truncate(self.conditions_end);
        self.sql.push(b' ');
        self.sql.extend_from_slice(clause.as_bytes());
    }

    /// Whether it locks the rows.
    pub fn locks(&self) -> bool {
        self.conditions_end < self.sql.len()
    }

    /// The query without further conditions.
    pub fn text(&self) -> &[u8] {
        &self.sql
    }
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02X}");
        text
    })
}

/// A document may hold what its text does not show (times, decimals, bytes): whether the document
/// that its text makes is equal, and has the same text.
fn put_is_text(sql: &mut Vec<u8>, column: &str) {
    let mut name = Vec::new();
    put_quoted(&mut name, column.as_bytes());
    let text = [b"CONVERT(", name.as_slice(), b" USING utf8mb4)"].concat();
    let again = [b"CAST(", text.as_slice(), b" AS JSON)"].concat();
    for piece in [
        b"(".as_slice(),
        &name,
        b"=",
        &again,
        b" AND CAST(",
        &text,
        b" AS BINARY)=CAST(CONVERT(",
        &again,
        b" USING utf8mb4) AS BINARY))",
    ] {
        sql.extend_from_slice(piece);
    }
}
