//! Rows of the file that are stored together: where each of them goes, and what its node gets.

use bytes::Bytes;

use super::super::super::failure::Failure;
use super::super::super::state::Session;
use super::{Loading, format};
use crate::error::{ErrorKind, MysqlError};
use crate::plan::{LoadIds, LoadTarget};
use crate::rewrite::{FileRow, TakenField};
use crate::route::DataNode;
use crate::route::key::{Charset, Scalar, Text};
use crate::value::{IdForm, NewId, NewIds};

/// How much is stored at once, in bytes.
const BYTES: usize = 4 << 20;

/// How many rows are stored at once.
const ROWS: usize = 50_000;

/// The same of rows that get ids: as many ids can be had at once.
const ROWS_WITH_IDS: usize = 4096;

/// Rows that have come.
#[derive(Debug)]
pub(super) struct Batch {
    bytes: Vec<u8>,
    rows: Vec<Row>,
    most: usize,
    /// The number of its first row, from 0.
    first: usize,
}

/// A row within its batch.
#[derive(Debug)]
struct Row {
    start: usize,
    end: usize,
    lead: usize,
    taken: Vec<Option<TakenField>>,
}

/// What the data nodes get of a batch.
#[derive(Debug)]
pub(super) struct Shares {
    /// The rows as a file, by node; empty: none.
    pub files: Vec<Bytes>,
    /// The rows' numbers in the client's file, from 0, by node.
    pub rows: Vec<Vec<usize>>,
    /// The first number that was made.
    pub first_id: Option<u64>,
}

/// What a row's id is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum RowId {
    Own,
    Wanted,
}

impl Batch {
    pub fn new(few: bool) -> Self {
        Self {
            bytes: Vec::new(),
            rows: Vec::new(),
            most: if few { ROWS_WITH_IDS } else { ROWS },
            first: 0,
        }
    }

    pub fn add(&mut self, row: FileRow<'_>) {
        let start = self.bytes.len();
        self.bytes.extend_from_slice(row.bytes);
        self.rows.push(Row {
            start,
            end: self.bytes.len(),
            lead: row.lead,
            taken: row.taken,
        });
    }

    pub fn is_full(&self) -> bool {
        self.bytes.len() >= BYTES || self.rows.len() >= self.most
    }

    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Makes room for the next rows.
    fn clear(&mut self) {
        self.first += self.rows.len();
        self.rows.clear();
        self.bytes.clear();
    }
}

impl Row {
    fn taken(&self, at: usize) -> Option<&TakenField> {
        self.taken.get(at).and_then(Option::as_ref)
    }
}

impl Session {
    /// Shares the rows among the nodes; the batch is empty then.
    pub(super) async fn shares(
        &self,
        loading: &Loading<'_>,
        batch: &mut Batch,
    ) -> Result<Shares, Failure> {
        let LoadTarget::Rows(keys) = &loading.load.to else {
            let file = Bytes::copy_from_slice(&batch.bytes);
            self.row_ids(loading, batch)?;
            let rows: Vec<usize> = (batch.first..batch.first + batch.len()).collect();
            batch.clear();
            return Ok(Shares {
                files: vec![file; loading.nodes.len()],
                rows: vec![rows; loading.nodes.len()],
                first_id: None,
            });
        };
        let ids = self.row_ids(loading, batch)?;
        let made = self.made_ids(loading, &ids).await?;
        let mut ids_made = made.iter().flat_map(NewIds::iter);
        let mut files = vec![Vec::new(); loading.nodes.len()];
        let mut rows = vec![Vec::new(); loading.nodes.len()];
        for (at, row) in batch.rows.iter().enumerate() {
            let number = batch.first + at;
            let id = match ids.get(at) {
                Some(RowId::Wanted) => {
                    let id = ids_made.next();
                    Some(id.ok_or_else(MysqlError::stale)?)
                }
                _ => None,
            };
            let node = place(loading, keys, row, (id, number))?;
            let position = loading.nodes.iter().position(|known| known.node == node);
            let position = position.ok_or_else(MysqlError::stale)?;
            if let (Some(file), Some(rows)) = (files.get_mut(position), rows.get_mut(position)) {
                let bytes = batch.bytes.get(row.start..row.end).unwrap_or_default();
                put(file, bytes, row, (loading, id));
                rows.push(number);
            }
        }
        batch.clear();
        let first_id = match made {
            Some(NewIds::Numbers(first)) => Some(first),
            _ => None,
        };
        Ok(Shares {
            files: files.into_iter().map(Bytes::from).collect(),
            rows,
            first_id,
        })
    }

    /// Ids for the rows that want one; `None`: none does.
    async fn made_ids(
        &self,
        loading: &Loading<'_>,
        ids: &[RowId],
    ) -> Result<Option<NewIds>, Failure> {
        let wanted = ids.iter().filter(|id| **id == RowId::Wanted).count();
        let LoadIds::Made {
            generated, column, ..
        } = &loading.load.ids
        else {
            return Ok(None);
        };
        if wanted == 0 {
            return Ok(None);
        }
        let asked = (loading.load.table, generated, *column);
        let made = self.take_some_ids(asked, loading.snapshot, wanted).await?;
        Ok(Some(made))
    }

    /// What each row has for an id; none where ids are of no interest.
    fn row_ids(&self, loading: &Loading<'_>, batch: &Batch) -> Result<Vec<RowId>, Failure> {
        let form = match &loading.load.ids {
            LoadIds::None => return Ok(Vec::new()),
            LoadIds::Made { at: None, .. } => return Ok(vec![RowId::Wanted; batch.len()]),
            LoadIds::Made { column, .. } => Some(column.form),
            LoadIds::Given(_) => None,
        };
        let at = loading.id_field();
        let zero = self.stores_zero();
        let numbered = batch.rows.iter().zip(batch.first + 1..);
        let ids = numbered.map(|(row, number)| {
            let field = row.taken(at).ok_or_else(|| too_few(number))?;
            let id = match &field.value {
                None => RowId::Wanted,
                Some(_) if form.is_some_and(|form| !form.is_number()) => RowId::Own,
                Some(text) => match number_of(text) {
                    Some(0) if !zero => RowId::Wanted,
                    Some(_) => RowId::Own,
                    None => return Err(no_number(number)),
                },
            };
            match (id, form) {
                (RowId::Wanted, None) => Err(counted(number)),
                // In a file of UTF-8 it would be no characters.
                (RowId::Wanted, Some(IdForm::UuidBytes)) => Err(bytes_wanted(number)),
                (id, _) => Ok(id),
            }
        });
        ids.collect::<Result<_, _>>().map_err(Failure::Error)
    }
}

/// The node of a row.
fn place(
    loading: &Loading<'_>,
    keys: &[Option<usize>],
    row: &Row,
    (id, number): (Option<NewId>, usize),
) -> Result<DataNode, Failure> {
    let id_field = loading.id_field();
    let made = id.and_then(NewId::text);
    let mut values = Vec::with_capacity(keys.len());
    for (position, key) in keys.iter().enumerate() {
        // The fields that are taken are the keys first, in the same order.
        let is_id = key.is_none() || *key == loading.id_place();
        let made = made.as_deref().filter(|_| is_id);
        let value = match made {
            Some(made) => Some(made),
            None => {
                let at = if is_id { id_field } else { position };
                let field = row.taken(at).ok_or_else(|| too_few(number + 1))?;
                field.value.as_deref()
            }
        };
        values.push(value.map_or(Scalar::Null, |bytes| scalar(bytes, &loading.charset)));
    }
    let router = &loading.snapshot.router;
    let placed = router.place_scalars(loading.load.table, values, number + 1);
    placed.map_err(|error| Failure::from(&error))
}

fn scalar<'b>(bytes: &'b [u8], charset: &str) -> Scalar<'b> {
    // Bytes of no character set are stored as they are, as if they had come in the column's own.
    let bare = charset.eq_ignore_ascii_case("binary") && std::str::from_utf8(bytes).is_ok();
    let charset = match bare {
        true => Charset::Utf8mb4,
        false => Charset::named(charset),
    };
    Scalar::Text(Text {
        bytes: bytes.into(),
        charset,
    })
}

/// Appends a row as its node gets it.
fn put(file: &mut Vec<u8>, bytes: &[u8], row: &Row, (loading, id): (&Loading<'_>, Option<NewId>)) {
    let Some(id) = id.and_then(NewId::text) else {
        return file.extend_from_slice(bytes);
    };
    let (before, behind, terminator) = match (&loading.load.ids, row.taken(loading.id_field())) {
        (LoadIds::Made { at: Some(_), .. }, Some(field)) => {
            (field.raw.start, field.raw.end, &b""[..])
        }
        _ => (row.lead, row.lead, loading.behind_id.as_slice()),
    };
    file.extend_from_slice(bytes.get(..before).unwrap_or_default());
    file.extend_from_slice(&id);
    file.extend_from_slice(terminator);
    file.extend_from_slice(bytes.get(behind..).unwrap_or_default());
}

/// A whole number in plain digits.
fn number_of(text: &[u8]) -> Option<u64> {
    let digits = !text.is_empty() && text.iter().all(u8::is_ascii_digit);
    std::str::from_utf8(text)
        .ok()
        .filter(|_| digits)?
        .parse()
        .ok()
}

fn too_few(row: usize) -> MysqlError {
    let what = format!(
        "Row {row} doesn't contain data for all columns: its sharding key or id is missing"
    );
    MysqlError::new(ErrorKind::TooFewFields, what)
}

fn no_number(row: usize) -> MysqlError {
    format::refused(&format!(
        "LOAD DATA of an AUTO_INCREMENT value that is no plain number, 0 or NULL (row {row})"
    ))
}

fn bytes_wanted(row: usize) -> MysqlError {
    format::refused(&format!(
        "LOAD DATA of NULL for an id of 16 bytes (row {row}); make it in SET"
    ))
}

fn counted(row: usize) -> MysqlError {
    format::refused(&format!(
        "LOAD DATA of rows on several shards whose AUTO_INCREMENT the servers count (row {row})"
    ))
}
