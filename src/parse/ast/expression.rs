//! sqlparser's expressions as conditions.

use sqlparser::ast::{BinaryOperator, Expr, Ident, Query, SetExpr, UnaryOperator};

use super::super::digest::Slot;
use super::super::tokens::{TokenKind, Tokens};
use super::super::variable::user_variable;
use super::condition::{ColumnRef, CompareOp, Condition, Operand, Term};
use super::made::{Made, made};
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
            Expr::InSubquery {
                expr,
                subquery,
                negated,
            } => self.in_query(expr, subquery).negated(*negated),
            Expr::Exists { subquery, negated } => select_token(subquery)
                .map_or(Condition::Opaque, Condition::Exists)
                .negated(*negated),
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
        compare_op(op).map_or(Condition::Opaque, |op| {
            self.term(left).compare(op, &self.term(right))
        })
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
        match (self.term(expr), folded) {
            (Term::Column(column), Some(values)) => Condition::In { column, values },
            (_, Some(_)) => Condition::Opaque,
            (term, None) => {
                let members: Vec<Term> = list.iter().map(|member| self.term(member)).collect();
                term.is_in(&members)
            }
        }
    }

    /// Only a query that is one SELECT, or begins with one, has a place to know it by.
    fn in_query(&self, expr: &Expr, query: &Query) -> Condition {
        match (self.column(expr), select_token(query)) {
            (Some(column), Some(select)) => Condition::InQuery(column, select),
            _ => Condition::Opaque,
        }
    }

    /// One side of a comparison.
    fn term(&self, expr: &Expr) -> Term {
        if let Expr::Tuple(members) = expr {
            return Term::Row(members.iter().map(|member| self.term(member)).collect());
        }
        if let Some(column) = self.column(expr) {
            return Term::Column(column);
        }
        self.operand(expr).map_or(Term::Opaque, Term::Value)
    }

    /// A literal or user variable that stands alone.
    fn operand(&self, expr: &Expr) -> Option<Operand> {
        if let Some((made, _)) = self.made(expr) {
            return Some(Operand::Made(made));
        }
        let Expr::Identifier(name) = expr else {
            return self.literal(expr).map(Operand::Slot);
        };
        let at = token_number(name.span)?;
        plain_variable(&self.tokens, at).map(Operand::Variable)
    }

    /// A call of a known function with literals, and its tokens.
    pub(super) fn made(&self, expr: &Expr) -> Option<(Made, std::ops::Range<usize>)> {
        let Expr::Function(call) = expr else {
            return None;
        };
        let [name] = call.name.0.as_slice() else {
            return None;
        };
        let at = token_number(name.as_ident()?.span)?;
        made(&self.tokens, self.slots, at).map(|(made, next)| (made, at..next))
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
    pub(super) fn column(&self, expr: &Expr) -> Option<ColumnRef> {
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

/// The token SELECT that a query begins with, if it does.
pub(super) fn select_token(query: &Query) -> Option<usize> {
    if query.with.is_some() {
        return None;
    }
    let mut body = query.body.as_ref();
    loop {
        match body {
            SetExpr::Select(select) => return token_number(select.select_token.0.span),
            SetExpr::SetOperation { left, .. } => body = left,
            _ => return None,
        }
    }
}

/// The name of the user variable that a token is, if it can be asked for without quotes.
pub(super) fn plain_variable(tokens: &Tokens<'_>, at: usize) -> Option<String> {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '$' | '.');
    user_variable(tokens, at).filter(|name| !name.is_empty() && name.chars().all(plain))
}
