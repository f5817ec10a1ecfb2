//! Values of the configuration → the keys that they stand for on the key's column.
//!
//! The rules are those for values that SQL stores in the column ([`crate::route::key`]), except
//! that nothing may be rounded on the way.

use std::borrow::Cow;

use toml::Value;

use super::AlgorithmError;
use crate::route::key::{Canonical, Charset, Exact, Scalar, Text, Usage, canonical_scalar};
use crate::topology::{Folding, KeyType};
use crate::value::KeyValue;

/// The key that a value of the setting stands for; `what` is how a message calls the value.
///
/// # Errors
/// The column cannot hold it, or it is not certain what the column would hold.
pub fn key_value(
    algorithm: &'static str,
    what: &str,
    value: &Value,
    key_type: &KeyType,
) -> Result<KeyValue<'static>, AlgorithmError> {
    let refused = |why: &str| AlgorithmError::SettingValue {
        algorithm,
        reason: format!("{what} cannot be {value}: {why}"),
    };
    let scalar = scalar(value).map_err(refused)?;
    let stored = canonical_scalar(scalar.clone(), key_type, Usage::Store);
    let stored = match stored {
        Ok(Canonical::Value(stored)) => stored,
        Ok(_) => return Err(refused("it is no value")),
        Err(error) => return Err(refused(&error.to_string())),
    };
    if is_rounded(&scalar, key_type) {
        return Err(refused("the key column cannot hold it exactly"));
    }
    // What equals the written value in no row was cut.
    match canonical_scalar(scalar, key_type, Usage::Compare) {
        Ok(Canonical::NoMatch) => Err(refused("the key column cannot hold it exactly")),
        _ => Ok(owned(stored)),
    }
}

/// Whether a number has more digits after the point than the column.
fn is_rounded(scalar: &Scalar<'_>, key_type: &KeyType) -> bool {
    let scale = match key_type {
        KeyType::Integer { .. } => 0,
        KeyType::Decimal { scale, .. } => *scale,
        _ => return false,
    };
    let number = match scalar {
        Scalar::Exact(number) => Some(*number),
        Scalar::Text(text) => text.ascii().and_then(|t| Exact::parse(t.trim_ascii())),
        _ => None,
    };
    number.is_some_and(|number| !number.floor(scale).1)
}

/// Whether keys of this type are ordered on the servers as [`KeyValue`] orders them.
pub fn keeps_order(key_type: &KeyType) -> bool {
    match key_type {
        KeyType::Text {
            fixed, collation, ..
        } => !fixed && !collation.pad_space && collation.folding == Folding::Exact,
        KeyType::Integer { .. }
        | KeyType::Decimal { .. }
        | KeyType::Binary { .. }
        | KeyType::Date
        | KeyType::DateTime { .. } => true,
    }
}

/// A value of TOML as a value of SQL.
fn scalar(value: &Value) -> Result<Scalar<'static>, &'static str> {
    let text = |text: String| {
        Scalar::Text(Text {
            bytes: Cow::Owned(text.into_bytes()),
            charset: Charset::Utf8mb4,
        })
    };
    match value {
        Value::Integer(number) => Ok(Scalar::Exact(Exact::integer(i128::from(*number)))),
        Value::String(string) => Ok(text(string.clone())),
        Value::Datetime(moment) => match (moment.date, moment.offset) {
            (None, _) => Err("it is no date"),
            (_, Some(_)) => Err("a key has no time zone; write it without"),
            (Some(_), None) => Ok(text(moment.to_string())),
        },
        Value::Float(_) => Err("write a decimal in quotes"),
        Value::Boolean(_) => Err("write 1 or 0"),
        Value::Array(_) | Value::Table(_) => Err("write one value"),
    }
}

fn owned(value: KeyValue<'_>) -> KeyValue<'static> {
    match value {
        KeyValue::Int(value) => KeyValue::Int(value),
        KeyValue::Decimal { unscaled, scale } => KeyValue::Decimal { unscaled, scale },
        KeyValue::Bytes(bytes) => KeyValue::Bytes(Cow::Owned(bytes.into_owned())),
        KeyValue::Date(date) => KeyValue::Date(date),
        KeyValue::DateTime { date, micros } => KeyValue::DateTime { date, micros },
    }
}
