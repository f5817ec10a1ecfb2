use bytes::BytesMut;
use mysql_common::io::ParseBuf;
use mysql_common::packets::{CommonOkPacket, OkPacketDeserializer};
use mysql_common::proto::MyDeserialize;
use proptest::prelude::*;

use super::refuses_prefixes;
use crate::error::{MysqlError, SqlState};
use crate::wire::response::{decode_err, is_eof};
use crate::wire::{
    CapabilityFlags as C, ColumnDefinition, ColumnType, EofPacket, FrameHeader, HEADER_LEN,
    OkHeader, OkPacket, PrepareOk, Reply, SERVER_CAPABILITIES, SessionChange, SessionChanges,
    StatusFlags, TextColumn, WireError, put_early_err, put_err, put_text_result, rewrite_schema,
};

const TRACKS: C = SERVER_CAPABILITIES;
const PLAIN: C = C::CLIENT_PROTOCOL_41;

fn encode(ok: &OkPacket<'_>, capabilities: C, header: OkHeader) -> BytesMut {
    let mut out = BytesMut::new();
    ok.encode(&mut out, capabilities, header);
    out
}

fn changes(list: &[SessionChange<'_>]) -> BytesMut {
    let mut block = BytesMut::new();
    for change in list {
        change.encode(&mut block);
    }
    block
}

#[test]
fn an_ok_packet_has_the_bytes_that_mysql_sends() {
    let update = OkPacket {
        affected_rows: 1,
        status: StatusFlags::SERVER_STATUS_AUTOCOMMIT,
        info: b"Rows matched: 1  Changed: 1  Warnings: 0",
        ..OkPacket::default()
    };
    let wire = b"\x00\x01\x00\x02\x00\x00\x00\x28Rows matched: 1  Changed: 1  Warnings: 0";
    // Captured form: a length stands before the text with SESSION_TRACK and without.
    for capabilities in [TRACKS, PLAIN] {
        assert_eq!(&encode(&update, capabilities, OkHeader::Ok)[..], wire);
        assert_eq!(OkPacket::decode(wire, capabilities), Ok(update));
    }
    let documented = [&wire[..7], &wire[8..]].concat();
    assert_eq!(OkPacket::decode(&documented, PLAIN), Ok(update));
    let bare = OkPacket {
        info: b"",
        ..update
    };
    assert_eq!(
        &encode(&bare, TRACKS, OkHeader::Eof)[..],
        b"\xFE\x01\x00\x02\x00\x00\x00"
    );
}

#[test]
fn session_changes_go_to_those_only_who_track_them() {
    let block = changes(&[SessionChange::Schema(b"shop")]);
    let ok = OkPacket {
        status: StatusFlags::SERVER_STATUS_AUTOCOMMIT | StatusFlags::SERVER_SESSION_STATE_CHANGED,
        session_changes: &block,
        ..OkPacket::default()
    };
    let wire = encode(&ok, TRACKS, OkHeader::Ok);
    assert_eq!(
        &wire[..],
        b"\x00\x00\x00\x02\x40\x00\x00\x00\x07\x01\x05\x04shop"
    );
    assert_eq!(OkPacket::decode(&wire, TRACKS), Ok(ok));
    refuses_prefixes(&wire, |cut| OkPacket::decode(cut, TRACKS));
    let plain = encode(&ok, PLAIN, OkHeader::Ok);
    assert_eq!(&plain[..], b"\x00\x00\x00\x02\x00\x00\x00");
}

#[test]
fn another_implementation_reads_our_ok_packet() {
    let block = changes(&[SessionChange::Gtids(b"a:1-3")]);
    let ok = OkPacket {
        affected_rows: 70_000,
        last_insert_id: u64::MAX,
        warnings: 3,
        info: b"info",
        session_changes: &block,
        ..OkPacket::default()
    };
    let wire = encode(&ok, TRACKS, OkHeader::Ok);
    let theirs: OkPacketDeserializer<'_, CommonOkPacket> =
        OkPacketDeserializer::deserialize(TRACKS, &mut ParseBuf(&wire)).unwrap();
    let theirs = theirs.into_inner();
    assert_eq!(theirs.affected_rows(), 70_000);
    assert_eq!(theirs.last_insert_id(), Some(u64::MAX));
    assert_eq!(theirs.warnings(), 3);
    assert_eq!(theirs.info_ref(), Some(&b"info"[..]));
    assert_eq!(theirs.session_state_info().unwrap().len(), 1);
}

#[test]
fn an_ok_packet_does_not_open_with_another_byte() {
    assert!(OkPacket::decode(b"\x01\x00\x00\x00\x00\x00\x00", PLAIN).is_err());
    assert!(EofPacket::decode(b"\x00\x00\x00\x00\x00").is_err());
}

#[test]
fn rows_that_an_eof_packet_closes_are_closed_whatever_was_agreed() {
    for capabilities in [PLAIN, C::CLIENT_DEPRECATE_EOF] {
        let ok = OkPacket::decode(b"\xFE\x02\x00\x0A\x00", capabilities).unwrap();
        assert_eq!((ok.warnings, ok.status.bits()), (2, 0x0A));
        assert_eq!((ok.affected_rows, ok.last_insert_id), (0, 0));
    }
}

#[test]
fn an_eof_packet_is_read_back() {
    let eof = EofPacket {
        warnings: 2,
        status: StatusFlags::SERVER_MORE_RESULTS_EXISTS,
    };
    let mut out = BytesMut::new();
    eof.encode(&mut out);
    assert_eq!(&out[..], b"\xFE\x02\x00\x08\x00");
    assert_eq!(EofPacket::decode(&out), Ok(eof));
    refuses_prefixes(&out, EofPacket::decode);
}

#[test]
fn the_end_of_rows_is_not_mistaken_for_a_huge_row() {
    let modern = C::CLIENT_DEPRECATE_EOF;
    for (first, len, capabilities, end) in [
        (0xFE, 5, PLAIN, true),
        (0xFE, 9, PLAIN, false),
        (0xFE, 7, modern, true),
        (0xFE, 5000, modern, true),
        (0xFE, 0xFF_FFFF, modern, false),
        (0x00, 5, PLAIN, false),
    ] {
        assert_eq!(is_eof(&[first], len, capabilities), end, "{first} {len}");
    }
    assert!(
        !is_eof(&[], 0, modern),
        "a row without columns is none either"
    );
}

#[test]
fn errors_travel_with_and_without_their_state() {
    let error = MysqlError {
        code: 8042,
        state: SqlState(*b"45000"),
        message: b"caf\xE9".to_vec(),
    };
    let mut out = BytesMut::new();
    put_err(&mut out, &error);
    assert_eq!(&out[..], b"\xFF\x6A\x1F#45000caf\xE9");
    assert_eq!(decode_err(&out), Ok(error.clone()));
    for len in (0..9).filter(|len| *len != 3) {
        assert!(decode_err(&out[..len]).is_err(), "{len} bytes");
    }
    out.clear();
    put_early_err(&mut out, &error);
    assert_eq!(decode_err(&out).unwrap().state, SqlState::GENERAL);
    assert_eq!(
        decode_err(b"\xFF\xFF\xFF\x01\x02"),
        Err(WireError::ProgressReport)
    );
    assert!(decode_err(b"\x00\x01\x02").is_err());
}

#[test]
fn a_first_packet_tells_what_follows() {
    for (payload, reply) in [
        (&b"\x00\x00\x00\x02\x00\x00\x00"[..], Reply::Ok),
        (b"\xFF\x10\x04", Reply::Err),
        (b"\xFE\x00\x00\x02\x00", Reply::Eof),
        (b"\xFB/tmp/x", Reply::LocalInfile(b"/tmp/x")),
        (b"\x07", Reply::ResultSet { columns: 7 }),
        (b"\xFC\x00\x10", Reply::ResultSet { columns: 4096 }),
    ] {
        assert_eq!(Reply::decode(payload), Ok(reply));
    }
    for payload in [&b""[..], b"\x07\x00", b"\xFC\x01", b"\xFD\x00\x00\x01"] {
        assert!(Reply::decode(payload).is_err());
    }
}

fn column() -> ColumnDefinition<'static> {
    ColumnDefinition {
        catalog: b"def",
        schema: b"shop_3",
        table: b"o",
        org_table: b"orders",
        name: b"n",
        org_name: b"name",
        collation: 255,
        length: 400,
        column_type: 253,
        flags: 0x1001,
        decimals: 0,
        default: None,
    }
}

#[test]
fn a_column_is_read_back_with_and_without_a_default() {
    for default in [None, Some(None), Some(Some(&b"x"[..]))] {
        let column = ColumnDefinition {
            default,
            ..column()
        };
        let mut out = BytesMut::new();
        column.encode(&mut out);
        assert_eq!(ColumnDefinition::decode(&out), Ok(column));
        if default.is_none() {
            refuses_prefixes(&out, ColumnDefinition::decode);
        }
    }
    assert_eq!(
        column().known_type(),
        Some(ColumnType::MYSQL_TYPE_VAR_STRING)
    );
    assert_eq!(column().known_flags().bits(), 0x1001);
}

#[test]
fn a_schema_is_renamed_and_nothing_else() {
    let mut packet = BytesMut::new();
    column().encode(&mut packet);
    packet.extend_from_slice(b"\xFBtail");
    for (from, to) in [(&b"shop_3"[..], &b"shop"[..]), (b"shop_3", &[b'x'; 300])] {
        let mut out = BytesMut::new();
        assert_eq!(rewrite_schema(&packet, from, to, &mut out), Ok(true));
        let mut back = BytesMut::new();
        assert_eq!(rewrite_schema(&out, to, from, &mut back), Ok(true));
        assert_eq!(back, packet);
        let renamed = ColumnDefinition::decode(&out[..out.len() - 5]).unwrap();
        assert_eq!(renamed.schema, to);
    }
    let mut out = BytesMut::new();
    assert_eq!(rewrite_schema(&packet, b"other", b"x", &mut out), Ok(false));
    assert_eq!(out, packet);
    out.clear();
    assert!(rewrite_schema(&packet[..5], b"other", b"x", &mut out).is_err());
    assert!(out.is_empty());
}

#[test]
fn session_changes_are_read_back() {
    let list = [
        SessionChange::SystemVariable {
            name: b"time_zone",
            value: b"+00:00",
        },
        SessionChange::Schema(b"shop"),
        SessionChange::StateChange(true),
        SessionChange::StateChange(false),
        SessionChange::Gtids(b"3e11fa47-71ca-11e1-9e33-c80aa9429562:1-5"),
        SessionChange::TransactionCharacteristics(b"START TRANSACTION READ ONLY;"),
        SessionChange::TransactionState(b"T_______"),
        SessionChange::Unknown {
            kind: 9,
            data: b"?",
        },
    ];
    let block = changes(&list);
    let read: Result<Vec<_>, _> = SessionChanges::new(&block).collect();
    assert_eq!(read.as_deref(), Ok(&list[..]));
}

#[test]
fn one_entry_of_mariadb_may_hold_several_variables() {
    let block = b"\x00\x08\x01a\x011\x01b\x012\x01\x02\x01s";
    let read: Result<Vec<_>, _> = SessionChanges::new(block).collect();
    let variable = |name, value| SessionChange::SystemVariable { name, value };
    let expected = [
        variable(b"a", b"1"),
        variable(b"b", b"2"),
        SessionChange::Schema(b"s"),
    ];
    assert_eq!(read.as_deref(), Ok(&expected[..]));
}

#[test]
fn a_broken_block_of_changes_ends_with_an_error() {
    for block in [
        &b"\x00"[..],
        b"\x00\x05\x01a",
        b"\x01\x02\x05x",
        b"\x00\x02\x01a",
    ] {
        let read: Vec<_> = SessionChanges::new(block).collect();
        assert!(matches!(read[..], [Err(_)]), "{block:?}");
    }
    let later = SessionChanges::new(b"\x03\x01\x01").collect::<Result<Vec<_>, _>>();
    let unknown = SessionChange::Unknown {
        kind: 3,
        data: b"\x01",
    };
    assert_eq!(
        later,
        Ok(vec![unknown]),
        "a later way to write GTIDs is kept as it is"
    );
}

#[test]
fn the_answer_to_a_prepare_is_read_back() {
    let ok = PrepareOk {
        statement: 1,
        columns: 2,
        params: 3,
        warnings: 4,
    };
    let mut out = BytesMut::new();
    ok.encode(&mut out);
    assert_eq!(
        &out[..],
        b"\x00\x01\x00\x00\x00\x02\x00\x03\x00\x00\x04\x00"
    );
    assert_eq!(PrepareOk::decode(&out), Ok(ok));
    refuses_prefixes(&out, PrepareOk::decode);
}

/// The payloads of the packets in `bytes`, whose numbers must count up from `sequence`.
fn payloads(bytes: &[u8], sequence: u8) -> Vec<Vec<u8>> {
    let (mut rest, mut found) = (bytes, Vec::new());
    while let Some(header) = FrameHeader::peek(rest) {
        assert_eq!(
            usize::from(header.sequence),
            usize::from(sequence) + found.len()
        );
        let (payload, tail) = rest[HEADER_LEN..].split_at(header.len);
        found.push(payload.to_vec());
        rest = tail;
    }
    found
}

#[test]
fn a_result_of_our_own_has_both_framings() {
    let columns = [TextColumn::text("name"), TextColumn::integer("n")];
    let rows = [[Some("a"), Some("1")], [Some(""), None]];
    let status = StatusFlags::SERVER_STATUS_AUTOCOMMIT;
    for (capabilities, end) in [
        (PLAIN, &b"\xFE\x00\x00\x02\x00"[..]),
        (TRACKS, b"\xFE\x00\x00\x02\x00\x00\x00"),
    ] {
        let (mut out, mut sequence) = (BytesMut::new(), 1);
        put_text_result(
            &mut out,
            &mut sequence,
            capabilities,
            &columns,
            rows,
            status,
        );
        let mut packets = payloads(&out, 1);
        assert_eq!(usize::from(sequence), 1 + packets.len());
        if capabilities == PLAIN {
            assert_eq!(packets.remove(3), end);
        }
        let [count, name, number, first, second, last] = &packets[..] else {
            panic!("{} packets", packets.len());
        };
        assert_eq!(Reply::decode(count), Ok(Reply::ResultSet { columns: 2 }));
        assert_eq!(ColumnDefinition::decode(name), Ok(columns[0].definition()));
        assert_eq!(
            ColumnDefinition::decode(number),
            Ok(columns[1].definition())
        );
        assert_eq!(
            (&first[..], &second[..]),
            (&b"\x01a\x011"[..], &b"\x00\xFB"[..])
        );
        assert_eq!(last, end);
    }
}

proptest! {
    #[test]
    fn any_ok_packet_is_read_back(
        affected_rows: u64,
        last_insert_id: u64,
        warnings: u16,
        bits: u16,
        info: Vec<u8>,
        schema: Option<Vec<u8>>,
    ) {
        let block = match &schema {
            Some(schema) => changes(&[SessionChange::Schema(schema)]),
            None => BytesMut::new(),
        };
        let mut status = StatusFlags::from_bits_retain(bits);
        status.set(StatusFlags::SERVER_SESSION_STATE_CHANGED, schema.is_some());
        let ok = OkPacket {
            affected_rows,
            last_insert_id,
            status,
            warnings,
            info: &info,
            session_changes: &block,
        };
        let wire = encode(&ok, TRACKS, OkHeader::Eof);
        prop_assert_eq!(OkPacket::decode(&wire, TRACKS), Ok(ok));
    }

    #[test]
    fn noise_is_refused_or_read_but_never_panics(noise: Vec<u8>) {
        let _ = OkPacket::decode(&noise, TRACKS);
        let _ = OkPacket::decode(&noise, PLAIN);
        let _ = EofPacket::decode(&noise);
        let _ = decode_err(&noise);
        let _ = Reply::decode(&noise);
        let _ = PrepareOk::decode(&noise);
        let _ = rewrite_schema(&noise, b"a", b"b", &mut BytesMut::new());
        prop_assert!(SessionChanges::new(&noise).count() <= noise.len());
        if let Ok(column) = ColumnDefinition::decode(&noise) {
            let mut out = BytesMut::new();
            column.encode(&mut out);
            prop_assert_eq!(ColumnDefinition::decode(&out), Ok(column));
        }
    }
}
