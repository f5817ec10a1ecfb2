//! What the placeholders of a text stand for: whether a literal in one's place means the same.

use std::ops::Range;

use super::words::{Item, is_reserved, items_behind, items_between, select_items};
use crate::parse::{LiteralKind, TokenKind, Tokens};

/// What a placeholder stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stand {
    /// A value that is compared or stored as it is: a literal in its place means the same.
    Value,
    /// A number behind LIMIT or OFFSET.
    Limit,
    /// What an UPDATE adds to the value of a column, or takes from it, or multiplies it with: a whole number
    /// in its place means the same.
    Summand,
    /// Anything else. The type of what is computed may depend on whether it is a parameter, and a
    /// column's name shows it.
    Computed,
}

/// What each placeholder of a statement stands for, in their order.
pub fn stands(tokens: Tokens<'_>) -> Vec<Stand> {
    if ["SET", "KILL"].iter().any(|verb| tokens.begins(&[verb])) {
        return stands_assigned(tokens);
    }
    let verbs = ["SELECT", "INSERT", "REPLACE", "UPDATE", "DELETE", "WITH"];
    let known = verbs.iter().any(|verb| tokens.begins(&[verb]));
    let shown = select_items(tokens);
    let stored = stored_items(tokens);
    let literals = tokens.digest().literals.iter();
    let placeholders = literals.filter(|literal| literal.kind == LiteralKind::Placeholder);
    let stand = |start: u32| {
        let behind = tokens.all().partition_point(|token| token.start <= start);
        let at = behind.checked_sub(1)?;
        if !known || tokens.get(at)?.versioned {
            return None;
        }
        if let Some(item) = stored.iter().find(|item| item.contains(&at)) {
            return Some(stand_stored(tokens, item));
        }
        let is_shown = shown.iter().any(|item| item.contains(&at));
        (!is_shown).then(|| stand(tokens, at))
    };
    placeholders
        .map(|literal| stand(literal.start).unwrap_or(Stand::Computed))
        .collect()
}

/// The same for SET and KILL.
fn stands_assigned(tokens: Tokens<'_>) -> Vec<Stand> {
    let is_placeholder =
        |at: usize| tokens.kind(at) == Some(TokenKind::Literal) && tokens.text(at) == b"?";
    let value = |at: usize| {
        let Some(before) = at.checked_sub(1) else {
            return false;
        };
        let assigned = tokens.kind(before) == Some(TokenKind::Comparison);
        let killed = is_one(tokens, before, &["KILL", "QUERY", "CONNECTION"]);
        let ends = matches!(tokens.kind(at + 1), None | Some(TokenKind::Comma));
        ends && (assigned || killed)
    };
    (0..tokens.all().len())
        .filter(|at| is_placeholder(*at))
        .map(|at| match value(at) {
            true => Stand::Value,
            false => Stand::Computed,
        })
        .collect()
}

fn stand(tokens: Tokens<'_>, at: usize) -> Stand {
    if tokens.kind(at) == Some(TokenKind::List) {
        return Stand::Value;
    }
    let Some(before) = at.checked_sub(1) else {
        return Stand::Computed;
    };
    if is_limit(tokens, before) {
        return Stand::Limit;
    }
    let compared =
        tokens.kind(before) == Some(TokenKind::Comparison) && !tokens.is_symbol(before, ":=");
    let begins = is_one(
        tokens,
        before,
        &["WHERE", "ON", "HAVING", "AND", "OR", "BETWEEN", "LIKE"],
    );
    let listed = is_listed(tokens, at);
    let behind = at + 1;
    let ends = match tokens.kind(behind) {
        None | Some(TokenKind::Close | TokenKind::Comma) => true,
        Some(TokenKind::Comparison) => begins && !tokens.is_symbol(behind, ":="),
        _ => is_one(tokens, behind, &ENDS),
    };
    match ends && (compared || begins || listed) {
        true => Stand::Value,
        false if is_summand(tokens, at) => Stand::Summand,
        false => Stand::Computed,
    }
}

/// The items of the SELECT whose rows an INSERT or REPLACE stores: no client sees their names, nor
/// do other rows decide their types.
fn stored_items(tokens: Tokens<'_>) -> Vec<Item> {
    let own = |at: &usize| tokens.get(*at).is_some_and(|token| token.depth == 0);
    let inserts = tokens.begins(&["INSERT"]) || tokens.begins(&["REPLACE"]);
    let combined = ["UNION", "EXCEPT", "INTERSECT"];
    let mut words = (0..tokens.len()).filter(own);
    if !inserts || words.any(|at| is_reserved(tokens, at, &combined)) {
        return Vec::new();
    }
    let select = (0..tokens.len())
        .filter(own)
        .find(|at| is_reserved(tokens, *at, &["SELECT"]));
    select.map_or_else(Vec::new, |select| items_behind(tokens, select))
}

/// What a placeholder in such an item stands for.
fn stand_stored(tokens: Tokens<'_>, item: &Item) -> Stand {
    let named = is_one(tokens, item.end.saturating_sub(2), &["AS"]);
    let value = match named {
        true => item.start..item.end.saturating_sub(2),
        false => item.clone(),
    };
    let placeholders = value.clone().filter(|at| tokens.text(*at) == b"?");
    match (value.len(), placeholders.count()) {
        (1, _) => Stand::Value,
        (_, 1) if is_sum(tokens, value) => Stand::Summand,
        _ => Stand::Computed,
    }
}

/// Whether the token is the only placeholder in a value of SET that is made of names, numbers and
/// `+ - *`.
fn is_summand(tokens: Tokens<'_>, at: usize) -> bool {
    let own = |at: usize| tokens.get(at).is_some_and(|token| token.depth == 0);
    let is_set = |at: &usize| own(*at) && is_reserved(tokens, *at, &["SET"]);
    let Some(set) = (0..at).find(is_set).filter(|_| tokens.begins(&["UPDATE"])) else {
        return false;
    };
    let is_end = |at: &usize| own(*at) && is_reserved(tokens, *at, &ENDS);
    let end = (set..tokens.len()).find(is_end).unwrap_or(tokens.len());
    let mut items = items_between(tokens, set + 1..end).into_iter();
    let Some(item) = items.find(|item| item.contains(&at)) else {
        return false;
    };
    let equals = |at: &usize| tokens.is_symbol(*at, "=");
    let value = item.clone().find(equals).map(|equals| equals + 1..item.end);
    value.is_some_and(|value| {
        let placeholders = value.clone().filter(|at| tokens.text(*at) == b"?");
        placeholders.count() == 1 && is_sum(tokens, value)
    })
}

/// Whether the tokens are names and numbers with `+ - *` between them, one name at least.
fn is_sum(tokens: Tokens<'_>, value: Range<usize>) -> bool {
    let is_name = |at: usize| matches!(tokens.kind(at), Some(TokenKind::Word | TokenKind::Quoted));
    let joins = |at: usize| {
        ["+", "-", "*"]
            .iter()
            .any(|sign| tokens.is_symbol(at, sign))
    };
    let (mut names, mut at, end) = (0, value.start, value.end);
    while at < end {
        if is_name(at) {
            names += 1;
            while tokens.kind(at + 1) == Some(TokenKind::Dot) && is_name(at + 2) {
                at += 2;
            }
        } else if !is_number(tokens, at) {
            return false;
        }
        at += 1;
        if at < end && !joins(at) {
            return false;
        }
        at += 1;
    }
    // It does not end with a sign.
    at == end + 1 && names > 0
}

fn is_number(tokens: Tokens<'_>, at: usize) -> bool {
    let first = tokens.text(at).first();
    let digit = first.is_some_and(|first| first.is_ascii_digit() || *first == b'?');
    digit && tokens.kind(at) == Some(TokenKind::Literal)
}

/// Words that no expression continues with.
const ENDS: [&str; 13] = [
    "AND",
    "OR",
    "ORDER",
    "GROUP",
    "HAVING",
    "LIMIT",
    "FOR",
    "LOCK",
    "UNION",
    "WHERE",
    "ON",
    "EXCEPT",
    "INTERSECT",
];

fn is_one(tokens: Tokens<'_>, at: usize, words: &[&str]) -> bool {
    words.iter().any(|word| tokens.is_word(at, word))
}

/// Whether a number behind this token is one of LIMIT.
fn is_limit(tokens: Tokens<'_>, before: usize) -> bool {
    let is_second = || {
        let limit = before.checked_sub(2);
        tokens.kind(before) == Some(TokenKind::Comma)
            && limit.is_some_and(|at| is_one(tokens, at, &["LIMIT"]))
    };
    is_one(tokens, before, &["LIMIT", "OFFSET"]) || is_second()
}

/// Whether the token is an item of IN (…) or of a row of VALUES.
fn is_listed(tokens: Tokens<'_>, at: usize) -> bool {
    let Some(outside) = tokens.get(at).and_then(|token| token.depth.checked_sub(1)) else {
        return false;
    };
    let edge = at.checked_sub(1).and_then(|before| tokens.kind(before));
    if !matches!(edge, Some(TokenKind::Open | TokenKind::Comma)) {
        return false;
    }
    let is_open = |at: &usize| {
        let token = tokens.get(*at);
        token.is_some_and(|token| token.kind == TokenKind::Open && token.depth == outside)
    };
    let open = (0..at).rev().find(is_open);
    let Some(before) = open.and_then(|open| open.checked_sub(1)) else {
        return false;
    };
    if is_one(tokens, before, &["IN", "VALUES", "VALUE"]) {
        return true;
    }
    let is_word = |at: &usize| {
        let outermost = tokens.get(*at).is_some_and(|token| token.depth == 0);
        outermost && is_one(tokens, *at, &["VALUES", "VALUE", "SELECT", "ON", "SET"])
    };
    let last = (0..before).rev().find(is_word);
    let inserts = tokens.begins(&["INSERT"]) || tokens.begins(&["REPLACE"]);
    let is_row = last.is_some_and(|at| is_one(tokens, at, &["VALUES", "VALUE"]));
    inserts && outside == 0 && is_row && tokens.kind(before) == Some(TokenKind::Comma)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse::{self, Digest, DigestSeed, LexMode};

    #[test]
    fn only_what_is_compared_or_stored_as_it_is_may_be_a_literal() {
        use Stand::{Computed as C, Limit as L, Summand as S, Value as V};
        let table: [(&str, &[Stand]); 35] = [
            ("SELECT a FROM t WHERE a = ?", &[V]),
            ("SELECT a FROM t WHERE ? <= a AND b LIKE ?", &[V, V]),
            ("SELECT a FROM t WHERE a IN (?, ?) ORDER BY b", &[V, V]),
            ("SELECT a FROM t WHERE a IN (?, b)", &[V]),
            ("SELECT a FROM t WHERE a BETWEEN ? AND ?", &[V, V]),
            ("SELECT a FROM t LIMIT ?", &[L]),
            ("SELECT a FROM t LIMIT ?, ?", &[L, L]),
            ("SELECT a FROM t WHERE a = ? LIMIT ? OFFSET ?", &[V, L, L]),
            ("INSERT INTO t VALUES (?, ?), (?, ?)", &[V; 4]),
            ("INSERT INTO t (a, b) VALUES (?, NOW()), (?, 1+1)", &[V, V]),
            ("INSERT INTO t VALUES (?, ABS(?))", &[V, C]),
            (
                "INSERT INTO t VALUES (1) ON DUPLICATE KEY UPDATE a = ?",
                &[V],
            ),
            ("INSERT INTO t SELECT ?, a FROM s WHERE a = ?", &[V, V]),
            ("REPLACE INTO t SELECT a + ?, ? AS b FROM s", &[S, V]),
            ("INSERT INTO t SELECT a + ? + ?, -?, a / ? FROM s", &[C; 4]),
            ("INSERT INTO t SELECT ABS(?), (SELECT ?) FROM s", &[C, C]),
            ("INSERT INTO t SELECT a FROM (SELECT ? AS a) s", &[C]),
            ("INSERT INTO t SELECT ? UNION SELECT a FROM s", &[C]),
            (
                "INSERT INTO t WITH s AS (SELECT ?) SELECT ?, a FROM s",
                &[C, V],
            ),
            ("UPDATE t SET a = ?, b = b + ? WHERE c = ?", &[V, S, V]),
            ("UPDATE t, s SET t.b = 2 * `t`.b - ? WHERE c = ?", &[S, V]),
            ("UPDATE t SET b = ? + b", &[S]),
            ("UPDATE t SET b = ? + ? + b, c = ? + 1", &[C, C, C]),
            ("UPDATE t SET b = ABS(b + ?), c = c / ?, d = -?", &[C, C, C]),
            (
                "UPDATE t SET b = b + INTERVAL ? DAY, c = c + ? > 1",
                &[C, C],
            ),
            ("UPDATE t SET b = 1 WHERE b = b + ?", &[C]),
            ("DELETE FROM t WHERE a > ?", &[V]),
            ("SELECT ?", &[C]),
            ("SELECT a = ? FROM t", &[C]),
            ("SELECT (SELECT a FROM s WHERE b = ?) FROM t", &[C]),
            ("SELECT a FROM t WHERE a = ? + 1", &[C]),
            ("SELECT a FROM t WHERE a = -?", &[C]),
            ("SELECT a FROM t ORDER BY a, ?", &[C]),
            ("SELECT a FROM t GROUP BY ?", &[C]),
            ("SELECT a FROM t WHERE a = (@v := ?)", &[C]),
        ];
        for (sql, expected) in table {
            assert_eq!(of(sql), expected, "{sql}");
        }
    }

    #[test]
    fn what_is_assigned_or_killed_may_be_a_literal() {
        use Stand::{Computed as C, Value as V};
        let table: [(&str, &[Stand]); 7] = [
            ("SET sql_mode = ?", &[V]),
            ("SET @a := ?, @@session.time_zone = ?", &[V, V]),
            ("SET @a = ? + 1", &[C]),
            ("SET @a = CONCAT(?, 'x')", &[C]),
            ("SET NAMES ?", &[C]),
            ("KILL ?", &[V]),
            ("KILL QUERY ?", &[V]),
        ];
        for (sql, expected) in table {
            assert_eq!(of(sql), expected, "{sql}");
        }
    }

    fn of(sql: &str) -> Vec<Stand> {
        let mut digest = Digest::default();
        let seed = DigestSeed(1);
        parse::scan(sql.as_bytes(), 0, LexMode::default(), seed, 0, &mut digest).unwrap();
        stands(Tokens::new(sql.as_bytes(), &digest))
    }
}
