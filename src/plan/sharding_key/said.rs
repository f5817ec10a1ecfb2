//! Conditions of the statement → conditions on the columns of one node.

use std::sync::Arc;

use super::{Graph, Key, Scope};
use crate::parse::Slot;
use crate::parse::ast::{ColumnRef, CompareOp, Condition, Operand};
use crate::plan::{KeyCondition, KeyRef};
use crate::topology::KeyColumn;

/// The condition, or where `negated` its opposite, with NOT only before BETWEEN: true wherever that
/// is true. What is true where a part is false is not known of the rest, since NULL is neither.
pub(super) fn normal(condition: &Condition, negated: bool) -> Condition {
    let parts = |parts: &[Condition]| -> Vec<Condition> {
        let mut flat = Vec::with_capacity(parts.len());
        for part in parts {
            match (normal(part, negated), condition) {
                (Condition::And(inner), Condition::And(_)) if !negated => flat.extend(inner),
                (Condition::And(inner), Condition::Or(_)) if negated => flat.extend(inner),
                (Condition::Or(inner), Condition::Or(_)) if !negated => flat.extend(inner),
                (Condition::Or(inner), Condition::And(_)) if negated => flat.extend(inner),
                (other, _) => flat.push(other),
            }
        }
        flat
    };
    match condition {
        Condition::And(all) if negated => Condition::Or(parts(all)),
        Condition::And(all) => Condition::And(parts(all)),
        Condition::Or(any) if negated => Condition::And(parts(any)),
        Condition::Or(any) => Condition::Or(parts(any)),
        Condition::Not(inner) => normal(inner, !negated),
        Condition::Between { .. } if negated => Condition::Not(Box::new(condition.clone())),
        Condition::Compare { column, op, value } if negated => match op.negated() {
            Some(op) => Condition::Compare {
                column: column.clone(),
                op,
                value: value.clone(),
            },
            None => Condition::Opaque,
        },
        _ if negated => Condition::Opaque,
        other => other.clone(),
    }
}

impl Graph<'_> {
    /// What a condition in normal form says of one node's columns.
    pub(super) fn said(&self, condition: &Condition, node: usize, scope: &Scope) -> KeyCondition {
        let parts = |parts: &[Condition]| {
            let said = parts.iter().map(|part| self.said(part, node, scope));
            said.collect()
        };
        let leaf = |column: &ColumnRef, leaf: &dyn Fn(KeyRef) -> KeyCondition| {
            let column = self.column_of(column, node, scope);
            column.map_or(KeyCondition::Unknown, leaf)
        };
        match condition {
            Condition::And(all_of) => all(parts(all_of)),
            Condition::Or(any_of) => any(parts(any_of)),
            Condition::Compare {
                value: Operand::Variable(_),
                ..
            } if !self.steady => KeyCondition::Unknown,
            Condition::Compare {
                value: Operand::Made(made),
                ..
            } if !self.resolver.makes(made.maker) => KeyCondition::Unknown,
            Condition::Compare {
                op: CompareOp::NotEq,
                ..
            } => KeyCondition::Unknown,
            Condition::Compare { column, op, value } => {
                leaf(column, &|column| KeyCondition::Compare {
                    column,
                    op: *op,
                    value: value.clone(),
                })
            }
            Condition::In { column, values } => leaf(column, &|column| KeyCondition::In {
                column,
                values: *values,
            }),
            Condition::Between { column, low, high } => {
                leaf(column, &|column| between(column, (*low, *high), false))
            }
            Condition::Not(inner) => match inner.as_ref() {
                Condition::Between { column, low, high } => {
                    leaf(column, &|column| between(column, (*low, *high), true))
                }
                _ => KeyCondition::Unknown,
            },
            _ => KeyCondition::Unknown,
        }
    }

    fn column_of(&self, column: &ColumnRef, node: usize, scope: &Scope) -> Option<KeyRef> {
        let mut named = self.named(column, scope).into_iter();
        let key: Key = named.find(|key| key.node == node)?;
        Some(KeyRef {
            key: key.column,
            compared_as: self.type_of(key).map(Arc::clone),
        })
    }
}

fn between(column: KeyRef, (low, high): (Slot, Slot), negated: bool) -> KeyCondition {
    KeyCondition::Between {
        column,
        low,
        high,
        negated,
    }
}

/// What a condition says of some columns, said of others: of the second of each pair what is said of
/// the first. `keys` are the columns that they are in the end.
pub(super) fn translated(
    condition: &KeyCondition,
    pairs: &[(usize, usize)],
    keys: &[KeyColumn],
) -> KeyCondition {
    let parts = |parts: &[KeyCondition]| {
        let translated = parts.iter().map(|part| translated(part, pairs, keys));
        translated.collect()
    };
    let leaf = |column: &KeyRef, leaf: &dyn Fn(KeyRef) -> KeyCondition| {
        let to = pairs.iter().filter(|(from, _)| *from == column.key);
        all(to.map(|(_, to)| leaf(renamed(column, *to, keys))).collect())
    };
    match condition {
        KeyCondition::And(all_of) => all(parts(all_of)),
        KeyCondition::Or(any_of) => any(parts(any_of)),
        KeyCondition::Compare { column, op, value } => {
            leaf(column, &|column| KeyCondition::Compare {
                column,
                op: *op,
                value: value.clone(),
            })
        }
        KeyCondition::In { column, values } => leaf(column, &|column| KeyCondition::In {
            column,
            values: *values,
        }),
        KeyCondition::Between {
            column,
            low,
            high,
            negated,
        } => leaf(column, &|column| between(column, (*low, *high), *negated)),
        KeyCondition::Never => KeyCondition::Never,
        KeyCondition::Stored(_) | KeyCondition::Unknown => KeyCondition::Unknown,
    }
}

fn renamed(column: &KeyRef, key: usize, keys: &[KeyColumn]) -> KeyRef {
    let own = keys.get(key).and_then(|key| key.key_type.as_ref());
    let other = column.compared_as.as_ref();
    KeyRef {
        key,
        compared_as: other.filter(|other| Some(&***other) != own).map(Arc::clone),
    }
}

/// All hold; what is not known limits nothing.
pub(super) fn all(parts: Vec<KeyCondition>) -> KeyCondition {
    let mut flat = Vec::with_capacity(parts.len());
    for part in parts {
        match part {
            KeyCondition::And(inner) => flat.extend(inner),
            KeyCondition::Unknown => {}
            other => flat.push(other),
        }
    }
    join(flat, KeyCondition::And)
}

/// At least one holds; what is not known may always hold.
pub(super) fn any(parts: Vec<KeyCondition>) -> KeyCondition {
    let mut flat = Vec::with_capacity(parts.len());
    for part in parts {
        match part {
            KeyCondition::Or(inner) => flat.extend(inner),
            KeyCondition::Unknown => return KeyCondition::Unknown,
            other => flat.push(other),
        }
    }
    join(flat, KeyCondition::Or)
}

/// Parts without repetition, as the statement orders them; none at all says nothing.
fn join(
    mut parts: Vec<KeyCondition>,
    make: impl FnOnce(Vec<KeyCondition>) -> KeyCondition,
) -> KeyCondition {
    parts.sort_by_cached_key(|part| {
        let variables = part.variables().into_iter().map(str::to_owned);
        (part.first_slot(), variables.collect::<Vec<_>>())
    });
    let mut once: Vec<KeyCondition> = Vec::with_capacity(parts.len());
    for part in parts {
        if !once.contains(&part) {
            once.push(part);
        }
    }
    match once.pop() {
        None => KeyCondition::Unknown,
        Some(only) if once.is_empty() => only,
        Some(last) => {
            once.push(last);
            make(once)
        }
    }
}
