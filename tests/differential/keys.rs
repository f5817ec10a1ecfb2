//! However a key is spelled, the answer is plain MySQL's or a refusal (1235): never an empty result
//! where there are rows.

use std::fmt::Write as _;

use shardwell::cli::demo::program::Flavor;

use super::pair::{CLIENTS, Pair, Stage, assert_same};

/// Key columns that both flavors have.
const COLUMNS: &[(&str, &str)] = &[
    ("k_big", "BIGINT"),
    ("k_uint", "INT UNSIGNED"),
    ("k_tiny", "TINYINT"),
    ("k_dec", "DECIMAL(10,2)"),
    (
        "k_ci",
        "VARCHAR(20) CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci",
    ),
    (
        "k_bin",
        "VARCHAR(20) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin",
    ),
    (
        "k_lat",
        "VARCHAR(20) CHARACTER SET latin1 COLLATE latin1_swedish_ci",
    ),
    (
        "k_char",
        "CHAR(12) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci",
    ),
    ("k_bytes", "VARBINARY(20)"),
    ("k_fixed", "BINARY(4)"),
    ("k_date", "DATE"),
    ("k_time", "DATETIME"),
    ("k_milli", "DATETIME(3)"),
];

/// Key columns that only MySQL has.
const MYSQL_COLUMNS: &[(&str, &str)] = &[
    (
        "k_0900",
        "VARCHAR(20) CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_ai_ci",
    ),
    (
        "k_cs",
        "VARCHAR(20) CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_as_cs",
    ),
];

/// Written into every column, and asked of every column.
const LITERALS: &[&str] = &[
    "42",
    "'42'",
    "\"42\"",
    "42.0",
    "42.00",
    "042",
    "+42",
    "4.2e1",
    "420e-1",
    "0x2A",
    "X'2A'",
    "b'101010'",
    "0b101010",
    "' 42'",
    "'42 '",
    "'42.0'",
    "'4.2e1'",
    "'042'",
    "'42abc'",
    "'+42'",
    "41.9",
    "42.4",
    "42.5",
    "42.004",
    "42.005",
    "'42.004'",
    "42e0",
    "_utf8mb4'42'",
    "_binary'42'",
    "_latin1'42'",
    "n'42'",
    "N'42'",
    "0x3432",
    "X'3432'",
    "'4' '2'",
    "1",
    "TRUE",
    "true",
    "'1'",
    "1.0",
    "0x01",
    "b'1'",
    "0",
    "FALSE",
    "'0'",
    "-0",
    "0.0",
    "'-0'",
    "''",
    "-1",
    "- 1",
    "'-1'",
    "-1.0",
    "--1",
    "-(1)",
    "(42)",
    "((42))",
    "NULL",
    "127",
    "128",
    "-128",
    "255",
    "4294967295",
    "9223372036854775807",
    "9223372036854775808",
    "18446744073709551615",
    "1e18",
    "9223372036854775807.0",
    "'9223372036854775807'",
    "0xFFFFFFFFFFFFFFFF",
    "12345678.91",
    "'12345678.91'",
    "12345678.909",
    "'abc'",
    "'ABC'",
    "'Abc'",
    "'abc '",
    "'abc  '",
    "' abc'",
    "\"aBC\"",
    "_utf8mb4'abc'",
    "_latin1'ABC'",
    "_binary'abc'",
    "0x616263",
    "X'414243'",
    "'ab' 'c'",
    "'ab\\c'",
    "'a\\bc'",
    "'abc\\0'",
    "'\\x61bc'",
    "n'abc'",
    "'abc' COLLATE utf8mb4_bin",
    "'ABC' COLLATE utf8mb4_general_ci",
    "'äbc'",
    "'Äbc'",
    "'ÄBC'",
    "'a\u{308}bc'",
    "'straße'",
    "'strasse'",
    "'ǅ'",
    "'ﬁ'",
    "'🙂'",
    "'it''s'",
    "'it\\'s'",
    "\"it's\"",
    "\"a\"\"b\"",
    "'a\"b'",
    "'%'",
    "'a_c'",
    "'\\_'",
    "'\\%'",
    "'abc\\n'",
    "'\t'",
    "'a b'",
    "'a\u{a0}b'",
    "0x61626300",
    "'abcd'",
    "'abcde'",
    "'abcd\\0'",
    "0x6162",
    "'2024-02-29'",
    "'2024-2-29'",
    "'24-02-29'",
    "'20240229'",
    "20240229",
    "'2024.02.29'",
    "'2024/02/29'",
    "'2024-02-29 00:00:00'",
    "'2024-02-29 00:00:00.000'",
    "DATE'2024-02-29'",
    "DATE '2024-02-29'",
    "TIMESTAMP'2024-02-29 00:00:00'",
    "'2024-02-29 10:20:30'",
    "'2024-02-29T10:20:30'",
    "'2024-02-29 10:20:30.5'",
    "'2024-02-29 10:20:30.500'",
    "'2024-02-29 10:20:30.4999'",
    "'20240229102030'",
    "20240229102030",
    "20240229102030.5",
    "240229102030",
    "TIMESTAMP'2024-02-29 10:20:30'",
    "TIMESTAMP'2024-02-29 10:20:30.5'",
    "'2024-02-29 10:20:30+00:00'",
    "{ts '2024-02-29 10:20:30'}",
    "{d '2024-02-29'}",
    "'0000-00-00'",
    "'2024-02-30'",
    "' 2024-02-29'",
    "'2024-02-29 '",
    "'2024-02-29x'",
    "'99-12-31'",
    "'69-01-01'",
    "'70-01-01'",
    "'2024-02-29 24:00:00'",
    "'2024-02-29 1:2:3'",
    "'2024-02-29 102030'",
    "20240229000000",
    "TIME'10:20:30'",
    "1 + 41",
    "6 * 7",
    "42 + 0",
    "CAST('42' AS SIGNED)",
    "CONCAT('a', 'bc')",
    "UPPER('abc')",
    "@nothing",
    "(SELECT 42)",
    "~0",
    "!0",
    "NOT 0",
    "1 = 1",
    "42 DIV 1",
    "-42",
    "'-42'",
    "-4.2e1",
    "1e400",
    "'1e400'",
    "0.1e1",
    ".1e1",
    "'.1e1'",
    "1.",
    "'1.'",
    "00000001",
    "'00000001'",
    "0x0000002A",
    "0x",
    "X''",
    "b''",
    "'\\0'",
];

/// How a literal is asked for.
const CONDITIONS: &[&str] = &[
    "k = {}",
    "{} = k",
    "k <=> {}",
    "k IN ({})",
    "k IN ({}, {})",
    "k = {} OR k = {}",
    "k = {} AND v >= 0",
    "v >= 0 AND (k = {})",
    "NOT (k <> {})",
    "k BETWEEN {} AND {}",
    "k LIKE {}",
    "(k, 1) = ({}, 1)",
    "BINARY k = {}",
    "k = {} IS TRUE",
    "k COLLATE utf8mb4_bin = {}",
];

async fn stage(columns: &[(&str, &str)]) -> Stage {
    let mut tables = String::new();
    let mut definitions = Vec::new();
    for (table, column) in columns {
        writeln!(
            tables,
            "[schemas.shop.tables.{table}]\nkey = \"k\"\nalgorithm = \"hash_mod\""
        )
        .unwrap();
        definitions.push(format!("CREATE TABLE {table} (k {column}, v INT, KEY (k))"));
    }
    let definitions: Vec<&str> = definitions.iter().map(String::as_str).collect();
    Stage::new(&tables, &definitions, &[]).await
}

/// Writes all spellings and asks for all of them; says how many statements the proxy answered.
async fn ask_all(pair: &mut Pair, table: &str) -> usize {
    let mut answered = 0;
    for (v, literal) in LITERALS.iter().enumerate() {
        let insert = format!("INSERT INTO {table} (k, v) VALUES ({literal}, {v})");
        answered += usize::from(!pair.change_or_refusal(&insert).await);
    }
    for literal in LITERALS {
        for condition in CONDITIONS {
            let condition = condition.replace("{}", literal);
            let sql = format!("SELECT k, v FROM {table} WHERE {condition} ORDER BY v");
            answered += usize::from(!pair.rows_or_refusal(&sql).await);
        }
    }
    answered
}

async fn every_spelling(columns: &[(&str, &str)], before: &str) {
    let stage = stage(columns).await;
    let mut differences = Vec::new();
    for (table, _) in columns {
        let mut pair = stage.pair(CLIENTS[1].1).await;
        pair.query(before).await;
        let answered = ask_all(&mut pair, table).await;
        assert!(answered > 50, "{table}: {answered} answers prove nothing");
        differences.extend(pair.into_differences(table));
    }
    assert_same(&differences);
}

#[tokio::test]
async fn every_spelling_of_a_key_finds_what_mysql_finds() {
    every_spelling(COLUMNS, "SET sql_mode = ''").await;
}

#[tokio::test]
async fn every_spelling_of_a_key_in_strict_mode() {
    every_spelling(COLUMNS, "SET sql_mode = 'STRICT_ALL_TABLES'").await;
}

#[tokio::test]
async fn every_spelling_of_a_key_with_other_quotes_and_escapes() {
    every_spelling(
        COLUMNS,
        "SET sql_mode = 'NO_BACKSLASH_ESCAPES,ANSI_QUOTES,PIPES_AS_CONCAT'",
    )
    .await;
}

#[tokio::test]
async fn every_spelling_of_a_key_from_a_latin1_client() {
    every_spelling(COLUMNS, "SET NAMES latin1").await;
}

#[tokio::test]
async fn every_spelling_of_a_key_with_mysql_s_collations() {
    if super::common::servers().await.flavor() == Flavor::MariaDb {
        eprintln!("skipped: MariaDB has no utf8mb4_0900 collations of its own");
        return;
    }
    every_spelling(MYSQL_COLUMNS, "SET sql_mode = ''").await;
}
