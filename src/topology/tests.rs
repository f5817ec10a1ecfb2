//! From configuration and findings to a snapshot, and which columns may be sharding keys.

use std::path::Path;

use super::*;
use crate::config::{self, AnyAlgorithm, Config, Context, FileAlone};

const CONTEXT: Context<'_> = Context {
    environment: &FileAlone,
    algorithms: &AnyAlgorithm,
};

fn config(schemas: &str) -> Config {
    let text = format!(
        "[[users]]\nname = 'u'\npassword = ''\nschemas = ['*']\n[backend]\nuser = 'u'\n\
         password = ''\n[replica_sets.a]\nprimary = 'h:1'\n[replica_sets.b]\nprimary = 'h:2'\n\
         {schemas}"
    );
    config::parse(&text, Path::new("shardwell.toml"), &CONTEXT).unwrap()
}

const SHOP: &str = "[schemas.shop]\nshards = ['a/s0', 'a/s1', 'b/s2']\ndefault_shard = 'b/s2'\n\
    [schemas.shop.tables]\n\
    Users = { key = 'User_Id', algorithm = { kind = 'hash_mod', seed = 3 } }\n\
    orders = { key = 'buyer', bind = 'Users' }\n\
    regions = { kind = 'broadcast' }\n\
    pinned = { kind = 'single', shard = 'a/s1' }\n\
    floating = { kind = 'single' }\n";

/// A table on these shards with these columns (name, data type).
fn table(found_on: &[usize], columns: &[(&str, &str)]) -> DiscoveredTable {
    let column = |(name, data_type): &(&str, &str)| DiscoveredColumn {
        name: (*name).to_owned(),
        key_type: key_type(data_type, data_type, None),
    };
    let columns = columns.iter().map(column).collect();
    DiscoveredTable {
        found_on: found_on.to_vec(),
        columns,
    }
}

fn found<const N: usize>(tables: [(&str, DiscoveredTable); N]) -> Discovered {
    let tables = tables
        .into_iter()
        .map(|(name, table)| (name.to_owned(), table))
        .collect();
    let schemas = HashMap::from([("shop".to_owned(), tables)]);
    Discovered {
        schemas,
        fold_names: false,
    }
}

fn kind<'a>(topology: &'a Topology, table: &str) -> Option<&'a TableKind> {
    let (schema, _) = topology.schema("shop")?;
    topology.table(schema, table).map(|(_, table)| &table.kind)
}

fn shard(topology: &Topology, table: &str) -> Option<String> {
    match kind(topology, table)? {
        TableKind::Single(shard) => Some(topology.shard(*shard)?.name.clone()),
        kind => Some(format!("{kind:?}")),
    }
}

#[test]
fn configured_tables_are_there_before_anything_is_found() {
    let topology = Topology::build(&config(SHOP), &Discovered::default()).unwrap();
    let Some(TableKind::Sharded(users)) = kind(&topology, "Users") else {
        panic!()
    };
    assert_eq!(
        (users.key_names().as_str(), &users.columns),
        ("user_id", &None)
    );
    assert_eq!(
        users.rule.algorithm.params.get("seed"),
        Some(&toml::Value::Integer(3))
    );
    let Some(TableKind::Sharded(orders)) = kind(&topology, "orders") else {
        panic!()
    };
    assert_eq!(users.binding_group, orders.binding_group);
    assert!(matches!(
        kind(&topology, "regions"),
        Some(TableKind::Broadcast)
    ));
    assert_eq!(shard(&topology, "pinned").as_deref(), Some("a/s1"));
    assert_eq!(shard(&topology, "floating").as_deref(), Some("b/s2"));
    assert!(
        kind(&topology, "users").is_none(),
        "names are compared exactly"
    );
    assert!(topology.schema("SHOP").is_none());
}

#[test]
fn tables_without_a_rule_are_single_where_they_are_found() {
    let found = found([
        ("here", table(&[1], &[])),
        ("nowhere", table(&[], &[])),
        ("everywhere", table(&[0, 1, 2], &[])),
        ("floating", table(&[0], &[])),
    ]);
    let topology = Topology::build(&config(SHOP), &found).unwrap();
    assert_eq!(shard(&topology, "here").as_deref(), Some("a/s1"));
    assert_eq!(shard(&topology, "floating").as_deref(), Some("a/s0"));
    assert!(kind(&topology, "nowhere").is_none());
    let Some(TableKind::Refused { reason }) = kind(&topology, "everywhere") else {
        panic!()
    };
    let expected = "table 'everywhere' exists on 3 shards of schema 'shop' but has no rule; \
                    add [schemas.shop.tables.everywhere]";
    assert_eq!(reason, expected);
}

#[test]
fn a_single_table_in_two_places_is_refused_until_one_is_named() {
    let found = found([
        ("floating", table(&[0, 2], &[])),
        ("pinned", table(&[0, 1], &[])),
    ]);
    let topology = Topology::build(&config(SHOP), &found).unwrap();
    let Some(TableKind::Refused { reason }) = kind(&topology, "floating") else {
        panic!()
    };
    assert!(
        reason.contains("exists on 2 shards of schema 'shop'"),
        "{reason}"
    );
    assert_eq!(shard(&topology, "pinned").as_deref(), Some("a/s1"));
}

#[test]
fn the_key_is_found_whatever_its_case() {
    let columns = [("ID", "int"), ("USER_ID", "bigint")];
    let found = found([("Users", table(&[0, 1, 2], &columns))]);
    let topology = Topology::build(&config(SHOP), &found).unwrap();
    let Some(TableKind::Sharded(users)) = kind(&topology, "Users") else {
        panic!()
    };
    assert_eq!(
        users.columns.as_deref(),
        Some(&["id".to_owned(), "user_id".to_owned()][..])
    );
    let bigint = KeyType::Integer {
        min: i128::from(i64::MIN),
        max: i128::from(i64::MAX),
    };
    assert_eq!(users.keys.first().unwrap().key_type, Some(bigint));
}

#[test]
fn contradictions_are_all_reported() {
    let cases = [
        (
            found([("Users", table(&[0], &[("id", "int"), ("name", "date")]))]),
            "table 'shop.Users' has no column 'user_id', which is its sharding key; \
             its columns are id, name",
        ),
        (
            found([("Users", table(&[0], &[("user_id", "float")]))]),
            "the sharding key 'user_id' of table 'shop.Users' cannot be used: FLOAT cannot be a \
             sharding key: equality of approximate numbers depends on how they are written",
        ),
        (
            found([
                ("Users", table(&[0], &[("user_id", "int")])),
                ("orders", table(&[0], &[("buyer", "date")])),
            ]),
            "table 'shop.orders' cannot be bound to 'Users': the types of their sharding keys \
             place equal values differently; give both columns the same type and collation",
        ),
    ];
    for (found, expected) in cases {
        let errors = Topology::build(&config(SHOP), &found).unwrap_err();
        let errors: Vec<String> = errors.iter().map(ToString::to_string).collect();
        assert_eq!(errors, [expected]);
    }
}

#[test]
fn names_fold_where_the_servers_fold_them() {
    let mut found = found([
        ("USERS", table(&[0], &[("user_id", "int")])),
        ("Here", table(&[0], &[])),
    ]);
    found.fold_names = true;
    let topology = Topology::build(&config(SHOP), &found).unwrap();
    assert!(topology.schema("SHOP").is_some());
    assert!(matches!(kind(&topology, "uSERS"), Some(TableKind::Sharded(s)) if s.columns.is_some()));
    assert_eq!(shard(&topology, "HERE").as_deref(), Some("a/s0"));

    let twice = "[schemas.s]\nshards = ['a/0']\ntables = { t = { kind = 'broadcast' }, \
                 T = { kind = 'broadcast' } }\n[schemas.S]\nshards = ['a/1']\n";
    assert!(Topology::build(&config(twice), &Discovered::default()).is_ok());
    let errors = Topology::build(&config(twice), &found).unwrap_err();
    assert_eq!(errors.len(), 2, "{errors:?}");
}

fn key_type(
    data_type: &str,
    column_type: &str,
    collation: Option<&str>,
) -> Result<KeyType, KeyTypeRefused> {
    let charset = collation.and_then(|name| name.split('_').next());
    let charset = charset.map(|charset| {
        if charset == "uca1400" {
            "utf8mb4"
        } else {
            charset
        }
    });
    KeyType::from_column(&ColumnFacts {
        data_type,
        column_type,
        charset,
        collation,
    })
}

#[test]
fn integers_have_the_range_of_their_type() {
    let cases: [(&str, i128, i128); 7] = [
        ("tinyint(1)", -128, 127),
        ("smallint unsigned", 0, 65_535),
        ("mediumint", -8_388_608, 8_388_607),
        ("int(10) unsigned zerofill", 0, u32::MAX.into()),
        ("int", i32::MIN.into(), i32::MAX.into()),
        ("bigint(20)", i64::MIN.into(), i64::MAX.into()),
        ("bigint unsigned", 0, u64::MAX.into()),
    ];
    for (column_type, min, max) in cases {
        let data_type = column_type.split(['(', ' ']).next().unwrap();
        let expected = Ok(KeyType::Integer { min, max });
        assert_eq!(
            key_type(data_type, column_type, None),
            expected,
            "{column_type}"
        );
    }
}

#[test]
fn other_types_keep_what_equality_depends_on() {
    let cases = [
        (
            "decimal",
            "decimal(10,2)",
            KeyType::Decimal {
                precision: 10,
                scale: 2,
            },
        ),
        (
            "decimal",
            "decimal(38,0) unsigned",
            KeyType::Decimal {
                precision: 38,
                scale: 0,
            },
        ),
        (
            "binary",
            "binary(16)",
            KeyType::Binary {
                fixed: true,
                length: 16,
            },
        ),
        (
            "varbinary",
            "varbinary(64)",
            KeyType::Binary {
                fixed: false,
                length: 64,
            },
        ),
        ("date", "date", KeyType::Date),
        ("datetime", "datetime", KeyType::DateTime { fsp: 0 }),
        ("datetime", "datetime(6)", KeyType::DateTime { fsp: 6 }),
        (
            "datetime",
            "datetime /* mariadb-5.3 */",
            KeyType::DateTime { fsp: 0 },
        ),
    ];
    for (data_type, column_type, expected) in cases {
        assert_eq!(
            key_type(data_type, column_type, None),
            Ok(expected),
            "{column_type}"
        );
    }
}

#[test]
fn types_whose_equality_depends_on_more_than_the_value_are_refused() {
    let refused = [
        "float",
        "double",
        "json",
        "blob",
        "text",
        "enum",
        "set",
        "bit",
        "year",
        "time",
        "timestamp",
        "geometry",
        "inet6",
        "decimal(39,0)",
        "varchar",
        "datetime(7)",
    ];
    for column_type in refused {
        let data_type = column_type.split('(').next().unwrap();
        assert!(
            key_type(data_type, column_type, None).is_err(),
            "{column_type}"
        );
    }
}

#[test]
fn collations_compare_as_their_names_say() {
    use Folding::{AsciiCase, AsciiExact, Exact};
    let cases = [
        ("utf8mb4_bin", Exact, true),
        ("utf8mb4_0900_bin", Exact, false),
        ("utf8mb4_nopad_bin", Exact, false),
        ("utf8mb4_0900_ai_ci", AsciiCase, false),
        ("utf8mb4_0900_as_ci", AsciiCase, false),
        ("utf8mb4_0900_as_cs", AsciiExact, false),
        ("utf8mb4_general_ci", AsciiCase, true),
        ("utf8mb3_unicode_ci", AsciiCase, true),
        ("utf8_unicode_520_ci", AsciiCase, true),
        ("latin1_swedish_ci", AsciiCase, true),
        ("latin1_general_ci", AsciiCase, true),
        ("ascii_general_ci", AsciiCase, true),
        ("utf8mb4_uca1400_ai_ci", AsciiCase, true),
        ("uca1400_nopad_as_ci", AsciiCase, false),
    ];
    for (name, folding, pad_space) in cases {
        let Ok(KeyType::Text {
            fixed,
            length,
            collation,
        }) = key_type("varchar", "varchar(40)", Some(name))
        else {
            panic!("{name} is refused")
        };
        assert_eq!((fixed, length), (false, 40));
        assert_eq!(
            (collation.folding, collation.pad_space),
            (folding, pad_space),
            "{name}"
        );
    }
}

#[test]
fn collations_with_rules_of_a_language_are_refused_with_a_way_out() {
    let refused = [
        "utf8mb4_tr_0900_ai_ci",
        "utf8mb4_es_trad_0900_ai_ci",
        "utf8mb4_ja_0900_as_cs",
        "utf8mb4_czech_ci",
        "latin1_german2_ci",
        "utf8mb4_0900_ai_ci_x",
        "latin1_0900_ai_ci",
    ];
    for name in refused {
        let refused = key_type("char", "char(3)", Some(name)).unwrap_err().reason;
        assert!(
            refused.contains("_bin, or the neutral"),
            "{name}: {refused}"
        );
    }
    let refused = key_type("char", "char(3)", Some("gbk_bin")).unwrap_err();
    assert!(
        refused.reason.starts_with("character set gbk:"),
        "{refused}"
    );
}

#[test]
fn tables_are_bound_only_by_types_that_place_alike() {
    let varchar = |collation| key_type("varchar", "varchar(9)", Some(collation)).unwrap();
    let (int, bigint) = (
        key_type("int", "int", None),
        key_type("bigint", "bigint unsigned", None),
    );
    assert!(int.clone().unwrap().places_like(&bigint.unwrap()));
    assert!(
        !int.unwrap()
            .places_like(&key_type("decimal", "decimal(5,0)", None).unwrap())
    );
    assert!(varchar("utf8mb4_0900_ai_ci").places_like(&varchar("utf8mb4_0900_as_ci")));
    assert!(!varchar("utf8mb4_0900_ai_ci").places_like(&varchar("utf8mb4_general_ci")));
    assert!(!varchar("utf8mb4_bin").places_like(&varchar("latin1_bin")));
}
