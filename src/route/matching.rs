//! Conditions → the data nodes that may hold rows for which they hold.
//!
//! What must hold together (AND) is gathered column by column as sets of values; the rules of the
//! table say where rows with such values lie. OR unites nodes. Whatever is not certain is every
//! value, and every node.

use smallvec::SmallVec;

use super::key::{Canonical, Scalar, Usage, between, bounds, canonical_compared, outside};
use super::placement::{Placement, Rule, Rules};
use super::values::{Points, Values, integers};
use super::variables::Variables;
use super::{Given, Literals, NodeSet, RouteError};
use crate::parse::Slot;
use crate::parse::ast::{CompareOp, Operand};
use crate::plan::{KeyCondition, KeyRef};
use crate::topology::KeyType;
use crate::value::KeyValue;

/// A range with no more integers than this is the same as a list of them.
const MOST_OF_RANGE: usize = 128;
/// No more combinations of values of several columns than this are placed one by one.
const MOST_COMBINATIONS: usize = 1_000;

/// A table whose rows are looked for, and the values of the statement.
#[derive(Clone, Copy)]
pub(super) struct Matching<'a> {
    pub(super) placement: &'a Placement,
    pub(super) rules: &'a Rules,
    pub(super) literals: Literals<'a>,
    pub(super) variables: &'a Variables,
}

/// What is known of each key column.
type Known<'a> = SmallVec<[Values<'a>; 2]>;

impl<'a> Matching<'a> {
    /// The nodes that may hold rows for which the condition holds.
    pub(super) fn nodes(&self, condition: &KeyCondition) -> Result<NodeSet, RouteError> {
        match condition {
            KeyCondition::Compare {
                column,
                op: CompareOp::Eq,
                value: Operand::Slot(slot),
            } => self.equal(column, *slot),
            KeyCondition::In { column, values } => self.equal(column, *values),
            KeyCondition::Unknown | KeyCondition::Stored(_) => Ok(NodeSet::All),
            condition => self.within(condition, &self.nothing()),
        }
    }

    /// The node of `key = value`, where the value has a certain place and the column alone decides:
    /// nearly every statement, and no set is made for it.
    pub(super) fn certain(&self, condition: &KeyCondition) -> Option<usize> {
        let KeyCondition::Compare {
            column,
            op: CompareOp::Eq,
            value: Operand::Slot(slot),
        } = condition
        else {
            return None;
        };
        let rule = self.rules.only(column.key)?;
        let key_type = self.key_type(column)?;
        let mut literals = self.literals.of(*slot).ok()?;
        let (Some(literal), None) = (literals.next(), literals.next()) else {
            return None;
        };
        match self.canonical(literal, key_type) {
            Canonical::Value(value) => rule.algorithm.place(std::slice::from_ref(&value)).ok(),
            _ => None,
        }
    }

    fn nothing(&self) -> Known<'a> {
        self.placement.columns.iter().map(|_| Values::Any).collect()
    }

    /// One equality, or one list: the usual condition, and the quick way.
    fn equal(&self, column: &KeyRef, slot: Slot) -> Result<NodeSet, RouteError> {
        let Some(key_type) = self.key_type(column) else {
            return Ok(NodeSet::All);
        };
        let mut set = NodeSet::Empty;
        for literal in self.literals.of(slot)? {
            let nodes = match self.canonical(literal, key_type) {
                Canonical::Value(value) => self.nodes_of(column.key, value)?,
                Canonical::Null | Canonical::NoMatch => NodeSet::Empty,
                Canonical::Unsure => NodeSet::All,
            };
            set = set.or(nodes);
            if set.covers(self.placement.nodes().len()) {
                return Ok(NodeSet::All);
            }
        }
        Ok(set)
    }

    /// The nodes of rows with this value in a column.
    fn nodes_of(&self, key: usize, value: KeyValue<'a>) -> Result<NodeSet, RouteError> {
        if self.placement.columns.len() == 1 {
            // A value that has no place may still lie anywhere.
            let placed = self
                .placement
                .node_of(self.rules, std::slice::from_ref(&value));
            return Ok(placed.map_or(NodeSet::All, NodeSet::One));
        }
        let mut known = self.nothing();
        if let Some(values) = known.get_mut(key) {
            *values = Values::Points(SmallVec::from_iter([value]));
        }
        Ok(self.placed(&known))
    }

    /// The nodes of rows for which a condition holds besides what is known.
    fn within(&self, condition: &KeyCondition, known: &Known<'a>) -> Result<NodeSet, RouteError> {
        match condition {
            KeyCondition::Or(any) => {
                let mut set = NodeSet::Empty;
                for condition in any {
                    set = set.or(self.within(condition, known)?);
                    if set.covers(self.placement.nodes().len()) {
                        return Ok(NodeSet::All);
                    }
                }
                Ok(set)
            }
            KeyCondition::And(all) => {
                let known = both(known.clone(), self.known(condition)?);
                let mut set = self.placed(&known);
                for condition in all {
                    if matches!(condition, KeyCondition::Or(_)) {
                        set = set.and(self.within(condition, &known)?);
                    }
                }
                Ok(set)
            }
            condition => Ok(self.placed(&both(known.clone(), self.known(condition)?))),
        }
    }

    /// What a condition says of each column.
    fn known(&self, condition: &KeyCondition) -> Result<Known<'a>, RouteError> {
        let (column, values) = match condition {
            KeyCondition::And(all) => {
                let mut known = self.nothing();
                for condition in all {
                    known = both(known, self.known(condition)?);
                }
                return Ok(known);
            }
            KeyCondition::Or(any) => {
                let mut known: Option<Known<'a>> = None;
                for condition in any {
                    let this = self.known(condition)?;
                    known = Some(match known {
                        None => this,
                        Some(known) => either(known, this),
                    });
                }
                return Ok(known.unwrap_or_else(|| self.nothing()));
            }
            KeyCondition::Never => {
                return Ok(self.nothing().iter().map(|_| Values::none()).collect());
            }
            KeyCondition::Stored(_) | KeyCondition::Unknown => return Ok(self.nothing()),
            KeyCondition::Compare { column, op, value } => {
                (column, self.compared(column, *op, value)?)
            }
            KeyCondition::In { column, values } => (column, self.listed(column, *values)?),
            KeyCondition::Between {
                column,
                low,
                high,
                negated,
            } => (column, self.between(column, (*low, *high), *negated)?),
        };
        let mut known = self.nothing();
        if let Some(of_column) = known.get_mut(column.key) {
            *of_column = values;
        }
        Ok(known)
    }

    fn compared(
        &self,
        column: &KeyRef,
        op: CompareOp,
        value: &Operand,
    ) -> Result<Values<'a>, RouteError> {
        let Some(key_type) = self.key_type(column) else {
            return Ok(Values::Any);
        };
        let scalar = match value {
            Operand::Slot(slot) => self.scalar(*slot, key_type)?,
            Operand::Made(made) => Some(self.literals.made(made, key_type)?),
            Operand::Variable(name) => self.variables.scalar(name),
        };
        let Some(scalar) = scalar else {
            return Ok(Values::Any);
        };
        if let Operand::Variable(name) = value
            && !self.variables.compares_surely(name, key_type)
        {
            return Ok(Values::Any);
        }
        Ok(match op {
            CompareOp::NullSafeEq if scalar == Scalar::Null => Values::Any,
            CompareOp::RowEq if !scalar.is_of(key_type) => Values::Any,
            CompareOp::Eq | CompareOp::NullSafeEq | CompareOp::RowEq => {
                equal_to(canonical_compared(scalar, key_type))
            }
            CompareOp::NotEq => Values::Any,
            CompareOp::Lt | CompareOp::LtEq | CompareOp::Gt | CompareOp::GtEq => {
                bounds(op, scalar, key_type).into()
            }
        })
    }

    fn listed(&self, column: &KeyRef, slot: Slot) -> Result<Values<'a>, RouteError> {
        let Some(key_type) = self.key_type(column) else {
            return Ok(Values::Any);
        };
        let mut points = Points::new();
        for literal in self.literals.of(slot)? {
            match self.canonical(literal, key_type) {
                Canonical::Value(value) => points.push(value),
                Canonical::Null | Canonical::NoMatch => {}
                Canonical::Unsure => return Ok(Values::Any),
            }
        }
        Ok(Values::Points(points))
    }

    fn between(
        &self,
        column: &KeyRef,
        (low, high): (Slot, Slot),
        negated: bool,
    ) -> Result<Values<'a>, RouteError> {
        let Some(key_type) = self.key_type(column) else {
            return Ok(Values::Any);
        };
        let scalars = (self.scalar(low, key_type)?, self.scalar(high, key_type)?);
        let (Some(low), Some(high)) = scalars else {
            return Ok(Values::Any);
        };
        if negated {
            let [below, above] = outside(low, high, key_type);
            return Ok(Values::from(below).or(above.into()));
        }
        Ok(between(low, high, key_type).into())
    }

    /// The type by which a column is compared.
    fn key_type<'k>(&self, column: &'k KeyRef) -> Option<&'k KeyType>
    where
        'a: 'k,
    {
        if let Some(compared_as) = &column.compared_as {
            return Some(compared_as);
        }
        let placement: &'a Placement = self.placement;
        placement.columns.get(column.key)?.key_type.as_ref()
    }

    fn canonical(&self, given: Given<'a>, key_type: &KeyType) -> Canonical<'a> {
        let value = self.literals.canonical(given, key_type, Usage::Compare);
        value.unwrap_or(Canonical::Unsure)
    }

    /// The value of a slot that holds one value, beside a column of `key_type`.
    fn scalar(&self, slot: Slot, key_type: &KeyType) -> Result<Option<Scalar<'a>>, RouteError> {
        let mut values = self.literals.of(slot)?;
        let only = (values.next(), values.next());
        Ok(match only {
            (Some(given), None) => Some(self.literals.scalar(given, key_type)),
            _ => None,
        })
    }

    /// The nodes of rows whose columns have such values.
    fn placed(&self, known: &Known<'a>) -> NodeSet {
        if known.iter().any(Values::is_none) {
            return NodeSet::Empty;
        }
        if known.len() > 1 || self.placement.is_split() {
            let all: SmallVec<[usize; 4]> = (0..known.len()).collect();
            let place = |key: &[KeyValue<'_>]| self.placement.node_of(self.rules, key).ok();
            if let Some(nodes) = combined(known, &all, place) {
                return nodes;
            }
        }
        let mut set = NodeSet::All;
        for (rule, reach) in self.placement.reaches(self.rules) {
            set = set.and(reach.nodes(places(rule, known)));
        }
        set
    }
}

/// The places of a rule for rows whose columns have such values.
fn places(rule: &Rule, known: &Known<'_>) -> NodeSet {
    let place = |key: &[KeyValue<'_>]| rule.algorithm.place(key).ok();
    let keys = rule.keys.as_slice();
    let [only] = keys else {
        return combined(known, keys, place).unwrap_or(NodeSet::All);
    };
    let points = match known.get(*only) {
        None | Some(Values::Any) => return NodeSet::All,
        Some(Values::Points(points)) => points.iter(),
        Some(Values::Range(range)) => {
            let set = rule.algorithm.places_in(range);
            return match (&set, integers(range, MOST_OF_RANGE)) {
                (NodeSet::All, Some(points)) => union(points.iter(), place),
                _ => set,
            };
        }
    };
    union(points, place)
}

/// A value that has no place may still lie anywhere.
fn union<'v, 'k: 'v>(
    mut points: impl Iterator<Item = &'v KeyValue<'k>>,
    place: impl Fn(&[KeyValue<'_>]) -> Option<usize>,
) -> NodeSet {
    let set = points.try_fold(NodeSet::Empty, |mut set, value| {
        set.insert(place(std::slice::from_ref(value))?);
        Some(set)
    });
    set.unwrap_or(NodeSet::All)
}

/// The places of all combinations of the columns' values; `None` where they are too many, or one
/// has no place.
fn combined(
    known: &Known<'_>,
    keys: &[usize],
    place: impl Fn(&[KeyValue<'_>]) -> Option<usize>,
) -> Option<NodeSet> {
    let mut count = 1;
    let mut columns: SmallVec<[Points<'_>; 4]> = SmallVec::new();
    for key in keys {
        let points = known.get(*key)?.points(MOST_COMBINATIONS)?;
        count *= points.len();
        if count > MOST_COMBINATIONS {
            return None;
        }
        columns.push(points);
    }
    let mut set = NodeSet::Empty;
    for combination in 0..count {
        let mut rest = combination;
        let row: Option<Points<'_>> = columns
            .iter()
            .map(|points| {
                let value = points.get(rest % points.len());
                rest /= points.len();
                value.cloned()
            })
            .collect();
        set.insert(place(&row?)?);
    }
    Some(set)
}

fn equal_to(value: Canonical<'_>) -> Values<'_> {
    match value {
        Canonical::Value(value) => Values::Points(SmallVec::from_iter([value])),
        Canonical::Null | Canonical::NoMatch => Values::none(),
        Canonical::Unsure => Values::Any,
    }
}

fn both<'a>(one: Known<'a>, other: Known<'a>) -> Known<'a> {
    let columns = one.into_iter().zip(other);
    columns.map(|(one, other)| one.and(other)).collect()
}

/// Where one side holds for no row at all, only the other counts.
fn either<'a>(one: Known<'a>, other: Known<'a>) -> Known<'a> {
    if one.iter().any(Values::is_none) {
        return other;
    }
    if other.iter().any(Values::is_none) {
        return one;
    }
    let columns = one.into_iter().zip(other);
    columns.map(|(one, other)| one.or(other)).collect()
}
