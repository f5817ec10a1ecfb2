//! The answer to COM_STMT_PREPARE.

use bytes::{BufMut, BytesMut};

use super::codec::Reader;
use super::error::{Result, WireError};

/// `COM_STMT_PREPARE_OK`. Where `params` is not 0, that many column definitions follow, then those
/// of the columns; behind each list stands an EOF packet where DEPRECATE_EOF does not hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PrepareOk {
    /// The server's number of the statement.
    pub statement: u32,
    /// Number of columns of its result; 0 for a statement without one.
    pub columns: u16,
    /// Number of placeholders.
    pub params: u16,
    /// Number of warnings.
    pub warnings: u16,
}

impl PrepareOk {
    /// Appends the packet's payload.
    pub fn encode(&self, out: &mut BytesMut) {
        out.put_u8(0);
        out.put_u32_le(self.statement);
        out.put_u16_le(self.columns);
        out.put_u16_le(self.params);
        out.put_u8(0);
        out.put_u16_le(self.warnings);
    }

    /// Reads the packet.
    ///
    /// # Errors
    /// [`WireError::Malformed`] for another packet, and the errors of a truncated one.
    pub fn decode(payload: &[u8]) -> Result<Self> {
        let mut reader = Reader::new(payload);
        if reader.u8()? != 0 {
            return Err(WireError::Malformed {
                packet: "COM_STMT_PREPARE_OK",
                reason: "unexpected first byte",
            });
        }
        let statement = reader.u32()?;
        let columns = reader.u16()?;
        let params = reader.u16()?;
        reader.take(1)?;
        Ok(Self {
            statement,
            columns,
            params,
            warnings: reader.u16()?,
        })
    }
}
