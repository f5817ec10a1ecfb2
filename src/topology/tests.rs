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
    let mut table = DiscoveredTable {
        found_on: found_on.to_vec(),
        variants: Vec::new(),
    };
    if !columns.is_empty() {
        let definition = Arc::new(definition(columns));
        let shards = found_on.iter();
        shards.for_each(|shard| table.add(*shard, Arc::clone(&definition)));
    }
    table
}

/// A table with these columns (name, data type) and no index.
fn definition(columns: &[(&str, &str)]) -> TableDefinition {
    let column = |(name, data_type): &(&str, &str)| Column {
        name: (*name).to_owned(),
        data_type: data_type.split('(').next().unwrap().to_owned(),
        column_type: (*data_type).to_owned(),
        ..Column::default()
    };
    TableDefinition {
        columns: columns.iter().map(column).collect(),
        ..TableDefinition::default()
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
        ..Discovered::default()
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
fn a_table_that_contradicts_its_rule_cannot_be_used_and_all_others_can() {
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
        let topology = Topology::build(&config(SHOP), &found).unwrap();
        let unusable = topology.unusable.iter();
        let unusable: Vec<_> = unusable
            .map(|(id, reason)| (topology.table_by_id(*id).unwrap(), reason.to_string()))
            .collect();
        let [(table, reason)] = unusable.as_slice() else {
            panic!("{unusable:?}")
        };
        assert_eq!(reason, expected);
        let TableKind::Sharded(sharding) = &table.kind else {
            panic!("{table:?}")
        };
        assert!(sharding.keys.iter().all(|key| key.key_type.is_none()));
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

/// `Users` as it is on each of the three shards.
fn apart(definitions: [TableDefinition; 3]) -> Discovered {
    let mut table = DiscoveredTable {
        found_on: vec![0, 1, 2],
        variants: Vec::new(),
    };
    for (shard, definition) in definitions.into_iter().enumerate() {
        table.add(shard, Arc::new(definition));
    }
    found([("Users", table)])
}

fn told(found: &Discovered) -> Vec<String> {
    let differences = differences(&config(SHOP), found);
    differences.iter().map(ToString::to_string).collect()
}

const USERS: &[(&str, &str)] = &[("user_id", "bigint"), ("name", "varchar(20)")];

fn index(name: &str, unique: bool, column: &str) -> Index {
    let column = Some(column.to_owned());
    Index {
        name: name.to_owned(),
        unique,
        full_text: false,
        parts: vec![IndexPart {
            column,
            prefix: None,
        }],
    }
}

#[test]
fn what_differs_between_shards_is_told_by_name() {
    let users = || definition(USERS);
    let with = |change: fn(&mut TableDefinition)| {
        let mut definition = definition(USERS);
        change(&mut definition);
        definition
    };
    type Change = fn(&mut TableDefinition);
    let cases: [(Change, &str); 10] = [
        (
            |d| d.columns[1].column_type = "varchar(30)".to_owned(),
            "column 'name': varchar(20) not null on a/s0, b/s2; varchar(30) not null on a/s1",
        ),
        (
            |d| d.columns[1].collation = Some("utf8mb4_bin".to_owned()),
            "column 'name': varchar(20) not null on a/s0, b/s2; \
             varchar(20) collate utf8mb4_bin not null on a/s1",
        ),
        (
            |d| d.columns[1].nullable = true,
            "column 'name': varchar(20) not null on a/s0, b/s2; varchar(20) on a/s1",
        ),
        (
            |d| d.columns[1].generated = true,
            "column 'name': varchar(20) not null on a/s0, b/s2; \
             varchar(20) not null generated on a/s1",
        ),
        (
            |d| drop(d.columns.pop()),
            "column 'name': varchar(20) not null on a/s0, b/s2; missing on a/s1",
        ),
        (
            |d| {
                d.columns
                    .push(definition(&[("age", "int")]).columns.remove(0))
            },
            "column 'age': missing on a/s0, b/s2; int not null on a/s1",
        ),
        (
            |d| d.columns.reverse(),
            "order of columns: user_id, name on a/s0, b/s2; name, user_id on a/s1",
        ),
        (
            |d| d.indexes.push(index("PRIMARY", true, "user_id")),
            "primary key: missing on a/s0, b/s2; unique (user_id) on a/s1",
        ),
        (
            |d| d.indexes.push(index("u", true, "name")),
            "unique key 'u': missing on a/s0, b/s2; unique (name) on a/s1",
        ),
        (
            |d| d.indexes.push(index("i", false, "name")),
            "index 'i': missing on a/s0, b/s2; (name) on a/s1",
        ),
    ];
    for (change, expected) in cases {
        let found = apart([users(), with(change), users()]);
        assert_eq!(told(&found), [format!("table 'shop.Users', {expected}")]);
        assert!(Topology::build(&config(SHOP), &found).is_ok(), "{expected}");
    }
    assert!(told(&apart([users(), users(), users()])).is_empty());
}

#[test]
fn what_versions_of_servers_spell_differently_is_the_same() {
    let text = |column_type: &str, collation: &str| {
        let mut definition = definition(&[("user_id", column_type), ("name", "varchar(20)")]);
        definition.columns[1].collation = Some(collation.to_owned());
        definition
    };
    let found = apart([
        text("bigint", "utf8mb3_bin"),
        text("bigint(20)", "utf8_bin"),
        text("bigint(21)", "utf8mb3_bin"),
    ]);
    assert_eq!(told(&found), [""; 0]);
    assert!(matches!(
        kind(&Topology::build(&config(SHOP), &found).unwrap(), "Users"),
        Some(TableKind::Sharded(_))
    ));
}

#[test]
fn a_table_that_some_shards_miss_is_told_and_one_that_all_miss_is_not() {
    let found = found([
        ("Users", table(&[0, 2], USERS)),
        ("regions", table(&[1], &[])),
    ]);
    let expected = [
        "table 'shop.Users': missing on a/s1; present on a/s0, b/s2",
        "table 'shop.regions': missing on a/s0, b/s2; present on a/s1",
    ];
    assert_eq!(told(&found), expected);
}

#[test]
fn a_table_whose_key_is_not_the_same_everywhere_is_refused() {
    let cases: [(&[(&str, &str)], &str); 2] = [
        (&[("user_id", "int")], "bigint on 2, int on 1"),
        (&[("id", "bigint")], "bigint on 2, missing on 1"),
    ];
    for (other, kinds) in cases {
        let users = || definition(USERS);
        let topology =
            Topology::build(&config(SHOP), &apart([users(), definition(other), users()]));
        let topology = topology.unwrap();
        let Some(TableKind::Refused { reason }) = kind(&topology, "Users") else {
            panic!("{:?}", kind(&topology, "Users"))
        };
        let expected = format!(
            "its sharding key 'user_id' is not the same on all shards ({kinds}); give it the same \
             type and collation everywhere"
        );
        assert_eq!(*reason, expected);
    }
}

#[test]
fn an_insert_without_column_list_needs_the_same_columns_everywhere_and_no_invisible_ones() {
    let columns = |definitions| {
        let topology = Topology::build(&config(SHOP), &apart(definitions)).unwrap();
        match kind(&topology, "Users") {
            Some(TableKind::Sharded(users)) => users.columns.clone(),
            other => panic!("{other:?}"),
        }
    };
    let users = || definition(USERS);
    let names = ["user_id", "name"].map(str::to_owned);
    assert_eq!(columns([users(), users(), users()]).unwrap(), names);
    let mut reversed = users();
    reversed.columns.reverse();
    assert_eq!(columns([users(), users(), reversed]), None);
    let invisible = || {
        let mut definition = users();
        let mut hidden = definition.columns[1].clone();
        hidden.name = "hidden".to_owned();
        hidden.invisible = true;
        definition.columns.insert(0, hidden);
        definition
    };
    assert_eq!(columns([invisible(), invisible(), users()]).unwrap(), names);
}

#[test]
fn the_tables_of_a_split_are_one_table_and_have_no_names_of_their_own() {
    let split = "[schemas.shop]\nshards = ['a/s0', 'b/s1']\n[schemas.shop.tables.logs]\n\
                 key = 'id'\nalgorithm = 'mod'\n\
                 split = { tables = 'logs_{0..1}', key = 'id', algorithm = 'mod' }\n";
    let logs: &[(&str, &str)] = &[("id", "bigint"), ("v", "int")];
    let mut parts = found([
        ("logs_0", table(&[0, 1], logs)),
        ("logs_1", table(&[0], logs)),
    ]);
    let topology = Topology::build(&config(split), &parts).unwrap();
    let Some(TableKind::Sharded(sharding)) = kind(&topology, "logs") else {
        panic!()
    };
    assert!(sharding.keys[0].key_type.is_some() && sharding.columns.is_some());
    assert!(kind(&topology, "logs_0").is_none());
    let told = |found: &Discovered| -> Vec<String> {
        let differences = differences(&config(split), found);
        differences.iter().map(ToString::to_string).collect()
    };
    let missing = "table 'shop.logs': missing on b/s1.logs_1; present on a/s0.logs_1";
    assert_eq!(told(&parts), [missing]);
    let other = table(&[0, 1], &[("id", "int"), ("v", "int")]);
    let tables = parts.schemas.get_mut("shop").unwrap();
    tables.insert("logs_1".to_owned(), other);
    assert_eq!(
        told(&parts),
        [
            "table 'shop.logs', column 'id': bigint not null on a/s0.logs_0, b/s1.logs_0; \
          int not null on a/s0.logs_1, b/s1.logs_1"
        ]
    );
    let topology = Topology::build(&config(split), &parts).unwrap();
    assert!(matches!(
        kind(&topology, "logs"),
        Some(TableKind::Refused { .. })
    ));
}

#[test]
fn a_definition_is_learnt_once() {
    let found = found([("Users", table(&[0], USERS)), ("here", table(&[1], &[]))]);
    let topology = Topology::build(&config(SHOP), &found).unwrap();
    let (schema, _) = topology.schema("shop").unwrap();
    let id = |name| topology.table(schema, name).unwrap().0;
    assert_eq!(topology.definition(id("Users")).unwrap().columns.len(), 2);
    assert!(topology.definition(id("here")).is_none());
    let learnt = Arc::new(definition(&[("a", "int")]));
    topology.learn(id("here"), Arc::clone(&learnt));
    topology.learn(id("here"), Arc::new(definition(USERS)));
    assert!(Arc::ptr_eq(
        topology.definition(id("here")).unwrap(),
        &learnt
    ));
}

#[test]
fn stored_functions_are_known_by_schema_and_shard_in_any_case() {
    let mut found = found([]);
    let functions = HashMap::from([("tax".to_owned(), vec![0, 2])]);
    found.functions = Some(HashMap::from([("shop".to_owned(), functions)]));
    let topology = Topology::build(&config(SHOP), &found).unwrap();
    let (schema, content) = topology.schema("shop").unwrap();
    let tax = topology.functions.get(schema, "TAX").unwrap();
    assert_eq!(tax.shards, [content.shards[0], content.shards[2]]);
    assert!(topology.functions.get(schema, "other").is_none());
    assert!(topology.functions.are_known());
    let blind = Topology::build(&config(SHOP), &Discovered::default()).unwrap();
    assert!(!blind.functions.are_known());
}

const BY_MONTH: &str = "[schemas.shop]\nshards = ['a/s0', 'b/s1']\n[schemas.shop.tables]\n\
    events = { key = 'user', algorithm = 'hash_mod', split = { tables = 'events_{yyyyMM}', \
    key = 'at', algorithm = { kind = 'time_range', unit = 'month', start = '2026-01-01' } } }\n\
    lines = { key = 'user', bind = 'events', split = { tables = 'lines_{yyyyMM}' } }\n";

#[test]
fn a_table_of_a_period_counts_once_every_shard_has_it() {
    let columns = [("user", "bigint"), ("at", "datetime")];
    let both = || table(&[0, 1], &columns);
    let found = found([
        ("events_202603", both()),
        ("events_202601", both()),
        ("events_202602", table(&[1], &[])),
        ("events_202512", table(&[0], &[])),
        ("lines_202601", both()),
    ]);
    let topology = Topology::build(&config(BY_MONTH), &found).unwrap();
    let sharding = |name| match kind(&topology, name) {
        Some(TableKind::Sharded(sharding)) => sharding,
        other => panic!("{other:?}"),
    };
    let events = sharding("events");
    let split = events.split.as_ref().unwrap();
    assert_eq!(split.tables, ["events_202601", "events_202603"]);
    assert_eq!(split.periods.as_deref(), Some(&[0, 2][..]));
    assert!(events.keys.iter().all(|key| key.key_type.is_some()));
    for hidden in ["events_202601", "events_202602", "events_202603"] {
        assert!(kind(&topology, hidden).is_none(), "{hidden}");
    }
    // Before the first period: a table like any other.
    assert_eq!(shard(&topology, "events_202512").as_deref(), Some("a/s0"));
    assert!(
        !events.split_like(sharding("lines")),
        "not every month is there for both"
    );
    let none = Topology::build(&config(BY_MONTH), &Discovered::default()).unwrap();
    let Some(TableKind::Sharded(events)) = kind(&none, "events") else {
        panic!()
    };
    let split = events.split.as_ref().unwrap();
    assert_eq!(split.tables, ["events_202601"], "there to be created");
}

#[test]
fn a_table_of_a_split_has_no_other_use() {
    let taken = [
        "key = 'id'\nsplit = { tables = ['t', 't_1', 't_2'], spread = 'round_robin' }",
        "key = 'id'\nsplit = { tables = ['t_1', 'other', 't_2'], spread = 'round_robin' }\n\
         [schemas.shop.tables.other]\nkind = 'broadcast'",
        "key = 'id'\nsplit = { tables = ['t_1', 't_2', 't_3'], spread = 'round_robin' }\n\
         [schemas.shop.tables.other]\nkey = 'id'\n\
         split = { tables = ['o_1', 't_2', 'o_3'], spread = 'round_robin' }",
    ];
    for table in taken {
        let table = table.replace("split", "algorithm = 'mod'\nsplit");
        let config = config(&format!(
            "[schemas.shop]\nshards = ['a/s0']\n[schemas.shop.tables.t]\n{table}"
        ));
        let errors = Topology::build(&config, &Discovered::default()).unwrap_err();
        assert!(
            matches!(errors.as_slice(), [TopologyError::PartTaken { .. }]),
            "{errors:?}"
        );
    }
}
