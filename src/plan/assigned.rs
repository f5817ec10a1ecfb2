//! What SET and DO read in subqueries.
//!
//! In: their tokens. Out: the shard that has it, and the edits of the text. They are planned as the SELECT
//! that has the same values: `SET @a = 1, @b = 2` as `SELECT @a, 1, @b, 2`, token for token, so that the
//! numbers of its tokens and literals are theirs.

use super::functions::Calls;
use super::resolve::Resolver;
use super::tables::Tables;
use super::unparsed;
use super::unsupported::{PlanError, Unsupported};
use super::words::has_words;
use super::{Access, Action, Edit, Request, dml, edits};
use crate::parse::ast::{self, Ast};
use crate::parse::{SetItem, StatementKind, TokenKind, Tokens, Utility, tokenize};
use crate::topology::ShardId;

/// Where a SET or DO goes, and its edits.
///
/// # Errors
/// No shard has everything that the statement can read.
pub fn plan(
    kind: StatementKind,
    request: &Request<'_>,
    calls: &Calls<'_>,
) -> Result<(Action, Vec<Edit>), PlanError> {
    let shard = shard(&kind, request)?;
    let read = read_edits(&kind, request, (shard, calls))?;
    let (tokens, resolver) = (request.tokens, request.resolver());
    match kind {
        StatementKind::Utility(set @ Utility::Set(_)) => {
            let edits = read.map_or_else(|| edits::of_qualifiers(&[], tokens, resolver), Ok)?;
            Ok((Action::Utility(Box::new(set)), edits))
        }
        _ => {
            let called = || {
                edits::of_qualifiers(&calls.schema_tokens().collect::<Vec<_>>(), tokens, resolver)
            };
            let anywhere = Action::Any(resolver.current_schema());
            Ok((
                shard.map_or(anywhere, Action::Single),
                read.map_or_else(called, Ok)?,
            ))
        }
    }
}

/// The shard that has the tables which a SET reads.
pub fn read_by_set(kind: &StatementKind, request: &Request<'_>) -> Option<ShardId> {
    match kind {
        StatementKind::Utility(Utility::Set(_)) => shard(kind, request).ok()?,
        _ => None,
    }
}

/// The shard that has all tables which a SET or DO reads; none where any server will do.
fn shard(kind: &StatementKind, request: &Request<'_>) -> Result<Option<ShardId>, PlanError> {
    if !reads(request.tokens) {
        return Ok(None);
    }
    match selected(kind, request) {
        Some(ast) => shard_of(&ast, request),
        None => text(request.tokens, request.resolver()),
    }
}

/// What is changed in the text of a SET or DO that reads tables.
fn read_edits(
    kind: &StatementKind,
    request: &Request<'_>,
    (shard, calls): (Option<ShardId>, &Calls<'_>),
) -> Result<Option<Vec<Edit>>, PlanError> {
    let (tokens, resolver) = (request.tokens, request.resolver());
    if !reads(tokens) {
        return Ok(None);
    }
    if let Some(ast) = selected(kind, request) {
        return edits::of_ast(&ast, tokens, calls, resolver).map(Some);
    }
    let qualifiers = shard.map(|_| unparsed::qualifiers(tokens, resolver));
    let qualifiers = qualifiers.transpose()?.unwrap_or_default();
    edits::of_qualifiers(&qualifiers, tokens, resolver).map(Some)
}

fn reads(tokens: Tokens<'_>) -> bool {
    let selects = has_words(tokens, &["SELECT"]) && has_words(tokens, &["FROM"]);
    selects || has_words(tokens, &["TABLE"])
}

/// Where the parser does not know the text: the shard that has all tables of all schemas named.
fn text(tokens: Tokens<'_>, resolver: Resolver<'_>) -> Result<Option<ShardId>, PlanError> {
    let names = (0..tokens.len()).filter_map(|at| tokens.name(at));
    if names.into_iter().any(|name| Resolver::is_system(&name)) {
        let what = "a subquery with a system table in a SET or DO like this one".to_owned();
        return Err(Unsupported::Statement(what).into());
    }
    let qualifiers = unparsed::qualifiers(tokens, resolver)?;
    let whole = unparsed::split_name(tokens, resolver).is_none();
    let shard = unparsed::only_shard(&qualifiers, tokens, resolver, true).filter(|_| whole);
    shard.map(Some).ok_or_else(refused)
}

fn refused() -> PlanError {
    Unsupported::AssignedRows.into()
}

/// The SELECT of the same values; none where a value is not one of a SELECT, or the parser does not know it.
fn selected(kind: &StatementKind, request: &Request<'_>) -> Option<Ast> {
    let tokens = request.tokens;
    let mut words = vec![(0, "SELECT")];
    match kind {
        StatementKind::Utility(Utility::Do) => {}
        StatementKind::Utility(Utility::Set(items)) => {
            for item in items {
                let SetItem::User { value, .. } = item else {
                    return None;
                };
                let variable = value.start.checked_sub(2)?;
                if tokens.kind(variable) != Some(TokenKind::UserVariable) {
                    return None;
                }
                words.push((variable + 1, ","));
            }
        }
        _ => return None,
    }
    let sql = with_words(tokens, &words);
    let digest = tokenize(&sql, request.mode).ok()?;
    let same = Tokens::new(&sql, &digest);
    let ast = ast::parse(&same, request.mode).ok();
    ast.filter(|_| same.len() == tokens.len())
}

/// The shard that has what the SELECT reads.
fn shard_of(ast: &Ast, request: &Request<'_>) -> Result<Option<ShardId>, PlanError> {
    let resolver = request.resolver();
    match dml::action(ast, request.tokens, Access::Read, resolver)? {
        Action::Single(shard) => Ok(Some(shard)),
        Action::Any(_) if is_of_servers(ast, resolver)? => Ok(None),
        _ => Err(refused()),
    }
}

/// Whether it reads nothing that belongs to a schema.
fn is_of_servers(ast: &Ast, resolver: Resolver<'_>) -> Result<bool, PlanError> {
    let tables = Tables::of(ast, resolver)?;
    Ok(tables.sharded.is_empty() && tables.broadcast.is_empty() && tables.single.is_empty())
}

/// The statement's text with these words in place of its tokens.
fn with_words(tokens: Tokens<'_>, words: &[(usize, &str)]) -> Vec<u8> {
    let mut sql = Vec::new();
    for at in 0..tokens.len() {
        let word = words.iter().find(|(token, _)| *token == at);
        let text = word.map_or_else(|| tokens.text(at), |(_, word)| word.as_bytes());
        sql.extend_from_slice(text);
        sql.push(b' ');
    }
    sql
}
