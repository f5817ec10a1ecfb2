//! Expected values: what ShardingSphere's own tests say (apache/shardingsphere, each test's file is
//! named), and its arithmetic run on JDK 17 over more keys.

use std::ops::Bound;

use super::super::AlgorithmError;
use super::super::testing::{datetime, made, place, set, text, text_key, try_build};
use crate::route::NodeSet;
use crate::topology::{Folding, KeyType};
use crate::value::{KeyRange, KeyValue};

const fn integer(min: i128, max: i128) -> KeyType {
    KeyType::Integer { min, max }
}

const INT: KeyType = integer(i32::MIN as i128, i32::MAX as i128);
const BIGINT: KeyType = integer(i64::MIN as i128, i64::MAX as i128);
const BIGINT_UNSIGNED: KeyType = integer(0, u64::MAX as i128);
const DATETIME: KeyType = KeyType::DateTime { fsp: 0 };

const fn int(value: i128) -> KeyValue<'static> {
    KeyValue::Int(value)
}

const fn decimal_key(scale: u8) -> KeyType {
    KeyType::Decimal {
        precision: 38,
        scale,
    }
}

const fn decimal(unscaled: i128, scale: u8) -> KeyValue<'static> {
    KeyValue::Decimal { unscaled, scale }
}

fn closed<'a>(lower: KeyValue<'a>, upper: KeyValue<'a>) -> KeyRange<'a> {
    KeyRange {
        lower: Bound::Included(lower),
        upper: Bound::Included(upper),
    }
}

const INTEGER: &str = "java_type = 'Integer'";
const LONG: &str = "java_type = 'Long'";
const UNSCALED: i128 = 123_456_789_012_345_678_901_234_567_890;
const CENTS: KeyType = decimal_key(2);
const WHOLE: KeyType = decimal_key(0);
/// In place of a text type, which cannot be a constant.
const WORDS: KeyType = KeyType::Binary {
    fixed: false,
    length: 255,
};

/// `Math.abs((long) key.hashCode()) % count` for an Integer, Long, BigInteger, BigDecimal and
/// String; ("a", 4 shards) is of HashModShardingAlgorithmTest.java.
const HASHES: &[(&str, KeyType, KeyValue<'static>, i32)] = &[
    (INTEGER, INT, int(0), 0),
    (INTEGER, INT, int(1), 1),
    (INTEGER, INT, int(-1), 1),
    (INTEGER, INT, int(-5), 5),
    (INTEGER, INT, int(2_147_483_647), 647),
    (INTEGER, INT, int(-2_147_483_648), 648),
    (LONG, BIGINT, int(0), 0),
    (LONG, BIGINT, int(42), 42),
    (LONG, BIGINT, int(-1), 0),
    (LONG, BIGINT, int(-5), 4),
    (LONG, BIGINT, int(2_147_483_647), 647),
    (LONG, BIGINT, int(2_147_483_648), 648),
    (LONG, BIGINT, int(-2_147_483_648), 647),
    (LONG, BIGINT, int(-2_147_483_649), 648),
    (LONG, BIGINT, int(4_294_967_295), 1),
    (LONG, BIGINT, int(4_294_967_296), 1),
    (LONG, BIGINT, int(9_007_199_254_740_993), 153),
    (LONG, BIGINT, int(i64::MAX as i128), 648),
    (LONG, BIGINT, int(i64::MIN as i128), 648),
    ("", BIGINT_UNSIGNED, int(i64::MAX as i128), 648),
    ("", BIGINT_UNSIGNED, int(9_223_372_036_854_775_808), 648),
    ("", BIGINT_UNSIGNED, int(u64::MAX as i128), 32),
    ("scale = 2", CENTS, decimal(0, 0), 2),
    ("scale = 2", CENTS, decimal(1, 0), 102),
    ("scale = 2", CENTS, decimal(15, 1), 652),
    ("scale = 2", CENTS, decimal(-15, 1), 648),
    ("scale = 2", CENTS, decimal(421, 1), 512),
    (
        "scale = 2",
        CENTS,
        decimal(9_223_372_036_854_775_807, 2),
        658,
    ),
    (
        "scale = 2",
        CENTS,
        decimal(-9_223_372_036_854_775_808, 2),
        646,
    ),
    (
        "scale = 2",
        CENTS,
        decimal(9_223_372_036_854_775_808, 2),
        646,
    ),
    ("scale = 2", CENTS, decimal(UNSCALED / 10, 1), 567),
    ("scale = 2", CENTS, decimal(-UNSCALED / 10, 1), 571),
    ("scale = 0", WHOLE, decimal(5, 0), 155),
    ("scale = 0", WHOLE, decimal(-5, 0), 155),
    (
        "scale = 0",
        WHOLE,
        decimal(9_223_372_036_854_775_808, 0),
        648,
    ),
    ("", WORDS, text(""), 0),
    ("", WORDS, text("a"), 97),
    ("", WORDS, text("abc"), 354),
    ("", WORDS, text("007"), 671),
    ("", WORDS, text("Abc"), 602),
    ("", WORDS, text("polygenelubricants"), 648),
    ("", WORDS, text("héllo"), 734),
    ("", WORDS, text("数据库"), 533),
    ("", WORDS, text("😀"), 899),
    ("", WORDS, text("a😀b"), 694),
    ("", WORDS, text("f47ac10b-58cc-4372-a567-0e02b2c3d479"), 5),
];

#[test]
fn hash_mod_is_javas_hash() {
    for (params, key_type, key, expected) in HASHES {
        let algorithm = made("shardingsphere_hash_mod", 1000, params, key_type.clone());
        assert_eq!(
            place(&*algorithm, key.clone()),
            *expected,
            "{key_type:?} {key:?}"
        );
    }
    let four = made(
        "shardingsphere_hash_mod",
        7,
        "sharding_count = '4'",
        text_key(Folding::Exact),
    );
    assert_eq!(place(&*four, text("a")), 1);
}

/// ModShardingAlgorithmTest.java, and `BigInteger.valueOf(number.longValue()).mod(count)`.
#[test]
fn mod_takes_numbers_of_64_bits_and_texts_of_any_length() {
    let words = text_key(Folding::AsciiCase);
    let cut = "sharding_count = 16\nstart_offset = 1\nstop_offset = 1";
    let table = [
        (16, "", &INT, int(17), 1),
        (16, "", &words, text("12345678910111213141516"), 12),
        (16, cut, &words, text("12345678910111213141516"), 7),
        (16, cut, &BIGINT, int(12_345), 10),
        (16, cut, &BIGINT, int(12), -1),
        (16, cut, &BIGINT, int(-7), -1),
        (7, "", &BIGINT_UNSIGNED, int(0), 0),
        (7, "", &BIGINT, int(17), 3),
        (7, "", &BIGINT, int(-1), 6),
        (7, "", &BIGINT, int(-16), 5),
        (7, "", &BIGINT, int(i128::from(i64::MAX)), 0),
        (7, "", &BIGINT, int(i128::from(i64::MIN)), 6),
        (7, "", &BIGINT_UNSIGNED, int(9_223_372_036_854_775_808), 6),
        (7, "", &BIGINT_UNSIGNED, int(i128::from(u64::MAX)), 6),
        (7, "", &words, text("9223372036854775808"), 1),
        (7, "", &words, text("18446744073709551615"), 1),
        (7, "", &words, text("-16"), 5),
        (7, "", &words, text("+017"), 3),
        (7, "", &words, text(""), -1),
        (7, "", &words, text("x"), -1),
        (7, "", &words, text("１"), -1),
        (7, "", &CENTS, decimal(199, 2), 1),
        (7, "", &CENTS, decimal(-199, 2), 6),
        (7, "", &CENTS, decimal(-7, 0), 0),
        (7, "", &CENTS, decimal(9_223_372_036_854_775_808, 2), 0),
        (7, "", &CENTS, decimal(184_467_440_737_095_516_165, 1), 0),
        (7, "", &CENTS, decimal(-92_233_720_368_547_758_099, 1), 0),
    ];
    for (places, params, key_type, key, expected) in table {
        let algorithm = made("shardingsphere_mod", places, params, key_type.clone());
        assert_eq!(
            place(&*algorithm, key.clone()),
            expected,
            "{params} {key:?}"
        );
    }
}

/// VolumeBasedRangeShardingAlgorithmTest.java and BoundaryBasedRangeShardingAlgorithmTest.java.
#[test]
fn ranges_are_closed_below_and_open_above() {
    let volume = "range_lower = 10\nrange_upper = '45'\nsharding_volume = 10";
    let algorithm = made("shardingsphere_volume_range", 6, volume, BIGINT);
    for (key, expected) in [
        (i128::from(i64::MIN), 0),
        (0, 0),
        (9, 0),
        (10, 1),
        (19, 1),
        (20, 2),
        (40, 4),
        (44, 4),
        (45, 5),
        (i128::from(i64::MAX), 5),
        (i128::from(i64::MAX) + 1, -1),
    ] {
        assert_eq!(place(&*algorithm, int(key)), expected, "{key}");
    }
    let below = KeyRange {
        lower: Bound::Unbounded,
        upper: Bound::Excluded(int(12)),
    };
    let above = KeyRange {
        lower: Bound::Excluded(int(40)),
        upper: Bound::Unbounded,
    };
    assert_eq!(algorithm.places_in(&below), set(0..=1));
    assert_eq!(algorithm.places_in(&above), set(4..=5));
    assert_eq!(algorithm.places_in(&closed(int(12), int(55))), set(1..=5));
    assert_eq!(
        algorithm.places_in(&closed(int(40), int(2))),
        NodeSet::Empty
    );

    let boundary = "sharding_ranges = '1,5,10'";
    let algorithm = made("shardingsphere_boundary_range", 4, boundary, BIGINT);
    for (key, expected) in [(0, 0), (1, 1), (4, 1), (5, 2), (9, 2), (10, 3), (-7, 0)] {
        assert_eq!(place(&*algorithm, int(key)), expected, "{key}");
    }
    assert_eq!(algorithm.places_in(&closed(int(2), int(15))), set(1..=3));
    let words = made(
        "shardingsphere_boundary_range",
        4,
        boundary,
        text_key(Folding::AsciiCase),
    );
    for (key, expected) in [
        ("007", 2),
        ("-7", 0),
        ("x", -1),
        ("9223372036854775808", -1),
    ] {
        assert_eq!(place(&*words, text(key)), expected, "{key}");
    }
    assert_eq!(words.places_in(&closed(text("1"), text("2"))), NodeSet::All);
}

/// AutoIntervalShardingAlgorithmTest.java for spans of 4 seconds; its formula for days.
#[test]
fn auto_interval_rounds_spans_as_java_does() {
    let seconds = "datetime_lower = '2020-01-01 00:00:00'\n\
                   datetime_upper = '2020-01-01 00:00:16'\nsharding_seconds = 4";
    let algorithm = made("shardingsphere_auto_interval", 6, seconds, DATETIME);
    assert_eq!(place(&*algorithm, datetime("2020-01-01 00:00:01")), 1);
    assert_eq!(place(&*algorithm, datetime("2021-01-01 00:00:02")), 5);
    let range = closed(
        datetime("2020-01-01 00:00:04"),
        datetime("2020-01-01 00:00:10"),
    );
    assert_eq!(algorithm.places_in(&range), set(1..=3));
    let range = closed(
        datetime("2019-01-01 00:00:00"),
        datetime("2020-01-01 00:00:15"),
    );
    assert_eq!(algorithm.places_in(&range), set(0..=4));
    let from = KeyRange {
        lower: Bound::Excluded(datetime("2020-01-01 00:00:09")),
        upper: Bound::Unbounded,
    };
    assert_eq!(algorithm.places_in(&from), set(3..=5));

    let days = "datetime_lower = '2020-01-01 00:00:00'\n\
                datetime_upper = '2021-01-01 00:00:00'\nsharding_seconds = 86400";
    let algorithm = made("shardingsphere_auto_interval", 368, days, DATETIME);
    for (key, expected) in [
        ("0001-01-01 00:00:00", 0),
        ("2019-12-31 23:59:59", 0),
        ("2020-01-01 00:00:00", 0),
        ("2020-01-01 00:00:01", 0),
        ("2020-01-01 00:07:11", 0),
        ("2020-01-01 00:07:12", 1),
        ("2020-01-01 12:00:00", 1),
        ("2020-01-02 00:00:00", 1),
        ("2020-01-02 00:07:12", 1),
        ("2020-01-02 00:07:13", 2),
        ("2020-12-31 00:00:00", 365),
        ("2021-01-01 00:00:00", 366),
        ("2021-01-01 00:07:12", 366),
        ("2021-06-01 00:00:00", 367),
        ("9999-12-31 23:59:59", 367),
        ("0000-00-00 00:00:00", -1),
        ("2020-00-01 00:00:00", -1),
    ] {
        assert_eq!(place(&*algorithm, datetime(key)), expected, "{key}");
    }
}

fn interval(pattern: &str, span: (&str, &str), suffix: &str, step: (u8, &str)) -> String {
    format!(
        "datetime_pattern = '{pattern}'\ndatetime_lower = '{}'\ndatetime_upper = '{}'\n\
         sharding_suffix_pattern = '{suffix}'\ndatetime_interval_amount = {}\n\
         datetime_interval_unit = '{}'",
        span.0, span.1, step.0, step.1
    )
}

const SECONDS: &str = "yyyy-MM-dd HH:mm:ss";

type Span = (&'static str, &'static str);

/// `datetime_pattern`, lower and upper, `sharding_suffix_pattern`, amount and unit.
type Periods = (&'static str, Span, &'static str, (u8, &'static str));

type Places = &'static [(&'static str, i32)];

/// The first three: IntervalShardingAlgorithmTest.java. All: its loop over `LocalDateTime.plus`.
const INTERVALS: &[(Periods, usize, Places)] = &[
    (
        (
            SECONDS,
            ("2016-01-01 00:00:00", "2021-12-31 00:00:00"),
            "yyyyQQ",
            (3, "Months"),
        ),
        24,
        &[
            ("2020-01-01 00:00:01", 16),
            ("2020-02-01 00:00:01", 16),
            ("2015-12-31 23:59:59", -1),
            ("2021-12-31 23:59:59", 23),
            ("2022-01-01 00:00:00", -1),
        ],
    ),
    (
        (
            SECONDS,
            ("2016-01-01 00:00:00", "2021-12-31 00:00:00"),
            "yyyyMM",
            (1, "Months"),
        ),
        72,
        &[
            ("2020-01-01 00:00:01", 48),
            ("2030-01-01 00:00:01", -1),
            ("2016-02-29 12:00:00", 1),
        ],
    ),
    (
        (
            SECONDS,
            ("2021-06-01 00:00:00", "2021-07-31 00:00:00"),
            "yyyyMMdd",
            (2, "DAYS"),
        ),
        31,
        &[
            ("2021-07-01 00:00:01", 15),
            ("2021-07-02 00:00:01", 15),
            ("2021-08-01 23:59:59", 30),
            ("2021-07-31 00:00:00", 30),
        ],
    ),
    (
        (
            SECONDS,
            ("2020-01-31 06:30:00", "2021-01-31 00:00:00"),
            "yyyy_MM_dd",
            (1, "months"),
        ),
        13,
        &[
            ("2020-02-29 06:29:59", 0),
            ("2020-02-29 06:30:00", 1),
            ("2020-03-29 06:29:59", 1),
            ("2020-03-29 06:30:00", 2),
            ("2020-03-30 00:00:00", 2),
            ("2021-01-29 06:30:00", 12),
        ],
    ),
    (
        (
            "yyyy-MM-dd",
            ("2020-03-01", "2022-12-31"),
            "MM",
            (1, "Months"),
        ),
        12,
        &[
            ("2020-03-01 00:00:00", 0),
            ("2021-02-28 23:59:59", 11),
            ("2021-03-01 00:00:00", 0),
            ("2022-12-31 00:00:00", 9),
            ("2020-02-29 00:00:00", -1),
            ("2023-01-01 00:00:00", -1),
        ],
    ),
    (
        (
            SECONDS,
            ("2024-02-28 00:00:00", "2024-03-02 00:00:00"),
            "yyMMddHH",
            (6, "Hours"),
        ),
        13,
        &[
            ("2024-02-29 05:59:59", 4),
            ("2024-02-29 06:00:00", 5),
            ("2024-03-02 05:59:59", 12),
            ("2024-03-02 06:00:00", -1),
        ],
    ),
    (
        (
            SECONDS,
            ("2000-01-01 00:00:00", "2022-01-01 00:00:00"),
            "yyyy",
            (2, "Years"),
        ),
        12,
        &[
            ("2001-06-01 00:00:00", 0),
            ("2013-01-01 00:00:00", 6),
            ("2023-12-31 23:59:59", 11),
            ("2024-01-01 00:00:00", -1),
        ],
    ),
    (
        (
            SECONDS,
            ("2024-01-01 00:00:00", "2024-02-01 00:00:00"),
            "MMdd",
            (1, "Weeks"),
        ),
        5,
        &[
            ("2024-01-07 23:59:59", 0),
            ("2024-01-08 00:00:00", 1),
            ("2024-02-04 00:00:00", 4),
            ("2024-02-05 00:00:00", -1),
        ],
    ),
];

#[test]
fn intervals_follow_the_calendar() {
    for ((pattern, span, suffix, step), places, keys) in INTERVALS {
        let params = interval(pattern, *span, suffix, *step);
        let algorithm = made("shardingsphere_interval", *places, &params, DATETIME);
        for (key, expected) in *keys {
            let found = place(&*algorithm, datetime(key));
            assert_eq!(found, *expected, "{params} {key}");
        }
        let error = try_build("shardingsphere_interval", places - 1, &params, DATETIME);
        assert!(error.unwrap_err().to_string().contains("needs"), "{params}");
    }
}

/// IntervalShardingAlgorithmTest.java: three quarters, nine, fifteen of twenty.
#[test]
fn ranges_of_moments_need_the_periods_that_they_meet() {
    let span = ("2016-01-01 00:00:00", "2020-12-31 00:00:00");
    let params = interval(SECONDS, span, "yyyyQQ", (3, "Months"));
    let algorithm = made("shardingsphere_interval", 20, &params, DATETIME);
    let range = closed(
        datetime("2019-10-15 10:59:08"),
        datetime("2020-04-08 10:59:08"),
    );
    assert_eq!(algorithm.places_in(&range), set(15..=17));
    let from = KeyRange {
        lower: Bound::Included(datetime("2018-10-15 10:59:08")),
        upper: Bound::Unbounded,
    };
    assert_eq!(algorithm.places_in(&from), set(11..=19));
    let until = KeyRange {
        lower: Bound::Unbounded,
        upper: Bound::Included(datetime("2019-09-01 00:00:00")),
    };
    assert_eq!(algorithm.places_in(&until), set(0..=14));
    let before = closed(
        datetime("2001-01-01 00:00:00"),
        datetime("2001-01-02 00:00:00"),
    );
    assert_eq!(algorithm.places_in(&before), NodeSet::Empty);
    let behind = closed(
        datetime("2021-01-01 00:00:00"),
        datetime("2022-01-02 00:00:00"),
    );
    assert_eq!(algorithm.places_in(&behind), NodeSet::Empty);
    let zero = closed(
        datetime("0000-00-00 00:00:00"),
        datetime("2022-01-02 00:00:00"),
    );
    assert_eq!(algorithm.places_in(&zero), NodeSet::All);
}

#[test]
fn a_wrong_setting_says_what_is_wrong() {
    let hours = interval(
        "yyyy-MM-dd",
        ("2020-01-01", "2020-01-02"),
        "MM",
        (1, "Hours"),
    );
    let letters = interval(
        "yyyy-MM-dd EEE",
        ("2020-01-01", "2020-01-02"),
        "MM",
        (1, "Days"),
    );
    let date = interval(SECONDS, ("2020-01-01", "2020-01-02"), "MM", (1, "Days"));
    let table = [
        (
            "shardingsphere_mod",
            "start_offset = -1",
            "\"start_offset\" must be 0 or more",
        ),
        (
            "shardingsphere_hash_mod",
            "sharding_count = 0",
            "must be 1 to 4",
        ),
        (
            "shardingsphere_volume_range",
            "range_lower = 20\nrange_upper = 15\nsharding_volume = 10",
            "no more than lies between",
        ),
        (
            "shardingsphere_boundary_range",
            "sharding_ranges = '1,x'",
            "whole numbers with commas",
        ),
        (
            "shardingsphere_boundary_range",
            "sharding_ranges = [1, 2, 3, 4]",
            "needs 5 shards",
        ),
        (
            "shardingsphere_auto_interval",
            "datetime_lower = 'x'",
            "must be written as yyyy-MM-dd",
        ),
        ("shardingsphere_interval", &hours, "shorter than a day"),
        ("shardingsphere_interval", &letters, "'E' is not understood"),
        (
            "shardingsphere_interval",
            &date,
            "is not written by datetime_pattern",
        ),
    ];
    for (name, params, message) in table {
        let error = try_build(name, 4, params, DATETIME)
            .unwrap_err()
            .to_string();
        assert!(error.contains(message), "{name} {params}: {error}");
    }
}

#[test]
fn a_negative_number_whose_java_type_is_not_said_has_no_place() {
    let unsaid = made("shardingsphere_hash_mod", 4, "", INT);
    let table = [
        (0, 0),
        (7, 3),
        (-1, -1),
        (-5, -1),
        (-2_147_483_648, -1),
        (-2_147_483_649, 0),
    ];
    for (key, expected) in table {
        assert_eq!(place(&*unsaid, int(key)), expected, "{key}");
    }
}

#[test]
fn a_hash_needs_keys_of_one_java_type_and_no_case_folding() {
    let error = try_build(
        "shardingsphere_hash_mod",
        4,
        "",
        text_key(Folding::AsciiCase),
    );
    assert!(matches!(error, Err(AlgorithmError::Collation { .. })));
    let error = try_build("shardingsphere_hash_mod", 4, "", KeyType::Date);
    assert!(matches!(error, Err(AlgorithmError::KeyType { .. })));
    for params in ["", "scale = 3"] {
        let error = try_build("shardingsphere_hash_mod", 4, params, CENTS).unwrap_err();
        assert!(error.to_string().contains("must be 2"), "{error}");
    }
}
