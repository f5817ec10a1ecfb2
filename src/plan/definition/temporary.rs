//! CREATE and DROP TEMPORARY TABLE: on the connection that the session has, or will keep.

use super::names::Scope;
use super::{create, refused};
use crate::parse::{Ddl, DdlObject, DdlVerb};
use crate::plan::Action;
use crate::plan::resolve::Resolved;
use crate::plan::unsupported::{PlanError, Unsupported};
use crate::plan::words::has_words;
use crate::topology::{SchemaId, ShardId};

/// Definitions that a server makes of the table or view behind a temporary table, not of that: here its
/// name means another place. RENAME TABLE means the one on MySQL and the other on MariaDB.
///
/// # Errors
/// It names a temporary table of the session.
pub(super) fn check_hidden(definition: &Ddl, scope: Scope<'_>) -> Result<(), PlanError> {
    let names = match (definition.object, definition.verb) {
        (DdlObject::Table, DdlVerb::Create) => definition.names.get(..1).unwrap_or_default(),
        (DdlObject::Table, DdlVerb::Rename) | (DdlObject::View, _) => definition.names.as_slice(),
        _ => return Ok(()),
    };
    let Some(hidden) = names.iter().find(|name| scope.temporary(**name).is_some()) else {
        return Ok(());
    };
    let (name, verb) = (scope.full_name(*hidden), said(definition));
    let what = format!("{verb} of '{name}' while a temporary table of the session hides that name");
    Err(Unsupported::Statement(what).into())
}

fn said(definition: &Ddl) -> &'static str {
    match (definition.object, definition.verb) {
        (DdlObject::View, DdlVerb::Create) => "CREATE VIEW",
        (DdlObject::View, DdlVerb::Drop) => "DROP VIEW",
        (DdlObject::View, _) => "ALTER VIEW",
        (_, DdlVerb::Create) => "CREATE TABLE",
        _ => "RENAME TABLE",
    }
}

/// # Errors
/// The tables that it names cannot be on one connection.
pub(super) fn plan(definition: &Ddl, scope: Scope<'_>) -> Result<Action, PlanError> {
    match definition.verb {
        DdlVerb::Create => create(definition, scope),
        DdlVerb::Drop => drop(definition, scope),
        _ => Err(refused(definition, scope.tokens)),
    }
}

/// Where the session's connection leads, or on any shard; where one has what the table is made from, there.
fn create(definition: &Ddl, scope: Scope<'_>) -> Result<Action, PlanError> {
    let Some((target, like)) = definition.names.split_first() else {
        return Err(refused(definition, scope.tokens));
    };
    let schema = scope.schema(*target)?;
    let there = scope.temporary(*target);
    if there.is_some() && scope.is_replacing() {
        let what = "CREATE OR REPLACE TEMPORARY TABLE of one that is there; drop it before";
        return Err(Unsupported::Statement(what.to_owned()).into());
    }
    let mut made_of = Vec::new();
    for like in like {
        let found = scope.resolve(*like)?;
        let found = found.ok_or_else(|| PlanError::NoSuchTable(scope.full_name(*like)))?;
        made_of.push((scope.full_name(*like), found));
    }
    if create::selects(*target, scope) {
        for (name, found) in scope.mentioned(target.name + 1)? {
            if matches!(found, Resolved::Sharded(..)) {
                // Its rows come together where the new table is.
                let target = scope.full_name(*target);
                return Err(Unsupported::DifferentShards(target, name).into());
            }
            made_of.push((name, found));
        }
    }
    match there {
        // The server says what that means.
        Some(there) => Ok(Action::Single(there)),
        None => place(schema, scope.full_name(*target), made_of, scope),
    }
}

/// One shard where all of these are.
fn place(
    schema: SchemaId,
    target: String,
    made_of: Vec<(String, Resolved<'_>)>,
    scope: Scope<'_>,
) -> Result<Action, PlanError> {
    let shards = scope.resolver.topology.schema_by_id(schema);
    let shards = shards.map_or(&[][..], |schema| &schema.shards);
    let mut home: Option<ShardId> = None;
    for (name, found) in made_of {
        let apart = |name| Unsupported::DifferentShards(target.clone(), name);
        match found {
            Resolved::System => {}
            Resolved::Broadcast(table) if table.schema == schema => {}
            // A definition is the same on every shard.
            Resolved::Sharded(_, table, sharding)
                if table.schema == schema && sharding.split.is_none() => {}
            Resolved::Single(_, shard)
                if shards.contains(&shard) && home.is_none_or(|home| home == shard) =>
            {
                home = Some(shard);
            }
            _ => return Err(apart(name).into()),
        }
    }
    Ok(home.map_or(Action::Any(Some(schema)), Action::Single))
}

fn drop(definition: &Ddl, scope: Scope<'_>) -> Result<Action, PlanError> {
    let Some(first) = definition.names.first() else {
        return Err(refused(definition, scope.tokens));
    };
    let schema = scope.schema(*first)?;
    let found: Vec<Option<ShardId>> = definition
        .names
        .iter()
        .map(|name| scope.temporary(*name))
        .collect();
    let mut there = found.iter().flatten();
    let Some(home) = there.next() else {
        return Ok(Action::Any(Some(schema)));
    };
    let lenient = has_words(scope.tokens, &["IF", "EXISTS"]);
    if there.any(|shard| shard != home) || (!lenient && found.contains(&None)) {
        let what = "DROP TEMPORARY TABLE of several tables that are not all there on one shard";
        return Err(Unsupported::Statement(what.to_owned()).into());
    }
    Ok(Action::Single(*home))
}
