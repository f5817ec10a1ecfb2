//! Temporary tables: what a session has of them, and what a statement makes of that.
//!
//! A temporary table lives on one connection, in the database of one shard. For the session that made it,
//! it is a single table there, and hides a table of its name.

use super::gather::{self, Shift};
use super::resolve::Resolver;
use super::unsupported::{PlanError, Unsupported};
use super::{Edit, Gather, Replacement, Request, access, definition, functions};
use crate::parse::ast::{self, Ast, InsertSource, TableSource};
use crate::parse::{
    Ddl, DdlObject, DdlVerb, QualifiedName, StatementKind, TokenKind, Tokens, statement_kind,
    tokenize,
};
use crate::topology::{ShardId, Topology};

/// A temporary table of a session.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct TemporaryTable {
    /// The schema, as clients call it.
    pub schema: String,
    /// The table.
    pub name: String,
    /// The shard in whose database it is, as `replica_set/database`.
    pub shard: String,
}

impl TemporaryTable {
    /// Whether clients call it so; `fold`: by any case of letters.
    pub fn is_called(&self, schema: &str, name: &str, fold: bool) -> bool {
        same_name(&self.schema, schema, fold) && same_name(&self.name, name, fold)
    }

    /// Its shard; `None`: the configuration has it no more.
    fn shard(&self, topology: &Topology) -> Option<ShardId> {
        let mut shards = topology.shards.iter().zip(0..);
        let found = shards.find(|(shard, _)| shard.name == self.shard);
        found.map(|(_, number)| ShardId(number))
    }
}

fn same_name(a: &str, b: &str, fold: bool) -> bool {
    match fold {
        true => a.to_lowercase() == b.to_lowercase(),
        false => a == b,
    }
}

/// What a statement that went through has made of the session's temporary tables. Names are of a
/// schema, as clients call it, and a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TemporaryChange {
    /// It is there now.
    Made(String, String),
    /// They are gone.
    Gone(Vec<(String, String)>),
    /// It has another name, and maybe another schema of the same shard.
    Renamed([(String, String); 2]),
}

impl Resolver<'_> {
    /// The shard of a temporary table.
    pub fn temporary(&self, schema: &str, name: &str) -> Option<ShardId> {
        let mut tables = self.temporary.iter();
        let fold = self.topology.fold_names;
        let found = tables.find(|table| table.is_called(schema, name, fold));
        found.and_then(|table| table.shard(self.topology))
    }

    /// Whether the configuration has the shard of a temporary table no more. Its session must not take
    /// the table that it hides for it.
    pub fn is_out_of_reach(&self, schema: &str, name: &str) -> bool {
        let fold = self.topology.fold_names;
        let mut tables = self.temporary.iter();
        let found = tables.find(|table| table.is_called(schema, name, fold));
        found.is_some_and(|table| table.shard(self.topology).is_none())
    }

    /// Whether a statement uses one of the session's temporary tables; without a tree, whether it may.
    pub fn uses_temporary(&self, ast: Option<&Ast>, tokens: Tokens<'_>) -> bool {
        let Some(ast) = ast else {
            return names_one(tokens, self.temporary, self.topology.fold_names);
        };
        let is_one = |source: &TableSource| match source {
            TableSource::Named { schema, name, .. } => {
                let schema = schema.as_deref().or(self.current);
                schema.is_some_and(|schema| self.temporary(schema, name).is_some())
            }
            _ => false,
        };
        !self.temporary.is_empty() && ast.tables().any(|(_, table)| is_one(&table.source))
    }
}

/// Whether a name in the statement is that of one of these tables.
pub fn names_one(tokens: Tokens<'_>, tables: &[TemporaryTable], fold: bool) -> bool {
    let is_name = |at: &usize| {
        matches!(
            tokens.kind(*at),
            Some(TokenKind::Word | TokenKind::Quoted | TokenKind::Reserved)
        )
    };
    let is_its = |name: &str| {
        tables
            .iter()
            .any(|table| same_name(&table.name, name, fold))
    };
    !tables.is_empty()
        && (0..tokens.len()).filter(is_name).any(|at| {
            let name = tokens.name(at);
            name.is_some_and(|name| is_its(&name))
        })
}

/// Whether a statement stores rows of a SELECT in one of the session's temporary tables.
pub(super) fn is_filled(ast: &Ast, resolver: Resolver<'_>) -> bool {
    let Some(insert) = &ast.insert else {
        return false;
    };
    let selects = matches!(insert.source, InsertSource::Select(_));
    let target = ast.blocks.first().and_then(|block| block.tables.first());
    let target = target.map(|target| &target.source);
    let Some(TableSource::Named { schema, name, .. }) = target.filter(|_| selects) else {
        return false;
    };
    let schema = schema.as_deref().or(resolver.current);
    schema.is_some_and(|schema| resolver.temporary(schema, name).is_some())
}

/// What CREATE TEMPORARY TABLE … SELECT gathers; `None` for other statements. The new table is made where
/// its rows come together.
pub(super) fn made_of(request: &Request<'_>) -> Option<Result<Gather, PlanError>> {
    let whole = request.tokens;
    let StatementKind::Ddl(Ddl {
        verb: DdlVerb::Create,
        object: DdlObject::TemporaryTable,
        names,
    }) = statement_kind(&whole)
    else {
        return None;
    };
    let target = names.first()?;
    let outside = |at: &usize| whole.get(*at).is_some_and(|token| token.depth == 0);
    let begins = |at: &usize| whole.is_word(*at, "SELECT") || whole.is_word(*at, "WITH");
    let mut all = (target.name + 1..whole.len()).filter(outside);
    let Some(first) = all.find(begins) else {
        let what = "CREATE TEMPORARY TABLE of a query over several shards in parentheses";
        return Some(Err(Unsupported::Statement(what.to_owned()).into()));
    };
    let start = whole.get(first)?.start as usize;
    let text = whole.sql().get(start..whole.digest().end)?;
    let digest = tokenize(text, request.mode).ok()?;
    let tokens = Tokens::new(text, &digest);
    let part = Request { tokens, ..*request };
    let gather = of_query(&part)?.and_then(|gather| {
        let resolver = request.resolver();
        let schema = target.schema.and_then(|at| whole.name(at));
        let schema = schema.as_deref().or(request.schema);
        let (schema, _) = resolver.schema(schema.ok_or(PlanError::NoSchemaSelected)?)?;
        match gather.tables.iter().all(|table| table.schema == schema) {
            true => Ok(gather),
            false => {
                let what = "CREATE TEMPORARY TABLE of rows of several shards of another schema";
                Err(Unsupported::Statement(what.to_owned()).into())
            }
        }
    });
    let slots = whole.slots();
    let slot = slots.iter().skip(first).copied().flatten().next();
    let shift = Shift {
        tokens: u32::try_from(first).ok()?,
        slots: slot.map_or(0, |slot| slot.0),
    };
    Some(gather.map(|gather| {
        let mut gather = gather.shifted(shift);
        let name = target.schema.unwrap_or(target.name) as u32;
        let replaced = u32::from(target.schema.is_some());
        let with = match target.schema {
            Some(_) => Replacement::PhysicalDatabase,
            None => Replacement::PhysicalTable,
        };
        gather.edits.insert(
            0,
            Edit {
                token: name,
                tokens: replaced,
                with,
            },
        );
        gather
    }))
}

/// What a SELECT gathers.
pub(super) fn of_query(request: &Request<'_>) -> Option<Result<Gather, PlanError>> {
    let (tokens, resolver) = (request.tokens, request.resolver());
    let ast = ast::parse(&tokens, request.mode).ok()?;
    let kind = statement_kind(&tokens);
    let calls = functions::calls(&kind, Some(&ast), tokens, resolver);
    let access = calls.access(access::access(Some(&ast), tokens));
    gather::plan(&ast, tokens, (access, &calls), resolver)
}

/// What a definition makes of the session's temporary tables, if it goes through.
pub(super) fn change(
    kind: &StatementKind,
    tokens: Tokens<'_>,
    resolver: Resolver<'_>,
) -> Option<Box<TemporaryChange>> {
    let StatementKind::Ddl(Ddl {
        verb,
        object,
        names,
    }) = kind
    else {
        return None;
    };
    let called = |name: &QualifiedName| {
        let schema = name.schema.and_then(|at| tokens.name(at));
        let schema = resolver
            .topology
            .schema(schema.as_deref().or(resolver.current)?)?;
        Some((schema.1.name.clone(), tokens.name(name.name)?))
    };
    let is_one = |(schema, name): &(String, String)| resolver.temporary(schema, name).is_some();
    let found = match (object, verb) {
        (DdlObject::TemporaryTable, DdlVerb::Create) => {
            let (schema, name) = called(names.first()?)?;
            TemporaryChange::Made(schema, name)
        }
        (DdlObject::Table | DdlObject::TemporaryTable, DdlVerb::Drop) => {
            let gone: Vec<_> = names.iter().filter_map(called).filter(is_one).collect();
            if gone.is_empty() {
                return None;
            }
            TemporaryChange::Gone(gone)
        }
        (DdlObject::Table, DdlVerb::Alter) => {
            let from = called(names.first()?).filter(is_one)?;
            let to = called(&definition::new_name(tokens)?)?;
            TemporaryChange::Renamed([from, to])
        }
        _ => return None,
    };
    Some(Box::new(found))
}
