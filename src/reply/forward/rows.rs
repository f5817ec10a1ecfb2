//! Rows on their way: their headers are walked, and what they hold passes unread.

use bytes::{Buf, BytesMut};

use super::{Forwarder, OUT_OF_ORDER, Phase};
use crate::error::MysqlError;
use crate::reply::{Answer, Framing, Progress, Quota};
use crate::wire::{
    FrameHeader, HEADER_LEN, MAX_FRAME, OkPacket, StatusFlags, WireError, put_err, put_packet,
    put_packet_with,
};

impl Forwarder {
    /// Passes row frames from `at` on through; `Some` when more input is needed.
    pub(super) fn pass_rows(
        &mut self,
        framing: &Framing<'_>,
        input: &mut BytesMut,
        at: &mut usize,
        output: &mut BytesMut,
    ) -> Result<Option<usize>, WireError> {
        let rest = input.get_mut(*at..).unwrap_or_default();
        let (passed, found) = match framing.quota {
            None => self.walk::<false>(rest, None),
            quota => self.walk::<true>(rest, quota),
        };
        if let Found::OutOfOrder = found {
            return Err(OUT_OF_ORDER);
        }
        pass(passed, input, at, output);
        match found {
            Found::Partial => return Ok(Some(self.frame_left.max(HEADER_LEN + 1))),
            Found::TooMuch(error) => {
                self.refuse(error, output);
                return Ok(None);
            }
            Found::End | Found::OutOfOrder => {}
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
    pub(super) fn rename_row(
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
        let size = payload.len();
        if matches!(payload.first(), None | Some(0xFE | 0xFF)) {
            self.end_of_rows(framing, payload, output)?;
            return Ok(Ok(passed));
        }
        let mut row = BytesMut::with_capacity(payload.len());
        let binary = !matches!(self.answer, Answer::Statement | Answer::FieldList);
        let shown = match framing.rows {
            Some(names) if binary => names.put_binary(payload, &self.types, &mut row)?,
            Some(names) => names.put(payload, &mut row)?,
            None => false,
        };
        if shown && let Some(quota) = framing.quota {
            if let Some(error) = quota.refuses(self.spent, size) {
                self.refuse(error, output);
                return Ok(Ok(passed));
            }
            self.spend(size);
        }
        if shown {
            self.rows += 1;
            put_packet(output, &mut self.sequence, &row);
        }
        Ok(Ok(passed))
    }

    /// Ends the rows with an error of the proxy's own.
    fn refuse(&mut self, error: MysqlError, output: &mut BytesMut) {
        put_packet_with(output, &mut self.sequence, |out| put_err(out, &error));
        self.summary.error = Some(error);
        self.phase = Phase::Refused;
    }

    fn spend(&mut self, row_bytes: usize) {
        self.spent.rows += 1;
        self.spent.bytes += row_bytes as u64;
    }

    /// Drops what has arrived of the rows behind [`Progress::Refused`].
    ///
    /// # Errors
    /// The backend broke the protocol.
    pub fn discard(
        &mut self,
        framing: &Framing<'_>,
        input: &mut BytesMut,
    ) -> Result<Progress, WireError> {
        let told = self.sequence;
        let (passed, found) = self.walk::<false>(input, None);
        self.sequence = told;
        input.advance(passed);
        match found {
            Found::OutOfOrder => return Err(OUT_OF_ORDER),
            Found::Partial => return Ok(Progress::NeedMore(self.frame_left.max(HEADER_LEN + 1))),
            Found::End | Found::TooMuch(_) => {}
        }
        let last = match self.packet(input)? {
            Ok(last) => last,
            Err(wanted) => return Ok(Progress::NeedMore(wanted)),
        };
        if last.first() != Some(&0xFF) {
            let end = OkPacket::decode(last, framing.backend)?;
            if end.status.contains(StatusFlags::SERVER_MORE_RESULTS_EXISTS) {
                return Err(MORE_RESULTS);
            }
        }
        let passed = HEADER_LEN + last.len();
        input.advance(passed);
        self.phase = Phase::Done;
        Ok(Progress::Done)
    }

    /// Walks over row headers, renumbering them in place. Returns how many bytes may pass.
    fn walk<const LIMITED: bool>(
        &mut self,
        buffer: &mut [u8],
        quota: Option<&Quota>,
    ) -> (usize, Found) {
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
                    Some(_) if LIMITED => {
                        let refused = |quota: &Quota| quota.refuses(self.spent, header.len);
                        if let Some(error) = quota.and_then(refused) {
                            return (at, Found::TooMuch(error));
                        }
                        self.spend(header.len);
                        self.rows += 1;
                    }
                    Some(_) => self.rows += 1,
                }
            } else if LIMITED {
                self.spent.bytes += header.len as u64;
            }
            self.continued = header.len == MAX_FRAME;
            rest[HEADER_LEN - 1] = self.sequence;
            self.sequence = self.sequence.wrapping_add(1);
            self.expected = self.expected.wrapping_add(1);
            self.frame_left = header.len;
            at += HEADER_LEN;
        }
    }
}

enum Found {
    /// The buffer ends within a frame or a header.
    Partial,
    /// The packet behind the rows begins here.
    End,
    /// A packet is missing, or one too many is there.
    OutOfOrder,
    /// The row that begins here is one too many for the client.
    TooMuch(MysqlError),
}

/// Only what gives one result is limited.
const MORE_RESULTS: WireError = WireError::Malformed {
    packet: "COM_QUERY response",
    reason: "another result behind the rows of a SELECT",
};

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
