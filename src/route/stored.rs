//! The rows that an INSERT stores → their data nodes.

use smallvec::SmallVec;

use std::borrow::Cow;

use super::key::{
    Canonical, Charset, Exact, KeyError, NotCertain, Scalar, Text, Usage, canonical_scalar,
};
use super::placement::{Column, Placement, Rules};
use super::{Given, Literals, NodeSet, RouteError};
use crate::plan::{KeySource, StoredKey};
use crate::topology::KeyType;
use crate::value::KeyValue;

/// The nodes that the rows go to.
///
/// # Errors
/// A key has no certain place.
pub(super) fn nodes(
    placement: &Placement,
    rules: &Rules,
    keys: &[StoredKey],
    literals: Literals<'_>,
) -> Result<NodeSet, RouteError> {
    let mut set = NodeSet::Empty;
    each(placement, rules, (keys, literals), &mut |node| {
        set.insert(node);
    })?;
    Ok(set)
}

/// Tells the node of each row, in order.
///
/// # Errors
/// As [`nodes`].
pub(super) fn each(
    placement: &Placement,
    rules: &Rules,
    (keys, literals): (&[StoredKey], Literals<'_>),
    tell: &mut dyn FnMut(usize),
) -> Result<(), RouteError> {
    let mut row = 0;
    for key in keys {
        let mut columns = SmallVec::<[_; 2]>::new();
        for source in key {
            columns.push(literals.of(source.slot())?);
        }
        loop {
            let next = columns.iter_mut().map(Iterator::next);
            let Some(values) = next.collect::<Option<SmallVec<[Given<'_>; 2]>>>() else {
                break;
            };
            row += 1;
            if values.is_empty() {
                break;
            }
            let values = placement.columns.iter().zip(key.iter().zip(values));
            let values: Result<SmallVec<[KeyValue<'_>; 2]>, _> = values
                .map(|(column, given)| value(column, given, row, literals))
                .collect();
            tell(placement.node_of(rules, &values?)?);
        }
    }
    Ok(())
}

fn value<'a>(
    column: &Column,
    (source, given): (&KeySource, Given<'a>),
    row: usize,
    literals: Literals<'a>,
) -> Result<KeyValue<'a>, RouteError> {
    let key_type = column.key_type.as_ref().ok_or(RouteError::Stale)?;
    let canonical = match source {
        KeySource::Given(_) => literals.canonical(given, key_type, Usage::Store),
        KeySource::Made(made) => {
            canonical_scalar(literals.made(made, key_type)?, key_type, Usage::Store)
        }
    };
    stored(column, canonical, row)
}

/// The value that the column of row number `row` holds.
fn stored<'a>(
    column: &Column,
    canonical: Result<Canonical<'a>, KeyError>,
    row: usize,
) -> Result<KeyValue<'a>, RouteError> {
    let name = || column.name.clone();
    match canonical {
        Ok(Canonical::Value(value)) => Ok(value),
        Ok(_) => Err(RouteError::NullKey { column: name() }),
        Err(KeyError::NotCertain(NotCertain::NotAUuid { text })) => Err(RouteError::NotAUuid(text)),
        Err(source) => Err(RouteError::Key {
            column: name(),
            row,
            source,
        }),
    }
}

/// The node of a row that a server has: the texts of its key columns in utf8mb4 as the server writes
/// them, `None` for NULL. `row`: its number, for messages.
///
/// # Errors
/// The row has no certain place.
pub(super) fn place(
    placement: &Placement,
    rules: &Rules,
    keys: &[Option<&[u8]>],
    row: usize,
) -> Result<usize, RouteError> {
    let scalars = placement.columns.iter().zip(keys).map(|(column, text)| {
        let key_type = column.key_type.as_ref().ok_or(RouteError::Stale)?;
        Ok(text.map_or(Scalar::Null, |text| scalar(text, key_type)))
    });
    let scalars = scalars.collect::<Result<_, RouteError>>()?;
    place_scalars(placement, rules, scalars, row)
}

/// The node of a row whose key columns will be stored from these values. `row`: its number, for messages.
///
/// # Errors
/// As [`place`].
pub(super) fn place_scalars(
    placement: &Placement,
    rules: &Rules,
    keys: Vec<Scalar<'_>>,
    row: usize,
) -> Result<usize, RouteError> {
    let values = placement.columns.iter().zip(keys);
    let values: Result<SmallVec<[KeyValue<'_>; 2]>, RouteError> = values
        .map(|(column, scalar)| {
            let key_type = column.key_type.as_ref().ok_or(RouteError::Stale)?;
            stored(
                column,
                canonical_scalar(scalar, key_type, Usage::Store),
                row,
            )
        })
        .collect();
    placement.node_of(rules, &values?)
}

/// What a server's text of a column of this type means.
fn scalar<'a>(text: &'a [u8], key_type: &KeyType) -> Scalar<'a> {
    let string = |charset| {
        Scalar::Text(Text {
            bytes: Cow::Borrowed(text),
            charset,
        })
    };
    match key_type {
        KeyType::Integer { .. } | KeyType::Decimal { .. } => {
            Exact::parse(text).map_or_else(|| string(Charset::Utf8mb4), Scalar::Exact)
        }
        KeyType::Binary { .. } => Scalar::HexString(Cow::Borrowed(text)),
        KeyType::Text { .. } | KeyType::Date | KeyType::DateTime { .. } => string(Charset::Utf8mb4),
    }
}
