use bytes::BytesMut;
use proptest::prelude::*;

use crate::wire::codec::{
    Reader, lenenc_len, put_lenenc, put_lenenc_bytes, put_nul_bytes, put_nullable_bytes,
};
use crate::wire::{Result, WireError};

#[test]
fn integers_are_little_endian_and_bounded() {
    let mut reader = Reader::new(&[1, 2, 0, 3, 0, 0, 4, 0, 0, 0, 5, 0, 0, 0, 0, 0, 0, 0]);
    assert_eq!(reader.u8(), Ok(1));
    assert_eq!(reader.u16(), Ok(2));
    assert_eq!(reader.u24(), Ok(3));
    assert_eq!(reader.u32(), Ok(4));
    assert_eq!(reader.u64(), Ok(5));
    assert!(reader.is_empty());
    assert_eq!(
        reader.u8(),
        Err(WireError::Truncated { wanted: 1, left: 0 })
    );
}

#[test]
fn a_failed_read_moves_nothing() {
    let mut reader = Reader::new(b"abc");
    assert!(reader.u32().is_err());
    assert!(reader.take(4).is_err());
    assert!(reader.nul_bytes().is_err());
    assert_eq!(reader.rest(), b"abc");
}

#[test]
fn length_encoded_integers_take_the_shortest_form() {
    let cases: [(u64, &[u8]); 8] = [
        (0, &[0]),
        (250, &[250]),
        (251, &[0xFC, 251, 0]),
        (0xFFFF, &[0xFC, 0xFF, 0xFF]),
        (0x1_0000, &[0xFD, 0, 0, 1]),
        (0xFF_FFFF, &[0xFD, 0xFF, 0xFF, 0xFF]),
        (0x100_0000, &[0xFE, 0, 0, 0, 1, 0, 0, 0, 0]),
        (u64::MAX, &[0xFE, 255, 255, 255, 255, 255, 255, 255, 255]),
    ];
    for (value, bytes) in cases {
        let mut out = BytesMut::new();
        put_lenenc(&mut out, value);
        assert_eq!(out, bytes);
        assert_eq!(lenenc_len(value), bytes.len());
    }
}

#[test]
fn null_and_error_marks_open_no_integer() {
    for mark in [0xFB, 0xFF] {
        assert_eq!(
            Reader::new(&[mark]).lenenc(),
            Err(WireError::BadLength(mark))
        );
    }
    assert_eq!(Reader::new(&[0xFB, 1]).nullable_bytes(), Ok(None));
}

#[test]
fn a_length_beyond_the_packet_is_refused_without_allocation() {
    let huge = [0xFE, 255, 255, 255, 255, 255, 255, 255, 255, b'x'];
    let refused = Reader::new(&huge).lenenc_bytes();
    assert!(matches!(refused, Err(WireError::Truncated { left: 1, .. })));
}

#[test]
fn a_zero_byte_cannot_be_smuggled_into_a_terminated_string() {
    let mut out = BytesMut::new();
    assert!(put_nul_bytes(&mut out, b"a\0b").is_err());
    assert!(out.is_empty());
}

#[test]
fn a_last_string_may_lack_its_terminator() {
    for bytes in [&b"abc"[..], b"abc\0"] {
        assert_eq!(Reader::new(bytes).nul_bytes_or_rest(), b"abc");
    }
}

proptest! {
    #[test]
    fn what_is_written_is_read_back(
        integer: u64,
        text: Vec<u8>,
        nullable: Option<Vec<u8>>,
    ) {
        let mut out = BytesMut::new();
        put_lenenc(&mut out, integer);
        put_lenenc_bytes(&mut out, &text);
        put_nullable_bytes(&mut out, nullable.as_deref());
        let read = |bytes: &[u8]| -> Result<bool> {
            let mut reader = Reader::new(bytes);
            Ok(reader.lenenc()? == integer
                && reader.lenenc_bytes()? == text
                && reader.nullable_bytes()? == nullable.as_deref()
                && reader.is_empty())
        };
        prop_assert_eq!(read(&out), Ok(true));
        super::refuses_prefixes(&out, read);
    }
}
