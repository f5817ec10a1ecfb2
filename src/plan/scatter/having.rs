//! HAVING as far as it can be tested on merged groups: comparisons with numbers, joined by AND.

use super::Comparison;
use super::columns::Scope;
use crate::parse::{LiteralKind, Slot, TokenKind, Tokens};
use crate::plan::words::{Item, is_reserved};

/// `operand <comparison> number`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tested {
    /// What is compared.
    pub operand: Item,
    /// How.
    pub comparison: Comparison,
    /// With which number.
    pub number: Slot,
}

/// The conditions that must all hold; `None`: there is something else among them.
pub fn conditions(scope: &Scope<'_>, clause: &Item) -> Option<Vec<Tested>> {
    let tokens = scope.tokens;
    let slots = tokens.slots();
    conjuncts(tokens, clause)
        .iter()
        .map(|part| tested(tokens, &slots, part))
        .collect()
}

/// What stands between AND; a list of something else where there is OR: none of it is a comparison.
fn conjuncts(tokens: Tokens<'_>, clause: &Item) -> Vec<Item> {
    let depth = |at: usize| tokens.get(at).map(|token| token.depth);
    let own = depth(clause.start);
    let is_and = |at: &usize| {
        depth(*at) == own && (is_reserved(tokens, *at, &["AND"]) || tokens.is_symbol(*at, "&&"))
    };
    let mut parts = Vec::new();
    let mut first = clause.start;
    for at in clause.clone().filter(is_and) {
        parts.push(first..at);
        first = at + 1;
    }
    parts.push(first..clause.end);
    parts
}

fn tested(tokens: Tokens<'_>, slots: &[Option<Slot>], part: &Item) -> Option<Tested> {
    let last = part.end.checked_sub(1)?;
    let number = |at: usize| {
        let literal = tokens.literal(at)?;
        let exact = matches!(literal.kind, LiteralKind::Integer | LiteralKind::Decimal);
        slots.get(at).copied().flatten().filter(|_| exact)
    };
    let (operand, symbol, number, flipped) = match (number(last), number(part.start)) {
        (Some(number), _) => (part.start..last.checked_sub(1)?, last - 1, number, false),
        (None, Some(number)) => (part.start + 2..part.end, part.start + 1, number, true),
        (None, None) => return None,
    };
    if operand.is_empty() || !is_one(tokens, &operand) {
        return None;
    }
    Some(Tested {
        comparison: comparison(tokens.text(symbol), flipped)
            .filter(|_| tokens.kind(symbol) == Some(TokenKind::Comparison))?,
        operand,
        number,
    })
}

/// A name, or a call and no more.
fn is_one(tokens: Tokens<'_>, operand: &Item) -> bool {
    let depth = |at: usize| tokens.get(at).map(|token| token.depth);
    let own = depth(operand.start);
    let mut outside = operand.clone().filter(|at| depth(*at) == own);
    let first = outside.next();
    let rest: Vec<usize> = outside.collect();
    first.is_some()
        && match rest.as_slice() {
            [] => true,
            [open, close] => {
                tokens.kind(*open) == Some(TokenKind::Open)
                    && tokens.kind(*close) == Some(TokenKind::Close)
            }
            _ => false,
        }
}

fn comparison(symbol: &[u8], flipped: bool) -> Option<Comparison> {
    Some(match (symbol, flipped) {
        (b"=", _) => Comparison::Equal,
        (b"<>" | b"!=", _) => Comparison::NotEqual,
        (b"<", false) | (b">", true) => Comparison::Less,
        (b"<=", false) | (b">=", true) => Comparison::LessOrEqual,
        (b">", false) | (b"<", true) => Comparison::Greater,
        (b">=", false) | (b"<=", true) => Comparison::GreaterOrEqual,
        _ => return None,
    })
}
