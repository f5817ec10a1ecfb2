//! Rows of any bytes for columns of any types: no panic, and what is written of them is one statement in
//! ASCII under every sql_mode, whatever the server has sent.
#![no_main]

use libfuzzer_sys::fuzz_target;
use shardwell::merge::RowFormat;
use shardwell::parse::{Digest, DigestSeed, LexMode, scan};
use shardwell::rewrite::MovedRows;
use shardwell::topology::Column;
use shardwell::wire::ColumnDefinition;

const INTO: [&str; 12] = [
    "bigint unsigned", "decimal(20,6)", "double", "varchar(20)", "blob", "date", "datetime(6)", "time(3)", "year", "bit(8)",
    "enum('a','b')", "json",
];

/// Type, collation, flags, decimals, and the column that gets the values.
type Kind = (u8, u16, u16, u8, u8);

fuzz_target!(|input: (Vec<Kind>, bool, bool, &[u8])| {
    let (kinds, binary, plain, row) = input;
    let from: Vec<ColumnDefinition<'_>> = kinds.iter().take(6).map(from).collect();
    let into: Vec<Column> = kinds.iter().take(6).map(|kind| into(INTO[usize::from(kind.4) % INTO.len()])).collect();
    let Ok(rows) = MovedRows::new(&from, &into.iter().collect::<Vec<_>>()) else {
        return;
    };
    let format = if binary { RowFormat::Binary } else { RowFormat::Text };
    let mut sql = b"INSERT INTO t VALUES ".to_vec();
    let Ok(rows) = rows.sent_in(format, &from) else {
        return;
    };
    if from.is_empty() || rows.put(row, &mut sql).is_err() {
        return;
    }
    assert!(sql.is_ascii(), "{}", sql.escape_ascii());
    let mode = LexMode {
        ansi_quotes: plain,
        no_backslash_escapes: plain,
        ..LexMode::default()
    };
    let mut digest = Digest::default();
    scan(&sql, 0, mode, DigestSeed(0), 0, &mut digest).expect("a statement");
    assert_eq!((digest.end, digest.next), (sql.len(), None), "{}", sql.escape_ascii());
});

fn from(&(column_type, collation, flags, decimals, _): &Kind) -> ColumnDefinition<'static> {
    ColumnDefinition {
        catalog: b"def",
        schema: b"",
        table: b"",
        org_table: b"",
        name: b"c",
        org_name: b"",
        collation: collation % 320,
        length: 1024,
        column_type,
        flags,
        decimals,
        default: None,
    }
}

fn into(column_type: &str) -> Column {
    let data_type = column_type.split(['(', ' ']).next().unwrap_or_default();
    Column {
        name: "c".to_owned(),
        data_type: data_type.to_owned(),
        column_type: column_type.to_owned(),
        ..Column::default()
    }
}
