//! The rules of sharding keys: one file of literals per column type, with what each comes to.
//!
//! `data/key_rules.cases` holds lines `literal | compared | stored` under a `[column type]`.
//! `UPDATE_CASES=1` writes what is the case now. `server.rs` asks a server whether the rules are true.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

#[path = "../common/mod.rs"]
mod common;
mod params;
#[path = "../differential/raw.rs"]
#[allow(dead_code)]
mod raw;
mod server;

use std::fmt::Write as _;
use std::path::PathBuf;

use shardwell::error::StageError;
use shardwell::parse::{LexMode, Literal, LiteralKind};
use shardwell::route::key::{Canonical, Charset, LiteralContext, Usage, canonical};
use shardwell::topology::{Folding, KeyCollation, KeyType};
use shardwell::value::KeyValue;

const CONTEXT: LiteralContext = LiteralContext {
    mode: LexMode {
        ansi_quotes: false,
        no_backslash_escapes: false,
        pipes_as_concat: false,
        high_not_precedence: false,
        ignore_space: false,
        dollar_quotes: false,
        multibyte: shardwell::parse::Multibyte::None,
    },
    charset: Charset::Utf8mb4,
};

/// All literals of one column type.
struct Section {
    column: String,
    cases: Vec<Case>,
}

struct Case {
    literal: String,
    compared: String,
    stored: String,
}

fn path() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/data/key_rules.cases")
}

fn sections(file: &str) -> Vec<Section> {
    let mut sections: Vec<Section> = Vec::new();
    for line in file
        .lines()
        .filter(|l| !l.trim().is_empty() && !l.starts_with('#'))
    {
        if let Some(column) = line.strip_prefix('[').and_then(|l| l.strip_suffix(']')) {
            sections.push(Section {
                column: column.to_owned(),
                cases: Vec::new(),
            });
            continue;
        }
        let mut parts = line.rsplitn(3, " | ").map(|p| p.trim().to_owned());
        let (stored, compared) = (parts.next().unwrap(), parts.next().unwrap_or_default());
        let (literal, compared, stored) = match parts.next() {
            Some(literal) => (literal, compared, stored),
            None => (line.trim().to_owned(), String::new(), String::new()),
        };
        sections.last_mut().unwrap().cases.push(Case {
            literal,
            compared,
            stored,
        });
    }
    sections
}

fn key_type(column: &str) -> KeyType {
    let number = |at: usize| -> u32 {
        let inside = column.split(['(', ')']).nth(1).unwrap();
        inside.split(',').nth(at).unwrap().trim().parse().unwrap()
    };
    match column.split([' ', '(']).next().unwrap() {
        "BIGINT" if column.contains("UNSIGNED") => KeyType::Integer {
            min: 0,
            max: u64::MAX.into(),
        },
        "BIGINT" => KeyType::Integer {
            min: i64::MIN.into(),
            max: i64::MAX.into(),
        },
        "TINYINT" => KeyType::Integer {
            min: -128,
            max: 127,
        },
        "DECIMAL" => KeyType::Decimal {
            precision: number(0) as u8,
            scale: number(1) as u8,
        },
        "DATE" => KeyType::Date,
        "DATETIME" => KeyType::DateTime {
            fsp: number(0) as u8,
        },
        "BINARY" | "VARBINARY" => KeyType::Binary {
            fixed: column.starts_with('B'),
            length: number(0),
        },
        "CHAR" | "VARCHAR" => {
            let name = column.rsplit(' ').next().unwrap().to_owned();
            KeyType::Text {
                fixed: column.starts_with('C'),
                length: number(0),
                collation: KeyCollation {
                    charset: name.split('_').next().unwrap().to_owned(),
                    pad_space: !name.contains("0900"),
                    folding: if name.ends_with("_bin") {
                        Folding::Exact
                    } else {
                        Folding::AsciiCase
                    },
                    name,
                },
            }
        }
        other => panic!("unknown column type {other}"),
    }
}

/// The literal as the lexer finds it in a statement that is nothing else.
fn literal(spelling: &str) -> Literal {
    let introduced = spelling.starts_with('_');
    let name_end = spelling.find([' ', '\'']).filter(|_| introduced);
    let negative = spelling.starts_with('-');
    let body = spelling.get(name_end.unwrap_or(0)..).unwrap();
    let lower = body.trim_start_matches(['-', ' ']).to_lowercase();
    let kind = match lower.chars().next().unwrap() {
        '\'' | '"' => LiteralKind::String,
        'n' if lower == "null" => LiteralKind::Null,
        'n' => LiteralKind::NationalString,
        't' | 'f' => LiteralKind::Bool,
        'x' => LiteralKind::Hex,
        'b' => LiteralKind::Bit,
        '0' if lower.starts_with("0x") => LiteralKind::Hex,
        '0' if lower.starts_with("0b") => LiteralKind::Bit,
        _ if lower.contains('e') => LiteralKind::Float,
        _ if lower.contains('.') => LiteralKind::Decimal,
        _ => LiteralKind::Integer,
    };
    Literal {
        kind,
        negative,
        introduced,
        start: 0,
        end: spelling.len() as u32,
    }
}

fn result(spelling: &str, key_type: &KeyType, usage: Usage) -> String {
    match canonical(
        &literal(spelling),
        spelling.as_bytes(),
        key_type,
        usage,
        CONTEXT,
    ) {
        Ok(Canonical::Value(value)) => render(&value),
        Ok(Canonical::Null) => "null".to_owned(),
        Ok(Canonical::NoMatch) => "no match".to_owned(),
        Ok(Canonical::Unsure) => "unsure".to_owned(),
        Err(error) => format!("error {}", error.kind().code().0),
    }
}

fn render(value: &KeyValue<'_>) -> String {
    let day = |d: &shardwell::value::CalendarDate| format!("{}-{}-{}", d.year, d.month, d.day);
    match value {
        KeyValue::Int(value) => format!("int {value}"),
        KeyValue::Decimal { unscaled, scale } => format!("decimal {unscaled}/{scale}"),
        KeyValue::Bytes(bytes) => format!("<{}>", bytes.escape_ascii()),
        KeyValue::Date(date) => format!("day {}", day(date)),
        KeyValue::DateTime { date, micros } => format!("day {} +{micros}", day(date)),
    }
}

#[test]
fn every_literal_comes_to_what_the_table_says() {
    let file = std::fs::read_to_string(path()).unwrap();
    let mut wrong = String::new();
    let mut now = String::new();
    for section in sections(&file) {
        let key_type = key_type(&section.column);
        writeln!(now, "[{}]", section.column).unwrap();
        for case in &section.cases {
            let compared = result(&case.literal, &key_type, Usage::Compare);
            let stored = result(&case.literal, &key_type, Usage::Store);
            if (&compared, &stored) != (&case.compared, &case.stored) {
                let column = &section.column;
                writeln!(wrong, "{column}: {} | {compared} | {stored}", case.literal).unwrap();
            }
            writeln!(now, "{:<40} | {compared:<30} | {stored}", case.literal).unwrap();
        }
        now.push('\n');
    }
    if std::env::var_os("UPDATE_CASES").is_some() {
        let head: Vec<&str> = file.lines().take_while(|l| l.starts_with('#')).collect();
        std::fs::write(
            path(),
            format!("{}\n\n{}\n", head.join("\n"), now.trim_end()),
        )
        .unwrap();
    } else {
        assert!(wrong.is_empty(), "not as the table says:\n{wrong}");
    }
}
