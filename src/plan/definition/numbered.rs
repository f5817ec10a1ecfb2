//! ALTER TABLE that makes a column AUTO_INCREMENT: which rows that are there already it numbers.

use super::key::changes;
use super::names::Scope;
use crate::parse::{LiteralKind, QualifiedName, TokenKind, Tokens};
use crate::plan::everywhere::Numbered;
use crate::plan::words::are_words;
use crate::topology::TableId;

/// The rows that would not get the numbers that one server gives them; `None`: there are none.
pub(super) fn of(
    target: QualifiedName,
    (table, copied): (TableId, bool),
    scope: Scope<'_>,
) -> Option<Numbered> {
    let tokens = scope.tokens;
    let definition = scope.resolver.topology.definition(table);
    if copied && definition.is_some_and(|definition| definition.primary_key().is_some()) {
        // Each server numbers its copies in the order of the primary key.
        return None;
    }
    let start = target.name + 1;
    let attribute = (start..tokens.len()).find(|at| is_attribute(tokens, *at))?;
    let column = changes(start, tokens)
        .find(|change| {
            change
                .into
                .as_ref()
                .is_some_and(|into| into.contains(&attribute))
        })
        .and_then(|change| tokens.name(change.column));
    match column {
        Some(column) => {
            let known = definition.map(|definition| definition.columns.iter());
            let mut known = known.into_iter().flatten();
            // What is AUTO_INCREMENT already keeps its numbers.
            let counts =
                known.any(|known| known.auto_increment && known.name.eq_ignore_ascii_case(&column));
            (!counts).then(|| match column.is_ascii() {
                true => Numbered::Unset(column),
                // It would have to be told in the session's character set.
                false => Numbered::All,
            })
        }
        None if copied => Some(Numbered::Copies),
        None => Some(Numbered::All),
    }
}

/// Whether a column is AUTO_INCREMENT by this token; the table's next number is said by the same word.
fn is_attribute(tokens: Tokens<'_>, at: usize) -> bool {
    let number = |at| {
        let literal = tokens.literal(at);
        literal.is_some_and(|literal| literal.kind != LiteralKind::Placeholder)
    };
    if tokens.is_word(at, "AUTO_INCREMENT") {
        return !tokens.is_symbol(at + 1, "=") && !number(at + 1);
    }
    // SERIAL is a type behind a column's name, or an attribute, and may be the name itself.
    let words = ["ADD", "COLUMN", "CHANGE", "MODIFY", "EXISTS"];
    let behind = |at: usize| words.iter().any(|word| tokens.is_word(at, word));
    let first = at.checked_sub(1).is_none_or(|before| {
        behind(before)
            || matches!(
                tokens.kind(before),
                Some(TokenKind::Open | TokenKind::Comma)
            )
    });
    are_words(tokens, at, &["SERIAL", "DEFAULT"]) || tokens.is_word(at, "SERIAL") && !first
}
