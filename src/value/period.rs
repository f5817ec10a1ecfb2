//! Periods of equal kind, counted from a start: hours, days, weeks, months, quarters, years, or
//! several of them at a time.

use std::fmt;

use super::CalendarDate;

/// Microseconds since 1970-01-01 00:00:00, without any time zone.
pub type Micros = i64;

const MICROS_PER_SECOND: i64 = 1_000_000;
const MICROS_PER_HOUR: i64 = 3600 * MICROS_PER_SECOND;
const HOURS_PER_DAY: i64 = 24;
const MICROS_PER_DAY: i64 = HOURS_PER_DAY * MICROS_PER_HOUR;
/// 1970-01-01 was a Thursday; weeks begin on Monday.
const DAYS_FROM_MONDAY_IN_1970: i64 = 3;

/// What a period is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PeriodUnit {
    /// From minute 0.
    Hour,
    /// From midnight.
    Day,
    /// From Monday.
    Week,
    /// From the 1st.
    Month,
    /// From January, April, July or October 1st.
    Quarter,
    /// From January 1st.
    Year,
}

/// Consecutive periods, numbered from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Periods {
    unit: PeriodUnit,
    /// Units in a period, at least 1.
    every: u32,
    /// The number of the first unit, counted as [`PeriodUnit::number`] counts.
    start: i64,
}

/// The moment of a day.
pub fn moment(date: CalendarDate, micros: u64) -> Option<Micros> {
    let micros = i64::try_from(micros).ok()?;
    let midnight = date.day_number()?.checked_mul(MICROS_PER_DAY)?;
    midnight.checked_add(micros)
}

impl PeriodUnit {
    /// Every unit by its name.
    pub const NAMES: [(&str, Self); 6] = [
        ("hour", Self::Hour),
        ("day", Self::Day),
        ("week", Self::Week),
        ("month", Self::Month),
        ("quarter", Self::Quarter),
        ("year", Self::Year),
    ];

    /// The number of the unit that holds the moment; `None` outside the years 0 to 9999.
    fn number(self, moment: Micros) -> Option<i64> {
        let day = moment.div_euclid(MICROS_PER_DAY);
        let date = CalendarDate::from_day_number(day)?;
        let month = i64::from(date.year) * 12 + i64::from(date.month) - 1;
        Some(match self {
            Self::Hour => moment.div_euclid(MICROS_PER_HOUR),
            Self::Day => day,
            Self::Week => (day + DAYS_FROM_MONDAY_IN_1970).div_euclid(7),
            Self::Month => month,
            Self::Quarter => month / 3,
            Self::Year => i64::from(date.year),
        })
    }

    /// When the unit of this number begins.
    fn begin(self, number: i64) -> Option<Micros> {
        let days = |days: i64| days.checked_mul(MICROS_PER_DAY);
        let month = |months: i64| {
            let date = CalendarDate {
                year: u16::try_from(months.div_euclid(12)).ok()?,
                month: u8::try_from(months.rem_euclid(12) + 1).ok()?,
                day: 1,
            };
            days(date.day_number()?)
        };
        match self {
            Self::Hour => number.checked_mul(MICROS_PER_HOUR),
            Self::Day => days(number),
            Self::Week => days(
                number
                    .checked_mul(7)?
                    .checked_sub(DAYS_FROM_MONDAY_IN_1970)?,
            ),
            Self::Month => month(number),
            Self::Quarter => month(number.checked_mul(3)?),
            Self::Year => month(number.checked_mul(12)?),
        }
    }
}

impl Periods {
    /// Periods of `every` units, the first of which begins at `start`.
    ///
    /// # Errors
    /// No unit begins at that moment; the one that holds it is given instead.
    pub fn new(unit: PeriodUnit, every: u32, start: Micros) -> Result<Self, Option<Begin>> {
        let number = unit.number(start);
        let begin = number.and_then(|number| unit.begin(number));
        match number {
            Some(number) if begin == Some(start) => Ok(Self {
                unit,
                every: every.max(1),
                start: number,
            }),
            _ => Err(begin.map(|moment| Begin { unit, moment })),
        }
    }

    /// What a period consists of.
    pub fn unit(&self) -> PeriodUnit {
        self.unit
    }

    /// The number of the period that holds the moment, negative before the start; `None` outside
    /// the years 0 to 9999.
    pub fn number(&self, moment: Micros) -> Option<i64> {
        let unit = self.unit.number(moment)?.checked_sub(self.start)?;
        Some(unit.div_euclid(i64::from(self.every)))
    }

    /// When a period begins; `None` beyond the year 9999.
    pub fn begin(&self, number: i64) -> Option<Begin> {
        let units = number.checked_mul(i64::from(self.every))?;
        let moment = self.unit.begin(units.checked_add(self.start)?)?;
        Some(Begin {
            unit: self.unit,
            moment,
        })
    }
}

/// The beginning of a period, shown as the period's name: `2026-03`, `2026-Q1`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Begin {
    unit: PeriodUnit,
    moment: Micros,
}

impl Begin {
    /// The moment.
    pub fn moment(self) -> Micros {
        self.moment
    }

    /// The day.
    pub fn date(self) -> Option<CalendarDate> {
        CalendarDate::from_day_number(self.moment.div_euclid(MICROS_PER_DAY))
    }

    /// The hour of the day.
    pub fn hour(self) -> u8 {
        let hours = self.moment.div_euclid(MICROS_PER_HOUR);
        u8::try_from(hours.rem_euclid(HOURS_PER_DAY)).unwrap_or_default()
    }
}

impl fmt::Display for Begin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(date) = self.date() else {
            return f.write_str("no date");
        };
        let CalendarDate { year, month, .. } = date;
        match self.unit {
            PeriodUnit::Hour => write!(f, "{date} {:02}:00", self.hour()),
            PeriodUnit::Day => date.fmt(f),
            PeriodUnit::Week => write!(f, "the week of {date}"),
            PeriodUnit::Month => write!(f, "{year:04}-{month:02}"),
            PeriodUnit::Quarter => write!(f, "{year:04}-Q{}", month.div_ceil(3)),
            PeriodUnit::Year => write!(f, "{year:04}"),
        }
    }
}
