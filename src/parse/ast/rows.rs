//! The rows behind VALUES of an INSERT or REPLACE: where they stand, and which of them are alike.
//!
//! Rows are alike when they have the same tokens but for the literals' values. The parser sees the first
//! of each likeness only: what is said of it is true of the others, with other literals.

use std::collections::HashMap;
use std::ops::Range;

use super::super::digest::Slot;
use super::super::tokens::{TokenKind, Tokens};
use super::{InsertRow, Made, StoredValue};

/// Rows of values that are not all literals.
#[derive(Debug, Default)]
pub(super) struct Rows {
    /// Token number of VALUES.
    pub(super) values: Option<usize>,
    rows: Vec<Row>,
    parsed: usize,
}

#[derive(Debug)]
struct Row {
    /// From `(` or ROW to behind `)`.
    tokens: Range<usize>,
    /// Its likeness: the place of the first such row among those that are parsed.
    like: usize,
    /// The parser sees it.
    parsed: bool,
}

impl Rows {
    /// The rows of a statement; none where it is no INSERT or REPLACE.
    pub(super) fn of(tokens: &Tokens<'_>) -> Self {
        let mut outer = (0..tokens.len()).filter(|&at| is_outer(tokens, at));
        let stores = outer.any(|at| tokens.is_word(at, "INSERT") || tokens.is_word(at, "REPLACE"));
        let values = values_token(tokens).filter(|_| stores);
        let places = values.map_or_else(Vec::new, |at| places(tokens, at + 1));
        let mut likes = HashMap::new();
        let mut parsed = 0;
        let mut row = |tokens_of: Range<usize>| {
            let form = form(tokens, &tokens_of);
            let like = form.map_or(parsed, |form| *likes.entry(form).or_insert(parsed));
            let is_first = like == parsed;
            parsed += usize::from(is_first);
            Row {
                tokens: tokens_of,
                like,
                parsed: is_first,
            }
        };
        let rows = places.into_iter().map(&mut row).collect();
        Self {
            values,
            rows,
            parsed,
        }
    }

    /// How many rows the parser sees.
    pub(super) fn parsed(&self) -> usize {
        self.parsed
    }

    /// The tokens that it sees, of all the statement's: it gets no row that is like one before, nor the
    /// comma in front of it.
    pub(super) fn seen(&self, tokens: usize) -> Vec<Range<usize>> {
        let mut from = 0;
        let unseen = self.rows.iter().filter(|row| !row.parsed);
        let mut seen: Vec<_> = unseen
            .map(|row| {
                let comma = row.tokens.start.saturating_sub(1);
                std::mem::replace(&mut from, row.tokens.end)..comma
            })
            .filter(|part| !part.is_empty())
            .collect();
        seen.push(from..tokens);
        seen
    }

    /// All rows, from what those that were parsed store.
    pub(super) fn all(
        &self,
        parsed: &[Vec<StoredValue>],
        slots: &[Option<Slot>],
    ) -> Vec<InsertRow> {
        let first_slot = |row: &Row| {
            let slots = slots.get(row.tokens.clone()).unwrap_or_default();
            slots.iter().flatten().next().map_or(0, |slot| slot.0)
        };
        let mut firsts = Vec::with_capacity(self.parsed);
        let rows = self.rows.iter().map(|row| {
            let first = first_slot(row);
            if row.parsed {
                firsts.push(first);
            }
            let like = firsts.get(row.like).copied().unwrap_or_default();
            let moved = |slot: Slot| Slot(slot.0 - like + first);
            let stored = |value: &StoredValue| match value {
                StoredValue::Slot(slot) => StoredValue::Slot(moved(*slot)),
                StoredValue::Made(made) => StoredValue::Made(Made {
                    of: moved(made.of),
                    swap: made.swap.map(moved),
                    ..*made
                }),
                other => *other,
            };
            let values = parsed.get(row.like).map(Vec::as_slice).unwrap_or_default();
            InsertRow {
                tokens: row.tokens.clone(),
                values: values.iter().map(stored).collect(),
            }
        });
        rows.collect()
    }
}

/// What rows that are alike share; `None` for one that must be parsed by itself.
fn form(tokens: &Tokens<'_>, row: &Range<usize>) -> Option<Vec<u8>> {
    let mut form = Vec::with_capacity(4 * row.len());
    for at in row.clone() {
        let kind = tokens.kind(at)?;
        match kind {
            TokenKind::Literal if stands_alone(tokens, at) => {}
            TokenKind::Literal => {
                let literal = tokens.literal(at)?;
                form.extend([literal.kind as u8, u8::from(literal.introduced)]);
            }
            TokenKind::Reserved if holds_query(tokens, at) => return None,
            TokenKind::List
            | TokenKind::Hint
            | TokenKind::VersionOpen
            | TokenKind::VersionClose
            | TokenKind::Semicolon
            | TokenKind::Other => return None,
            _ => form.extend_from_slice(tokens.text(at)),
        }
        // No text has this byte, so that no two tokens read as one.
        form.extend([0xFF, kind as u8]);
    }
    Some(form)
}

/// Between commas and parentheses one literal is as good as another.
fn stands_alone(tokens: &Tokens<'_>, at: usize) -> bool {
    let before = at.checked_sub(1).and_then(|before| tokens.kind(before));
    matches!(before, Some(TokenKind::Open | TokenKind::Comma))
        && matches!(
            tokens.kind(at + 1),
            Some(TokenKind::Close | TokenKind::Comma)
        )
}

/// Queries have blocks of their own.
fn holds_query(tokens: &Tokens<'_>, at: usize) -> bool {
    const WORDS: [&str; 4] = ["SELECT", "TABLE", "VALUES", "WITH"];
    WORDS.iter().any(|word| tokens.is_word(at, word))
}

fn is_outer(tokens: &Tokens<'_>, at: usize) -> bool {
    tokens.get(at).is_some_and(|token| token.depth == 0)
}

/// VALUES or VALUE outside of any parentheses.
fn values_token(tokens: &Tokens<'_>) -> Option<usize> {
    (0..tokens.len()).find(|&at| {
        is_outer(tokens, at)
            && (tokens.is_word(at, "VALUES")
                || (tokens.is_word(at, "VALUE")
                    && matches!(tokens.kind(at + 1), Some(TokenKind::List | TokenKind::Open))
                    && follows_target(tokens, at)))
    })
}

/// `INSERT INTO value (…)` has a table of that name; VALUE as a keyword stands behind it.
fn follows_target(tokens: &Tokens<'_>, at: usize) -> bool {
    let before = at.wrapping_sub(1);
    matches!(
        tokens.kind(before),
        Some(TokenKind::Close | TokenKind::Quoted)
    ) || (tokens.kind(before) == Some(TokenKind::Word)
        && !["IGNORE", "DELAYED"]
            .iter()
            .any(|word| tokens.is_word(before, word)))
}

/// The rows behind VALUES, from `(` or ROW to behind `)`.
fn places(tokens: &Tokens<'_>, start: usize) -> Vec<Range<usize>> {
    let mut places = Vec::new();
    let mut from = start;
    loop {
        let open = from + usize::from(tokens.is_word(from, "ROW"));
        if tokens.kind(open) != Some(TokenKind::Open) {
            break;
        }
        let Some(close) = (open + 1..tokens.len())
            .find(|&at| tokens.kind(at) == Some(TokenKind::Close) && is_outer(tokens, at))
        else {
            break;
        };
        places.push(from..close + 1);
        if tokens.kind(close + 1) != Some(TokenKind::Comma) {
            break;
        }
        from = close + 2;
    }
    places
}
