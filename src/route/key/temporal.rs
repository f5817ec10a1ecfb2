//! DATE and DATETIME.
//!
//! Read are `YYYY-MM-DD`, with a time `hh:mm[:ss[.ffffff]]` behind a blank or `T`, and the digits
//! `YYYYMMDD` and `YYYYMMDDhhmmss` as number or string, of days that the calendar has. MySQL's other
//! relaxed forms (two-digit years, other delimiters, offsets, zero parts) are not certain.

use super::Canonical;
use super::bound::Limit;
use super::error::{KeyError, NotCertain};
use super::number::Exact;
use super::scalar::Scalar;
use crate::value::{CalendarDate, KeyValue};

const MICROS_PER_SECOND: u64 = 1_000_000;

/// A moment as the literal spells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Moment {
    date: CalendarDate,
    micros: u64,
}

/// A DATE is compared as its midnight. With a time of day MySQL compares strings as they are, but
/// cuts the time off numbers: unsure.
pub fn compare_date<'a>(scalar: &Scalar<'_>) -> Canonical<'a> {
    match store_date(scalar) {
        Ok(value) => Canonical::Value(value),
        Err(_) => Canonical::Unsure,
    }
}

/// Where a literal stands among days: a string with a time of day is behind its day's midnight.
pub fn limit_date<'a>(scalar: &Scalar<'_>) -> Limit<'a> {
    match (read(scalar), scalar) {
        (Ok(Moment { date, micros: 0 }), _) => Limit::At(KeyValue::Date(date)),
        (Ok(Moment { date, .. }), Scalar::Text(_)) => Limit::Behind(KeyValue::Date(date)),
        _ => Limit::Unsure,
    }
}

/// Where a literal stands among moments.
pub fn limit_datetime<'a>(scalar: &Scalar<'_>, fsp: u8) -> Limit<'a> {
    match store_datetime(scalar, fsp) {
        Ok(value) => Limit::At(value),
        Err(_) => Limit::Unsure,
    }
}

/// A time of day would be rounded away: refused.
pub fn store_date<'a>(scalar: &Scalar<'_>) -> Result<KeyValue<'a>, KeyError> {
    match read(scalar)? {
        Moment { date, micros: 0 } => Ok(KeyValue::Date(date)),
        _ => Err(NotCertain::Rounding.into()),
    }
}

/// A literal with more fractional digits than the column may be rounded: unsure.
pub fn compare_datetime<'a>(scalar: &Scalar<'_>, fsp: u8) -> Canonical<'a> {
    match store_datetime(scalar, fsp) {
        Ok(value) => Canonical::Value(value),
        Err(_) => Canonical::Unsure,
    }
}

/// As [`compare_datetime`].
pub fn store_datetime<'a>(scalar: &Scalar<'_>, fsp: u8) -> Result<KeyValue<'a>, KeyError> {
    let Moment { date, micros } = read(scalar)?;
    let unit = 10_u64.pow(u32::from(6_u8.saturating_sub(fsp)));
    if micros % unit != 0 {
        return Err(NotCertain::Rounding.into());
    }
    Ok(KeyValue::DateTime { date, micros })
}

fn read(scalar: &Scalar<'_>) -> Result<Moment, KeyError> {
    match scalar {
        Scalar::Exact(Exact { unscaled, scale: 0 }) if *unscaled > 0 => {
            read_digits(unscaled.to_string().as_bytes()).ok_or(KeyError::NotADate)
        }
        Scalar::Text(text) => {
            let text = text.ascii().ok_or(NotCertain::Form)?;
            read_text(text).ok_or(KeyError::NotADate)
        }
        Scalar::Unknown(reason) => Err(reason.clone().into()),
        _ => Err(NotCertain::Kind.into()),
    }
}

/// `YYYYMMDD` or `YYYYMMDDhhmmss`.
fn read_digits(digits: &[u8]) -> Option<Moment> {
    if digits.len() != 8 && digits.len() != 14 {
        return None;
    }
    let mut reader = Reader(digits);
    let date = calendar_date(
        reader.number(4, 4)?,
        reader.number(2, 2)?,
        reader.number(2, 2)?,
    )?;
    if reader.0.is_empty() {
        return Some(Moment { date, micros: 0 });
    }
    let (hour, minute, second) = (
        reader.number(2, 2)?,
        reader.number(2, 2)?,
        reader.number(2, 2)?,
    );
    let micros = time_of_day(hour, minute, second)?;
    Some(Moment { date, micros })
}

fn read_text(text: &[u8]) -> Option<Moment> {
    if text.iter().all(u8::is_ascii_digit) {
        return read_digits(text);
    }
    let mut reader = Reader(text);
    let year = reader.number(4, 4)?;
    reader.skip(b"-")?;
    let month = reader.number(1, 2)?;
    reader.skip(b"-")?;
    let date = calendar_date(year, month, reader.number(1, 2)?)?;
    if reader.0.is_empty() {
        return Some(Moment { date, micros: 0 });
    }
    reader.skip(b" T")?;
    let hour = reader.number(1, 2)?;
    reader.skip(b":")?;
    let minute = reader.number(1, 2)?;
    let mut second = 0;
    let mut fraction = 0;
    if reader.skip(b":").is_some() {
        second = reader.number(1, 2)?;
        if reader.skip(b".").is_some() {
            fraction = reader.fraction()?;
        }
    }
    let micros = time_of_day(hour, minute, second)? + fraction;
    reader.0.is_empty().then_some(Moment { date, micros })
}

fn calendar_date(year: u32, month: u32, day: u32) -> Option<CalendarDate> {
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let days = match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 => 28 + u32::from(leap),
        _ => return None,
    };
    (year > 0 && (1..=days).contains(&day)).then_some(CalendarDate {
        year: year as u16,
        month: month as u8,
        day: day as u8,
    })
}

fn time_of_day(hour: u32, minute: u32, second: u32) -> Option<u64> {
    if hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let seconds = u64::from((hour * 60 + minute) * 60 + second);
    Some(seconds * MICROS_PER_SECOND)
}

/// What is left to read.
struct Reader<'t>(&'t [u8]);

impl Reader<'_> {
    /// A number of `least` to `most` digits.
    fn number(&mut self, least: usize, most: usize) -> Option<u32> {
        let digits = self.0.iter().take(most).take_while(|b| b.is_ascii_digit());
        let (count, value) = digits.fold((0, 0), |(count, value), digit| {
            (count + 1, value * 10 + u32::from(digit - b'0'))
        });
        self.0 = self.0.get(count..)?;
        (count >= least).then_some(value)
    }

    /// One of these bytes.
    fn skip(&mut self, one_of: &[u8]) -> Option<()> {
        let (first, rest) = self.0.split_first()?;
        one_of.contains(first).then(|| self.0 = rest)
    }

    /// One to six digits behind the point, as microseconds.
    fn fraction(&mut self) -> Option<u64> {
        let before = self.0.len();
        let value = u64::from(self.number(1, 6)?);
        let missing = 6 - (before - self.0.len());
        Some(value * 10_u64.pow(missing as u32))
    }
}
