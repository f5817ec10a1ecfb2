//! Days and months of the Gregorian calendar, and moments in Java's date patterns.

use crate::value::{CalendarDate, KeyValue};

/// Microseconds of a day.
pub(super) const DAY_MICROS: i64 = 86_400_000_000;

/// A point on the calendar, without a time zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Moment {
    /// Days since 1970-01-01.
    days: i64,
    /// Microseconds since midnight.
    micros: i64,
}

impl Moment {
    /// `None` for dates that no calendar has, such as those with zero parts.
    pub(super) fn new(date: CalendarDate, micros: u64) -> Option<Self> {
        let days = date.day_number()?;
        let micros = i64::try_from(micros).ok().filter(|m| *m < DAY_MICROS)?;
        Some(Self { days, micros })
    }

    /// The moment of a DATE or DATETIME key.
    pub(super) fn of(key: &KeyValue<'_>) -> Option<Self> {
        match key {
            KeyValue::Date(date) => Self::new(*date, 0),
            KeyValue::DateTime { date, micros } => Self::new(*date, *micros),
            _ => None,
        }
    }

    /// Its day.
    pub(super) fn date(self) -> CalendarDate {
        CalendarDate::from_day_number(self.days).unwrap_or(CalendarDate {
            year: 0,
            month: 1,
            day: 1,
        })
    }

    /// Microseconds since its midnight.
    pub(super) fn micros(self) -> i64 {
        self.micros
    }

    /// Days since 1970-01-01.
    pub(super) fn day_number(self) -> i64 {
        self.days
    }

    /// Whole seconds since 1970-01-01 00:00:00, rounded down.
    pub(super) fn seconds(self) -> i64 {
        self.days * 86_400 + self.micros / 1_000_000
    }

    /// Months since January of year 0.
    pub(super) fn month_number(self) -> i64 {
        let date = self.date();
        i64::from(date.year) * 12 + i64::from(date.month) - 1
    }

    /// So many microseconds later; `None` behind the calendar's end.
    pub(super) fn plus_micros(self, micros: i64) -> Option<Self> {
        let total = self.micros.checked_add(micros)?;
        let days = self.days.checked_add(total.div_euclid(DAY_MICROS))?;
        let micros = total.rem_euclid(DAY_MICROS);
        (days <= LAST_DAY).then_some(Self { days, micros })
    }

    /// So many months later, on the same day or the month's last; `None` behind the calendar's end.
    pub(super) fn plus_months(self, months: i64) -> Option<Self> {
        let number = self.month_number().checked_add(months)?;
        let (year, month) = (number.div_euclid(12), number.rem_euclid(12) + 1);
        let (year, month) = (u16::try_from(year).ok()?, u8::try_from(month).ok()?);
        let day = self.date().day.min(month_days(year, month)?);
        let days = CalendarDate { year, month, day }.day_number()?;
        Some(Self { days, ..self })
    }
}

/// 9999-12-31.
const LAST_DAY: i64 = 2_932_896;

fn month_days(year: u16, month: u8) -> Option<u8> {
    let leap = year.is_multiple_of(4) && !year.is_multiple_of(100) || year.is_multiple_of(400);
    Some(match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return None,
    })
}
