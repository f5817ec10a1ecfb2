//! FOR UPDATE, FOR SHARE and LOCK IN SHARE MODE: which tables' rows are locked where they are read.

use super::refused;
use crate::parse::ast::Ast;
use crate::parse::{LockingClause, Tokens};
use crate::plan::resolve::Resolver;
use crate::plan::unsupported::PlanError;

/// The statement's clauses, each with the number of its query block.
///
/// # Errors
/// It is not certain what a clause belongs to.
pub(super) fn clauses(
    ast: &Ast,
    tokens: Tokens<'_>,
) -> Result<Vec<(usize, LockingClause)>, PlanError> {
    let mut found = Vec::new();
    for at in 0..tokens.len() {
        let Some(clause) = LockingClause::at(tokens, at) else {
            continue;
        };
        if ast.has_set_operation {
            let what = "a locking read (FOR UPDATE, FOR SHARE) in a set operation";
            return Err(refused(what));
        }
        let block = block_of(ast, tokens, at);
        let block = block.ok_or_else(|| refused("a locking read in this form"))?;
        found.push((block, clause));
    }
    Ok(found)
}

/// The query block whose end a clause is: the last that begins before it between the same parentheses.
fn block_of(ast: &Ast, tokens: Tokens<'_>, at: usize) -> Option<usize> {
    let depth = |at: usize| tokens.get(at).map(|token| token.depth);
    let begins = |select: &usize| *select < at && depth(*select) == depth(at);
    let blocks = ast.blocks.iter().enumerate();
    let before = blocks.filter(|(_, block)| block.select.as_ref().is_some_and(begins));
    let last = before.max_by_key(|(_, block)| block.select);
    last.map(|(number, _)| number)
}

/// How the rows of a table in a block are locked; `alias` is what columns call it.
pub(super) fn of(
    clauses: &[(usize, LockingClause)],
    (block, alias): (usize, &str),
    resolver: Resolver<'_>,
) -> Option<String> {
    let is_meant =
        |of: &[String]| of.is_empty() || of.iter().any(|name| resolver.same_name(name, alias));
    let mut clauses = clauses.iter();
    let found = clauses.find(|(at, clause)| *at == block && is_meant(&clause.of));
    found.map(|(_, clause)| clause.words.clone())
}
