use super::*;

fn value(column_type: ColumnType, collation: u16) -> ColumnDefinition<'static> {
    ColumnDefinition {
        catalog: b"def",
        schema: b"",
        table: b"",
        org_table: b"",
        name: b"x",
        org_name: b"",
        collation,
        length: 10,
        column_type: column_type as u8,
        flags: 0,
        decimals: 0,
        default: None,
    }
}

fn column(data_type: &str) -> Column {
    Column {
        name: "c".to_owned(),
        data_type: data_type.split('(').next().unwrap().to_owned(),
        column_type: data_type.to_owned(),
        ..Column::default()
    }
}

/// A row of one text value as a server sends it.
fn row(value: &[u8]) -> Vec<u8> {
    let mut row = vec![value.len() as u8];
    row.extend_from_slice(value);
    row
}

#[test]
fn values_are_written_so_that_they_mean_the_same_everywhere() {
    use ColumnType::*;
    let cases = [
        (MYSQL_TYPE_LONG, 63, "int", "-7", "(-7)"),
        (MYSQL_TYPE_LONG, 63, "varchar(9)", "7", "(7)"),
        (MYSQL_TYPE_NEWDECIMAL, 63, "decimal(9,2)", "1.50", "(1.50)"),
        (
            MYSQL_TYPE_DATE,
            63,
            "datetime",
            "2020-01-02",
            "('2020-01-02')",
        ),
        (MYSQL_TYPE_TIME, 63, "time", "-01:02:03", "('-01:02:03')"),
        (MYSQL_TYPE_BIT, 63, "bit(8)", "\u{1}", "(_binary x'01')"),
        (
            MYSQL_TYPE_VAR_STRING,
            255,
            "varchar(9)",
            "a'\\é",
            "(_utf8mb4 x'61275CC3A9')",
        ),
        (MYSQL_TYPE_VAR_STRING, 33, "text", "a", "(_utf8mb4 x'61')"),
        (
            MYSQL_TYPE_VAR_STRING,
            8,
            "varbinary(9)",
            "a",
            "(_latin1 x'61')",
        ),
        (MYSQL_TYPE_BLOB, 63, "blob", "a", "(_binary x'61')"),
        (MYSQL_TYPE_BLOB, 2304, "json", "", "(_utf8mb4 x'')"),
        (MYSQL_TYPE_VAR_STRING, 255, "int", "7", "(_utf8mb4 x'37')"),
    ];
    for (from, collation, into, text, expected) in cases {
        let rows = MovedRows::new(&[value(from, collation)], &[&column(into)]).unwrap();
        let mut sql = Vec::new();
        rows.put(&row(text.as_bytes()), &mut sql).unwrap();
        assert_eq!(String::from_utf8_lossy(&sql), expected, "{from:?} {into}");
        let mut sql = Vec::new();
        rows.put(&[0xFB], &mut sql).unwrap();
        assert_eq!(sql, b"(NULL)", "{from:?} {into}");
    }
}

#[test]
fn a_double_is_no_decimal() {
    let from = ColumnDefinition {
        decimals: 31,
        ..value(ColumnType::MYSQL_TYPE_DOUBLE, 63)
    };
    let rows = MovedRows::new(&[from], &[&column("double")]).unwrap();
    for (text, expected) in [("0.1", "(0.1e0)"), ("-1e300", "(-1e300)")] {
        let mut sql = Vec::new();
        rows.put(&row(text.as_bytes()), &mut sql).unwrap();
        assert_eq!(String::from_utf8_lossy(&sql), expected);
    }
}

#[test]
fn what_a_literal_may_not_become_is_refused() {
    use ColumnType::*;
    let flagged = |from, flag: ColumnFlags| ColumnDefinition {
        flags: flag.bits(),
        ..value(from, 255)
    };
    let fraction = |from| ColumnDefinition {
        decimals: 3,
        ..value(from, 63)
    };
    let cases = [
        (value(MYSQL_TYPE_FLOAT, 63), "float"),
        (value(MYSQL_TYPE_JSON, 63), "json"),
        // A fixed number of digits.
        (fraction(MYSQL_TYPE_DOUBLE), "double"),
        (value(MYSQL_TYPE_DOUBLE, 63), "varchar(9)"),
        (value(MYSQL_TYPE_DATETIME, 63), "date"),
        (value(MYSQL_TYPE_DATETIME, 63), "bigint"),
        (fraction(MYSQL_TYPE_DATETIME), "datetime(2)"),
        (fraction(MYSQL_TYPE_TIME), "time"),
        (
            flagged(MYSQL_TYPE_LONG, ColumnFlags::ZEROFILL_FLAG),
            "char(9)",
        ),
        (flagged(MYSQL_TYPE_STRING, ColumnFlags::ENUM_FLAG), "int"),
        (flagged(MYSQL_TYPE_STRING, ColumnFlags::SET_FLAG), "int"),
        (value(MYSQL_TYPE_VAR_STRING, 5000), "varchar(9)"),
        (value(MYSQL_TYPE_YEAR, 63), "varchar(9)"),
        (value(MYSQL_TYPE_LONG, 63), "json"),
    ];
    for (from, into) in cases {
        let refused = MovedRows::new(&[from], &[&column(into)]);
        assert!(
            matches!(refused, Err(MoveError::Type { .. })),
            "{from:?} {into}"
        );
    }
    let none = MovedRows::new(&[], &[&column("int")]);
    assert!(matches!(none, Err(MoveError::Count)));
}

#[test]
fn a_member_that_is_none_is_refused() {
    let from = ColumnDefinition {
        flags: ColumnFlags::ENUM_FLAG.bits(),
        ..value(ColumnType::MYSQL_TYPE_STRING, 255)
    };
    let rows = MovedRows::new(&[from], &[&column("enum('a')")]).unwrap();
    assert!(rows.put(&row(b"a"), &mut Vec::new()).is_ok());
    assert!(rows.put(&row(b""), &mut Vec::new()).is_err());
}
