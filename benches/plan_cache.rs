//! What a plan costs: from the cache (budget 50 ns), and made anew.

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use shardwell::parse::{LexMode, Tokens, tokenize};
use shardwell::plan::{Plan, PlanCache, Request, build};
use shardwell::topology::{Schema, SchemaId, ShardId, Table, TableId, TableKind, Topology};

const SQL: &[u8] = b"SELECT c FROM sbtest1 WHERE id = 4231907";

fn topology() -> Topology {
    Topology {
        schemas: vec![Schema {
            name: "shop".to_owned(),
            shards: (0..4).map(ShardId).collect(),
            default_shard: ShardId(0),
            parts: std::collections::HashMap::new(),
            read: Default::default(),
            tables: [("sbtest1".to_owned(), TableId(0))].into(),
        }],
        tables: vec![Table {
            name: "sbtest1".to_owned(),
            schema: SchemaId(0),
            kind: TableKind::Single(ShardId(0)),
        }],
        schema_ids: [("shop".to_owned(), SchemaId(0))].into(),
        ..Topology::default()
    }
}

fn plan(topology: &Topology) -> Option<Plan> {
    let mode = LexMode::default();
    let digest = tokenize(black_box(SQL), mode).ok()?;
    let tokens = Tokens::new(SQL, &digest);
    Some(build(&Request {
        tokens,
        mode,
        topology,
        schema: Some("shop"),
        hint: None,
        temporary: &[],
    }))
}

fn all(c: &mut Criterion) {
    let topology = topology();
    c.bench_function("plan/build point select", |b| b.iter(|| plan(&topology)));
    let cache = PlanCache::default();
    for hash in 0..1000_u128 {
        if let Some(plan) = plan(&topology) {
            cache.insert(hash << 64 | hash, 100, plan);
        }
    }
    c.bench_function("plan/cache hit", |b| {
        b.iter(|| cache.get(black_box(500 << 64 | 500)));
    });
}

criterion_group!(benches, all);
criterion_main!(benches);
