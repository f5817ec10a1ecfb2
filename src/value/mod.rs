//! A sharding key's value: what a literal becomes once the column's type is known.
//!
//! Two spellings that MySQL holds equal on the column give the same [`KeyValue`];
//! that is the whole point of the type. Only `route::key` makes them.

mod calendar;
mod new_id;
mod order;
mod period;

use std::borrow::Cow;
use std::fmt;
use std::ops::Bound;

pub use new_id::{IdForm, NewId, NewIds};
pub use period::{Begin, Micros, PeriodUnit, Periods, moment};

/// A sharding-key value in canonical form.
///
/// Values of one kind are ordered as MySQL orders the column's values, strings by their bytes.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum KeyValue<'a> {
    /// Any integer column, signed or not.
    Int(i128),
    /// A DECIMAL: `unscaled / 10^scale`, trailing zeros removed.
    Decimal {
        /// All digits, signed.
        unscaled: i128,
        /// Digits after the point.
        scale: u8,
    },
    /// CHAR, VARCHAR, BINARY, VARBINARY: folded and unpadded as the column's collation compares.
    Bytes(Cow<'a, [u8]>),
    /// A DATE.
    Date(CalendarDate),
    /// A DATETIME.
    DateTime {
        /// The day.
        date: CalendarDate,
        /// Microseconds since midnight.
        micros: u64,
    },
}

/// A day of MySQL's calendar; zero parts are kept, as MySQL keeps them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CalendarDate {
    /// 0 to 9999.
    pub year: u16,
    /// 0 to 12.
    pub month: u8,
    /// 0 to 31.
    pub day: u8,
}

/// A range of keys in the order of [`KeyValue`], as a comparison or BETWEEN gives it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyRange<'a> {
    /// Where it begins.
    pub lower: Bound<KeyValue<'a>>,
    /// Where it ends.
    pub upper: Bound<KeyValue<'a>>,
}

impl fmt::Display for CalendarDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

/// For messages: long strings are cut.
impl fmt::Display for KeyValue<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const MOST_CHARS: usize = 64;
        match self {
            Self::Int(value) => value.fmt(f),
            Self::Decimal { unscaled, scale: 0 } => unscaled.fmt(f),
            Self::Decimal { unscaled, scale } => {
                let scale = usize::from(*scale);
                let digits = format!("{:0width$}", unscaled.unsigned_abs(), width = scale + 1);
                let (whole, fraction) = digits.split_at(digits.len() - scale);
                let sign = if *unscaled < 0 { "-" } else { "" };
                write!(f, "{sign}{whole}.{fraction}")
            }
            Self::Bytes(bytes) => {
                let text = String::from_utf8_lossy(bytes);
                let shown: String = text.chars().take(MOST_CHARS).collect();
                let cut = if shown.len() < text.len() { "…" } else { "" };
                write!(f, "'{}{cut}'", shown.escape_debug())
            }
            Self::Date(date) => write!(f, "'{date}'"),
            Self::DateTime { date, micros } => {
                let (seconds, fraction) = (micros / 1_000_000, micros % 1_000_000);
                let (minutes, second) = (seconds / 60, seconds % 60);
                let (hour, minute) = (minutes / 60, minutes % 60);
                write!(f, "'{date} {hour:02}:{minute:02}:{second:02}")?;
                if fraction > 0 {
                    write!(f, ".{fraction:06}")?;
                }
                f.write_str("'")
            }
        }
    }
}

#[cfg(test)]
mod tests;
