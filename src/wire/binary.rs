//! Values of the binary protocol: how long they are, and what they are, from their type.

use super::ColumnType;
use super::codec::Reader;
use super::error::{Result, WireError};
use super::execute::ParamType;

/// MySQL's MYSQL_TYPE_BOOL: one byte; sent by no server, but known to its parser.
const TYPE_BOOL: u8 = 244;

/// Moves the reader behind one value that is not NULL.
///
/// # Errors
/// [`WireError::Malformed`] for a type that has no binary form, and the errors of a truncated
/// packet.
pub fn skip_binary_value(reader: &mut Reader<'_>, column_type: u8) -> Result<()> {
    use ColumnType as T;
    const UNKNOWN: WireError = WireError::Malformed {
        packet: "binary value",
        reason: "unknown type",
    };
    if column_type == TYPE_BOOL {
        return reader.take(1).map(drop);
    }
    match T::try_from(column_type).map_err(|_| UNKNOWN)? {
        T::MYSQL_TYPE_NULL => Ok(()),
        T::MYSQL_TYPE_TINY => reader.take(1).map(drop),
        T::MYSQL_TYPE_SHORT | T::MYSQL_TYPE_YEAR => reader.take(2).map(drop),
        T::MYSQL_TYPE_LONG | T::MYSQL_TYPE_INT24 | T::MYSQL_TYPE_FLOAT => reader.take(4).map(drop),
        T::MYSQL_TYPE_LONGLONG | T::MYSQL_TYPE_DOUBLE => reader.take(8).map(drop),
        T::MYSQL_TYPE_DATE
        | T::MYSQL_TYPE_DATETIME
        | T::MYSQL_TYPE_TIMESTAMP
        | T::MYSQL_TYPE_TIME => {
            let len = reader.u8()?;
            reader.take(usize::from(len)).map(drop)
        }
        T::MYSQL_TYPE_DECIMAL
        | T::MYSQL_TYPE_NEWDECIMAL
        | T::MYSQL_TYPE_VARCHAR
        | T::MYSQL_TYPE_VAR_STRING
        | T::MYSQL_TYPE_STRING
        | T::MYSQL_TYPE_ENUM
        | T::MYSQL_TYPE_SET
        | T::MYSQL_TYPE_BIT
        | T::MYSQL_TYPE_JSON
        | T::MYSQL_TYPE_VECTOR
        | T::MYSQL_TYPE_GEOMETRY
        | T::MYSQL_TYPE_TINY_BLOB
        | T::MYSQL_TYPE_MEDIUM_BLOB
        | T::MYSQL_TYPE_LONG_BLOB
        | T::MYSQL_TYPE_BLOB => reader.lenenc_bytes().map(drop),
        // What remains travels in the binary log only.
        _ => Err(UNKNOWN),
    }
}

/// Whether values of this type are strings, of characters or bytes, with their length before them.
pub fn is_text(column_type: u8) -> bool {
    use ColumnType as T;
    matches!(
        T::try_from(column_type),
        Ok(T::MYSQL_TYPE_VARCHAR
            | T::MYSQL_TYPE_VAR_STRING
            | T::MYSQL_TYPE_STRING
            | T::MYSQL_TYPE_TINY_BLOB
            | T::MYSQL_TYPE_MEDIUM_BLOB
            | T::MYSQL_TYPE_LONG_BLOB
            | T::MYSQL_TYPE_BLOB)
    )
}

/// A parameter's value, as far as routing reads it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum BinaryValue<'a> {
    /// NULL
    Null,
    /// An integer of any width.
    Integer(i128),
    /// FLOAT or DOUBLE.
    Float(f64),
    /// A decimal's digits.
    Decimal(&'a [u8]),
    /// A character string in the client's character set.
    Text(&'a [u8]),
    /// A binary string.
    Blob(&'a [u8]),
    /// DATE, DATETIME or TIMESTAMP, with the time of day in microseconds.
    Moment {
        /// Year of the calendar.
        year: u16,
        /// Month, from 1.
        month: u8,
        /// Day of the month, from 1.
        day: u8,
        /// Hour, minute and second.
        time: [u8; 3],
        /// Microseconds of the second.
        micros: u32,
        /// It is a DATE.
        date_only: bool,
    },
    /// A value that is not read here.
    Other,
}

/// Reads a parameter that is not NULL. `None`: servers do not agree how long a value of this type is.
///
/// # Errors
/// Those of a truncated packet.
pub fn read_parameter<'a>(
    reader: &mut Reader<'a>,
    declared: ParamType,
) -> Result<Option<BinaryValue<'a>>> {
    use BinaryValue as V;
    use ColumnType as T;
    let unsigned = declared.is_unsigned();
    let Ok(column_type) = T::try_from(declared.column_type()) else {
        return Ok(None);
    };
    Ok(Some(match column_type {
        T::MYSQL_TYPE_TINY => match reader.array::<1>()? {
            byte if unsigned => V::Integer(u8::from_le_bytes(byte).into()),
            byte => V::Integer(i8::from_le_bytes(byte).into()),
        },
        T::MYSQL_TYPE_SHORT => match reader.array::<2>()? {
            bytes if unsigned => V::Integer(u16::from_le_bytes(bytes).into()),
            bytes => V::Integer(i16::from_le_bytes(bytes).into()),
        },
        T::MYSQL_TYPE_LONG => match reader.array::<4>()? {
            bytes if unsigned => V::Integer(u32::from_le_bytes(bytes).into()),
            bytes => V::Integer(i32::from_le_bytes(bytes).into()),
        },
        T::MYSQL_TYPE_LONGLONG => match reader.array::<8>()? {
            bytes if unsigned => V::Integer(u64::from_le_bytes(bytes).into()),
            bytes => V::Integer(i64::from_le_bytes(bytes).into()),
        },
        T::MYSQL_TYPE_FLOAT => V::Float(f32::from_le_bytes(reader.array()?).into()),
        T::MYSQL_TYPE_DOUBLE => V::Float(f64::from_le_bytes(reader.array()?)),
        T::MYSQL_TYPE_DECIMAL | T::MYSQL_TYPE_NEWDECIMAL => V::Decimal(reader.lenenc_bytes()?),
        T::MYSQL_TYPE_DATE | T::MYSQL_TYPE_DATETIME | T::MYSQL_TYPE_TIMESTAMP => {
            read_moment(reader, column_type)?
        }
        T::MYSQL_TYPE_TIME => {
            let len = reader.u8()?;
            reader.take(len.into())?;
            V::Other
        }
        T::MYSQL_TYPE_VARCHAR | T::MYSQL_TYPE_VAR_STRING | T::MYSQL_TYPE_STRING => {
            V::Text(reader.lenenc_bytes()?)
        }
        T::MYSQL_TYPE_TINY_BLOB
        | T::MYSQL_TYPE_MEDIUM_BLOB
        | T::MYSQL_TYPE_LONG_BLOB
        | T::MYSQL_TYPE_BLOB => V::Blob(reader.lenenc_bytes()?),
        // MariaDB takes no byte at all for BIT.
        T::MYSQL_TYPE_ENUM | T::MYSQL_TYPE_SET | T::MYSQL_TYPE_JSON => {
            reader.lenenc_bytes()?;
            V::Other
        }
        _ => return Ok(None),
    }))
}

/// The lengths are 0 (no date at all), 4, 7 and 11 bytes; of a DATE's servers read 4.
fn read_moment<'a>(reader: &mut Reader<'a>, column_type: ColumnType) -> Result<BinaryValue<'a>> {
    let len = reader.u8()?;
    let mut parts = Reader::new(reader.take(len.into())?);
    let date_only = column_type == ColumnType::MYSQL_TYPE_DATE;
    if !matches!((len, date_only), (4, _) | (7 | 11, false)) {
        return Ok(BinaryValue::Other);
    }
    let year = parts.u16()?;
    let [month, day] = parts.array()?;
    let time = if len >= 7 { parts.array()? } else { [0; 3] };
    let micros = if len == 11 { parts.u32()? } else { 0 };
    Ok(BinaryValue::Moment {
        year,
        month,
        day,
        time,
        micros,
        date_only,
    })
}
