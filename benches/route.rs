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

fn router(
    key_type: KeyType,
    algorithm: AlgorithmSpec,
) -> Result<Router, Vec<(TableId, RouteError)>> {
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
        generate: None,
    };
    let topology = Topology {
        schemas: vec![Schema {
            name: "shop".to_owned(),
            shards: (0..4).map(ShardId).collect(),
            default_shard: ShardId(0),
            tables: [("users".to_owned(), TableId(0))].into(),
            parts: std::collections::HashMap::new(),
            read: Default::default(),
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

fn hash_mod() -> AlgorithmSpec {
    AlgorithmSpec {
        name: "hash_mod".to_owned(),
        ..AlgorithmSpec::default()
    }
}

fn range() -> AlgorithmSpec {
    let bounds = [1_000_000, 2_000_000, 3_000_000].map(toml::Value::Integer);
    let bounds = toml::Value::Array(bounds.to_vec());
    AlgorithmSpec {
        name: "range".to_owned(),
        params: [("bounds".to_owned(), bounds)].into_iter().collect(),
    }
}

fn bench(c: &mut Criterion, name: &str, kind: LiteralKind, spelling: &str, key_type: KeyType) {
    bench_with(c, (name, hash_mod()), (kind, spelling), key_type);
}

fn bench_with(
    c: &mut Criterion,
    (name, algorithm): (&str, AlgorithmSpec),
    (kind, spelling): (LiteralKind, &str),
    key_type: KeyType,
) {
    let text = format!("SELECT c FROM users WHERE id = {spelling}");
    let mut digest = Digest::default();
    digest.literals.push(Literal {
        kind,
        negative: false,
        introduced: false,
        start: (text.len() - spelling.len()) as u32,
        end: text.len() as u32,
    });
    let Ok(router) = router(key_type, algorithm) else {
        return;
    };
    let condition = KeyCondition::equal(0, Slot(0));
    let literals = Literals {
        digest: &digest,
        text: text.as_bytes(),
        context: LiteralContext {
            mode: LexMode::default(),
            charset: Charset::Utf8mb4,
        },
        params: shardwell::route::Params::default(),
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
        bigint.clone(),
    );
    bench(
        c,
        "route/string",
        LiteralKind::String,
        "'jane.doe@example.com'",
        varchar,
    );
    let consistent_hash = AlgorithmSpec {
        name: "consistent_hash".to_owned(),
        ..AlgorithmSpec::default()
    };
    let key = (LiteralKind::Integer, "4231907");
    let ring = ("route/integer, consistent_hash", consistent_hash);
    bench_with(c, ring, key, bigint.clone());
    bench_with(c, ("route/integer, range", range()), key, bigint);
}

criterion_group!(benches, all);
criterion_main!(benches);
