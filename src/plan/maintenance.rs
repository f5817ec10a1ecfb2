//! ANALYZE, CHECK, CHECKSUM, OPTIMIZE and REPAIR TABLE.

use super::everywhere::{Deed, Everywhere, Named, Place};
use super::resolve::{Resolved, Resolver};
use super::unsupported::PlanError;
use super::{Action, Edit, definition, edits};
use crate::parse::{QualifiedName, TableAdminVerb, Tokens};

/// Where the statement goes, and its edits.
///
/// # Errors
/// A table does not exist.
pub fn plan(
    verb: TableAdminVerb,
    tables: &[QualifiedName],
    tokens: Tokens<'_>,
    resolver: Resolver<'_>,
) -> Result<(Action, Vec<Edit>), PlanError> {
    let mut names = Vec::with_capacity(tables.len());
    for table in tables {
        let schema = table.schema.and_then(|at| tokens.name(at));
        let name = tokens.name(table.name).unwrap_or_default();
        let place = match resolver.table(schema.as_deref(), &name)? {
            Resolved::Sharded(id, ..) => Place::Nodes(id),
            Resolved::Broadcast(table) => Place::Shards(table.schema),
            Resolved::Single(_, shard) => Place::One(shard),
            Resolved::System => return Ok((Action::Any(None), Vec::new())),
        };
        let schema = schema.as_deref().or(resolver.current);
        names.push(Named {
            tokens: table.schema.unwrap_or(table.name)..table.name + 1,
            schema: resolver
                .schema(schema.ok_or(PlanError::NoSchemaSelected)?)?
                .0,
            table: Some(name),
            place,
        });
    }
    if let Some(shard) = definition::one_shard(&names) {
        let qualifiers: Vec<usize> = tables.iter().filter_map(|table| table.schema).collect();
        let edits = edits::of_qualifiers(&qualifiers, tokens, resolver)?;
        return Ok((Action::Single(shard), edits));
    }
    let all = Everywhere {
        deed: Deed::Maintain(verb),
        names,
        listed: true,
        only: None,
        numbers: None,
    };
    Ok((Action::Everywhere(Box::new(all)), Vec::new()))
}
