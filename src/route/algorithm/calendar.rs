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
        let days = days(date)?;
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
        civil(self.days)
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
        let days = days(CalendarDate { year, month, day })?;
        Some(Self { days, ..self })
    }
}

/// 9999-12-31.
const LAST_DAY: i64 = 2_932_896;

/// Days since 1970-01-01; `None` for a day that its month does not have.
fn days(date: CalendarDate) -> Option<i64> {
    if date.year > 9999 || date.day == 0 || date.day > month_days(date.year, date.month)? {
        return None;
    }
    // Years begin in March, so that the leap day is the last one.
    let month = i64::from(date.month);
    let year = i64::from(date.year) - i64::from(month <= 2);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + i64::from(date.day) - 1;
    let leaps = year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    Some(year * 365 + leaps + day_of_year - 719_468)
}

/// The day with this number.
fn civil(days: i64) -> CalendarDate {
    let shifted = days + 719_468;
    let (era, day) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day_of_year = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day_of_year + 2) / 153;
    let civil_month = if month < 10 { month + 3 } else { month - 9 };
    CalendarDate {
        year: (year + era * 400 + i64::from(civil_month <= 2)) as u16,
        month: civil_month as u8,
        day: (day_of_year - (153 * month + 2) / 5 + 1) as u8,
    }
}

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_day_has_the_number_behind_that_of_the_day_before() {
        let mut number = None;
        for year in 0..=9999 {
            for month in 1..=12 {
                for day in 1..=31 {
                    let date = CalendarDate { year, month, day };
                    let Some(found) = days(date) else {
                        assert!(day > 28, "{date:?}");
                        continue;
                    };
                    assert_eq!(civil(found), date);
                    assert!(number.is_none_or(|number| number + 1 == found), "{date:?}");
                    number = Some(found);
                }
            }
        }
        assert_eq!(number, Some(LAST_DAY));
    }

    #[test]
    fn known_days_have_known_numbers() {
        for ((year, month, day), number) in [
            ((1970, 1, 1), Some(0)),
            ((2000, 2, 29), Some(11_016)),
            ((1900, 2, 29), None),
            ((2024, 4, 31), None),
            ((2024, 13, 1), None),
            ((2024, 0, 1), None),
            ((2024, 1, 0), None),
        ] {
            assert_eq!(days(CalendarDate { year, month, day }), number);
        }
    }
}
