//! INSERT and REPLACE … SELECT.
//!
//! In: the AST and tokens. Out: where the statement goes. Where every row is stored on the data node
//! that it is read from, each node runs the statement for itself. Else the proxy reads the rows and
//! stores them as rows of VALUES ([`Move`]): both are statements of their own, planned like any other.

use std::ops::Range;

use super::insert::{self, check_updates};
use super::resolve::{Resolved, Resolver};
use super::sharding_key::stored_where_read;
use super::tables::{ShardedRef, Tables};
use super::temporary;
use super::unsupported::{PlanError, Unsupported};
use super::words::has_words;
use super::write::duplicates;
use super::{Action, Duplicates, gather};
use crate::error::{MysqlError, StageError};
use crate::parse::ast::{Ast, BlockRole, Insert, InsertSource, TableRef, TableRole, TableSource};
use crate::parse::{TokenKind, Tokens};
use crate::topology::{SchemaId, ShardId, Table, TableId, TableKind};

/// INSERT or REPLACE … SELECT whose rows go through the proxy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Move {
    /// Where the rows are stored.
    pub table: TableId,
    /// The columns that get the values; `None`: all that are visible.
    pub columns: Option<Vec<String>>,
    /// The SELECT's tokens.
    pub query: Range<usize>,
    /// The tokens before the SELECT, with those between it and them.
    pub head: Range<usize>,
    /// The tokens behind the SELECT: ON DUPLICATE KEY UPDATE.
    pub tail: Range<usize>,
    /// What a row does whose key is there already.
    pub duplicates: Duplicates,
    /// A table on whose data nodes all of the statement's tables are, if one schema has them.
    pub meeting: Option<TableId>,
}

impl Move {
    /// What a statement is told that cannot be run in two steps.
    pub fn refusal() -> MysqlError {
        let what = "an explained INSERT … SELECT that moves rows between shards";
        PlanError::from(Unsupported::Statement(what.to_owned())).to_mysql()
    }
}

/// Where the statement goes; `None`: it is another one, or one shard has all of its tables.
///
/// # Errors
/// It cannot be answered exactly.
pub fn action(
    ast: &Ast,
    tokens: Tokens<'_>,
    tables: &Tables<'_>,
    resolver: Resolver<'_>,
) -> Result<Option<Action>, PlanError> {
    let Some((insert, source)) = ast.insert.as_ref().and_then(|insert| match insert.source {
        InsertSource::Select(source) => Some((insert, source)),
        _ => None,
    }) else {
        return Ok(None);
    };
    if temporary::is_filled(ast, resolver) {
        // One server does it: where the table is, all rows can come together.
        return tables.common_shard(resolver).map(|_| None);
    }
    let copies = |(_, role): &(&Table, TableRole)| *role == TableRole::Write;
    // Whether a row gets an id, its values say.
    if !tables.broadcast.iter().any(copies) && !gets_ids(ast, resolver) {
        match tables.common_shard(resolver) {
            Ok(Some(_)) => return Ok(None),
            Ok(None) => {
                let target = tables.sharded.first().filter(|first| first.is_target());
                let Some(target) = target else {
                    return Ok(None);
                };
                let read = (ast, tokens, tables);
                if let Some(action) = local(read, (insert, source), target, resolver)? {
                    return Ok(Some(action));
                }
            }
            Err(error) if gather::may_help(&error) => {}
            Err(error) => return Err(error),
        }
    }
    let mut moved = moved(ast, tokens, (insert, source), resolver)?;
    moved.meeting = meeting(moved.table, tables, resolver);
    Ok(Some(Action::Move(Box::new(moved))))
}

/// A table on whose data nodes all of the statement's tables are: a single one, else the target.
fn meeting(target: TableId, tables: &Tables<'_>, resolver: Resolver<'_>) -> Option<TableId> {
    let schema = resolver.topology.table_by_id(target)?.schema;
    let sharded = tables.sharded.iter().map(|table| table.table.schema);
    let copies = tables.broadcast.iter().map(|(table, _)| table.schema);
    let singles = tables.single.iter().map(|(_, schema, _)| *schema);
    let mut schemas = sharded.chain(copies).chain(singles);
    let (first, others) = match tables.single.split_first() {
        Some((first, others)) => (Some(first), others),
        None => (None, &[][..]),
    };
    let apart = |(_, _, shard): &(String, SchemaId, ShardId)| {
        first.is_some_and(|(_, _, first)| first != shard)
    };
    if schemas.any(|other| other != schema) || others.iter().any(apart) {
        return None;
    }
    match first {
        Some((name, ..)) => resolver.known(schema, name).map(|(id, _)| id),
        None => Some(target),
    }
}

/// The statement as every data node runs it for itself.
fn local(
    (ast, tokens, tables): (&Ast, Tokens<'_>, &Tables<'_>),
    (insert, source): (&Insert, usize),
    target: &ShardedRef<'_>,
    resolver: Resolver<'_>,
) -> Result<Option<Action>, PlanError> {
    let key = insert::key_positions(insert, target, resolver)?;
    let place = (source, key.as_slice());
    let condition = stored_where_read(ast, tokens, (tables, resolver), place);
    let Some(condition) = condition else {
        return Ok(None);
    };
    check_updates(&insert.on_duplicate, target, resolver)?;
    Ok(Some(Action::Sharded {
        table: target.id,
        condition,
        schema: target.table.schema,
    }))
}

fn moved(
    ast: &Ast,
    tokens: Tokens<'_>,
    (insert, source): (&Insert, usize),
    resolver: Resolver<'_>,
) -> Result<Move, PlanError> {
    let (table, name) = target(ast, resolver)?;
    let refused = |what: &str| {
        let what = format!("{what} in an INSERT … SELECT into '{name}' that moves rows");
        PlanError::from(Unsupported::Statement(what))
    };
    if has_words(tokens, &["RETURNING"]) {
        return Err(refused("RETURNING"));
    }
    let places = places(ast, tokens, source);
    let (head, query, tail) = places.ok_or_else(|| refused("this form of SELECT"))?;
    let said = Tail {
        ast,
        tokens,
        source,
        resolver,
    };
    if !said.is_of_target(tail.clone()) {
        return Err(refused(
            "columns of the SELECT behind ON DUPLICATE KEY UPDATE",
        ));
    }
    Ok(Move {
        table,
        columns: insert.columns.clone(),
        query,
        head,
        tail,
        duplicates: duplicates(ast.kind, insert, tokens),
        meeting: None,
    })
}

/// The table that rows are stored in, and its full name.
fn target(ast: &Ast, resolver: Resolver<'_>) -> Result<(TableId, String), PlanError> {
    let own = ast.blocks.first().and_then(|block| block.tables.first());
    let Some(TableSource::Named { schema, name, .. }) = own.map(|table| &table.source) else {
        let what = "this form of INSERT … SELECT".to_owned();
        return Err(Unsupported::Statement(what).into());
    };
    let wanted = schema.as_deref().or(resolver.current);
    let (schema, _) = resolver.schema(wanted.ok_or(PlanError::NoSchemaSelected)?)?;
    match resolver.known(schema, name) {
        Some((id, table)) => Ok((id, resolver.full_name(table))),
        None => Err(PlanError::NoSuchTable(name.clone())),
    }
}

/// Whether the proxy gives the target's rows ids.
fn gets_ids(ast: &Ast, resolver: Resolver<'_>) -> bool {
    let table = target(ast, resolver).ok();
    let table = table.and_then(|(id, _)| resolver.topology.table_by_id(id));
    table.is_some_and(|table| match &table.kind {
        TableKind::Sharded(sharding) => sharding.generate.is_some(),
        _ => false,
    })
}

/// The tokens before, of and behind the SELECT.
fn places(
    ast: &Ast,
    tokens: Tokens<'_>,
    source: usize,
) -> Option<(Range<usize>, Range<usize>, Range<usize>)> {
    let top = |at: usize| tokens.get(at).is_some_and(|token| token.depth == 0);
    let mut start = ast.blocks.get(source)?.select?;
    let with = (0..start).find(|at| top(*at) && tokens.is_word(*at, "WITH"));
    if let Some(with) = with {
        start = with;
    } else if !ast.ctes.is_empty() {
        return None;
    }
    let is_open = |at: usize| tokens.kind(at) == Some(TokenKind::Open);
    while start > 0 && is_open(start - 1) {
        start -= 1;
    }
    let duplicate =
        |at: &usize| top(*at) && tokens.is_word(*at, "ON") && tokens.is_word(at + 1, "DUPLICATE");
    let end = (start..tokens.len())
        .find(duplicate)
        .unwrap_or(tokens.len());
    let mut query = start..end;
    let close_of = |open: usize| {
        let depth = tokens.get(open).map(|token| token.depth);
        (open + 1..end).find(|at| {
            let token = tokens.get(*at);
            token.is_some_and(|t| t.kind == TokenKind::Close && Some(t.depth) == depth)
        })
    };
    while is_open(query.start) && close_of(query.start) == query.end.checked_sub(1) {
        query = query.start + 1..query.end - 1;
    }
    Some((0..start, query, end..tokens.len()))
}

/// What stands behind the SELECT.
struct Tail<'a> {
    ast: &'a Ast,
    tokens: Tokens<'a>,
    source: usize,
    resolver: Resolver<'a>,
}

impl Tail<'_> {
    /// Whether all columns in it are certainly the target's: those of the SELECT are gone.
    fn is_of_target(&self, tail: Range<usize>) -> bool {
        let tokens = self.tokens;
        let is_name =
            |at: usize| matches!(tokens.kind(at), Some(TokenKind::Word | TokenKind::Quoted));
        let behind_dot = |at: usize| {
            at.checked_sub(1)
                .is_some_and(|at| tokens.kind(at) == Some(TokenKind::Dot))
        };
        // ON DUPLICATE KEY UPDATE
        tail.skip(4).filter(|at| is_name(*at)).all(|at| {
            let before = at.checked_sub(2);
            let inserted = before.is_some_and(|word| tokens.is_word(word, "VALUES"))
                && tokens.kind(at - 1) == Some(TokenKind::Open);
            let assigned = tokens.is_symbol(at + 1, "=")
                && (tokens.is_word(at - 1, "UPDATE")
                    || tokens
                        .get(at - 1)
                        .is_some_and(|t| t.kind == TokenKind::Comma && t.depth == 0));
            match tokens.kind(at + 1) {
                _ if assigned => true,
                Some(TokenKind::Dot) if !behind_dot(at) => self.names_target(at),
                // A function, or the name behind a qualifier.
                Some(TokenKind::Open | TokenKind::Dot) => true,
                _ => behind_dot(at) || inserted || !self.may_be_read(at),
            }
        })
    }

    /// Whether a qualifier is the target, or its schema before it.
    fn names_target(&self, at: usize) -> bool {
        let target = self
            .ast
            .blocks
            .first()
            .and_then(|block| block.tables.first());
        let Some(TableSource::Named { schema, name, .. }) = target.map(|table| &table.source)
        else {
            return false;
        };
        let is = |at: usize, wanted: &str| {
            let found = self.tokens.name(at);
            found.is_some_and(|found| self.resolver.same_name(&found, wanted))
        };
        let schema = schema.as_deref().or(self.resolver.current);
        let qualified = self.tokens.kind(at + 3) == Some(TokenKind::Dot);
        let own = match qualified {
            true => schema.is_some_and(|schema| is(at, schema)) && is(at + 2, name),
            false => is(at, name),
        };
        let mut read = self.read();
        own && !read.any(|table| {
            let visible = table.alias.as_deref().or(match &table.source {
                TableSource::Named { name, .. } | TableSource::Cte { name, .. } => Some(name),
                _ => None,
            });
            visible.is_none_or(|visible| self.resolver.same_name(visible, name))
        })
    }

    /// The tables of the SELECT that the clause sees.
    fn read(&self) -> impl Iterator<Item = &TableRef> {
        let blocks = self.ast.blocks.get(self.source).into_iter();
        blocks.flat_map(|block| &block.tables)
    }

    /// Whether a name may be a column of the SELECT's tables.
    fn may_be_read(&self, at: usize) -> bool {
        let Some(name) = self.tokens.name(at) else {
            return true;
        };
        let set_operation = self
            .ast
            .blocks
            .iter()
            .any(|b| b.role == BlockRole::SetOperand);
        set_operation
            || self.read().any(|table| {
                let TableSource::Named {
                    schema, name: of, ..
                } = &table.source
                else {
                    return true;
                };
                let id = match self.resolver.table(schema.as_deref(), of) {
                    Ok(Resolved::Sharded(id, ..)) => Some(id),
                    Ok(Resolved::Broadcast(found)) => {
                        let found = self.resolver.topology.table(found.schema, of);
                        found.map(|(id, _)| id)
                    }
                    _ => None,
                };
                let definition = id.and_then(|id| self.resolver.topology.definition(id));
                definition.is_none_or(|definition| {
                    let mut columns = definition.columns.iter();
                    columns.any(|column| column.name.eq_ignore_ascii_case(&name))
                })
            })
    }
}
