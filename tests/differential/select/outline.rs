//! The outermost ORDER BY and LIMIT of a statement, and statements that ask for its rows without the
//! LIMIT and with ties broken.

use super::scan::{Kind, Token, tokens};

/// What stands at the end of a SELECT.
#[derive(Debug, PartialEq, Eq)]
pub struct Outline<'a> {
    /// The statement before its LIMIT.
    head: &'a str,
    /// What stands behind LIMIT and ORDER BY: locking clauses.
    tail: &'a str,
    pub ordered: bool,
    /// Offset and count.
    pub limit: Option<(usize, usize)>,
}

impl<'a> Outline<'a> {
    /// `None` where the statement is none that can be taken apart.
    pub fn new(sql: &'a str) -> Option<Self> {
        let all = tokens(sql);
        let all: Vec<Token> = all
            .into_iter()
            .filter(|token| token.kind != Kind::Comment && !token.is_symbol(";"))
            .collect();
        let outer = depths(&all);
        if outer.is_empty() && all.first()?.is_symbol("(") {
            return Self::new(&sql[all.first()?.end()..all.last()?.start]);
        }
        let word = |name: &'static str| move |token: &&&Token| token.is(name);
        let end = all.last()?.end();
        let order = outer
            .windows(2)
            .rposition(|pair| pair[0].is("ORDER") && pair[1].is("BY"));
        let limit = outer.iter().rposition(|token| token.is("LIMIT"));
        let body = order.or(limit).unwrap_or(0);
        let lock = outer[body..].iter().find(|token| {
            ["FOR", "LOCK", "INTO", "PROCEDURE"]
                .iter()
                .any(|name| word(name)(token))
        });
        let lock = lock.map(|token| token.start);
        let head = limit.map(|at| outer[at].start).or(lock).unwrap_or(end);
        Some(Self {
            head: &sql[..head],
            tail: lock.map_or("", |at| &sql[at..end]),
            ordered: order.is_some(),
            limit: match limit {
                Some(at) => Some(numbers(&outer[at + 1..])?),
                None => None,
            },
        })
    }

    /// The statement without its LIMIT, whose ties are in the order of all columns; with `reversed` in
    /// the opposite order.
    pub fn whole(&self, columns: usize, reversed: bool) -> String {
        let (head, tail) = (self.head, self.tail);
        if !self.ordered {
            return format!("{head} {tail}");
        }
        let direction = if reversed { " DESC" } else { "" };
        let keys: Vec<String> = (1..=columns).map(|at| format!("{at}{direction}")).collect();
        format!("{head}, {} {tail}", keys.join(", "))
    }
}

/// The tokens outside of parentheses.
fn depths<'a, 'b>(all: &'b [Token<'a>]) -> Vec<&'b Token<'a>> {
    let mut depth = 0_u32;
    let mut outer = Vec::new();
    for token in all {
        if token.is_symbol("(") {
            depth += 1;
        } else if token.is_symbol(")") {
            depth = depth.saturating_sub(1);
        } else if depth == 0 {
            outer.push(token);
        }
    }
    outer
}

/// `count`, `offset, count` or `count OFFSET offset`.
fn numbers(behind: &[&Token]) -> Option<(usize, usize)> {
    let first = behind.first()?.text.parse().ok()?;
    let second = behind.get(2).and_then(|token| token.text.parse().ok());
    match (behind.get(1), second) {
        (Some(token), Some(second)) if token.is_symbol(",") => Some((first, second)),
        (Some(token), Some(second)) if token.is("OFFSET") => Some((second, first)),
        _ => Some((0, first)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_outermost_clauses_are_taken_apart() {
        let cases = [
            ("SELECT a FROM t", false, None, "SELECT a FROM t "),
            (
                "SELECT a, b FROM t ORDER BY f(a, 1) DESC LIMIT 5, 7",
                true,
                Some((5, 7)),
                "SELECT a, b FROM t ORDER BY f(a, 1) DESC , 1 DESC, 2 DESC ",
            ),
            (
                "SELECT a FROM t LIMIT 7 OFFSET 5",
                false,
                Some((5, 7)),
                "SELECT a FROM t  ",
            ),
            (
                "(SELECT a FROM t ORDER BY 'limit' /* LIMIT 1 */ LIMIT 3 FOR UPDATE)",
                true,
                Some((0, 3)),
                "SELECT a FROM t ORDER BY 'limit' /* LIMIT 1 */ , 1 DESC, 2 DESC FOR UPDATE",
            ),
            (
                "SELECT a FROM t ORDER BY b; -- that's all",
                true,
                None,
                "SELECT a FROM t ORDER BY b, 1 DESC, 2 DESC ",
            ),
            (
                "(SELECT a FROM t ORDER BY b LIMIT 1) UNION (SELECT 1)",
                false,
                None,
                "(SELECT a FROM t ORDER BY b LIMIT 1) UNION (SELECT 1) ",
            ),
            (
                "SELECT x FROM (SELECT a FROM t ORDER BY 1 LIMIT 2) d ORDER BY x",
                true,
                None,
                "SELECT x FROM (SELECT a FROM t ORDER BY 1 LIMIT 2) d ORDER BY x, 1 DESC, 2 DESC ",
            ),
        ];
        for (sql, ordered, limit, reversed) in cases {
            let outline = Outline::new(sql).unwrap();
            let found = (outline.ordered, outline.limit, outline.whole(2, true));
            assert_eq!(found, (ordered, limit, reversed.to_owned()), "{sql}");
        }
    }
}
