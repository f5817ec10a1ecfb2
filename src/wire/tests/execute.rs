use bytes::BytesMut;
use proptest::prelude::*;

use crate::wire::{
    BinaryValue, BoundParameters, CapabilityFlags as C, ColumnType as T, ExecuteCommand, Execution,
    OwnParameters, ParamType, Reader, SERVER_CAPABILITIES, put_execute, read_parameter,
};

const PLAIN: C = C::CLIENT_PROTOCOL_41;

/// What stands behind the command byte: statement 7, a number, a NULL and a string, with types.
const BODY: &[u8] = b"\x07\0\0\0\x00\x01\0\0\0\x02\x01\x08\x00\x06\x00\xFD\x00\
    \x2A\0\0\0\0\0\0\0\x03abc";

/// The same with query attributes negotiated and a fourth value that has a name.
const NAMED: &[u8] = b"\x07\0\0\0\x08\x01\0\0\0\x04\x02\x01\x08\x00\x00\x06\x00\x00\xFD\x00\x00\
    \xFD\x00\x04name\x2A\0\0\0\0\0\0\0\x03abc\x05value";

fn types(bound: &BoundParameters<'_>, count: usize) -> Vec<ParamType> {
    bound.types().unwrap().take(count).collect()
}

#[test]
fn parameters_are_told_from_query_attributes() {
    let expected = [
        ParamType::new(T::MYSQL_TYPE_LONGLONG as u8, false),
        ParamType::new(T::MYSQL_TYPE_NULL as u8, false),
        ParamType::new(T::MYSQL_TYPE_VAR_STRING as u8, false),
    ];
    for (body, capabilities, count) in [(BODY, PLAIN, 3), (NAMED, SERVER_CAPABILITIES, 4)] {
        let command = ExecuteCommand::decode(body).unwrap();
        assert_eq!(command.statement, 7);
        let bound = command.parameters(3, capabilities).unwrap();
        assert_eq!(bound.count, count);
        assert_eq!(types(&bound, 3), expected);
        let nulls: Vec<bool> = (0..count).map(|at| bound.is_null(at)).collect();
        assert_eq!(nulls[..3], [false, true, false]);
    }
}

#[test]
fn what_a_server_gets_depends_on_what_it_knows_of_attributes() {
    let (client, server) = (SERVER_CAPABILITIES, PLAIN);
    let command = ExecuteCommand::decode(NAMED).unwrap();
    let bound = command.parameters(3, client).unwrap();
    let execution = Execution {
        bound,
        types: &types(&bound, 3),
        own_values: 12,
        cursor: false,
    };
    let mut out = BytesMut::new();
    put_execute(&mut out, server, 9, &execution);
    assert_eq!(out[..], [b"\x17\x09", &BODY[1..]].concat());
    out.clear();
    put_execute(&mut out, client, 9, &execution);
    assert_eq!(out[..], [b"\x17\x09", &NAMED[1..]].concat());
}

#[test]
fn packets_that_are_cut_before_their_values_are_refused() {
    let values = 12;
    for (body, capabilities) in [
        (BODY, PLAIN),
        (&NAMED[..NAMED.len() - 6], SERVER_CAPABILITIES),
    ] {
        for len in 0..body.len() - values {
            let command = ExecuteCommand::decode(&body[..len]);
            let bound = command.and_then(|command| command.parameters(3, capabilities));
            assert!(bound.is_err(), "{len}");
        }
    }
    let fewer = ExecuteCommand::decode(NAMED).unwrap();
    assert!(fewer.parameters(5, SERVER_CAPABILITIES).is_err());
}

#[test]
fn values_are_read_by_their_types() {
    let moment = |time, micros, date_only| BinaryValue::Moment {
        year: 2024,
        month: 2,
        day: 29,
        time,
        micros,
        date_only,
    };
    let int = |value| Some(BinaryValue::Integer(value));
    let second = |time, micros| Some(moment(time, micros, false));
    #[rustfmt::skip]
    let cases: [(T, bool, &[u8], Option<BinaryValue<'_>>); 17] = [
        (T::MYSQL_TYPE_TINY, false, &[0xFF], int(-1)),
        (T::MYSQL_TYPE_TINY, true, &[0xFF], int(255)),
        (T::MYSQL_TYPE_SHORT, false, &[0, 0x80], int(-32768)),
        (T::MYSQL_TYPE_LONG, true, &[0, 0, 0, 0x80], int(1 << 31)),
        (T::MYSQL_TYPE_LONGLONG, true, &[0xFF; 8], int(u64::MAX.into())),
        (T::MYSQL_TYPE_LONGLONG, false, &[0xFF; 8], int(-1)),
        (T::MYSQL_TYPE_DOUBLE, false, &1.5_f64.to_le_bytes(), Some(BinaryValue::Float(1.5))),
        (T::MYSQL_TYPE_NEWDECIMAL, false, b"\x031.5", Some(BinaryValue::Decimal(b"1.5"))),
        (T::MYSQL_TYPE_STRING, false, b"\x01a", Some(BinaryValue::Text(b"a"))),
        (T::MYSQL_TYPE_BLOB, false, b"\x01a", Some(BinaryValue::Blob(b"a"))),
        (T::MYSQL_TYPE_DATE, false, &[4, 0xE8, 7, 2, 29], Some(moment([0; 3], 0, true))),
        (T::MYSQL_TYPE_DATETIME, false, &[11, 0xE8, 7, 2, 29, 1, 2, 3, 4, 0, 0, 0], second([1, 2, 3], 4)),
        (T::MYSQL_TYPE_DATETIME, false, &[0], Some(BinaryValue::Other)),
        (T::MYSQL_TYPE_TIME, false, &[0], Some(BinaryValue::Other)),
        (T::MYSQL_TYPE_JSON, false, b"\x02{}", Some(BinaryValue::Other)),
        (T::MYSQL_TYPE_YEAR, false, &[1, 2], None),
        (T::MYSQL_TYPE_BIT, false, b"\x01a", None),
    ];
    for (column_type, unsigned, bytes, expected) in cases {
        let mut reader = Reader::new(bytes);
        let read = read_parameter(&mut reader, ParamType::new(column_type as u8, unsigned));
        assert_eq!(read, Ok(expected), "{column_type:?}");
        assert_eq!(reader.is_empty(), expected.is_some(), "{column_type:?}");
        for cut in 0..bytes.len() {
            let declared = ParamType::new(column_type as u8, unsigned);
            let cut = read_parameter(&mut Reader::new(&bytes[..cut]), declared);
            assert!(cut.is_err() || expected.is_none(), "{column_type:?}");
        }
    }
}

proptest! {
    #[test]
    fn what_is_written_for_a_server_is_read_back(
        params in proptest::collection::vec((any::<[u8; 2]>(), any::<bool>()), 1..40),
        values in proptest::collection::vec(any::<u8>(), 0..64),
        cursor in any::<bool>(),
        named in any::<bool>(),
    ) {
        let mut body = vec![7, 0, 0, 0, 0, 1, 0, 0, 0];
        let mut nulls = vec![0_u8; params.len().div_ceil(8)];
        for (at, (_, null)) in params.iter().enumerate() {
            nulls[at / 8] |= u8::from(*null) << (at % 8);
        }
        body.extend(&nulls);
        body.push(1);
        body.extend(params.iter().flat_map(|(declared, _)| *declared));
        body.extend(&values);
        let count = params.len() as u16;
        let bound = ExecuteCommand::decode(&body).unwrap().parameters(count, PLAIN).unwrap();
        let types = types(&bound, params.len());
        let execution = Execution { bound, types: &types, own_values: values.len(), cursor };
        let server = if named { SERVER_CAPABILITIES } else { PLAIN };
        let mut out = BytesMut::new();
        put_execute(&mut out, server, 9, &execution);
        let command = ExecuteCommand::decode(&out[1..]).unwrap();
        prop_assert_eq!((command.statement, command.flags & 1 == 1), (9, cursor));
        let again = command.parameters(count, server).unwrap();
        prop_assert_eq!(again.types().unwrap().collect::<Vec<_>>(), types);
        prop_assert_eq!(again.values, &values[..]);
        for (at, (_, null)) in params.iter().enumerate() {
            prop_assert_eq!(again.is_null(at), *null);
        }
    }
}

#[test]
fn parameters_that_are_put_together_are_sent_as_a_client_sends_them() {
    let mut own = OwnParameters::default();
    own.push(
        ParamType::new(T::MYSQL_TYPE_LONGLONG as u8, false),
        false,
        &42_u64.to_le_bytes(),
    );
    own.push(ParamType::new(T::MYSQL_TYPE_NULL as u8, false), true, b"");
    own.push(
        ParamType::new(T::MYSQL_TYPE_VAR_STRING as u8, false),
        false,
        b"\x03abc",
    );
    let mut out = BytesMut::new();
    put_execute(&mut out, PLAIN, 7, &own.execution());
    assert_eq!(out[..], [b"\x17", BODY].concat());
    for at in 3..20 {
        own.push(
            ParamType::new(T::MYSQL_TYPE_TINY as u8, false),
            at == 9,
            b"",
        );
    }
    let bound = own.execution().bound;
    let nulls = (0..20).filter(|at| bound.is_null(*at)).collect::<Vec<_>>();
    assert_eq!((nulls.as_slice(), own.len()), (&[1, 9][..], 20));
}

#[test]
fn query_attributes_go_with_parameters_that_are_put_together() {
    let command = ExecuteCommand::decode(NAMED).unwrap();
    let client = command.parameters(3, SERVER_CAPABILITIES).unwrap();
    let number = ParamType::new(T::MYSQL_TYPE_TINY as u8, true);
    let mut own = OwnParameters::default();
    for _ in 0..9 {
        own.push(number, false, &[5]);
    }
    own.push_attributes(&client, (3, 12));
    assert_eq!((own.len(), own.types()), (9, &[number; 9][..]));
    let mut out = BytesMut::new();
    put_execute(&mut out, SERVER_CAPABILITIES, 9, &own.execution());
    let command = ExecuteCommand::decode(&out[1..]).unwrap();
    let bound = command.parameters(9, SERVER_CAPABILITIES).unwrap();
    assert_eq!(bound.count, 10);
    assert_eq!(types(&bound, 9), [number; 9]);
    assert_eq!(bound.attribute(b"name", 9, 9), Some(&b"value"[..]));
    // A server that knows none, and a client that has told none.
    out.clear();
    put_execute(&mut out, PLAIN, 9, &own.execution());
    let command = ExecuteCommand::decode(&out[1..]).unwrap();
    let bound = command.parameters(9, PLAIN).unwrap();
    assert_eq!((bound.count, types(&bound, 9)), (9, vec![number; 9]));
    let without = ExecuteCommand::decode(BODY).unwrap();
    let without = without.parameters(3, PLAIN).unwrap();
    let mut own = OwnParameters::default();
    own.push(number, false, &[5]);
    own.push_attributes(&without, (3, 12));
    assert_eq!(own.execution().bound.count, 1);
}
