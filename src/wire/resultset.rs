//! Small results of our own, such as the answer to SHOW or to `SELECT @@version_comment`.

use bytes::{BufMut, BytesMut};

use super::codec::{put_lenenc, put_lenenc_bytes, put_nullable_bytes};
use super::column::ColumnDefinition;
use super::frame::put_packet_with;
use super::response::{EofPacket, OkHeader, OkPacket};
use super::{CapabilityFlags, ColumnFlags, ColumnType, StatusFlags};

/// Id of utf8mb4_0900_ai_ci.
const UTF8MB4: u16 = 255;

/// Id of the binary collation, which numbers have.
const BINARY: u16 = 63;

/// Longest value of a text column, in bytes: 256 characters of utf8mb4.
const TEXT_LENGTH: u32 = 1024;

/// Longest value of an integer column, in digits and sign.
const INTEGER_LENGTH: u32 = 21;

/// A column of a result of our own; it belongs to no table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TextColumn {
    /// The column's name as the client sees it.
    pub name: Vec<u8>,
    /// The type that the client is told.
    pub column_type: ColumnType,
    /// Id of the collation.
    pub collation: u16,
    /// Longest value in bytes.
    pub length: u32,
    /// Flags that the client is told.
    pub flags: ColumnFlags,
    /// Digits behind the point; 31 for strings that were computed.
    pub decimals: u8,
}

impl TextColumn {
    /// A column of strings in utf8mb4.
    pub fn text(name: impl Into<Vec<u8>>) -> Self {
        Self {
            name: name.into(),
            column_type: ColumnType::MYSQL_TYPE_VAR_STRING,
            collation: UTF8MB4,
            length: TEXT_LENGTH,
            flags: ColumnFlags::empty(),
            decimals: 0,
        }
    }

    /// A column of 64-bit integers.
    pub fn integer(name: impl Into<Vec<u8>>) -> Self {
        Self {
            name: name.into(),
            column_type: ColumnType::MYSQL_TYPE_LONGLONG,
            collation: BINARY,
            length: INTEGER_LENGTH,
            flags: ColumnFlags::BINARY_FLAG,
            decimals: 0,
        }
    }

    /// The column's definition, as it is sent.
    pub fn definition(&self) -> ColumnDefinition<'_> {
        ColumnDefinition {
            catalog: b"def",
            schema: b"",
            table: b"",
            org_table: b"",
            name: &self.name,
            org_name: b"",
            collation: self.collation,
            length: self.length,
            column_type: self.column_type as u8,
            flags: self.flags.bits(),
            decimals: self.decimals,
            default: None,
        }
    }
}

/// In which form rows are sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RowForm {
    /// The answer to COM_QUERY.
    Text,
    /// The answer to COM_STMT_EXECUTE.
    Binary,
}

/// Appends a whole result: the columns, the rows (values as text, `None` for NULL) and the terminator
/// in the form that the client's negotiated capabilities ask for.
pub fn put_result<R, V>(
    out: &mut BytesMut,
    sequence: &mut u8,
    (capabilities, form): (CapabilityFlags, RowForm),
    columns: &[TextColumn],
    rows: impl IntoIterator<Item = R>,
    status: StatusFlags,
) where
    R: IntoIterator<Item = Option<V>>,
    V: AsRef<[u8]>,
{
    put_packet_with(out, sequence, |out| put_lenenc(out, columns.len() as u64));
    for column in columns {
        put_packet_with(out, sequence, |out| column.definition().encode(out));
    }
    let deprecate_eof = capabilities.contains(CapabilityFlags::CLIENT_DEPRECATE_EOF);
    let eof = EofPacket {
        warnings: 0,
        status,
    };
    if !deprecate_eof {
        put_packet_with(out, sequence, |out| eof.encode(out));
    }
    for row in rows {
        put_packet_with(out, sequence, |out| match form {
            RowForm::Text => {
                for value in row {
                    put_nullable_bytes(out, value.as_ref().map(AsRef::as_ref));
                }
            }
            RowForm::Binary => put_binary_row(out, columns, row),
        });
    }
    put_packet_with(out, sequence, |out| {
        if deprecate_eof {
            let ok = OkPacket {
                status,
                ..OkPacket::default()
            };
            ok.encode(out, capabilities, OkHeader::Eof);
        } else {
            eof.encode(out);
        }
    });
}

/// [`put_result`] with rows of text.
pub fn put_text_result<R, V>(
    out: &mut BytesMut,
    sequence: &mut u8,
    capabilities: CapabilityFlags,
    columns: &[TextColumn],
    rows: impl IntoIterator<Item = R>,
    status: StatusFlags,
) where
    R: IntoIterator<Item = Option<V>>,
    V: AsRef<[u8]>,
{
    let form = (capabilities, RowForm::Text);
    put_result(out, sequence, form, columns, rows, status);
}

/// The first two bits of a binary row's bitmap belong to no column.
const BITMAP_OFFSET: usize = 2;

fn put_binary_row<V: AsRef<[u8]>>(
    out: &mut BytesMut,
    columns: &[TextColumn],
    row: impl IntoIterator<Item = Option<V>>,
) {
    out.put_u8(0);
    let bitmap = out.len();
    out.put_bytes(0, (columns.len() + BITMAP_OFFSET).div_ceil(8));
    for (at, (column, value)) in columns.iter().zip(row).enumerate() {
        match value {
            Some(value) => put_binary_value(out, column.column_type, value.as_ref()),
            None => {
                let bit = at + BITMAP_OFFSET;
                if let Some(byte) = out.get_mut(bitmap + bit / 8) {
                    *byte |= 1 << (bit % 8);
                }
            }
        }
    }
}

/// A value in the form that its type has; results of our own have integers and strings only.
fn put_binary_value(out: &mut BytesMut, column_type: ColumnType, text: &[u8]) {
    let number = || {
        let text = std::str::from_utf8(text).unwrap_or_default();
        text.parse::<i128>().unwrap_or_default()
    };
    match column_type {
        ColumnType::MYSQL_TYPE_LONGLONG => out.put_u64_le(number() as u64),
        ColumnType::MYSQL_TYPE_LONG | ColumnType::MYSQL_TYPE_INT24 => {
            out.put_u32_le(number() as u32);
        }
        _ => put_lenenc_bytes(out, text),
    }
}
