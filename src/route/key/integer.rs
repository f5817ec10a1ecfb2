//! TINYINT … BIGINT.

use std::ops::RangeInclusive;

use super::Canonical;
use super::bound::Limit;
use super::error::{KeyError, NotCertain};
use super::number::{Exact, exact_integer, leading_double, plain_double};
use super::scalar::Scalar;
use crate::value::KeyValue;

/// What an integer column may hold after an ALTER TABLE that another proxy has sent: where such values
/// would be is known, whatever the column's type was when it was read.
pub const WIDEST: RangeInclusive<i128> = -(1 << 63)..=(1 << 64) - 1;

/// Numbers compare as numbers, strings as doubles. To MySQL no integer equals a fraction; MariaDB
/// rounds it first.
pub fn compare<'a>(scalar: &Scalar<'_>, range: RangeInclusive<i128>) -> Canonical<'a> {
    let value = match scalar {
        Scalar::Exact(number) => match number.normalized() {
            Exact { unscaled, scale: 0 } => Some(unscaled),
            _ => None,
        },
        Scalar::Float(value) => return compare_double(*value, range),
        Scalar::Text(text) => {
            return match text.ascii().and_then(leading_double) {
                Some(value) => compare_double(value, range),
                None => Canonical::Unsure,
            };
        }
        // Above the signed range the sign of the comparison is not certain.
        Scalar::HexString(_) => None,
        Scalar::Bytes(bytes) => unsigned(bytes).filter(|v| *v <= i128::from(i64::MAX)),
        Scalar::Null | Scalar::Unknown(_) => None,
    };
    match value {
        Some(value) => within(value, range),
        None => Canonical::Unsure,
    }
}

/// Where a literal stands among the column's values.
pub fn limit<'a>(scalar: &Scalar<'_>, range: RangeInclusive<i128>) -> Limit<'a> {
    let (floor, exact) = match scalar {
        Scalar::Exact(number) => number.floor(0),
        Scalar::Float(value) => return limit_double(*value, range),
        Scalar::Text(text) => {
            let text = text.ascii();
            let is_integer = text.is_some_and(|text| {
                let exact = Exact::parse(text.trim_ascii());
                exact.is_some_and(|number| number.scale == 0)
            });
            return match text.and_then(leading_double) {
                Some(value) if is_integer => limit_double(value, range),
                // MariaDB may read a fraction exactly where MySQL reads a double.
                Some(value) => match limit_double(value, range) {
                    Limit::At(value) | Limit::Behind(value) => Limit::About(value),
                    limit => limit,
                },
                None => Limit::Unsure,
            };
        }
        Scalar::Bytes(bytes) => match unsigned(bytes).filter(|v| *v <= i128::from(i64::MAX)) {
            Some(value) => (value, true),
            None => return Limit::Unsure,
        },
        Scalar::HexString(_) | Scalar::Null | Scalar::Unknown(_) => return Limit::Unsure,
    };
    limit_within(floor, exact, &range)
}

/// Doubles of integers keep their order; those of large ones are not their own.
fn limit_double<'a>(value: f64, range: RangeInclusive<i128>) -> Limit<'a> {
    const BEYOND_ANY_INTEGER: f64 = 1e20;
    match exact_integer(value.floor()) {
        Some(floor) => limit_within(floor, value.fract() == 0.0, &range),
        None if value > BEYOND_ANY_INTEGER => Limit::Above,
        None if value < -BEYOND_ANY_INTEGER => Limit::Below,
        None => Limit::Unsure,
    }
}

fn limit_within<'a>(floor: i128, exact: bool, range: &RangeInclusive<i128>) -> Limit<'a> {
    if floor < *range.start() {
        Limit::Below
    } else if floor > *range.end() {
        Limit::Above
    } else if exact {
        Limit::At(KeyValue::Int(floor))
    } else {
        Limit::Behind(KeyValue::Int(floor))
    }
}

fn compare_double<'a>(value: f64, range: RangeInclusive<i128>) -> Canonical<'a> {
    match exact_integer(value) {
        Some(value) => within(value, range),
        None => Canonical::Unsure,
    }
}

fn within<'a>(value: i128, range: RangeInclusive<i128>) -> Canonical<'a> {
    if range.contains(&value) {
        Canonical::Value(KeyValue::Int(value))
    } else {
        Canonical::NoMatch
    }
}

/// Exact fractions are rounded; what is out of range is refused whatever the sql_mode.
pub fn store<'a>(
    scalar: &Scalar<'_>,
    range: RangeInclusive<i128>,
) -> Result<KeyValue<'a>, KeyError> {
    let value = match scalar {
        Scalar::Exact(number) => number.rounded(0).unscaled,
        Scalar::Float(value) => exact_integer(*value).ok_or(NotCertain::Exponent)?,
        Scalar::Text(text) => stored_text(text.ascii().ok_or(NotCertain::Form)?)?,
        Scalar::HexString(_) => return Err(NotCertain::Kind.into()),
        Scalar::Bytes(bytes) => unsigned(bytes).ok_or(NotCertain::Kind)?,
        Scalar::Null => return Err(NotCertain::Kind.into()),
        Scalar::Unknown(reason) => return Err(reason.clone().into()),
    };
    if range.contains(&value) {
        Ok(KeyValue::Int(value))
    } else {
        Err(KeyError::OutOfRange)
    }
}

fn stored_text(text: &[u8]) -> Result<i128, KeyError> {
    let text = text.trim_ascii();
    if let Some(number) = Exact::parse(text) {
        return match number.normalized() {
            Exact { unscaled, scale: 0 } => Ok(unscaled),
            _ => Err(NotCertain::Rounding.into()),
        };
    }
    match plain_double(text) {
        Some(value) => Ok(exact_integer(value).ok_or(NotCertain::Exponent)?),
        None => Err(KeyError::NotANumber),
    }
}

/// Up to eight bytes as one unsigned number, most significant first.
fn unsigned(bytes: &[u8]) -> Option<i128> {
    if bytes.len() > 8 {
        return None;
    }
    let value = bytes.iter().fold(0_i128, |n, b| n << 8 | i128::from(*b));
    Some(value)
}
