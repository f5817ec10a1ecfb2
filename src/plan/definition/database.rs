//! CREATE, ALTER and DROP DATABASE of a schema: on every one of its shards.

use super::names::Scope;
use super::{everywhere, refused};
use crate::parse::{Ddl, DdlVerb};
use crate::plan::everywhere::{Deed, Named, Place};
use crate::plan::reach::is_physical;
use crate::plan::resolve::Resolver;
use crate::plan::unsupported::PlanError;
use crate::plan::{Action, OtherSchema};

/// The databases of a schema.
///
/// # Errors
/// The schema is not there, and which databases it would have is the configuration's business. There is none
/// to drop.
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
    let schema = match schema {
        Some(schema) => schema,
        None => return unknown(definition, scope),
    };
    let name = Named {
        tokens,
        schema,
        table: None,
        place: Place::Shards(schema),
    };
    everywhere(deed, vec![name], false)
}

/// What is done about a name that is no schema. No client sees a server's databases that belong to none, but
/// those of shards are there, and so are the servers' own.
fn unknown(definition: &Ddl, scope: Scope<'_>) -> Result<Action, PlanError> {
    let name = definition.names.first();
    let name = name.and_then(|name| scope.tokens.name(name.name));
    let nowhere = |name: &String| !Resolver::is_system(name) && !is_physical(name, scope.resolver);
    let topology = scope.resolver.topology;
    match (name.filter(nowhere), &topology.others) {
        (Some(name), _) if definition.verb == DdlVerb::Drop => Err(PlanError::NoSuchDatabase(name)),
        (Some(name), Some(others)) if topology.may_have(&name) => {
            Ok(Action::OtherSchema(Box::new(OtherSchema {
                name,
                replica_set: others.replica_set,
            })))
        }
        _ => Err(refused(definition, scope.tokens)),
    }
}
