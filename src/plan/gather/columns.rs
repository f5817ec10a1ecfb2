//! The columns that a statement may mean. Never too few: a column counts if its name stands
//! anywhere, or if something stands for all columns.

use crate::parse::ast::{Ast, Block, Output, TableRef, TableSource};
use crate::parse::{TokenKind, Tokens};
use crate::plan::resolve::Resolver;

/// Every name in the statement, in lower case, sorted.
pub(super) fn names(tokens: Tokens<'_>) -> Vec<String> {
    let words = [TokenKind::Word, TokenKind::Quoted, TokenKind::Reserved];
    let named = (0..tokens.len())
        .filter(|at| tokens.kind(*at).is_some_and(|kind| words.contains(&kind)))
        .filter_map(|at| tokens.name(at));
    let mut names: Vec<String> = named.map(|name| name.to_lowercase()).collect();
    names.sort_unstable();
    names.dedup();
    names
}

/// Whether all columns of a reference are needed.
pub(super) fn all(
    ast: &Ast,
    tokens: Tokens<'_>,
    block: usize,
    reference: &TableRef,
    resolver: Resolver<'_>,
) -> bool {
    let Some(block) = ast.blocks.get(block) else {
        return true;
    };
    let meant = |output: &Output| match output {
        Output::Star => true,
        Output::TableStar(name) => {
            visible_name(reference).is_none_or(|own| resolver.same_name(own, name))
        }
        Output::Column { .. } | Output::Other => false,
    };
    block.outputs.iter().any(meant)
        || block.joins.iter().any(|join| join.natural)
        || has_unread_names(tokens)
        || stars(tokens) != ast.blocks.iter().map(stars_of).sum::<usize>()
}

/// The name by which columns call a table.
pub(super) fn visible_name(reference: &TableRef) -> Option<&str> {
    match (&reference.alias, &reference.source) {
        (Some(alias), _) => Some(alias),
        (None, TableSource::Named { name, .. } | TableSource::Cte { name, .. }) => Some(name),
        (None, _) => None,
    }
}

/// A name that is not UTF-8, and `_rowid`, which is the primary key by another name.
fn has_unread_names(tokens: Tokens<'_>) -> bool {
    (0..tokens.len()).any(|at| match tokens.kind(at) {
        Some(TokenKind::Quoted | TokenKind::Word) => tokens
            .name(at)
            .is_none_or(|name| name.eq_ignore_ascii_case("_rowid")),
        _ => false,
    })
}

/// The `*` that stand for columns, by the tokens.
fn stars(tokens: Tokens<'_>) -> usize {
    let operand = |at: usize| {
        matches!(
            tokens.kind(at),
            Some(
                TokenKind::Word
                    | TokenKind::Quoted
                    | TokenKind::Literal
                    | TokenKind::Fixed
                    | TokenKind::Close
                    | TokenKind::List
                    | TokenKind::UserVariable
                    | TokenKind::SystemVariable
                    // COUNT(*)
                    | TokenKind::Open
            )
        )
    };
    // Behind a modifier, which is no reserved word everywhere, it is no product either.
    let modifier = |at: usize| {
        ["DISTINCTROW", "SQL_NO_CACHE", "SQL_BUFFER_RESULT"]
            .iter()
            .any(|word| tokens.is_word(at, word))
    };
    (1..tokens.len())
        .filter(|at| tokens.is_symbol(*at, "*") && (!operand(at - 1) || modifier(at - 1)))
        .count()
}

fn stars_of(block: &Block) -> usize {
    let star = |output: &&Output| matches!(output, Output::Star | Output::TableStar(_));
    block.outputs.iter().filter(star).count()
}
