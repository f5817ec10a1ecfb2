//! CREATE and ALTER VIEW: over the tables of one shard.

use super::names::Scope;
use super::refused;
use crate::parse::{Ddl, DdlVerb};
use crate::plan::resolve::Resolved;
use crate::plan::unsupported::{PlanError, Unsupported};
use crate::plan::{Action, Edit, Replacement};
use crate::topology::{SchemaId, ShardId};

/// Where a view goes, and what its text gets besides names: a view that shows a broadcast table must
/// not be written through, for that would change one of the copies.
///
/// # Errors
/// No shard has all of its rows.
pub(super) fn plan(
    definition: &Ddl,
    scope: Scope<'_>,
) -> Result<(Action, Option<Edit>), PlanError> {
    let [view] = definition.names.as_slice() else {
        return Err(refused(definition, scope.tokens));
    };
    let schema = scope.schema(*view)?;
    let replaces = definition.verb != DdlVerb::Create || scope.is_replacing();
    let there = match scope.resolve(*view)? {
        None => None,
        Some(Resolved::Single(_, shard)) => Some(shard),
        Some(_) => {
            let name = scope.full_name(*view);
            let what = format!("a view called '{name}', which has a rule as a table");
            return Err(Unsupported::Statement(what).into());
        }
    };
    if let Some(shard) = there.filter(|_| !replaces) {
        // The server that has it says so.
        return Ok((Action::Single(shard), None));
    }
    let (home, copies) = source(schema, view.name + 1, scope)?;
    let found = scope.resolver.topology.schema_by_id(schema);
    let default = found.ok_or(PlanError::NoSchemaSelected)?.default_shard;
    let shard = home.or(there).unwrap_or(default);
    let of_schema = scope.resolver.topology.shard(shard);
    let elsewhere = there.is_some_and(|there| there != shard);
    if elsewhere || of_schema.is_none_or(|shard| shard.schema != schema) {
        let name = scope.full_name(*view);
        let what = format!("view '{name}' over tables that are on another shard than the view");
        return Err(Unsupported::Statement(what).into());
    }
    let edit = if copies { read_only(scope)? } else { None };
    Ok((Action::Single(shard), edit))
}

/// The shard of the tables that the view may show, and whether broadcast tables are among them.
fn source(
    schema: SchemaId,
    from: usize,
    scope: Scope<'_>,
) -> Result<(Option<ShardId>, bool), PlanError> {
    let (mut home, mut copies) = (None, false);
    let mut first = String::new();
    for (name, resolved) in scope.mentioned(from)? {
        match resolved {
            Resolved::System => {}
            Resolved::Broadcast(table) if table.schema == schema => copies = true,
            Resolved::Single(_, shard) => {
                if *home.get_or_insert(shard) != shard {
                    return Err(Unsupported::DifferentShards(first, name).into());
                }
                first = name;
            }
            Resolved::Sharded(_, table, _) => {
                let name = scope.resolver.full_name(table);
                let what = format!("a view over sharded table '{name}'");
                return Err(Unsupported::Statement(what).into());
            }
            Resolved::Broadcast(table) => {
                let name = scope.resolver.full_name(table);
                let what = format!("a view over '{name}' of another schema");
                return Err(Unsupported::Statement(what).into());
            }
        }
    }
    Ok((home, copies))
}

/// ALGORITHM = TEMPTABLE: such a view cannot be written through.
fn read_only(scope: Scope<'_>) -> Result<Option<Edit>, PlanError> {
    let tokens = scope.tokens;
    let view = (0..tokens.len())
        .find(|at| tokens.is_word(*at, "VIEW"))
        .unwrap_or_default();
    let edit = |at: usize, count: u32, text: &str| Edit {
        token: u32::try_from(at).unwrap_or(u32::MAX),
        tokens: count,
        with: Replacement::Text(text.to_owned()),
    };
    let said = (0..view).find(|at| tokens.is_word(*at, "ALGORITHM"));
    match said {
        Some(at) if tokens.is_word(at + 2, "TEMPTABLE") => Ok(None),
        Some(at) if tokens.is_word(at + 2, "UNDEFINED") => Ok(Some(edit(at + 2, 1, "TEMPTABLE"))),
        Some(_) => {
            let what = "ALGORITHM = MERGE for a view over a broadcast table: one of its copies could be \
                        written through it";
            Err(Unsupported::Statement(what.to_owned()).into())
        }
        None => {
            let verb = scope.verb();
            let behind = if scope.is_replacing() {
                verb + 3
            } else {
                verb + 1
            };
            Ok(Some(edit(behind, 0, " ALGORITHM = TEMPTABLE")))
        }
    }
}
