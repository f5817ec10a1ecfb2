//! An answer whose rows wait for COM_STMT_FETCH.
//!
//! In: the packets of a whole answer, as a client would get them. Out: the packets that tell of a
//! cursor, and then the rows, so many at a time.

use bytes::{Buf, Bytes, BytesMut};

use crate::wire::{
    CapabilityFlags, EofPacket, FrameHeader, HEADER_LEN, OkHeader, OkPacket, Reply, StatusFlags,
    is_eof, put_packet, put_packet_with,
};

/// Rows that wait.
#[derive(Debug)]
pub struct Waiting(Bytes);

impl Waiting {
    /// Takes the rows out of an answer to a client with these capabilities: what the client gets
    /// instead of it, and the rows. `None`: the answer is not just one result, or its rows wait
    /// elsewhere.
    pub fn of(answer: &[u8], capabilities: CapabilityFlags) -> Option<(BytesMut, Self)> {
        let (first, mut rest) = next(answer)?;
        let Ok(Reply::ResultSet { columns }) = Reply::decode(first) else {
            return None;
        };
        for _ in 0..columns {
            (_, rest) = next(rest)?;
        }
        let head = answer.len() - rest.len();
        if !capabilities.contains(CapabilityFlags::CLIENT_DEPRECATE_EOF) {
            let (eof, behind) = next(rest)?;
            EofPacket::decode(eof).ok()?;
            rest = behind;
        }
        let rows = answer.len() - rest.len();
        let (last, end) = loop {
            let (packet, behind) = next(rest)?;
            if is_eof(packet, packet.len(), capabilities) {
                if !behind.is_empty() {
                    return None;
                }
                break (packet, answer.len() - rest.len());
            }
            if packet.first() != Some(&0) {
                return None;
            }
            rest = behind;
        };
        let mut opened = BytesMut::from(answer.get(..head)?);
        let mut sequence = FrameHeader::peek(answer)?.sequence;
        let packets = u8::try_from((columns + 1) % 256).unwrap_or_default();
        sequence = sequence.wrapping_add(packets);
        put_opened(&mut opened, &mut sequence, last, capabilities)?;
        let rows = Bytes::copy_from_slice(answer.get(rows..end)?);
        Some((opened, Self(rows)))
    }

    /// How many bytes wait.
    pub fn size(&self) -> usize {
        self.0.len()
    }

    /// Moves so many rows to `out`; what the status behind them says of the cursor.
    pub fn fetch(&mut self, rows: u32, out: &mut BytesMut, sequence: &mut u8) -> StatusFlags {
        for _ in 0..rows {
            let Some((row, _)) = next(&self.0) else {
                return StatusFlags::SERVER_STATUS_LAST_ROW_SENT;
            };
            put_packet(out, sequence, row);
            let passed = HEADER_LEN + row.len();
            self.0.advance(passed);
        }
        StatusFlags::SERVER_STATUS_CURSOR_EXISTS
    }
}

/// The first packet, and what follows it.
fn next(packets: &[u8]) -> Option<(&[u8], &[u8])> {
    let header = FrameHeader::peek(packets).filter(|header| !header.continues())?;
    packets.get(HEADER_LEN..)?.split_at_checked(header.len)
}

/// The packet behind the columns of an open cursor, from the one behind the rows.
fn put_opened(
    out: &mut BytesMut,
    sequence: &mut u8,
    last: &[u8],
    capabilities: CapabilityFlags,
) -> Option<()> {
    const ELSEWHERE: StatusFlags =
        StatusFlags::SERVER_STATUS_CURSOR_EXISTS.union(StatusFlags::SERVER_MORE_RESULTS_EXISTS);
    if capabilities.contains(CapabilityFlags::CLIENT_DEPRECATE_EOF) {
        let mut ok = OkPacket::decode(last, capabilities).ok()?;
        if ok.status.intersects(ELSEWHERE) {
            return None;
        }
        ok.status |= StatusFlags::SERVER_STATUS_CURSOR_EXISTS;
        put_packet_with(out, sequence, |out| {
            ok.encode(out, capabilities, OkHeader::Eof);
        });
        return Some(());
    }
    let mut eof = EofPacket::decode(last).ok()?;
    if eof.status.intersects(ELSEWHERE) {
        return None;
    }
    eof.status |= StatusFlags::SERVER_STATUS_CURSOR_EXISTS;
    put_packet_with(out, sequence, |out| eof.encode(out));
    Some(())
}

/// Appends the packet behind rows, in the form that was negotiated.
pub fn put_end(
    out: &mut BytesMut,
    (status, warnings): (StatusFlags, u16),
    capabilities: CapabilityFlags,
) {
    if capabilities.contains(CapabilityFlags::CLIENT_DEPRECATE_EOF) {
        let ok = OkPacket {
            status,
            warnings,
            ..OkPacket::default()
        };
        ok.encode(out, capabilities, OkHeader::Eof);
    } else {
        EofPacket { warnings, status }.encode(out);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EOF: CapabilityFlags = CapabilityFlags::CLIENT_PROTOCOL_41;
    const OK: CapabilityFlags = EOF.union(CapabilityFlags::CLIENT_DEPRECATE_EOF);
    const DONE: StatusFlags = StatusFlags::SERVER_STATUS_AUTOCOMMIT;

    fn put_last(out: &mut BytesMut, sequence: &mut u8, status: StatusFlags, form: CapabilityFlags) {
        let warnings = 3;
        put_packet_with(out, sequence, |out| match form {
            EOF => EofPacket { warnings, status }.encode(out),
            _ => {
                let ok = OkPacket {
                    status,
                    warnings,
                    ..OkPacket::default()
                };
                ok.encode(out, form, OkHeader::Eof);
            }
        });
    }

    /// An answer of one column, with rows of one byte behind their first.
    fn answer(rows: u8, status: StatusFlags, form: CapabilityFlags) -> BytesMut {
        let (mut out, mut sequence) = (BytesMut::new(), 1);
        put_packet(&mut out, &mut sequence, &[1]);
        put_packet(&mut out, &mut sequence, b"\x03def");
        if form == EOF {
            put_last(&mut out, &mut sequence, DONE, form);
        }
        for row in 0..rows {
            put_packet(&mut out, &mut sequence, &[0, row]);
        }
        put_last(&mut out, &mut sequence, status, form);
        out
    }

    fn packets(mut bytes: &[u8]) -> Vec<(u8, &[u8])> {
        let mut all = Vec::new();
        while let Some((packet, rest)) = next(bytes) {
            all.push((FrameHeader::peek(bytes).unwrap().sequence, packet));
            bytes = rest;
        }
        assert!(bytes.is_empty());
        all
    }

    #[test]
    fn an_answer_becomes_a_cursor_and_its_rows_come_in_batches() {
        for form in [EOF, OK] {
            let (opened, mut waiting) = Waiting::of(&answer(5, DONE, form), form).unwrap();
            let opened = packets(&opened);
            assert_eq!(opened.len(), 3);
            let (sequence, end) = opened[2];
            let told = match form {
                EOF => {
                    let eof = EofPacket::decode(end).unwrap();
                    (eof.status, eof.warnings)
                }
                _ => {
                    let ok = OkPacket::decode(end, form).unwrap();
                    (ok.status, ok.warnings)
                }
            };
            let open = DONE | StatusFlags::SERVER_STATUS_CURSOR_EXISTS;
            assert_eq!((sequence, told), (3, (open, 3)));
            let mut fetched = Vec::new();
            for (rows, at_end) in [(2, false), (0, false), (3, false), (1, true)] {
                let (mut out, mut sequence) = (BytesMut::new(), 1);
                let said = waiting.fetch(rows, &mut out, &mut sequence);
                assert_eq!(said == StatusFlags::SERVER_STATUS_LAST_ROW_SENT, at_end);
                for (at, (sequence, row)) in packets(&out).into_iter().enumerate() {
                    assert_eq!(usize::from(sequence), at + 1);
                    fetched.push(row[1]);
                }
            }
            assert_eq!(fetched, [0, 1, 2, 3, 4]);
            assert_eq!(waiting.size(), 0);
        }
    }

    #[test]
    fn what_is_not_one_whole_result_stays_as_it_is() {
        let more = DONE | StatusFlags::SERVER_MORE_RESULTS_EXISTS;
        let open = DONE | StatusFlags::SERVER_STATUS_CURSOR_EXISTS;
        for form in [EOF, OK] {
            let whole = answer(2, DONE, form);
            for cut in 0..whole.len() {
                assert!(Waiting::of(&whole[..cut], form).is_none(), "{cut}");
            }
            let twice = [&whole[..], &whole[..]].concat();
            let end = packets(&whole).last().unwrap().1.len() + HEADER_LEN;
            let mut failed = whole[..whole.len() - end].to_vec();
            failed.extend_from_slice(b"\x03\0\0\x06\xff\x15\x04");
            for other in [
                answer(2, more, form).to_vec(),
                answer(0, open, form).to_vec(),
                twice,
                failed,
                b"\x03\0\0\x01\xff\x15\x04".to_vec(),
                b"\x07\0\0\x01\0\0\0\x02\0\0\0".to_vec(),
            ] {
                assert!(Waiting::of(&other, form).is_none(), "{other:?}");
            }
        }
    }
}
