//! Tables with every type of key and every kind of placement.

use shardwell::cli::demo::program::Flavor;
use shardwell::topology::{AlgorithmSpec, PlacementRule, Split, SplitBy, Spread};

use super::literals::{BYTES, DATES, DECIMALS, INTEGERS, MOMENTS, TEXTS};

/// A key column.
pub struct Key {
    pub definition: &'static str,
    pub literals: &'static [&'static str],
}

/// A table's key and placement.
pub struct Setup {
    pub name: String,
    pub keys: Vec<Key>,
    pub rule: PlacementRule,
    pub split: Option<Split>,
}

fn key(definition: &'static str, literals: &'static [&'static str]) -> Key {
    Key {
        definition,
        literals,
    }
}

fn spec(name: &str) -> AlgorithmSpec {
    let (name, params) = name.split_once(' ').unwrap_or((name, ""));
    AlgorithmSpec {
        name: name.to_owned(),
        params: params.parse().unwrap(),
    }
}

fn rule(algorithm: &str, keys: &[usize]) -> PlacementRule {
    PlacementRule {
        keys: keys.to_vec(),
        algorithm: spec(algorithm),
    }
}

fn single(algorithm: &str, column: Key) -> Setup {
    Setup {
        name: format!("{algorithm} on {}", column.definition),
        keys: vec![column],
        rule: rule(algorithm, &[0]),
        split: None,
    }
}

fn tables(count: usize, by: SplitBy) -> Option<Split> {
    Some(Split {
        tables: (0..count).map(|n| format!("t_{n}")).collect(),
        by,
        periods: None,
    })
}

/// Key types that every server has.
fn types() -> Vec<Key> {
    vec![
        key("BIGINT", INTEGERS),
        key("BIGINT UNSIGNED", INTEGERS),
        key("TINYINT", INTEGERS),
        key("DECIMAL(6,2)", DECIMALS),
        key("DECIMAL(30,10)", DECIMALS),
        key("DATE", DATES),
        key("DATETIME", MOMENTS),
        key("DATETIME(3)", MOMENTS),
        key(
            "VARCHAR(10) CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci",
            TEXTS,
        ),
        key(
            "VARCHAR(10) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin",
            TEXTS,
        ),
        key(
            "VARCHAR(10) CHARACTER SET latin1 COLLATE latin1_swedish_ci",
            TEXTS,
        ),
        key(
            "CHAR(6) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci",
            TEXTS,
        ),
        key("CHAR(6) CHARACTER SET ascii COLLATE ascii_bin", TEXTS),
        key("VARBINARY(6)", BYTES),
        key("BINARY(4)", BYTES),
    ]
}

/// Key columns whose collations do not pad, which the flavors name differently.
fn no_pad(flavor: Flavor) -> Vec<Key> {
    match flavor {
        Flavor::MariaDb => vec![
            key(
                "VARCHAR(10) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin",
                TEXTS,
            ),
            key(
                "VARCHAR(10) CHARACTER SET latin1 COLLATE latin1_nopad_bin",
                TEXTS,
            ),
        ],
        Flavor::MySql => vec![
            key(
                "VARCHAR(10) CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_bin",
                TEXTS,
            ),
            key(
                "VARCHAR(10) CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_ai_ci",
                TEXTS,
            ),
            key(
                "CHAR(6) CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_as_cs",
                TEXTS,
            ),
        ],
    }
}

/// Algorithms that keep order, or name keys.
fn ordered() -> Vec<Setup> {
    let all = [
        (
            "shardingsphere_boundary_range sharding_ranges = '2,5,9'",
            key("BIGINT", INTEGERS),
        ),
        (
            "shardingsphere_auto_interval datetime_lower = '2024-01-01 00:00:00'\n\
             datetime_upper = '2024-01-01 12:00:00'\nsharding_seconds = 21600",
            key("DATETIME", MOMENTS),
        ),
        ("range bounds = [2, 5, 9]", key("INT", INTEGERS)),
        (
            "range bounds = ['1', '1.5', '2']",
            key("DECIMAL(6,2)", DECIMALS),
        ),
        (
            "range bounds = ['2024-01-02', '2024-01-03', '2024-01-04']",
            key("DATE", DATES),
        ),
        (
            "range bounds = ['a', 'ab', 'b']",
            key("VARBINARY(6)", BYTES),
        ),
        ("consistent_hash", key("BIGINT", INTEGERS)),
        (
            "list lists = [[1, 2], [3, 5], [4, 6, 7], []]\ndefault = 3",
            key("BIGINT", INTEGERS),
        ),
        (
            "time_range unit = 'day'\nstart = '2023-12-30'\ncycle = true",
            key("DATE", DATES),
        ),
        (
            "time_range unit = 'day'\nstart = '2024-01-01'\ncycle = true",
            key("DATETIME(3)", MOMENTS),
        ),
    ];
    let all = all.into_iter();
    all.map(|(algorithm, key)| single(algorithm, key)).collect()
}

/// Keys of several columns and tables that are several tables.
fn compound() -> Vec<Setup> {
    let text = "VARCHAR(10) CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci";
    let two = |one, other| vec![key(one, INTEGERS), key(other, INTEGERS)];
    vec![
        Setup {
            name: "hash_mod on two integers".to_owned(),
            keys: two("BIGINT", "INT"),
            rule: rule("hash_mod", &[0, 1]),
            split: None,
        },
        Setup {
            name: "hash_mod on a text and an integer".to_owned(),
            keys: vec![key(text, TEXTS), key("INT", INTEGERS)],
            rule: rule("hash_mod", &[1, 0]),
            split: None,
        },
        Setup {
            name: "a table of three in each of four databases".to_owned(),
            keys: two("BIGINT", "INT"),
            rule: rule("mod", &[0]),
            split: tables(3, SplitBy::Rule(rule("hash_mod", &[1]))),
        },
        Setup {
            name: "by one key twice".to_owned(),
            keys: vec![key("BIGINT", INTEGERS)],
            rule: rule("mod", &[0]),
            split: tables(3, SplitBy::Rule(rule("hash_mod", &[0]))),
        },
        Setup {
            name: "ten tables spread over the databases".to_owned(),
            keys: vec![key("INT", INTEGERS)],
            rule: rule("mod", &[0]),
            split: tables(10, SplitBy::Spread(Spread::RoundRobin)),
        },
    ]
}

/// Everything to be checked on such a server.
pub fn all(flavor: Flavor) -> Vec<Setup> {
    let keys = types().into_iter().chain(no_pad(flavor));
    let mut setups: Vec<Setup> = keys.map(|key| single("hash_mod", key)).collect();
    setups.push(single("mod", key("BIGINT", INTEGERS)));
    setups.extend(ordered());
    setups.extend(compound());
    setups
}
