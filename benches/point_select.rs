//! What a point select costs before anything is sent: digest, cached plan and route together.
//! Budget: 1 µs, however many tables there are.

use std::hint::black_box;
use std::sync::Arc;

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use shardwell::parse::{Digest, DigestSeed, LexMode, Tokens, scan};
use shardwell::plan::{Plan, PlanCache, Request, build};
use shardwell::route::key::{Charset, LiteralContext};
use shardwell::route::{Literals, Route, Router};
use shardwell::topology::{
    AlgorithmSpec, KeyColumn, KeyType, PlacementRule, Schema, SchemaId, ShardId, Sharding, Table,
    TableId, TableKind, Topology,
};

const SEED: DigestSeed = DigestSeed(7);
const MODE: LexMode = LexMode {
    ansi_quotes: false,
    no_backslash_escapes: false,
    pipes_as_concat: false,
    high_not_precedence: false,
    ignore_space: false,
    dollar_quotes: false,
    multibyte: shardwell::parse::Multibyte::None,
};

/// A schema with tables sharded by `id`, and the cache with a plan for each.
struct Proxy {
    topology: Topology,
    router: Router,
    plans: PlanCache,
}

fn sharding() -> Sharding {
    Sharding {
        keys: vec![KeyColumn {
            name: "id".to_owned(),
            key_type: Some(KeyType::Integer {
                min: i64::MIN.into(),
                max: i64::MAX.into(),
            }),
        }],
        rule: PlacementRule {
            keys: vec![0],
            algorithm: AlgorithmSpec {
                name: "hash_mod".to_owned(),
                ..AlgorithmSpec::default()
            },
        },
        split: None,
        columns: None,
        binding_group: 0,
        generate: None,
    }
}

fn topology(tables: u32) -> Topology {
    let name = |number: u32| format!("sbtest{number}");
    Topology {
        schemas: vec![Schema {
            name: "shop".to_owned(),
            shards: (0..4).map(ShardId).collect(),
            default_shard: ShardId(0),
            tables: (0..tables).map(|at| (name(at), TableId(at))).collect(),
            parts: std::collections::HashMap::new(),
            read: Default::default(),
        }],
        tables: (0..tables)
            .map(|at| Table {
                name: name(at),
                schema: SchemaId(0),
                kind: TableKind::Sharded(Box::new(sharding())),
            })
            .collect(),
        schema_ids: [("shop".to_owned(), SchemaId(0))].into(),
        ..Topology::default()
    }
}

impl Proxy {
    fn new(tables: u32) -> Option<Self> {
        let topology = topology(tables);
        let router = Router::new(&topology).ok()?;
        // Room to spare: what is measured are hits.
        let plans = PlanCache::new(2 * tables as usize + 10);
        Some(Self {
            topology,
            router,
            plans,
        })
    }

    fn plan(&self, sql: &[u8], digest: &Digest) -> Arc<Plan> {
        if let Some(plan) = self.plans.get(digest.hash) {
            return plan;
        }
        let plan = build(&Request {
            tokens: Tokens::new(sql, digest),
            mode: MODE,
            topology: &self.topology,
            schema: Some("shop"),
            hint: None,
            temporary: &[],
        });
        self.plans.insert(digest.hash, digest.normal.len(), plan)
    }

    fn route(&self, sql: &[u8], digest: &mut Digest) -> Option<Route> {
        scan(sql, 0, MODE, SEED, 1, digest).ok()?;
        let plan = self.plan(sql, digest);
        let literals = Literals {
            digest,
            text: sql,
            context: LiteralContext {
                mode: MODE,
                charset: Charset::Utf8mb4,
            },
            params: shardwell::route::Params::default(),
        };
        self.router.route(&plan, literals).ok()
    }
}

fn point_select(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("point_select");
    // One statement among many tables, and the tables of many in turn.
    for (tables, used) in [(1, 1), (10_000, 1), (10_000, 10_000)] {
        let Some(proxy) = Proxy::new(tables) else {
            return;
        };
        let statements: Vec<_> = (0..used)
            .map(|at| format!("SELECT c FROM sbtest{at} WHERE id=4231907"))
            .collect();
        let mut digest = Digest::default();
        for sql in &statements {
            let route = proxy.route(sql.as_bytes(), &mut digest);
            assert!(matches!(route, Some(Route::Single(_))), "{sql}: {route:?}");
        }
        let mut all = statements.iter().cycle();
        let name = BenchmarkId::new(format!("{used} of"), tables);
        group.bench_function(name, |bencher| {
            bencher.iter(|| {
                let sql = all.next().map_or(&b""[..], |sql| sql.as_bytes());
                proxy.route(black_box(sql), &mut digest)
            });
        });
    }
    group.finish();
}

criterion_group!(benches, point_select);
criterion_main!(benches);
