//! What merging costs per row: k-way merges over 4 and 32 sources, hashed and streaming groups, DISTINCT.

use std::hint::black_box;

use bytes::{Bytes, BytesMut};
use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use shardwell::merge::{
    Aggregate, Budget, Distinct, Function, Group, MergeSpec, Merger, Operand, Operator, RowFormat,
    SortKey, Step,
};
use shardwell::wire::{ColumnType, TextColumn, put_lenenc_bytes};

/// Rows of all sources together.
const ROWS: usize = 100_000;

const AMPLE: Budget = Budget {
    rows: usize::MAX,
    bytes: usize::MAX,
};

/// `key`, a sum, a name, the name's weight, a space's weight.
fn columns() -> Vec<TextColumn> {
    let typed = |column_type, collation| TextColumn {
        column_type,
        collation,
        ..TextColumn::integer("c")
    };
    vec![
        typed(ColumnType::MYSQL_TYPE_LONGLONG, 63),
        typed(ColumnType::MYSQL_TYPE_NEWDECIMAL, 63),
        typed(ColumnType::MYSQL_TYPE_VAR_STRING, 255),
        typed(ColumnType::MYSQL_TYPE_VAR_STRING, 63),
        typed(ColumnType::MYSQL_TYPE_VAR_STRING, 63),
    ]
}

/// A source's rows as they stand in what is read at once, every `keys` of them with another key.
fn source(index: usize, sources: usize, keys: usize) -> Vec<Bytes> {
    let mut read = BytesMut::new();
    let ends: Vec<usize> = (0..ROWS / sources)
        .map(|at| {
            let key = (at * sources + index) / (ROWS / keys);
            let name = format!("name {key:08}");
            put_lenenc_bytes(&mut read, key.to_string().as_bytes());
            put_lenenc_bytes(&mut read, b"12345");
            put_lenenc_bytes(&mut read, name.as_bytes());
            put_lenenc_bytes(&mut read, name.to_uppercase().as_bytes());
            put_lenenc_bytes(&mut read, b" ");
            read.len()
        })
        .collect();
    let (read, mut start) = (read.freeze(), 0);
    let row = |end| read.slice(std::mem::replace(&mut start, end)..end);
    ends.into_iter().map(row).collect()
}

fn drive(mut merger: Merger, sources: &mut [std::vec::IntoIter<Bytes>]) -> usize {
    let (mut rows, mut turn) = (0, 0);
    loop {
        let source = match merger.step() {
            Ok(Step::Row(row)) => {
                black_box(row);
                rows += 1;
                continue;
            }
            Ok(Step::Need(source)) => source,
            Ok(Step::NeedAny) => {
                turn = (turn + 1) % sources.len();
                turn
            }
            Ok(Step::Done) | Err(_) => return rows,
        };
        match sources[source].next() {
            Some(row) => merger.push(source, row).unwrap_or_default(),
            None => merger.end(source),
        }
    }
}

/// A name, an operator, how many sources and keys there are, and how many rows come out.
type Case = (&'static str, Operator, usize, usize, usize);

fn cases() -> Vec<Case> {
    let by_key = Operand::plain(0);
    let by_name = Operand::weighted(2, 3, 4);
    let order = |operand| Operator::Order(vec![SortKey::ascending(operand)]);
    let group = |arrival| {
        Operator::Group(Group {
            keys: vec![by_key],
            aggregates: vec![Aggregate {
                column: 1,
                function: Function::Sum { exact: None },
            }],
            count: None,
            arrival,
            order: vec![],
            having: vec![],
        })
    };
    let distinct = Operator::Distinct(Distinct {
        keys: vec![by_key, by_name],
        order: vec![],
    });
    vec![
        ("order_by_integer/4", order(by_key), 4, ROWS, ROWS),
        ("order_by_integer/32", order(by_key), 32, ROWS, ROWS),
        ("order_by_string/4", order(by_name), 4, ROWS, ROWS),
        ("order_by_string/32", order(by_name), 32, ROWS, ROWS),
        ("group_by_hashed/4", group(vec![]), 4, 1000, 1000),
        (
            "group_by_streaming/4",
            group(vec![SortKey::ascending(by_key)]),
            4,
            1000,
            1000,
        ),
        ("distinct/4", distinct, 4, 1000, 1000),
        ("concat/4", Operator::Concat, 4, ROWS, ROWS),
    ]
}

fn bench(criterion: &mut Criterion) {
    let columns = columns();
    let definitions: Vec<_> = columns.iter().map(TextColumn::definition).collect();
    let mut benches = criterion.benchmark_group("merge");
    benches.throughput(Throughput::Elements(ROWS as u64));
    for (name, operator, sources, keys, expected) in cases() {
        let spec = MergeSpec {
            visible: 3,
            operator,
            limit: None,
        };
        let rows: Vec<_> = (0..sources)
            .map(|index| source(index, sources, keys))
            .collect();
        benches.bench_function(name, |bencher| {
            bencher.iter_batched_ref(
                || rows.iter().cloned().map(Vec::into_iter).collect::<Vec<_>>(),
                |sources| {
                    let merger =
                        Merger::new(&spec, &definitions, RowFormat::Text, sources.len(), AMPLE);
                    assert_eq!(merger.map(|merger| drive(merger, sources)), Ok(expected));
                },
                BatchSize::LargeInput,
            );
        });
    }
    benches.finish();
}

criterion_group!(benches, bench);
criterion_main!(benches);
