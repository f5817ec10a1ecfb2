//! Bound parameters → the values that a statement's placeholders stand for.
//!
//! A parameter is compared and stored like a literal of its type; `tests/key_rules` asks servers for
//! that. Dates are the exception: beside numbers and strings they are none of the literals.

use std::borrow::Cow;

use super::key::{Charset, Exact, Scalar, Text};
use crate::topology::KeyType;
use crate::wire::BinaryValue;

/// The parameters of an execution.
#[derive(Clone, Copy, Debug, Default)]
pub struct Params<'a> {
    /// By number; empty where they are not known.
    pub values: &'a [BinaryValue<'a>],
    /// For each literal of the statement, how many placeholders stand before it.
    pub ordinals: &'a [u32],
    /// What the bytes of a bound string mean.
    pub charset: Charset,
}

impl<'a> Params<'a> {
    /// The parameter of the placeholder that is the statement's literal number `literal`.
    pub(super) fn at(&self, literal: usize) -> Option<BinaryValue<'a>> {
        let ordinal = self.ordinals.get(literal)?;
        self.values.get(*ordinal as usize).copied()
    }

    /// The parameter as a value beside a column of `key_type`; `None` where that is not certain.
    pub(super) fn scalar(&self, value: BinaryValue<'a>, key_type: &KeyType) -> Option<Scalar<'a>> {
        if !compares_like_a_literal(value, key_type) {
            return None;
        }
        Some(match value {
            BinaryValue::Null => Scalar::Null,
            BinaryValue::Integer(value) => Scalar::Exact(Exact::integer(value)),
            BinaryValue::Float(value) if value.is_finite() => Scalar::Float(value),
            BinaryValue::Decimal(digits) => Scalar::Exact(Exact::parse(digits)?),
            BinaryValue::Text(bytes) => self.text(bytes)?,
            // Beside numbers MySQL reads a string, beside strings bytes.
            BinaryValue::Blob(bytes) => Scalar::HexString(Cow::Borrowed(bytes)),
            BinaryValue::Moment { .. } => moment(value, key_type)?,
            BinaryValue::Float(_) | BinaryValue::Other => return None,
        })
    }

    /// The second byte of an East Asian character may look like a quote, which matters to nobody
    /// here, but what the server makes of its bytes does.
    fn text(&self, bytes: &'a [u8]) -> Option<Scalar<'a>> {
        let unclear = matches!(self.charset, Charset::Multibyte | Charset::Opaque);
        if unclear && !bytes.is_ascii() {
            return None;
        }
        Some(Scalar::Text(Text {
            bytes: Cow::Borrowed(bytes),
            charset: self.charset,
        }))
    }
}

/// Not beside a range: of a string with more digits than a decimal column MySQL makes another number
/// than of the literal, and of a decimal above the signed integers the next one.
fn compares_like_a_literal(value: BinaryValue<'_>, key_type: &KeyType) -> bool {
    match (value, key_type) {
        (BinaryValue::Text(text), KeyType::Decimal { scale, .. }) => {
            Exact::parse(text.trim_ascii()).is_some_and(|number| number.scale <= *scale)
        }
        (BinaryValue::Decimal(digits), KeyType::Integer { .. }) => {
            let large = |number: Exact| number.floor(0).0.unsigned_abs() > i64::MAX as u128;
            !Exact::parse(digits).is_some_and(large)
        }
        _ => true,
    }
}

/// A date as the string that means the same beside a column of dates.
fn moment<'a>(value: BinaryValue<'_>, key_type: &KeyType) -> Option<Scalar<'a>> {
    let BinaryValue::Moment {
        year,
        month,
        day,
        time: [hour, minute, second],
        micros,
        ..
    } = value
    else {
        return None;
    };
    if !matches!(key_type, KeyType::Date | KeyType::DateTime { .. }) {
        return None;
    }
    let mut text = format!("{year:04}-{month:02}-{day:02}");
    if [hour, minute, second] != [0; 3] || micros != 0 {
        text += &format!(" {hour:02}:{minute:02}:{second:02}.{micros:06}");
    }
    Some(Scalar::Text(Text {
        bytes: Cow::Owned(text.into_bytes()),
        charset: Charset::Utf8mb4,
    }))
}
