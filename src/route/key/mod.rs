//! Key: a literal of the statement + the key column's type → its [`Canonical`] form.
//!
//! In: a [`Literal`] and the statement's bytes. Out: the value that the column holds, or would
//! hold, in the one form that the algorithms see. The rule of this module: **spellings that MySQL
//! holds equal on the column give the same value, and what is not certain is never guessed**. A
//! comparison that is not certain is [`Canonical::Unsure`] (the statement goes to every shard); a
//! stored value that is not certain is a [`KeyError`].
//!
//! The folding may be coarser than MySQL's equality (then unequal keys share a shard), never finer.
//!
//! Sources: the manual's chapters "Type Conversion in Expression Evaluation", "String Literals",
//! "Hexadecimal Literals", "Date and Time Literals"
//! (<https://dev.mysql.com/doc/refman/9.4/en/type-conversion.html>), each rule checked against a
//! server by `tests/key_rules.rs`.

mod bound;
mod charset;
mod decimal;
mod error;
mod integer;
mod made;
mod number;
mod scalar;
mod temporal;
mod text;
mod unquote;

pub use bound::{Bounds, between, bounds, outside};
pub use charset::Charset;
pub use error::{KeyError, NotCertain};
pub use made::made;
pub use number::Exact;
pub use scalar::{Scalar, Text};
pub use unquote::unquote;

use crate::parse::{LexMode, Literal, LiteralKind};
use crate::topology::KeyType;
use crate::value::KeyValue;

/// The stored keys that may be equal to a value that was already read.
pub fn canonical_compared<'a>(scalar: Scalar<'a>, key_type: &KeyType) -> Canonical<'a> {
    match scalar {
        Scalar::Null => Canonical::Null,
        scalar => compare(scalar, key_type),
    }
}

/// What the statement does with the value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Usage {
    /// Compares the key column with it by `=` or `IN`.
    Compare,
    /// Writes it into the key column.
    Store,
}

/// What a literal comes to, once the column's type is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Canonical<'a> {
    /// Every stored key that equals the literal has this canonical value.
    Value(KeyValue<'a>),
    /// NULL: as a comparison it is never true.
    Null,
    /// No stored key can equal the literal. Comparisons only.
    NoMatch,
    /// Stored keys with different canonical values may equal the literal. Comparisons only.
    Unsure,
}

/// How the session's settings turn the statement's bytes into values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LiteralContext {
    /// The settings under which the statement was scanned.
    pub mode: LexMode,
    /// What the bytes of a string literal mean.
    pub charset: Charset,
}

/// The canonical form of `literal`, a piece of the statement `text`, on a column of `key_type`.
///
/// # Errors
/// Only with [`Usage::Store`]: the column would refuse the value, or it is not certain what the
/// column would hold.
pub fn canonical<'a>(
    literal: &Literal,
    text: &'a [u8],
    key_type: &KeyType,
    usage: Usage,
    context: LiteralContext,
) -> Result<Canonical<'a>, KeyError> {
    if let (KeyType::Integer { min, max }, Some(value)) = (key_type, plain_integer(literal, text))
        && (*min..=*max).contains(&value)
    {
        return Ok(Canonical::Value(KeyValue::Int(value)));
    }
    canonical_scalar(Scalar::read(literal, text, context), key_type, usage)
}

/// The value of a few bare digits: the way that nearly every key is written, and the quick one.
fn plain_integer(literal: &Literal, text: &[u8]) -> Option<i128> {
    const CERTAINLY_FITS: usize = 18;
    if literal.kind != LiteralKind::Integer || literal.negative || literal.introduced {
        return None;
    }
    let digits = text.get(literal.start as usize..literal.end as usize)?;
    if digits.is_empty() || digits.len() > CERTAINLY_FITS {
        return None;
    }
    digits
        .iter()
        .try_fold(0i64, |value, digit| {
            digit
                .is_ascii_digit()
                .then(|| value * 10 + i64::from(digit - b'0'))
        })
        .map(i128::from)
}

/// The canonical form of a value that was already read, for instance a bound parameter.
///
/// # Errors
/// As [`canonical`].
pub fn canonical_scalar<'a>(
    scalar: Scalar<'a>,
    key_type: &KeyType,
    usage: Usage,
) -> Result<Canonical<'a>, KeyError> {
    if matches!(scalar, Scalar::Null) {
        return Ok(Canonical::Null);
    }
    match usage {
        Usage::Compare => Ok(canonical_compared(scalar, key_type)),
        Usage::Store => store(scalar, key_type).map(Canonical::Value),
    }
}

fn compare<'a>(scalar: Scalar<'a>, key_type: &KeyType) -> Canonical<'a> {
    match key_type {
        KeyType::Integer { .. } => integer::compare(&scalar, integer::WIDEST),
        KeyType::Decimal { precision, scale } => decimal::compare(&scalar, *precision, *scale),
        KeyType::Text {
            fixed, collation, ..
        } => text::compare(scalar, *fixed, collation),
        KeyType::Binary { fixed, length } => text::compare_binary(scalar, *fixed, *length),
        KeyType::Date => temporal::compare_date(&scalar),
        KeyType::DateTime { fsp } => temporal::compare_datetime(&scalar, *fsp),
    }
}

fn store<'a>(scalar: Scalar<'a>, key_type: &KeyType) -> Result<KeyValue<'a>, KeyError> {
    match key_type {
        KeyType::Integer { min, max } => integer::store(&scalar, *min..=*max),
        KeyType::Decimal { precision, scale } => decimal::store(&scalar, *precision, *scale),
        KeyType::Text {
            fixed,
            length,
            collation,
        } => text::store(scalar, *fixed, *length, collation),
        KeyType::Binary { fixed, length } => text::store_binary(scalar, *fixed, *length),
        KeyType::Date => temporal::store_date(&scalar),
        KeyType::DateTime { fsp } => temporal::store_datetime(&scalar, *fsp),
    }
}
