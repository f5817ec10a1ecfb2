//! A sharding key's value: what a literal becomes once the column's type is known.
//!
//! Two spellings that MySQL holds equal on the column give the same [`KeyValue`];
//! that is the whole point of the type. Only `route::key` makes them.

use std::borrow::Cow;
use std::ops::Bound;

/// A sharding-key value in canonical form.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
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
