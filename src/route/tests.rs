use super::*;
use crate::error::StageError;
use crate::parse::{Digest, Group, LexMode, LiteralKind};
use crate::parse::{Literal, Slot};
use crate::topology::{
    AlgorithmSpec, KeyColumn, KeyType, PlacementRule, ReplicaSetId, Schema, Shard, Sharding, Table,
};
use key::{Charset, LiteralContext};

const TABLE: TableId = TableId(0);

/// Four shards, `mod` on an integer key.
fn router(shards: u16, key_type: Option<KeyType>) -> Router {
    let algorithm = AlgorithmSpec {
        name: "mod".to_owned(),
        ..AlgorithmSpec::default()
    };
    Router::new(&Topology {
        schemas: vec![Schema {
            name: "shop".to_owned(),
            shards: (10..10 + shards).map(ShardId).collect(),
            default_shard: ShardId(10),
            tables: [("users".to_owned(), TABLE)].into(),
            parts: Default::default(),
            read: Default::default(),
        }],
        tables: vec![Table {
            name: "users".to_owned(),
            schema: SchemaId(0),
            kind: TableKind::Sharded(Box::new(Sharding {
                keys: vec![KeyColumn {
                    name: "id".to_owned(),
                    key_type,
                }],
                rule: PlacementRule {
                    keys: vec![0],
                    algorithm,
                },
                split: None,
                columns: None,
                binding_group: 0,
                generate: None,
            })),
        }],
        ..Topology::default()
    })
    .unwrap()
}

fn int() -> Option<KeyType> {
    Some(KeyType::Integer {
        min: 0,
        max: 1 << 32,
    })
}

/// A statement that is nothing but integers and NULLs.
fn literals(text: &str) -> Digest {
    let mut digest = Digest::default();
    let mut start = 0;
    for word in text.split(' ') {
        let end = start + word.len();
        digest.literals.push(Literal {
            kind: match word {
                "NULL" => LiteralKind::Null,
                "'x'" => LiteralKind::String,
                _ => LiteralKind::Integer,
            },
            negative: false,
            introduced: false,
            start: start as u32,
            end: end as u32,
        });
        start = end + 1;
    }
    digest
}

fn route(digest: &Digest, text: &str, condition: &KeyCondition) -> Result<Route, RouteError> {
    let context = LiteralContext {
        mode: LexMode::default(),
        charset: Charset::Utf8mb4,
    };
    let literals = Literals {
        digest,
        text: text.as_bytes(),
        context,
        params: Params::default(),
    };
    router(4, int()).route_condition(TABLE, condition, literals)
}

fn equal(slot: u32) -> KeyCondition {
    KeyCondition::equal(0, Slot(slot))
}

#[test]
fn conditions_are_set_algebra_over_shards() {
    let single = |n: u16| Route::Single(ShardId(10 + n).into());
    let (and, or) = (KeyCondition::And, KeyCondition::Or);
    let unknown = || KeyCondition::Unknown;
    let table = [
        (equal(0), single(1)),
        (or(vec![equal(0), equal(2)]), single(1)),
        (
            or(vec![equal(0), equal(1)]),
            Route::Many(SmallVec::from_slice(&[
                ShardId(11).into(),
                ShardId(12).into(),
            ])),
        ),
        (and(vec![equal(0), unknown()]), single(1)),
        (
            and(vec![equal(0), equal(1)]),
            Route::NoMatch(ShardId(10).into()),
        ),
        (or(vec![equal(0), equal(2)]), single(1)),
        (or(vec![equal(0), unknown()]), Route::All(TABLE)),
        (and(vec![or(vec![equal(0), equal(1)]), equal(1)]), single(2)),
        (equal(3), Route::NoMatch(ShardId(10).into())),
        (or(vec![equal(3), equal(1)]), single(2)),
        (KeyCondition::Never, Route::NoMatch(ShardId(10).into())),
        (unknown(), Route::All(TABLE)),
        (and(vec![]), Route::All(TABLE)),
    ];
    let text = "1 2 5 NULL";
    for (condition, expected) in table {
        let found = route(&literals(text), text, &condition).unwrap();
        assert_eq!(found, expected, "{condition:?}");
    }
}

#[test]
fn slots_skip_what_a_folded_list_holds() {
    let text = "1 2 5 6 7 8 3";
    let mut digest = literals(text);
    digest.groups.push(Group {
        first_slot: 1,
        first_literal: 1,
        columns: 1,
        rows: 5,
    });
    let set = |condition| route(&digest, text, &condition).unwrap();
    assert_eq!(set(equal(0)), Route::Single(ShardId(11).into()));
    assert_eq!(
        set(KeyCondition::In {
            column: 0.into(),
            values: Slot(1)
        }),
        Route::All(TABLE)
    );
    assert_eq!(set(equal(2)), Route::Single(ShardId(13).into()));
}

#[test]
fn stored_rows_take_their_column_of_the_folded_rows() {
    let text = "9 1 9 5 9 9";
    let mut digest = literals(text);
    digest.groups.push(Group {
        first_slot: 0,
        first_literal: 0,
        columns: 2,
        rows: 3,
    });
    let stored = |slot| {
        route(
            &digest,
            text,
            &KeyCondition::Stored(vec![smallvec::smallvec![Slot(slot).into()]]),
        )
        .unwrap()
    };
    assert_eq!(stored(1), Route::Single(ShardId(11).into()));
    assert_eq!(stored(0), Route::Single(ShardId(11).into()));
}

#[test]
fn a_stored_key_without_certain_place_is_refused_by_row() {
    let table = [
        (
            "1 NULL",
            1048,
            "Column 'id' cannot be null: it is the sharding key",
        ),
        (
            "1 99999999999",
            1264,
            "Out of range value for sharding key column 'id' at row 2: it is out of the column's range",
        ),
        (
            "1 'x'",
            1366,
            "Incorrect value for sharding key column 'id' at row 2: it is no number",
        ),
    ];
    for (text, code, message) in table {
        let stored = KeyCondition::Stored(vec![
            smallvec::smallvec![Slot(0).into()],
            smallvec::smallvec![Slot(1).into()],
        ]);
        let error = route(&literals(text), text, &stored)
            .unwrap_err()
            .to_mysql();
        assert_eq!(
            (error.code, &*String::from_utf8_lossy(&error.message)),
            (code, message)
        );
    }
}

#[test]
fn a_plan_of_another_statement_is_an_error_and_no_guess() {
    let found = route(&literals("1"), "1", &equal(7));
    assert_eq!(found, Err(RouteError::ForeignPlan));
}

#[test]
fn an_unknown_key_type_routes_nothing() {
    let digest = literals("1");
    let context = LiteralContext {
        mode: LexMode::default(),
        charset: Charset::Utf8mb4,
    };
    let literals = Literals {
        digest: &digest,
        text: b"1",
        context,
        params: Params::default(),
    };
    let found = router(4, None).route_condition(TABLE, &equal(0), literals);
    assert!(matches!(found, Err(RouteError::UnknownColumns { .. })));
}

#[test]
fn one_shard_holds_everything() {
    let digest = literals("1");
    let context = LiteralContext {
        mode: LexMode::default(),
        charset: Charset::Utf8mb4,
    };
    let literals = Literals {
        digest: &digest,
        text: b"1",
        context,
        params: Params::default(),
    };
    let found = router(1, int()).route_condition(TABLE, &KeyCondition::Unknown, literals);
    assert_eq!(found, Ok(Route::Single(ShardId(10).into())));
}

/// Four replica sets with a shard on each.
fn four_servers() -> Topology {
    let shards = (0..4).map(|at| Shard {
        schema: SchemaId(0),
        replica_set: ReplicaSetId(at),
        database: format!("shop_{at}"),
        name: format!("set_{at}/shop_{at}"),
    });
    Topology {
        shards: shards.collect(),
        ..Topology::default()
    }
}

#[test]
fn a_statement_finishes_where_most_stays_then_where_least_runs_then_by_session() {
    let topology = four_servers();
    let on = |shards: &[u16], copies| TableNodes {
        all: shards.iter().map(|shard| ShardId(*shard).into()).collect(),
        copies,
        none: false,
    };
    let sharded = on(&[0, 1, 2, 3], false);
    let (first, second, everywhere) = (on(&[1], false), on(&[2], false), on(&[0, 1, 2, 3], true));
    let (idle, busy): (&[_], &[_]) = (&[Some(0); 4], &[Some(5), Some(9), Some(3), Some(3)]);
    let table = [
        // Load does not matter more than what would travel.
        (vec![sharded.clone(), first.clone()], busy, 0, 1),
        (
            vec![sharded.clone(), first.clone(), second.clone()],
            busy,
            0,
            2,
        ),
        (
            vec![sharded.clone(), first.clone(), second.clone()],
            idle,
            0,
            1,
        ),
        (vec![sharded.clone(), first, second, everywhere], busy, 1, 2),
        // Of several that are as idle as each other, the session's.
        (vec![sharded.clone()], busy, 0, 2),
        (vec![sharded.clone()], busy, 1, 3),
        (vec![sharded.clone()], busy, 2, 2),
        (vec![sharded.clone()], idle, 7, 3),
        (vec![sharded.clone()], &[], 6, 2),
        // A server that nobody reaches is no idle server.
        (vec![sharded.clone()], &[None, Some(9), None, None], 0, 1),
        (vec![sharded.clone()], &[None, Some(9)], 3, 1),
        (vec![sharded], &[None; 4], 5, 1),
    ];
    for (tables, running, spread, expected) in table {
        let found = finishing_place(&topology, &tables, running, spread);
        assert_eq!(found, Some(ReplicaSetId(expected)), "{running:?}, {spread}");
    }
    assert_eq!(finishing_place(&topology, &[], idle, 0), None);
}
