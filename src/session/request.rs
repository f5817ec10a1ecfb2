//! A command of a session as a packet for a server.

use super::session_set::ReadBack;
use crate::execute::Answer;
use crate::net::PacketStream;
use crate::wire::{CapabilityFlags, put_field_list, put_query};

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
    /// COM_FIELD_LIST
    FieldList {
        /// The table.
        table: &'a [u8],
        /// A LIKE pattern.
        wildcard: &'a [u8],
    },
}

impl Request<'_> {
    /// Queues the command; says what its answer looks like.
    pub fn queue(&self, packets: &mut PacketStream, capabilities: CapabilityFlags) -> Answer {
        match *self {
            Self::Query { sql, attributes }
            | Self::Set {
                sql, attributes, ..
            } => {
                packets.queue_with(|out| put_query(out, capabilities, attributes, sql));
                Answer::Statement
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
