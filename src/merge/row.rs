//! Where the values of a row stand in its bytes.

use bytes::{BufMut, Bytes, BytesMut};

use super::error::{MergeError, Result};
use super::spec::RowFormat;
use crate::wire::binary::skip_binary_value;
use crate::wire::{Reader, WireError};

/// Values of a row start behind this many bits of its NULL bitmap (binary protocol).
const BITMAP_OFFSET: usize = 2;

/// The byte that a binary row begins with.
const BINARY_ROW: u8 = 0;

const TOO_LONG: WireError = WireError::Malformed {
    packet: "row",
    reason: "longer than 4 GiB",
};

/// Where a value stands: its own bytes (without the length before them), and where the next begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// Its first byte, with the length before it.
    pub encoded: u32,
    /// The first byte of the value itself.
    pub start: u32,
    /// Behind its last byte.
    pub end: u32,
    /// No value: its bytes are none (binary) or a mark (text).
    pub null: bool,
}

impl Span {
    /// The value's bytes within its row; `None` for NULL.
    pub fn value<'a>(&self, row: &'a [u8]) -> Option<&'a [u8]> {
        (!self.null)
            .then(|| row.get(self.start as usize..self.end as usize))
            .flatten()
    }

    /// The value as it is sent, for a row of the same format.
    pub fn encoded<'a>(&self, row: &'a [u8]) -> &'a [u8] {
        row.get(self.encoded as usize..self.end as usize)
            .unwrap_or_default()
    }
}

/// Finds values in the rows of one answer.
#[derive(Clone, Debug)]
pub struct Layout {
    format: RowFormat,
    /// The columns' types.
    types: Vec<u8>,
}

impl Layout {
    /// Rows of columns of these types.
    pub fn new(format: RowFormat, types: Vec<u8>) -> Self {
        Self { format, types }
    }

    /// The protocol of the rows.
    pub fn format(&self) -> RowFormat {
        self.format
    }

    /// Number of columns, hidden ones included.
    pub fn columns(&self) -> usize {
        self.types.len()
    }

    /// Finds the first `count` values; `spans` is emptied first.
    ///
    /// # Errors
    /// The row is malformed.
    pub fn find(&self, row: &[u8], count: usize, spans: &mut Vec<Span>) -> Result<()> {
        spans.clear();
        if u32::try_from(row.len()).is_err() {
            return Err(TOO_LONG.into());
        }
        let mut reader = Reader::new(row);
        match self.format {
            RowFormat::Text => {
                for _ in 0..count {
                    let encoded = row.len() - reader.remaining();
                    let value = reader.nullable_bytes()?;
                    let end = row.len() - reader.remaining();
                    spans.push(Span {
                        encoded: encoded as u32,
                        start: (end - value.map_or(0, <[u8]>::len)) as u32,
                        end: end as u32,
                        null: value.is_none(),
                    });
                }
            }
            RowFormat::Binary => self.find_binary(row, &mut reader, count, spans)?,
        }
        Ok(())
    }

    fn find_binary(
        &self,
        row: &[u8],
        reader: &mut Reader<'_>,
        count: usize,
        spans: &mut Vec<Span>,
    ) -> Result<()> {
        if reader.u8()? != BINARY_ROW {
            return Err(MergeError::Wire(WireError::Malformed {
                packet: "binary row",
                reason: "it does not begin with 0",
            }));
        }
        let bitmap = reader.take(bitmap_len(self.types.len()))?;
        for (column, &column_type) in self.types.iter().take(count).enumerate() {
            let encoded = row.len() - reader.remaining();
            let null = is_null(bitmap, column);
            let mut value = reader.clone();
            if !null {
                skip_binary_value(reader, column_type)?;
                if has_length(column_type) {
                    // Skipped above, so it is there.
                    value.lenenc()?;
                }
            }
            spans.push(Span {
                encoded: encoded as u32,
                start: (row.len() - value.remaining()) as u32,
                end: (row.len() - reader.remaining()) as u32,
                null,
            });
        }
        Ok(())
    }

    /// The row's first `visible` columns.
    ///
    /// # Errors
    /// The row is malformed.
    pub fn cut(&self, mut row: Bytes, visible: usize, spans: &mut Vec<Span>) -> Result<Bytes> {
        if visible >= self.types.len() {
            return Ok(row);
        }
        match self.format {
            RowFormat::Text => {
                let mut reader = Reader::new(&row);
                for _ in 0..visible {
                    reader.nullable_bytes()?;
                }
                let end = row.len() - reader.remaining();
                row.truncate(end);
                Ok(row)
            }
            RowFormat::Binary => {
                self.find(&row, visible, spans)?;
                let from = 1 + bitmap_len(self.types.len());
                let end = spans.last().map_or(from, |last| last.end as usize);
                let mut cut = BytesMut::with_capacity(end);
                put_bitmap(&mut cut, spans.iter().map(|span| span.null));
                cut.extend_from_slice(row.get(from..end).unwrap_or_default());
                Ok(cut.freeze())
            }
        }
    }
}

/// Appends the head of a binary row: its first byte and which values are NULL.
pub fn put_bitmap(out: &mut BytesMut, nulls: impl ExactSizeIterator<Item = bool>) {
    out.put_u8(BINARY_ROW);
    let mut bitmap = vec![0_u8; bitmap_len(nulls.len())];
    for (column, null) in nulls.enumerate() {
        if let Some(byte) = bitmap.get_mut((column + BITMAP_OFFSET) / 8) {
            *byte |= u8::from(null) << ((column + BITMAP_OFFSET) % 8);
        }
    }
    out.extend_from_slice(&bitmap);
}

fn bitmap_len(columns: usize) -> usize {
    (columns + BITMAP_OFFSET).div_ceil(8)
}

fn is_null(bitmap: &[u8], column: usize) -> bool {
    let bit = column + BITMAP_OFFSET;
    bitmap
        .get(bit / 8)
        .is_some_and(|byte| byte >> (bit % 8) & 1 == 1)
}

/// Whether a value of this type has its length before it as a string has.
fn has_length(column_type: u8) -> bool {
    use crate::wire::ColumnType as T;
    T::try_from(column_type).is_ok_and(|known| {
        !matches!(
            known,
            T::MYSQL_TYPE_NULL
                | T::MYSQL_TYPE_TINY
                | T::MYSQL_TYPE_SHORT
                | T::MYSQL_TYPE_YEAR
                | T::MYSQL_TYPE_LONG
                | T::MYSQL_TYPE_INT24
                | T::MYSQL_TYPE_FLOAT
                | T::MYSQL_TYPE_LONGLONG
                | T::MYSQL_TYPE_DOUBLE
        )
    })
}
