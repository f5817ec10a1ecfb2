//! Syntax of MySQL that sqlparser does not know, as something that it knows and that says as little: nobody
//! looks at it to find out which rows are meant.

use sqlparser::tokenizer::Token as SqlToken;

use super::super::full_text::{Search, search_at};
use super::super::tokens::{TokenKind, Tokens};

/// What stands instead of some tokens.
pub(super) struct Evened {
    /// How many tokens it replaces.
    pub tokens: usize,
    /// What stands there.
    pub instead: Vec<SqlToken>,
}

/// What stands instead of the tokens from here on, if they are such syntax.
pub(super) fn evened(tokens: Tokens<'_>, at: usize) -> Option<Evened> {
    let word = |word| SqlToken::make_word(word, None);
    let (tokens, instead) = if tokens.is_word(at, "SOUNDS") && tokens.is_word(at + 1, "LIKE") {
        (2, vec![word("RLIKE")])
    } else if tokens.is_word(at, "INTERVAL") && is_call(tokens, at) {
        (1, vec![SqlToken::make_word("interval", Some('`'))])
    } else if let Some(kind) = escaped_moment(tokens, at) {
        let moment = SqlToken::SingleQuotedString("x".to_owned());
        (4, vec![word(kind), moment])
    } else if let Some(searched) = searched(tokens, at) {
        searched
    } else if let Some(comma) = parted(tokens, at) {
        (1, vec![comma])
    } else {
        let words = json_value_words(tokens, at)
            .or_else(|| json_table_words(tokens, at))
            .or_else(|| argument_words(tokens, at))
            .or_else(|| type_words(tokens, at));
        (words?, Vec::new())
    };
    Some(Evened { tokens, instead })
}

fn depth(tokens: Tokens<'_>, at: usize) -> Option<u16> {
    tokens.get(at).map(|token| token.depth)
}

/// Where the parenthesis ends that opens here.
fn close(tokens: Tokens<'_>, open: usize) -> Option<usize> {
    (open + 1..tokens.len()).find(|at| depth(tokens, *at) <= depth(tokens, open))
}

/// Whether it is the function INTERVAL(n, n1, …): a span of time has no comma.
fn is_call(tokens: Tokens<'_>, at: usize) -> bool {
    let open = at + 1;
    if tokens.kind(open) != Some(TokenKind::Open) {
        return false;
    }
    let inside = depth(tokens, open).map(|depth| depth + 1);
    let end = close(tokens, open).unwrap_or(tokens.len());
    (open + 1..end)
        .any(|at| tokens.kind(at) == Some(TokenKind::Comma) && depth(tokens, at) == inside)
}

/// A part of `MATCH (a, b) AGAINST (text mode)`, which is a call: `match(a, b, text)`.
fn searched(tokens: Tokens<'_>, at: usize) -> Option<(usize, Vec<SqlToken>)> {
    if let Some(search) = search_at(tokens, at) {
        let name = SqlToken::make_word("match", Some('`'));
        return Some(match search.columns.start == at + 1 {
            true => (1, vec![name, SqlToken::LParen]),
            false => (1, vec![name]),
        });
    }
    let closes = tokens.kind(at) == Some(TokenKind::Close);
    let against = at + usize::from(closes);
    let says = |word, next| tokens.is_word(at, word) && tokens.is_word(at + 1, next);
    let mode = says("IN", "BOOLEAN") || says("IN", "NATURAL") || says("WITH", "QUERY");
    if !mode && !tokens.is_word(against, "AGAINST") {
        return None;
    }
    let around = |search: &Search| search.tokens.contains(&at);
    let search = (0..at).rev().find_map(|at| search_at(tokens, at))?;
    let search = Some(search).filter(around)?;
    if search.against == against && search.columns.end == at {
        return Some((against + 2 - at, vec![SqlToken::Comma]));
    }
    let close = search.tokens.end - 1;
    (search.text.end == at && at < close).then(|| (close - at, Vec::new()))
}

/// The word that says of `{d '…'}`, `{t '…'}` or `{ts '…'}` what it is.
fn escaped_moment(tokens: Tokens<'_>, at: usize) -> Option<&'static str> {
    const KINDS: [(&str, &str); 3] = [("d", "DATE"), ("t", "TIME"), ("ts", "TIMESTAMP")];
    let literal = matches!(
        tokens.kind(at + 2),
        Some(TokenKind::Literal | TokenKind::Fixed)
    );
    let escaped = literal && tokens.is_symbol(at, "{") && tokens.is_symbol(at + 3, "}");
    let mut kinds = KINDS.iter().filter(|_| escaped);
    let found = kinds.find(|(short, _)| tokens.is_word(at + 1, short));
    found.map(|(_, word)| *word)
}

/// How many tokens say what JSON_VALUE gives, behind its path.
fn json_value_words(tokens: Tokens<'_>, at: usize) -> Option<usize> {
    let says = ["RETURNING", "NULL", "ERROR", "DEFAULT"];
    let behind_path = at.checked_sub(1).and_then(|at| tokens.kind(at));
    let ends_path = matches!(behind_path, Some(TokenKind::Literal | TokenKind::Fixed));
    if !ends_path || !says.iter().any(|word| tokens.is_word(at, word)) {
        return None;
    }
    let open = opened_behind(tokens, at, "JSON_VALUE")?;
    Some(close(tokens, open)? - at)
}

/// How many tokens say which strings a column of JSON_TABLE has: CHARACTER SET, COLLATE.
fn json_table_words(tokens: Tokens<'_>, at: usize) -> Option<usize> {
    let count = if tokens.is_word(at, "CHARACTER") && tokens.is_word(at + 1, "SET") {
        3
    } else if tokens.is_word(at, "CHARSET") || tokens.is_word(at, "COLLATE") {
        2
    } else {
        return None;
    };
    opened_behind(tokens, at, "COLUMNS").map(|_| count)
}

/// The parenthesis around a token, if it stands behind this word.
fn opened_behind(tokens: Tokens<'_>, at: usize, word: &str) -> Option<usize> {
    let open = (0..at).rfind(|before| depth(tokens, *before) < depth(tokens, at))?;
    let before = open.checked_sub(1)?;
    tokens.is_word(before, word).then_some(open)
}

/// What parts the arguments of `MID(a FROM b FOR c)`.
fn parted(tokens: Tokens<'_>, at: usize) -> Option<SqlToken> {
    let parts = ["FROM", "FOR"].iter().any(|word| tokens.is_word(at, word));
    let of_mid = || opened_behind(tokens, at, "MID").is_some();
    (parts && of_mid()).then_some(SqlToken::Comma)
}

/// How many tokens say how a function takes its argument, or how strings are made: `TRIM(LEADING FROM a)`,
/// `CHAR(a USING utf8mb4)`, `WEIGHT_STRING(a AS CHAR(3))`, `LAG(a) RESPECT NULLS OVER …`.
fn argument_words(tokens: Tokens<'_>, at: usize) -> Option<usize> {
    let is = |at: usize, words: &[&str]| words.iter().any(|word| tokens.is_word(at, word));
    let before = at.checked_sub(1)?;
    let opens = tokens.kind(before) == Some(TokenKind::Open);
    let ends = |end: usize| tokens.kind(end) == Some(TokenKind::Close);
    if opens && is(at, &["LEADING", "TRAILING", "BOTH"]) && is(at + 1, &["FROM"]) {
        return opened_behind(tokens, at, "TRIM").map(|_| 2);
    }
    if !opens && is(at, &["USING"]) && ends(at + 2) {
        return opened_behind(tokens, at, "CHAR").map(|_| 2);
    }
    if !opens && is(at, &["AS"]) && is(at + 1, &["CHAR", "BINARY"]) {
        let open = opened_behind(tokens, at, "WEIGHT_STRING")?;
        return Some(close(tokens, open)? - at);
    }
    let nulls = ends(before) && is(at, &["RESPECT"]) && is(at + 1, &["NULLS"]);
    (nulls && is(at + 2, &["OVER"])).then_some(2)
}

/// How many tokens of a type in CAST or CONVERT say nothing of which type it is: `SIGNED INTEGER`,
/// `CHAR(3) CHARACTER SET latin1`.
fn type_words(tokens: Tokens<'_>, at: usize) -> Option<usize> {
    let is = |at: usize, words: &[&str]| words.iter().any(|word| tokens.is_word(at, word));
    let before = at.checked_sub(1)?;
    const ATTRIBUTES: [&str; 4] = ["ASCII", "UNICODE", "BINARY", "BYTE"];
    let of_strings = || {
        let length = tokens.kind(before) == Some(TokenKind::Close);
        let opens = |at: &usize| depth(tokens, *at) <= depth(tokens, before);
        let named = match length {
            true => (0..before).rfind(opens)?.checked_sub(1)?,
            false => before,
        };
        (is(named, &["CHAR", "CHARACTER"]) || is(before, &ATTRIBUTES)).then_some(())
    };
    let count = if is(at, &["INT", "INTEGER"]) && is(before, &["SIGNED", "UNSIGNED"]) {
        1
    } else if is(at, &["CHARACTER"]) && is(at + 1, &["SET"]) {
        of_strings().map(|()| 3)?
    } else if is(at, &["CHARSET"]) {
        of_strings().map(|()| 2)?
    } else if is(at, &ATTRIBUTES) {
        of_strings().map(|()| 1)?
    } else {
        return None;
    };
    let inside = ["CAST", "CONVERT"]
        .iter()
        .find_map(|word| opened_behind(tokens, at, word));
    inside.map(|_| count)
}
