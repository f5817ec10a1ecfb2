//! The answer of one server to a query, in pieces: columns, rows, the end. No I/O.
//!
//! In: bytes as they arrive from a backend that negotiated DEPRECATE_EOF. Out: [`Piece`]s; rows are
//! slices of what arrived.

use bytes::{Buf, Bytes, BytesMut};

use crate::error::MysqlError;
use crate::wire::{
    CapabilityFlags, FrameHeader, HEADER_LEN, MAX_FRAME, OkPacket, Reply, StatusFlags, WireError,
    decode_err,
};

/// A piece of an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// The definitions of all columns, each a packet's payload.
    Columns(Vec<Bytes>),
    /// A row: a packet's payload.
    Row(Bytes),
    /// Nothing follows.
    End(Ending),
}

/// What an OK packet says of the rows that a statement changed; nothing behind rows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// Rows changed (or found, with FOUND_ROWS).
    pub affected_rows: u64,
    /// The insert id; 0 for none.
    pub last_insert_id: u64,
    /// For people: "Rows matched: 1 …".
    pub info: Vec<u8>,
}

/// How an answer ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ending {
    /// With all of its rows, or, where there were no columns, with OK.
    Complete {
        /// The connection's status.
        status: StatusFlags,
        /// How many warnings there are.
        warnings: u16,
        /// What OK says of changed rows.
        changes: Changes,
    },
    /// With an error.
    Error(MysqlError),
}

#[derive(Debug)]
enum Phase {
    First,
    Columns { left: u64, read: Vec<Bytes> },
    Rows,
    Done,
}

/// Reads one answer.
#[derive(Debug)]
pub struct AnswerReader {
    phase: Phase,
    capabilities: CapabilityFlags,
    /// The next packet's sequence id.
    expected: u8,
    /// The frames so far of a row that needs several.
    joined: BytesMut,
    /// Whether the server asks for a file.
    file: FileWish,
}

/// Whether a server asks for a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum FileWish {
    /// It may not.
    Refused,
    /// It may.
    Allowed,
    /// It does.
    Asked,
}

/// Columns for which room is made before they have come.
const EXPECTED_COLUMNS: u64 = 64;

impl AnswerReader {
    /// The answer to a command that took so many frames.
    pub fn new(capabilities: CapabilityFlags, expected: u8) -> Self {
        Self {
            phase: Phase::First,
            capabilities,
            expected,
            joined: BytesMut::new(),
            file: FileWish::Refused,
        }
    }

    /// The answer to a command that sends a file, once, when the server asks for it.
    pub fn with_file(capabilities: CapabilityFlags, expected: u8) -> Self {
        Self {
            file: FileWish::Allowed,
            ..Self::new(capabilities, expected)
        }
    }

    /// The sequence id of the file's first packet, when the server asks for it; told once.
    pub fn take_file_wish(&mut self) -> Option<u8> {
        let asked = self.file == FileWish::Asked;
        asked.then(|| {
            self.file = FileWish::Refused;
            self.expected
        })
    }

    /// The file has been sent: the answer goes on with this sequence id.
    pub fn resume(&mut self, expected: u8) {
        self.expected = expected;
    }

    /// The answer has ended.
    pub fn is_done(&self) -> bool {
        matches!(self.phase, Phase::Done)
    }

    /// The columns have been read: rows follow, or the end.
    pub fn is_in_rows(&self) -> bool {
        matches!(self.phase, Phase::Rows)
    }

    /// The next piece, else how many bytes of input are missing at least.
    ///
    /// # Errors
    /// The server broke the protocol: its connection is of no further use.
    pub fn next(&mut self, input: &mut BytesMut) -> Result<Result<Piece, usize>, WireError> {
        loop {
            let payload = match self.frame(input)? {
                Ok(Some(payload)) => payload,
                Ok(None) => continue,
                Err(wanted) => return Ok(Err(wanted)),
            };
            if let Some(piece) = self.packet(payload)? {
                return Ok(Ok(piece));
            }
        }
    }

    /// The payload of the next packet; `Ok(None)` after a frame that another one continues.
    fn frame(&mut self, input: &mut BytesMut) -> Result<Result<Option<Bytes>, usize>, WireError> {
        let Some(header) = FrameHeader::peek(input) else {
            return Ok(Err(HEADER_LEN));
        };
        if header.sequence != self.expected {
            return Err(malformed("packets out of order"));
        }
        let end = HEADER_LEN + header.len;
        if input.len() < end {
            return Ok(Err(end - input.len()));
        }
        self.expected = self.expected.wrapping_add(1);
        let mut frame = input.split_to(end);
        frame.advance(HEADER_LEN);
        if header.len == MAX_FRAME || !self.joined.is_empty() {
            self.joined.unsplit(frame);
            if header.len == MAX_FRAME {
                return Ok(Ok(None));
            }
            return Ok(Ok(Some(std::mem::take(&mut self.joined).freeze())));
        }
        Ok(Ok(Some(frame.freeze())))
    }

    fn packet(&mut self, payload: Bytes) -> Result<Option<Piece>, WireError> {
        match &mut self.phase {
            Phase::Done => Err(malformed("a packet behind the answer")),
            Phase::First => self.first(&payload),
            Phase::Columns { left, read } => {
                read.push(payload);
                *left = left.saturating_sub(1);
                if *left > 0 {
                    return Ok(None);
                }
                let columns = std::mem::take(read);
                self.phase = Phase::Rows;
                Ok(Some(Piece::Columns(columns)))
            }
            Phase::Rows => match payload.first() {
                None => Err(malformed("a row without columns")),
                Some(0xFF) => self.error(&payload).map(Some),
                Some(0xFE) if payload.len() < MAX_FRAME => self.end(&payload).map(Some),
                Some(_) => Ok(Some(Piece::Row(payload))),
            },
        }
    }

    fn first(&mut self, payload: &[u8]) -> Result<Option<Piece>, WireError> {
        match Reply::decode(payload)? {
            Reply::Ok | Reply::Eof => self.end(payload).map(Some),
            Reply::Err => self.error(payload).map(Some),
            Reply::LocalInfile(_) if self.file == FileWish::Allowed => {
                self.file = FileWish::Asked;
                Ok(None)
            }
            Reply::LocalInfile(_) => Err(malformed("a request for a local file")),
            Reply::ResultSet { columns } => {
                let room = columns.min(EXPECTED_COLUMNS) as usize;
                self.phase = Phase::Columns {
                    left: columns,
                    read: Vec::with_capacity(room),
                };
                Ok(None)
            }
        }
    }

    fn end(&mut self, payload: &[u8]) -> Result<Piece, WireError> {
        let ok = OkPacket::decode(payload, self.capabilities)?;
        if ok.status.contains(StatusFlags::SERVER_MORE_RESULTS_EXISTS) {
            return Err(malformed("more than one answer to a SELECT"));
        }
        self.phase = Phase::Done;
        Ok(Piece::End(Ending::Complete {
            status: ok.status,
            warnings: ok.warnings,
            changes: Changes {
                affected_rows: ok.affected_rows,
                last_insert_id: ok.last_insert_id,
                info: ok.info.to_vec(),
            },
        }))
    }

    fn error(&mut self, payload: &[u8]) -> Result<Piece, WireError> {
        self.phase = Phase::Done;
        Ok(Piece::End(Ending::Error(decode_err(payload)?)))
    }
}

fn malformed(reason: &'static str) -> WireError {
    WireError::Malformed {
        packet: "COM_QUERY response",
        reason,
    }
}
