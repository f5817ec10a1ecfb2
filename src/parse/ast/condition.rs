//! Conditions on columns.

use super::super::digest::Slot;

/// A column as written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ColumnRef {
    /// The schema of `schema.table.column`.
    pub schema: Option<String>,
    /// The table or alias of `table.column`.
    pub table: Option<String>,
    /// The column.
    pub name: String,
    /// Token number of the column's name.
    pub token: usize,
}

/// How a column is compared with a literal; the column stands on the left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CompareOp {
    /// `=`
    Eq,
    /// `<=>`
    NullSafeEq,
    /// `<>`, `!=`
    NotEq,
    /// `<`
    Lt,
    /// `<=`
    LtEq,
    /// `>`
    Gt,
    /// `>=`
    GtEq,
}

impl CompareOp {
    /// The same comparison with its sides exchanged.
    pub(super) fn flipped(self) -> Self {
        match self {
            Self::Eq | Self::NullSafeEq | Self::NotEq => self,
            Self::Lt => Self::Gt,
            Self::LtEq => Self::GtEq,
            Self::Gt => Self::Lt,
            Self::GtEq => Self::LtEq,
        }
    }
}

/// What must hold. `And` and `Or` never directly contain their own kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Condition {
    /// All hold; none at all means that nothing is asked.
    And(Vec<Condition>),
    /// At least one holds.
    Or(Vec<Condition>),
    /// It does not hold.
    Not(Box<Condition>),
    /// A column compared with a literal.
    Compare {
        /// The column.
        column: ColumnRef,
        /// How.
        op: CompareOp,
        /// The literal.
        value: Slot,
    },
    /// `column IN (literals)`, a folded list.
    In {
        /// The column.
        column: ColumnRef,
        /// The list's slot ([`super::super::Digest::slot_literals`]).
        values: Slot,
    },
    /// `column BETWEEN low AND high`
    Between {
        /// The column.
        column: ColumnRef,
        /// The lower literal, included.
        low: Slot,
        /// The upper literal, included.
        high: Slot,
    },
    /// `column = column`
    ColumnsEqual(ColumnRef, ColumnRef),
    /// `column IS NULL`
    IsNull(ColumnRef),
    /// Anything else: it may or may not hold.
    Opaque,
}

impl Condition {
    /// The condition that asks for nothing.
    pub fn all() -> Self {
        Self::And(Vec::new())
    }

    pub(super) fn negated(self, negated: bool) -> Self {
        if negated {
            Self::Not(Box::new(self))
        } else {
            self
        }
    }

    /// Joins operands with AND; a single one stands for itself.
    pub(super) fn and(operands: Vec<Self>) -> Self {
        let mut flat = Vec::with_capacity(operands.len());
        for operand in operands {
            match operand {
                Self::And(inner) => flat.extend(inner),
                other => flat.push(other),
            }
        }
        Self::single(&mut flat).unwrap_or(Self::And(flat))
    }

    /// Joins operands with OR; a single one stands for itself.
    pub(super) fn or(operands: Vec<Self>) -> Self {
        let mut flat = Vec::with_capacity(operands.len());
        for operand in operands {
            match operand {
                Self::Or(inner) => flat.extend(inner),
                other => flat.push(other),
            }
        }
        Self::single(&mut flat).unwrap_or(Self::Or(flat))
    }

    /// Takes the only operand out, if there is only one.
    fn single(operands: &mut Vec<Self>) -> Option<Self> {
        if operands.len() == 1 {
            operands.pop()
        } else {
            None
        }
    }

    /// Token number of the first column in it.
    pub(super) fn first_token(&self) -> Option<usize> {
        match self {
            Self::And(inner) | Self::Or(inner) => inner.iter().filter_map(Self::first_token).min(),
            Self::Not(inner) => inner.first_token(),
            Self::Compare { column, .. }
            | Self::In { column, .. }
            | Self::Between { column, .. }
            | Self::ColumnsEqual(column, _)
            | Self::IsNull(column) => Some(column.token),
            Self::Opaque => None,
        }
    }
}
