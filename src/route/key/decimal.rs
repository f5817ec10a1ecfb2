//! DECIMAL(precision, scale).

use super::Canonical;
use super::bound::Limit;
use super::error::{KeyError, NotCertain};
use super::number::Exact;
use super::scalar::Scalar;
use crate::value::KeyValue;

/// Decimals of so many digits have doubles of their own.
const EXACT_DOUBLE_DIGITS: u32 = 15;

/// Exact numbers compare exactly, strings as doubles.
pub fn compare<'a>(scalar: &Scalar<'_>, precision: u8, scale: u8) -> Canonical<'a> {
    match compared(scalar, precision) {
        None => Canonical::Unsure,
        // To MySQL no key equals it; MariaDB rounds it first.
        Some(number) if number.scale > scale => Canonical::Unsure,
        Some(number) if fits(number, precision, scale) => Canonical::Value(value(number)),
        Some(_) => Canonical::NoMatch,
    }
}

/// The number that the column is compared with, where it is certain.
fn compared(scalar: &Scalar<'_>, precision: u8) -> Option<Exact> {
    match scalar {
        Scalar::Exact(number) => Some(number.normalized()),
        Scalar::Text(text) => text
            .ascii()
            .and_then(|text| Exact::parse(text.trim_ascii()))
            .map(Exact::normalized)
            .filter(|n| n.digits().max(u32::from(precision)) <= EXACT_DOUBLE_DIGITS),
        _ => None,
    }
}

/// Where a literal stands among the column's values.
pub fn limit<'a>(scalar: &Scalar<'_>, precision: u8, scale: u8) -> Limit<'a> {
    let Some(number) = compared(scalar, precision) else {
        return Limit::Unsure;
    };
    let (unscaled, exact) = number.floor(scale);
    let floor = Exact {
        unscaled,
        scale: number.scale.min(scale),
    };
    let floor = floor.normalized();
    match (fits(floor, precision, scale), exact) {
        (true, true) => Limit::At(value(floor)),
        (true, false) => Limit::Behind(value(floor)),
        (false, _) if floor.unscaled < 0 => Limit::Below,
        (false, _) => Limit::Above,
    }
}

/// Excess digits after the point are rounded away.
pub fn store<'a>(scalar: &Scalar<'_>, precision: u8, scale: u8) -> Result<KeyValue<'a>, KeyError> {
    let number = match scalar {
        Scalar::Exact(number) => *number,
        Scalar::Float(_) => return Err(NotCertain::Exponent.into()),
        Scalar::Text(text) => {
            let text = text.ascii().ok_or(NotCertain::Form)?.trim_ascii();
            Exact::parse(text).ok_or_else(|| unread(text))?
        }
        Scalar::Bytes(_) | Scalar::HexString(_) | Scalar::Null => {
            return Err(NotCertain::Kind.into());
        }
        Scalar::Unknown(reason) => return Err(reason.clone().into()),
    };
    let number = number.rounded(scale);
    if fits(number, precision, scale) {
        Ok(value(number))
    } else {
        Err(KeyError::OutOfRange)
    }
}

/// Why a string is no exact number.
fn unread(text: &[u8]) -> KeyError {
    let numeric = |b: &u8| b.is_ascii_digit() || b"+-.eE".contains(b);
    if text.iter().any(u8::is_ascii_digit) && text.iter().all(numeric) {
        NotCertain::Exponent.into()
    } else {
        KeyError::NotANumber
    }
}

/// Whether the digits before the point are no more than the column holds.
fn fits(number: Exact, precision: u8, scale: u8) -> bool {
    let whole = number.digits().saturating_sub(u32::from(number.scale));
    whole <= u32::from(precision.saturating_sub(scale))
}

fn value<'a>(number: Exact) -> KeyValue<'a> {
    KeyValue::Decimal {
        unscaled: number.unscaled,
        scale: number.scale,
    }
}
