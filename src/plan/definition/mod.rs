//! CREATE, ALTER, DROP, RENAME, TRUNCATE: on one shard, or on every data node of what they define.
//!
//! | file | what it decides |
//! |---|---|
//! | `create` | CREATE TABLE |
//! | `alter` | ALTER TABLE, TRUNCATE, indexes |
//! | `lists` | DROP and RENAME of several tables |
//! | `temporary` | CREATE and DROP TEMPORARY TABLE |
//! | `view` | CREATE and ALTER VIEW |
//! | `database` | the databases of a schema |
//! | `references` | foreign keys |
//! | `numbered` | rows that ALTER TABLE would number |
//! | `names` | what a definition's names stand for |

mod alter;
mod create;
mod database;
mod key;
mod lists;
mod names;
mod numbered;
mod references;
mod temporary;
mod view;

pub(super) use alter::new_name;
pub(super) use lists::one_shard;

use super::defined;
use super::everywhere::{Deed, Everywhere, Named};
use super::resolve::Resolver;
use super::unsupported::{PlanError, Unsupported};
use super::{Action, Edit, edits, unparsed};
use crate::parse::{Ddl, DdlObject, DdlVerb, QualifiedName, StatementKind, Tokens, statement_kind};
use crate::topology::Topology;
use names::Scope;

/// Where a definition goes, and its edits.
///
/// # Errors
/// Not every one of its tables, or of those that they need, is where it goes.
pub fn plan(
    definition: &Ddl,
    tokens: Tokens<'_>,
    resolver: Resolver<'_>,
) -> Result<(Action, Vec<Edit>), PlanError> {
    let scope = Scope { tokens, resolver };
    if definition.object == DdlObject::Database {
        let action = database::plan(definition, scope)?;
        return Ok((action, Vec::new()));
    }
    defined::check(definition, tokens)?;
    if let Some(name) = names_part(definition, tokens, resolver) {
        return Err(Unsupported::SplitName(name).into());
    }
    let qualifiers = unparsed::qualifiers(tokens, resolver)?;
    let mut edits = edits::of_qualifiers(&qualifiers, tokens, resolver)?;
    let split = unparsed::split_name(tokens, resolver);
    if split.is_none()
        && let Some(shard) = unparsed::only_shard(&qualifiers, tokens, resolver, false)
    {
        return Ok((Action::Single(shard), edits));
    }
    temporary::check_hidden(definition, scope)?;
    let action = match (definition.object, definition.verb) {
        (DdlObject::Table, DdlVerb::Create) => create::plan(definition, scope)?,
        (DdlObject::Table, DdlVerb::Drop) | (DdlObject::View, DdlVerb::Drop) => {
            lists::drop(definition, scope)?
        }
        (DdlObject::Table, DdlVerb::Rename) => lists::rename(definition, scope)?,
        (DdlObject::TemporaryTable, _) => temporary::plan(definition, scope)?,
        (DdlObject::Table | DdlObject::Index, _) => alter::plan(definition, scope)?,
        (DdlObject::View, _) => {
            let (action, edit) = view::plan(definition, scope)?;
            edits.extend(edit);
            edits.sort_by_key(|edit| (edit.token, edit.tokens));
            action
        }
        _ => match split {
            Some(name) => return Err(Unsupported::SplitName(name).into()),
            None => return Err(refused(definition, tokens)),
        },
    };
    match &action {
        Action::Everywhere(all) => {
            let named = |edit: &Edit| {
                let at = edit.token as usize;
                all.names.iter().any(|name| name.tokens.contains(&at))
            };
            edits.retain(|edit| !named(edit));
        }
        _ => {
            if let Some(name) = split {
                return Err(Unsupported::SplitName(name).into());
            }
        }
    }
    Ok((action, edits))
}

/// A statement for every data node.
fn everywhere(deed: Deed, names: Vec<Named>, listed: bool) -> Result<Action, PlanError> {
    let all = Everywhere {
        deed,
        names,
        listed,
        only: None,
        numbers: None,
    };
    Ok(Action::Everywhere(Box::new(all)))
}

/// The name of one of the tables that a split table consists of: it is no client's to change.
fn names_part(definition: &Ddl, tokens: Tokens<'_>, resolver: Resolver<'_>) -> Option<String> {
    let mut names = definition.names.iter().filter_map(|table| {
        let schema = table.schema.and_then(|at| tokens.name(at));
        let name = tokens.name(table.name)?;
        let schema = schema.as_deref().or(resolver.current);
        let (_, schema) = resolver.topology.schema(schema?)?;
        let parts = &schema.parts;
        parts
            .contains_key(resolver.topology.folded(&name).as_ref())
            .then_some(name)
    });
    names.next()
}

/// Whether the snapshot of tables is out of date after the statement.
pub fn changes_tables(kind: &StatementKind) -> bool {
    let listed = [
        DdlObject::Table,
        DdlObject::Index,
        DdlObject::View,
        DdlObject::Database,
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
    let renames = definition.verb == DdlVerb::Alter && alter::new_name(tokens).is_some();
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

/// The refusal of a definition that is not planned, by its words.
fn refused(definition: &Ddl, tokens: Tokens<'_>) -> PlanError {
    const SAID: [&str; 22] = [
        "CREATE",
        "ALTER",
        "DROP",
        "RENAME",
        "TRUNCATE",
        "TEMPORARY",
        "TABLE",
        "TABLES",
        "INDEX",
        "VIEW",
        "DATABASE",
        "SCHEMA",
        "PROCEDURE",
        "FUNCTION",
        "TRIGGER",
        "EVENT",
        "USER",
        "ROLE",
        "SERVER",
        "TABLESPACE",
        "SEQUENCE",
        "LOGFILE",
    ];
    let said = (0..tokens.len()).filter_map(|at| SAID.iter().find(|word| tokens.is_word(at, word)));
    let mut words: Vec<&str> = Vec::new();
    for word in said {
        let last = !matches!(*word, "CREATE" | "ALTER" | "DROP" | "RENAME" | "TEMPORARY");
        words.push(word);
        if last {
            break;
        }
    }
    let verb = words.join(" ");
    if definition.object == DdlObject::Database {
        let what =
            format!("{verb} of a name that is no schema: schemas are part of its configuration");
        return Unsupported::Statement(what).into();
    }
    Unsupported::Definition { verb }.into()
}
