//! What the planner asks of tokens: words, calls, select lists.

use crate::parse::{TokenKind, Tokens};

/// Whether `word` is called at this token: `word (`, not qualified.
pub fn is_call(tokens: Tokens<'_>, at: usize, word: &str) -> bool {
    tokens.is_word(at, word)
        && tokens.kind(at + 1) == Some(TokenKind::Open)
        && at.checked_sub(1).and_then(|before| tokens.kind(before)) != Some(TokenKind::Dot)
}

/// Whether these words follow each other from a token on.
pub fn are_words(tokens: Tokens<'_>, at: usize, words: &[&str]) -> bool {
    words
        .iter()
        .enumerate()
        .all(|(i, word)| tokens.is_word(at + i, word))
}

/// Whether a word stands anywhere as a word of the language (or as a name without quotes).
pub fn has_words(tokens: Tokens<'_>, words: &[&str]) -> bool {
    (0..tokens.len()).any(|at| are_words(tokens, at, words))
}

/// An item of a select list, as token numbers from first to behind the last.
pub type Item = std::ops::Range<usize>;

/// The items of every select list, subqueries included.
pub fn select_items(tokens: Tokens<'_>) -> Vec<Item> {
    if tokens.begins(&["GRANT"]) || tokens.begins(&["REVOKE"]) {
        // SELECT is a privilege there.
        return Vec::new();
    }
    let selects = (0..tokens.len()).filter(|at| is_reserved(tokens, *at, &["SELECT"]));
    selects.flat_map(|at| items_behind(tokens, at)).collect()
}

/// Words between SELECT and its first item.
const MODIFIERS: [&str; 11] = [
    "ALL",
    "DISTINCT",
    "DISTINCTROW",
    "HIGH_PRIORITY",
    "STRAIGHT_JOIN",
    "SQL_SMALL_RESULT",
    "SQL_BIG_RESULT",
    "SQL_BUFFER_RESULT",
    "SQL_CALC_FOUND_ROWS",
    "SQL_CACHE",
    "SQL_NO_CACHE",
];

/// Words that end a select list.
const ENDS: [&str; 13] = [
    "FROM",
    "INTO",
    "WHERE",
    "GROUP",
    "HAVING",
    "ORDER",
    "LIMIT",
    "UNION",
    "EXCEPT",
    "INTERSECT",
    "FOR",
    "LOCK",
    "WINDOW",
];

/// The items of the select list behind a SELECT.
pub fn items_behind(tokens: Tokens<'_>, select: usize) -> Vec<Item> {
    let depth = |at: usize| tokens.get(at).map(|token| token.depth);
    let own = depth(select);
    let first = modifiers_behind(tokens, select);
    let ends =
        |at: &usize| depth(*at) < own || (depth(*at) == own && is_reserved(tokens, *at, &ENDS));
    let end = (first..tokens.len()).find(ends).unwrap_or(tokens.len());
    items_between(tokens, first..end)
}

/// The first token behind SELECT that is no modifier, no hint and no edge of a version comment.
pub fn modifiers_behind(tokens: Tokens<'_>, select: usize) -> usize {
    let is_modifier =
        |at: &usize| tokens.is_mark(*at) || MODIFIERS.iter().any(|m| tokens.is_word(*at, m));
    (select + 1..)
        .find(|at| !is_modifier(at))
        .unwrap_or(select + 1)
}

/// What stands between the commas of a list; a single item where there is none.
pub fn items_between(tokens: Tokens<'_>, list: Item) -> Vec<Item> {
    let depth = |at: usize| tokens.get(at).map(|token| token.depth);
    let own = depth(list.start);
    let is_edge = |at: &usize| depth(*at) == own && tokens.kind(*at) == Some(TokenKind::Comma);
    let mut first = list.start;
    let mut items = Vec::new();
    for edge in list.clone().filter(is_edge) {
        items.push(first..edge);
        first = edge + 1;
    }
    items.push(first..list.end);
    items
}

/// Whether a column reference or `*` is all there is: its name does not depend on its spelling.
pub fn is_bare(tokens: Tokens<'_>, item: &Item) -> bool {
    item.clone().all(|at| {
        let name = [TokenKind::Word, TokenKind::Quoted, TokenKind::Dot];
        tokens.kind(at).is_some_and(|kind| name.contains(&kind)) || tokens.is_symbol(at, "*")
    })
}

/// Reserved words that an expression can end with, or that announce an alias.
const BEFORE_ALIAS: [&str; 24] = [
    "AS",
    "NULL",
    "TRUE",
    "FALSE",
    "CURRENT_DATE",
    "CURRENT_TIME",
    "CURRENT_TIMESTAMP",
    "CURRENT_USER",
    "LOCALTIME",
    "LOCALTIMESTAMP",
    "UTC_DATE",
    "UTC_TIME",
    "UTC_TIMESTAMP",
    "DAY_HOUR",
    "DAY_MICROSECOND",
    "DAY_MINUTE",
    "DAY_SECOND",
    "HOUR_MICROSECOND",
    "HOUR_MINUTE",
    "HOUR_SECOND",
    "MINUTE_MICROSECOND",
    "MINUTE_SECOND",
    "SECOND_MICROSECOND",
    "YEAR_MONTH",
];

/// Whether an item ends with an alias.
pub fn has_alias(tokens: Tokens<'_>, item: &Item) -> bool {
    let (Some(last), Some(before)) = (item.end.checked_sub(1), item.end.checked_sub(2)) else {
        return false;
    };
    let is_name = matches!(
        tokens.kind(last),
        Some(TokenKind::Word | TokenKind::Quoted | TokenKind::Fixed)
    );
    if before < item.start || !is_name || closes(tokens, item.start..last) {
        return false;
    }
    match tokens.kind(before) {
        Some(TokenKind::Reserved) => is_reserved(tokens, before, &BEFORE_ALIAS),
        Some(TokenKind::Operator | TokenKind::Comparison | TokenKind::Dot) => false,
        _ => true,
    }
}

/// Units of INTERVAL; those of two parts have a `_` in them.
const UNITS: [&str; 9] = [
    "MICROSECOND",
    "SECOND",
    "MINUTE",
    "HOUR",
    "DAY",
    "WEEK",
    "MONTH",
    "QUARTER",
    "YEAR",
];

/// Whether the word behind an expression is its last one, and not an alias: END of CASE, the unit of
/// INTERVAL, the name of a window.
fn closes(tokens: Tokens<'_>, expression: Item) -> bool {
    let last = expression.end;
    let depth = |at: usize| tokens.get(at).map(|token| token.depth);
    let own = |at: &usize| depth(*at) == depth(last);
    let count = |word| {
        let words = expression.clone().filter(own);
        words.filter(|at| tokens.is_word(*at, word)).count()
    };
    if tokens.is_word(last, "END") {
        return count("CASE") > count("END");
    }
    let is_unit = |at: usize| {
        let name = tokens.name(at).unwrap_or_default().to_uppercase();
        let single = |part: &str| UNITS.contains(&part);
        name.split_once('_').map_or_else(
            || single(&name),
            |(first, second)| single(first) && single(second),
        )
    };
    let mut backwards = expression.clone().rev().filter(own);
    let interval = backwards.find(|at| tokens.is_word(*at, "INTERVAL"));
    if let (Some(interval), true) = (interval, is_unit(last)) {
        // The first word behind INTERVAL may be a column.
        let dotted = |at: usize| tokens.kind(at - 1) == Some(TokenKind::Dot);
        let mut between = (interval + 2..last).filter(own);
        return !between.any(|at| is_unit(at) && !dotted(at));
    }
    let before = |back: usize| last.checked_sub(back).filter(|at| *at >= expression.start);
    before(1).is_some_and(|at| tokens.is_word(at, "OVER"))
        && before(2).is_some_and(|at| tokens.kind(at) == Some(TokenKind::Close))
}

/// The last token of the index hint that begins here: USE INDEX (…) and its like.
pub fn index_hint(tokens: Tokens<'_>, at: usize) -> Option<usize> {
    if !is_reserved(tokens, at, &["USE", "FORCE", "IGNORE"])
        || !is_reserved(tokens, at + 1, &["INDEX", "KEY"])
    {
        return None;
    }
    let open = (at + 2..tokens.len().min(at + 6))
        .find(|open| tokens.kind(*open) == Some(TokenKind::Open))?;
    let depth = tokens.get(open)?.depth;
    let closes = |close: &usize| {
        tokens.kind(*close) == Some(TokenKind::Close)
            && tokens.get(*close).is_some_and(|token| token.depth == depth)
    };
    (open + 1..tokens.len()).find(closes)
}

/// Whether a token is one of these words where none can be a name.
pub fn is_reserved(tokens: Tokens<'_>, at: usize, words: &[&str]) -> bool {
    tokens.kind(at) == Some(TokenKind::Reserved) && words.iter().any(|w| tokens.is_word(at, w))
}
