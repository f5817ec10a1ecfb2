//! What a statement leaves in its session by code that it does not name: triggers of the tables that it
//! writes, functions in the views that it reads.

use super::functions::runs_functions;
use super::resolve::Resolver;
use crate::parse::ast::{Ast, TableRole, TableSource};
use crate::parse::{LeftState, StatementKind, TokenKind, Tokens, user_variable};
use crate::topology::Left;

/// What the code leaves that runs with a statement.
pub fn left(
    kind: &StatementKind,
    ast: Option<&Ast>,
    tokens: Tokens<'_>,
    resolver: Resolver<'_>,
) -> Left {
    let code = &resolver.topology.code;
    if code.is_empty() || !runs_functions(kind, tokens) {
        return Left::default();
    }
    let tables = match ast {
        Some(ast) => of_ast(ast, resolver),
        None => of_tokens(tokens, resolver),
    };
    // CALL needs no parentheses: each of its names may be the routine's.
    let calls = tokens.begins(&["CALL"]);
    let is_called = |at: &usize| calls || tokens.kind(tokens.behind(*at)) == Some(TokenKind::Open);
    let called = (0..tokens.len()).filter(is_called);
    let called = called.filter_map(|at| tokens.name(at));
    // What a statement calls itself ties its session anyway.
    called.fold(tables, |left, name| Left {
        reads_last_insert_id: left.reads_last_insert_id
            || code.of_routine(&name).reads_last_insert_id,
        ..left
    })
}

/// Whether a statement names user variables that stored code uses, too.
pub fn shares_variables(tokens: Tokens<'_>, resolver: Resolver<'_>) -> bool {
    let code = &resolver.topology.code;
    !code.is_empty()
        && (0..tokens.len())
            .filter_map(|at| user_variable(&tokens, at))
            .any(|name| code.names_variable(&name))
}

fn of_ast(ast: &Ast, resolver: Resolver<'_>) -> Left {
    let tables = ast.tables().map(|(_, table)| match &table.source {
        TableSource::Named { schema, name, .. } => {
            let writes = table.role == TableRole::Write;
            of_name(schema.as_deref(), name, writes, resolver)
        }
        _ => Left::default(),
    });
    tables.fold(Left::default(), Left::and)
}

/// Any name may be that of a table that is written.
fn of_tokens(tokens: Tokens<'_>, resolver: Resolver<'_>) -> Left {
    let names = (0..tokens.len()).filter_map(|at| {
        let dot = at.checked_sub(1).and_then(|at| tokens.kind(at)) == Some(TokenKind::Dot);
        let schema = at.checked_sub(2).filter(|_| dot);
        let schema = schema.and_then(|at| tokens.name(at));
        Some(of_name(
            schema.as_deref(),
            &tokens.name(at)?,
            true,
            resolver,
        ))
    });
    names.fold(Left::default(), Left::and)
}

fn of_name(schema: Option<&str>, name: &str, writes: bool, resolver: Resolver<'_>) -> Left {
    let schema = schema.or(resolver.current);
    let Some((schema, _)) = schema.and_then(|schema| resolver.topology.schema(schema)) else {
        return Left::default();
    };
    let code = &resolver.topology.code;
    let mut read = code.of_table(schema, name, false);
    if read.state == LeftState::Variables {
        // The value that is read may be that of any statement before.
        read.state = LeftState::Anything;
    }
    match writes {
        true => read.and(code.of_table(schema, name, true)),
        false => read,
    }
}
