//! Values of the binary protocol: how long they are, from their type.

use super::ColumnType;
use super::codec::Reader;
use super::error::{Result, WireError};

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
