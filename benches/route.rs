//! What routing a cached plan costs: budget for an integer key is 50 ns, without allocation.

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use shardwell::parse::{Digest, LexMode, Literal, LiteralKind, Slot};
use shardwell::plan::KeyCondition;
use shardwell::route::key::{Charset, LiteralContext};
use shardwell::route::{Literals, RouteError, Router};
use shardwell::topology::{
    AlgorithmSpec, Folding, KeyCollation, KeyColumn, KeyType, PlacementRule, Schema, SchemaId,
    ShardId, Sharding, Table, TableId, TableKind, Topology,
};

fn router(key_type: KeyType) -> Result<Router, Vec<RouteError>> {
    let algorithm = AlgorithmSpec {
        name: "hash_mod".to_owned(),
        ..AlgorithmSpec::default()
    };
    let sharding = Sharding {
        keys: vec![KeyColumn {
            name: "id".to_owned(),
            key_type: Some(key_type),
        }],
        rule: PlacementRule {
            keys: vec![0],
            algorithm,
        },
        split: None,
        columns: None,
        binding_group: 0,
    };
    let topology = Topology {
        schemas: vec![Schema {
            name: "shop".to_owned(),
            shards: (0..4).map(ShardId).collect(),
            default_shard: ShardId(0),
            tables: [("users".to_owned(), TableId(0))].into(),
            parts: std::collections::HashMap::new(),
        }],
        tables: vec![Table {
            name: "users".to_owned(),
            schema: SchemaId(0),
            kind: TableKind::Sharded(Box::new(sharding)),
        }],
        ..Topology::default()
    };
    Router::new(&topology)
}

fn bench(c: &mut Criterion, name: &str, kind: LiteralKind, spelling: &str, key_type: KeyType) {
    let text = format!("SELECT c FROM users WHERE id = {spelling}");
    let mut digest = Digest::default();
    digest.literals.push(Literal {
        kind,
        negative: false,
        introduced: false,
        start: (text.len() - spelling.len()) as u32,
        end: text.len() as u32,
    });
    let Ok(router) = router(key_type) else {
        return;
    };
    let condition = KeyCondition::Equal {
        key: 0,
        slot: Slot(0),
    };
    let literals = Literals {
        digest: &digest,
        text: text.as_bytes(),
        context: LiteralContext {
            mode: LexMode::default(),
            charset: Charset::Utf8mb4,
        },
    };
    c.bench_function(name, |b| {
        b.iter(|| router.route_condition(TableId(0), black_box(&condition), black_box(literals)));
    });
}

fn all(c: &mut Criterion) {
    let bigint = KeyType::Integer {
        min: i64::MIN.into(),
        max: i64::MAX.into(),
    };
    let varchar = KeyType::Text {
        fixed: false,
        length: 64,
        collation: KeyCollation {
            name: "utf8mb4_0900_ai_ci".to_owned(),
            charset: "utf8mb4".to_owned(),
            pad_space: false,
            folding: Folding::AsciiCase,
        },
    };
    bench(
        c,
        "route/integer",
        LiteralKind::Integer,
        "4231907",
        bigint.clone(),
    );
    bench(
        c,
        "route/integer as string",
        LiteralKind::String,
        "'4231907'",
        bigint,
    );
    bench(
        c,
        "route/string",
        LiteralKind::String,
        "'jane.doe@example.com'",
        varchar,
    );
}

criterion_group!(benches, all);
criterion_main!(benches);
