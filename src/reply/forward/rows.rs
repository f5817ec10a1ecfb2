//! Rows on their way: their headers are walked, and what they hold passes unread.

use bytes::{Buf, BytesMut};

use super::{Forwarder, OUT_OF_ORDER};
use crate::reply::{Answer, Framing};
use crate::wire::{FrameHeader, HEADER_LEN, MAX_FRAME, WireError, put_packet};

impl Forwarder {
    /// Passes row frames from `at` on through; `Some` when more input is needed.
    pub(super) fn pass_rows(
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
        if shown {
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
}

enum Found {
    /// The buffer ends within a frame or a header.
    Partial,
    /// The packet behind the rows begins here.
    End,
    /// A packet is missing, or one too many is there.
    OutOfOrder,
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
