//! Names of the servers in rows: what SHOW and table maintenance tell of databases and tables.

use bytes::BytesMut;

use super::Names;
use crate::merge::Counters;
use crate::plan::NamesInRows;
use crate::topology::{Part, Schema, SchemaId};
use crate::wire::binary::{is_text, skip_binary_value};
use crate::wire::{Reader, WireError, put_lenenc_bytes, put_nullable_bytes};

/// How the rows of an answer change; they are few and small.
#[derive(Clone, Copy, Debug)]
pub struct RowNames<'a> {
    /// The database.
    pub names: Names<'a>,
    /// Whose split tables may stand in the rows.
    pub schema: &'a Schema,
    /// Where they stand.
    pub places: NamesInRows,
    /// What stands in them instead of what one server counts.
    pub counted: Option<Counted<'a>>,
}

impl RowNames<'_> {
    /// Appends a text row with the clients' names. `false`: the client must not see the row.
    ///
    /// # Errors
    /// The row is malformed.
    pub fn put(&self, payload: &[u8], out: &mut BytesMut) -> Result<bool, WireError> {
        let mut row = Reader::new(payload);
        let mut of_row = OfRow::default();
        let mut at = 0;
        while row.remaining() > 0 {
            match row.nullable_bytes()? {
                None => put_nullable_bytes(out, None),
                Some(table) if at == 0 && self.lists_tables() && self.is_further_part(table) => {
                    return Ok(false);
                }
                Some(value) => match self.count(&mut of_row, at, value) {
                    Some(count) => put_lenenc_bytes(out, count.to_string().as_bytes()),
                    None => put_lenenc_bytes(out, &self.shown(value, at == 0)),
                },
            }
            at += 1;
        }
        Ok(true)
    }

    /// Appends a binary row, whose columns have these types, with the clients' names. `false`: the
    /// client must not see the row.
    ///
    /// # Errors
    /// The row is malformed.
    pub fn put_binary(
        &self,
        payload: &[u8],
        types: &[u8],
        out: &mut BytesMut,
    ) -> Result<bool, WireError> {
        let mut row = Reader::new(payload);
        row.u8()?;
        // The first two bits of the bitmap belong to no column.
        let nulls = row.take((types.len() + 2).div_ceil(8))?;
        out.extend_from_slice(&payload[..payload.len() - row.remaining()]);
        let is_null = |at: usize| {
            let byte = nulls.get((at + 2) / 8).copied().unwrap_or_default();
            byte >> ((at + 2) % 8) & 1 == 1
        };
        let mut of_row = OfRow::default();
        for (at, column_type) in types.iter().enumerate() {
            if is_null(at) {
                continue;
            }
            if !is_text(*column_type) {
                let mut behind = row.clone();
                skip_binary_value(&mut behind, *column_type)?;
                let value = row.take(row.remaining() - behind.remaining())?;
                let text = binary_number(value).to_string();
                match self.count(&mut of_row, at, text.as_bytes()) {
                    Some(count) => {
                        let bytes = count.to_le_bytes();
                        out.extend_from_slice(bytes.get(..value.len()).unwrap_or(value));
                    }
                    None => out.extend_from_slice(value),
                }
                continue;
            }
            let value = row.lenenc_bytes()?;
            self.count(&mut of_row, at, value);
            let first = at == 0;
            if first && self.lists_tables() && self.is_further_part(value) {
                return Ok(false);
            }
            put_lenenc_bytes(out, &self.shown(value, first));
        }
        Ok(true)
    }

    /// What all shards count in this column of the row, where it is one that counts.
    fn count(&self, row: &mut OfRow, at: usize, value: &[u8]) -> Option<u64> {
        let counted = self.counted?;
        let text = || String::from_utf8_lossy(value).into_owned();
        match (at, counted.of) {
            (0, _) => {
                let name = text();
                let part = self.part(value).map(|part| part.table.clone());
                row.table = part.unwrap_or(name);
                None
            }
            (2, CountedRows::Indexes) => {
                row.index = text();
                None
            }
            (3, CountedRows::Indexes) => {
                row.position = text().parse().unwrap_or(0);
                None
            }
            _ => counted.count(row, at),
        }
    }

    /// A row is about a table: a split table has one row.
    fn lists_tables(&self) -> bool {
        self.places == NamesInRows::TableList
    }

    fn part(&self, name: &[u8]) -> Option<&Part> {
        self.schema.parts.get(std::str::from_utf8(name).ok()?)
    }

    fn is_further_part(&self, name: &[u8]) -> bool {
        self.part(name).is_some_and(|part| part.number > 0)
    }

    fn shown(&self, value: &[u8], first: bool) -> Vec<u8> {
        if let Some(part) = self.part(value) {
            return part.table.clone().into_bytes();
        }
        let (physical, logical) = (self.names.physical, self.names.logical);
        if first {
            if value == physical {
                return logical.to_vec();
            }
            let rest = value.strip_prefix(physical);
            if let Some(table) = rest.and_then(|rest| rest.strip_prefix(b".")) {
                return [logical, b".", &self.shown(table, false)].concat();
            }
            return value.to_vec();
        }
        if self.places == NamesInRows::Text {
            return self.text(value);
        }
        if value.starts_with(b"CREATE ") {
            return self.definition(value);
        }
        value.to_vec()
    }

    /// Text for people with the clients' names instead of every word that is one of the servers'.
    fn text(&self, text: &[u8]) -> Vec<u8> {
        let in_name =
            |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$' | 0x80..);
        let mut out = Vec::with_capacity(text.len());
        let mut rest = text;
        while !rest.is_empty() {
            let end = rest
                .iter()
                .position(|byte| !in_name(byte))
                .unwrap_or(rest.len());
            let (word, behind) = rest.split_at(end);
            out.extend_from_slice(self.word(word));
            let next = behind.iter().position(in_name).unwrap_or(behind.len());
            let (between, behind) = behind.split_at(next);
            out.extend_from_slice(between);
            rest = behind;
        }
        out
    }

    fn word<'w>(&'w self, word: &'w [u8]) -> &'w [u8] {
        match self.part(word) {
            Some(part) => part.table.as_bytes(),
            None if word == self.names.physical => self.names.logical,
            None => word,
        }
    }

    /// A definition with the clients' names between backquotes.
    fn definition(&self, text: &[u8]) -> Vec<u8> {
        let mut out = Vec::with_capacity(text.len());
        let mut pieces = text.split(|byte| *byte == b'`');
        out.extend_from_slice(pieces.next().unwrap_or_default());
        let mut inside = true;
        for piece in pieces {
            out.push(b'`');
            out.extend_from_slice(if inside { self.word(piece) } else { piece });
            inside = !inside;
        }
        out
    }
}

/// What several shards count, for the rows of a SHOW that one of them gives.
#[derive(Clone, Copy, Debug)]
pub struct Counted<'a> {
    /// What they count.
    pub counters: &'a Counters,
    /// Of which schema.
    pub schema: SchemaId,
    /// What the rows are.
    pub of: CountedRows,
}

/// What rows are about that count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CountedRows {
    /// SHOW TABLE STATUS
    Tables,
    /// SHOW INDEX
    Indexes,
}

/// What a row is about.
#[derive(Debug, Default)]
struct OfRow {
    table: String,
    index: String,
    position: u64,
}

impl Counted<'_> {
    fn count(self, row: &OfRow, at: usize) -> Option<u64> {
        if self.of == CountedRows::Indexes {
            let column = (row.index.as_str(), row.position);
            let of_column = || self.counters.cardinality(self.schema, &row.table, column);
            return (at == 6).then(of_column).flatten();
        }
        let counts = self.counters.table(self.schema, &row.table)?;
        match at {
            4 => Some(counts.rows),
            5 => Some(counts.avg_row_length()),
            6 => Some(counts.data_length),
            8 => Some(counts.index_length),
            9 => Some(counts.data_free),
            10 => counts.auto_increment,
            _ => None,
        }
    }
}

/// A whole number of a binary row; 0 for what is none.
fn binary_number(value: &[u8]) -> u64 {
    let mut whole = [0; 8];
    match whole.get_mut(..value.len()) {
        Some(place) => place.copy_from_slice(value),
        None => return 0,
    }
    u64::from_le_bytes(whole)
}
