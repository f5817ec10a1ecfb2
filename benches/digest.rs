//! What every query pays: one scan into a reused digest.
#![allow(missing_docs)]

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use shardwell::parse::{Digest, DigestSeed, LexMode, Shapes, scan};

fn statements() -> Vec<(&'static str, String)> {
    let join = |count: usize, make: fn(usize) -> String| {
        (0..count).map(make).collect::<Vec<_>>().join(", ")
    };
    vec![
        ("point_select", "SELECT c FROM sbtest1 WHERE id=50".into()),
        (
            "in_list_10",
            format!(
                "SELECT c FROM sbtest1 WHERE id IN ({})",
                join(10, |i| (i * 977).to_string())
            ),
        ),
        (
            "insert_20_columns",
            format!(
                "INSERT INTO t ({}) VALUES ({})",
                join(20, |i| format!("column_{i}")),
                join(20, |i| format!("'value {i}'"))
            ),
        ),
        (
            "insert_100_rows",
            format!(
                "INSERT INTO t (a, b, c, d) VALUES {}",
                join(100, |i| format!("({i}, 'name number {i}', 12.5, NULL)"))
            ),
        ),
    ]
}

fn digest(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("digest");
    for (name, sql) in statements() {
        let mut out = Digest::default();
        group.throughput(Throughput::Bytes(sql.len() as u64));
        group.bench_function(name, |bencher| {
            bencher.iter(|| {
                let sql = black_box(sql.as_bytes());
                let scanned = scan(sql, 0, LexMode::default(), DigestSeed(7), 1, &mut out);
                black_box((scanned.is_ok(), out.hash))
            });
        });
    }
    group.finish();
    known(criterion);
}

/// The same texts when they have come before.
fn known(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("digest_known");
    for (name, sql) in statements() {
        let (mut shapes, mut out) = (Shapes::default(), Digest::default());
        let sql = sql.as_bytes();
        for _ in 0..2 {
            if let Err(key) = shapes.find(sql, LexMode::default(), 1, &mut out) {
                let scanned = scan(sql, 0, LexMode::default(), DigestSeed(7), 1, &mut out);
                assert!(scanned.is_ok(), "{name}");
                shapes.remember(key, sql, &out);
            }
        }
        group.throughput(Throughput::Bytes(sql.len() as u64));
        group.bench_function(name, |bencher| {
            bencher.iter(|| {
                let found = shapes.find(black_box(sql), LexMode::default(), 1, &mut out);
                black_box((found.is_ok(), out.hash))
            });
        });
    }
    group.finish();
}

criterion_group!(benches, digest);
criterion_main!(benches);
