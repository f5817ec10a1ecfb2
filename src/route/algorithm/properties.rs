//! What holds for every algorithm that has parameters or keeps order, whatever the keys.

use std::ops::Bound;

use proptest::prelude::*;

use super::{Algorithm, build};
use crate::topology::{AlgorithmSpec, KeyType};
use crate::value::{CalendarDate, KeyRange, KeyValue};

const PLACES: usize = 40;

const INTEGER: KeyType = KeyType::Integer {
    min: i64::MIN as i128,
    max: u64::MAX as i128,
};
const BYTES: KeyType = KeyType::Binary {
    fixed: false,
    length: 255,
};
const DATETIME: KeyType = KeyType::DateTime { fsp: 6 };

const SETTINGS: [(&str, &str, &[KeyType]); 31] = [
    ("mycat_mod_long", "", &[INTEGER, BYTES]),
    ("mycat_crc32slot", "", &[INTEGER, BYTES]),
    ("mycat_murmur", "", &[INTEGER, BYTES]),
    ("mycat_jump_consistent_hash", "", &[INTEGER, BYTES]),
    (
        "mycat_rang_long",
        "map = '0-9M=7'\ndefault_node = 2",
        &[INTEGER, BYTES],
    ),
    (
        "mycat_hash_int",
        "map = '5=7'\ndefault_node = 2",
        &[INTEGER, BYTES],
    ),
    (
        "mycat_partition_by_long",
        "partition_count = 32\npartition_length = 32",
        &[INTEGER, BYTES],
    ),
    (
        "mycat_partition_by_string",
        "partition_count = 32\npartition_length = 32\nhash_slice = '-3:-1'",
        &[INTEGER, BYTES],
    ),
    (
        "mycat_partition_by_pattern",
        "map = '0-500=3'",
        &[INTEGER, BYTES],
    ),
    (
        "mycat_partition_by_prefix_pattern",
        "prefix_length = 3\nmap = '0-500=3'",
        &[INTEGER, BYTES],
    ),
    (
        "mycat_partition_by_date",
        "date_format = 'yyyy-MM-dd'\ns_begin_date = '2010-01-01'\ns_end_date = '2011-01-01'\n\
         s_partion_day = 10",
        &[DATETIME],
    ),
    (
        "mycat_partition_by_month",
        "s_begin_date = '2010-01-01'",
        &[DATETIME],
    ),
    ("shardingsphere_mod", "start_offset = 1", &[INTEGER, BYTES]),
    (
        "shardingsphere_hash_mod",
        "java_type = 'Long'",
        &[INTEGER, BYTES],
    ),
    (
        "shardingsphere_volume_range",
        "range_lower = -500\nrange_upper = 700\nsharding_volume = 70",
        &[INTEGER, BYTES],
    ),
    (
        "shardingsphere_boundary_range",
        "sharding_ranges = '-5,0,600'",
        &[INTEGER, BYTES],
    ),
    (
        "shardingsphere_auto_interval",
        "datetime_lower = '2010-01-01 00:00:00'\ndatetime_upper = '2012-01-01 00:00:00'\n\
         sharding_seconds = 2000000",
        &[DATETIME],
    ),
    (
        "shardingsphere_interval",
        "datetime_pattern = 'yyyy-MM-dd'\ndatetime_lower = '2010-01-01'\n\
         datetime_upper = '2012-01-01'\nsharding_suffix_pattern = 'MM'\n\
         datetime_interval_unit = 'Weeks'",
        &[DATETIME],
    ),
    ("vitess_hash", "", &[INTEGER]),
    ("vitess_numeric", "", &[INTEGER]),
    ("vitess_reverse_bits", "", &[INTEGER]),
    ("vitess_binary", "", &[INTEGER, BYTES]),
    ("vitess_xxhash", "", &[INTEGER, BYTES]),
    ("vitess_unicode_loose_md5", "", &[INTEGER, BYTES]),
    ("consistent_hash", "virtual_nodes = 3", &[INTEGER, BYTES]),
    (
        "range",
        "ranges = [{ to = '-5', shard = 3 }, { from = '-5', to = 600, shard = 39 }]",
        &[INTEGER, BYTES],
    ),
    ("list", "values = { 7 = 3, -8 = 4 }", &[INTEGER, BYTES]),
    (
        "list",
        "values = { 7 = 3, -8 = 4 }\ndefault = 39",
        &[INTEGER, BYTES],
    ),
    (
        "time_range",
        "unit = 'month'\nstart = 2010-01-01",
        &[DATETIME],
    ),
    (
        "time_range",
        "unit = 'week'\nstart = 2009-12-28\ncycle = true",
        &[DATETIME],
    ),
    (
        "time_range",
        "unit = 'day'\nevery = 9\nstart = 1970-01-01\nepoch = 'seconds'\ncycle = true",
        &[INTEGER],
    ),
];

type Named = (&'static str, Box<dyn Algorithm>);

fn built(key_type: &KeyType) -> Vec<Named> {
    let of_type = SETTINGS
        .iter()
        .filter(|(_, _, types)| types.contains(key_type));
    let build = |(name, params, _): &(&'static str, &str, _)| {
        let spec = AlgorithmSpec {
            name: (*name).to_owned(),
            params: params.parse().unwrap(),
        };
        (
            *name,
            build(&spec, PLACES, std::slice::from_ref(key_type)).unwrap(),
        )
    };
    of_type.map(build).collect()
}

fn integers() -> impl Strategy<Value = KeyValue<'static>> {
    prop_oneof![
        (-1000i128..1000).prop_map(KeyValue::Int),
        any::<i64>().prop_map(|value| KeyValue::Int(i128::from(value))),
        any::<u64>().prop_map(|value| KeyValue::Int(i128::from(value))),
    ]
}

fn bytes() -> impl Strategy<Value = KeyValue<'static>> {
    prop_oneof![
        proptest::collection::vec(any::<u8>(), 0..20)
            .prop_map(|bytes| KeyValue::Bytes(bytes.into())),
        any::<String>().prop_map(|text| KeyValue::Bytes(text.into_bytes().into())),
        "[+-]?[0-9]{0,40}".prop_map(|text| KeyValue::Bytes(text.into_bytes().into())),
    ]
}

fn moments() -> impl Strategy<Value = KeyValue<'static>> {
    let years = prop_oneof![2009u16..2014, 0u16..=9999];
    (years, 0u8..=12, 0u8..=31, 0u64..86_400_000_000).prop_map(|(year, month, day, micros)| {
        let date = CalendarDate { year, month, day };
        KeyValue::DateTime { date, micros }
    })
}

/// A place is one of the places, and a range's places hold those of its keys.
fn holds(algorithms: &[Named], mut keys: [KeyValue<'static>; 3]) -> Result<(), TestCaseError> {
    keys.sort();
    let [lower, key, upper] = keys;
    let ranges = [
        (
            Bound::Included(lower.clone()),
            Bound::Included(upper.clone()),
        ),
        (Bound::Included(lower), Bound::Unbounded),
        (Bound::Unbounded, Bound::Included(upper)),
    ];
    for (name, algorithm) in algorithms {
        let Ok(place) = algorithm.place(std::slice::from_ref(&key)) else {
            continue;
        };
        prop_assert!(place < PLACES, "{name} {key:?}");
        for (lower, upper) in ranges.clone() {
            let range = KeyRange { lower, upper };
            let places = algorithm.places_in(&range);
            prop_assert!(
                places.contains(place),
                "{name} {key:?} {range:?} {places:?}"
            );
        }
    }
    Ok(())
}

#[test]
fn integers_lie_where_their_ranges_do() {
    let algorithms = built(&INTEGER);
    proptest!(|(keys in [integers(), integers(), integers()])| holds(&algorithms, keys)?);
}

#[test]
fn bytes_lie_where_their_ranges_do() {
    let algorithms = built(&BYTES);
    proptest!(|(keys in [bytes(), bytes(), bytes()])| holds(&algorithms, keys)?);
}

#[test]
fn moments_lie_where_their_ranges_do() {
    let algorithms = built(&DATETIME);
    proptest!(|(keys in [moments(), moments(), moments()])| holds(&algorithms, keys)?);
}
