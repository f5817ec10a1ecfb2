//! What a client asks for: COM_* packets. What we ask servers for is in [`request`](super::request).

use super::CapabilityFlags;
use super::binary::skip_binary_value;
use super::change_user::ChangeUser;
use super::codec::Reader;
use super::error::{Result, WireError};

/// First bytes of the command packets.
pub(super) mod code {
    pub const QUIT: u8 = 0x01;
    pub const INIT_DB: u8 = 0x02;
    pub const QUERY: u8 = 0x03;
    pub const FIELD_LIST: u8 = 0x04;
    pub const STATISTICS: u8 = 0x09;
    pub const PROCESS_INFO: u8 = 0x0A;
    pub const PROCESS_KILL: u8 = 0x0C;
    pub const DEBUG: u8 = 0x0D;
    pub const PING: u8 = 0x0E;
    pub const CHANGE_USER: u8 = 0x11;
    pub const STMT_PREPARE: u8 = 0x16;
    pub const STMT_EXECUTE: u8 = 0x17;
    pub const STMT_SEND_LONG_DATA: u8 = 0x18;
    pub const STMT_CLOSE: u8 = 0x19;
    pub const STMT_RESET: u8 = 0x1A;
    pub const SET_OPTION: u8 = 0x1B;
    pub const STMT_FETCH: u8 = 0x1C;
    pub const RESET_CONNECTION: u8 = 0x1F;
}

/// A client's command, borrowed from its packet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command<'a> {
    /// The client leaves.
    Quit,
    /// Change the default schema to this one.
    InitDb(&'a [u8]),
    /// Run a statement, or several.
    Query(QueryCommand<'a>),
    /// List a table's columns.
    FieldList {
        /// The table.
        table: &'a [u8],
        /// A LIKE pattern for the columns; empty for all.
        wildcard: &'a [u8],
    },
    /// One line about the server's health.
    Statistics,
    /// The list of sessions.
    ProcessInfo,
    /// End this connection.
    ProcessKill(u32),
    /// Dump debug information to the server's log.
    Debug,
    /// Is the server alive?
    Ping,
    /// Log in as another user.
    ChangeUser(ChangeUser),
    /// Forget the session's state.
    ResetConnection,
    /// Allow (true) or forbid several statements in one query.
    SetOption(bool),
    /// Prepare this statement.
    StmtPrepare(&'a [u8]),
    /// Execute a prepared statement: all that follows the command byte.
    StmtExecute(&'a [u8]),
    /// A piece of a parameter: all that follows the command byte. Has no reply.
    StmtSendLongData(&'a [u8]),
    /// Forget the statement with this id. Has no reply.
    StmtClose(u32),
    /// Forget the statement's cursor and long data.
    StmtReset(u32),
    /// More rows of a cursor.
    StmtFetch {
        /// The statement whose cursor is meant.
        statement: u32,
        /// At most this many rows.
        rows: u32,
    },
    /// A command, named by its first byte, that we do not serve: the answer is error 1047.
    Unsupported(u8),
}

/// COM_QUERY.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QueryCommand<'a> {
    /// The query attributes as they stand in the packet, counts included, ready to be sent on;
    /// empty where there are none.
    pub attributes: &'a [u8],
    /// The statement, in the session's character_set_client.
    pub sql: &'a [u8],
}

impl<'a> Command<'a> {
    /// Reads the command of a client with these negotiated capabilities.
    ///
    /// # Errors
    /// [`WireError::Malformed`] for an empty packet or impossible query attributes, and the errors
    /// of a truncated packet. An unknown command is no error: see [`Command::Unsupported`].
    pub fn decode(payload: &'a [u8], capabilities: CapabilityFlags) -> Result<Self> {
        let mut reader = Reader::new(payload);
        let command = reader.u8()?;
        Ok(match command {
            code::QUIT => Self::Quit,
            code::INIT_DB => Self::InitDb(reader.rest()),
            code::QUERY => Self::Query(QueryCommand::decode(reader.rest(), capabilities)?),
            code::FIELD_LIST => Self::FieldList {
                table: reader.nul_bytes()?,
                wildcard: reader.nul_bytes_or_rest(),
            },
            code::STATISTICS => Self::Statistics,
            code::PROCESS_INFO => Self::ProcessInfo,
            code::PROCESS_KILL => Self::ProcessKill(reader.u32()?),
            code::DEBUG => Self::Debug,
            code::PING => Self::Ping,
            code::CHANGE_USER => Self::ChangeUser(ChangeUser::decode(reader.rest(), capabilities)?),
            code::RESET_CONNECTION => Self::ResetConnection,
            code::SET_OPTION => match reader.u16()? {
                0 => Self::SetOption(true),
                1 => Self::SetOption(false),
                _ => Self::Unsupported(command),
            },
            code::STMT_PREPARE => Self::StmtPrepare(reader.rest()),
            code::STMT_EXECUTE => Self::StmtExecute(reader.rest()),
            code::STMT_SEND_LONG_DATA => Self::StmtSendLongData(reader.rest()),
            code::STMT_CLOSE => Self::StmtClose(reader.u32()?),
            code::STMT_RESET => Self::StmtReset(reader.u32()?),
            code::STMT_FETCH => Self::StmtFetch {
                statement: reader.u32()?,
                rows: reader.u32()?,
            },
            unknown => Self::Unsupported(unknown),
        })
    }
}

impl<'a> QueryCommand<'a> {
    /// Reads what follows the command byte.
    fn decode(body: &'a [u8], capabilities: CapabilityFlags) -> Result<Self> {
        if !capabilities.contains(CapabilityFlags::CLIENT_QUERY_ATTRIBUTES) {
            return Ok(Self {
                attributes: b"",
                sql: body,
            });
        }
        let mut reader = Reader::new(body);
        let count = reader.lenenc()?;
        if reader.lenenc()? != 1 {
            return Err(malformed("parameter set count is not 1"));
        }
        if count == 0 {
            return Ok(Self {
                attributes: b"",
                sql: reader.rest(),
            });
        }
        skip_attributes(&mut reader, count)?;
        let (attributes, sql) = body.split_at(body.len() - reader.remaining());
        Ok(Self { attributes, sql })
    }
}

/// Moves the reader behind the null bitmap, the types, the names and the values.
fn skip_attributes(reader: &mut Reader<'_>, count: u64) -> Result<()> {
    let nulls = reader.take(usize::try_from(count.div_ceil(8)).unwrap_or(usize::MAX))?;
    if reader.u8()? != 1 {
        return Err(malformed("query attributes without types"));
    }
    let mut declarations = reader.clone();
    for _ in 0..count {
        reader.u16()?;
        reader.lenenc_bytes()?;
    }
    let is_null = nulls
        .iter()
        .flat_map(|byte| (0..8).map(move |bit| byte >> bit & 1 == 1));
    for (_, null) in (0..count).zip(is_null) {
        let [column_type, _sign] = declarations.array()?;
        declarations.lenenc_bytes()?;
        if !null {
            skip_binary_value(reader, column_type)?;
        }
    }
    Ok(())
}

const fn malformed(reason: &'static str) -> WireError {
    WireError::Malformed {
        packet: "COM_QUERY",
        reason,
    }
}
