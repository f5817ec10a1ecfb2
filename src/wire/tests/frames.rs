use bytes::{BufMut, BytesMut};
use proptest::prelude::*;

use crate::wire::frame::try_put_packet_with;
use crate::wire::{FrameHeader, HEADER_LEN, MAX_FRAME, put_packet, put_packet_with};

/// The lengths and sequence numbers of the frames, and the payload that they carry.
fn walk(bytes: &[u8]) -> (Vec<FrameHeader>, Vec<u8>) {
    let (mut headers, mut payload, mut rest) = (Vec::new(), Vec::new(), bytes);
    while let Some(header) = FrameHeader::peek(rest) {
        let (frame, tail) = rest[HEADER_LEN..].split_at(header.len);
        headers.push(header);
        payload.extend_from_slice(frame);
        rest = tail;
    }
    assert!(rest.is_empty());
    (headers, payload)
}

#[test]
fn a_header_needs_four_bytes() {
    assert_eq!(FrameHeader::peek(&[1, 0, 0]), None);
    let header = FrameHeader {
        len: 0x03_0201,
        sequence: 9,
    };
    assert_eq!(FrameHeader::peek(&[1, 2, 3, 9, 77]), Some(header));
    assert_eq!(header.encode(), [1, 2, 3, 9]);
}

#[test]
fn packets_are_split_where_mysql_splits_them() {
    let cases: [(usize, &[usize]); 5] = [
        (0, &[0]),
        (MAX_FRAME - 1, &[MAX_FRAME - 1]),
        (MAX_FRAME, &[MAX_FRAME, 0]),
        (MAX_FRAME + 1, &[MAX_FRAME, 1]),
        (2 * MAX_FRAME, &[MAX_FRAME, MAX_FRAME, 0]),
    ];
    for (len, frames) in cases {
        let payload = vec![b'x'; len];
        let (mut copied, mut in_place) = (BytesMut::new(), BytesMut::new());
        let (mut first, mut second) = (255, 255);
        put_packet(&mut copied, &mut first, &payload);
        put_packet_with(&mut in_place, &mut second, |out| out.put_slice(&payload));
        assert!(copied == in_place, "{len}: both ways give the same bytes");
        let (headers, carried) = walk(&copied);
        let lengths: Vec<usize> = headers.iter().map(|header| header.len).collect();
        assert_eq!(lengths, frames);
        assert!(carried == payload);
        assert_eq!(headers[0].sequence, 255);
        assert_eq!(usize::from(first), frames.len() - 1, "the number wraps");
        assert_eq!(first, second);
    }
}

#[test]
fn a_payload_that_fails_leaves_no_trace() {
    let (mut out, mut sequence) = (BytesMut::from(&b"before"[..]), 3);
    let outcome = try_put_packet_with(&mut out, &mut sequence, |out| {
        out.put_slice(b"half");
        Err("no")
    });
    assert_eq!(
        (outcome, sequence, &out[..]),
        (Err("no"), 3, &b"before"[..])
    );
}

proptest! {
    #[test]
    fn packets_in_a_row_are_found_again(packets: Vec<Vec<u8>>, start: u8) {
        let (mut out, mut sequence) = (BytesMut::new(), start);
        for packet in &packets {
            put_packet(&mut out, &mut sequence, packet);
        }
        let (headers, carried) = walk(&out);
        prop_assert_eq!(carried, packets.concat());
        for (place, header) in headers.iter().enumerate() {
            prop_assert_eq!(header.sequence, start.wrapping_add(place as u8));
        }
    }
}
