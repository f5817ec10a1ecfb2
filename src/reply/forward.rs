//! The relay's core, without I/O: a backend's answer in, the client's bytes out.
//!
//! Rows are never decoded. Their headers are walked to find the end and to renumber them; what is
//! decoded are the few packets around them: the first one, column definitions (a schema's physical
//! name becomes its logical one) and the last one (status flags, EOF or OK form, session changes).
//!
//! Sources: the protocol pages "Text Resultset", "OK_Packet" and "EOF_Packet" of MySQL's
//! documentation (<https://dev.mysql.com/doc/dev/mysql-server/latest/PAGE_PROTOCOL.html>).

use bytes::{Buf, BytesMut};

use super::answer::{Answer, Framing, Progress, Summary};
use crate::wire::{
    CapabilityFlags, EofPacket, FrameHeader, HEADER_LEN, MAX_FRAME, OkHeader, OkPacket, Reply,
    StatusFlags, WireError, decode_err, is_eof, put_err, put_packet, put_packet_with,
};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    First,
    Fields,
    Columns { left: u64 },
    Rows,
    Done,
}

/// One answer on its way from a backend to a client.
#[derive(Debug)]
pub struct Forwarder {
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
    rows: u64,
    summary: Summary,
}

impl Forwarder {
    /// An answer whose first packet carries `sequence` towards the client and `expected` from the
    /// backend: the number of frames that the command took.
    pub fn new(answer: Answer, sequence: u8, expected: u8) -> Self {
        Self {
            phase: match answer {
                Answer::Statement => Phase::First,
                Answer::FieldList => Phase::Fields,
            },
            sequence,
            first: sequence,
            expected,
            frame_left: 0,
            continued: false,
            rows: 0,
            summary: Summary::default(),
        }
    }

    /// The sequence id behind the last packet.
    pub fn sequence(&self) -> u8 {
        self.sequence
    }

    /// Whether anything was passed on.
    pub fn has_begun(&self) -> bool {
        !matches!(self.phase, Phase::First | Phase::Fields) || self.sequence != self.first
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
                Phase::First | Phase::Fields | Phase::Columns { .. } => {
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
            Phase::First | Phase::Rows | Phase::Done => {}
        }
        match Reply::decode(payload)? {
            Reply::Ok => self.ok(framing, payload, OkHeader::Ok, output),
            Reply::Err => self.error(framing, payload, output),
            Reply::Eof => self.ok(framing, payload, OkHeader::Eof, output),
            Reply::LocalInfile(_) => Err(WireError::Malformed {
                packet: "COM_QUERY response",
                reason: "a request for a local file, which was not negotiated",
            }),
            Reply::ResultSet { columns } => {
                put_packet(output, &mut self.sequence, payload);
                self.rows = 0;
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
        self.phase = Phase::Columns { left: left - 1 };
        if left > 1 {
            return Ok(());
        }
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
                status: self.shown_status(framing, status, false),
            };
            put_packet_with(output, &mut self.sequence, |out| eof.encode(out));
        }
        self.phase = Phase::Rows;
        Ok(())
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

    /// Passes row frames from `at` on through; `Some` when more input is needed.
    fn pass_rows(
        &mut self,
        framing: &Framing<'_>,
        input: &mut BytesMut,
        at: &mut usize,
        output: &mut BytesMut,
    ) -> Result<Option<usize>, WireError> {
        let (passed, found) = self.walk(input.get_mut(*at..).unwrap_or_default());
        match found {
            Found::OutOfOrder => return Err(OUT_OF_ORDER),
            Found::Partial | Found::End => pass(passed, input, at, output),
        }
        if let Found::Partial = found {
            return Ok(Some(self.frame_left.max(HEADER_LEN + 1)));
        }
        let rest = input.get(*at..).unwrap_or_default();
        let packet = match self.packet(rest)? {
            Ok(packet) => packet,
            Err(wanted) => return Ok(Some(wanted)),
        };
        *at += HEADER_LEN + packet.len();
        self.end_of_rows(framing, packet, output)?;
        Ok(None)
    }

    /// Passes one row with the clients' names in it, or what stands behind the rows: how many bytes
    /// of `rest` it took, else how many are missing.
    fn rename_row(
        &mut self,
        framing: &Framing<'_>,
        rest: &[u8],
        output: &mut BytesMut,
    ) -> Result<Result<usize, usize>, WireError> {
        if FrameHeader::peek(rest).is_some_and(FrameHeader::continues) {
            return Err(OUT_OF_ORDER);
        }
        let payload = match self.packet(rest)? {
            Ok(payload) => payload,
            Err(wanted) => return Ok(Err(wanted)),
        };
        let passed = HEADER_LEN + payload.len();
        if matches!(payload.first(), None | Some(0xFE | 0xFF)) {
            self.end_of_rows(framing, payload, output)?;
            return Ok(Ok(passed));
        }
        let mut row = BytesMut::with_capacity(payload.len());
        if let Some(names) = framing.rows
            && names.put(payload, &mut row)?
        {
            self.rows += 1;
            put_packet(output, &mut self.sequence, &row);
        }
        Ok(Ok(passed))
    }

    /// Walks over row headers, renumbering them in place. Returns how many bytes may pass.
    fn walk(&mut self, buffer: &mut [u8]) -> (usize, Found) {
        let mut at = 0;
        loop {
            let take = self.frame_left.min(buffer.len() - at);
            at += take;
            self.frame_left -= take;
            let Some(rest) = buffer.get_mut(at..) else {
                return (at, Found::Partial);
            };
            if self.frame_left > 0 {
                return (at, Found::Partial);
            }
            let Some(header) = FrameHeader::peek(rest) else {
                return (at, Found::Partial);
            };
            if header.sequence != self.expected {
                return (at, Found::OutOfOrder);
            }
            if !self.continued {
                if header.len == 0 {
                    // No row is empty: refused where the packet behind the rows is read.
                    return (at, Found::End);
                }
                match rest.get(HEADER_LEN) {
                    None => return (at, Found::Partial),
                    Some(0xFF) => return (at, Found::End),
                    Some(0xFE) if header.len < MAX_FRAME => return (at, Found::End),
                    Some(_) => self.rows += 1,
                }
            }
            self.continued = header.len == MAX_FRAME;
            rest[HEADER_LEN - 1] = self.sequence;
            self.sequence = self.sequence.wrapping_add(1);
            self.expected = self.expected.wrapping_add(1);
            self.frame_left = header.len;
            at += HEADER_LEN;
        }
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
        let mut shown = BytesMut::new();
        if !ok.session_changes.is_empty() {
            if framing
                .client
                .contains(CapabilityFlags::CLIENT_SESSION_TRACK)
            {
                let asked = (framing.names, framing.gtids);
                framing
                    .tracked
                    .filter(ok.session_changes, asked, &mut shown)?;
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
        if let Some(names) = framing.names {
            names.fix_error(&mut error);
        }
        put_packet_with(output, &mut self.sequence, |out| put_err(out, &error));
        self.summary.error = Some(error);
        self.phase = Phase::Done;
        Ok(())
    }
}

enum Found {
    /// The buffer ends within a frame or a header.
    Partial,
    /// The packet behind the rows begins here.
    End,
    /// A packet is missing, or one too many is there.
    OutOfOrder,
}

const OUT_OF_ORDER: WireError = WireError::Malformed {
    packet: "COM_QUERY response",
    reason: "packets out of order",
};

/// An answer of this size comes in one read: room for all of it is made at once.
const SMALL_INPUT: usize = 4096;

/// By how much a small answer may grow on its way.
const LONGER: usize = 256;

/// Gives up the first `passed` bytes. A buffer that is emptied begins again at its front.
fn consume(input: &mut BytesMut, passed: usize) {
    if passed == input.len() {
        input.clear();
    } else {
        input.advance(passed);
    }
}

/// Moves `passed` bytes from `at` on to `output`, by swapping the buffers where nothing is copied
/// but the few bytes of a header cut in two. `at` is then behind them.
fn pass(passed: usize, input: &mut BytesMut, at: &mut usize, output: &mut BytesMut) {
    const CHEAP_TO_COPY: usize = 1024;
    let end = *at + passed;
    let rest = input.len() - end;
    if passed < CHEAP_TO_COPY || rest > CHEAP_TO_COPY || !output.is_empty() {
        output.extend_from_slice(input.get(*at..end).unwrap_or_default());
        *at = end;
        return;
    }
    input.advance(std::mem::take(at));
    let tail = BytesMut::from(&input[passed..]);
    input.truncate(passed);
    std::mem::swap(input, output);
    // `input` now owns the buffer that `output` had before, to be filled by the next read.
    input.extend_from_slice(&tail);
}
