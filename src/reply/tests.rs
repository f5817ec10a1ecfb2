//! Answers on their way: however the bytes are cut, the client gets the same.

use bytes::BytesMut;
use proptest::prelude::*;

use super::{Answer, Forwarder, Framing, Most, Progress, Quota, Summary};
use super::{Names, TrackedVariables};
use crate::error::{ErrorKind, MysqlError, SqlState};
use crate::wire::{
    CapabilityFlags, EofPacket, FrameHeader, HEADER_LEN, MAX_FRAME, OkHeader, OkPacket, PrepareOk,
    SessionChange, StatusFlags, TextColumn, WireError, put_err, put_lenenc, put_lenenc_bytes,
    put_packet, put_packet_with, put_text_result,
};

const MODERN: CapabilityFlags = CapabilityFlags::CLIENT_DEPRECATE_EOF
    .union(CapabilityFlags::CLIENT_SESSION_TRACK)
    .union(CapabilityFlags::CLIENT_PROTOCOL_41);
const OLD: CapabilityFlags = CapabilityFlags::CLIENT_PROTOCOL_41;

/// What a server answers, packet by packet.
#[derive(Clone, Debug)]
enum Part {
    Ok { affected: u64, changes: bool },
    Err(String),
    Rows { columns: usize, rows: Vec<Vec<u8>> },
}

/// The bytes of an answer for a peer with these capabilities, whose first packet carries
/// `sequence`. As a server's, or as the client must get it.
fn encode(parts: &[Part], capabilities: CapabilityFlags, mut sequence: u8) -> BytesMut {
    let mut out = BytesMut::new();
    for (at, part) in parts.iter().enumerate() {
        let more = at + 1 < parts.len();
        let mut status = StatusFlags::SERVER_STATUS_AUTOCOMMIT;
        status.set(StatusFlags::SERVER_MORE_RESULTS_EXISTS, more);
        match part {
            Part::Ok { affected, changes } => {
                let mut block = BytesMut::new();
                if *changes {
                    let change = SessionChange::SystemVariable {
                        name: b"time_zone",
                        value: b"UTC",
                    };
                    change.encode(&mut block);
                }
                let ok = OkPacket {
                    affected_rows: *affected,
                    status,
                    info: b"Rows matched: 1",
                    session_changes: &block,
                    ..OkPacket::default()
                };
                put_packet_with(&mut out, &mut sequence, |out| {
                    ok.encode(out, capabilities, OkHeader::Ok);
                });
            }
            Part::Err(message) => {
                let error = MysqlError::new(ErrorKind::Syntax, message.clone());
                put_packet_with(&mut out, &mut sequence, |out| put_err(out, &error));
            }
            Part::Rows { columns, rows } => {
                put_rows(
                    &mut out,
                    &mut sequence,
                    capabilities,
                    *columns,
                    rows,
                    status,
                );
            }
        }
    }
    out
}

fn put_rows(
    out: &mut BytesMut,
    sequence: &mut u8,
    capabilities: CapabilityFlags,
    columns: usize,
    rows: &[Vec<u8>],
    status: StatusFlags,
) {
    let names: Vec<TextColumn> = (0..columns)
        .map(|n| TextColumn::text(format!("c{n}")))
        .collect();
    let rows = rows
        .iter()
        .map(|value| std::iter::repeat_n(Some(value), columns));
    if capabilities.contains(CapabilityFlags::CLIENT_DEPRECATE_EOF) {
        put_text_result(out, sequence, capabilities, &names, rows, status);
        return;
    }
    // The flags of the first EOF packet are those of the session, without the end's.
    put_packet_with(out, sequence, |out| put_lenenc(out, columns as u64));
    for name in &names {
        put_packet_with(out, sequence, |out| name.definition().encode(out));
    }
    let eof = |status| EofPacket {
        warnings: 0,
        status,
    };
    put_packet_with(out, sequence, |out| {
        eof(StatusFlags::empty()).encode(out);
    });
    for row in rows {
        put_packet_with(out, sequence, |out| {
            row.for_each(|value| put_lenenc_bytes(out, value.map_or(&[][..], |value| value)));
        });
    }
    put_packet_with(out, sequence, |out| eof(status).encode(out));
}

fn framing(client: CapabilityFlags, tracked: &TrackedVariables) -> Framing<'_> {
    Framing {
        ids: None,
        hidden: &[],
        file: None,
        client,
        backend: MODERN,
        names: None,
        rows: None,
        tracked,
        gtids: true,
        status_before: StatusFlags::empty(),
        add_status: StatusFlags::empty(),
        calls: false,
        more_results: false,
        overdue: false,
        quota: None,
    }
}

/// Feeds `input` in the pieces that `cuts` make; `drain` empties the output behind each, as a
/// socket would.
fn forward(
    framing: &Framing<'_>,
    input: &[u8],
    cuts: &[usize],
    sequence: u8,
) -> Result<(Vec<u8>, Summary, u8), WireError> {
    let mut forwarder = Forwarder::new(Answer::Statement, sequence, 1);
    let (mut buffer, mut queued) = (BytesMut::new(), BytesMut::new());
    let mut passed = Vec::new();
    let mut rest = input;
    let mut cuts = cuts.iter().cycle();
    loop {
        let cut = cuts
            .next()
            .copied()
            .unwrap_or(rest.len())
            .clamp(1, rest.len());
        let (piece, tail) = rest.split_at(cut);
        buffer.extend_from_slice(piece);
        rest = tail;
        let progress = forwarder.advance(framing, &mut buffer, &mut queued)?;
        passed.extend_from_slice(&queued);
        queued.clear();
        match progress {
            Progress::Done => break,
            Progress::File => unreachable!("no file is asked for"),
            Progress::NeedMore(wanted) => assert!(wanted > 0),
            Progress::Refused => {
                // The rest is read and reaches nobody.
                loop {
                    if forwarder.discard(framing, &mut buffer)? == Progress::Done {
                        break;
                    }
                    let (piece, tail) = rest.split_at(rest.len().min(7));
                    assert!(!piece.is_empty(), "not done at the end of the answer");
                    buffer.extend_from_slice(piece);
                    rest = tail;
                }
                break;
            }
        }
        assert!(!rest.is_empty(), "not done at the end of the answer");
    }
    assert!(buffer.is_empty() && rest.is_empty());
    let sequence = forwarder.sequence();
    Ok((passed, forwarder.into_summary(), sequence))
}

fn part() -> impl Strategy<Value = Part> {
    let value = prop::collection::vec(any::<u8>(), 0..300);
    prop_oneof![
        (any::<u64>(), any::<bool>())
            .prop_map(|(affected, changes)| Part::Ok { affected, changes }),
        (1usize..5, prop::collection::vec(value, 0..40))
            .prop_map(|(columns, rows)| Part::Rows { columns, rows }),
    ]
}

fn answer() -> impl Strategy<Value = Vec<Part>> {
    let end = prop_oneof![3 => Just(None), 1 => "[a-z ]{0,20}".prop_map(Some)];
    (prop::collection::vec(part(), 1..4), end).prop_map(|(mut parts, end)| {
        parts.extend(end.map(Part::Err));
        parts
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn however_an_answer_is_cut_the_client_gets_the_same(
        parts in answer(),
        cuts in prop::collection::vec(1usize..3000, 1..8),
        small in any::<bool>(),
        sequence in any::<u8>(),
    ) {
        let tracked = TrackedVariables::Default;
        let cuts: Vec<usize> = cuts.iter().map(|cut| if small { cut % 7 + 1 } else { *cut }).collect();
        let input = encode(&parts, MODERN, 1);
        for client in [MODERN, OLD] {
            let framing = framing(client, &tracked);
            let (whole, summary, next) = forward(&framing, &input, &[usize::MAX], sequence).unwrap();
            let (cut, cut_summary, cut_next) = forward(&framing, &input, &cuts, sequence).unwrap();
            prop_assert_eq!(&whole, &cut);
            prop_assert_eq!(format!("{summary:?}"), format!("{cut_summary:?}"));
            prop_assert_eq!(next, cut_next);
            prop_assert_eq!(mask_first_eof(&whole, client), mask_first_eof(&encode(&parts, client, sequence), client));
        }
    }

    #[test]
    fn no_bytes_make_it_panic(
        input in prop::collection::vec(any::<u8>(), 1..400),
        cuts in prop::collection::vec(1usize..50, 1..4),
    ) {
        let tracked = TrackedVariables::All;
        let mut forwarder = Forwarder::new(Answer::Statement, 1, 1);
        let (mut buffer, mut output) = (BytesMut::new(), BytesMut::new());
        let names = Names { physical: b"a_0", logical: b"a", split: None, gathered: &[] };
        let framing = Framing { names: Some(names), ..framing(OLD, &tracked) };
        for piece in input.chunks(cuts[0]) {
            buffer.extend_from_slice(piece);
            if forwarder.advance(&framing, &mut buffer, &mut output).is_err() {
                break;
            }
        }
    }
}

/// The status of the EOF packet behind the columns may be anything: nobody reads it.
fn mask_first_eof(bytes: &[u8], client: CapabilityFlags) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    if client.contains(CapabilityFlags::CLIENT_DEPRECATE_EOF) {
        return bytes;
    }
    let mut at = 0;
    let mut columns_end = false;
    while let Some(header) = FrameHeader::peek(&bytes[at..]) {
        let body = at + HEADER_LEN;
        let is_eof = header.len == 5 && bytes[body] == 0xFE;
        if is_eof && !columns_end {
            bytes[body + 3..body + 5].fill(0);
        }
        columns_end ^= is_eof;
        at = body + header.len;
    }
    bytes
}

#[test]
fn a_row_above_16_mib_passes_in_its_frames() {
    let tracked = TrackedVariables::Default;
    for size in [MAX_FRAME - 10, MAX_FRAME - 4, MAX_FRAME, 2 * MAX_FRAME + 5] {
        let parts = [Part::Rows {
            columns: 1,
            rows: vec![vec![0xFE; size], b"behind".to_vec()],
        }];
        let input = encode(&parts, MODERN, 1);
        for cuts in [&[usize::MAX][..], &[100_000], &[MAX_FRAME + 3, 9]] {
            let (out, summary, _) = forward(&framing(MODERN, &tracked), &input, cuts, 1).unwrap();
            assert!(out == input, "{size} {cuts:?}");
            assert_eq!(summary.rows, Some(2));
        }
    }
}

#[test]
fn sequence_ids_wrap_in_both_directions() {
    let tracked = TrackedVariables::Default;
    let parts = [Part::Rows {
        columns: 2,
        rows: vec![b"x".to_vec(); 1000],
    }];
    let input = encode(&parts, MODERN, 1);
    let (out, _, next) = forward(&framing(OLD, &tracked), &input, &[777], 250).unwrap();
    let mut at = 0;
    let mut expected = 250u8;
    while let Some(header) = FrameHeader::peek(&out[at..]) {
        assert_eq!(header.sequence, expected);
        expected = expected.wrapping_add(1);
        at += HEADER_LEN + header.len;
    }
    assert_eq!(next, expected);
}

#[test]
fn the_summary_says_what_the_server_said() {
    let tracked = TrackedVariables::Default;
    let parts = [
        Part::Rows {
            columns: 1,
            rows: vec![b"1".to_vec(); 3],
        },
        Part::Ok {
            affected: 7,
            changes: true,
        },
    ];
    let input = encode(&parts, MODERN, 1);
    let (_, summary, _) = forward(&framing(MODERN, &tracked), &input, &[9], 1).unwrap();
    assert_eq!((summary.rows, summary.affected_rows), (None, 7));
    assert!(!summary.session_changes.is_empty());
    let failed = encode(&[parts[0].clone(), Part::Err("no".to_owned())], MODERN, 1);
    let (_, summary, _) = forward(&framing(MODERN, &tracked), &failed, &[9], 1).unwrap();
    assert_eq!(summary.error.map(|error| error.code), Some(1064));
}

#[test]
fn what_no_server_may_say_is_an_error() {
    let tracked = TrackedVariables::Default;
    let rows = |tail: &[&[u8]]| {
        let mut out = BytesMut::new();
        let mut sequence = 1;
        put_packet(&mut out, &mut sequence, b"\x01");
        put_packet_with(&mut out, &mut sequence, |out| {
            TextColumn::text("a").definition().encode(out);
        });
        for payload in tail {
            put_packet(&mut out, &mut sequence, payload);
        }
        out.to_vec()
    };
    let cases: [(&str, Vec<u8>); 9] = [
        ("an empty first packet", vec![0, 0, 0, 1]),
        ("a local file", b"\x05\x00\x00\x01\xfb/etc".to_vec()),
        (
            "NULL columns",
            b"\x09\x00\x00\x01\xfe\xff\xff\xff\xff\xff\xff\xff\xff".to_vec(),
        ),
        (
            "100,000 columns",
            b"\x04\x00\x00\x01\xfd\xa0\x86\x01".to_vec(),
        ),
        ("a cut OK", b"\x01\x00\x00\x01\x00".to_vec()),
        (
            "a wrong sequence id",
            b"\x07\x00\x00\x02\x00\x00\x00\x02\x00\x00\x00".to_vec(),
        ),
        ("an empty row", rows(&[b"\x011", b""])),
        ("a cut end", rows(&[b"\x011", b"\xfe\x00"])),
        (
            "a progress report",
            rows(&[b"\x011", b"\xff\xff\xff\x01\x01\x02\x00\x00\x00"]),
        ),
    ];
    for (what, input) in cases {
        for client in [MODERN, OLD] {
            let outcome = forward(&framing(client, &tracked), &input, &[3], 1);
            assert!(outcome.is_err(), "{what}");
        }
    }
}

#[test]
fn an_error_may_have_the_code_of_progress_reports() {
    let tracked = TrackedVariables::Default;
    let mut input = vec![11, 0, 0, 1];
    input.extend_from_slice(b"\xff\xff\xff#HY000me");
    let (output, _, _) = forward(&framing(MODERN, &tracked), &input, &[3], 1).unwrap();
    assert_eq!(output, input);
}

#[test]
fn a_row_out_of_order_is_an_error() {
    let tracked = TrackedVariables::Default;
    let parts = [Part::Rows {
        columns: 1,
        rows: vec![b"x".to_vec(); 5],
    }];
    let mut input = encode(&parts, MODERN, 1);
    let end = input.len() - 7 - HEADER_LEN - 2 - HEADER_LEN;
    input[end + 3] = 99;
    assert!(forward(&framing(MODERN, &tracked), &input, &[usize::MAX], 1).is_err());
}

#[test]
fn physical_names_do_not_reach_the_client() {
    let names = Names {
        physical: b"shop_3",
        logical: b"shop",
        split: None,
        gathered: &[],
    };
    let cases = [
        (
            1146,
            "Table 'shop_3.t' doesn't exist",
            "Table 'shop.t' doesn't exist",
        ),
        (1049, "Unknown database 'shop_3'", "Unknown database 'shop'"),
        (1044, "to database 'shop_3'", "to database 'shop'"),
        (
            1451,
            "(`shop_3`.`a`, CONSTRAINT `b`) (`shop_3`.`c`)",
            "(`shop`.`a`, CONSTRAINT `b`) (`shop`.`c`)",
        ),
        // What the client wrote itself stays.
        (
            1062,
            "Duplicate entry 'shop_3.x' for key 'k'",
            "Duplicate entry 'shop_3.x' for key 'k'",
        ),
        (
            1366,
            "Incorrect value: 'shop_3'",
            "Incorrect value: 'shop_3'",
        ),
        (
            1146,
            "Table 'shop_31.t' doesn't exist",
            "Table 'shop_31.t' doesn't exist",
        ),
    ];
    for (code, from, to) in cases {
        let mut error = MysqlError {
            code,
            state: SqlState::GENERAL,
            message: from.as_bytes().to_vec(),
        };
        names.fix_error(&mut error);
        assert_eq!(String::from_utf8_lossy(&error.message), to);
    }
}

#[test]
fn column_definitions_name_the_logical_schema() {
    let names = Names {
        physical: b"shop_3",
        logical: b"shop",
        split: None,
        gathered: &[],
    };
    let cases = [
        ("shop_3", "id", "shop", "id"),
        ("shop_31", "id", "shop_31", "id"),
        ("", "Tables_in_shop_3", "", "Tables_in_shop"),
        ("", "Tables_in_shop_3 (a%)", "", "Tables_in_shop (a%)"),
        ("", "Tables_in_shop_31", "", "Tables_in_shop_31"),
    ];
    for (schema, name, new_schema, new_name) in cases {
        let column = TextColumn::text(name);
        let mut definition = column.definition();
        definition.schema = schema.as_bytes();
        let (mut payload, mut out) = (BytesMut::new(), BytesMut::new());
        definition.encode(&mut payload);
        names.put_column(&payload, &mut out).unwrap();
        let shown = crate::wire::ColumnDefinition::decode(&out).unwrap();
        let expected = (new_schema.as_bytes(), new_name.as_bytes());
        assert_eq!((shown.schema, shown.name), expected);
    }
    assert!(
        names
            .put_column(b"\x03def\x09short", &mut BytesMut::new())
            .is_err()
    );
}

#[test]
fn a_client_hears_of_the_changes_that_it_tracks() {
    let mut block = BytesMut::new();
    for (name, value) in [("time_zone", "UTC"), ("sql_mode", "ANSI")] {
        SessionChange::SystemVariable {
            name: name.as_bytes(),
            value: value.as_bytes(),
        }
        .encode(&mut block);
    }
    // Where a trigger has run.
    SessionChange::Schema(b"shop_3").encode(&mut block);
    for (tracked, expected) in [
        (TrackedVariables::Default, vec!["time_zone"]),
        (TrackedVariables::parse("*"), vec!["time_zone", "sql_mode"]),
        (TrackedVariables::parse(" SQL_MODE , x"), vec!["sql_mode"]),
        (TrackedVariables::parse(""), vec![]),
    ] {
        let mut out = BytesMut::new();
        tracked.filter(&block, true, &mut out).unwrap();
        let mut heard = Vec::new();
        for change in crate::wire::SessionChanges::new(&out) {
            match change.unwrap() {
                SessionChange::SystemVariable { name, .. } => {
                    heard.push(String::from_utf8_lossy(name).into_owned());
                }
                other => panic!("{other:?}"),
            }
        }
        assert_eq!(heard, expected, "{tracked:?}");
    }
}

fn quota(rows: u64, bytes: u64) -> Quota {
    let most = |most| Most {
        most,
        whose: String::new(),
    };
    Quota {
        user: "app".to_owned(),
        rows: most(rows),
        bytes: most(bytes),
    }
}

/// Each row is 11 bytes.
#[test]
fn an_answer_that_is_too_large_ends_with_an_error_behind_whole_rows() {
    const ANY: u64 = u64::MAX;
    let table = [
        (
            (9, ANY),
            9,
            "'rows of an answer' resource (current value: 9)",
        ),
        ((1, ANY), 1, "'rows of an answer'"),
        (
            (ANY, 109),
            9,
            "'bytes of an answer' resource (current value: 109)",
        ),
        ((ANY, 10), 0, "'bytes of an answer'"),
        ((5, 30), 2, "'bytes of an answer'"),
    ];
    let tracked = TrackedVariables::Default;
    for ((rows, bytes), passed, refusal) in table {
        let quota = quota(rows, bytes);
        let framing = Framing {
            quota: Some(&quota),
            ..framing(MODERN, &tracked)
        };
        let input = ten_rows(10);
        // The server's last word is that all rows were sent, or that the statement was killed.
        let killed = ended(&input, 13, &MysqlError::interrupted());
        for (input, cuts) in [(&input[..], 9), (&input[..], 1), (&killed[..], usize::MAX)] {
            let (out, summary, next) = forward(&framing, input, &[cuts], 1).unwrap();
            let error = summary.error.unwrap();
            assert!(error.to_string().contains(refusal), "{error}");
            assert!(quota.has_said(&error).is_some());
            let wanted = ended(&ten_rows(passed), 3 + passed as u8, &error);
            assert_eq!((out, next), (wanted, 4 + passed as u8), "{rows} {bytes}");
        }
    }
}

#[test]
fn an_answer_within_its_limits_passes_as_it_is() {
    let tracked = TrackedVariables::Default;
    let quota = quota(10, 110);
    let framing = Framing {
        quota: Some(&quota),
        ..framing(MODERN, &tracked)
    };
    let input = ten_rows(10);
    let (out, summary, _) = forward(&framing, &input, &[5], 1).unwrap();
    assert_eq!((out, summary.rows), (input, Some(10)));
}

fn ten_rows(count: usize) -> Vec<u8> {
    let rows = vec![b"0123456789".to_vec(); count];
    encode(&[Part::Rows { columns: 1, rows }], MODERN, 1).to_vec()
}

/// An answer with an error of this sequence id instead of the packet behind its rows.
fn ended(answer: &[u8], mut sequence: u8, error: &MysqlError) -> Vec<u8> {
    let (mut at, mut last) = (0, 0);
    while let Some(header) = answer.get(at..).and_then(FrameHeader::peek) {
        last = at;
        at += HEADER_LEN + header.len;
    }
    let mut out = BytesMut::from(&answer[..last]);
    put_packet_with(&mut out, &mut sequence, |out| put_err(out, error));
    out.to_vec()
}

#[test]
fn a_client_is_asked_for_the_file_that_it_named_and_only_once() {
    let tracked = TrackedVariables::parse("");
    let wish = b"\x0C\x00\x00\x01\xfb/etc/shadow";
    let framing = Framing {
        file: Some(b"own.csv"),
        ..framing(OLD, &tracked)
    };
    let mut forwarder = Forwarder::new(Answer::Statement, 1, 1);
    let (mut input, mut output) = (BytesMut::from(&wish[..]), BytesMut::new());
    let progress = forwarder.advance(&framing, &mut input, &mut output);
    assert_eq!(progress, Ok(Progress::File));
    assert_eq!(&output[..], b"\x08\x00\x00\x01\xfbown.csv");
    assert_eq!((forwarder.sequence(), forwarder.expected()), (2, 2));
    forwarder.resume(5, 4);
    assert!(!forwarder.has_begun());
    let mut again = BytesMut::from(&b"\x02\x00\x00\x04\xfbx"[..]);
    assert!(
        forwarder
            .advance(&framing, &mut again, &mut output)
            .is_err()
    );
}

/// What a server says of a prepared statement with these parameters and columns, and what a client
/// with these capabilities gets of it.
fn prepared_answer(
    statement: u32,
    (params, columns): (&[&str], &[&str]),
    capabilities: CapabilityFlags,
) -> BytesMut {
    let (mut out, mut sequence) = (BytesMut::new(), 1);
    let told = PrepareOk {
        statement,
        columns: columns.len() as u16,
        params: params.len() as u16,
        warnings: 0,
    };
    put_packet_with(&mut out, &mut sequence, |out| told.encode(out));
    for names in [params, columns] {
        for name in names {
            let column = TextColumn::text((*name).to_owned());
            put_packet_with(&mut out, &mut sequence, |out| {
                column.definition().encode(out);
            });
        }
        if !names.is_empty() && !capabilities.contains(CapabilityFlags::CLIENT_DEPRECATE_EOF) {
            let eof = EofPacket {
                warnings: 0,
                status: StatusFlags::empty(),
            };
            put_packet_with(&mut out, &mut sequence, |out| eof.encode(out));
        }
    }
    out
}

#[test]
fn a_client_hears_of_the_parameters_that_it_has_written() {
    type Case<'a> = (&'a [&'a str], &'a [u16], &'a [&'a str], &'a [&'a str]);
    let cases: [Case<'_>; 6] = [
        (&["a", "b"], &[], &[], &["a", "b"]),
        (&["a", "b"], &[1], &[], &["a"]),
        (&["a", "b", "c", "d"], &[0, 2], &["x"], &["b", "d"]),
        (&["a", "b"], &[0, 1], &[], &[]),
        (&["a", "b"], &[0, 1], &["x", "y"], &[]),
        (&[], &[], &["x"], &[]),
    ];
    let tracked = TrackedVariables::Default;
    for (params, hidden, columns, shown) in cases {
        for client in [OLD, MODERN] {
            let framing = Framing {
                hidden,
                ..framing(client, &tracked)
            };
            let answer = Answer::Prepare { statement: 3 };
            let mut forwarder = Forwarder::new(answer, 1, 1);
            let mut input = prepared_answer(77, (params, columns), MODERN);
            let mut output = BytesMut::new();
            let done = forwarder.advance(&framing, &mut input, &mut output);
            assert_eq!(done.unwrap(), Progress::Done, "{params:?} {hidden:?}");
            let expected = prepared_answer(3, (shown, columns), client);
            assert_eq!(output, expected, "{params:?} {hidden:?}");
            let told = forwarder.into_summary().prepared.unwrap();
            let told = (told.statement, told.params as usize);
            assert_eq!(told, (77, shown.len()));
        }
    }
}
