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
    } else {
        let words = json_value_words(tokens, at).or_else(|| json_table_words(tokens, at));
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
