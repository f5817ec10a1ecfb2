mod consistent_hash;
mod list;
mod range;
mod time_range;

use std::borrow::Cow;

use super::*;
use crate::error::StageError;
use crate::topology::{Folding, KeyCollation};
use crate::value::CalendarDate;

const INTEGER: KeyType = KeyType::Integer {
    min: i64::MIN as i128,
    max: u64::MAX as i128,
};

fn spec(name: &str, params: &str) -> AlgorithmSpec {
    AlgorithmSpec {
        name: name.to_owned(),
        params: params.parse().unwrap(),
    }
}

fn varchar(folding: Folding, pad_space: bool) -> KeyType {
    KeyType::Text {
        fixed: false,
        length: 20,
        collation: KeyCollation {
            name: "utf8mb4_something".to_owned(),
            charset: "utf8mb4".to_owned(),
            pad_space,
            folding,
        },
    }
}

/// What the messages say behind the algorithm's name.
fn refused(algorithm: &str, places: usize, key_type: &KeyType, table: &[(&str, &str)]) {
    for (params, reason) in table {
        let spec = spec(algorithm, params);
        match build(&spec, places, std::slice::from_ref(key_type)) {
            Ok(built) => panic!("{params}: {built:?}"),
            Err(error) => {
                let expected = format!("algorithm \"{algorithm}\": {reason}");
                assert_eq!(error.to_string(), expected, "{params}");
            }
        }
    }
}

fn text(bytes: &[u8]) -> KeyValue<'_> {
    KeyValue::Bytes(Cow::Borrowed(bytes))
}

/// Rows lie where these numbers say: they must never change. The strings' are the published xxh64
/// of "" (ef46db3751d8e999) and "abc" (44bc2cf5ad770999).
#[test]
fn hash_mod_places_keys_where_it_always_did() {
    let date = CalendarDate {
        year: 2026,
        month: 1,
        day: 2,
    };
    let micros = 45_296_000_000;
    let table = [
        (KeyValue::Int(0), 579),
        (KeyValue::Int(1), 269),
        (KeyValue::Int(42), 587),
        (KeyValue::Int(-1), 761),
        (KeyValue::Int(i128::from(u64::MAX)), 761),
        (text(b""), 921),
        (text(b"abc"), 249),
        (
            KeyValue::Decimal {
                unscaled: 421,
                scale: 1,
            },
            24,
        ),
        (KeyValue::Date(date), 669),
        (KeyValue::DateTime { date, micros }, 925),
    ];
    let algorithm = build(&spec("hash_mod", ""), 1000, &[INTEGER]).unwrap();
    let places: Vec<usize> = table
        .iter()
        .map(|(k, _)| algorithm.place(std::slice::from_ref(k)).unwrap())
        .collect();
    let expected: Vec<usize> = table.iter().map(|(_, at)| *at).collect();
    assert_eq!(places, expected);
}

#[test]
fn a_key_of_several_columns_hashes_all_of_them_in_order() {
    let algorithm = build(&spec("hash_mod", ""), 1000, &[INTEGER, INTEGER]).unwrap();
    let place = |key: &[KeyValue<'_>]| algorithm.place(key).unwrap();
    let places = [
        place(&[KeyValue::Int(1), KeyValue::Int(2)]),
        place(&[KeyValue::Int(2), KeyValue::Int(1)]),
        place(&[text(b"ab"), text(b"c")]),
        place(&[text(b"a"), text(b"bc")]),
    ];
    assert_eq!(places, [290, 467, 457, 920]);
    let error = build(&spec("mod", ""), 4, &[INTEGER, INTEGER]).unwrap_err();
    assert_eq!(error, AlgorithmError::KeyColumns { algorithm: "mod" });
}

#[test]
fn mod_is_never_negative() {
    let algorithm = build(&spec("mod", ""), 4, &[INTEGER]).unwrap();
    for (key, at) in [(0, 0), (7, 3), (-1, 3), (-4, 0), (i128::from(u64::MAX), 3)] {
        assert_eq!(algorithm.place(&[KeyValue::Int(key)]), Ok(at), "{key}");
    }
    assert!(algorithm.place(&[text(b"7")]).is_err());
}

#[test]
fn a_wrong_setting_is_refused_with_what_was_meant() {
    let table = [
        (
            "hash_mud",
            "",
            "unknown algorithm \"hash_mud\"; did you mean \"hash_mod\"?",
        ),
        (
            "geo",
            "",
            "unknown algorithm \"geo\"; known are: hash_mod, consistent_hash, mod, range, list, \
             time_range, and those of Mycat, ShardingSphere and Vitess: docs/algorithms.md",
        ),
        (
            "hash_mod",
            "x = 1",
            "algorithm \"hash_mod\" has no parameter \"x\"; it takes none",
        ),
    ];
    for (name, params, message) in table {
        let error = build(&spec(name, params), 4, &[INTEGER]).unwrap_err();
        assert_eq!(error.to_string(), message);
    }
    let error = build(&spec("mod", ""), 4, &[KeyType::Date]).unwrap_err();
    assert!(matches!(error, AlgorithmError::KeyType { .. }));
    assert_eq!(
        build(&spec("mod", ""), 0, &[INTEGER]).unwrap_err(),
        AlgorithmError::NoShards
    );
}
