//! Conditions → the data nodes that may hold rows for which they hold.
//!
//! Set algebra over nodes: equality gives one, AND intersects, OR unites, and whatever is not
//! certain is every node.

use super::key::{Canonical, Usage, canonical};
use super::placement::{Placement, Rules};
use super::{Literals, NodeSet, RouteError};
use crate::parse::{Literal, Slot};
use crate::plan::KeyCondition;
use crate::topology::KeyType;

/// A table whose rows are looked for, and the literals of the statement.
#[derive(Clone, Copy)]
pub(super) struct Matching<'a> {
    pub(super) placement: &'a Placement,
    pub(super) rules: &'a Rules,
    pub(super) literals: Literals<'a>,
}

impl Matching<'_> {
    /// The nodes that may hold rows for which the condition holds.
    pub(super) fn nodes(&self, condition: &KeyCondition) -> Result<NodeSet, RouteError> {
        Ok(match condition {
            KeyCondition::Equal { key, slot } => self.equal(*key, *slot)?,
            KeyCondition::In { key, slots } => {
                let mut set = NodeSet::Empty;
                for slot in slots {
                    set = set.or(self.equal(*key, *slot)?);
                }
                set
            }
            KeyCondition::And(all) => {
                let mut set = NodeSet::All;
                for condition in all {
                    set = set.and(self.nodes(condition)?);
                }
                set
            }
            KeyCondition::Or(any) => {
                let mut set = NodeSet::Empty;
                for condition in any {
                    set = set.or(self.nodes(condition)?);
                }
                set
            }
            KeyCondition::Never => NodeSet::Empty,
            KeyCondition::Stored(_) | KeyCondition::Unknown => NodeSet::All,
        })
    }

    /// The node of `key = value`, where the value has a certain place and the column alone decides:
    /// nearly every statement, and no set is made for it.
    pub(super) fn certain(&self, condition: &KeyCondition) -> Option<usize> {
        let KeyCondition::Equal { key, slot } = condition else {
            return None;
        };
        let rule = self.rules.only(*key)?;
        let key_type = self.placement.columns.get(*key)?.key_type.as_ref()?;
        let mut literals = self.literals.of(*slot).ok()?;
        let (Some(literal), None) = (literals.next(), literals.next()) else {
            return None;
        };
        let (text, context) = (self.literals.text, self.literals.context);
        match canonical(literal, text, key_type, Usage::Compare, context) {
            Ok(Canonical::Value(value)) => rule.algorithm.place(std::slice::from_ref(&value)).ok(),
            _ => None,
        }
    }

    /// A literal, or one of a folded list.
    fn equal(&self, key: usize, slot: Slot) -> Result<NodeSet, RouteError> {
        let column = self.placement.columns.get(key);
        let Some(key_type) = column.and_then(|column| column.key_type.as_ref()) else {
            return Ok(NodeSet::All);
        };
        let mut set = NodeSet::Empty;
        for literal in self.literals.of(slot)? {
            set = set.or(self.nodes_of(key, key_type, literal));
        }
        Ok(set)
    }

    fn nodes_of(&self, key: usize, key_type: &KeyType, literal: &Literal) -> NodeSet {
        let (text, context) = (self.literals.text, self.literals.context);
        let value = match canonical(literal, text, key_type, Usage::Compare, context) {
            Ok(Canonical::Value(value)) => value,
            Ok(Canonical::Null | Canonical::NoMatch) => return NodeSet::Empty,
            Ok(Canonical::Unsure) | Err(_) => return NodeSet::All,
        };
        let mut set = NodeSet::All;
        for (rule, reach) in self.placement.reaches(self.rules) {
            if rule.keys.as_slice() != [key] {
                continue;
            }
            // A value that the algorithm has no place for may still lie anywhere.
            if let Ok(place) = rule.algorithm.place(std::slice::from_ref(&value)) {
                set = set.and(reach.nodes(NodeSet::One(place)));
            }
        }
        set
    }
}
