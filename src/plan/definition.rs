//! CREATE, ALTER, DROP, RENAME, TRUNCATE: on one shard they are forwarded, on several refused.

use super::resolve::{Resolved, Resolver};
use super::unsupported::{PlanError, Unsupported};
use super::words::has_words;
use super::{Action, Edit, edits, unparsed};
use crate::parse::{
    Ddl, DdlObject, DdlVerb, QualifiedName, StatementKind, TokenKind, Tokens, statement_kind,
};
use crate::topology::{ShardId, Topology};

/// Where a definition goes, and its edits.
///
/// # Errors
/// What it defines is on several shards, or may be.
pub fn plan(
    definition: &Ddl,
    tokens: Tokens<'_>,
    resolver: Resolver<'_>,
) -> Result<(Action, Vec<Edit>), PlanError> {
    // A database is the configuration's business: clients must not make or drop physical ones.
    if definition.object == DdlObject::Database {
        return Err(refused(definition));
    }
    let split = |name| Err(Unsupported::SplitName(name).into());
    if let Some(name) = names_split(definition, tokens, resolver) {
        return split(name);
    }
    let single = one_place(definition, tokens, resolver)?;
    // What else it names may be a table that it reads.
    if let (None, Some(name)) = (single, unparsed::split_name(tokens, resolver)) {
        return split(name);
    }
    let qualifiers = unparsed::qualifiers(tokens, resolver)?;
    let edits = edits::of_qualifiers(&qualifiers, tokens, resolver)?;
    let shard = single.or(unparsed::only_shard(&qualifiers, tokens, resolver, false));
    match shard {
        Some(shard) => Ok((Action::Single(shard), edits)),
        None => Err(refused(definition)),
    }
}

/// The name of a table that is several on the servers, or of one of those: no server has the first,
/// and the second is no client's to change.
fn names_split(definition: &Ddl, tokens: Tokens<'_>, resolver: Resolver<'_>) -> Option<String> {
    let mut names = definition.names.iter().filter_map(|table| {
        let schema = table.schema.and_then(|at| tokens.name(at));
        let name = tokens.name(table.name)?;
        resolver.is_split(schema.as_deref(), &name).then_some(name)
    });
    names.next()
}

/// Whether the snapshot of tables is out of date after the statement.
pub fn changes_tables(kind: &StatementKind) -> bool {
    let listed = [
        DdlObject::Table,
        DdlObject::Index,
        DdlObject::View,
        DdlObject::Routine,
    ];
    matches!(kind, StatementKind::Ddl(Ddl { verb, object, .. })
        if *verb != DdlVerb::Truncate && listed.contains(object))
}

/// The tables that a definition changes, as schema and table; empty where it does not say so
/// certainly.
pub fn changed_tables(
    tokens: Tokens<'_>,
    topology: &Topology,
    current: Option<&str>,
) -> Vec<(String, String)> {
    let StatementKind::Ddl(definition) = statement_kind(&tokens) else {
        return Vec::new();
    };
    let known = [DdlObject::Table, DdlObject::Index, DdlObject::View];
    // ALTER TABLE … RENAME: the new name stands somewhere behind.
    let renames = definition.verb == DdlVerb::Alter && has_words(tokens, &["RENAME"]);
    if !known.contains(&definition.object) || renames {
        return Vec::new();
    }
    let name = |table: &QualifiedName| {
        let schema = table.schema.and_then(|at| tokens.name(at));
        let (_, schema) = topology.schema(schema.as_deref().or(current)?)?;
        Some((schema.name.clone(), tokens.name(table.name)?))
    };
    let names: Option<Vec<_>> = definition.names.iter().map(name).collect();
    names.unwrap_or_default()
}

/// The shard that has all tables of the definition, or gets them.
fn one_place(
    definition: &Ddl,
    tokens: Tokens<'_>,
    resolver: Resolver<'_>,
) -> Result<Option<ShardId>, PlanError> {
    let tables = matches!(definition.object, DdlObject::Table | DdlObject::Index);
    if !tables || !stays(definition, tokens) {
        return Ok(None);
    }
    let mut places = definition
        .names
        .iter()
        .map(|table| place(*table, definition, tokens, resolver));
    let Some(first) = places.next().transpose()?.flatten() else {
        return Ok(None);
    };
    for other in places {
        if other? != Some(first) {
            return Ok(None);
        }
    }
    Ok(Some(first))
}

/// The shard of one table: where a single table is. One that does not exist is made on the
/// schema's default shard, and dropping it is that shard's to complain about.
fn place(
    table: QualifiedName,
    definition: &Ddl,
    tokens: Tokens<'_>,
    resolver: Resolver<'_>,
) -> Result<Option<ShardId>, PlanError> {
    let schema = table.schema.and_then(|at| tokens.name(at));
    let name = tokens.name(table.name).unwrap_or_default();
    match resolver.table(schema.as_deref(), &name) {
        Ok(Resolved::Single(_, shard)) => Ok(Some(shard)),
        Ok(_) => Ok(None),
        Err(PlanError::NoSuchTable(name)) => match definition.verb {
            DdlVerb::Create | DdlVerb::Drop if definition.object == DdlObject::Table => {
                let schema = schema.as_deref().or(resolver.current);
                let schema = schema.ok_or(PlanError::NoSchemaSelected)?;
                Ok(Some(resolver.schema(schema)?.1.default_shard))
            }
            _ => Err(PlanError::NoSuchTable(name)),
        },
        Err(error) => Err(error),
    }
}

/// Whether the statement needs nothing but the tables that it names, and leaves them where they
/// are. A table made from another one (SELECT, LIKE, REFERENCES, …) needs that one beside it.
fn stays(definition: &Ddl, tokens: Tokens<'_>) -> bool {
    let creates = definition.verb == DdlVerb::Create && definition.object == DdlObject::Table;
    if !creates {
        return definition.verb != DdlVerb::Rename && !has_words(tokens, &["RENAME"]);
    }
    let word = |at: usize, word: &str| tokens.is_word(at, word);
    let needs_other = (2..tokens.len()).any(|at| {
        let beside = ["SELECT", "REFERENCES", "UNION", "TABLE"];
        let like = word(at, "LIKE") && tokens.get(at).is_some_and(|token| token.depth == 0);
        let like_in_parentheses = word(at, "LIKE") && tokens.kind(at - 1) == Some(TokenKind::Open);
        like || like_in_parentheses || beside.iter().any(|other| word(at, other))
    });
    !needs_other
}

fn refused(definition: &Ddl) -> PlanError {
    let verb = match definition.verb {
        DdlVerb::Create => "CREATE",
        DdlVerb::Alter => "ALTER",
        DdlVerb::Drop => "DROP",
        DdlVerb::Rename => "RENAME",
        DdlVerb::Truncate => "TRUNCATE",
    };
    let object = match definition.object {
        DdlObject::Table => "TABLE",
        DdlObject::TemporaryTable => "TEMPORARY TABLE",
        DdlObject::Index => "INDEX",
        DdlObject::View => "VIEW",
        DdlObject::Database => "DATABASE",
        DdlObject::Routine => "of routines, triggers and events",
        DdlObject::Other => "of this object",
    };
    if definition.object == DdlObject::Database {
        let what = format!("{verb} DATABASE: schemas are part of its configuration");
        return Unsupported::Statement(what).into();
    }
    let verb = format!("{verb} {object}");
    Unsupported::Definition { verb }.into()
}
