//! Packets in a stream: the four-byte header, the sequence number, the split at 16 MiB.
//!
//! A packet of 2²⁴−1 bytes or more travels as frames of exactly 2²⁴−1 bytes and one shorter
//! (possibly empty) last frame, so a frame is a packet's last where its length is below
//! [`MAX_FRAME`].

use bytes::{BufMut, BytesMut};

/// Bytes of a frame's header.
pub const HEADER_LEN: usize = 4;

/// Bytes of the longest payload of one frame.
pub const MAX_FRAME: usize = 0xFF_FFFF;

/// The header of one frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FrameHeader {
    /// Bytes of payload that follow, at most [`MAX_FRAME`].
    pub len: usize,
    /// Number of the frame within its exchange; wraps at 256.
    pub sequence: u8,
}

impl FrameHeader {
    /// Reads a header.
    #[inline]
    pub const fn decode(bytes: [u8; HEADER_LEN]) -> Self {
        let [a, b, c, sequence] = bytes;
        Self {
            len: u32::from_le_bytes([a, b, c, 0]) as usize,
            sequence,
        }
    }

    /// Writes a header. A length above [`MAX_FRAME`] does not fit and loses its high bits.
    #[inline]
    pub const fn encode(self) -> [u8; HEADER_LEN] {
        debug_assert!(self.len <= MAX_FRAME);
        let [a, b, c, _] = (self.len as u32).to_le_bytes();
        [a, b, c, self.sequence]
    }

    /// The header at the start of `bytes`, if it is there in full.
    #[inline]
    pub fn peek(bytes: &[u8]) -> Option<Self> {
        bytes.first_chunk().copied().map(Self::decode)
    }

    /// Whether the packet goes on in another frame.
    #[inline]
    pub const fn continues(self) -> bool {
        self.len == MAX_FRAME
    }
}

/// Appends a packet, in several frames if it needs them, and moves `sequence` past them.
pub fn put_packet(out: &mut BytesMut, sequence: &mut u8, payload: &[u8]) {
    let mut rest = payload;
    loop {
        let (frame, tail) = rest.split_at(rest.len().min(MAX_FRAME));
        let header = FrameHeader {
            len: frame.len(),
            sequence: *sequence,
        };
        out.reserve(HEADER_LEN + frame.len());
        out.put_slice(&header.encode());
        out.put_slice(frame);
        *sequence = sequence.wrapping_add(1);
        if !header.continues() {
            return;
        }
        rest = tail;
    }
}

/// Appends a packet whose payload is what `write` appends, without a copy unless it must be split.
pub fn put_packet_with(out: &mut BytesMut, sequence: &mut u8, write: impl FnOnce(&mut BytesMut)) {
    let outcome: Result<(), std::convert::Infallible> = try_put_packet_with(out, sequence, |out| {
        write(out);
        Ok(())
    });
    match outcome {
        Ok(()) => {}
        Err(never) => match never {},
    }
}

/// [`put_packet_with`] for a payload that may turn out impossible.
///
/// # Errors
/// Those of `write`; then `out` and `sequence` are as they were.
pub fn try_put_packet_with<E>(
    out: &mut BytesMut,
    sequence: &mut u8,
    write: impl FnOnce(&mut BytesMut) -> Result<(), E>,
) -> Result<(), E> {
    let start = out.len();
    out.put_slice(&[0; HEADER_LEN]);
    if let Err(error) = write(out) {
        out.truncate(start);
        return Err(error);
    }
    let payload_start = start + HEADER_LEN;
    let len = out.len() - payload_start;
    if len >= MAX_FRAME {
        let payload = out.split_off(payload_start);
        out.truncate(start);
        put_packet(out, sequence, &payload);
        return Ok(());
    }
    let header = FrameHeader {
        len,
        sequence: *sequence,
    };
    if let Some(place) = out.get_mut(start..payload_start) {
        place.copy_from_slice(&header.encode());
    }
    *sequence = sequence.wrapping_add(1);
    Ok(())
}
