//! Ranges: where keys lie, where ranges of keys lie, and settings that contradict themselves.

use std::ops::Bound;

use proptest::prelude::*;

use super::*;

const DECIMAL: KeyType = KeyType::Decimal {
    precision: 10,
    scale: 2,
};

fn range(params: &str, places: usize, key_type: &KeyType) -> Box<dyn Algorithm> {
    let spec = spec("range", params);
    build(&spec, places, std::slice::from_ref(key_type)).unwrap()
}

fn date(year: u16, month: u8, day: u8) -> KeyValue<'static> {
    KeyValue::Date(CalendarDate { year, month, day })
}

#[test]
fn a_key_lies_in_the_place_of_the_number_of_bounds_that_it_has_reached() {
    let decimal = |unscaled, scale| KeyValue::Decimal { unscaled, scale };
    let midnight = |year, month, day| KeyValue::DateTime {
        date: CalendarDate { year, month, day },
        micros: 0,
    };
    let integers: &[_] = &[
        (KeyValue::Int(i128::from(i64::MIN)), 0),
        (KeyValue::Int(999), 0),
        (KeyValue::Int(1000), 1),
        (KeyValue::Int(2999), 2),
        (KeyValue::Int(i128::from(u64::MAX)), 3),
    ];
    let decimals: &[_] = &[
        (decimal(-1, 0), 0),
        (decimal(1049, 2), 0),
        (decimal(105, 1), 1),
        (decimal(11, 0), 1),
        (decimal(20, 0), 2),
    ];
    let dates: &[_] = &[(date(2025, 12, 31), 0), (date(2026, 1, 1), 1)];
    let moments: &[_] = &[
        (midnight(2025, 12, 31), 0),
        (midnight(2026, 1, 1), 1),
        (midnight(2026, 7, 1), 2),
    ];
    let strings: &[_] = &[
        (text(b""), 0),
        (text(b"fz"), 0),
        (text(b"g"), 1),
        (text(b"ga"), 1),
        (text(b"z"), 2),
    ];
    let table = [
        ("bounds = [1000, 2000, 3000]", INTEGER, integers),
        ("bounds = [\"10.50\", 20]", DECIMAL, decimals),
        ("bounds = [2026-01-01]", KeyType::Date, dates),
        (
            "bounds = [2026-01-01, \"2026-07-01 00:00:00\"]",
            KeyType::DateTime { fsp: 0 },
            moments,
        ),
        // The collation folds the bounds as it folds the keys.
        (
            "bounds = [\"G\", \"m\"]",
            varchar(Folding::AsciiCase, true),
            strings,
        ),
    ];
    for (params, key_type, keys) in table {
        let places = params.matches(',').count() + 2;
        let range = range(params, places, &key_type);
        for (key, expected) in keys {
            assert_eq!(
                range.place(std::slice::from_ref(key)),
                Ok(*expected),
                "{key}"
            );
        }
    }
}

const FOUR: &str = "ranges = [
    { from = 300, to = 400, shard = 0 }, { from = 0, to = 100, shard = 2 },
    { from = 100, to = 300, shard = 1 }]";

#[test]
fn a_key_outside_all_ranges_has_no_place() {
    let closed = range(FOUR, 3, &INTEGER);
    for (key, place) in [(0, 2), (99, 2), (100, 1), (300, 0), (399, 0)] {
        assert_eq!(closed.place(&[KeyValue::Int(key)]), Ok(place));
    }
    for key in [-1, 400] {
        let error = closed.place(&[KeyValue::Int(key)]).unwrap_err();
        let message = format!("algorithm \"range\" has no place for {key}: no range holds it");
        assert_eq!(error.to_string(), message);
        assert_eq!(error.to_mysql().code, 1526);
    }
    let open = "ranges = [{ to = 0, shard = 1 }, { from = 0, shard = 0 }]";
    let open = range(open, 2, &INTEGER);
    for (key, place) in [(i128::from(i64::MIN), 1), (0, 0), (i128::from(u64::MAX), 0)] {
        assert_eq!(open.place(&[KeyValue::Int(key)]), Ok(place));
    }
}

#[test]
fn a_range_of_keys_is_narrowed_to_the_places_that_it_touches() {
    use Bound::{Excluded, Included, Unbounded};
    let bounds = range("bounds = [100, 200, 300]", 4, &INTEGER);
    let closed = range(FOUR, 3, &INTEGER);
    let some = |places: &[usize]| NodeSet::from_sorted(places.iter().copied().collect());
    let table = [
        (&bounds, Included(100), Included(199), some(&[1])),
        (&bounds, Included(99), Excluded(200), some(&[0, 1])),
        (&bounds, Included(99), Included(200), some(&[0, 1, 2])),
        (&bounds, Unbounded, Excluded(100), some(&[0])),
        (&bounds, Excluded(250), Unbounded, some(&[2, 3])),
        (&bounds, Unbounded, Unbounded, some(&[0, 1, 2, 3])),
        (&bounds, Included(300), Included(100), NodeSet::Empty),
        (&closed, Included(0), Excluded(400), some(&[0, 1, 2])),
        (&closed, Included(350), Excluded(400), some(&[0])),
        (&closed, Included(350), Included(400), NodeSet::All),
        (&closed, Excluded(-1), Included(5), NodeSet::All),
        (&closed, Included(50), Unbounded, NodeSet::All),
    ];
    for (algorithm, lower, upper, expected) in table {
        let (lower, upper) = (lower.map(KeyValue::Int), upper.map(KeyValue::Int));
        let range = KeyRange { lower, upper };
        assert_eq!(algorithm.places_in(&range), expected, "{range:?}");
    }
}

#[test]
fn strings_are_narrowed_only_where_the_column_is_ordered_by_bytes() {
    let between = KeyRange {
        lower: Bound::Included(text(b"a")),
        upper: Bound::Included(text(b"b")),
    };
    let binary = KeyType::Binary {
        fixed: false,
        length: 20,
    };
    let table = [
        (varchar(Folding::Exact, false), NodeSet::One(0)),
        (binary, NodeSet::One(0)),
        (varchar(Folding::Exact, true), NodeSet::All),
        (varchar(Folding::AsciiExact, false), NodeSet::All),
        (varchar(Folding::AsciiCase, false), NodeSet::All),
    ];
    for (key_type, expected) in table {
        let range = range("bounds = [\"m\"]", 2, &key_type);
        assert_eq!(range.places_in(&between), expected, "{key_type:?}");
    }
}

/// Settings and what is said of them.
const WRONG: [(&str, &str); 17] = [
    (
        "",
        "write either bounds = [1000, 2000] or ranges = [{ from = 0, to = 1000, shard = 0 }]",
    ),
    (
        "bounds = 5",
        "bounds is no list: write bounds = [1000, 2000]",
    ),
    ("bounds = [5]", "1 bounds make 2 places, but there are 3"),
    ("bounds = [5, 5]", "the bounds must ascend, but 5 follows 5"),
    (
        "bounds = [1.5, 2]",
        "a bound cannot be 1.5: write a decimal in quotes",
    ),
    (
        "bounds = [1, \"x\"]",
        "a bound cannot be \"x\": it is no number",
    ),
    (
        "bounds = [1, 5000000000]",
        "a bound cannot be 5000000000: it is out of the column's range",
    ),
    ("ranges = []", "there is no range"),
    (
        "ranges = [7]",
        "7 is no range: write ranges = [{ from = 0, to = 1000, shard = 0 }]",
    ),
    (
        "ranges = [{ from = 0, to = 5 }]",
        "the range 0..5 needs either a shard or a table",
    ),
    (
        "ranges = [{ from = 0, to = 5, shard = 3 }]",
        "the place of a range cannot be 3: from 0 to 2",
    ),
    (
        "ranges = [{ from = 5, to = 5, shard = 0 }]",
        "the range 5..5 is empty",
    ),
    (
        "ranges = [{ from = 0, to = 5, shard = 0 }, { from = 6, to = 9, shard = 1 }]",
        "the ranges 0..5 and 6..9 leave a gap",
    ),
    (
        "ranges = [{ from = 4, to = 9, shard = 0 }, { to = 5, shard = 1 }]",
        "the ranges ..5 and 4..9 overlap",
    ),
    (
        "ranges = [{ from = 4, shard = 0 }, { from = 7, to = 8, shard = 1 }]",
        "the ranges 4.. and 7..8 overlap",
    ),
    (
        "ranges = [{ to = 4, shard = 0 }, { to = 5, shard = 1 }]",
        "the ranges ..4 and ..5 overlap",
    ),
    (
        "ranges = [{ shard = 0 }, { to = 5, shard = 1 }]",
        "the ranges .. and ..5 overlap",
    ),
];

#[test]
fn a_wrong_range_is_refused() {
    let int = KeyType::Integer {
        min: i128::from(i32::MIN),
        max: i128::from(i32::MAX),
    };
    refused("range", 3, &int, &WRONG);
    let cents = [(
        "bounds = [1, \"2.505\"]",
        "a bound cannot be \"2.505\": the key column cannot hold it exactly",
    )];
    refused("range", 3, &DECIMAL, &cents);
    let zone = [(
        "bounds = [2026-01-01T00:00:00Z, 2026-02-01]",
        "a bound cannot be 2026-01-01T00:00:00Z: a key has no time zone; write it without",
    )];
    refused("range", 3, &KeyType::DateTime { fsp: 0 }, &zone);
    let error = build(&spec("range", "x = 1"), 3, &[INTEGER]).unwrap_err();
    assert!(matches!(error, AlgorithmError::UnknownParam { .. }));
}

proptest! {
    /// Whatever is in a range of keys lies in one of the range's places.
    #[test]
    fn no_key_of_a_range_lies_outside_its_places(
        bounds in proptest::collection::btree_set(-50_i64..50, 1..8),
        places in proptest::collection::vec(0_usize..4, 9),
        ends in (-60_i128..60, -60_i128..60, any::<(bool, bool)>()),
        open in any::<(bool, bool)>(),
    ) {
        let mut ranges = Vec::new();
        let bounds: Vec<i64> = bounds.into_iter().collect();
        if open.0 {
            ranges.push(format!("{{ to = {}, shard = {} }}", bounds[0], places[8]));
        }
        for (pair, place) in bounds.windows(2).zip(&places) {
            ranges.push(format!("{{ from = {}, to = {}, shard = {place} }}", pair[0], pair[1]));
        }
        if open.1 {
            ranges.push(format!("{{ from = {}, table = {} }}", bounds[bounds.len() - 1], places[7]));
        }
        prop_assume!(!ranges.is_empty());
        let algorithm = range(&format!("ranges = [{}]", ranges.join(",")), 4, &INTEGER);
        let (low, high, (included, excluded)) = ends;
        let key = KeyValue::Int;
        let asked = KeyRange {
            lower: if included { Bound::Included(key(low)) } else { Bound::Excluded(key(low)) },
            upper: if excluded { Bound::Excluded(key(high)) } else { Bound::Included(key(high)) },
        };
        let places = algorithm.places_in(&asked);
        let least = low + i128::from(!included);
        let most = high - i128::from(excluded);
        for value in least..=most {
            match algorithm.place(&[key(value)]) {
                Ok(place) => prop_assert!(places.contains(place)),
                Err(_) => prop_assert_eq!(&places, &NodeSet::All),
            }
        }
    }
}
