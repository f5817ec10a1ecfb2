//! Comparisons by order → ranges of canonical keys.
//!
//! In: values and the column's type. Out: a range that holds every stored key for which the
//! comparison is true, or that nothing is certain.

use std::ops::Bound;

use super::scalar::Scalar;
use super::{decimal, integer, temporal, text};
use crate::parse::ast::CompareOp;
use crate::topology::KeyType;
use crate::value::{KeyRange, KeyValue};

/// Where a value stands among those that a column can hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Limit<'a> {
    /// It is this one.
    At(KeyValue<'a>),
    /// Above this one and below the next.
    Behind(KeyValue<'a>),
    /// No more than one integer from this one.
    About(KeyValue<'a>),
    /// Below all of them.
    Below,
    /// Above all of them.
    Above,
    /// Only MySQL knows.
    Unsure,
}

/// The stored keys for which a comparison may be true.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Bounds<'a> {
    /// They are in this range.
    Range(KeyRange<'a>),
    /// There are none.
    Never,
    /// They may be any.
    Unsure,
}

/// The keys for which `key op value` may be true; `op` is `<`, `<=`, `>` or `>=`.
pub fn bounds<'a>(op: CompareOp, value: Scalar<'a>, key_type: &KeyType) -> Bounds<'a> {
    if value == Scalar::Null {
        return Bounds::Never;
    }
    side(op, limit(value, key_type))
}

/// The keys for which `key BETWEEN low AND high` may be true.
pub fn between<'a>(low: Scalar<'a>, high: Scalar<'a>, key_type: &KeyType) -> Bounds<'a> {
    if low == Scalar::Null || high == Scalar::Null {
        return Bounds::Never;
    }
    if !compare_alike(&low, &high) {
        return Bounds::Unsure;
    }
    let low = side(CompareOp::GtEq, limit(low, key_type));
    match (low, side(CompareOp::LtEq, limit(high, key_type))) {
        (Bounds::Never, _) | (_, Bounds::Never) => Bounds::Never,
        (Bounds::Range(low), Bounds::Range(high)) => Bounds::Range(KeyRange {
            lower: low.lower,
            upper: high.upper,
        }),
        _ => Bounds::Unsure,
    }
}

/// The keys for which `key NOT BETWEEN low AND high` may be true: those below and those above.
pub fn outside<'a>(low: Scalar<'a>, high: Scalar<'a>, key_type: &KeyType) -> [Bounds<'a>; 2] {
    if !compare_alike(&low, &high) {
        return [Bounds::Unsure, Bounds::Unsure];
    }
    let (low, high) = (limit(low, key_type), limit(high, key_type));
    [side(CompareOp::Lt, low), side(CompareOp::Gt, high)]
}

/// Whether MySQL compares a column with both by the type by which it compares it with each.
fn compare_alike(a: &Scalar<'_>, b: &Scalar<'_>) -> bool {
    matches!(
        (a, b),
        (Scalar::Exact(_), Scalar::Exact(_))
            | (Scalar::Float(_), Scalar::Float(_))
            | (Scalar::Text(_), Scalar::Text(_))
    )
}

fn limit<'a>(scalar: Scalar<'a>, key_type: &KeyType) -> Limit<'a> {
    match key_type {
        KeyType::Integer { .. } => integer::limit(&scalar, integer::WIDEST),
        KeyType::Decimal { precision, scale } => decimal::limit(&scalar, *precision, *scale),
        KeyType::Text {
            fixed, collation, ..
        } => text::limit(scalar, *fixed, collation),
        KeyType::Binary { .. } => text::limit_binary(scalar),
        KeyType::Date => temporal::limit_date(&scalar),
        KeyType::DateTime { fsp } => temporal::limit_datetime(&scalar, *fsp),
    }
}

/// The keys on one side of a limit. Bounds of integers are always included.
fn side<'a>(op: CompareOp, limit: Limit<'a>) -> Bounds<'a> {
    let above = matches!(op, CompareOp::Gt | CompareOp::GtEq);
    let bound = match (limit, op) {
        (Limit::Unsure, _) => return Bounds::Unsure,
        (Limit::Below, _) if above => Bound::Unbounded,
        (Limit::Above, _) if !above => Bound::Unbounded,
        (Limit::Below | Limit::Above, _) => return Bounds::Never,
        (Limit::About(KeyValue::Int(value)), _) => {
            let slack = if above { -1 } else { 1 };
            Bound::Included(KeyValue::Int(value + slack))
        }
        (Limit::About(_), _) => return Bounds::Unsure,
        (Limit::At(value), CompareOp::LtEq | CompareOp::GtEq) => Bound::Included(value),
        (Limit::At(KeyValue::Int(value)), CompareOp::Lt) => {
            Bound::Included(KeyValue::Int(value - 1))
        }
        (Limit::At(KeyValue::Int(value)) | Limit::Behind(KeyValue::Int(value)), _) if above => {
            Bound::Included(KeyValue::Int(value + 1))
        }
        (Limit::Behind(value), _) if !above => Bound::Included(value),
        (Limit::At(value) | Limit::Behind(value), _) => Bound::Excluded(value),
    };
    let range = if above {
        KeyRange {
            lower: bound,
            upper: Bound::Unbounded,
        }
    } else {
        KeyRange {
            lower: Bound::Unbounded,
            upper: bound,
        }
    };
    Bounds::Range(range)
}
