//! Column definitions (`Protocol::ColumnDefinition41`).

use bytes::{BufMut, BytesMut};

use super::codec::{Reader, put_lenenc, put_lenenc_bytes, put_nullable_bytes};
use super::error::{Result, WireError};
use super::{ColumnFlags, ColumnType};

/// Bytes of the fields behind the names, whose length stands before them.
const FIXED_LEN: u64 = 12;

/// One column of a result, borrowed from its packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ColumnDefinition<'a> {
    /// Always `def`.
    pub catalog: &'a [u8],
    /// The schema; empty for an expression.
    pub schema: &'a [u8],
    /// The table's alias.
    pub table: &'a [u8],
    /// The table.
    pub org_table: &'a [u8],
    /// The column's alias.
    pub name: &'a [u8],
    /// The column.
    pub org_name: &'a [u8],
    /// Id of the collation; 63 for binary and for numbers.
    pub collation: u16,
    /// Longest value in bytes (for numbers: in digits).
    pub length: u32,
    /// The type's code, see [`ColumnDefinition::known_type`].
    pub column_type: u8,
    /// The flags' bits, see [`ColumnFlags`].
    pub flags: u16,
    /// Digits behind the point; 31 for a float without a fixed number.
    pub decimals: u8,
    /// In an answer to COM_FIELD_LIST: the default, where `Some(None)` is NULL.
    pub default: Option<Option<&'a [u8]>>,
}

impl<'a> ColumnDefinition<'a> {
    /// Appends the packet's payload.
    pub fn encode(&self, out: &mut BytesMut) {
        let names = [
            self.catalog,
            self.schema,
            self.table,
            self.org_table,
            self.name,
            self.org_name,
        ];
        for name in names {
            put_lenenc_bytes(out, name);
        }
        put_lenenc(out, FIXED_LEN);
        out.put_u16_le(self.collation);
        out.put_u32_le(self.length);
        out.put_u8(self.column_type);
        out.put_u16_le(self.flags);
        out.put_u8(self.decimals);
        out.put_u16_le(0);
        if let Some(default) = self.default {
            put_nullable_bytes(out, default);
        }
    }

    /// Reads a definition.
    ///
    /// # Errors
    /// Those of a truncated packet; [`WireError::Malformed`] where the fixed part is too short.
    pub fn decode(payload: &'a [u8]) -> Result<Self> {
        let mut reader = Reader::new(payload);
        let catalog = reader.lenenc_bytes()?;
        let schema = reader.lenenc_bytes()?;
        let table = reader.lenenc_bytes()?;
        let org_table = reader.lenenc_bytes()?;
        let name = reader.lenenc_bytes()?;
        let org_name = reader.lenenc_bytes()?;
        let fixed = reader.lenenc_bytes()?;
        if (fixed.len() as u64) < FIXED_LEN {
            return Err(WireError::Malformed {
                packet: "ColumnDefinition41",
                reason: "fixed part too short",
            });
        }
        let mut fixed = Reader::new(fixed);
        Ok(Self {
            catalog,
            schema,
            table,
            org_table,
            name,
            org_name,
            collation: fixed.u16()?,
            length: fixed.u32()?,
            column_type: fixed.u8()?,
            flags: fixed.u16()?,
            decimals: fixed.u8()?,
            default: (!reader.is_empty())
                .then(|| reader.nullable_bytes())
                .transpose()?,
        })
    }

    /// The column's type, if we know it.
    pub fn known_type(&self) -> Option<ColumnType> {
        ColumnType::try_from(self.column_type).ok()
    }

    /// The column's flags.
    pub const fn known_flags(&self) -> ColumnFlags {
        ColumnFlags::from_bits_retain(self.flags)
    }
}

/// Appends a definition with its schema named `to` where it was named `from`, all else byte for
/// byte. Returns whether it was.
///
/// # Errors
/// Those of a truncated packet; then nothing is appended.
pub fn rewrite_schema(payload: &[u8], from: &[u8], to: &[u8], out: &mut BytesMut) -> Result<bool> {
    let mut reader = Reader::new(payload);
    reader.lenenc_bytes()?;
    let catalog_len = payload.len() - reader.remaining();
    let schema = reader.lenenc_bytes()?;
    if schema != from {
        out.extend_from_slice(payload);
        return Ok(false);
    }
    let (catalog, _) = payload.split_at(catalog_len);
    let rest = reader.rest();
    out.reserve(payload.len() + to.len());
    out.extend_from_slice(catalog);
    put_lenenc_bytes(out, to);
    out.extend_from_slice(rest);
    Ok(true)
}
