//! Comparing rows: what an operand is compared by, its order and its equality, as MySQL has them.

use std::cmp::Ordering;

use bytes::Bytes;
use smallvec::SmallVec;

use super::decimal::Decimal;
use super::error::{MergeError, Result};
use super::row::{Layout, Span};
use super::spec::{Operand, RowFormat, SortKey};
use super::value::{Decoder, Kind};
use crate::wire::{ColumnDefinition, ColumnType};

/// The columns of an answer, as the merge needs them.
#[derive(Clone, Debug)]
pub struct Columns {
    /// Their kinds, and whether they are BIGINT.
    kinds: Vec<(Kind, bool)>,
    format: RowFormat,
}

impl Columns {
    /// Those of an answer.
    pub fn new(columns: &[ColumnDefinition<'_>], format: RowFormat) -> Self {
        Self {
            kinds: columns
                .iter()
                .map(|column| {
                    let is_longlong = column.known_type() == Some(ColumnType::MYSQL_TYPE_LONGLONG);
                    (Kind::of(column, format), is_longlong)
                })
                .collect(),
            format,
        }
    }

    /// Reads the values of a column.
    ///
    /// # Errors
    /// There is no such column.
    pub fn decoder(&self, column: usize) -> Result<Decoder> {
        let (kind, is_longlong) = *self.kinds.get(column).ok_or(MergeError::Missing {
            what: "column",
            index: column,
            count: self.kinds.len(),
        })?;
        Ok(Decoder {
            column,
            kind,
            format: self.format,
            is_longlong,
        })
    }
}

/// A value to compare by, of one row.
#[derive(Clone, Debug)]
pub enum Key {
    /// Less than all else.
    Null,
    /// A number of the same order as the value.
    Number(u64),
    /// A DOUBLE; finite.
    Double(f64),
    /// A DECIMAL; all of a column have the same scale. Boxed to keep rows small that have none.
    Decimal(Box<Decimal>),
    /// Bytes of the row, and those that a shorter string is padded with; where they stand.
    Bytes {
        /// The bytes.
        value: (u32, u32),
        /// The padding; empty: none.
        pad: (u32, u32),
    },
}

/// The keys of one row.
pub type Keys = SmallVec<[Key; 2]>;

/// A row and what it is compared by.
#[derive(Clone, Debug)]
pub struct Keyed {
    /// The row as it was sent.
    pub row: Bytes,
    /// Its keys.
    pub keys: Keys,
}

/// How an operand's keys are made.
#[derive(Clone, Copy, Debug)]
struct Extract {
    /// The column that tells NULL.
    column: usize,
    source: Source,
}

#[derive(Clone, Copy, Debug)]
enum Source {
    /// The value of a column.
    Value(Decoder),
    /// The bytes of a weight, and of its padding.
    Weight { weight: usize, pad: usize },
}

impl Extract {
    fn new(operand: &Operand, columns: &Columns) -> Result<Self> {
        let decoder = columns.decoder(operand.column)?;
        let number = |what, needed| match operand.number {
            Some(number) => exact(columns.decoder(number)?),
            None => Err(MergeError::Hidden { what, needed }),
        };
        let source = match decoder.kind {
            Kind::Text | Kind::Bytes => return Self::text(operand, decoder, columns),
            Kind::Member => number("ENUM or SET", "number")?,
            Kind::Rounded(_) => number("a rounded number", "exact number")?,
            Kind::Timestamp => number("TIMESTAMP", "UNIX_TIMESTAMP")?,
            Kind::Opaque(what) => return Err(MergeError::Unmergeable(what)),
            _ => decoder,
        };
        Ok(Self {
            column: operand.column,
            source: Source::Value(source),
        })
    }

    /// As a string, even if it is a member of an ENUM.
    fn text(operand: &Operand, decoder: Decoder, columns: &Columns) -> Result<Self> {
        let source = match operand.weight {
            Some(weight) => {
                for column in [weight.column, weight.pad] {
                    columns.decoder(column)?;
                }
                Source::Weight {
                    weight: weight.column,
                    pad: weight.pad,
                }
            }
            None if decoder.kind == Kind::Bytes => Source::Value(decoder),
            None => {
                return Err(MergeError::Hidden {
                    what: "strings",
                    needed: "WEIGHT_STRING",
                });
            }
        };
        Ok(Self {
            column: operand.column,
            source,
        })
    }

    /// How many of a row's values must be found.
    fn columns(&self) -> usize {
        1 + match self.source {
            Source::Value(decoder) => decoder.column.max(self.column),
            Source::Weight { weight, pad } => weight.max(pad).max(self.column),
        }
    }

    fn key(&self, row: &[u8], spans: &[Span]) -> Result<Key> {
        let value = |column| {
            let span: Option<&Span> = spans.get(column);
            span.and_then(|span| Some((span, span.value(row)?)))
        };
        if value(self.column).is_none() {
            return Ok(Key::Null);
        }
        match self.source {
            Source::Value(decoder) => match value(decoder.column) {
                Some((span, bytes)) => decoded(decoder, span, bytes),
                None => Err(absent(decoder.column)),
            },
            Source::Weight { weight, pad } => {
                let (weight, _) = value(weight).ok_or(absent(weight))?;
                let (pad, _) = value(pad).ok_or(MergeError::Unmergeable(
                    "strings of a collation whose weights do not tell their order",
                ))?;
                Ok(Key::Bytes {
                    value: (weight.start, weight.end),
                    pad: (pad.start, pad.end),
                })
            }
        }
    }
}

/// A hidden column is NULL where the value is not: a weight beyond max_allowed_packet.
fn absent(column: usize) -> MergeError {
    MergeError::BadValue {
        column,
        expected: "weight or number of a value that is not NULL",
    }
}

/// A hidden number must tell its value.
fn exact(decoder: Decoder) -> Result<Decoder> {
    match decoder.kind {
        Kind::Signed | Kind::Unsigned | Kind::Decimal(_) | Kind::Double(_) => Ok(decoder),
        _ => Err(MergeError::Unmergeable("a hidden column that is no number")),
    }
}

fn decoded(decoder: Decoder, span: &Span, bytes: &[u8]) -> Result<Key> {
    Ok(match decoder.kind {
        Kind::Null => Key::Null,
        Kind::Decimal(_) => Key::Decimal(Box::new(decoder.decimal(bytes)?.0)),
        Kind::Double(_) => Key::Double(decoder.double(bytes)?),
        Kind::Bytes => Key::Bytes {
            value: (span.start, span.end),
            pad: (0, 0),
        },
        _ => Key::Number(decoder.number(bytes)?),
    })
}

/// Makes keys and compares them.
#[derive(Clone, Debug)]
pub struct Comparator {
    extracts: Vec<Extract>,
    /// Which of them are descending.
    descending: SmallVec<[bool; 4]>,
    /// How many of a row's values must be found.
    columns: usize,
}

impl Comparator {
    /// The order of ORDER BY.
    ///
    /// # Errors
    /// A key's type or hidden columns do not allow it.
    pub fn ordered(keys: &[SortKey], columns: &Columns) -> Result<Self> {
        let extracts = keys
            .iter()
            .map(|key| Extract::new(&key.operand, columns))
            .collect::<Result<_>>()?;
        Ok(Self::of(
            extracts,
            keys.iter().map(|key| key.descending).collect(),
        ))
    }

    /// The equality of GROUP BY and DISTINCT.
    ///
    /// # Errors
    /// As [`Self::ordered`].
    pub fn grouped(keys: &[Operand], columns: &Columns) -> Result<Self> {
        let keys: Vec<SortKey> = keys.iter().copied().map(SortKey::ascending).collect();
        Self::ordered(&keys, columns)
    }

    /// The order of MIN and MAX, which take members of ENUM and SET as strings.
    ///
    /// # Errors
    /// As [`Self::ordered`].
    pub fn extreme(operand: &Operand, columns: &Columns) -> Result<Self> {
        let decoder = columns.decoder(operand.column)?;
        let extract = match decoder.kind {
            Kind::Member => Extract::text(operand, decoder, columns)?,
            _ => Extract::new(operand, columns)?,
        };
        Ok(Self::of(vec![extract], SmallVec::from_elem(false, 1)))
    }

    fn of(extracts: Vec<Extract>, descending: SmallVec<[bool; 4]>) -> Self {
        Self {
            columns: extracts.iter().map(Extract::columns).max().unwrap_or(0),
            extracts,
            descending,
        }
    }

    /// The row's keys. `spans` is only a place to work in.
    ///
    /// # Errors
    /// The row is malformed.
    pub fn keys(&self, layout: &Layout, row: &[u8], spans: &mut Vec<Span>) -> Result<Keys> {
        layout.find(row, self.columns, spans)?;
        self.extracts
            .iter()
            .map(|extract| extract.key(row, spans))
            .collect()
    }

    /// Which row comes first.
    pub fn compare(&self, a: &Keyed, b: &Keyed) -> Ordering {
        self.compare_keys((&a.keys, &a.row), (&b.keys, &b.row))
    }

    /// The same for keys and the rows that they are of.
    pub fn compare_keys(&self, a: (&[Key], &[u8]), b: (&[Key], &[u8])) -> Ordering {
        for ((a_key, b_key), descending) in a.0.iter().zip(b.0).zip(&self.descending) {
            let order = compare_key((a_key, a.1), (b_key, b.1));
            if order != Ordering::Equal {
                return if *descending { order.reverse() } else { order };
            }
        }
        Ordering::Equal
    }
}

fn part(row: &[u8], (start, end): (u32, u32)) -> &[u8] {
    row.get(start as usize..end as usize).unwrap_or_default()
}

fn compare_key((a, a_row): (&Key, &[u8]), (b, b_row): (&Key, &[u8])) -> Ordering {
    match (a, b) {
        (Key::Number(a), Key::Number(b)) => a.cmp(b),
        (
            Key::Bytes { value: a, pad },
            Key::Bytes {
                value: b,
                pad: b_pad,
            },
        ) => {
            // The padding is the collation's; a row without value has none.
            let pad = match part(a_row, *pad) {
                [] => part(b_row, *b_pad),
                pad => pad,
            };
            compare_padded(part(a_row, *a), part(b_row, *b), pad)
        }
        (Key::Double(a), Key::Double(b)) => a.partial_cmp(b).unwrap_or(Ordering::Equal),
        (Key::Decimal(a), Key::Decimal(b)) => a.cmp(b),
        (Key::Null, Key::Null) => Ordering::Equal,
        (Key::Null, _) => Ordering::Less,
        (_, Key::Null) => Ordering::Greater,
        // Of one column, so of one kind.
        _ => Ordering::Equal,
    }
}

/// Compares weights, the shorter one followed by as many `pad`s as needed.
fn compare_padded(a: &[u8], b: &[u8], pad: &[u8]) -> Ordering {
    let common = a.len().min(b.len());
    let (a_head, a_rest) = a.split_at(common);
    let (b_head, b_rest) = b.split_at(common);
    let order = a_head.cmp(b_head);
    if order != Ordering::Equal || a_rest.len() == b_rest.len() {
        return order;
    }
    if pad.is_empty() {
        return a_rest.len().cmp(&b_rest.len());
    }
    let padding = || pad.iter().cycle();
    if b_rest.is_empty() {
        a_rest.iter().cmp(padding().take(a_rest.len()))
    } else {
        padding().take(b_rest.len()).cmp(b_rest)
    }
}

/// Appends bytes that are the same for equal keys only.
pub fn put_canonical(keys: &[Key], row: &[u8], out: &mut Vec<u8>) {
    for key in keys {
        match key {
            Key::Null => out.push(0),
            Key::Number(number) => {
                out.push(1);
                out.extend_from_slice(&number.to_le_bytes());
            }
            Key::Double(number) => {
                out.push(2);
                // Adding 0 makes -0 and 0 the same.
                out.extend_from_slice(&(number + 0.0).to_le_bytes());
            }
            Key::Decimal(number) => {
                out.push(3);
                number.put_canonical(out);
            }
            Key::Bytes { value, pad } => {
                let value = without_padding(part(row, *value), part(row, *pad));
                out.push(4);
                out.extend_from_slice(&(value.len() as u32).to_le_bytes());
                out.extend_from_slice(value);
            }
        }
    }
}

fn without_padding<'a>(mut weight: &'a [u8], pad: &[u8]) -> &'a [u8] {
    if pad.is_empty() {
        return weight;
    }
    while let Some(shorter) = weight.strip_suffix(pad) {
        weight = shorter;
    }
    weight
}
