//! What a plan knows of the sharding key: conditions on key columns, with literals by slot.

use std::fmt::{self, Display, Formatter};
use std::sync::Arc;

use smallvec::SmallVec;

use crate::parse::Slot;
use crate::parse::ast::{CompareOp, Made, Operand};
use crate::topology::{KeyType, Sharding};

/// What a statement says about the key columns of a sharded table. Slots name literals.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeyCondition {
    /// `key op value`
    Compare {
        /// The key column.
        column: KeyRef,
        /// How.
        op: CompareOp,
        /// The value.
        value: Operand,
    },
    /// `key IN (?, …)`
    In {
        /// The key column.
        column: KeyRef,
        /// A folded list.
        values: Slot,
    },
    /// `key [NOT] BETWEEN ? AND ?`. It is not the same as two comparisons: MySQL compares all three
    /// values alike, by one type.
    Between {
        /// The key column.
        column: KeyRef,
        /// The lower bound, included.
        low: Slot,
        /// The upper bound, included.
        high: Slot,
        /// NOT BETWEEN.
        negated: bool,
    },
    /// All hold.
    And(Vec<KeyCondition>),
    /// At least one holds.
    Or(Vec<KeyCondition>),
    /// The keys that an INSERT stores: one per written row, or per folded group of rows.
    Stored(Vec<StoredKey>),
    /// Never true.
    Never,
    /// Nothing known: every data node.
    Unknown,
}

/// Where the values of all key columns of a stored row stand, in the columns' order.
pub type StoredKey = SmallVec<[KeySource; 2]>;

/// Where a stored value of a key column comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeySource {
    /// A literal.
    Given(Slot),
    /// What a function makes of literals.
    Made(Made),
}

impl KeySource {
    /// The slot of the literal, or of the function's first argument.
    pub fn slot(&self) -> Slot {
        match self {
            Self::Given(slot) => *slot,
            Self::Made(made) => made.of,
        }
    }

    fn each_slot(&mut self, change: &mut impl FnMut(&mut Slot)) {
        match self {
            Self::Given(slot) => change(slot),
            Self::Made(made) => each_of(made, change),
        }
    }
}

impl From<Slot> for KeySource {
    fn from(slot: Slot) -> Self {
        Self::Given(slot)
    }
}

fn each_of(made: &mut Made, change: &mut impl FnMut(&mut Slot)) {
    change(&mut made.of);
    made.swap.iter_mut().for_each(change);
}

/// A key column in a condition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyRef {
    /// Its position in [`Sharding::keys`].
    pub key: usize,
    /// The type of the column that is compared, where it is another one that must be equal to the
    /// key: literals are read by this type.
    pub compared_as: Option<Arc<KeyType>>,
}

impl From<usize> for KeyRef {
    fn from(key: usize) -> Self {
        Self {
            key,
            compared_as: None,
        }
    }
}

impl KeyCondition {
    /// `key = ?`
    pub fn equal(key: usize, slot: Slot) -> Self {
        Self::Compare {
            column: key.into(),
            op: CompareOp::Eq,
            value: Operand::Slot(slot),
        }
    }

    /// The slot that stands first in it.
    pub fn first_slot(&self) -> Option<Slot> {
        match self {
            Self::Compare {
                value: Operand::Slot(slot),
                ..
            }
            | Self::In { values: slot, .. }
            | Self::Between { low: slot, .. } => Some(*slot),
            Self::Compare {
                value: Operand::Made(made),
                ..
            } => Some(made.of),
            Self::And(parts) | Self::Or(parts) => parts.iter().filter_map(Self::first_slot).min(),
            Self::Stored(rows) => rows.iter().flatten().map(KeySource::slot).min(),
            Self::Compare { .. } | Self::Never | Self::Unknown => None,
        }
    }

    /// Calls `change` with every slot.
    pub fn each_slot(&mut self, change: &mut impl FnMut(&mut Slot)) {
        match self {
            Self::Compare {
                value: Operand::Slot(slot),
                ..
            }
            | Self::In { values: slot, .. } => change(slot),
            Self::Between { low, high, .. } => {
                change(low);
                change(high);
            }
            Self::Compare {
                value: Operand::Made(made),
                ..
            } => each_of(made, change),
            Self::Stored(keys) => {
                let sources = keys.iter_mut().flatten();
                sources.for_each(|source| source.each_slot(change));
            }
            Self::And(parts) | Self::Or(parts) => {
                for part in parts {
                    part.each_slot(change);
                }
            }
            Self::Compare { .. } | Self::Never | Self::Unknown => {}
        }
    }

    /// The names of the user variables in it.
    pub fn variables(&self) -> Vec<&str> {
        match self {
            Self::Compare {
                value: Operand::Variable(name),
                ..
            } => vec![name],
            Self::And(parts) | Self::Or(parts) => {
                let mut names: Vec<&str> = parts.iter().flat_map(Self::variables).collect();
                names.sort_unstable();
                names.dedup();
                names
            }
            _ => Vec::new(),
        }
    }

    /// It as text, with the names of the table's key columns: `id = ?1 AND (a IN ?2 OR a > @x)`,
    /// slots counted from 1.
    pub fn text<'a>(&'a self, sharding: &'a Sharding) -> impl Display + 'a {
        self.spelled(sharding, &Numbered)
    }

    /// The same with values as `spelling` has them.
    pub fn spelled<'a>(
        &'a self,
        sharding: &'a Sharding,
        spelling: &'a dyn Spelling,
    ) -> impl Display + 'a {
        Text {
            condition: self,
            sharding,
            spelling,
            nested: false,
        }
    }
}

/// How the values of a condition are written.
pub trait Spelling {
    /// One value.
    fn value(&self, slot: Slot) -> String;

    /// The values behind IN.
    fn list(&self, slot: Slot) -> String;

    /// The rows that are stored, behind the names of the key columns in parentheses.
    fn rows(&self, rows: &[StoredKey]) -> String;
}

/// A stored value; `value` is that of its literal.
pub fn source_text(spelling: &dyn Spelling, source: &KeySource) -> String {
    match source {
        KeySource::Given(slot) => spelling.value(*slot),
        KeySource::Made(made) => made_text(spelling, made),
    }
}

fn made_text(spelling: &dyn Spelling, made: &Made) -> String {
    let of = spelling.value(made.of);
    let swap = made.swap.map(|slot| format!(", {}", spelling.value(slot)));
    format!("{}({of}{})", made.maker.name(), swap.unwrap_or_default())
}

/// Values by the numbers of their slots.
struct Numbered;

impl Spelling for Numbered {
    fn value(&self, slot: Slot) -> String {
        format!("?{}", u64::from(slot.0) + 1)
    }

    fn list(&self, slot: Slot) -> String {
        self.value(slot)
    }

    fn rows(&self, rows: &[StoredKey]) -> String {
        let rows = rows.iter().map(|row| {
            let slots: Vec<String> = row.iter().map(|source| source_text(self, source)).collect();
            format!("({})", slots.join(", "))
        });
        rows.collect::<Vec<_>>().join(", ")
    }
}

struct Text<'a> {
    condition: &'a KeyCondition,
    sharding: &'a Sharding,
    spelling: &'a dyn Spelling,
    nested: bool,
}

impl Text<'_> {
    fn name(&self, column: &KeyRef) -> &str {
        let key = self.sharding.keys.get(column.key);
        key.map_or("?", |key| key.name.as_str())
    }

    fn joined(&self, f: &mut Formatter<'_>, parts: &[KeyCondition], with: &str) -> fmt::Result {
        let (open, close) = if self.nested { ("(", ")") } else { ("", "") };
        f.write_str(open)?;
        for (at, condition) in parts.iter().enumerate() {
            if at > 0 {
                f.write_str(with)?;
            }
            let part = Text {
                condition,
                nested: true,
                ..*self
            };
            part.fmt(f)?;
        }
        f.write_str(close)
    }
}

impl Display for Text<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let spelling = self.spelling;
        match self.condition {
            KeyCondition::Compare { column, op, value } => {
                let value = match value {
                    Operand::Slot(slot) => spelling.value(*slot),
                    Operand::Made(made) => made_text(spelling, made),
                    Operand::Variable(name) => format!("@{name}"),
                };
                write!(f, "{} {} {value}", self.name(column), op.symbol())
            }
            KeyCondition::In { column, values } => {
                write!(f, "{} IN {}", self.name(column), spelling.list(*values))
            }
            KeyCondition::Between {
                column,
                low,
                high,
                negated,
            } => {
                let (name, not) = (self.name(column), if *negated { "NOT " } else { "" });
                let (low, high) = (spelling.value(*low), spelling.value(*high));
                write!(f, "{name} {not}BETWEEN {low} AND {high}")
            }
            KeyCondition::And(parts) => self.joined(f, parts, " AND "),
            KeyCondition::Or(parts) => self.joined(f, parts, " OR "),
            KeyCondition::Stored(rows) => {
                let names = self.sharding.key_names();
                write!(f, "stores ({names}) {}", spelling.rows(rows))
            }
            KeyCondition::Never => f.write_str("never"),
            KeyCondition::Unknown => f.write_str("unknown"),
        }
    }
}
