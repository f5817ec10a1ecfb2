//! What a server answers to a command: OK, ERR, EOF, and what a first packet announces.

use bytes::{BufMut, BytesMut};

use super::codec::{Reader, put_lenenc, put_lenenc_bytes};
use super::error::{Result, WireError};
use super::{CapabilityFlags, StatusFlags};
use crate::error::{MysqlError, SqlState};

const OK: u8 = 0x00;
const LOCAL_INFILE: u8 = 0xFB;
const EOF: u8 = 0xFE;
const ERR: u8 = 0xFF;

/// Payload bytes from which a packet that opens with 0xFE can be a row of a text result: its first
/// value is longer than 16 MiB.
const MIN_HUGE_ROW: usize = 0xFF_FFFF;

/// The code that marks a MariaDB progress report.
const PROGRESS_REPORT: u16 = 0xFFFF;

/// Most columns of a result that we believe; MySQL's own limit is 4096.
const MAX_COLUMNS: u64 = u16::MAX as u64;

/// The first byte of an OK packet: which of its two places it stands in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OkHeader {
    /// It answers a command.
    Ok = 0x00,
    /// It closes a result's rows, where DEPRECATE_EOF holds.
    Eof = 0xFE,
}

/// `OK_Packet`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OkPacket<'a> {
    /// Rows changed (or found, with FOUND_ROWS).
    pub affected_rows: u64,
    /// The last value generated for an AUTO_INCREMENT column.
    pub last_insert_id: u64,
    /// The session's state. To encode: SESSION_STATE_CHANGED follows `session_changes`.
    pub status: StatusFlags,
    /// Number of warnings.
    pub warnings: u16,
    /// For people: "Rows matched: 1 …".
    pub info: &'a [u8],
    /// What [`SessionChanges`](super::SessionChanges) iterates over; empty without SESSION_TRACK.
    pub session_changes: &'a [u8],
}

impl Default for OkPacket<'_> {
    fn default() -> Self {
        Self {
            affected_rows: 0,
            last_insert_id: 0,
            status: StatusFlags::empty(),
            warnings: 0,
            info: b"",
            session_changes: b"",
        }
    }
}

impl<'a> OkPacket<'a> {
    /// Appends the packet's payload for a peer with these negotiated capabilities: without
    /// SESSION_TRACK, the changes are left out and the flag that announces them is cleared.
    pub fn encode(&self, out: &mut BytesMut, capabilities: CapabilityFlags, header: OkHeader) {
        let tracks = capabilities.contains(CapabilityFlags::CLIENT_SESSION_TRACK);
        let changed = tracks && !self.session_changes.is_empty();
        let mut status = self.status;
        status.set(StatusFlags::SERVER_SESSION_STATE_CHANGED, changed);
        out.put_u8(header as u8);
        put_lenenc(out, self.affected_rows);
        put_lenenc(out, self.last_insert_id);
        out.put_u16_le(status.bits());
        out.put_u16_le(self.warnings);
        // The documentation calls the form without SESSION_TRACK a string up to the packet's end;
        // every MySQL and MariaDB puts a length before it all the same, and clients expect it.
        if changed || !self.info.is_empty() {
            put_lenenc_bytes(out, self.info);
        }
        if changed {
            put_lenenc_bytes(out, self.session_changes);
        }
    }

    /// Reads an OK packet, with either header, of a peer with these negotiated capabilities.
    ///
    /// MySQL closes rows by an EOF packet even where DEPRECATE_EOF holds, if an error ends them whose
    /// handler goes on in a procedure (`Query_result_send::abort_result_set`): that is read as what
    /// should stand there.
    ///
    /// # Errors
    /// [`WireError::Malformed`] for another packet, and the errors of a truncated one.
    pub fn decode(payload: &'a [u8], capabilities: CapabilityFlags) -> Result<Self> {
        if payload.first() == Some(&EOF) && payload.len() == EofPacket::LEN {
            let EofPacket { warnings, status } = EofPacket::decode(payload)?;
            return Ok(Self {
                warnings,
                status,
                ..Self::default()
            });
        }
        let mut reader = Reader::new(payload);
        if !matches!(reader.u8()?, OK | EOF) {
            return Err(WireError::Malformed {
                packet: "OK_Packet",
                reason: "unexpected first byte",
            });
        }
        let affected_rows = reader.lenenc()?;
        let last_insert_id = reader.lenenc()?;
        let status = StatusFlags::from_bits_retain(reader.u16()?);
        let warnings = reader.u16()?;
        let tracks = capabilities.contains(CapabilityFlags::CLIENT_SESSION_TRACK);
        let changed = tracks && status.contains(StatusFlags::SERVER_SESSION_STATE_CHANGED);
        let info = if !tracks {
            untracked_info(reader.rest())
        } else if changed || !reader.is_empty() {
            reader.lenenc_bytes()?
        } else {
            b""
        };
        let session_changes = if changed { reader.lenenc_bytes()? } else { b"" };
        Ok(Self {
            affected_rows,
            last_insert_id,
            status,
            warnings,
            info,
            session_changes,
        })
    }
}

/// Without SESSION_TRACK a length stands before the text, whatever the documentation says; a
/// server that goes by the documentation is understood too.
fn untracked_info(rest: &[u8]) -> &[u8] {
    let mut reader = Reader::new(rest);
    match reader.lenenc_bytes() {
        Ok(info) if reader.is_empty() => info,
        _ => rest,
    }
}

/// `EOF_Packet`, which stands behind column definitions and rows where DEPRECATE_EOF does not hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EofPacket {
    /// Number of warnings.
    pub warnings: u16,
    /// The session's state.
    pub status: StatusFlags,
}

impl EofPacket {
    /// Bytes of its payload. No OK packet is as short.
    const LEN: usize = 5;

    /// Appends the packet's payload.
    pub fn encode(&self, out: &mut BytesMut) {
        out.put_u8(EOF);
        out.put_u16_le(self.warnings);
        out.put_u16_le(self.status.bits());
    }

    /// Reads the packet.
    ///
    /// # Errors
    /// [`WireError::Malformed`] for another packet, and the errors of a truncated one.
    pub fn decode(payload: &[u8]) -> Result<Self> {
        let mut reader = Reader::new(payload);
        if reader.u8()? != EOF {
            return Err(WireError::Malformed {
                packet: "EOF_Packet",
                reason: "unexpected first byte",
            });
        }
        Ok(Self {
            warnings: reader.u16()?,
            status: StatusFlags::from_bits_retain(reader.u16()?),
        })
    }
}

/// Whether a packet that stands where a row may stand closes the rows: an EOF packet, or an OK
/// packet in its place. `payload` may be cut behind its first byte; `len` is the packet's length.
#[inline]
pub fn is_eof(payload: &[u8], len: usize, capabilities: CapabilityFlags) -> bool {
    let limit = if capabilities.contains(CapabilityFlags::CLIENT_DEPRECATE_EOF) {
        MIN_HUGE_ROW
    } else {
        // An EOF packet is shorter, a row that opens with 0xFE is not.
        9
    };
    payload.first() == Some(&EOF) && len < limit
}

/// Appends the payload of an ERR packet.
pub fn put_err(out: &mut BytesMut, error: &MysqlError) {
    out.put_u8(ERR);
    out.put_u16_le(error.code);
    out.put_u8(b'#');
    out.put_slice(&error.state.0);
    out.put_slice(&error.message);
}

/// Appends the payload of an ERR packet that stands in place of a greeting. It has no SQLSTATE: a
/// client does not look for one before it knows the server's capabilities.
pub fn put_early_err(out: &mut BytesMut, error: &MysqlError) {
    out.put_u8(ERR);
    out.put_u16_le(error.code);
    out.put_slice(&error.message);
}

/// Reads an ERR packet, with an SQLSTATE or without (then it is `HY000`).
///
/// # Errors
/// [`WireError::ProgressReport`] (see [`is_progress_report`]), [`WireError::Malformed`] for another
/// packet, and the errors of a truncated one.
pub fn decode_err(payload: &[u8]) -> Result<MysqlError> {
    if is_progress_report(payload) {
        return Err(WireError::ProgressReport);
    }
    let mut reader = Reader::new(payload);
    if reader.u8()? != ERR {
        return Err(WireError::Malformed {
            packet: "ERR_Packet",
            reason: "unexpected first byte",
        });
    }
    let code = reader.u16()?;
    let state = match reader.peek() {
        Some(b'#') => {
            let [_mark, state @ ..]: [u8; 6] = reader.array()?;
            SqlState(state)
        }
        _ => SqlState::GENERAL,
    };
    Ok(MysqlError {
        code,
        state,
        message: reader.rest().to_vec(),
    })
}

/// Whether this is a MariaDB progress report, which has the form of an ERR packet but ends nothing.
pub fn is_progress_report(payload: &[u8]) -> bool {
    let [low, high] = PROGRESS_REPORT.to_le_bytes();
    // SIGNAL can give an error this code; it has an SQLSTATE behind it.
    let own = payload.get(3) == Some(&b'#');
    payload.starts_with(&[ERR, low, high]) && !own
}

/// Writes the payload that asks a client for a file.
pub fn put_file_wish(out: &mut BytesMut, file: &[u8]) {
    out.extend_from_slice(&[LOCAL_INFILE]);
    out.extend_from_slice(file);
}

/// What the first packet of an answer to COM_QUERY or COM_STMT_EXECUTE announces.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reply<'a> {
    /// An [`OkPacket`]: no rows.
    Ok,
    /// An ERR packet, for [`decode_err`].
    Err,
    /// An [`EofPacket`], or an [`OkPacket`] with its header: the answer to COM_SET_OPTION.
    Eof,
    /// The server asks for this file of the client's.
    LocalInfile(&'a [u8]),
    /// Rows: so many column definitions follow.
    ResultSet {
        /// Number of columns, never 0.
        columns: u64,
    },
}

impl<'a> Reply<'a> {
    /// Tells a first packet's kind from its payload. OPTIONAL_RESULTSET_METADATA must not have been
    /// negotiated: it would put a byte before the number of columns.
    ///
    /// # Errors
    /// [`WireError::Malformed`]: nothing a server may answer.
    pub fn decode(payload: &'a [u8]) -> Result<Self> {
        let mut reader = Reader::new(payload);
        match reader.peek() {
            Some(OK) => Ok(Self::Ok),
            Some(ERR) => Ok(Self::Err),
            Some(EOF) => Ok(Self::Eof),
            Some(LOCAL_INFILE) => {
                reader.take(1)?;
                Ok(Self::LocalInfile(reader.rest()))
            }
            _ => {
                let columns = reader.lenenc()?;
                if columns > MAX_COLUMNS || !reader.is_empty() {
                    return Err(WireError::Malformed {
                        packet: "COM_QUERY response",
                        reason: "impossible number of columns",
                    });
                }
                Ok(Self::ResultSet { columns })
            }
        }
    }
}
