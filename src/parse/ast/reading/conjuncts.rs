//! Where the conditions stand that must all hold: what AND joins at the top of WHERE and ON.

use std::ops::Range;

use sqlparser::ast::{BinaryOperator, Expr};

use super::Reader;
use crate::parse::TokenKind;

/// How many conditions AND joins in sqlparser's tree, inside parentheses too.
pub(in crate::parse::ast) fn count(expr: &Expr) -> usize {
    let mut rest = expr;
    let mut found = 1;
    loop {
        match rest {
            Expr::Nested(inner) => rest = inner,
            Expr::BinaryOp {
                left,
                op: BinaryOperator::And,
                right,
            } => {
                found += count(right);
                rest = left;
            }
            _ => return found,
        }
    }
}

impl Reader<'_> {
    /// The conditions of the WHERE that belongs to the token SELECT.
    pub(in crate::parse::ast) fn where_of(&self, select: usize) -> Vec<Range<usize>> {
        let depth = self.depth(select);
        let ends = ["SELECT", "UNION", "EXCEPT", "INTERSECT"];
        let own = (select + 1..self.tokens.len()).take_while(|&at| {
            let here = self.depth(at);
            here > depth || here == depth && !ends.iter().any(|word| self.is_reserved(at, word))
        });
        let found = own
            .filter(|&at| self.depth(at) == depth)
            .find(|&at| self.is_reserved(at, "WHERE"));
        let place = found.map(|at| self.place(at));
        place.map_or_else(Vec::new, |place| self.conjuncts(place.start, place.end))
    }

    /// The conditions of the innermost WHERE or ON around a token.
    pub(in crate::parse::ast) fn conjuncts_around(&self, token: usize) -> Vec<Range<usize>> {
        let place = self.place_around(token);
        place.map_or_else(Vec::new, |place| self.conjuncts(place.start, place.end))
    }

    /// None where they are not certain.
    fn conjuncts(&self, start: usize, end: usize) -> Vec<Range<usize>> {
        let alternatives = self.alternatives(start, end);
        if alternatives.is_none_or(|parts| parts.len() != 1) {
            return Vec::from_iter((start < end).then_some(start..end));
        }
        let Some(operands) = self.operands(start, end) else {
            return Vec::new();
        };
        let mut found = Vec::new();
        for (start, end) in operands {
            let enclosed = self.tokens.kind(start) == Some(TokenKind::Open)
                && self.matching(start).is_some_and(|close| close + 1 == end);
            if enclosed {
                found.extend(self.conjuncts(start + 1, end - 1));
            } else {
                found.push(start..end);
            }
        }
        found
    }
}
