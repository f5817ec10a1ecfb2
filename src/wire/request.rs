//! What we ask servers for: the payloads of COM_* packets. Each function appends one payload.

use bytes::{BufMut, BytesMut};

use super::CapabilityFlags;
use super::change_user::ChangeUser;
use super::codec::put_nul_bytes;
use super::command::code;
use super::error::Result;

/// COM_QUERY. `attributes` is as in [`QueryCommand`](super::QueryCommand): empty for none. They are
/// left out where QUERY_ATTRIBUTES is not among the capabilities negotiated with the server.
pub fn put_query(out: &mut BytesMut, capabilities: CapabilityFlags, attributes: &[u8], sql: &[u8]) {
    out.reserve(3 + attributes.len() + sql.len());
    out.put_u8(code::QUERY);
    if capabilities.contains(CapabilityFlags::CLIENT_QUERY_ATTRIBUTES) {
        // No parameters, in one set.
        const NONE: &[u8] = &[0, 1];
        out.put_slice(if attributes.is_empty() {
            NONE
        } else {
            attributes
        });
    }
    out.put_slice(sql);
}

/// COM_INIT_DB.
pub fn put_init_db(out: &mut BytesMut, schema: &[u8]) {
    out.put_u8(code::INIT_DB);
    out.put_slice(schema);
}

/// COM_PING.
pub fn put_ping(out: &mut BytesMut) {
    out.put_u8(code::PING);
}

/// COM_QUIT.
pub fn put_quit(out: &mut BytesMut) {
    out.put_u8(code::QUIT);
}

/// COM_RESET_CONNECTION.
pub fn put_reset_connection(out: &mut BytesMut) {
    out.put_u8(code::RESET_CONNECTION);
}

/// COM_CHANGE_USER, for a server with these negotiated capabilities.
///
/// # Errors
/// Those of [`ChangeUser::encode`].
pub fn put_change_user(
    out: &mut BytesMut,
    change: &ChangeUser,
    capabilities: CapabilityFlags,
) -> Result<()> {
    out.put_u8(code::CHANGE_USER);
    change.encode(out, capabilities)
}

/// COM_FIELD_LIST.
///
/// # Errors
/// [`WireError::Malformed`](super::WireError::Malformed): a zero byte in `table`.
pub fn put_field_list(out: &mut BytesMut, table: &[u8], wildcard: &[u8]) -> Result<()> {
    out.put_u8(code::FIELD_LIST);
    put_nul_bytes(out, table)?;
    out.put_slice(wildcard);
    Ok(())
}

/// COM_STATISTICS.
pub fn put_statistics(out: &mut BytesMut) {
    out.put_u8(code::STATISTICS);
}

/// COM_PROCESS_KILL, deprecated since MySQL 5.7: prefer a KILL statement, which is not.
pub fn put_process_kill(out: &mut BytesMut, connection_id: u32) {
    out.put_u8(code::PROCESS_KILL);
    out.put_u32_le(connection_id);
}

/// COM_SET_OPTION: allows or forbids several statements in one query.
pub fn put_set_option(out: &mut BytesMut, multi_statements: bool) {
    out.put_u8(code::SET_OPTION);
    out.put_u16_le(u16::from(!multi_statements));
}

/// COM_STMT_PREPARE.
pub fn put_stmt_prepare(out: &mut BytesMut, sql: &[u8]) {
    out.put_u8(code::STMT_PREPARE);
    out.put_slice(sql);
}

/// COM_STMT_CLOSE, which has no reply.
pub fn put_stmt_close(out: &mut BytesMut, statement: u32) {
    out.put_u8(code::STMT_CLOSE);
    out.put_u32_le(statement);
}

/// COM_STMT_RESET.
pub fn put_stmt_reset(out: &mut BytesMut, statement: u32) {
    out.put_u8(code::STMT_RESET);
    out.put_u32_le(statement);
}

/// COM_STMT_FETCH.
pub fn put_stmt_fetch(out: &mut BytesMut, statement: u32, rows: u32) {
    out.put_u8(code::STMT_FETCH);
    out.put_u32_le(statement);
    out.put_u32_le(rows);
}

/// COM_STMT_SEND_LONG_DATA, which has no reply.
pub fn put_stmt_long_data(out: &mut BytesMut, statement: u32, param: u16, data: &[u8]) {
    out.reserve(7 + data.len());
    out.put_u8(code::STMT_SEND_LONG_DATA);
    out.put_u32_le(statement);
    out.put_u16_le(param);
    out.put_slice(data);
}
