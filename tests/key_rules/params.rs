//! Bound parameters: whether a server compares them as the router does.

use std::collections::HashMap;
use std::fmt::Write as _;

use shardwell::parse::ast::CompareOp;
use shardwell::parse::{LexMode, Slot, tokenize};
use shardwell::route::key::{Bounds, Canonical, Charset, Usage, between, bounds};
use shardwell::route::{Literals, Params};
use shardwell::topology::KeyType;
use shardwell::wire::{BinaryValue, CapabilityFlags, ColumnType, PrepareOk};

use super::raw::{Expect, Raw};
use super::server::{Column, OPERATORS, literals, may_hold, server};
use super::{CONTEXT, common, path, sections};

use ColumnType as T;

/// A parameter as it is sent, and as the router reads it.
#[derive(Clone, Debug)]
struct Param {
    column_type: ColumnType,
    unsigned: bool,
    bytes: Vec<u8>,
    value: BinaryValue<'static>,
}

fn int(value: i64) -> Param {
    Param {
        column_type: T::MYSQL_TYPE_LONGLONG,
        unsigned: false,
        bytes: value.to_le_bytes().to_vec(),
        value: BinaryValue::Integer(value.into()),
    }
}

fn unsigned(value: u64) -> Param {
    Param {
        unsigned: true,
        value: BinaryValue::Integer(value.into()),
        ..int(value as i64)
    }
}

fn double(value: f64) -> Param {
    Param {
        column_type: T::MYSQL_TYPE_DOUBLE,
        unsigned: false,
        bytes: value.to_le_bytes().to_vec(),
        value: BinaryValue::Float(value),
    }
}

fn float(value: f32) -> Param {
    Param {
        column_type: T::MYSQL_TYPE_FLOAT,
        bytes: value.to_le_bytes().to_vec(),
        ..double(value.into())
    }
}

fn bytes(column_type: ColumnType, text: &str) -> Param {
    let text: &'static [u8] = Box::leak(text.as_bytes().to_vec().into_boxed_slice());
    Param {
        column_type,
        unsigned: false,
        bytes: [&[text.len() as u8], text].concat(),
        value: match column_type {
            T::MYSQL_TYPE_NEWDECIMAL => BinaryValue::Decimal(text),
            T::MYSQL_TYPE_BLOB => BinaryValue::Blob(text),
            _ => BinaryValue::Text(text),
        },
    }
}

fn moment(column_type: ColumnType, date: (u16, u8, u8), time: [u8; 3], micros: u32) -> Param {
    let (year, month, day) = date;
    let mut sent = vec![11];
    sent.extend(year.to_le_bytes());
    sent.extend([month, day]);
    sent.extend(time);
    sent.extend(micros.to_le_bytes());
    if column_type == T::MYSQL_TYPE_DATE {
        sent.truncate(5);
        sent[0] = 4;
    }
    Param {
        column_type,
        unsigned: false,
        bytes: sent,
        value: BinaryValue::Moment {
            year,
            month,
            day,
            time,
            micros,
            date_only: column_type == T::MYSQL_TYPE_DATE,
        },
    }
}

/// Values that are tried on every column, besides the column's own strings.
fn common_params() -> Vec<Param> {
    let ints = [
        0,
        1,
        42,
        -42,
        43,
        100,
        127,
        128,
        20_240_102,
        20_240_229,
        20_240_229_102_030,
    ];
    let doubles = [
        0.0,
        42.0,
        -42.0,
        42.5,
        42.25,
        42.4,
        100.0,
        0.1,
        1e20,
        9_007_199_254_740_993.0,
    ];
    let decimals = [
        "42",
        "42.00",
        "42.5",
        "42.4999",
        "-42",
        "0.1",
        "100",
        "1e2",
        "18446744073709551615",
    ];
    let dates = [(2024, 2, 29), (2024, 1, 2), (2023, 12, 31)];
    let mut all: Vec<Param> = ints.into_iter().map(int).collect();
    all.extend([unsigned(u64::MAX), unsigned(1 << 63), unsigned(42)]);
    all.extend(doubles.into_iter().map(double));
    all.extend([42.0, 42.5, 0.1].into_iter().map(float));
    all.extend(
        decimals
            .into_iter()
            .map(|text| bytes(T::MYSQL_TYPE_NEWDECIMAL, text)),
    );
    for date in dates {
        all.push(moment(T::MYSQL_TYPE_DATE, date, [0; 3], 0));
        for (time, micros) in [
            ([0; 3], 0),
            ([10, 20, 30], 0),
            ([10, 20, 30], 123_000),
            ([10, 20, 30], 123_456),
        ] {
            all.push(moment(T::MYSQL_TYPE_DATETIME, date, time, micros));
        }
    }
    all
}

/// The plain strings among a column's literals, as strings and as bytes.
fn string_params(literals: &[String]) -> Vec<Param> {
    let plain = literals.iter().filter_map(|literal| {
        let inner = literal.strip_prefix('\'')?.strip_suffix('\'')?;
        let plain = !inner.contains(['\'', '\\']) && inner.len() < 100;
        plain.then_some(inner)
    });
    let types = [T::MYSQL_TYPE_VAR_STRING, T::MYSQL_TYPE_BLOB];
    plain
        .flat_map(|text| types.map(|column_type| bytes(column_type, text)))
        .collect()
}

/// A statement is prepared for each list of types: a server that was given numbers may take strings
/// for numbers from then on, and the proxy does not let it come to that.
struct Client {
    raw: Raw,
    prepared: HashMap<(String, Vec<u8>), u32>,
}

impl Client {
    async fn new() -> (Self, mysql_async::Conn) {
        let (place, conn) = server().await;
        let account = (common::USER, common::PASSWORD);
        let address = place.plain_address().await;
        let name = place.name().to_owned();
        let extras = CapabilityFlags::CLIENT_DEPRECATE_EOF;
        let raw = Raw::connect(address, account, &name, extras, 45).await;
        let prepared = HashMap::new();
        (Self { raw, prepared }, conn)
    }

    async fn prepare(&mut self, sql: &str, types: &[u8]) -> u32 {
        let known = (sql.to_owned(), types.to_vec());
        if let Some(statement) = self.prepared.get(&known) {
            return *statement;
        }
        let packet = [&[0x16], sql.as_bytes()].concat();
        let answer = self.raw.command(&packet, Expect::Prepared).await;
        let statement = PrepareOk::decode(&answer[0].payload).expect(sql).statement;
        self.prepared.insert(known, statement);
        statement
    }

    /// The numbers of the rows found; none where the server refuses.
    async fn found(&mut self, sql: &str, params: &[&Param]) -> Vec<usize> {
        let types = params.iter();
        let types =
            types.flat_map(|param| [param.column_type as u8, u8::from(param.unsigned) << 7]);
        let types: Vec<u8> = types.collect();
        let mut packet = vec![0x17];
        packet.extend(self.prepare(sql, &types).await.to_le_bytes());
        packet.extend([0, 1, 0, 0, 0, 0, 1]);
        packet.extend(types);
        for param in params {
            packet.extend(&param.bytes);
        }
        let answer = self.raw.command(&packet, Expect::Results).await;
        let row = |payload: &[u8]| {
            let row: [u8; 4] = payload.get(2..6)?.try_into().ok()?;
            (payload.len() == 6).then(|| i32::from_le_bytes(row) as usize)
        };
        let rows = answer.iter().skip(2).rev().skip(1);
        rows.filter_map(|packet| row(&packet.payload)).collect()
    }

    /// Closes all statements.
    async fn close(&mut self) {
        for (_, statement) in std::mem::take(&mut self.prepared) {
            let packet = [&[0x19], &statement.to_le_bytes()[..]].concat();
            self.raw.command(&packet, Expect::Silence).await;
        }
    }
}

fn select(condition: &str) -> String {
    format!("SELECT row_no FROM t WHERE {condition}")
}

/// The parameter as the router has it.
fn compared(param: &Param, visit: impl FnOnce(Literals<'_>)) {
    let digest = tokenize(b"1, ?", LexMode::default()).unwrap();
    visit(Literals {
        digest: &digest,
        text: b"1, ?",
        context: CONTEXT,
        params: Params {
            values: &[param.value],
            ordinals: &[0, 0],
            charset: Charset::Utf8mb4,
        },
    });
}

#[tokio::test]
async fn a_server_compares_parameters_as_the_router_does() {
    let (mut client, mut conn) = Client::new().await;
    let file = std::fs::read_to_string(path()).unwrap();
    let (mut wrong, mut certain) = (String::new(), 0);
    for section in sections(&file) {
        let literals = literals(&section);
        let Some(column) = Column::new(&mut conn, &section.column, &literals).await else {
            continue;
        };
        column.fill(&mut conn, &mut wrong).await;
        let mut params = common_params();
        params.extend(string_params(&literals));
        for condition in ["k = ?", "? = k", "k <=> ?", "k IN (?)", "k IN (?, NULL)"] {
            // `NULL` in a list is a literal: only the first value is a parameter.
            let sql = select(condition);
            for param in &params {
                let rows = client.found(&sql, &[param]).await;
                compared(param, |literals| {
                    let given = literals.of(Slot(1)).unwrap().next().unwrap();
                    let compared = literals.canonical(given, column.key_type(), Usage::Compare);
                    let compared = compared.unwrap_or(Canonical::Unsure);
                    certain += usize::from(compared != Canonical::Unsure);
                    for row in rows {
                        let (stored, key) = column.stored(row);
                        let same = match &compared {
                            Canonical::Unsure => true,
                            Canonical::Value(value) => key.is_some_and(|key| key == value),
                            _ => false,
                        };
                        if !same {
                            let column = &section.column;
                            writeln!(wrong, "{column}: {condition} {param:?} finds {stored}")
                                .unwrap();
                        }
                    }
                });
            }
            client.close().await;
        }
        certain += ranges(&mut client, &column, &params, &mut wrong).await;
    }
    assert!(
        certain > 5_000,
        "{certain} certain comparisons prove nothing"
    );
    assert!(wrong.is_empty(), "the server disagrees:\n{wrong}");
}

#[tokio::test]
async fn a_server_stores_parameters_where_the_router_looks_for_them() {
    let (mut client, mut conn) = Client::new().await;
    let file = std::fs::read_to_string(path()).unwrap();
    let (mut wrong, mut certain) = (String::new(), 0);
    for section in sections(&file) {
        let literals = literals(&section);
        let Some(column) = Column::new(&mut conn, &section.column, &literals).await else {
            continue;
        };
        let key_type = column.key_type();
        let mut params = common_params();
        params.extend(string_params(&literals));
        let insert = "INSERT INTO t VALUES (1, ?)";
        for param in &params {
            let mut expected = None;
            compared(param, |literals| {
                let given = literals.of(Slot(1)).unwrap().next().unwrap();
                let stored = literals.canonical(given, key_type, Usage::Store);
                if let Ok(Canonical::Value(value)) = stored {
                    expected = Some(super::server::owned(value));
                }
            });
            let Some(expected) = expected else {
                continue;
            };
            client.raw.query(b"DELETE FROM t").await;
            client.found(insert, &[param]).await;
            let answer = client.raw.query(b"SELECT k FROM t").await;
            let Some(row) = answer.get(2).filter(|_| answer.len() == 4) else {
                // What the server refuses is stored nowhere.
                continue;
            };
            certain += 1;
            let text = String::from_utf8_lossy(&row.payload[1..]).into_owned();
            let read = match key_type {
                KeyType::Decimal { .. } => bytes(T::MYSQL_TYPE_NEWDECIMAL, &text),
                _ => bytes(T::MYSQL_TYPE_VAR_STRING, &text),
            };
            compared(&read, |literals| {
                let given = literals.of(Slot(1)).unwrap().next().unwrap();
                // A large number as a string is compared as a double, but stored as it is.
                let usage = match key_type {
                    KeyType::Integer { .. } => Usage::Store,
                    _ => Usage::Compare,
                };
                let found = literals.canonical(given, key_type, usage);
                if found != Ok(Canonical::Value(expected.clone())) {
                    let column = &section.column;
                    writeln!(wrong, "{column}: {param:?} is {text}, not {expected:?}").unwrap();
                }
            });
        }
        client.close().await;
    }
    assert!(certain > 500, "{certain} stored values prove nothing");
    assert!(wrong.is_empty(), "the server disagrees:\n{wrong}");
}

async fn ranges(
    client: &mut Client,
    column: &Column,
    params: &[Param],
    wrong: &mut String,
) -> usize {
    let mut certain = 0;
    let key_type = column.key_type();
    let scalar_bounds = |param: &Param, op: CompareOp| {
        let mut found = Bounds::Unsure;
        compared(param, |literals| {
            let given = literals.of(Slot(1)).unwrap().next().unwrap();
            found = leaked(bounds(op, literals.scalar(given, key_type), key_type));
        });
        found
    };
    for (symbol, op) in OPERATORS {
        let condition = format!("k {symbol} ?");
        let sql = select(&condition);
        for param in params {
            let bounds = scalar_bounds(param, op);
            certain += usize::from(bounds != Bounds::Unsure);
            for row in client.found(&sql, &[param]).await {
                let (stored, key) = column.stored(row);
                if key.is_some_and(|key| !may_hold(&bounds, key)) {
                    writeln!(
                        wrong,
                        "{}: {condition} {param:?} finds {stored} outside {bounds:?}",
                        column.definition()
                    )
                    .unwrap();
                }
            }
        }
        client.close().await;
    }
    let sql = select("k BETWEEN ? AND ?");
    for (at, low) in params.iter().enumerate() {
        for step in [1, 5] {
            let high = &params[(at + step) % params.len()];
            let mut both = Bounds::Unsure;
            compared(low, |low| {
                compared(high, |high| {
                    let low = low.scalar(low.of(Slot(1)).unwrap().next().unwrap(), key_type);
                    let high = high.scalar(high.of(Slot(1)).unwrap().next().unwrap(), key_type);
                    both = leaked(between(low, high, key_type));
                });
            });
            for row in client.found(&sql, &[low, high]).await {
                let (stored, key) = column.stored(row);
                if key.is_some_and(|key| !may_hold(&both, key)) {
                    writeln!(
                        wrong,
                        "{}: BETWEEN {low:?} {high:?} finds {stored} outside {both:?}",
                        column.definition()
                    )
                    .unwrap();
                }
            }
        }
    }
    client.close().await;
    certain
}

fn leaked(bounds: Bounds<'_>) -> Bounds<'static> {
    use std::ops::Bound;
    let bound = |bound: Bound<_>| match bound {
        Bound::Included(value) => Bound::Included(super::server::owned(value)),
        Bound::Excluded(value) => Bound::Excluded(super::server::owned(value)),
        Bound::Unbounded => Bound::Unbounded,
    };
    match bounds {
        Bounds::Range(range) => Bounds::Range(shardwell::value::KeyRange {
            lower: bound(range.lower),
            upper: bound(range.upper),
        }),
        Bounds::Never => Bounds::Never,
        Bounds::Unsure => Bounds::Unsure,
    }
}
