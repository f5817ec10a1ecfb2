//! MySQL packets as values: in go bytes, out come borrowed structs, and the reverse. No I/O.
//!
//! [`frame`] finds packets in a stream of bytes, [`codec`] reads and writes the protocol's integers
//! and strings, and each other file knows one family of packets. Everything is decoded in bounds:
//! outside data can give a [`WireError`], never a panic and never an allocation of its own choosing.
//! The layouts follow MySQL's protocol documentation
//! (<https://dev.mysql.com/doc/dev/mysql-server/latest/PAGE_PROTOCOL.html>) and MariaDB's
//! (<https://mariadb.com/docs/server/reference/clientserver-protocol>).

mod attributes;
pub mod binary;
pub mod binary_text;
pub mod capability;
pub mod change_user;
pub mod codec;
pub mod column;
pub mod command;
pub mod error;
pub mod execute;
pub mod frame;
pub mod handshake;
pub mod login;
pub mod request;
pub mod response;
pub mod resultset;
pub mod session_track;
pub mod statement;

pub use attributes::query_attribute;
pub use binary::{BinaryValue, read_parameter};
pub use binary_text::BinaryRows;
pub use capability::{
    BackendWish, SERVER_CAPABILITIES, ServerFeatures, client_capabilities, negotiate,
    server_capabilities,
};
pub use change_user::ChangeUser;
pub use codec::{Reader, put_lenenc, put_lenenc_bytes, put_nul_bytes, put_nullable_bytes};
pub use column::{ColumnDefinition, rewrite_schema};
pub use command::{Command, QueryCommand};
pub use error::{Result, WireError};
pub use execute::{
    BoundParameters, ExecuteCommand, Execution, OwnParameters, ParamType, put_execute,
};
pub use frame::{FrameHeader, HEADER_LEN, MAX_FRAME, put_packet, put_packet_with};
pub use handshake::{AuthMoreData, AuthSwitchRequest, Greeting, SALT_LEN, ServerHello};
pub use login::{Attributes, FirstPacket, Login, SslRequest};
pub use mysql_common::constants::{CapabilityFlags, ColumnFlags, ColumnType, StatusFlags};
pub use request::{
    put_change_user, put_field_list, put_init_db, put_ping, put_process_kill, put_query, put_quit,
    put_reset_connection, put_set_option, put_statistics, put_stmt_close, put_stmt_fetch,
    put_stmt_long_data, put_stmt_prepare, put_stmt_reset,
};
pub use response::{
    EofPacket, OkHeader, OkPacket, Reply, decode_err, is_eof, is_progress_report, put_early_err,
    put_err, put_file_wish,
};
pub use resultset::{RowForm, TextColumn, put_result, put_text_result};
pub use session_track::{SessionChange, SessionChanges};
pub use statement::PrepareOk;

#[cfg(test)]
mod tests;
