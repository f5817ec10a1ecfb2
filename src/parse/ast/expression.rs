//! sqlparser's expressions as conditions.

use sqlparser::ast::{BinaryOperator, Expr, Ident, UnaryOperator};

use super::super::digest::Slot;
use super::super::tokens::{TokenKind, Tokens};
use super::condition::{ColumnRef, CompareOp, Condition};
use super::neutral::token_number;

/// Turns expressions of one statement into conditions, untrusted.
#[derive(Clone, Copy)]
pub(super) struct Expressions<'a> {
    pub(super) tokens: Tokens<'a>,
    pub(super) slots: &'a [Option<Slot>],
}

impl Expressions<'_> {
    /// What an expression asks for.
    pub(super) fn condition(&self, expr: &Expr) -> Condition {
        match expr {
            Expr::Nested(inner) => self.condition(inner),
            Expr::BinaryOp { left, op, right } => match op {
                BinaryOperator::And => Condition::and(self.chain(expr, BinaryOperator::And)),
                BinaryOperator::Or => Condition::or(self.chain(expr, BinaryOperator::Or)),
                _ => self.comparison(left, op, right),
            },
            Expr::UnaryOp {
                op: UnaryOperator::Not,
                expr,
            } => self.condition(expr).negated(true),
            Expr::InList {
                expr,
                list,
                negated,
            } => self.in_list(expr, list).negated(*negated),
            Expr::Between {
                expr,
                negated,
                low,
                high,
            } => self.between(expr, low, high).negated(*negated),
            Expr::IsNull(inner) => self.is_null(inner),
            Expr::IsNotNull(inner) => self.is_null(inner).negated(true),
            _ => Condition::Opaque,
        }
    }

    /// The operands of a chain of one operator; such chains lean to the left and may be long.
    fn chain(&self, expr: &Expr, wanted: BinaryOperator) -> Vec<Condition> {
        let mut operands = Vec::new();
        let mut rest = expr;
        while let Expr::BinaryOp { left, op, right } = rest
            && *op == wanted
        {
            operands.push(self.condition(right));
            rest = left;
        }
        operands.push(self.condition(rest));
        operands.reverse();
        operands
    }

    fn comparison(&self, left: &Expr, op: &BinaryOperator, right: &Expr) -> Condition {
        let Some(op) = compare_op(op) else {
            return Condition::Opaque;
        };
        if let (Some(column), Some(value)) = (self.column(left), self.literal(right)) {
            return Condition::Compare { column, op, value };
        }
        if let (Some(value), Some(column)) = (self.literal(left), self.column(right)) {
            let op = op.flipped();
            return Condition::Compare { column, op, value };
        }
        match (self.column(left), self.column(right)) {
            (Some(left), Some(right)) if op == CompareOp::Eq => {
                Condition::ColumnsEqual(left, right)
            }
            _ => Condition::Opaque,
        }
    }

    /// A folded list reached sqlparser with its first member only.
    fn in_list(&self, expr: &Expr, list: &[Expr]) -> Condition {
        let folded = match list {
            [Expr::Value(value)] => token_number(value.span)
                .filter(|&at| self.tokens.kind(at) == Some(TokenKind::List))
                .and_then(|at| self.slots.get(at).copied().flatten()),
            // The neutral list shows all columns of a row; a folded IN has one.
            _ => None,
        };
        match (self.column(expr), folded) {
            (Some(column), Some(values)) => Condition::In { column, values },
            _ => Condition::Opaque,
        }
    }

    fn between(&self, expr: &Expr, low: &Expr, high: &Expr) -> Condition {
        match (self.column(expr), self.literal(low), self.literal(high)) {
            (Some(column), Some(low), Some(high)) => Condition::Between { column, low, high },
            _ => Condition::Opaque,
        }
    }

    fn is_null(&self, expr: &Expr) -> Condition {
        self.column(expr)
            .map_or(Condition::Opaque, Condition::IsNull)
    }

    /// The slot of a literal that stands alone.
    pub(super) fn literal(&self, expr: &Expr) -> Option<Slot> {
        let Expr::Value(value) = expr else {
            return None;
        };
        let at = token_number(value.span)?;
        if self.tokens.kind(at) != Some(TokenKind::Literal) {
            return None;
        }
        self.slots.get(at).copied().flatten()
    }

    /// A column that stands alone.
    fn column(&self, expr: &Expr) -> Option<ColumnRef> {
        match expr {
            Expr::Identifier(name) => self.column_of(std::slice::from_ref(name)),
            Expr::CompoundIdentifier(parts) => self.column_of(parts),
            _ => None,
        }
    }

    /// The column that one to three names spell.
    pub(super) fn column_of(&self, parts: &[Ident]) -> Option<ColumnRef> {
        let (schema, table, name) = match parts {
            [name] => (None, None, name),
            [table, name] => (None, Some(table), name),
            [schema, table, name] => (Some(schema), Some(table), name),
            _ => return None,
        };
        let token = token_number(name.span)?;
        if !matches!(
            self.tokens.kind(token),
            Some(TokenKind::Word | TokenKind::Quoted)
        ) {
            return None;
        }
        Some(ColumnRef {
            schema: schema.map(|name| name.value.clone()),
            table: table.map(|name| name.value.clone()),
            name: name.value.clone(),
            token,
        })
    }
}

fn compare_op(op: &BinaryOperator) -> Option<CompareOp> {
    Some(match op {
        BinaryOperator::Eq => CompareOp::Eq,
        BinaryOperator::Spaceship => CompareOp::NullSafeEq,
        BinaryOperator::NotEq => CompareOp::NotEq,
        BinaryOperator::Lt => CompareOp::Lt,
        BinaryOperator::LtEq => CompareOp::LtEq,
        BinaryOperator::Gt => CompareOp::Gt,
        BinaryOperator::GtEq => CompareOp::GtEq,
        _ => return None,
    })
}
