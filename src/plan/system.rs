//! Tables of the server itself: where their content is the same for every client, any server can
//! answer; where it names databases, only a server whose names are the clients' names can.

use super::Action;
use super::resolve::Resolver;
use super::tables::Tables;
use super::unsupported::{PlanError, Unsupported};
use crate::topology::SchemaId;

/// Tables of information_schema without any user's names.
const NEUTRAL: [&str; 9] = [
    "ADMINISTRABLE_ROLE_AUTHORIZATIONS",
    "CHARACTER_SETS",
    "COLLATIONS",
    "COLLATION_CHARACTER_SET_APPLICABILITY",
    "ENGINES",
    "KEYWORDS",
    "PLUGINS",
    "ST_SPATIAL_REFERENCE_SYSTEMS",
    "ST_UNITS_OF_MEASURE",
];

/// Where a statement goes that reads nothing but system tables.
///
/// # Errors
/// A table's content is not the same on every server.
pub fn action(tables: &Tables<'_>, resolver: Resolver<'_>) -> Result<Action, PlanError> {
    let current = resolver.current_schema();
    let named = tables
        .system
        .iter()
        .find(|(schema, name)| !is_neutral(schema, name, resolver));
    match named {
        Some((schema, name)) if !current.is_some_and(|s| keeps_names(s, resolver)) => {
            Err(Unsupported::SystemTable(full_name(schema, name, resolver)).into())
        }
        _ => Ok(Action::Any(current)),
    }
}

/// `schema.table` of a system table, for messages.
pub fn full_name(schema: &Option<String>, name: &str, resolver: Resolver<'_>) -> String {
    let schema = schema.as_deref().or(resolver.current).unwrap_or_default();
    format!("{schema}.{name}")
}

fn is_neutral(schema: &Option<String>, name: &str, resolver: Resolver<'_>) -> bool {
    let schema = schema.as_deref().or(resolver.current).unwrap_or_default();
    schema.eq_ignore_ascii_case("information_schema")
        && NEUTRAL
            .iter()
            .any(|neutral| neutral.eq_ignore_ascii_case(name))
}

/// Whether the servers call the schema what clients call it.
fn keeps_names(schema: SchemaId, resolver: Resolver<'_>) -> bool {
    let Some(schema) = resolver.topology.schema_by_id(schema) else {
        return false;
    };
    if !schema.parts.is_empty() {
        return false;
    }
    let mut shards = schema.shards.iter().map(|id| resolver.topology.shard(*id));
    shards.all(|shard| shard.is_some_and(|shard| shard.database == schema.name))
}
