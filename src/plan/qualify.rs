//! Tables with their database before them.
//!
//! The shards of one server share its connections. A statement that says where its tables are runs
//! on any of them; one that leaves it to the current database may cost a change of that database,
//! which is another round trip.

use super::functions;
use super::resolve::Resolver;
use crate::parse::ast::{Ast, AstKind, TableSource};
use crate::parse::{TokenKind, Tokens};

/// Whether the statement means the same with a database before each of its tables.
///
/// Not where the text names a table without meaning the table itself (the targets of a multi-table
/// DELETE, FOR UPDATE OF), where a query inside a select item would change its column's name, and
/// where a function may be a stored one, which is looked up in the current database.
pub fn can_qualify(ast: &Ast, tokens: Tokens<'_>, resolver: Resolver<'_>) -> bool {
    let named = ast
        .tables()
        .all(|(_, table)| matches!(table.source, TableSource::Named { .. }));
    let one_block = ast.blocks.len() == 1 && ast.tables().next().is_some();
    let using = (0..tokens.len()).any(|at| tokens.is_word(at, "USING"));
    let plain_delete =
        ast.kind != AstKind::Delete || (tokens.begins(&["DELETE", "FROM"]) && !using);
    let certain = resolver.current_schema().is_some() || unqualified(ast).next().is_none();
    certain
        && named
        && one_block
        && plain_delete
        && !(0..tokens.len())
            .any(|at| tokens.is_word(at, "OF") || calls_unknown(ast, tokens, at, resolver))
}

/// The tokens of the tables that have no schema before them.
pub fn unqualified(ast: &Ast) -> impl Iterator<Item = usize> {
    ast.tables().filter_map(|(_, table)| match table.source {
        TableSource::Named {
            name_token,
            schema_token: None,
            ..
        } => Some(name_token),
        _ => None,
    })
}

fn calls_unknown(ast: &Ast, tokens: Tokens<'_>, at: usize, resolver: Resolver<'_>) -> bool {
    let name = matches!(tokens.kind(at), Some(TokenKind::Word | TokenKind::Quoted));
    if !name || tokens.kind(at + 1) != Some(TokenKind::Open) {
        return false;
    }
    let table = ast.tables().any(|(_, table)| {
        matches!(table.source, TableSource::Named { name_token, .. } if name_token == at)
    });
    !table && !functions::is_native(tokens, at, resolver)
}
