//! Periods of time: which one a key lies in, and what lies before, behind and between.

use std::ops::Bound;

use proptest::prelude::*;

use super::*;
use crate::value::{PeriodUnit, Periods, moment};

const MOMENT: KeyType = KeyType::DateTime { fsp: 6 };

fn time_range(params: &str, places: usize, key_type: &KeyType) -> Box<dyn Algorithm> {
    let spec = spec("time_range", params);
    build(&spec, places, std::slice::from_ref(key_type)).unwrap()
}

/// `2026-03-01` or `2026-03-01 05:06:07.000008`.
fn key(text: &str) -> KeyValue<'static> {
    let numbers: Vec<u64> = text
        .split(['-', ' ', ':', '.'])
        .map(|n| n.parse().unwrap())
        .collect();
    let date = CalendarDate {
        year: numbers[0] as u16,
        month: numbers[1] as u8,
        day: numbers[2] as u8,
    };
    let Some([hour, minute, second, micros]) = numbers.get(3..7) else {
        return KeyValue::Date(date);
    };
    KeyValue::DateTime {
        date,
        micros: ((hour * 60 + minute) * 60 + second) * 1_000_000 + micros,
    }
}

/// Parameters, key type, and keys with their places.
type Case<'a> = (&'a str, &'a KeyType, &'a [(&'a str, usize)]);

#[test]
fn a_key_lies_in_the_period_that_holds_it() {
    let table: [Case<'_>; 7] = [
        (
            "unit = \"hour\"\nstart = 2026-02-28T22:00:00",
            &MOMENT,
            &[
                ("2026-02-28 22:59:59.999999", 0),
                ("2026-02-28 23:00:00.0", 1),
                ("2026-03-01 00:00:00.0", 2),
            ],
        ),
        (
            "unit = \"day\"\nstart = \"2024-02-28\"",
            &KeyType::Date,
            &[("2024-02-28", 0), ("2024-02-29", 1), ("2024-03-01", 2)],
        ),
        (
            "unit = \"week\"\nstart = \"2025-12-29\"",
            &KeyType::Date,
            &[("2025-12-29", 0), ("2026-01-04", 0), ("2026-01-05", 1)],
        ),
        (
            "unit = \"day\"\nevery = 7\nstart = \"2026-01-04\"",
            &KeyType::Date,
            &[("2026-01-04", 0), ("2026-01-10", 0), ("2026-01-11", 1)],
        ),
        (
            "unit = \"month\"\nevery = 2\nstart = \"2025-11-01\"",
            &MOMENT,
            &[
                ("2025-12-31 23:59:59.999999", 0),
                ("2026-01-01 00:00:00.0", 1),
                ("2026-11-30 0:0:0.0", 6),
            ],
        ),
        (
            "unit = \"quarter\"\nstart = \"2025-10-01\"",
            &KeyType::Date,
            &[("2025-12-31", 0), ("2026-03-31", 1), ("2026-04-01", 2)],
        ),
        (
            "unit = \"year\"\nstart = \"2020-01-01\"",
            &KeyType::Date,
            &[("2020-12-31", 0), ("2026-01-01", 6)],
        ),
    ];
    for (params, key_type, keys) in table {
        let algorithm = time_range(params, 7, key_type);
        for (text, place) in keys {
            assert_eq!(algorithm.place(&[key(text)]), Ok(*place), "{params} {text}");
        }
    }
}

#[test]
fn an_integer_key_counts_seconds_or_milliseconds_since_1970() {
    let monthly = "unit = \"month\"\nstart = \"2026-01-01\"\nepoch = ";
    let seconds = time_range(&format!("{monthly}\"seconds\""), 3, &INTEGER);
    let millis = time_range(&format!("{monthly}\"milliseconds\""), 3, &INTEGER);
    // 2026-02-01 00:00:00 UTC
    const FEBRUARY: i128 = 1_769_904_000;
    for (value, place) in [(FEBRUARY - 1, 0), (FEBRUARY, 1)] {
        assert_eq!(seconds.place(&[KeyValue::Int(value)]), Ok(place));
        let first = KeyValue::Int(value * 1000);
        assert_eq!(millis.place(&[first]), Ok(place));
    }
    for far in [i128::from(i64::MIN), i128::from(u64::MAX), 0] {
        assert!(seconds.place(&[KeyValue::Int(far)]).is_err());
    }
}

const YEAR: &str = "unit = \"month\"\nstart = \"2026-01-01\"";

#[test]
fn a_key_without_a_period_is_refused_with_the_period_s_name() {
    let table = [
        ("2025-12-31", "it is before the first period, 2026-01"),
        (
            "2027-01-01",
            "its period, 2027-01, is beyond the last one, 2026-12",
        ),
    ];
    let months = time_range(YEAR, 12, &KeyType::Date);
    for (text, reason) in table {
        let error = months.place(&[key(text)]).unwrap_err();
        let message = format!("algorithm \"time_range\" has no place for '{text}': {reason}");
        assert_eq!(error.to_string(), message);
        assert_eq!(error.to_mysql().code, 1526);
    }
    let around = time_range(&format!("{YEAR}\ncycle = true"), 12, &KeyType::Date);
    assert_eq!(around.place(&[key("2027-03-05")]), Ok(2));
    assert!(around.place(&[key("2025-12-31")]).is_err());
}

#[test]
fn only_the_periods_that_have_a_table_have_a_place() {
    let spec = spec("time_range", YEAR);
    let present = [1, 2, 5];
    let tables = build_present(&spec, &present, &[KeyType::Date]).unwrap();
    let place = |text| tables.place(&[key(text)]);
    assert_eq!(place("2026-02-01"), Ok(0));
    assert_eq!(place("2026-06-30"), Ok(2));
    for (text, reason) in [
        ("2026-01-31", "its period, 2026-01, has no table"),
        ("2026-04-01", "its period, 2026-04, has no table"),
        (
            "2026-07-01",
            "its period, 2026-07, is beyond the last one, 2026-06",
        ),
    ] {
        let said = place(text).unwrap_err().to_string();
        assert!(said.ends_with(reason), "{said}");
    }
    let range = |lower, upper| {
        tables.places_in(&KeyRange {
            lower: Bound::Included(key(lower)),
            upper: Bound::Included(key(upper)),
        })
    };
    assert_eq!(range("2026-01-01", "2026-02-01"), NodeSet::One(0));
    assert_eq!(range("2026-03-01", "2026-05-01"), NodeSet::One(1));
    assert_eq!(range("2026-04-01", "2026-05-01"), NodeSet::All);
}

#[test]
fn a_range_of_keys_is_narrowed_to_its_periods() {
    use Bound::{Excluded, Included, Unbounded};
    let months = time_range(YEAR, 12, &KeyType::Date);
    let around = time_range(&format!("{YEAR}\ncycle = true"), 4, &KeyType::Date);
    let some = |places: &[usize]| NodeSet::from_sorted(places.iter().copied().collect());
    let table = [
        (
            &months,
            Included("2026-03-01"),
            Excluded("2026-04-01"),
            some(&[2]),
        ),
        (
            &months,
            Included("2026-03-01"),
            Included("2026-04-01"),
            some(&[2, 3]),
        ),
        (&months, Excluded("2026-11-30"), Unbounded, some(&[10, 11])),
        (
            &months,
            Included("2026-12-05"),
            Included("2027-12-05"),
            some(&[11]),
        ),
        (&months, Included("2027-01-01"), Unbounded, NodeSet::All),
        (&months, Unbounded, Included("2026-02-01"), NodeSet::All),
        (
            &months,
            Included("2025-12-31"),
            Included("2026-02-01"),
            NodeSet::All,
        ),
        (
            &around,
            Included("2026-04-01"),
            Included("2026-06-01"),
            some(&[0, 1, 3]),
        ),
        (
            &around,
            Included("2026-04-01"),
            Included("2026-07-01"),
            NodeSet::All,
        ),
        (&around, Included("2026-04-01"), Unbounded, NodeSet::All),
    ];
    for (algorithm, lower, upper, expected) in table {
        let (lower, upper) = (lower.map(key), upper.map(key));
        let range = KeyRange { lower, upper };
        assert_eq!(algorithm.places_in(&range), expected, "{range:?}");
    }
}

/// Settings and what is said of them.
const WRONG: [(&str, &str); 11] = [
    (
        "start = \"2026-01-01\"",
        "the unit is missing: one of hour, day, week, month, quarter, year",
    ),
    (
        "unit = \"mont\"",
        "unit cannot be \"mont\": did you mean \"month\"?",
    ),
    (
        "unit = \"day\"",
        "the first period is missing: write start = \"2026-01-01\"",
    ),
    (
        "unit = \"day\"\nstart = 2026",
        "start cannot be 2026: write start = \"2026-01-01\"",
    ),
    (
        "unit = \"day\"\nstart = \"2026-02-29\"",
        "start cannot be \"2026-02-29\": write start = \"2026-01-01\"",
    ),
    (
        "unit = \"day\"\nstart = 2026-01-01T00:00:00Z",
        "start cannot be 2026-01-01T00:00:00Z: write start = \"2026-01-01\"",
    ),
    (
        "unit = \"month\"\nstart = \"2026-01-15\"",
        "start cannot be \"2026-01-15\": that period begins at 2026-01-01 00:00",
    ),
    (
        "unit = \"quarter\"\nstart = \"2026-02-01\"",
        "start cannot be \"2026-02-01\": that period begins at 2026-01-01 00:00",
    ),
    (
        "unit = \"week\"\nstart = \"2026-01-01\"",
        "start cannot be \"2026-01-01\": weeks begin on Monday; for others write unit = \
             \"day\", every = 7",
    ),
    (
        "unit = \"day\"\nstart = \"2026-01-01\"\nevery = 0",
        "every cannot be 0: from 1 to 10000",
    ),
    (
        "unit = \"day\"\nstart = \"2026-01-01\"\ncycle = 1",
        "cycle cannot be 1: write true or false",
    ),
];

#[test]
fn wrong_periods_are_refused() {
    refused("time_range", 3, &KeyType::Date, &WRONG);
    let epoch = [(
        "unit = \"day\"\nstart = \"2026-01-01\"\nepoch = \"minutes\"",
        "epoch cannot be \"minutes\": one of \"seconds\", \"milliseconds\"",
    )];
    refused("time_range", 3, &INTEGER, &epoch);
    let needs = [
        (
            YEAR,
            INTEGER,
            "epoch = \"seconds\" or \"milliseconds\" for an integer key",
        ),
        (
            "unit = \"hour\"\nstart = \"2026-01-01\"",
            KeyType::Date,
            "a DATETIME or integer key for unit = \"hour\"",
        ),
        (
            "unit = \"day\"\nstart = \"2026-01-01\"\nepoch = \"seconds\"",
            KeyType::Date,
            "an integer key for `epoch`",
        ),
        (
            YEAR,
            varchar(Folding::Exact, true),
            "a DATE, DATETIME or integer key",
        ),
    ];
    for (params, key_type, needs) in needs {
        let error = build(&spec("time_range", params), 3, &[key_type]).unwrap_err();
        let algorithm = "time_range";
        assert_eq!(error, AlgorithmError::KeyType { algorithm, needs });
    }
}

proptest! {
    /// Periods follow each other without gap, and a moment is in the one whose beginning is the
    /// last at or before it.
    #[test]
    fn a_period_lasts_until_the_next_begins(
        unit in 0_usize..6,
        every in 1_u32..20,
        start in -20_000_i64..40_000,
        day in 0_i64..60_000,
        micros in 0_u64..86_400_000_000,
    ) {
        let unit = PeriodUnit::NAMES[unit].1;
        let at = |day| moment(CalendarDate::from_day_number(day).unwrap(), 0).unwrap();
        let start = match Periods::new(unit, every, at(start)) {
            Ok(_) => at(start),
            Err(nearest) => nearest.unwrap().moment(),
        };
        let periods = Periods::new(unit, every, start).unwrap();
        let moment = at(day) + micros as i64;
        let number = periods.number(moment).unwrap();
        let begin = |number| periods.begin(number).unwrap().moment();
        prop_assert!((begin(number)..begin(number + 1)).contains(&moment));
        prop_assert_eq!(begin(0), start);
    }
}
