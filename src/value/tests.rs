use std::borrow::Cow;

use proptest::prelude::*;

use super::*;

fn decimal(unscaled: i128, scale: u8) -> KeyValue<'static> {
    KeyValue::Decimal { unscaled, scale }
}

#[test]
fn keys_are_ordered_by_what_they_are_worth() {
    let date = |day| CalendarDate {
        year: 2026,
        month: 2,
        day,
    };
    let ascending: [&[KeyValue<'_>]; 4] = [
        &[
            decimal(-i128::MAX, 0),
            decimal(-101, 1),
            decimal(-10, 0),
            decimal(-5, 1),
            decimal(0, 0),
            decimal(9, 38),
            decimal(9, 1),
            decimal(11, 1),
            decimal(2, 0),
            decimal(99, 0),
        ],
        &[
            KeyValue::Int(i128::from(i64::MIN)),
            KeyValue::Int(-1),
            KeyValue::Int(i128::from(u64::MAX)),
        ],
        &[
            KeyValue::Bytes(Cow::Borrowed(b"")),
            KeyValue::Bytes(Cow::Borrowed(b"B")),
            KeyValue::Bytes(Cow::Borrowed(b"a")),
            KeyValue::Bytes(Cow::Borrowed(b"a\0")),
            KeyValue::Bytes(Cow::Borrowed(b"\xC3\xA4")),
        ],
        &[
            KeyValue::DateTime {
                date: date(1),
                micros: 5,
            },
            KeyValue::DateTime {
                date: date(2),
                micros: 0,
            },
            KeyValue::DateTime {
                date: date(2),
                micros: 1,
            },
        ],
    ];
    for values in ascending {
        assert!(values.is_sorted_by(|a, b| a < b), "{values:?}");
    }
}

#[test]
fn a_key_in_a_message_looks_as_in_a_statement() {
    let date = CalendarDate {
        year: 2026,
        month: 2,
        day: 3,
    };
    let table = [
        (KeyValue::Int(-7), "-7"),
        (decimal(-5, 2), "-0.05"),
        (decimal(1234, 1), "123.4"),
        (KeyValue::Bytes(Cow::Borrowed(b"it\n")), "'it\\n'"),
        (KeyValue::Date(date), "'2026-02-03'"),
        (
            KeyValue::DateTime {
                date,
                micros: 3_661_000_001,
            },
            "'2026-02-03 01:01:01.000001'",
        ),
    ];
    for (value, shown) in table {
        assert_eq!(value.to_string(), shown);
    }
    let long = "ä".repeat(100);
    let shown = KeyValue::Bytes(Cow::Borrowed(long.as_bytes())).to_string();
    assert_eq!(shown.chars().count(), 64 + 3);
}

proptest! {
    #[test]
    fn decimals_are_ordered_as_integers_of_one_scale(
        a in -1_000_000_i128..1_000_000,
        b in -1_000_000_i128..1_000_000,
        scale_a in 0_u8..6,
        scale_b in 0_u8..6,
    ) {
        let at_six = |unscaled: i128, scale: u8| unscaled * 10_i128.pow(u32::from(6 - scale));
        let expected = at_six(a, scale_a).cmp(&at_six(b, scale_b));
        let found = decimal(a, scale_a).cmp(&decimal(b, scale_b));
        prop_assert_eq!(found, expected.then(scale_a.cmp(&scale_b)));
    }
}

/// Counted day by day from 0000-01-01, which is 719,528 days before 1970.
#[test]
fn every_day_of_the_calendar_has_its_number() {
    let mut number = -719_528;
    for year in 0..=9999_u16 {
        let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
        let february = if leap { 29 } else { 28 };
        let months = [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
        for (month, days) in (1..).zip(months) {
            for day in 1..=days {
                let date = CalendarDate { year, month, day };
                assert_eq!(date.day_number(), Some(number));
                assert_eq!(CalendarDate::from_day_number(number), Some(date));
                number += 1;
            }
            let (behind, zero) = (days + 1, 0);
            for day in [behind, zero] {
                let none = CalendarDate { year, month, day };
                assert_eq!(none.day_number(), None);
            }
        }
    }
    for (year, month) in [(2026, 0), (2026, 13), (0, 0)] {
        let none = CalendarDate {
            year,
            month,
            day: 1,
        };
        assert_eq!(none.day_number(), None);
    }
    assert_eq!(CalendarDate::from_day_number(number), None);
    assert_eq!(CalendarDate::from_day_number(i64::MAX), None);
}

#[test]
fn a_period_is_named_by_its_beginning() {
    let date = CalendarDate {
        year: 2026,
        month: 6,
        day: 15,
    };
    let table = [
        (PeriodUnit::Hour, "2026-06-15 05:00"),
        (PeriodUnit::Day, "2026-06-15"),
        (PeriodUnit::Week, "the week of 2026-06-15"),
        (PeriodUnit::Month, "2026-06"),
        (PeriodUnit::Quarter, "2026-Q2"),
        (PeriodUnit::Year, "2026"),
    ];
    let epoch = moment(CalendarDate::from_day_number(4).unwrap(), 0).unwrap();
    let at = moment(date, 5 * 3_600_000_000 + 1).unwrap();
    for (unit, name) in table {
        let start = Periods::new(unit, 1, epoch).or_else(|nearest| {
            let nearest = nearest.unwrap().moment();
            Periods::new(unit, 1, nearest)
        });
        let periods = start.unwrap();
        let number = periods.number(at).unwrap();
        assert_eq!(periods.begin(number).unwrap().to_string(), name);
    }
}
