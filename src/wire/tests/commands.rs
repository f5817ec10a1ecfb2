use bytes::BytesMut;
use proptest::prelude::*;

use super::refuses_prefixes;
use crate::wire::{
    CapabilityFlags as C, ChangeUser, Command, QueryCommand, SERVER_CAPABILITIES, WireError,
    put_change_user, put_field_list, put_init_db, put_ping, put_process_kill, put_query, put_quit,
    put_reset_connection, put_set_option, put_statistics, put_stmt_close, put_stmt_prepare,
    put_stmt_reset,
};

/// Query attributes as MySQL's client sends them: `a` = 'xy' (a string), `b` = NULL, `c` = 7.
const ATTRIBUTES: &[u8] = b"\x03\x01\x02\x01\xFE\x00\x01a\x06\x00\x01b\x08\x80\x01c\x02xy\
    \x07\x00\x00\x00\x00\x00\x00\x00";

fn query(sql: &[u8]) -> Command<'_> {
    Command::Query(QueryCommand {
        attributes: b"",
        sql,
    })
}

#[test]
fn each_command_is_told_from_the_others() {
    let cases: [(&[u8], Command<'_>); 19] = [
        (b"\x01", Command::Quit),
        (b"\x02shop", Command::InitDb(b"shop")),
        (b"\x03\x00\x01SELECT 1", query(b"SELECT 1")),
        (
            b"\x04t\0a%",
            Command::FieldList {
                table: b"t",
                wildcard: b"a%",
            },
        ),
        (b"\x09", Command::Statistics),
        (b"\x0A", Command::ProcessInfo),
        (b"\x0C\x07\x00\x00\x00", Command::ProcessKill(7)),
        (b"\x0D", Command::Debug),
        (b"\x0E", Command::Ping),
        (b"\x16SELECT ?", Command::StmtPrepare(b"SELECT ?")),
        (
            b"\x17\x01\x00\x00\x00",
            Command::StmtExecute(b"\x01\x00\x00\x00"),
        ),
        (b"\x18\x01", Command::StmtSendLongData(b"\x01")),
        (b"\x19\x02\x00\x00\x00", Command::StmtClose(2)),
        (b"\x1A\x03\x00\x00\x00", Command::StmtReset(3)),
        (b"\x1B\x00\x00", Command::SetOption(true)),
        (b"\x1B\x01\x00", Command::SetOption(false)),
        (
            b"\x1C\x04\x00\x00\x00\x05\x00\x00\x00",
            Command::StmtFetch {
                statement: 4,
                rows: 5,
            },
        ),
        (b"\x1F", Command::ResetConnection),
        (b"\x77whatever", Command::Unsupported(0x77)),
    ];
    for (payload, command) in cases {
        assert_eq!(Command::decode(payload, SERVER_CAPABILITIES), Ok(command));
    }
}

#[test]
fn an_option_that_does_not_exist_is_an_unknown_command() {
    let odd = Command::decode(b"\x1B\x02\x00", SERVER_CAPABILITIES);
    assert_eq!(odd, Ok(Command::Unsupported(0x1B)));
}

#[test]
fn commands_that_are_cut_are_refused() {
    refuses_prefixes(b"\x1C\x04\x00\x00\x00\x05\x00\x00\x00", |cut| {
        Command::decode(cut, SERVER_CAPABILITIES)
    });
    for payload in [
        &b""[..],
        b"\x04t",
        b"\x0C\x01",
        b"\x19\x01",
        b"\x1A",
        b"\x1B\x01",
        b"\x11a",
    ] {
        assert!(Command::decode(payload, SERVER_CAPABILITIES).is_err());
    }
}

#[test]
fn a_query_without_negotiated_attributes_is_all_sql() {
    let capabilities = SERVER_CAPABILITIES - C::CLIENT_QUERY_ATTRIBUTES;
    let command = Command::decode(b"\x03\x00\x01\xFF", capabilities);
    assert_eq!(command, Ok(query(b"\x00\x01\xFF")));
}

#[test]
fn query_attributes_are_set_apart_and_sent_on_unchanged() {
    let payload = [b"\x03", ATTRIBUTES, b"SELECT 1"].concat();
    let command = Command::decode(&payload, SERVER_CAPABILITIES).unwrap();
    let expected = QueryCommand {
        attributes: ATTRIBUTES,
        sql: b"SELECT 1",
    };
    assert_eq!(command, Command::Query(expected));
    let mut out = BytesMut::new();
    put_query(&mut out, SERVER_CAPABILITIES, ATTRIBUTES, b"SELECT 1");
    assert_eq!(out, payload);
    let packet = [b"\x03", ATTRIBUTES].concat();
    refuses_prefixes(&packet, |cut| Command::decode(cut, SERVER_CAPABILITIES));
}

#[test]
fn impossible_query_attributes_are_refused() {
    let cases: [&[u8]; 5] = [
        b"\x03\x00\x02SELECT 1",
        b"\x03\x01\x01\x00\x00\xFE\x00\x00",
        b"\x03\x01\x01\x00\x01\xF4\x00\x00",
        b"\x03\x01\x01\x00\x01\x11\x00\x00abc",
        b"\x03\xFE\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x01abc",
    ];
    for payload in cases {
        assert!(
            Command::decode(payload, SERVER_CAPABILITIES).is_err(),
            "{payload:?}"
        );
    }
}

#[test]
fn a_server_without_attributes_gets_none() {
    let mut out = BytesMut::new();
    put_query(&mut out, C::CLIENT_PROTOCOL_41, ATTRIBUTES, b"SELECT 1");
    assert_eq!(&out[..], b"\x03SELECT 1");
    out.clear();
    put_query(&mut out, SERVER_CAPABILITIES, b"", b"SELECT 1");
    assert_eq!(&out[..], b"\x03\x00\x01SELECT 1");
}

#[test]
fn what_we_ask_is_what_we_would_understand() {
    let change = ChangeUser {
        user: b"app".to_vec(),
        auth_response: vec![1; 32],
        schema: Some(b"shop".to_vec()),
        collation: Some(255),
        auth_plugin: Some(b"caching_sha2_password".to_vec()),
        attributes: vec![(b"k".to_vec(), b"v".to_vec())],
    };
    type Write<'a> = &'a dyn Fn(&mut BytesMut);
    let cases: [(Write<'_>, Command<'_>); 13] = [
        (&put_quit, Command::Quit),
        (&|out| put_init_db(out, b"shop"), Command::InitDb(b"shop")),
        (
            &|out| put_query(out, SERVER_CAPABILITIES, b"", b"DO 1"),
            query(b"DO 1"),
        ),
        (
            &|out| put_field_list(out, b"t", b"").unwrap(),
            Command::FieldList {
                table: b"t",
                wildcard: b"",
            },
        ),
        (&put_statistics, Command::Statistics),
        (&|out| put_process_kill(out, 7), Command::ProcessKill(7)),
        (&put_ping, Command::Ping),
        (
            &|out| put_change_user(out, &change, SERVER_CAPABILITIES).unwrap(),
            Command::ChangeUser(change.clone()),
        ),
        (&put_reset_connection, Command::ResetConnection),
        (&|out| put_set_option(out, true), Command::SetOption(true)),
        (
            &|out| put_stmt_prepare(out, b"DO ?"),
            Command::StmtPrepare(b"DO ?"),
        ),
        (&|out| put_stmt_close(out, 9), Command::StmtClose(9)),
        (&|out| put_stmt_reset(out, 9), Command::StmtReset(9)),
    ];
    for (write, command) in cases {
        let mut out = BytesMut::new();
        write(&mut out);
        assert_eq!(Command::decode(&out, SERVER_CAPABILITIES), Ok(command));
    }
}

#[test]
fn a_malformed_command_has_mysqls_error_code() {
    let error: crate::error::MysqlError = WireError::Unterminated.into();
    assert_eq!(error.code, 1835);
}

proptest! {
    #[test]
    fn any_sql_comes_through(sql: Vec<u8>) {
        let mut out = BytesMut::new();
        put_query(&mut out, SERVER_CAPABILITIES, b"", &sql);
        prop_assert_eq!(Command::decode(&out, SERVER_CAPABILITIES), Ok(query(&sql)));
    }

    #[test]
    fn noise_is_refused_or_read_but_never_panics(command in 0..40u8, noise: Vec<u8>) {
        let payload = [&[command], &noise[..]].concat();
        let _ = Command::decode(&payload, SERVER_CAPABILITIES);
        let _ = Command::decode(&payload, C::empty());
    }

    #[test]
    fn noise_in_attributes_never_panics(count in 0..20u8, noise: Vec<u8>) {
        let payload = [&[3, count, 1], &noise[..]].concat();
        if let Ok(Command::Query(query)) = Command::decode(&payload, SERVER_CAPABILITIES)
            && count > 0
        {
            prop_assert_eq!([query.attributes, query.sql].concat(), &payload[1..]);
        }
    }
}
