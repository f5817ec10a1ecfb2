//! What an OK packet tells about the session: variables, schema, GTIDs, transaction.

use bytes::{BufMut, BytesMut};

use super::codec::{Reader, put_lenenc, put_lenenc_bytes};
use super::error::Result;

const SYSTEM_VARIABLES: u8 = 0;
const SCHEMA: u8 = 1;
const STATE_CHANGE: u8 = 2;
const GTIDS: u8 = 3;
const TRANSACTION_CHARACTERISTICS: u8 = 4;
const TRANSACTION_STATE: u8 = 5;

/// The only way to write GTIDs down that exists so far.
const GTIDS_AS_TEXT: u8 = 0;

/// One change of the session's state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SessionChange<'a> {
    /// A variable that session_track_system_variables names was set.
    SystemVariable {
        /// The variable.
        name: &'a [u8],
        /// Its value as text.
        value: &'a [u8],
    },
    /// The default schema is this one now.
    Schema(&'a [u8]),
    /// Whether the session holds anything that a fresh one does not (session_track_state_change).
    StateChange(bool),
    /// GTIDs as text, as session_track_gtids asks for.
    Gtids(&'a [u8]),
    /// The SQL that opens the same transaction again.
    TransactionCharacteristics(&'a [u8]),
    /// Eight letters that tell what the transaction has done.
    TransactionState(&'a [u8]),
    /// A change of a kind, or in a form, that we do not know.
    Unknown {
        /// The kind's number.
        kind: u8,
        /// Its data as it stands in the packet.
        data: &'a [u8],
    },
}

impl SessionChange<'_> {
    /// Appends the change to a block of changes.
    pub fn encode(&self, out: &mut BytesMut) {
        let mut data = BytesMut::new();
        let kind = match self {
            Self::SystemVariable { name, value } => {
                put_lenenc_bytes(&mut data, name);
                put_lenenc_bytes(&mut data, value);
                SYSTEM_VARIABLES
            }
            Self::Schema(name) => {
                put_lenenc_bytes(&mut data, name);
                SCHEMA
            }
            Self::StateChange(changed) => {
                put_lenenc_bytes(&mut data, if *changed { b"1" } else { b"0" });
                STATE_CHANGE
            }
            Self::Gtids(set) => {
                data.put_u8(GTIDS_AS_TEXT);
                put_lenenc_bytes(&mut data, set);
                GTIDS
            }
            Self::TransactionCharacteristics(sql) => {
                put_lenenc_bytes(&mut data, sql);
                TRANSACTION_CHARACTERISTICS
            }
            Self::TransactionState(letters) => {
                put_lenenc_bytes(&mut data, letters);
                TRANSACTION_STATE
            }
            Self::Unknown { kind, data: known } => {
                data.extend_from_slice(known);
                *kind
            }
        };
        out.put_u8(kind);
        put_lenenc(out, data.len() as u64);
        out.unsplit(data);
    }
}

/// The changes of a block, in order. Ends behind the first error.
#[derive(Clone, Debug)]
pub struct SessionChanges<'a> {
    block: Reader<'a>,
    /// Variables of the entry at hand that are still to come: MariaDB puts several into one.
    variables: Reader<'a>,
}

impl<'a> SessionChanges<'a> {
    /// Reads [`OkPacket::session_changes`](super::OkPacket::session_changes).
    pub const fn new(block: &'a [u8]) -> Self {
        Self {
            block: Reader::new(block),
            variables: Reader::new(b""),
        }
    }

    fn read(&mut self) -> Result<SessionChange<'a>> {
        if self.variables.is_empty() {
            let kind = self.block.u8()?;
            let data = self.block.lenenc_bytes()?;
            if kind != SYSTEM_VARIABLES {
                return read_other(kind, data);
            }
            self.variables = Reader::new(data);
        }
        Ok(SessionChange::SystemVariable {
            name: self.variables.lenenc_bytes()?,
            value: self.variables.lenenc_bytes()?,
        })
    }
}

impl<'a> Iterator for SessionChanges<'a> {
    type Item = Result<SessionChange<'a>>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.variables.is_empty() && self.block.is_empty() {
            return None;
        }
        let change = self.read();
        if change.is_err() {
            *self = Self::new(b"");
        }
        Some(change)
    }
}

fn read_other(kind: u8, data: &[u8]) -> Result<SessionChange<'_>> {
    let mut reader = Reader::new(data);
    Ok(match kind {
        SCHEMA => SessionChange::Schema(reader.lenenc_bytes()?),
        // MariaDB writes the letter without its length.
        STATE_CHANGE if data.len() == 1 => SessionChange::Unknown { kind, data },
        STATE_CHANGE => SessionChange::StateChange(reader.lenenc_bytes()? == b"1"),
        GTIDS if reader.peek() == Some(GTIDS_AS_TEXT) => {
            reader.u8()?;
            SessionChange::Gtids(reader.lenenc_bytes()?)
        }
        TRANSACTION_CHARACTERISTICS => {
            SessionChange::TransactionCharacteristics(reader.lenenc_bytes()?)
        }
        TRANSACTION_STATE => SessionChange::TransactionState(reader.lenenc_bytes()?),
        _ => SessionChange::Unknown { kind, data },
    })
}
