//! Conditions on columns.

use super::super::digest::Slot;
use super::made::Made;

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

/// What a column is compared with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Operand {
    /// A literal.
    Slot(Slot),
    /// What a known function makes of literals.
    Made(Made),
    /// A user variable: its name without `@` and quotes, in lower case.
    Variable(String),
}

/// How a column is compared with a value; the column stands on the left.
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
    /// `=` of a row in a list of rows, `(a, b) IN ((?, ?), …)`: MySQL converts the value to the
    /// column's type before it compares, so that `(1, 2) IN ((0.5, 2), …)` is true of an integer.
    RowEq,
}

impl CompareOp {
    /// The same comparison with its sides exchanged.
    pub(super) fn flipped(self) -> Self {
        match self {
            Self::Eq | Self::NullSafeEq | Self::NotEq | Self::RowEq => self,
            Self::Lt => Self::Gt,
            Self::LtEq => Self::GtEq,
            Self::Gt => Self::Lt,
            Self::GtEq => Self::LtEq,
        }
    }

    /// The comparison that holds exactly where this one is false; `None` where NULL decides.
    pub fn negated(self) -> Option<Self> {
        Some(match self {
            Self::Eq => Self::NotEq,
            Self::NotEq => Self::Eq,
            Self::Lt => Self::GtEq,
            Self::LtEq => Self::Gt,
            Self::Gt => Self::LtEq,
            Self::GtEq => Self::Lt,
            Self::NullSafeEq | Self::RowEq => return None,
        })
    }

    /// As SQL writes it.
    pub fn symbol(self) -> &'static str {
        match self {
            Self::Eq | Self::RowEq => "=",
            Self::NullSafeEq => "<=>",
            Self::NotEq => "<>",
            Self::Lt => "<",
            Self::LtEq => "<=",
            Self::Gt => ">",
            Self::GtEq => ">=",
        }
    }

    pub(super) fn of_symbol(symbol: &[u8]) -> Option<Self> {
        Some(match symbol {
            b"=" => Self::Eq,
            b"<=>" => Self::NullSafeEq,
            b"<>" | b"!=" => Self::NotEq,
            b"<" => Self::Lt,
            b"<=" => Self::LtEq,
            b">" => Self::Gt,
            b">=" => Self::GtEq,
            _ => return None,
        })
    }
}

/// One side of a comparison, or a member of a row or list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Term {
    /// A column that stands alone.
    Column(ColumnRef),
    /// A literal or variable that stands alone.
    Value(Operand),
    /// `(term, term, …)`
    Row(Vec<Term>),
    /// Anything else.
    Opaque,
}

impl Term {
    /// What `self op other` asks for. Rows compare as the manual defines it: `(a, b) < (x, y)` is
    /// `a < x OR (a = x AND b < y)`.
    pub(super) fn compare(&self, op: CompareOp, other: &Self) -> Condition {
        match (self, other) {
            (Self::Column(column), Self::Value(value)) => Condition::Compare {
                column: column.clone(),
                op,
                value: value.clone(),
            },
            (Self::Value(value), Self::Column(column)) => Condition::Compare {
                column: column.clone(),
                op: op.flipped(),
                value: value.clone(),
            },
            (Self::Column(one), Self::Column(two))
                if matches!(op, CompareOp::Eq | CompareOp::RowEq) =>
            {
                Condition::ColumnsEqual(one.clone(), two.clone())
            }
            (Self::Row(these), Self::Row(those)) if these.len() == those.len() => {
                rows(these, op, those)
            }
            _ => Condition::Opaque,
        }
    }

    /// What `self IN (members)` asks for.
    pub(super) fn is_in(&self, members: &[Self]) -> Condition {
        let op = match self {
            Self::Row(_) => CompareOp::RowEq,
            _ => CompareOp::Eq,
        };
        let equal = members.iter().map(|member| self.compare(op, member));
        Condition::or(equal.collect())
    }
}

fn rows(these: &[Term], op: CompareOp, those: &[Term]) -> Condition {
    let pairs = || these.iter().zip(those);
    let all = |op| Condition::and(pairs().map(|(a, b)| a.compare(op, b)).collect());
    let strict = match op {
        CompareOp::Eq | CompareOp::NullSafeEq | CompareOp::RowEq => return all(op),
        CompareOp::NotEq => return all(CompareOp::Eq).negated(true),
        CompareOp::Lt | CompareOp::LtEq => CompareOp::Lt,
        CompareOp::Gt | CompareOp::GtEq => CompareOp::Gt,
    };
    let mut ordered = None;
    for (a, b) in pairs().rev() {
        ordered = Some(match ordered {
            None => a.compare(op, b),
            Some(rest) => {
                let tie = Condition::and(vec![a.compare(CompareOp::Eq, b), rest]);
                Condition::or(vec![a.compare(strict, b), tie])
            }
        });
    }
    ordered.unwrap_or(Condition::Opaque)
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
    /// A column compared with a value.
    Compare {
        /// The column.
        column: ColumnRef,
        /// How.
        op: CompareOp,
        /// The value.
        value: Operand,
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
    /// `column IN (SELECT …)`: the number of the token SELECT ([`super::Block::select`]).
    InQuery(ColumnRef, usize),
    /// `EXISTS (SELECT …)`: likewise.
    Exists(usize),
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
            | Self::InQuery(column, _)
            | Self::IsNull(column) => Some(column.token),
            Self::Exists(select) => Some(*select),
            Self::Opaque => None,
        }
    }
}
