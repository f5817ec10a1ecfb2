//! Days of the calendar ↔ their numbers.
//!
//! Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms"
//! (<https://howardhinnant.github.io/date_algorithms.html>): the year begins in March, so that the
//! leap day is its last one.

use super::CalendarDate;

const DAYS_PER_ERA: i64 = 146_097;
const YEARS_PER_ERA: i64 = 400;
/// From 0000-03-01 to 1970-01-01.
const DAYS_TO_1970: i64 = 719_468;

impl CalendarDate {
    /// Days since 1970-01-01; `None` for a day that the calendar does not have.
    pub fn day_number(self) -> Option<i64> {
        let (month, day) = (i64::from(self.month), i64::from(self.day));
        let year = i64::from(self.year) - i64::from(month <= 2);
        let (era, year_of_era) = (
            year.div_euclid(YEARS_PER_ERA),
            year.rem_euclid(YEARS_PER_ERA),
        );
        let day_of_year = (153 * (month + if month > 2 { -3 } else { 9 }) + 2) / 5 + day - 1;
        let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
        let number = era * DAYS_PER_ERA + day_of_era - DAYS_TO_1970;
        (Self::from_day_number(number) == Some(self)).then_some(number)
    }

    /// The day of this number; `None` outside the years 0 to 9999.
    pub fn from_day_number(number: i64) -> Option<Self> {
        let number = number.checked_add(DAYS_TO_1970)?;
        let (era, day_of_era) = (
            number.div_euclid(DAYS_PER_ERA),
            number.rem_euclid(DAYS_PER_ERA),
        );
        let leap_days = day_of_era / 1460 - day_of_era / 36_524 + day_of_era / 146_096;
        let year_of_era = (day_of_era - leap_days) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let month_from_march = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
        let month = (month_from_march + 2) % 12 + 1;
        let year = era * YEARS_PER_ERA + year_of_era + i64::from(month <= 2);
        Some(Self {
            year: u16::try_from(year).ok().filter(|year| *year <= 9999)?,
            month: u8::try_from(month).ok()?,
            day: u8::try_from(day).ok()?,
        })
    }
}
