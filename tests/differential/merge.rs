//! Merging against the server's own ORDER BY, GROUP BY, DISTINCT and aggregates: a table is dealt out to four
//! tables, each is asked, and the merged answers must be what the whole table answers, byte by byte.

use bytes::Bytes;
use mysql_async::prelude::Queryable;
use shardwell::cli::demo::program::Flavor;
use shardwell::merge::{
    Aggregate, Budget, Distinct, Function, Group, MergeError, MergeSpec, Merger, Operand, Operator,
    RowFormat, SortKey, Step, Weight, hidden,
};
use shardwell::wire::{CapabilityFlags, ColumnDefinition, PrepareOk, Reply};

use super::common::{APP_PASSWORD, APP_USER, Place, servers};
use super::pair::{COLLATION, make_account};
use super::raw::{Expect, Packets, Raw};

const PARTS: usize = 4;
const AMPLE: Budget = Budget {
    rows: 1 << 20,
    bytes: 1 << 28,
};

/// What a column needs besides itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Help {
    Nothing,
    /// Nothing either, but equal values may look different.
    Zeros,
    Weight,
    /// For ORDER BY.
    SortWeight,
    /// Of a collation that the planner does not know.
    CheckedWeight,
    Member,
    Float,
    Timestamp,
}

impl Help {
    /// The hidden columns for `expression`, which is column `at`, from column `next` on.
    fn hidden(self, expression: &str, at: usize, next: usize) -> (Operand, Vec<String>) {
        let (sql, mut operand) = (expression.as_bytes(), Operand::plain(at));
        let columns = match self {
            Self::Nothing | Self::Zeros => vec![],
            Self::Weight | Self::SortWeight | Self::CheckedWeight => {
                operand.weight = Some(Weight {
                    column: next,
                    pad: next + 1,
                });
                let weight = match self {
                    Self::SortWeight => hidden::sort_weight(sql),
                    _ => hidden::weight(sql),
                };
                let pad = match self {
                    Self::CheckedWeight => hidden::checked_pad(sql, true),
                    _ => hidden::pad(sql),
                };
                return (operand, texts(&[weight, pad]));
            }
            Self::Member => vec![hidden::member(sql)],
            Self::Float => vec![hidden::float(sql)],
            Self::Timestamp => vec![hidden::timestamp(sql)],
        };
        operand.number = (!columns.is_empty()).then_some(next);
        (operand, texts(&columns))
    }
}

fn texts(columns: &[Vec<u8>]) -> Vec<String> {
    let text = |sql: &Vec<u8>| String::from_utf8(sql.clone()).unwrap();
    columns.iter().map(text).collect()
}

/// Strings that collations treat in different ways.
const STRINGS: &[&str] = &[
    "''", "'a'", "'A'", "'á'", "'b'", "'B'", "'ab'", "'a b'", "'a  b'", "'a '", "'a  '", "'a\\t'",
    "'a\\t '", "'a \\t'", "'a\\n'", "'a!'", "' a'", "'\\ta'", "'ß'", "'ss'", "'s'", "'é'", "'e'",
    "'É '", "'z'", "'Z'", "'ж'", "'Ж'", "'中'", "'文'", "'🙂'", "'a🙂'", "'a🙂 '", "'aa'", "'Å'",
    "'\\0'", "'a\\0'", "'a\\0b'", "'a\\x01'", "' '", "'   '", "'\\t'", "'10'", "'9'", "'_'", "'~'",
    "'Ä'", "'ae'", "'æ'", "'ä '", "'co-op'", "'coop'", "'CO-OP'", "'ch'", "'c'", "'d'", "'ab '",
    "'あ'", "'ア'", "'ｱ'", "'İ'", "'i'", "'ı'", "NULL",
];

const MYSQL_COLLATIONS: &[&str] = &[
    "utf8mb4_general_ci",
    "utf8mb4_bin",
    "utf8mb4_unicode_ci",
    "utf8mb4_unicode_520_ci",
    "utf8mb4_0900_ai_ci",
    "utf8mb4_0900_as_ci",
    "utf8mb4_0900_as_cs",
    "utf8mb4_0900_bin",
    "utf8mb4_ja_0900_as_cs_ks",
    "gb18030_chinese_ci",
    "utf8mb4_de_pb_0900_as_cs",
    "utf8mb4_tr_0900_ai_ci",
    "utf8mb4_zh_0900_as_cs",
    "utf8mb4_german2_ci",
    "utf8mb3_general_ci",
];

const MARIADB_COLLATIONS: &[&str] = &[
    "utf8mb4_general_ci",
    "utf8mb4_bin",
    "utf8mb4_unicode_ci",
    "utf8mb4_unicode_520_ci",
    "utf8mb4_uca1400_ai_ci",
    "utf8mb4_uca1400_as_ci",
    "utf8mb4_uca1400_as_cs",
    "utf8mb4_uca1400_nopad_ai_ci",
    "utf8mb4_uca1400_nopad_as_cs",
    "utf8mb4_uca1400_swedish_ai_ci",
    "utf8mb4_uca1400_nopad_ai_cs",
    "utf8mb4_thai_520_w2",
    "latin1_swedish_nopad_ci",
    "utf8mb4_general_nopad_ci",
    "utf8mb4_nopad_bin",
    "utf8mb4_unicode_520_nopad_ci",
    "utf8mb3_general_ci",
    "utf8mb3_general_mysql500_ci",
];

const OLD_COLLATIONS: &[&str] = &[
    "latin1_swedish_ci",
    "latin1_german2_ci",
    "latin1_bin",
    "latin2_czech_cs",
    "cp1250_czech_cs",
    "latin7_general_ci",
    "tis620_thai_ci",
    "ucs2_general_ci",
    "utf16_unicode_ci",
    "utf16_bin",
    "utf16le_general_ci",
    "utf32_general_ci",
    "sjis_japanese_ci",
    "cp932_bin",
    "gbk_chinese_ci",
    "big5_chinese_ci",
    "ujis_japanese_ci",
    "euckr_korean_ci",
];

/// Type, help and values.
const TYPES: &[(&str, Help, &[&str])] = &[
    (
        "INT",
        Help::Nothing,
        &["-2147483648", "-1", "0", "1", "9", "10", "2147483647"],
    ),
    ("TINYINT", Help::Nothing, &["-128", "-1", "0", "1", "127"]),
    (
        "SMALLINT UNSIGNED",
        Help::Nothing,
        &["0", "9", "10", "65535"],
    ),
    (
        "MEDIUMINT",
        Help::Nothing,
        &["-8388608", "-1", "0", "8388607"],
    ),
    (
        "INT(10) UNSIGNED ZEROFILL",
        Help::Nothing,
        &["0", "7", "4294967295"],
    ),
    (
        "BIGINT",
        Help::Nothing,
        &["-9223372036854775808", "-1", "0", "9223372036854775807"],
    ),
    (
        "BIGINT UNSIGNED",
        Help::Nothing,
        &[
            "0",
            "9223372036854775807",
            "9223372036854775808",
            "18446744073709551615",
        ],
    ),
    (
        "DECIMAL(10,2)",
        Help::Nothing,
        &["-10.25", "-9.75", "-0.01", "0", "0.5", "9.99", "10"],
    ),
    (
        "DECIMAL(65,30)",
        Help::Nothing,
        &[
            "0.000000000000000000000000000001",
            "-0.000000000000000000000000000001",
            "99999999999999999999999999999999999.999999999999999999999999999999",
            "-99999999999999999999999999999999999.999999999999999999999999999999",
            "1",
        ],
    ),
    (
        "DECIMAL(65)",
        Help::Nothing,
        &[
            "12345678901234567890123456789012345678901234567890123456789012345",
            "-1",
            "7",
        ],
    ),
    (
        "FLOAT",
        Help::Float,
        &[
            "0.1", "16777216", "16777214", "16777215", "-1.5e-7", "3e38", "0", "-0e0",
        ],
    ),
    (
        "DOUBLE",
        Help::Zeros,
        &[
            "1.7976931348623157e308",
            "-2.2250738585072014e-308",
            "-0e0",
            "0",
            "1e15",
            "0.1",
            "-1e20",
        ],
    ),
    ("DOUBLE(10,2)", Help::Float, &["1.11", "2.22", "-3.33"]),
    ("BIT(10)", Help::Nothing, &["0", "1", "255", "256", "1023"]),
    (
        "DATE",
        Help::Nothing,
        &[
            "'1000-01-01'",
            "'2024-02-29'",
            "'9999-12-31'",
            "'0000-00-00'",
            "'2024-00-00'",
        ],
    ),
    (
        "DATETIME(6)",
        Help::Nothing,
        &[
            "'2024-02-29 10:20:30.123456'",
            "'2024-02-29 10:20:30'",
            "'2024-02-29 00:00:00'",
            "'0000-00-00'",
            "'9999-12-31 23:59:59.999999'",
        ],
    ),
    (
        "DATETIME",
        Help::Nothing,
        &["'2024-02-29 10:20:30'", "'2024-02-29'", "'1970-01-01'"],
    ),
    (
        "TIMESTAMP(3) NULL",
        Help::Timestamp,
        &[
            "'2024-02-29 10:20:30.5'",
            "'1970-01-02'",
            "'2024-10-27 00:30:00'",
            "'2024-10-27 01:30:00'",
        ],
    ),
    (
        "TIME(3)",
        Help::Nothing,
        &[
            "'-838:59:59'",
            "'-00:00:01'",
            "'-00:00:00.5'",
            "'0'",
            "'00:00:00.001'",
            "'23:59:59'",
            "'100:00:00'",
            "'838:59:59'",
        ],
    ),
    ("YEAR", Help::Nothing, &["0", "1901", "1999", "2155"]),
    (
        "VARBINARY(10)",
        Help::Nothing,
        &["''", "'a'", "'a '", "'A'", "0x00", "0xFF", "0x6100"],
    ),
    ("BINARY(3)", Help::Nothing, &["'a'", "'a '", "'A'", "0xFF"]),
    ("BLOB", Help::Nothing, &["''", "'a'", "'a '", "'A'", "0xFF"]),
    ("TEXT", Help::Weight, &["''", "'a'", "'a '", "'A'", "'b'"]),
    (
        "CHAR(10)",
        Help::Weight,
        &["''", "'a'", "'a '", "'A'", "'b'", "'a\\t'"],
    ),
    ("ENUM('z','b','a')", Help::Member, &["'z'", "'b'", "'a'"]),
    (
        "SET('z','b','a')",
        Help::Member,
        &["'z'", "'b,a'", "'a'", "''", "'z,a'"],
    ),
];

/// Four parts and the whole on one server.
struct Parted {
    raw: Raw,
    // Holds the databases.
    _place: Place,
}

impl Parted {
    /// A table of this definition, which begins with `id` of its own making, and the rows' values.
    async fn new(definition: &str, rows: &[String]) -> Self {
        let place = Place::new().await;
        make_account().await;
        let mut connection = place.plain().await;
        let mut statements = vec!["SET sql_mode = ''".to_owned()];
        for part in 0..PARTS {
            statements.push(format!(
                "CREATE TABLE t{part} (id INT PRIMARY KEY, k INT, {definition})"
            ));
        }
        statements.push(format!(
            "CREATE TABLE whole (id INT PRIMARY KEY, k INT, {definition})"
        ));
        for (id, values) in rows.iter().enumerate() {
            // Dealt out so that neighbours and equals are apart.
            let (part, k) = (id * 7 % 13 % PARTS, id % 3);
            for table in [format!("t{part}"), "whole".to_owned()] {
                statements.push(format!("INSERT INTO {table} VALUES ({id}, {k}, {values})"));
            }
        }
        for statement in &statements {
            connection.query_drop(statement).await.expect(statement);
        }
        let mut raw = Raw::connect(
            place.plain_address().await,
            (APP_USER, APP_PASSWORD),
            place.name(),
            CapabilityFlags::empty(),
            COLLATION,
        )
        .await;
        // Zero dates without a warning; the hidden columns must be allowed beside GROUP BY.
        raw.query(b"SET sql_mode = 'ONLY_FULL_GROUP_BY'").await;
        Self { raw, _place: place }
    }

    async fn ask(&mut self, sql: &str, format: RowFormat) -> Answer {
        let packets = match format {
            RowFormat::Text => self.raw.query(sql.as_bytes()).await,
            RowFormat::Binary => {
                let prepare = [b"\x16", sql.as_bytes()].concat();
                let prepared = self.raw.command(&prepare, Expect::Fields).await;
                let first = &prepared[0].payload;
                assert_eq!(first.first(), Some(&0), "{sql}: {prepared:?}");
                let id = PrepareOk::decode(first).unwrap().statement;
                let execute = [b"\x17".as_slice(), &id.to_le_bytes(), &[0, 1, 0, 0, 0]].concat();
                self.raw.command(&execute, Expect::Results).await
            }
        };
        Answer::of(packets, sql)
    }

    /// The merged answer of the parts to a statement with `$t` for the table.
    async fn merged(
        &mut self,
        sql: &str,
        spec: &MergeSpec,
        format: RowFormat,
    ) -> Result<Vec<Bytes>, MergeError> {
        let mut answers = Vec::new();
        for part in 0..PARTS {
            let answer = self
                .ask(&sql.replace("$t", &format!("t{part}")), format)
                .await;
            assert_eq!(answer.warnings, 0, "{sql}");
            answers.push(answer);
        }
        merge(answers, spec, format)
    }
}

struct Answer {
    definitions: Vec<Vec<u8>>,
    rows: Vec<Bytes>,
    warnings: u16,
}

impl Answer {
    fn of(mut packets: Packets, sql: &str) -> Self {
        let Ok(Reply::ResultSet { columns }) = Reply::decode(&packets[0].payload) else {
            panic!("{sql}: {packets:?}");
        };
        let end = packets.pop().unwrap().payload;
        assert_eq!(end.first(), Some(&0xFE), "{sql}: {end:?}");
        let columns = usize::try_from(columns).unwrap();
        let rows = packets.split_off(columns + 2);
        Self {
            definitions: packets[1..=columns]
                .iter()
                .map(|packet| packet.payload.clone())
                .collect(),
            rows: rows
                .into_iter()
                .map(|packet| packet.payload.into())
                .collect(),
            warnings: u16::from_le_bytes([end[1], end[2]]),
        }
    }

    fn sorted(mut self) -> Vec<Bytes> {
        self.rows.sort();
        self.rows
    }
}

fn merge(
    answers: Vec<Answer>,
    spec: &MergeSpec,
    format: RowFormat,
) -> Result<Vec<Bytes>, MergeError> {
    let definitions = answers[0].definitions.clone();
    let columns: Vec<ColumnDefinition<'_>> = definitions
        .iter()
        .map(|payload| ColumnDefinition::decode(payload).unwrap())
        .collect();
    let mut merger = Merger::new(spec, &columns, format, answers.len(), AMPLE)?;
    let mut sources: Vec<_> = answers
        .into_iter()
        .map(|answer| answer.rows.into_iter())
        .collect();
    let (mut merged, mut next) = (Vec::new(), 0);
    loop {
        let source = match merger.step()? {
            Step::Done => return Ok(merged),
            Step::Row(row) => {
                merged.push(row);
                continue;
            }
            Step::Need(source) => source,
            Step::NeedAny => {
                next = (next + 1) % sources.len();
                next
            }
        };
        match sources[source].next() {
            Some(row) => merger.push(source, row)?,
            None => merger.end(source),
        }
    }
}

const FORMATS: [RowFormat; 2] = [RowFormat::Text, RowFormat::Binary];

/// Questions of [`check_column`] in one format.
const QUESTIONS: usize = 5;

/// All that can be asked about one column.
async fn check_column(name: &str, help: Help, table: &mut Parted) -> Vec<String> {
    let mut wrong = Vec::new();
    for format in FORMATS {
        for (what, equal) in [
            ("ORDER BY", order(table, help, format, "").await),
            ("ORDER BY DESC", order(table, help, format, " DESC").await),
            ("GROUP BY", group(table, help, format, false).await),
            ("GROUP BY in order", group(table, help, format, true).await),
            ("DISTINCT", distinct(table, help, format).await),
        ] {
            match equal {
                Ok(true) => {}
                Ok(false) => wrong.push(format!("{name}: {what} in {format:?} rows")),
                Err(error) => wrong.push(format!("{name}: {what} in {format:?} rows: {error}")),
            }
        }
    }
    wrong
}

async fn order(
    table: &mut Parted,
    help: Help,
    format: RowFormat,
    direction: &str,
) -> Result<bool, MergeError> {
    let (operand, columns) = help.hidden("c", 1, 2);
    let list = [vec!["id".to_owned(), "c".to_owned()], columns]
        .concat()
        .join(", ");
    let by = format!("ORDER BY c{direction}, id");
    let spec = MergeSpec {
        visible: 2,
        operator: Operator::Order(vec![
            SortKey {
                operand,
                descending: !direction.is_empty(),
            },
            SortKey::ascending(Operand::plain(0)),
        ]),
        limit: None,
    };
    let whole = table
        .ask(&format!("SELECT id, c FROM whole {by}"), format)
        .await;
    let merged = table
        .merged(&format!("SELECT {list} FROM $t {by}"), &spec, format)
        .await?;
    Ok(merged == whole.rows)
}

async fn group(
    table: &mut Parted,
    help: Help,
    format: RowFormat,
    in_order: bool,
) -> Result<bool, MergeError> {
    let (operand, columns) = help.hidden("c", 4, 5);
    let visible = "COUNT(*), SUM(id), MIN(id), MAX(id)";
    let list = [vec![visible.to_owned(), "c".to_owned()], columns]
        .concat()
        .join(", ");
    let functions = [
        Function::Count,
        Function::Sum { exact: None },
        Function::Min(Operand::plain(2)),
        Function::Max(Operand::plain(3)),
    ];
    let aggregate = |(column, function)| Aggregate { column, function };
    let spec = MergeSpec {
        visible: 4,
        operator: Operator::Group(Group {
            keys: vec![operand],
            aggregates: functions.into_iter().enumerate().map(aggregate).collect(),
            count: None,
            arrival: match in_order {
                true => vec![SortKey::ascending(operand)],
                false => vec![],
            },
            order: vec![],
            having: vec![],
        }),
        limit: None,
    };
    let by = if in_order { "ORDER BY c" } else { "" };
    let whole = table
        .ask(&format!("SELECT {visible} FROM whole GROUP BY c"), format)
        .await;
    let sql = format!("SELECT {list} FROM $t GROUP BY c {by}");
    let mut merged = table.merged(&sql, &spec, format).await?;
    merged.sort();
    Ok(merged == whole.sorted())
}

async fn distinct(table: &mut Parted, help: Help, format: RowFormat) -> Result<bool, MergeError> {
    let (operand, columns) = help.hidden("c", 0, 1);
    let list = [vec!["c".to_owned()], columns].concat().join(", ");
    let spec = MergeSpec {
        visible: 1,
        operator: Operator::Distinct(Distinct {
            keys: vec![operand],
            order: vec![],
        }),
        limit: None,
    };
    let whole = table
        .ask("SELECT DISTINCT c FROM whole", format)
        .await
        .sorted();
    let mut merged = table
        .merged(&format!("SELECT DISTINCT {list} FROM $t"), &spec, format)
        .await?;
    merged.sort();
    // Which of several equal strings or zeros stands for all is anyone's choice.
    let ambiguous = matches!(help, Help::Weight | Help::Zeros | Help::Float);
    Ok(merged == whole || ambiguous && merged.len() == whole.len())
}

/// Two rows of each value, far apart.
fn twice(values: &[&str]) -> Vec<String> {
    let mut rows: Vec<String> = values.iter().map(ToString::to_string).collect();
    rows.push("NULL".to_owned());
    rows.extend(rows.clone());
    rows
}

#[tokio::test]
async fn every_type_is_merged_as_the_server_sorts_groups_and_compares_it() {
    let mut wrong = Vec::new();
    for (definition, help, values) in TYPES {
        let mut table = Parted::new(&format!("c {definition}"), &twice(values)).await;
        wrong.extend(check_column(definition, *help, &mut table).await);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test]
async fn strings_are_merged_in_the_order_of_their_collation() {
    let own = match servers().await.flavor() {
        Flavor::MySql => MYSQL_COLLATIONS,
        Flavor::MariaDb => MARIADB_COLLATIONS,
    };
    let mut wrong = Vec::new();
    for collation in own.iter().chain(OLD_COLLATIONS) {
        let (charset, _) = collation.split_once('_').unwrap();
        let definition = format!("c VARCHAR(20) CHARACTER SET {charset} COLLATE {collation}");
        let mut table = Parted::new(&definition, &twice(STRINGS)).await;
        let (help, refusals) = match hidden::has_weights(collation) {
            true => (Help::Weight, 0),
            false => (Help::CheckedWeight, QUESTIONS * FORMATS.len()),
        };
        let answers = check_column(collation, help, &mut table).await;
        if answers.len() != refusals
            || !answers
                .iter()
                .all(|answer| answer.contains("does not support"))
        {
            wrong.extend(answers);
            wrong.push(format!("{collation}: {refusals} refusals expected"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test]
async fn long_strings_are_merged_as_far_as_the_server_sorts_them() {
    let collations: &[&str] = match servers().await.flavor() {
        Flavor::MySql => &[
            "utf8mb4_general_ci",
            "utf8mb4_bin",
            "utf8mb4_unicode_ci",
            "latin1_swedish_ci",
            "utf8mb4_0900_ai_ci",
        ],
        // The others: see `hidden::sort_weight`.
        Flavor::MariaDb => &[
            "utf8mb4_unicode_ci",
            "utf8mb4_uca1400_ai_ci",
            "latin1_swedish_ci",
        ],
    };
    let strings: Vec<String> = (0..40)
        .map(|at: usize| {
            let (prefix, end) = (10 + at * 7 % 70, ["z", "", " ", "\\t", "a", "  b"][at % 6]);
            format!(
                "CONCAT(REPEAT('x', {prefix}), '{end}', REPEAT('x', {}))",
                at % 3 * 30
            )
        })
        .collect();
    let strings: Vec<&str> = strings.iter().map(String::as_str).collect();
    let mut wrong = Vec::new();
    for collation in collations {
        let (charset, _) = collation.split_once('_').unwrap();
        for kind in ["VARCHAR(200)", "TEXT"] {
            let definition = format!("c {kind} CHARACTER SET {charset} COLLATE {collation}");
            let mut table = Parted::new(&definition, &twice(&strings)).await;
            table.raw.query(b"SET max_sort_length = 64").await;
            for direction in ["", " DESC"] {
                let equal = order(&mut table, Help::SortWeight, RowFormat::Text, direction).await;
                if equal != Ok(true) {
                    wrong.push(format!("{definition}{direction}: {equal:?}"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A column and what can be asked about it.
struct Aggregated {
    definition: &'static str,
    help: Help,
    sums: bool,
    bits: bool,
}

const fn aggregated(definition: &'static str, help: Help, sums: bool, bits: bool) -> Aggregated {
    Aggregated {
        definition,
        help,
        sums,
        bits,
    }
}

const AGGREGATED: &[Aggregated] = &[
    aggregated("INT", Help::Nothing, true, true),
    aggregated("BIGINT UNSIGNED", Help::Nothing, true, true),
    aggregated("DECIMAL(10,2)", Help::Nothing, true, false),
    aggregated("DECIMAL(20,5)", Help::Nothing, true, false),
    aggregated("DECIMAL(30,9)", Help::Nothing, true, false),
    aggregated("DECIMAL(30,14)", Help::Nothing, true, false),
    aggregated("DECIMAL(65,30)", Help::Nothing, true, false),
    aggregated("DECIMAL(65)", Help::Nothing, true, false),
    aggregated("DOUBLE", Help::Nothing, true, false),
    aggregated("DOUBLE(12,3)", Help::Float, true, false),
    aggregated("FLOAT", Help::Float, true, false),
    aggregated("YEAR", Help::Nothing, true, true),
    aggregated("BIT(16)", Help::Nothing, true, true),
    aggregated("DATE", Help::Nothing, false, false),
    aggregated("DATETIME(3)", Help::Nothing, false, false),
    aggregated("TIME", Help::Nothing, false, false),
    aggregated("TIMESTAMP NULL", Help::Timestamp, false, false),
    aggregated(
        "VARCHAR(20) COLLATE utf8mb4_general_ci",
        Help::Weight,
        false,
        false,
    ),
    aggregated("CHAR(20) COLLATE utf8mb4_bin", Help::Weight, false, false),
    aggregated("VARBINARY(20)", Help::Nothing, false, false),
    aggregated("ENUM('z','y','x','b','a')", Help::Weight, false, false),
];

/// Values that are sums of few powers of two, so that doubles add up to the same in any order.
fn numbers(column: &Aggregated) -> Vec<String> {
    let value = |at: u32| match column.definition {
        _ if at % 11 == 7 => "NULL".to_owned(),
        "YEAR" => format!("{}", 1950 + at * 7 % 90),
        "DATE" | "DATETIME(3)" | "TIMESTAMP NULL" => {
            format!(
                "'20{:02}-{:02}-{:02} 0{}:10:20.5'",
                10 + at % 20,
                1 + at % 12,
                1 + at % 28,
                at % 10
            )
        }
        "TIME" => format!(
            "'{}{}:{:02}:01'",
            if at.is_multiple_of(3) { "-" } else { "" },
            at * 17 % 800,
            at % 60
        ),
        text if text.contains("CHAR") || text.contains("BINARY") => {
            // No two are equal under any of the collations.
            format!(
                "'{}{}'",
                ["a", "B", "c", "Ä\t", "é "][at as usize % 5],
                at / 2
            )
        }
        text if text.starts_with("ENUM") => format!("{}", 1 + at % 5),
        text if text.starts_with("BIT") || text.contains("UNSIGNED") => {
            format!("{}", at * at * 13 % 65536)
        }
        "INT" => format!("{}", i64::from(at * at * 77 % 10007) - 5000),
        text if text.starts_with("DECIMAL") => format!(
            "{}{}.{:09}{:09}",
            if at.is_multiple_of(4) { "-" } else { "" },
            at * at * 31 % 977,
            at.wrapping_mul(2_654_435_761) % 1_000_000_000,
            at.wrapping_mul(40_503) % 1_000_000_000,
        ),
        _ => format!(
            "{}.{}e0",
            i64::from(at * 37 % 101) - 40,
            [0, 25, 5, 75][at as usize % 4]
        ),
    };
    (0..60).map(|at| value(at * 5 / 7)).collect()
}

/// An aggregate, what a shard is asked for besides, and by what it groups besides.
struct Question {
    visible: String,
    hidden: Vec<String>,
    by: Option<&'static str>,
    function: Function,
}

/// The questions about column `c`, whose answer is column `at`.
fn questions(column: &Aggregated, at: usize) -> Vec<Question> {
    let ask = |visible: &str, hidden: Vec<String>, function| Question {
        visible: visible.to_owned(),
        hidden,
        by: None,
        function,
    };
    let mut all = vec![ask("COUNT(c)", vec![], Function::Count)];
    for visible in ["MIN(c)", "MAX(c)"] {
        let (operand, hidden) = column.help.hidden(visible, at, at + 1);
        let function = match visible {
            "MIN(c)" => Function::Min(operand),
            _ => Function::Max(operand),
        };
        all.push(ask(visible, hidden, function));
    }
    // ENUM is compared by number here.
    let help = match column.definition.starts_with("ENUM") {
        true => Help::Member,
        false => column.help,
    };
    let (operand, helpers) = help.hidden("c", at + 1, at + 2);
    let distinct = |visible: &str, function| Question {
        visible: visible.to_owned(),
        hidden: [vec!["c".to_owned()], helpers.clone()].concat(),
        by: Some("c"),
        function,
    };
    all.push(distinct(
        "COUNT(DISTINCT c)",
        Function::CountDistinct(vec![operand]),
    ));
    if column.sums {
        all.push(distinct("SUM(DISTINCT c)", Function::SumDistinct(operand)));
        // Refused where the servers do not agree on the last digit.
        if !column.definition.ends_with(",5)") && !column.definition.ends_with(",14)") {
            all.push(distinct("AVG(DISTINCT c)", Function::AvgDistinct(operand)));
        }
        let sum = match column.help {
            Help::Float => texts(&[hidden::float(b"SUM(c)")]),
            _ => vec![],
        };
        let exact = (!sum.is_empty()).then_some(at + 1);
        all.push(ask("SUM(c)", sum.clone(), Function::Sum { exact }));
        let sum = sum.first().map_or("SUM(c)", String::as_str).to_owned();
        let average = Function::Avg {
            sum: at + 1,
            count: at + 2,
        };
        all.push(ask("AVG(c)", vec![sum, "COUNT(c)".to_owned()], average));
    }
    if column.bits {
        all.push(ask("BIT_AND(c)", vec![], Function::BitAnd));
        all.push(ask("BIT_OR(c)", vec![], Function::BitOr));
        all.push(ask("BIT_XOR(c)", vec![], Function::BitXor));
    }
    all
}

/// Asks with and without groups, of all rows and of none.
async fn check_aggregates(column: &Aggregated, table: &mut Parted, wrong: &mut Vec<String>) {
    for format in FORMATS {
        for (keys, condition) in [
            (1, ""),
            (0, ""),
            (1, "WHERE id < 0"),
            (0, "WHERE id < 0"),
            (0, "WHERE id < 3"),
        ] {
            for question in questions(column, keys) {
                let Question {
                    visible,
                    hidden,
                    by,
                    function,
                } = question;
                let key = ["", "k, "][keys];
                let group = [None, Some("k")][keys];
                let group_by = |columns: Vec<&str>| match columns.is_empty() {
                    true => String::new(),
                    false => format!("GROUP BY {}", columns.join(", ")),
                };
                let spec = MergeSpec {
                    visible: keys + 1,
                    operator: Operator::Group(Group {
                        keys: vec![Operand::plain(0); keys],
                        aggregates: vec![Aggregate {
                            column: keys,
                            function,
                        }],
                        count: None,
                        arrival: vec![],
                        order: vec![SortKey::ascending(Operand::plain(0)); keys],
                        having: vec![],
                    }),
                    limit: None,
                };
                let list = [vec![visible.clone()], hidden].concat().join(", ");
                let parts = group_by(group.into_iter().chain(by).collect());
                let whole = group_by(group.into_iter().collect());
                let whole = format!("SELECT {key}{visible} FROM whole {condition} {whole}");
                let whole = table
                    .ask(&format!("{whole} {}", ["", "ORDER BY k"][keys]), format)
                    .await;
                let sql = format!("SELECT {key}{list} FROM $t {condition} {parts}");
                let merged = table.merged(&sql, &spec, format).await;
                if merged.as_ref() != Ok(&whole.rows) {
                    let (merged, whole) = (shown(&merged), shown(&whole.rows));
                    wrong.push(format!(
                        "{}: {sql} in {format:?}:\n  {merged}\n  {whole}",
                        column.definition
                    ));
                }
            }
        }
    }
}

fn shown(rows: &impl std::fmt::Debug) -> String {
    let mut text = format!("{rows:?}");
    text.truncate(400);
    text
}

#[tokio::test]
async fn aggregates_of_parts_are_those_of_the_whole() {
    let mut wrong = Vec::new();
    for column in AGGREGATED {
        let mut table = Parted::new(&format!("c {}", column.definition), &numbers(column)).await;
        check_aggregates(column, &mut table, &mut wrong).await;
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
