//! Full-text searches: `MATCH (columns) AGAINST (text mode)`.
//!
//! In: tokens. Out: where the parts of a search stand.

use std::ops::Range;

use super::tokens::{TokenKind, Tokens};

/// How a search understands its text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SearchMode {
    /// IN NATURAL LANGUAGE MODE, or nothing.
    Natural,
    /// IN BOOLEAN MODE
    Boolean,
    /// WITH QUERY EXPANSION: words of the most relevant rows are sought too.
    Expansion,
}

/// A search, as token numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Search {
    /// From MATCH to behind the last parenthesis.
    pub tokens: Range<usize>,
    /// The columns, with commas between them.
    pub columns: Range<usize>,
    /// The word AGAINST.
    pub against: usize,
    /// What is sought.
    pub text: Range<usize>,
    /// How.
    pub mode: SearchMode,
}

/// All searches of a statement; `None`: there is a MATCH that is not understood.
pub fn searches(tokens: Tokens<'_>) -> Option<Vec<Search>> {
    let begins = |at: &usize| {
        let dot = |at: usize| tokens.kind(at) == Some(TokenKind::Dot);
        tokens.is_word(*at, "MATCH") && !at.checked_sub(1).is_some_and(dot)
    };
    let all = (0..tokens.len()).filter(begins);
    all.map(|at| search_at(tokens, at)).collect()
}

/// The search that begins at this token.
pub fn search_at(tokens: Tokens<'_>, at: usize) -> Option<Search> {
    if !tokens.is_word(at, "MATCH") {
        return None;
    }
    let opens = tokens.kind(at + 1) == Some(TokenKind::Open);
    let (columns, against) = if opens {
        let close = closing(tokens, at + 1)?;
        (at + 2..close, close + 1)
    } else {
        let listed = |at: &usize| {
            let kinds = [TokenKind::Word, TokenKind::Quoted, TokenKind::Dot];
            let kind = tokens.kind(*at);
            kind == Some(TokenKind::Comma)
                || kind.is_some_and(|kind| kinds.contains(&kind)) && !tokens.is_word(*at, "AGAINST")
        };
        let end = (at + 1..tokens.len()).find(|at| !listed(at))?;
        (at + 1..end, end)
    };
    let open = against + 1;
    if !tokens.is_word(against, "AGAINST") || tokens.kind(open) != Some(TokenKind::Open) {
        return None;
    }
    let close = closing(tokens, open)?;
    let inside = tokens.get(open + 1)?.depth;
    let words = |at: usize, words: &[&str]| {
        let mut words = words.iter().enumerate();
        words.all(|(number, word)| tokens.is_word(at + number, word))
    };
    let own = |at: &usize| tokens.get(*at).is_some_and(|token| token.depth == inside);
    let mode = |at: usize| match () {
        () if words(at, &["IN", "BOOLEAN", "MODE"]) => Some((3, SearchMode::Boolean)),
        () if words(at, &["WITH", "QUERY", "EXPANSION"]) => Some((3, SearchMode::Expansion)),
        () if words(at, &["IN", "NATURAL", "LANGUAGE", "MODE"]) => match at + 4 == close {
            true => Some((4, SearchMode::Natural)),
            false => Some((7, SearchMode::Expansion)),
        },
        () => None,
    };
    let mut said = (open + 1..close).filter(own);
    let found = said.find_map(|at| mode(at).map(|(length, mode)| (at, length, mode)));
    let (end, mode) = match found {
        Some((at, length, mode)) if at + length == close => (at, mode),
        Some(_) => return None,
        None => (close, SearchMode::Natural),
    };
    Some(Search {
        tokens: at..close + 1,
        columns,
        against,
        text: open + 1..end,
        mode,
    })
}

/// The parenthesis that closes the one that opens here.
fn closing(tokens: Tokens<'_>, open: usize) -> Option<usize> {
    let depth = tokens.get(open)?.depth;
    (open + 1..tokens.len()).find(|at| tokens.get(*at).is_some_and(|token| token.depth <= depth))
}
