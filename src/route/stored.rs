//! The rows that an INSERT stores → their data nodes.

use smallvec::SmallVec;

use super::key::{Canonical, Usage};
use super::placement::{Column, Placement, Rules};
use super::{Given, Literals, NodeSet, RouteError};
use crate::plan::StoredKey;
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
        for slot in key {
            columns.push(literals.of(*slot)?);
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
            let values = placement.columns.iter().zip(values);
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
    given: Given<'a>,
    row: usize,
    literals: Literals<'a>,
) -> Result<KeyValue<'a>, RouteError> {
    let name = || column.name.clone();
    let key_type = column.key_type.as_ref().ok_or(RouteError::Stale)?;
    match literals.canonical(given, key_type, Usage::Store) {
        Ok(Canonical::Value(value)) => Ok(value),
        Ok(_) => Err(RouteError::NullKey { column: name() }),
        Err(source) => Err(RouteError::Key {
            column: name(),
            row,
            source,
        }),
    }
}
