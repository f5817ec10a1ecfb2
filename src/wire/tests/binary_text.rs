use bytes::BytesMut;
use proptest::prelude::*;

use crate::wire::{BinaryRows, ColumnDefinition, ColumnFlags, ColumnType as T, put_nullable_bytes};

fn column(column_type: T, unsigned: bool, decimals: u8) -> BinaryRows {
    let flags = match unsigned {
        true => ColumnFlags::UNSIGNED_FLAG.bits(),
        false => 0,
    };
    let mut rows = BinaryRows::default();
    let definition = ColumnDefinition {
        catalog: b"def",
        schema: b"",
        table: b"",
        org_table: b"",
        name: b"c",
        org_name: b"",
        collation: 63,
        length: 20,
        column_type: column_type as u8,
        flags,
        decimals,
        default: None,
    };
    rows.push(&definition).unwrap();
    rows
}

/// The text of a row of one value.
fn text(rows: &BinaryRows, value: &[u8]) -> Option<String> {
    let mut out = BytesMut::new();
    let row = [&[0, 0], value].concat();
    rows.put_text(&row, &mut out).ok()?;
    let mut reader = crate::wire::Reader::new(&out);
    let value = reader.nullable_bytes().unwrap()?.to_vec();
    assert_eq!(reader.remaining(), 0);
    Some(String::from_utf8(value).unwrap())
}

#[test]
fn values_become_the_text_that_a_server_sends() {
    #[rustfmt::skip]
    let cases: [(T, bool, u8, &[u8], &str); 26] = [
        (T::MYSQL_TYPE_TINY, false, 0, &[0x80], "-128"),
        (T::MYSQL_TYPE_TINY, true, 0, &[0x80], "128"),
        (T::MYSQL_TYPE_SHORT, false, 0, &[0xFE, 0xFF], "-2"),
        (T::MYSQL_TYPE_SHORT, true, 0, &[0xFE, 0xFF], "65534"),
        (T::MYSQL_TYPE_YEAR, true, 0, &[0, 0], "0000"),
        (T::MYSQL_TYPE_INT24, false, 0, &[0xFF; 4], "-1"),
        (T::MYSQL_TYPE_LONG, true, 0, &[0xFF; 4], "4294967295"),
        (T::MYSQL_TYPE_LONGLONG, false, 0, &[0xFF; 8], "-1"),
        (T::MYSQL_TYPE_LONGLONG, true, 0, &[0xFF; 8], "18446744073709551615"),
        (T::MYSQL_TYPE_NEWDECIMAL, false, 2, b"\x05-1.50", "-1.50"),
        (T::MYSQL_TYPE_DATE, false, 0, &[0], "0000-00-00"),
        (T::MYSQL_TYPE_DATE, false, 0, &[4, 0xE8, 7, 2, 29], "2024-02-29"),
        (T::MYSQL_TYPE_DATETIME, false, 0, &[0], "0000-00-00 00:00:00"),
        (T::MYSQL_TYPE_DATETIME, false, 3, &[4, 0xE8, 7, 2, 29], "2024-02-29 00:00:00.000"),
        (T::MYSQL_TYPE_DATETIME, false, 0, &[7, 0xE8, 7, 2, 29, 10, 20, 30], "2024-02-29 10:20:30"),
        (T::MYSQL_TYPE_TIMESTAMP, false, 6, &[11, 0xE8, 7, 2, 29, 10, 20, 30, 0x40, 0xE2, 1, 0], "2024-02-29 10:20:30.123456"),
        (T::MYSQL_TYPE_TIMESTAMP, false, 1, &[11, 0xE8, 7, 2, 29, 10, 20, 30, 0xA0, 0x86, 1, 0], "2024-02-29 10:20:30.1"),
        (T::MYSQL_TYPE_DATETIME, false, 31, &[4, 0xE8, 7, 2, 29], "2024-02-29 00:00:00"),
        (T::MYSQL_TYPE_TIME, false, 31, &[12, 0, 0, 0, 0, 0, 1, 2, 3, 0xA0, 0x86, 1, 0], "01:02:03.100000"),
        (T::MYSQL_TYPE_TIME, false, 0, &[0], "00:00:00"),
        (T::MYSQL_TYPE_TIME, false, 2, &[0], "00:00:00.00"),
        (T::MYSQL_TYPE_TIME, false, 0, &[8, 1, 34, 0, 0, 0, 22, 59, 59], "-838:59:59"),
        (T::MYSQL_TYPE_TIME, false, 6, &[12, 0, 0, 0, 0, 0, 1, 2, 3, 0x40, 0xE2, 1, 0], "01:02:03.123456"),
        (T::MYSQL_TYPE_JSON, false, 0, b"\x02{}", "{}"),
        (T::MYSQL_TYPE_BIT, false, 0, b"\x01a", "a"),
        (T::MYSQL_TYPE_VAR_STRING, false, 0, b"\x00", ""),
    ];
    for (column_type, unsigned, decimals, value, expected) in cases {
        let rows = column(column_type, unsigned, decimals);
        let found = text(&rows, value);
        assert_eq!(
            found.as_deref(),
            Some(expected),
            "{column_type:?} {value:?}"
        );
    }
}

#[test]
fn a_value_that_is_null_has_no_bytes() {
    let rows = column(T::MYSQL_TYPE_LONGLONG, false, 0);
    let (mut out, mut expected) = (BytesMut::new(), BytesMut::new());
    rows.put_text(&[0, 0b100], &mut out).unwrap();
    put_nullable_bytes(&mut expected, None);
    assert_eq!(out, expected);
}

#[test]
fn rows_that_are_cut_or_too_long_are_refused() {
    let rows = column(T::MYSQL_TYPE_LONG, false, 0);
    for row in [
        &b""[..],
        b"\x01\0\0\0\0\0",
        b"\0",
        b"\0\0\x01\x02",
        b"\0\0\x01\x02\x03\x04\x05",
    ] {
        assert!(rows.put_text(row, &mut BytesMut::new()).is_err(), "{row:?}");
    }
}

proptest! {
    #[test]
    fn a_double_is_read_back_as_the_same_number(number: f64) {
        prop_assume!(number.is_finite());
        let rows = column(T::MYSQL_TYPE_DOUBLE, false, 31);
        let text = text(&rows, &number.to_le_bytes()).unwrap();
        prop_assert_eq!(text.parse::<f64>().unwrap().to_bits(), number.to_bits());
    }

    #[test]
    fn no_row_makes_it_fail_badly(row: Vec<u8>, kind in 0_u8..=255) {
        let mut rows = BinaryRows::default();
        let definition = ColumnDefinition {
            catalog: b"def", schema: b"", table: b"", org_table: b"", name: b"", org_name: b"",
            collation: 63, length: 0, column_type: kind, flags: 0, decimals: kind, default: None,
        };
        if rows.push(&definition).is_ok() {
            let _ = rows.put_text(&row, &mut BytesMut::new());
        }
    }
}
