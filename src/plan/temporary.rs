//! Temporary tables: what a session has of them, and what a statement makes of that.
//!
//! A temporary table lives on one connection, in the database of one shard. For the session that made it,
//! it is a single table there, and hides a table of its name.

use super::definition;
use super::resolve::Resolver;
use crate::parse::ast::{Ast, InsertSource, TableSource};
use crate::parse::{Ddl, DdlObject, DdlVerb, QualifiedName, StatementKind, TokenKind, Tokens};
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
    /// Its shard; `None`: the configuration has it no more.
    fn shard(&self, topology: &Topology) -> Option<ShardId> {
        let mut shards = topology.shards.iter().zip(0..);
        let found = shards.find(|(shard, _)| shard.name == self.shard);
        found.map(|(_, number)| ShardId(number))
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
        let found = tables.find(|table| {
            self.same_name(&table.schema, schema) && self.same_name(&table.name, name)
        });
        found.and_then(|table| table.shard(self.topology))
    }

    /// Whether a statement may name one of the session's temporary tables.
    pub fn may_name_temporary(&self, tokens: Tokens<'_>) -> bool {
        names_one(tokens, self.temporary, self.topology.fold_names)
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
    let same = |a: &str, b: &str| match fold {
        true => a.to_lowercase() == b.to_lowercase(),
        false => a == b,
    };
    !tables.is_empty()
        && (0..tokens.len()).filter(is_name).any(|at| {
            let name = tokens.name(at);
            name.is_some_and(|name| tables.iter().any(|table| same(&table.name, &name)))
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
