//! Binary rows → the text rows in which a server would have sent the same values.
//!
//! In: the columns of an answer and its binary rows. Out: rows of the text protocol. Text and binary
//! form say the same of every type but FLOAT, whose text a server cuts off after six digits: here it
//! has as many as the number needs.

use bytes::{BufMut, BytesMut};

use super::codec::{Reader, put_lenenc_bytes};
use super::column::ColumnDefinition;
use super::error::{Result, WireError};
use super::{ColumnFlags, ColumnType};

/// What a text row has instead of a value that is NULL.
const NULL: u8 = 0xFB;

/// Values of a row start behind this many bits of its NULL bitmap.
const BITMAP_OFFSET: usize = 2;

/// So many decimals say that there may be any number of them.
const ANY_DECIMALS: u8 = 31;

/// Most digits of a fraction of a second.
const MAX_FRACTION: u8 = 6;

/// The columns of binary rows.
#[derive(Clone, Debug, Default)]
pub struct BinaryRows(Vec<BinaryColumn>);

#[derive(Clone, Copy, Debug)]
struct BinaryColumn {
    column_type: ColumnType,
    unsigned: bool,
    decimals: u8,
}

impl BinaryRows {
    /// Adds the next column.
    ///
    /// # Errors
    /// [`WireError::Malformed`] for a type that has no binary form.
    pub fn push(&mut self, column: &ColumnDefinition<'_>) -> Result<()> {
        self.0.push(BinaryColumn {
            column_type: column.known_type().ok_or(UNKNOWN)?,
            unsigned: column.known_flags().contains(ColumnFlags::UNSIGNED_FLAG),
            decimals: column.decimals,
        });
        Ok(())
    }

    /// Appends a binary row as a text row.
    ///
    /// # Errors
    /// The row is malformed.
    pub fn put_text(&self, row: &[u8], out: &mut BytesMut) -> Result<()> {
        let mut reader = Reader::new(row);
        if reader.u8()? != 0 {
            return Err(malformed("a binary row does not begin with 0"));
        }
        let nulls = reader.take((self.0.len() + BITMAP_OFFSET).div_ceil(8))?;
        for (at, column) in self.0.iter().enumerate() {
            let bit = at + BITMAP_OFFSET;
            let byte = nulls.get(bit / 8).copied().unwrap_or_default();
            if byte >> (bit % 8) & 1 == 1 || column.column_type == ColumnType::MYSQL_TYPE_NULL {
                out.put_u8(NULL);
            } else {
                column.put(&mut reader, out)?;
            }
        }
        match reader.remaining() {
            0 => Ok(()),
            _ => Err(malformed("bytes behind a binary row")),
        }
    }
}

impl BinaryColumn {
    fn put(self, reader: &mut Reader<'_>, out: &mut BytesMut) -> Result<()> {
        use ColumnType as T;
        let text = match self.column_type {
            T::MYSQL_TYPE_TINY => {
                let [byte] = reader.array()?;
                self.integer(i64::from(byte as i8), u64::from(byte))
            }
            T::MYSQL_TYPE_SHORT => {
                let value = u16::from_le_bytes(reader.array()?);
                self.integer(i64::from(value as i16), u64::from(value))
            }
            T::MYSQL_TYPE_YEAR => format!("{:04}", u16::from_le_bytes(reader.array()?)),
            T::MYSQL_TYPE_LONG | T::MYSQL_TYPE_INT24 => {
                let value = u32::from_le_bytes(reader.array()?);
                self.integer(i64::from(value as i32), u64::from(value))
            }
            T::MYSQL_TYPE_LONGLONG => {
                let value = u64::from_le_bytes(reader.array()?);
                self.integer(value as i64, value)
            }
            T::MYSQL_TYPE_FLOAT => format!("{:e}", f32::from_le_bytes(reader.array()?)),
            T::MYSQL_TYPE_DOUBLE => format!("{:e}", f64::from_le_bytes(reader.array()?)),
            T::MYSQL_TYPE_DATE | T::MYSQL_TYPE_DATETIME | T::MYSQL_TYPE_TIMESTAMP => {
                self.moment(reader)?
            }
            T::MYSQL_TYPE_TIME => self.time(reader)?,
            _ => {
                put_lenenc_bytes(out, reader.lenenc_bytes()?);
                return Ok(());
            }
        };
        put_lenenc_bytes(out, text.as_bytes());
        Ok(())
    }

    fn integer(self, signed: i64, unsigned: u64) -> String {
        match self.unsigned {
            true => unsigned.to_string(),
            false => signed.to_string(),
        }
    }

    fn fraction(self, micros: u32) -> String {
        match self.decimals {
            0 => String::new(),
            ANY_DECIMALS if micros == 0 => String::new(),
            digits => {
                let digits = digits.min(MAX_FRACTION);
                let all = format!(".{micros:06}");
                all.get(..=usize::from(digits)).unwrap_or(&all).to_owned()
            }
        }
    }

    fn moment(self, reader: &mut Reader<'_>) -> Result<String> {
        let len = reader.u8()?;
        let mut parts = Reader::new(reader.take(len.into())?);
        let (year, [month, day]) = match len {
            0 => (0, [0, 0]),
            _ => (parts.u16()?, parts.array()?),
        };
        let [hour, minute, second] = if len > 4 { parts.array()? } else { [0; 3] };
        let micros = if len > 7 { parts.u32()? } else { 0 };
        let date = format!("{year:04}-{month:02}-{day:02}");
        if self.column_type == ColumnType::MYSQL_TYPE_DATE {
            return Ok(date);
        }
        let fraction = self.fraction(micros);
        Ok(format!(
            "{date} {hour:02}:{minute:02}:{second:02}{fraction}"
        ))
    }

    fn time(self, reader: &mut Reader<'_>) -> Result<String> {
        let len = reader.u8()?;
        let mut parts = Reader::new(reader.take(len.into())?);
        let (negative, days) = match len {
            0 => (0, 0),
            _ => (parts.u8()?, parts.u32()?),
        };
        let [hour, minute, second] = if len > 5 { parts.array()? } else { [0; 3] };
        let micros = if len > 8 { parts.u32()? } else { 0 };
        let sign = if negative == 0 { "" } else { "-" };
        let hours = u64::from(days) * 24 + u64::from(hour);
        let fraction = self.fraction(micros);
        Ok(format!(
            "{sign}{hours:02}:{minute:02}:{second:02}{fraction}"
        ))
    }
}

const UNKNOWN: WireError = malformed("a column of an unknown type");

const fn malformed(reason: &'static str) -> WireError {
    WireError::Malformed {
        packet: "binary row",
        reason,
    }
}
