//! One answer in pieces: however the bytes are cut, the pieces are the same.

use bytes::{Bytes, BytesMut};
use proptest::prelude::*;

use super::{AnswerReader, Changes, Ending, Piece};
use crate::error::{ErrorKind, MysqlError};
use crate::wire::{
    CapabilityFlags, MAX_FRAME, OkHeader, OkPacket, StatusFlags, WireError, put_err, put_lenenc,
    put_packet, put_packet_with,
};

const BACKEND: CapabilityFlags = CapabilityFlags::CLIENT_DEPRECATE_EOF
    .union(CapabilityFlags::CLIENT_PROTOCOL_41)
    .union(CapabilityFlags::CLIENT_TRANSACTIONS);

fn complete() -> Ending {
    Ending::Complete {
        status: StatusFlags::SERVER_STATUS_AUTOCOMMIT,
        warnings: 3,
        changes: Changes::default(),
    }
}

fn stopped() -> Ending {
    Ending::Error(MysqlError::new(ErrorKind::QueryInterrupted, "stop"))
}

/// The bytes of an answer.
fn encoded(columns: &[&[u8]], rows: &[Vec<u8>], ending: &Ending) -> BytesMut {
    let (mut out, mut sequence) = (BytesMut::new(), 1);
    put_packet_with(&mut out, &mut sequence, |out| {
        put_lenenc(out, columns.len() as u64);
    });
    for payload in columns
        .iter()
        .copied()
        .chain(rows.iter().map(Vec::as_slice))
    {
        put_packet(&mut out, &mut sequence, payload);
    }
    put_packet_with(&mut out, &mut sequence, |out| match ending {
        Ending::Error(error) => put_err(out, error),
        Ending::Complete {
            status, warnings, ..
        } => OkPacket {
            status: *status,
            warnings: *warnings,
            ..OkPacket::default()
        }
        .encode(out, BACKEND, OkHeader::Eof),
    });
    out
}

/// All pieces of what arrives in parts of so many bytes.
fn read(bytes: &[u8], part: usize) -> Result<Vec<Piece>, WireError> {
    let mut reader = AnswerReader::new(BACKEND, 1);
    let (mut input, mut pieces) = (BytesMut::new(), Vec::new());
    for part in bytes.chunks(part) {
        input.extend_from_slice(part);
        while !reader.is_done() {
            match reader.next(&mut input)? {
                Ok(piece) => pieces.push(piece),
                Err(wanted) => {
                    assert!(wanted > 0);
                    break;
                }
            }
        }
    }
    Ok(pieces)
}

fn pieces(columns: &[&[u8]], rows: &[Vec<u8>], ending: &Ending) -> Vec<Piece> {
    let bytes = |payload: &[u8]| Bytes::copy_from_slice(payload);
    let columns = columns.iter().map(|column| bytes(column)).collect();
    std::iter::once(Piece::Columns(columns))
        .chain(rows.iter().map(|row| Piece::Row(bytes(row))))
        .chain([Piece::End(ending.clone())])
        .collect()
}

proptest! {
    #[test]
    fn the_pieces_do_not_depend_on_how_they_arrive(
        rows in prop::collection::vec(prop::collection::vec(0u8..0xFE, 1..40), 0..12),
        part in 1usize..64,
        fails in any::<bool>(),
    ) {
        let columns: [&[u8]; 2] = [b"first", b"second"];
        let ending = if fails { stopped() } else { complete() };
        let read = read(&encoded(&columns, &rows, &ending), part).unwrap();
        prop_assert_eq!(read, pieces(&columns, &rows, &ending));
    }

    #[test]
    fn noise_is_refused_or_read_but_never_panics(
        bytes in prop::collection::vec(any::<u8>(), 0..200),
        part in 1usize..64,
    ) {
        let _ = read(&bytes, part);
    }
}

#[test]
fn a_row_of_several_frames_is_one_piece() {
    let row = vec![b'x'; MAX_FRAME + 5];
    let full = vec![b'y'; MAX_FRAME];
    let rows = [row, full, vec![1]];
    let answer = encoded(&[b"c"], &rows, &complete());
    let read = read(&answer, 1 << 20).unwrap();
    assert!(read == pieces(&[b"c"], &rows, &complete()));
}

#[test]
fn what_is_no_answer_to_a_select_is_malformed() {
    let mut more = BytesMut::new();
    put_packet_with(&mut more, &mut 1, |out| {
        OkPacket {
            status: StatusFlags::SERVER_MORE_RESULTS_EXISTS,
            ..OkPacket::default()
        }
        .encode(out, BACKEND, OkHeader::Ok);
    });
    let mut out_of_order = encoded(&[b"c"], &[vec![1]], &complete());
    out_of_order[3] = 9;
    let mut file = BytesMut::new();
    put_packet(&mut file, &mut 1, b"\xFBfile");
    let empty_row = encoded(&[b"c"], &[Vec::new()], &complete());
    for bytes in [more, out_of_order, file, empty_row] {
        assert!(read(&bytes, 7).is_err(), "{bytes:?}");
    }
}
