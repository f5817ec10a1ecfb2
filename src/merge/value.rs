//! A column's values as numbers: what its type makes of the bytes of a row.

use super::decimal::Decimal;
use super::error::{MergeError, Result};
use super::spec::RowFormat;
use crate::wire::{ColumnDefinition, ColumnFlags, ColumnType, Reader};

/// Id of the collation of bytes, and of all that is no string.
const BINARY_COLLATION: u16 = 63;

/// So many decimals say that a DOUBLE is written with all its digits.
const ALL_DIGITS: u8 = 31;

/// Maps signed numbers to unsigned ones of the same order.
const SIGN: u64 = 1 << 63;

/// How the values of a column are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// No value but NULL.
    Null,
    /// An integer with a sign.
    Signed,
    /// An integer without.
    Unsigned,
    /// BIT: the bytes of an unsigned integer, the highest first.
    Bit,
    /// DECIMAL with so many digits behind the point.
    Decimal(u8),
    /// DOUBLE, or FLOAT in binary rows; with so many digits behind the point, 31: as it comes.
    Double(u8),
    /// DATE, DATETIME.
    DateTime,
    /// TIME.
    Time,
    /// A string of bytes.
    Bytes,
    /// A string of characters: only MySQL knows how it compares.
    Text,
    /// ENUM, SET: compared by number, which the text does not tell.
    Member,
    /// FLOAT or DOUBLE(M,D) in text rows, which may leave out digits.
    Rounded(u8),
    /// TIMESTAMP: two moments may have the same text.
    Timestamp,
    /// Its order is not known here.
    Opaque(&'static str),
}

impl Kind {
    /// That of a column.
    pub fn of(column: &ColumnDefinition<'_>, format: RowFormat) -> Self {
        use ColumnType as T;
        let Some(known) = column.known_type() else {
            return Self::Opaque("values of a type that is not known");
        };
        let flags = column.known_flags();
        match known {
            T::MYSQL_TYPE_NULL => Self::Null,
            T::MYSQL_TYPE_TINY
            | T::MYSQL_TYPE_SHORT
            | T::MYSQL_TYPE_INT24
            | T::MYSQL_TYPE_LONG
            | T::MYSQL_TYPE_LONGLONG => match flags.contains(ColumnFlags::UNSIGNED_FLAG) {
                true => Self::Unsigned,
                false => Self::Signed,
            },
            T::MYSQL_TYPE_YEAR => Self::Unsigned,
            T::MYSQL_TYPE_BIT => Self::Bit,
            T::MYSQL_TYPE_DECIMAL | T::MYSQL_TYPE_NEWDECIMAL => Self::Decimal(column.decimals),
            T::MYSQL_TYPE_FLOAT | T::MYSQL_TYPE_DOUBLE => {
                let whole = known == T::MYSQL_TYPE_DOUBLE && column.decimals >= ALL_DIGITS;
                match whole || format == RowFormat::Binary {
                    true => Self::Double(column.decimals),
                    false => Self::Rounded(column.decimals),
                }
            }
            T::MYSQL_TYPE_DATE | T::MYSQL_TYPE_NEWDATE | T::MYSQL_TYPE_DATETIME => Self::DateTime,
            T::MYSQL_TYPE_TIMESTAMP => Self::Timestamp,
            T::MYSQL_TYPE_TIME => Self::Time,
            T::MYSQL_TYPE_JSON => Self::Opaque("JSON values"),
            T::MYSQL_TYPE_GEOMETRY => Self::Opaque("geometries"),
            T::MYSQL_TYPE_VECTOR => Self::Opaque("vectors"),
            T::MYSQL_TYPE_ENUM | T::MYSQL_TYPE_SET => Self::Member,
            _ if flags.intersects(ColumnFlags::ENUM_FLAG | ColumnFlags::SET_FLAG) => Self::Member,
            // MariaDB sends them so; it sorts them by their bytes, not by their text.
            T::MYSQL_TYPE_STRING | T::MYSQL_TYPE_VAR_STRING
                if flags.contains(ColumnFlags::UNSIGNED_FLAG) =>
            {
                Self::Opaque("UUID or INET values")
            }
            T::MYSQL_TYPE_VARCHAR
            | T::MYSQL_TYPE_VAR_STRING
            | T::MYSQL_TYPE_STRING
            | T::MYSQL_TYPE_TINY_BLOB
            | T::MYSQL_TYPE_MEDIUM_BLOB
            | T::MYSQL_TYPE_LONG_BLOB
            | T::MYSQL_TYPE_BLOB => match column.collation {
                BINARY_COLLATION => Self::Bytes,
                _ => Self::Text,
            },
            _ => Self::Opaque("values of a type that is not known"),
        }
    }
}

/// Reads the values of one column.
#[derive(Clone, Copy, Debug)]
pub struct Decoder {
    /// Its index, for errors.
    pub column: usize,
    /// Its type.
    pub kind: Kind,
    /// How its values are sent.
    pub format: RowFormat,
    /// Whether an integer takes eight bytes.
    pub is_longlong: bool,
}

impl Decoder {
    fn bad(&self, expected: &'static str) -> MergeError {
        MergeError::BadValue {
            column: self.column,
            expected,
        }
    }

    /// A value of a [`Kind`] with a fixed size as an unsigned number of the same order.
    ///
    /// # Errors
    /// The bytes are no such value.
    pub fn number(&self, value: &[u8]) -> Result<u64> {
        match (self.kind, self.format) {
            (Kind::Bit, _) => bits(value).ok_or_else(|| self.bad("BIT")),
            (Kind::DateTime, RowFormat::Text) => {
                date_time_text(value).ok_or_else(|| self.bad("date"))
            }
            (Kind::DateTime, RowFormat::Binary) => {
                date_time_binary(value).ok_or_else(|| self.bad("date"))
            }
            (Kind::Time, RowFormat::Text) => time_text(value)
                .map(ordered)
                .ok_or_else(|| self.bad("time")),
            (Kind::Time, RowFormat::Binary) => time_binary(value)
                .map(ordered)
                .ok_or_else(|| self.bad("time")),
            (Kind::Signed, RowFormat::Text) => signed_text(value)
                .map(ordered)
                .ok_or_else(|| self.bad("integer")),
            (Kind::Signed, RowFormat::Binary) => signed_binary(value)
                .map(ordered)
                .ok_or_else(|| self.bad("integer")),
            (_, RowFormat::Text) => digits(value).ok_or_else(|| self.bad("integer")),
            (_, RowFormat::Binary) => unsigned_binary(value).ok_or_else(|| self.bad("integer")),
        }
    }

    /// An integer.
    ///
    /// # Errors
    /// The bytes are none, or the column is of another kind.
    pub fn integer(&self, value: &[u8]) -> Result<i128> {
        match self.kind {
            Kind::Signed => Ok(i128::from((self.number(value)? ^ SIGN) as i64)),
            Kind::Unsigned | Kind::Bit => Ok(i128::from(self.number(value)?)),
            _ => Err(self.bad("integer")),
        }
    }

    /// A DECIMAL and how many digits stand behind its point, or an integer.
    ///
    /// # Errors
    /// The bytes are none, or the column is of another kind.
    pub fn decimal(&self, value: &[u8]) -> Result<(Decimal, usize)> {
        match self.kind {
            Kind::Decimal(scale) => {
                Decimal::parse(value, usize::from(scale)).ok_or_else(|| self.bad("DECIMAL"))
            }
            _ => Ok((Decimal::from_integer(self.integer(value)?), 0)),
        }
    }

    /// A DOUBLE or FLOAT.
    ///
    /// # Errors
    /// The bytes are none.
    pub fn double(&self, value: &[u8]) -> Result<f64> {
        let number = match self.format {
            RowFormat::Text => std::str::from_utf8(value)
                .ok()
                .and_then(|text| text.parse().ok()),
            RowFormat::Binary => match (<[u8; 8]>::try_from(value), <[u8; 4]>::try_from(value)) {
                (Ok(bytes), _) => Some(f64::from_le_bytes(bytes)),
                (_, Ok(bytes)) => Some(f64::from(f32::from_le_bytes(bytes))),
                _ => None,
            },
        };
        number
            .filter(|number: &f64| number.is_finite())
            .ok_or_else(|| self.bad("DOUBLE"))
    }
}

fn ordered(number: i64) -> u64 {
    number as u64 ^ SIGN
}

/// An unsigned number in decimal digits.
pub fn digits(text: &[u8]) -> Option<u64> {
    if text.is_empty() {
        return None;
    }
    text.iter().try_fold(0_u64, |number, byte| {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            return None;
        }
        number.checked_mul(10)?.checked_add(u64::from(digit))
    })
}

fn signed_text(text: &[u8]) -> Option<i64> {
    match text.split_first() {
        Some((b'-', magnitude)) => 0_i64.checked_sub_unsigned(digits(magnitude)?),
        _ => i64::try_from(digits(text)?).ok(),
    }
}

fn signed_binary(bytes: &[u8]) -> Option<i64> {
    Some(match *bytes {
        [a] => i64::from(a as i8),
        [a, b] => i64::from(i16::from_le_bytes([a, b])),
        [a, b, c, d] => i64::from(i32::from_le_bytes([a, b, c, d])),
        _ => i64::from_le_bytes(bytes.try_into().ok()?),
    })
}

fn unsigned_binary(bytes: &[u8]) -> Option<u64> {
    Some(match *bytes {
        [a] => u64::from(a),
        [a, b] => u64::from(u16::from_le_bytes([a, b])),
        [a, b, c, d] => u64::from(u32::from_le_bytes([a, b, c, d])),
        _ => u64::from_le_bytes(bytes.try_into().ok()?),
    })
}

fn bits(bytes: &[u8]) -> Option<u64> {
    (bytes.len() <= 8).then(|| {
        bytes
            .iter()
            .fold(0, |number, byte| number << 8 | u64::from(*byte))
    })
}

/// The parts of a date and time side by side, the longest first.
fn packed(date: [u64; 3], time: [u64; 4]) -> u64 {
    let [year, month, day] = date;
    let [hour, minute, second, micros] = time;
    let day = (year << 4 | month) << 5 | day;
    let second = ((day << 5 | hour) << 6 | minute) << 6 | second;
    second << 20 | micros
}

/// `YYYY-MM-DD[ HH:MM:SS[.ffffff]]`.
fn date_time_text(text: &[u8]) -> Option<u64> {
    let (date, time) = match text.len() {
        10 => (text, None),
        _ => (text.get(..10)?, Some(text.get(10..)?)),
    };
    let [y @ .., b'-', m0, m1, b'-', d0, d1] = date else {
        return None;
    };
    let date = [digits(y)?, digits(&[*m0, *m1])?, digits(&[*d0, *d1])?];
    let time = match time {
        None => [0; 4],
        Some([b' ', time @ ..]) => clock(time)?,
        Some(_) => return None,
    };
    Some(packed(date, time))
}

/// `H:MM:SS[.ffffff]`, with any number of digits for the hours.
fn clock(text: &[u8]) -> Option<[u64; 4]> {
    let (whole, fraction) = match memchr::memchr(b'.', text) {
        None => (text, None),
        Some(at) => (text.get(..at)?, Some(text.get(at + 1..)?)),
    };
    let [hours @ .., b':', m0, m1, b':', s0, s1] = whole else {
        return None;
    };
    let micros = match fraction {
        None => 0,
        Some(fraction) => {
            let missing = 6_u32.checked_sub(u32::try_from(fraction.len()).ok()?)?;
            digits(fraction)? * 10_u64.pow(missing)
        }
    };
    Some([
        digits(hours)?,
        digits(&[*m0, *m1])?,
        digits(&[*s0, *s1])?,
        micros,
    ])
}

fn date_time_binary(bytes: &[u8]) -> Option<u64> {
    let mut reader = Reader::new(bytes);
    let (mut date, mut time) = ([0; 3], [0; 4]);
    if !reader.is_empty() {
        date[0] = u64::from(reader.u16().ok()?);
        date[1] = u64::from(reader.u8().ok()?);
        date[2] = u64::from(reader.u8().ok()?);
    }
    if !reader.is_empty() {
        for part in time.iter_mut().take(3) {
            *part = u64::from(reader.u8().ok()?);
        }
    }
    if !reader.is_empty() {
        time[3] = u64::from(reader.u32().ok()?);
    }
    Some(packed(date, time))
}

fn time_text(text: &[u8]) -> Option<i64> {
    let (negative, text) = match text.split_first()? {
        (b'-', rest) => (true, rest),
        _ => (false, text),
    };
    micros_of(negative, 0, clock(text)?)
}

fn time_binary(bytes: &[u8]) -> Option<i64> {
    let mut reader = Reader::new(bytes);
    if reader.is_empty() {
        return Some(0);
    }
    let negative = reader.u8().ok()? != 0;
    let days = u64::from(reader.u32().ok()?);
    let mut time = [0; 4];
    for part in time.iter_mut().take(3) {
        *part = u64::from(reader.u8().ok()?);
    }
    if !reader.is_empty() {
        time[3] = u64::from(reader.u32().ok()?);
    }
    micros_of(negative, days, time)
}

fn micros_of(
    negative: bool,
    days: u64,
    [hours, minutes, seconds, micros]: [u64; 4],
) -> Option<i64> {
    let hours = days.checked_mul(24)?.checked_add(hours)?;
    let seconds = hours
        .checked_mul(3600)?
        .checked_add(minutes * 60 + seconds)?;
    let micros = i64::try_from(seconds.checked_mul(1_000_000)?.checked_add(micros)?).ok()?;
    Some(if negative { -micros } else { micros })
}
