//! An answer on its way: what it looks like, how it must change, and what it said.

use super::{InsertIds, Names, Quota, RowNames, TrackedVariables};
use crate::error::MysqlError;
use crate::telemetry::Tick;
use crate::wire::{CapabilityFlags, PrepareOk, StatusFlags};

/// What the two sides negotiated and how the answer must differ from what the backend sent.
#[derive(Clone, Copy, Debug)]
pub struct Framing<'a> {
    /// The client's capabilities.
    pub client: CapabilityFlags,
    /// The backend's capabilities; DEPRECATE_EOF is always among them.
    pub backend: CapabilityFlags,
    /// The shard's database; `None` where no schema is involved.
    pub names: Option<Names<'a>>,
    /// Names of the servers stand in the rows; `None`: rows pass unread.
    pub rows: Option<RowNames<'a>>,
    /// Which session changes the client hears of.
    pub tracked: &'a TrackedVariables,
    /// The client asked for the GTIDs of what it writes.
    pub gtids: bool,
    /// Which of a prepared statement's parameters the client has not written, ascending.
    pub hidden: &'a [u16],
    /// The session's status before the answer, for an EOF that the backend does not send.
    pub status_before: StatusFlags,
    /// Flags that every status must carry besides the backend's own.
    pub add_status: StatusFlags,
    /// More answers follow this one (the rest of a multi-statement).
    pub more_results: bool,
    /// The statement is a CALL: a result with rows is never its last one.
    pub calls: bool,
    /// The statement was killed because its time was up: an interruption is told as that.
    pub overdue: bool,
    /// The ids that the proxy gave the rows of an INSERT.
    pub ids: Option<&'a InsertIds>,
    /// The most that the rows may be.
    pub quota: Option<&'a Quota>,
    /// The file that the client's statement names: the only one that it may be asked for.
    pub file: Option<&'a [u8]>,
}

/// What the answer said, for the session.
#[derive(Clone, Debug, Default)]
pub struct Summary {
    /// The status of the last packet, as the backend sent it.
    pub status: StatusFlags,
    /// Its warnings.
    pub warnings: u16,
    /// Rows changed by the last OK.
    pub affected_rows: u64,
    /// The last OK's insert id; 0 for none, and where the proxy gave the ids.
    pub last_insert_id: u64,
    /// What LAST_INSERT_ID() gives from now on, where the proxy gave the ids.
    pub generated: Option<u64>,
    /// Rows of the last result set; `None` when the last result was an OK.
    pub rows: Option<u64>,
    /// Whether any of several results had rows.
    pub gave_rows: bool,
    /// The first number of the last OK's info: rows matched, or records.
    pub told: Option<u64>,
    /// The error that ended the answer.
    pub error: Option<MysqlError>,
    /// The error was not passed on: another server shall answer.
    pub withheld: bool,
    /// When the answer began, where that was of interest.
    pub answered: Option<Tick>,
    /// Raw session changes of all OK packets.
    pub session_changes: Vec<u8>,
    /// What the server says of a statement that it has prepared, by its own number, and without
    /// the parameters that the client has not written.
    pub prepared: Option<PrepareOk>,
}

/// Where [`super::Forwarder::advance`] stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// More input is needed, at least this many bytes.
    NeedMore(usize),
    /// The client was asked for its file: that must be sent before there is more.
    File,
    /// The answer is complete.
    Done,
    /// It is more than the client may get: an error has ended it, and the rest is discarded.
    Refused,
}

/// What an answer looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// OK, ERR or rows, possibly several of them.
    Statement,
    /// Column definitions without a count before them (COM_FIELD_LIST).
    FieldList,
    /// What COM_STMT_PREPARE gives.
    Prepare {
        /// The client's number of the statement.
        statement: u32,
    },
    /// As [`Answer::Statement`], with rows in binary form. That the server does not know the statement
    /// (1243) is no answer for the client.
    Execute {
        /// A cursor was asked for: the rows may stay on the server.
        cursor: bool,
    },
    /// Binary rows without column definitions before them (COM_STMT_FETCH).
    Rows,
}
