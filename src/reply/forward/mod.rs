//! The relay's core, without I/O: a backend's answer in, the client's bytes out.
//!
//! Rows are never decoded. Their headers are walked to find the end and to renumber them; what is
//! decoded are the few packets around them: the first one, column definitions (a schema's physical
//! name becomes its logical one) and the last one (status flags, EOF or OK form, session changes).
//!
//! Sources: the protocol pages "Text Resultset", "OK_Packet" and "EOF_Packet" of MySQL's
//! documentation (<https://dev.mysql.com/doc/dev/mysql-server/latest/PAGE_PROTOCOL.html>).

mod prepared;
mod rows;

use bytes::{Buf, BytesMut};

use super::{Answer, Framing, Progress, Spent, Summary};
use crate::error::MysqlError;
use crate::wire::{
    CapabilityFlags, ColumnDefinition, EofPacket, FrameHeader, HEADER_LEN, OkHeader, OkPacket,
    Reply, StatusFlags, WireError, decode_err, is_eof, put_err, put_file_wish, put_packet,
    put_packet_with,
};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    First,
    Fields,
    Columns {
        left: u64,
    },
    /// The first packet of what a prepared statement is told of.
    Prepared,
    /// Definitions of a prepared statement: of so many parameters, then of so many columns.
    Definitions {
        params: u16,
        columns: u16,
    },
    /// Behind the columns of a statement for which a cursor was asked.
    Opened,
    Rows,
    /// The client has an error, and gets no more of the rows that still come.
    Refused,
    /// The client was asked for a file.
    File,
    Done,
}

/// One answer on its way from a backend to a client.
#[derive(Debug)]
pub struct Forwarder {
    answer: Answer,
    phase: Phase,
    /// The next packet's sequence id towards the client.
    sequence: u8,
    /// The first packet's.
    first: u8,
    /// The next packet's sequence id from the backend.
    expected: u8,
    /// Bytes of the row frame under way that have not passed yet.
    frame_left: usize,
    /// The row's last frame was full: the next frame continues it.
    continued: bool,
    /// The client was asked for its file, and has sent it.
    file_passed: bool,
    rows: u64,
    /// Where that is limited.
    spent: Spent,
    /// The columns' types, where rows are read.
    types: Vec<u8>,
    summary: Summary,
}

impl Forwarder {
    /// An answer whose first packet carries `sequence` towards the client and `expected` from the
    /// backend: the number of frames that the command took.
    pub fn new(answer: Answer, sequence: u8, expected: u8) -> Self {
        Self {
            answer,
            phase: first_phase(answer),
            sequence,
            first: sequence,
            expected,
            frame_left: 0,
            continued: false,
            file_passed: false,
            rows: 0,
            spent: Spent::default(),
            types: Vec::new(),
            summary: Summary::default(),
        }
    }

    /// The sequence id behind the last packet.
    pub fn sequence(&self) -> u8 {
        self.sequence
    }

    /// The sequence id of the next packet of the backend, or for it.
    pub fn expected(&self) -> u8 {
        self.expected
    }

    /// The file has been passed on; the answer goes on with these sequence ids, towards the client and
    /// from the backend.
    pub fn resume(&mut self, sequence: u8, expected: u8) {
        self.phase = Phase::First;
        self.file_passed = true;
        (self.sequence, self.first) = (sequence, sequence);
        self.expected = expected;
    }

    /// Whether anything was passed on.
    pub fn has_begun(&self) -> bool {
        self.phase != first_phase(self.answer) || self.sequence != self.first || self.rows > 0
    }

    /// Whether an ERR packet may follow what was passed on so far: only behind whole rows.
    pub fn between_rows(&self) -> bool {
        self.phase == Phase::Rows && self.frame_left == 0 && !self.continued
    }

    /// The error that ended the answer.
    pub fn error_code(&self) -> Option<u16> {
        self.summary.error.as_ref().map(|error| error.code)
    }

    /// What the answer said; complete after [`Progress::Done`].
    pub fn into_summary(self) -> Summary {
        self.summary
    }

    /// Moves what can be moved from `input` to `output`.
    ///
    /// # Errors
    /// The backend broke the protocol; its connection is of no further use.
    pub fn advance(
        &mut self,
        framing: &Framing<'_>,
        input: &mut BytesMut,
        output: &mut BytesMut,
    ) -> Result<Progress, WireError> {
        if input.len() <= SMALL_INPUT {
            output.reserve(input.len() + LONGER);
        }
        let mut at = 0;
        let progress = loop {
            match self.phase {
                Phase::Done => break Progress::Done,
                Phase::Refused => break Progress::Refused,
                Phase::File => break Progress::File,
                Phase::Rows if framing.rows.is_some() => {
                    let rest = input.get(at..).unwrap_or_default();
                    match self.rename_row(framing, rest, output)? {
                        Ok(passed) => at += passed,
                        Err(wanted) => break Progress::NeedMore(wanted),
                    }
                }
                Phase::Rows => {
                    if let Some(wanted) = self.pass_rows(framing, input, &mut at, output)? {
                        break Progress::NeedMore(wanted);
                    }
                }
                Phase::Opened => {
                    let rest = input.get(at..).unwrap_or_default();
                    if let Err(wanted) = self.opened(framing, rest, output)? {
                        break Progress::NeedMore(wanted);
                    }
                }
                Phase::First
                | Phase::Fields
                | Phase::Columns { .. }
                | Phase::Prepared
                | Phase::Definitions { .. } => {
                    let rest = input.get(at..).unwrap_or_default();
                    let packet = match self.packet(rest)? {
                        Ok(packet) => packet,
                        Err(wanted) => break Progress::NeedMore(wanted),
                    };
                    at += HEADER_LEN + packet.len();
                    self.single(framing, packet, output)?;
                }
            }
        };
        consume(input, at);
        Ok(progress)
    }

    /// The packet at the beginning of `rest`, else how many bytes are missing.
    fn packet<'p>(&mut self, rest: &'p [u8]) -> Result<Result<&'p [u8], usize>, WireError> {
        let Some(header) = FrameHeader::peek(rest) else {
            return Ok(Err(HEADER_LEN));
        };
        if header.sequence != self.expected {
            return Err(OUT_OF_ORDER);
        }
        let end = HEADER_LEN + header.len;
        let Some(packet) = rest.get(HEADER_LEN..end) else {
            return Ok(Err(end - rest.len()));
        };
        self.expected = self.expected.wrapping_add(1);
        Ok(Ok(packet))
    }

    /// A packet outside the rows.
    fn single(
        &mut self,
        framing: &Framing<'_>,
        payload: &[u8],
        output: &mut BytesMut,
    ) -> Result<(), WireError> {
        match self.phase {
            Phase::Columns { left } => return self.column(framing, payload, left, output),
            Phase::Fields => return self.field(framing, payload, output),
            Phase::Prepared => return self.prepared(framing, payload, output),
            Phase::Definitions { params, columns } => {
                return self.described(framing, payload, (params, columns), output);
            }
            Phase::First
            | Phase::Opened
            | Phase::Rows
            | Phase::File
            | Phase::Refused
            | Phase::Done => {}
        }
        match Reply::decode(payload)? {
            Reply::Ok => self.ok(framing, payload, OkHeader::Ok, output),
            Reply::Err => self.error(framing, payload, output),
            Reply::Eof => self.ok(framing, payload, OkHeader::Eof, output),
            // Whatever name the server says.
            Reply::LocalInfile(_)
                if let (Phase::First, Some(file), false) =
                    (self.phase, framing.file, self.file_passed) =>
            {
                put_packet_with(output, &mut self.sequence, |out| put_file_wish(out, file));
                self.phase = Phase::File;
                Ok(())
            }
            Reply::LocalInfile(_) => Err(WireError::Malformed {
                packet: "COM_QUERY response",
                reason: "a request for a local file, which was not negotiated",
            }),
            Reply::ResultSet { columns } => {
                put_packet(output, &mut self.sequence, payload);
                self.rows = 0;
                self.types.clear();
                self.phase = Phase::Columns { left: columns };
                Ok(())
            }
        }
    }

    fn column(
        &mut self,
        framing: &Framing<'_>,
        payload: &[u8],
        left: u64,
        output: &mut BytesMut,
    ) -> Result<(), WireError> {
        self.definition(framing, payload, output)?;
        if framing.rows.is_some() {
            let column = ColumnDefinition::decode(payload)?;
            self.types.push(column.column_type);
        }
        self.phase = Phase::Columns { left: left - 1 };
        if left > 1 {
            return Ok(());
        }
        if self.answer == (Answer::Execute { cursor: true }) {
            self.phase = Phase::Opened;
            return Ok(());
        }
        self.end_of_definitions(framing, output);
        self.phase = Phase::Rows;
        Ok(())
    }

    /// Queues the EOF packet behind definitions, which the backend does not send.
    fn end_of_definitions(&mut self, framing: &Framing<'_>, output: &mut BytesMut) {
        if !framing
            .client
            .contains(CapabilityFlags::CLIENT_DEPRECATE_EOF)
        {
            let status = match self.summary.status.is_empty() {
                true => framing.status_before,
                false => self.summary.status,
            };
            let eof = EofPacket {
                warnings: 0,
                status: self.shown_status(framing, status, framing.calls),
            };
            put_packet_with(output, &mut self.sequence, |out| eof.encode(out));
        }
    }

    /// A packet of the answer to COM_FIELD_LIST.
    fn field(
        &mut self,
        framing: &Framing<'_>,
        payload: &[u8],
        output: &mut BytesMut,
    ) -> Result<(), WireError> {
        if payload.first() == Some(&0xFF) {
            return self.error(framing, payload, output);
        }
        if is_eof(payload, payload.len(), framing.backend) {
            return self.ok(framing, payload, OkHeader::Eof, output);
        }
        self.definition(framing, payload, output)
    }

    fn definition(
        &mut self,
        framing: &Framing<'_>,
        payload: &[u8],
        output: &mut BytesMut,
    ) -> Result<(), WireError> {
        match framing.names {
            Some(names) if !names.same() => {
                let mut result = Ok(());
                put_packet_with(output, &mut self.sequence, |out| {
                    result = names.put_column(payload, out);
                });
                result?;
            }
            _ => put_packet(output, &mut self.sequence, payload),
        }
        Ok(())
    }

    fn end_of_rows(
        &mut self,
        framing: &Framing<'_>,
        payload: &[u8],
        output: &mut BytesMut,
    ) -> Result<(), WireError> {
        if payload.first() == Some(&0xFF) {
            return self.error(framing, payload, output);
        }
        let rows = self.rows;
        self.ok(framing, payload, OkHeader::Eof, output)?;
        self.summary.rows = Some(rows);
        self.summary.gave_rows = true;
        Ok(())
    }

    fn ok(
        &mut self,
        framing: &Framing<'_>,
        payload: &[u8],
        header: OkHeader,
        output: &mut BytesMut,
    ) -> Result<(), WireError> {
        let mut ok = OkPacket::decode(payload, framing.backend)?;
        let more = ok.status.contains(StatusFlags::SERVER_MORE_RESULTS_EXISTS);
        self.note(&ok);
        if let Some(ids) = framing.ids {
            let told = ids.of_whole(ok.affected_rows, ok.last_insert_id);
            if header == OkHeader::Ok {
                ok.last_insert_id = told.shown;
            }
            self.summary.last_insert_id = 0;
            self.summary.generated = told.last;
        }
        let mut shown = BytesMut::new();
        if !ok.session_changes.is_empty() {
            if framing
                .client
                .contains(CapabilityFlags::CLIENT_SESSION_TRACK)
            {
                framing
                    .tracked
                    .filter(ok.session_changes, framing.gtids, &mut shown)?;
            }
            ok.session_changes = &shown;
        }
        ok.status = self.shown_status(framing, ok.status, more);
        let old_eof = !framing
            .client
            .contains(CapabilityFlags::CLIENT_DEPRECATE_EOF);
        put_packet_with(output, &mut self.sequence, |out| match header {
            OkHeader::Eof if old_eof => EofPacket {
                warnings: ok.warnings,
                status: ok.status,
            }
            .encode(out),
            _ => ok.encode(out, framing.client, header),
        });
        self.phase = if more { Phase::First } else { Phase::Done };
        Ok(())
    }

    fn note(&mut self, ok: &OkPacket<'_>) {
        self.summary.status = ok.status;
        self.summary.warnings = ok.warnings;
        self.summary.affected_rows = ok.affected_rows;
        self.summary.last_insert_id = ok.last_insert_id;
        self.summary.rows = None;
        self.summary.told = first_number(ok.info);
        self.summary
            .session_changes
            .extend_from_slice(ok.session_changes);
    }

    fn shown_status(&self, framing: &Framing<'_>, status: StatusFlags, more: bool) -> StatusFlags {
        let mut shown = status | framing.add_status;
        shown.set(
            StatusFlags::SERVER_MORE_RESULTS_EXISTS,
            more || framing.more_results,
        );
        shown
    }

    fn error(
        &mut self,
        framing: &Framing<'_>,
        payload: &[u8],
        output: &mut BytesMut,
    ) -> Result<(), WireError> {
        let mut error = decode_err(payload)?;
        if self.is_forgotten(&error) {
            self.summary.error = Some(error);
            self.phase = Phase::Done;
            return Ok(());
        }
        if let Some(names) = framing.names {
            names.fix_error(&mut error);
        }
        if framing.overdue && error.is_interruption() {
            error = MysqlError::overdue();
        }
        put_packet_with(output, &mut self.sequence, |out| put_err(out, &error));
        self.summary.error = Some(error);
        self.phase = Phase::Done;
        Ok(())
    }
}

const fn first_phase(answer: Answer) -> Phase {
    match answer {
        Answer::Statement | Answer::Execute { .. } => Phase::First,
        Answer::FieldList => Phase::Fields,
        Answer::Prepare { .. } => Phase::Prepared,
        Answer::Rows => Phase::Rows,
    }
}

const OUT_OF_ORDER: WireError = WireError::Malformed {
    packet: "COM_QUERY response",
    reason: "packets out of order",
};

/// An answer of this size comes in one read: room for all of it is made at once.
const SMALL_INPUT: usize = 4096;

/// By how much a small answer may grow on its way.
const LONGER: usize = 256;

/// The first number in the words of an OK packet.
fn first_number(info: &[u8]) -> Option<u64> {
    let start = info.iter().position(u8::is_ascii_digit)?;
    let digits = info.get(start..)?.split(|byte| !byte.is_ascii_digit());
    std::str::from_utf8(digits.into_iter().next()?)
        .ok()?
        .parse()
        .ok()
}

/// Gives up the first `passed` bytes. A buffer that is emptied begins again at its front.
fn consume(input: &mut BytesMut, passed: usize) {
    if passed == input.len() {
        input.clear();
    } else {
        input.advance(passed);
    }
}
