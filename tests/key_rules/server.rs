//! Whether a real server agrees: what it holds equal has one key, and what it finds between bounds is
//! between them.

use std::fmt::Write as _;
use std::ops::Bound;

use mysql_async::Conn;
use mysql_async::prelude::Queryable;
use shardwell::cli::demo::program::Flavor;
use shardwell::parse::ast::CompareOp;
use shardwell::route::key::{
    Bounds, Canonical, Scalar, Usage, between, bounds, canonical, outside,
};
use shardwell::topology::{ColumnFacts, KeyType};
use shardwell::value::{KeyRange, KeyValue};

use super::{CONTEXT, Section, common, literal, path, sections};

/// One literal, what it is compared as, and what it is stored as.
struct Case {
    literal: String,
    compared: Canonical<'static>,
    stored: Option<KeyValue<'static>>,
}

/// The literals of a column, and a table `t` with those that it stores.
pub(super) struct Column {
    definition: String,
    key_type: KeyType,
    cases: Vec<Case>,
}

/// Ways to ask for equality.
const EQUALITIES: &[&str] = &[
    "k = L",
    "L = k",
    "k <=> L",
    "k IN (L)",
    "k IN (L, NULL)",
    "(k, 1) = (L, 1)",
    "(k, 1) IN ((L, 1), (L, 2))",
];

pub(super) const OPERATORS: [(&str, CompareOp); 4] = [
    ("<", CompareOp::Lt),
    ("<=", CompareOp::LtEq),
    (">", CompareOp::Gt),
    (">=", CompareOp::GtEq),
];

fn scalar(spelling: &str) -> Scalar<'_> {
    Scalar::read(&literal(spelling), spelling.as_bytes(), CONTEXT)
}

fn leaked(value: Canonical<'_>) -> Canonical<'static> {
    match value {
        Canonical::Value(value) => Canonical::Value(owned(value)),
        Canonical::Null => Canonical::Null,
        Canonical::NoMatch => Canonical::NoMatch,
        Canonical::Unsure => Canonical::Unsure,
    }
}

pub(super) fn owned(value: KeyValue<'_>) -> KeyValue<'static> {
    match value {
        KeyValue::Bytes(bytes) => KeyValue::Bytes(bytes.into_owned().into()),
        KeyValue::Int(value) => KeyValue::Int(value),
        KeyValue::Decimal { unscaled, scale } => KeyValue::Decimal { unscaled, scale },
        KeyValue::Date(date) => KeyValue::Date(date),
        KeyValue::DateTime { date, micros } => KeyValue::DateTime { date, micros },
    }
}

fn holds(range: &KeyRange<'_>, value: &KeyValue<'_>) -> bool {
    let above = match &range.lower {
        Bound::Included(low) => value >= low,
        Bound::Excluded(low) => value > low,
        Bound::Unbounded => true,
    };
    let below = match &range.upper {
        Bound::Included(high) => value <= high,
        Bound::Excluded(high) => value < high,
        Bound::Unbounded => true,
    };
    above && below
}

pub(super) fn may_hold(bounds: &Bounds<'_>, value: &KeyValue<'_>) -> bool {
    match bounds {
        Bounds::Unsure => true,
        Bounds::Never => false,
        Bounds::Range(range) => holds(range, value),
    }
}

pub(super) async fn server() -> (common::Place, Conn) {
    let place = common::Place::new().await;
    let mut server = place.plain().await;
    server.query_drop("SET NAMES utf8mb4").await.unwrap();
    (place, server)
}

impl Column {
    /// The column as it was declared.
    pub(super) fn definition(&self) -> &str {
        &self.definition
    }

    /// What the router takes it for.
    pub(super) fn key_type(&self) -> &KeyType {
        &self.key_type
    }

    /// A row's literal, and the key that it is stored by.
    pub(super) fn stored(&self, row: usize) -> (&str, Option<&KeyValue<'static>>) {
        let case = &self.cases[row];
        (&case.literal, case.stored.as_ref())
    }

    /// Makes the table; `None` if this server has no such column.
    pub(super) async fn new(
        server: &mut Conn,
        definition: &str,
        literals: &[String],
    ) -> Option<Self> {
        server.query_drop("DROP TABLE IF EXISTS t").await.unwrap();
        let create = format!("CREATE TABLE t (row_no INT PRIMARY KEY, k {definition}, KEY (k))");
        if let Err(error) = server.query_drop(create).await {
            let unknown = [
                "Unknown collation",
                "not valid for CHARACTER SET",
                "Too big precision",
            ];
            let known = unknown.iter().any(|u| error.to_string().contains(u));
            assert!(known, "{definition}: {error}");
            return None;
        }
        let facts = "SELECT DATA_TYPE, COLUMN_TYPE, CHARACTER_SET_NAME, COLLATION_NAME \
                     FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = DATABASE() \
                     AND TABLE_NAME = 't' AND COLUMN_NAME = 'k'";
        let facts: Option<(String, String, Option<String>, Option<String>)> =
            server.query_first(facts).await.unwrap();
        let (data_type, column_type, charset, collation) = facts.unwrap();
        let facts = ColumnFacts {
            data_type: &data_type,
            column_type: &column_type,
            charset: charset.as_deref(),
            collation: collation.as_deref(),
        };
        let key_type = KeyType::from_column(&facts).ok()?;
        let cases = literals.iter().map(|spelling| {
            let read = |usage| {
                let literal = literal(spelling);
                canonical(&literal, spelling.as_bytes(), &key_type, usage, CONTEXT).map(leaked)
            };
            let stored = read(Usage::Store).ok();
            Case {
                literal: spelling.clone(),
                compared: read(Usage::Compare).unwrap(),
                stored: stored.and_then(|stored| match stored {
                    Canonical::Value(value) => Some(value),
                    _ => None,
                }),
            }
        });
        let column = Self {
            cases: cases.collect(),
            definition: definition.to_owned(),
            key_type,
        };
        Some(column)
    }

    /// Stores what the proxy would store.
    pub(super) async fn fill(&self, server: &mut Conn, wrong: &mut String) {
        let column = &self.definition;
        server.query_drop("BEGIN").await.unwrap();
        for (at, case) in self.cases.iter().enumerate() {
            if case.stored.is_none() && case.compared != Canonical::Null {
                continue;
            }
            let insert = format!("INSERT INTO t VALUES ({at}, {})", case.literal);
            if let Err(error) = server.query_drop(insert).await {
                writeln!(wrong, "{column}: cannot store {}: {error}", case.literal).unwrap();
            }
        }
        server.query_drop("COMMIT").await.unwrap();
    }

    /// Every row that a condition finds, with the key that it is stored by. What a server refuses
    /// has no wrong answer.
    async fn found<'c>(
        &'c self,
        server: &mut Conn,
        condition: &str,
    ) -> Vec<(&'c Case, &'c KeyValue<'static>)> {
        let query = format!("SELECT row_no FROM t WHERE {condition}");
        let rows: Vec<usize> = server.query(query).await.unwrap_or_default();
        let cases = rows.into_iter().map(|row| &self.cases[row]);
        cases
            .filter_map(|case| Some((case, case.stored.as_ref()?)))
            .collect()
    }

    async fn equalities(&self, server: &mut Conn, conditions: &[&str], wrong: &mut String) {
        for case in &self.cases {
            let of_type = scalar(&case.literal).is_of(&self.key_type);
            for condition in conditions {
                let condition = condition.replace('L', &case.literal);
                for (stored, key) in self.found(server, &condition).await {
                    let same = match &case.compared {
                        Canonical::Unsure => true,
                        Canonical::Value(value) if value == key => true,
                        // Only values of the column's own type are read in a list of rows.
                        _ if !of_type && condition.contains("IN ((") => true,
                        _ => false,
                    };
                    if !same {
                        let column = &self.definition;
                        writeln!(wrong, "{column}: {condition} finds {}", stored.literal).unwrap();
                    }
                }
            }
        }
        let join =
            "SELECT a.row_no, b.row_no FROM t a JOIN t b ON a.k = b.k WHERE a.row_no < b.row_no";
        for (a, b) in server.query::<(usize, usize), _>(join).await.unwrap() {
            let (a, b) = (&self.cases[a], &self.cases[b]);
            if a.stored != b.stored {
                let column = &self.definition;
                writeln!(wrong, "{column}: stored {} = {}", a.literal, b.literal).unwrap();
            }
        }
    }

    /// Says how many bounds were certain.
    async fn ranges(&self, server: &mut Conn, wrong: &mut String) -> usize {
        let mut certain = 0;
        for (at, case) in self.cases.iter().enumerate() {
            for (symbol, op) in OPERATORS {
                let bounds = bounds(op, scalar(&case.literal), &self.key_type);
                let condition = format!("k {symbol} {}", case.literal);
                certain += usize::from(bounds != Bounds::Unsure);
                self.inside(server, &condition, &[bounds], wrong).await;
            }
            for step in [1, 7, 19] {
                let other = &self.cases[(at + step) % self.cases.len()].literal;
                let (low, high) = (&case.literal, other);
                let bounds = between(scalar(low), scalar(high), &self.key_type);
                let condition = format!("k BETWEEN {low} AND {high}");
                self.inside(server, &condition, &[bounds], wrong).await;
                let bounds = outside(scalar(low), scalar(high), &self.key_type);
                let condition = format!("k NOT BETWEEN {low} AND {high}");
                self.inside(server, &condition, &bounds, wrong).await;
            }
        }
        certain
    }

    async fn inside(
        &self,
        server: &mut Conn,
        condition: &str,
        bounds: &[Bounds<'_>],
        wrong: &mut String,
    ) {
        if bounds.contains(&Bounds::Unsure) {
            return;
        }
        for (stored, key) in self.found(server, condition).await {
            if !bounds.iter().any(|bounds| may_hold(bounds, key)) {
                let (column, literal) = (&self.definition, &stored.literal);
                writeln!(
                    wrong,
                    "{column}: {condition} finds {literal} outside {bounds:?}"
                )
                .unwrap();
            }
        }
    }
}

pub(super) fn literals(section: &Section) -> Vec<String> {
    let literals = section.cases.iter().map(|case| case.literal.clone());
    literals.collect()
}

#[tokio::test]
async fn a_server_agrees_with_the_table() {
    let (_, mut server) = server().await;
    let file = std::fs::read_to_string(path()).unwrap();
    let mut wrong = String::new();
    let mut certain = 0;
    for section in sections(&file) {
        let made = Column::new(&mut server, &section.column, &literals(&section)).await;
        let Some(column) = made else {
            eprintln!("{}: this server has no such key", section.column);
            continue;
        };
        column.fill(&mut server, &mut wrong).await;
        column.equalities(&mut server, EQUALITIES, &mut wrong).await;
        certain += column.ranges(&mut server, &mut wrong).await;
    }
    assert!(certain > 1_000, "{certain} bounds prove nothing");
    assert!(wrong.is_empty(), "the server disagrees:\n{wrong}");
}

/// The collations that the project knows and this flavor has.
async fn collations(server: &mut Conn) -> Vec<(String, String)> {
    let all = "SELECT FULL_COLLATION_NAME, CHARACTER_SET_NAME \
               FROM information_schema.COLLATION_CHARACTER_SET_APPLICABILITY";
    let plain = all.replace("FULL_COLLATION_NAME", "COLLATION_NAME");
    match server.query(all).await {
        Ok(all) => all,
        Err(_) => server.query(plain).await.unwrap(),
    }
}

/// Strings in which collations differ: case, accents, blanks, controls, contractions, ligatures.
const STRINGS: &[&str] = &[
    "'a'",
    "'A'",
    "'b'",
    "'á'",
    "'Á'",
    "'ä'",
    "'ae'",
    "'æ'",
    "'ss'",
    "'ß'",
    "'ẞ'",
    "'a '",
    "'a  '",
    "' a'",
    "'a\t'",
    "'a\0'",
    "'a-'",
    "'-a'",
    "'a_'",
    "'co-op'",
    "'coop'",
    "'i'",
    "'I'",
    "'ı'",
    "'İ'",
    "'ch'",
    "'cH'",
    "'ll'",
    "'fi'",
    "'ﬁ'",
    "'k'",
    "'K'",
    "''",
    "' '",
    "'1'",
    "'１'",
    "'\''",
    "'~'",
    "'^'",
    "'`'",
    "'['",
    "'{'",
    "'@'",
    "'a\u{301}'",
    "'ÿ'",
    "'ø'",
    "'o'",
    "'å'",
    "'aa'",
    "'aA'",
    "'µ'",
    "'Ｋ'",
    "'ñ'",
    "'n'",
    "'\\\\'",
    "'|'",
    "'dž'",
    "'ǆ'",
    "'lj'",
    "'a\n'",
    "'a\r'",
    "'Zz'",
    "'zZ'",
    "0x61",
    "0x4161",
    "_latin1'A'",
    "_utf8mb4'a'",
    "1",
    "01",
    "'01'",
];

#[tokio::test]
async fn what_a_collation_holds_equal_has_one_key() {
    let (_, mut server) = server().await;
    let literals: Vec<String> = STRINGS.iter().map(|s| (*s).to_owned()).collect();
    let mut wrong = String::new();
    let mut known = 0;
    for (collation, charset) in collations(&mut server).await {
        for kind in ["VARCHAR(8)", "CHAR(8)"] {
            let definition = format!("{kind} CHARACTER SET {charset} COLLATE {collation}");
            let Some(column) = Column::new(&mut server, &definition, &literals).await else {
                continue;
            };
            known += 1;
            column.fill(&mut server, &mut wrong).await;
            let conditions = &["k = L", "(k, 1) IN ((L, 1), (L, 2))"];
            column.equalities(&mut server, conditions, &mut wrong).await;
            column.ranges(&mut server, &mut wrong).await;
        }
    }
    let least = match common::servers().await.flavor() {
        Flavor::MySql => 2 * 18,
        Flavor::MariaDb => 2 * 40,
    };
    println!("{known} columns");
    assert!(known >= least, "only {known} columns");
    assert!(wrong.is_empty(), "the server disagrees:\n{wrong}");
}
