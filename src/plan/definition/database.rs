//! CREATE, ALTER and DROP DATABASE of a schema: on every one of its shards.

use super::names::Scope;
use super::{everywhere, refused};
use crate::parse::{Ddl, DdlVerb};
use crate::plan::Action;
use crate::plan::everywhere::{Deed, Named, Place};
use crate::plan::unsupported::PlanError;

/// The databases of a schema.
///
/// # Errors
/// The schema is not configured: which databases it would have is the configuration's business.
pub(super) fn plan(definition: &Ddl, scope: Scope<'_>) -> Result<Action, PlanError> {
    let deed = match definition.verb {
        DdlVerb::Create => Deed::CreateDatabase,
        DdlVerb::Alter => Deed::AlterDatabase,
        DdlVerb::Drop => Deed::DropDatabase,
        DdlVerb::Rename | DdlVerb::Truncate => return Err(refused(definition, scope.tokens)),
    };
    let (tokens, schema) = match definition.names.as_slice() {
        [name] => {
            let found = scope.tokens.name(name.name);
            let found = found.and_then(|found| scope.resolver.topology.schema(&found));
            (name.name..name.name + 1, found.map(|(id, _)| id))
        }
        // ALTER DATABASE without a name: the current one.
        _ if deed == Deed::AlterDatabase => {
            let behind = scope.verb() + 2;
            (behind..behind, scope.resolver.current_schema())
        }
        _ => (0..0, None),
    };
    let schema = schema.ok_or_else(|| refused(definition, scope.tokens))?;
    let name = Named {
        tokens,
        schema,
        table: None,
        place: Place::Shards(schema),
    };
    everywhere(deed, vec![name], false)
}
