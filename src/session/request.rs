//! A command of a session as a packet for a server.

use super::prepared::{ShardExecute, ShardText};
use super::session_set::ReadBack;
use crate::backend::{Connection, ServerStatement};
use crate::execute::Answer;
use crate::wire::{put_field_list, put_query, put_stmt_fetch, put_stmt_prepare};

/// A command for a server.
#[derive(Clone, Copy, Debug)]
pub(super) enum Request<'a> {
    /// COM_QUERY
    Query {
        /// The statement.
        sql: &'a [u8],
        /// The client's query attributes.
        attributes: &'a [u8],
    },
    /// COM_QUERY with a SET statement.
    Set {
        /// The statement.
        sql: &'a [u8],
        /// The client's query attributes.
        attributes: &'a [u8],
        /// What it may have changed.
        read_back: &'a ReadBack,
    },
    /// COM_QUERY with LOAD DATA LOCAL.
    Load {
        /// The statement.
        sql: &'a [u8],
        /// The client's query attributes.
        attributes: &'a [u8],
        /// The file that it names.
        file: &'a [u8],
    },
    /// COM_STMT_PREPARE
    Prepare {
        /// The statement.
        text: &'a ShardText,
        /// The client's number of it.
        number: u32,
        /// Which of its parameters the client has not written, ascending.
        hidden: &'a [u16],
    },
    /// COM_STMT_EXECUTE, on a connection that knows the statement.
    Execute(&'a ShardExecute<'a>),
    /// COM_STMT_FETCH
    Fetch {
        /// The statement whose cursor is open.
        statement: ServerStatement,
        /// At most this many rows.
        rows: u32,
    },
    /// COM_FIELD_LIST
    FieldList {
        /// The table.
        table: &'a [u8],
        /// A LIKE pattern.
        wildcard: &'a [u8],
    },
}

impl<'a> Request<'a> {
    /// The file that the client may be asked for.
    pub fn file(&self) -> Option<&'a [u8]> {
        match self {
            Self::Load { file, .. } => Some(file),
            _ => None,
        }
    }

    /// To prepare a statement, some of whose parameters the client may not have written.
    pub fn prepare(text: &'a ShardText, number: u32, hidden: &'a [u16]) -> Self {
        Self::Prepare {
            text,
            number,
            hidden,
        }
    }

    /// Which of a prepared statement's parameters the client has not written.
    pub fn hidden(&self) -> &'a [u16] {
        match self {
            Self::Prepare { hidden, .. } => hidden,
            _ => &[],
        }
    }

    /// Queues the command; says what its answer looks like.
    pub fn queue(&self, connection: &mut Connection) -> Answer {
        let capabilities = connection.capabilities();
        let packets = connection.packets();
        match *self {
            Self::Query { sql, attributes }
            | Self::Load {
                sql, attributes, ..
            }
            | Self::Set {
                sql, attributes, ..
            } => {
                packets.queue_with(|out| put_query(out, capabilities, attributes, sql));
                Answer::Statement
            }
            Self::Prepare { text, number, .. } => {
                packets.queue_with(|out| put_stmt_prepare(out, &text.sql));
                Answer::Prepare { statement: number }
            }
            Self::Execute(execute) => {
                execute.queue(connection);
                let cursor = execute.execution.cursor;
                Answer::Execute { cursor }
            }
            Self::Fetch { statement, rows } => {
                packets.queue_with(|out| put_stmt_fetch(out, statement.0, rows));
                Answer::Rows
            }
            Self::FieldList { table, wildcard } => {
                // A name with a zero byte in it was not decoded from a packet.
                packets.queue_with(|out| {
                    let _ = put_field_list(out, table, wildcard);
                });
                Answer::FieldList
            }
        }
    }
}
