//! The sharding key in ALTER TABLE: it stays where it is, whatever else becomes of it.

use std::ops::Range;

use super::alter::statement;
use super::names::Scope;
use crate::parse::{QualifiedName, TokenKind, Tokens};
use crate::plan::unsupported::{PlanError, Unsupported};
use crate::plan::words::has_words;
use crate::topology::{ColumnFacts, KeyType, Sharding};

/// # Errors
/// Rows would not be where their keys say afterwards.
pub(super) fn check(
    target: QualifiedName,
    sharding: &Sharding,
    scope: Scope<'_>,
) -> Result<(), PlanError> {
    let tokens = scope.tokens;
    let table = || scope.full_name(target);
    if sharding.split.is_some() && has_words(tokens, &["CONSTRAINT"]) {
        return statement(format!("CONSTRAINT in split table '{}'", table()));
    }
    let text = |key: &KeyType| !matches!(key, KeyType::Integer { .. } | KeyType::Decimal { .. });
    let mut types = sharding.keys.iter().map(|key| key.key_type.as_ref());
    if types.any(|key| key.is_none_or(text)) && has_words(tokens, &["CONVERT", "TO"]) {
        let what = "CONVERT TO CHARACTER SET: it may change the sharding key of";
        return statement(format!("{what} '{}'", table()));
    }
    for change in changes(target.name + 1, tokens) {
        let name = tokens.name(change.column).unwrap_or_default();
        let key = sharding
            .keys
            .iter()
            .find(|key| key.name == name.to_lowercase());
        let Some(key) = key else {
            continue;
        };
        if !change.keeps(key.key_type.as_ref(), tokens) {
            let (column, table) = (key.name.clone(), table());
            return Err(Unsupported::KeyUpdate { column, table }.into());
        }
    }
    Ok(())
}

/// One of the columns that an ALTER TABLE changes or drops.
pub(super) struct Change {
    /// Token number of its name.
    pub column: usize,
    /// CHANGE and MODIFY: what it becomes, from its name on.
    pub into: Option<Range<usize>>,
}

pub(super) fn changes(start: usize, tokens: Tokens<'_>) -> impl Iterator<Item = Change> {
    const CHANGES: [&str; 4] = ["DROP", "CHANGE", "MODIFY", "RENAME"];
    const BETWEEN: [&str; 3] = ["COLUMN", "IF", "EXISTS"];
    let begins = move |at: &usize| CHANGES.iter().any(|word| tokens.is_word(*at, word));
    let is_between = move |at: &usize| BETWEEN.iter().any(|word| tokens.is_word(*at, word));
    (start..tokens.len()).filter(begins).filter_map(move |at| {
        let column = (at + 1..tokens.len()).find(|at| !is_between(at))?;
        let ends = |at: &usize| {
            let outside = tokens.get(*at).is_some_and(|token| token.depth == 0);
            outside && tokens.kind(*at) == Some(TokenKind::Comma)
        };
        let end = (column..tokens.len()).find(ends).unwrap_or(tokens.len());
        let into = match () {
            () if tokens.is_word(at, "CHANGE") => Some(column + 1..end),
            () if tokens.is_word(at, "MODIFY") => Some(column..end),
            () => None,
        };
        Some(Change { column, into })
    })
}

impl Change {
    /// Whether the column keeps its name, and every value that it has is the same key afterwards. What
    /// strings are equal is not in the statement: the table may have another collation than the column.
    fn keeps(&self, key: Option<&KeyType>, tokens: Tokens<'_>) -> bool {
        let (Some(key), Some(into)) = (key, &self.into) else {
            return false;
        };
        let lower = |at: usize| tokens.name(at).map(|name| name.to_lowercase());
        if lower(into.start) != lower(self.column) {
            return false;
        }
        let unclear = |at: usize| {
            let computed = ["AS", "GENERATED"];
            tokens.kind(at) == Some(TokenKind::VersionOpen)
                || computed.iter().any(|word| tokens.is_word(at, word))
        };
        if into.clone().any(unclear) {
            return false;
        }
        let words = column_type(into.start + 1..into.end, tokens);
        let facts = ColumnFacts {
            data_type: words.first().map_or("", String::as_str),
            column_type: &words.join(" "),
            charset: None,
            collation: None,
        };
        KeyType::from_column(&facts).is_ok_and(|new| new.holds(key))
    }
}

/// The words of a type as `information_schema` has it, at the beginning of a column's definition.
fn column_type(definition: Range<usize>, tokens: Tokens<'_>) -> Vec<String> {
    let mut at = definition.start;
    let is_type = |at: usize| {
        let inside = tokens.get(at).is_some_and(|token| token.depth > 0);
        let parenthesis = matches!(tokens.kind(at), Some(TokenKind::Open | TokenKind::Close));
        let signs = ["SIGNED", "UNSIGNED", "ZEROFILL"];
        at == definition.start
            || inside
            || parenthesis
            || signs.iter().any(|word| tokens.is_word(at, word))
    };
    let mut words = Vec::new();
    while at < definition.end && is_type(at) {
        let word = String::from_utf8_lossy(tokens.text(at)).to_lowercase();
        // ZEROFILL makes a column UNSIGNED.
        words.push(if word == "zerofill" {
            "unsigned".to_owned()
        } else {
            word
        });
        at += 1;
    }
    words
}
