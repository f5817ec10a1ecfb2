//! DROP and RENAME: statements on lists of tables.

use std::collections::HashMap;

use super::alter::check_new_name;
use super::names::Scope;
use super::{everywhere, refused};
use crate::parse::{Ddl, DdlObject, QualifiedName};
use crate::plan::Action;
use crate::plan::everywhere::{Deed, Named, Place};
use crate::plan::resolve::Resolved;
use crate::plan::unsupported::{PlanError, Unsupported};
use crate::plan::words::has_words;
use crate::topology::ShardId;

/// DROP TABLE, DROP VIEW.
///
/// # Errors
/// A table is not known, and the statement does not put up with that.
pub(super) fn drop(definition: &Ddl, scope: Scope<'_>) -> Result<Action, PlanError> {
    let mut names = Vec::with_capacity(definition.names.len());
    let mut unknown = Vec::new();
    for name in &definition.names {
        let place = match scope.resolve(*name)? {
            Some(Resolved::System) => return Err(refused(definition, scope.tokens)),
            Some(Resolved::Sharded(..) | Resolved::Broadcast(_))
                if definition.object == DdlObject::View =>
            {
                let name = scope.full_name(*name);
                return Err(
                    Unsupported::Statement(format!("DROP VIEW of '{name}', a table")).into(),
                );
            }
            Some(Resolved::Sharded(id, ..)) => Place::Nodes(id),
            Some(Resolved::Broadcast(table)) => Place::Shards(table.schema),
            Some(Resolved::Single(_, shard)) => Place::One(shard),
            None => {
                unknown.push(scope.full_name(*name));
                let schema = scope.resolver.topology.schema_by_id(scope.schema(*name)?);
                Place::One(schema.ok_or(PlanError::NoSchemaSelected)?.default_shard)
            }
        };
        names.push(scope.named(*name, place)?);
    }
    if names.is_empty() {
        return Err(refused(definition, scope.tokens));
    }
    if let Some(shard) = one_shard(&names) {
        return Ok(Action::Single(shard));
    }
    // Where one is missing, nothing is dropped.
    if !unknown.is_empty() && !has_words(scope.tokens, &["IF", "EXISTS"]) {
        return Err(PlanError::UnknownTables(unknown.join(",")));
    }
    everywhere(Deed::Drop, names, true)
}

/// The shard that has all of them, where it is one.
pub(in crate::plan) fn one_shard(names: &[Named]) -> Option<ShardId> {
    let mut shards = names.iter().map(|name| match name.place {
        Place::One(shard) => Some(shard),
        Place::Nodes(_) | Place::Shards(_) => None,
    });
    let first = shards.next()??;
    shards.all(|shard| shard == Some(first)).then_some(first)
}

/// RENAME TABLE: a table keeps the place that its rule gives it.
///
/// # Errors
/// The new name's rule gives another one.
pub(super) fn rename(definition: &Ddl, scope: Scope<'_>) -> Result<Action, PlanError> {
    let names = definition.names.as_slice();
    if names.is_empty() {
        return Err(refused(definition, scope.tokens));
    }
    let mut renamed: HashMap<String, ShardId> = HashMap::new();
    let mut home = None;
    let mut spread = Vec::new();
    for pair in names.chunks_exact(2) {
        let [from, to] = pair else {
            return Err(refused(definition, scope.tokens));
        };
        let single = match (
            renamed.remove(&scope.full_name(*from)),
            scope.resolve(*from)?,
        ) {
            (Some(shard), _) | (None, Some(Resolved::Single(_, shard))) => shard,
            (None, None) => return Err(PlanError::NoSuchTable(scope.full_name(*from))),
            (None, Some(_)) => {
                let place = same_rule((*from, *to), scope)?;
                spread.push(scope.named(*from, place)?);
                spread.push(scope.named(*to, place)?);
                continue;
            }
        };
        check_new_name((*from, single), *to, scope)?;
        renamed.insert(scope.full_name(*to), single);
        if *home.get_or_insert(single) != single {
            let what = "RENAME TABLE of single tables on different shards";
            return Err(Unsupported::Statement(what.to_owned()).into());
        }
    }
    match (home, spread.is_empty()) {
        (Some(shard), true) => Ok(Action::Single(shard)),
        (None, false) => {
            check_repeatable(names, scope)?;
            everywhere(Deed::Rename, spread, false)
        }
        _ => {
            let what = "RENAME TABLE of single tables and others in one statement";
            Err(Unsupported::Statement(what.to_owned()).into())
        }
    }
}

/// The place of two tables that are placed alike.
fn same_rule(
    (from, to): (QualifiedName, QualifiedName),
    scope: Scope<'_>,
) -> Result<Place, PlanError> {
    let place = match (scope.resolve(from)?, scope.resolve(to)?) {
        (Some(Resolved::Broadcast(one)), Some(Resolved::Broadcast(other))) => {
            (one.schema == other.schema).then_some(Place::Shards(one.schema))
        }
        (Some(Resolved::Sharded(id, one, rule)), Some(Resolved::Sharded(_, other, of))) => {
            let whole = rule.split.is_none() && of.split.is_none();
            let keys = rule.keys.iter().map(|key| &key.name);
            let same = one.schema == other.schema
                && rule.binding_group == of.binding_group
                && keys.eq(of.keys.iter().map(|key| &key.name));
            (whole && same).then_some(Place::Nodes(id))
        }
        _ => None,
    };
    place.ok_or_else(|| {
        let (from, to) = (scope.full_name(from), scope.full_name(to));
        let what = format!("renaming '{from}' to '{to}', which has not the same rule");
        Unsupported::Statement(what).into()
    })
}

/// Repeating a statement that only exchanges names would take back what is done already.
fn check_repeatable(names: &[QualifiedName], scope: Scope<'_>) -> Result<(), PlanError> {
    let mut balance: HashMap<String, i32> = HashMap::new();
    for pair in names.chunks_exact(2) {
        for (name, change) in pair.iter().zip([-1, 1]) {
            *balance.entry(scope.full_name(*name)).or_default() += change;
        }
    }
    if balance.values().any(|change| *change != 0) {
        return Ok(());
    }
    let what = "RENAME TABLE that only exchanges the names of tables on several shards";
    Err(Unsupported::Statement(what.to_owned()).into())
}
