//! Values of binary rows as the text that the same server would send of them.

use std::borrow::Cow;

use crate::wire::{ColumnDefinition, ColumnFlags, ColumnType, Reader, WireError};

/// So many decimals say that there may be any number of them.
const ANY_DECIMALS: u8 = 31;

/// What decides how a column's values are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct BinaryColumn {
    known: Option<ColumnType>,
    unsigned: bool,
    decimals: u8,
}

impl BinaryColumn {
    pub fn of(column: &ColumnDefinition<'_>) -> Self {
        Self {
            known: column.known_type(),
            unsigned: column.known_flags().contains(ColumnFlags::UNSIGNED_FLAG),
            decimals: column.decimals,
        }
    }

    /// The text of a value that is not NULL. A DOUBLE has all its digits, in Rust's form of them.
    ///
    /// # Errors
    /// The bytes are not as many as the type has.
    pub fn text<'v>(&self, value: &'v [u8]) -> Result<Cow<'v, [u8]>, WireError> {
        use ColumnType as T;
        let mut reader = Reader::new(value);
        let text = match self.known {
            Some(T::MYSQL_TYPE_TINY) => match self.unsigned {
                true => reader.u8()?.to_string(),
                false => i8::from_le_bytes(reader.array()?).to_string(),
            },
            Some(T::MYSQL_TYPE_SHORT | T::MYSQL_TYPE_YEAR) => match self.unsigned {
                true => reader.u16()?.to_string(),
                false => i16::from_le_bytes(reader.array()?).to_string(),
            },
            Some(T::MYSQL_TYPE_INT24 | T::MYSQL_TYPE_LONG) => match self.unsigned {
                true => reader.u32()?.to_string(),
                false => i32::from_le_bytes(reader.array()?).to_string(),
            },
            Some(T::MYSQL_TYPE_LONGLONG) => match self.unsigned {
                true => u64::from_le_bytes(reader.array()?).to_string(),
                false => i64::from_le_bytes(reader.array()?).to_string(),
            },
            Some(T::MYSQL_TYPE_DOUBLE) => format!("{:e}", f64::from_le_bytes(reader.array()?)),
            Some(T::MYSQL_TYPE_DATE | T::MYSQL_TYPE_NEWDATE) => date(&mut reader)?,
            Some(T::MYSQL_TYPE_DATETIME | T::MYSQL_TYPE_TIMESTAMP) => {
                let day = date(&mut reader)?;
                format!("{day} {}", self.time_of_day(&mut reader)?)
            }
            Some(T::MYSQL_TYPE_TIME) => self.time(&mut reader)?,
            _ => return Ok(Cow::Borrowed(value)),
        };
        Ok(Cow::Owned(text.into_bytes()))
    }

    fn time_of_day(&self, reader: &mut Reader<'_>) -> Result<String, WireError> {
        let [hour, minute, second] = match reader.is_empty() {
            true => [0; 3],
            false => reader.array()?,
        };
        let fraction = self.fraction(reader)?;
        Ok(format!("{hour:02}:{minute:02}:{second:02}{fraction}"))
    }

    fn time(&self, reader: &mut Reader<'_>) -> Result<String, WireError> {
        let (sign, days) = match reader.is_empty() {
            true => ("", 0),
            false => (if reader.u8()? == 1 { "-" } else { "" }, reader.u32()?),
        };
        let [hour, minute, second] = match reader.is_empty() {
            true => [0; 3],
            false => reader.array()?,
        };
        let hours = u64::from(days) * 24 + u64::from(hour);
        let fraction = self.fraction(reader)?;
        Ok(format!(
            "{sign}{hours:02}:{minute:02}:{second:02}{fraction}"
        ))
    }

    /// The point and as many digits as the column has.
    fn fraction(&self, reader: &mut Reader<'_>) -> Result<String, WireError> {
        let micros = match reader.is_empty() {
            true => 0,
            false => reader.u32()?,
        };
        let digits = match self.decimals {
            ANY_DECIMALS if micros == 0 => 0,
            decimals => usize::from(decimals.min(6)),
        };
        let mut text = match digits {
            0 => String::new(),
            _ => format!(".{micros:06}"),
        };
        text.truncate(digits + 1);
        Ok(text)
    }
}

fn date(reader: &mut Reader<'_>) -> Result<String, WireError> {
    if reader.is_empty() {
        return Ok("0000-00-00".to_owned());
    }
    let year = reader.u16()?;
    let [month, day] = reader.array()?;
    Ok(format!("{year:04}-{month:02}-{day:02}"))
}
