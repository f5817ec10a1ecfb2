//! CREATE, ALTER, DROP, RENAME, TRUNCATE: on one shard they are forwarded, on several refused.

use super::resolve::{Resolved, Resolver};
use super::unsupported::{PlanError, Unsupported};
use super::words::has_words;
use super::{Action, Edit, edits, unparsed};
use crate::parse::{Ddl, DdlObject, DdlVerb, QualifiedName, StatementKind, Tokens};
use crate::topology::ShardId;

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
    let single = match definition.names.as_slice() {
        [table] if changes_one_table(definition, tokens) => single_table(*table, tokens, resolver)?,
        _ => None,
    };
    let qualifiers = unparsed::qualifiers(tokens, resolver)?;
    let edits = edits::of_qualifiers(&qualifiers, tokens, resolver)?;
    let shard = single.or(unparsed::only_shard(&qualifiers, tokens, resolver, false));
    match shard {
        Some(shard) => Ok((Action::Single(shard), edits)),
        None => Err(refused(definition)),
    }
}

/// Whether the snapshot of tables is out of date after the statement.
pub fn changes_tables(kind: &StatementKind) -> bool {
    let listed = [DdlObject::Table, DdlObject::View];
    matches!(kind, StatementKind::Ddl(Ddl { verb, object, .. })
        if *verb != DdlVerb::Truncate && listed.contains(object))
}

/// The shard of a table that is on one.
fn single_table(
    table: QualifiedName,
    tokens: Tokens<'_>,
    resolver: Resolver<'_>,
) -> Result<Option<ShardId>, PlanError> {
    let schema = table.schema.and_then(|at| tokens.name(at));
    let name = tokens.name(table.name).unwrap_or_default();
    match resolver.table(schema.as_deref(), &name)? {
        Resolved::Single(_, shard) => Ok(Some(shard)),
        _ => Ok(None),
    }
}

/// Whether the statement is about the one table that it names, and leaves it where it is.
fn changes_one_table(definition: &Ddl, tokens: Tokens<'_>) -> bool {
    let table = matches!(definition.object, DdlObject::Table | DdlObject::Index);
    let stays = definition.verb != DdlVerb::Rename && !has_words(tokens, &["RENAME"]);
    let creates = definition.verb == DdlVerb::Create && definition.object == DdlObject::Table;
    table && stays && !creates
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
