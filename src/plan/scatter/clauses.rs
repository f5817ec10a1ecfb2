//! The clauses of a SELECT, as token numbers.
//!
//! sqlparser's spans miss keywords and parentheses, so that clauses are cut on our own tokens: what
//! stands at the depth of SELECT itself is a clause's keyword or the edge of an item.

use super::LimitSlots;
use crate::parse::{TokenKind, Tokens};
use crate::plan::words::{Item, is_reserved, items_between, modifiers_behind};

/// The clauses of a SELECT that is a whole statement, without parentheses around it and without
/// UNION.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clauses {
    /// SELECT, or TABLE.
    pub select: usize,
    /// It is `TABLE t`: its select list stands nowhere.
    pub table: bool,
    /// DISTINCT.
    pub distinct: bool,
    /// The select list.
    pub items: Vec<Item>,
    /// Where the select list ends: FROM, or whatever follows; what follows TABLE.
    pub items_end: usize,
    /// The expressions of GROUP BY.
    pub group_by: Vec<Item>,
    /// WITH ROLLUP.
    pub rollup: bool,
    /// Where GROUP BY ends, or would stand.
    pub group_end: usize,
    /// What stands behind HAVING.
    pub having: Option<Item>,
    /// The expressions of ORDER BY.
    pub order_by: Vec<OrderItem>,
    /// Where ORDER BY ends, or would stand.
    pub order_end: usize,
    /// LIMIT.
    pub limit: Option<LimitClause>,
    /// SQL_CALC_FOUND_ROWS.
    pub calc_found_rows: Option<usize>,
}

/// An expression of ORDER BY.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrderItem {
    /// The expression, without direction.
    pub expression: Item,
    /// DESC.
    pub descending: bool,
}

/// LIMIT with literals.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LimitClause {
    /// What stands behind LIMIT.
    pub values: Item,
    /// Which of its literals says what.
    pub slots: LimitSlots,
}

/// Words between the operands of a set operation.
pub const SET_OPERATIONS: [&str; 4] = ["UNION", "EXCEPT", "INTERSECT", "MINUS"];

/// Clauses in the order in which they stand.
const CLAUSES: [&str; 11] = [
    "FROM",
    "WHERE",
    "GROUP",
    "HAVING",
    "WINDOW",
    "ORDER",
    "LIMIT",
    "PROCEDURE",
    "FOR",
    "LOCK",
    "INTO",
];

/// Finds the clauses. `None`: the statement is no plain SELECT, or says something about its rows
/// that is not understood.
pub fn clauses(tokens: Tokens<'_>) -> Option<Clauses> {
    let select = (0..tokens.len()).find(|at| tokens.kind(*at) != Some(TokenKind::Hint))?;
    let table = is_reserved(tokens, select, &["TABLE"]);
    let plain = table || is_reserved(tokens, select, &["SELECT"]);
    let joined = (select + 1..tokens.len()).any(|at| {
        let word = SET_OPERATIONS.iter().any(|word| tokens.is_word(at, word));
        depth(tokens, at) == Some(0) && word
    });
    if !plain || joined {
        return None;
    }
    let marks = marks(tokens, select);
    let part = |word: &str| part(tokens, &marks, word);
    let (first, items_end) = match table {
        true => (select, select + 1),
        false => (
            modifiers_behind(tokens, select),
            marks.first().copied().unwrap_or(tokens.len()),
        ),
    };
    let is_distinct = |at| tokens.is_word(at, "DISTINCT") || tokens.is_word(at, "DISTINCTROW");
    let (group_by, rollup) = group_by(tokens, part("GROUP"))?;
    let limit = match part("LIMIT") {
        None => None,
        Some(values) => Some(limit_of(tokens, values)?),
    };
    let behind = |clause: &str| {
        let mut later = CLAUSES.iter().skip_while(|word| **word != clause).skip(1);
        let found = later.find_map(|word| marks.iter().find(|mark| tokens.is_word(**mark, word)));
        found.copied().unwrap_or(tokens.len())
    };
    let calc = |at: &usize| tokens.is_word(*at, "SQL_CALC_FOUND_ROWS");
    Some(Clauses {
        select,
        table,
        distinct: (select + 1..first).any(is_distinct),
        items: items_between(tokens, first..items_end),
        items_end,
        group_by,
        rollup,
        group_end: behind("GROUP"),
        having: part("HAVING"),
        order_by: in_order(tokens, part("ORDER"))?,
        order_end: behind("ORDER"),
        limit,
        calc_found_rows: (select + 1..first).find(calc),
    })
}

fn depth(tokens: Tokens<'_>, at: usize) -> Option<u16> {
    tokens.get(at).map(|token| token.depth)
}

/// The keywords that begin clauses, at the depth of SELECT. Index hints have some of them behind FOR.
pub fn marks(tokens: Tokens<'_>, select: usize) -> Vec<usize> {
    let in_index_hint = |at: usize| {
        let behind_for = at > 0 && is_reserved(tokens, at - 1, &["FOR"]);
        let before_join = is_reserved(tokens, at, &["FOR"])
            && ["JOIN", "ORDER", "GROUP"]
                .iter()
                .any(|word| tokens.is_word(at + 1, word));
        behind_for || before_join
    };
    let own = depth(tokens, select);
    (select + 1..tokens.len())
        .filter(|&at| {
            depth(tokens, at) == own && is_reserved(tokens, at, &CLAUSES) && !in_index_hint(at)
        })
        .collect()
}

/// What stands behind a keyword, up to the next one.
pub fn part(tokens: Tokens<'_>, marks: &[usize], word: &str) -> Option<Item> {
    let at = marks.iter().position(|mark| tokens.is_word(*mark, word))?;
    let (from, to) = (*marks.get(at)?, marks.get(at + 1).copied());
    Some(from + 1..to.unwrap_or(tokens.len()))
}

/// The expressions behind BY, and whether WITH ROLLUP follows them.
fn group_by(tokens: Tokens<'_>, clause: Option<Item>) -> Option<(Vec<Item>, bool)> {
    let Some(clause) = clause else {
        return Some((Vec::new(), false));
    };
    let by = clause.start;
    let end = clause.end;
    let rollup = end >= 2 && tokens.is_word(end - 1, "ROLLUP") && tokens.is_word(end - 2, "WITH");
    let end = if rollup { end - 2 } else { end };
    let called = tokens.is_word(by + 1, "ROLLUP") && tokens.kind(by + 2) == Some(TokenKind::Open);
    tokens
        .is_word(by, "BY")
        .then(|| (items_between(tokens, by + 1..end), rollup || called))
}

/// The expressions behind ORDER, in whose place BY stands. `None`: it is not understood.
pub fn in_order(tokens: Tokens<'_>, clause: Option<Item>) -> Option<Vec<OrderItem>> {
    let Some(clause) = clause else {
        return Some(Vec::new());
    };
    if !tokens.is_word(clause.start, "BY") {
        return None;
    }
    let items = items_between(tokens, clause.start + 1..clause.end).into_iter();
    Some(
        items
            .map(|item| {
                let last = item.end.saturating_sub(1);
                let descending = is_reserved(tokens, last, &["DESC"]);
                let directed = descending || is_reserved(tokens, last, &["ASC"]);
                let end = if directed { last } else { item.end };
                OrderItem {
                    expression: item.start..end,
                    descending,
                }
            })
            .collect(),
    )
}

/// `n`, `offset, n` or `n OFFSET offset`.
pub fn limit_of(tokens: Tokens<'_>, values: Item) -> Option<LimitClause> {
    let slots = tokens.slots();
    let number = |at: usize| {
        let literal = tokens.kind(at) == Some(TokenKind::Literal);
        slots.get(at).copied().flatten().filter(|_| literal)
    };
    let first = values.start;
    let (offset, count) = match values.len() {
        1 => (None, number(first)?),
        3 if tokens.kind(first + 1) == Some(TokenKind::Comma) => {
            (Some(number(first)?), number(first + 2)?)
        }
        3 if tokens.is_word(first + 1, "OFFSET") => (Some(number(first + 2)?), number(first)?),
        _ => return None,
    };
    Some(LimitClause {
        values,
        slots: LimitSlots { offset, count },
    })
}
