//! Tables of the server itself: where their content is the same for every client, any server can
//! answer; where it names databases, a server whose names are the clients' names can, and for some
//! tables one that knows all tables of the schemas.

use super::resolve::Resolver;
use super::system_tables::{known, knows_all};
use super::tables::Tables;
use super::unsupported::{PlanError, Unsupported};
use super::words::{has_alias, is_bare, select_items};
use super::{Action, COUNTERS, Edit, LooksUp, ProcessList, Replacement};
use crate::parse::ast::{Ast, TableSource};
use crate::parse::{TokenKind, Tokens};
use crate::topology::{ReplicaSetId, SchemaId};

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

/// Further tables that name nothing of other users'.
const OF_SESSION: [&str; 16] = [
    "ALL_PLUGINS",
    "APPLICABLE_ROLES",
    "ENABLED_ROLES",
    "GLOBAL_STATUS",
    "GLOBAL_VARIABLES",
    "OPTIMIZER_COSTS",
    "OPTIMIZER_TRACE",
    "PROFILING",
    "RESOURCE_GROUPS",
    "SESSION_STATUS",
    "SESSION_VARIABLES",
    "SPATIAL_REF_SYS",
    "SQL_FUNCTIONS",
    "SYSTEM_VARIABLES",
    "TABLESPACES_EXTENSIONS",
    "USER_VARIABLES",
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
        Some((schema, name)) if !passes(tables, resolver) => match shown_on(tables, resolver) {
            Some(set) => Ok(place(set, resolver)),
            None => Err(Unsupported::SystemTable(full_name(schema, name, resolver)).into()),
        },
        _ => Ok(Action::Any(current)),
    }
}

/// Whether system tables can be read together with tables of one shard.
pub fn is_mixable(tables: &Tables<'_>, resolver: Resolver<'_>) -> bool {
    let mut names = tables.system.iter();
    names.all(|(schema, name)| is_neutral(schema, name, resolver)) || passes(tables, resolver)
}

/// The queries that stand for tables of information_schema.
pub fn edits(
    ast: &Ast,
    tokens: Tokens<'_>,
    tables: &Tables<'_>,
    resolver: Resolver<'_>,
) -> Vec<Edit> {
    if tables.system.is_empty() {
        return Vec::new();
    }
    let users = tables.sharded.len() + tables.broadcast.len() + tables.single.len();
    let passed = users > 0 || is_mixable(tables, resolver);
    let replica_set = match passed {
        true => passes(tables, resolver).then(|| home(resolver)).flatten(),
        false => shown_on(tables, resolver),
    };
    let edit = |token: usize, tokens, with| Edit {
        token: u32::try_from(token).unwrap_or(u32::MAX),
        tokens,
        with,
    };
    let shown = ast.tables().filter_map(|(_, reference)| {
        let TableSource::Named {
            schema,
            schema_token,
            name,
            name_token,
        } = &reference.source
        else {
            return None;
        };
        let alias = reference.alias.is_none();
        let with = match process_list(schema, name, resolver) {
            Some(of) => Replacement::Sessions { of, alias },
            None => Replacement::SystemTable {
                table: known(schema.as_deref(), name, resolver)?,
                replica_set: replica_set?,
                alias,
                own: passed,
            },
        };
        Some(match schema_token {
            Some(schema) => edit(*schema, 3, with),
            None => edit(*name_token, 1, with),
        })
    });
    let shown: Vec<Edit> = shown.collect();
    // A column's table has no schema then.
    let columns = ast.column_schemas.iter().filter(|at| {
        let name = tokens.name(**at);
        name.is_some_and(|name| Resolver::is_system(&name))
    });
    let columns = columns.filter(|_| !shown.is_empty());
    let columns = columns.map(|at| edit(*at, 2, Replacement::Text(String::new())));
    let columns: Vec<Edit> = columns.collect();
    shown.into_iter().chain(columns).collect()
}

/// What must be looked up for the tables that stand in the text now, and for what is shown.
pub fn looks_up(shown: LooksUp, edits: &[Edit], tokens: Tokens<'_>) -> LooksUp {
    let mut all = shown;
    for edit in edits {
        match &edit.with {
            Replacement::Sessions { .. } => all.sessions = true,
            Replacement::SystemTable { table, own, .. } if counts(tokens) && !own => {
                all.tables |= table.name == "TABLES";
                all.indexes |= table.name == "STATISTICS";
            }
            _ => {}
        }
    }
    all
}

/// The columns of the lists of processes.
const PROCESS_COLUMNS: [&str; 8] = [
    "ID", "USER", "HOST", "DB", "COMMAND", "TIME", "STATE", "INFO",
];

/// The names of the columns that an answer has without an alias, where queries stand for tables of
/// information_schema now. Those that are views on MySQL have names of their own, others the client's.
pub fn column_names(edits: &[Edit], tokens: Tokens<'_>) -> Vec<Edit> {
    let mut known: Vec<(&'static str, bool)> = Vec::new();
    for edit in edits {
        match &edit.with {
            Replacement::SystemTable { table, .. } => {
                let columns = table.columns.iter().chain(table.mysql);
                known.extend(columns.map(|column| (*column, !table.is_of_privileges())));
            }
            Replacement::Sessions { .. } => known.extend(PROCESS_COLUMNS.map(|name| (name, false))),
            _ => {}
        }
    }
    if known.is_empty() {
        return Vec::new();
    }
    let items = select_items(tokens).into_iter();
    let named = items.filter(|item| is_bare(tokens, item) && !has_alias(tokens, item));
    let edits = named.filter_map(|item| {
        let name = tokens.name(item.end.checked_sub(1)?)?;
        let (column, of_view) = known
            .iter()
            .find(|(column, _)| column.eq_ignore_ascii_case(&name))?;
        Some(Edit {
            token: u32::try_from(item.end).unwrap_or(u32::MAX),
            tokens: 0,
            with: Replacement::SystemColumn(of_view.then_some(*column)),
        })
    });
    edits.collect()
}

/// Whether the text names what is counted, or all columns.
fn counts(tokens: Tokens<'_>) -> bool {
    let is_counter = |at: usize| {
        let name = tokens.name(at);
        name.is_some_and(|name| COUNTERS.iter().any(|c| c.eq_ignore_ascii_case(&name)))
    };
    let is_star = |at: usize| {
        let before = at.checked_sub(1).and_then(|before| tokens.kind(before));
        tokens.is_symbol(at, "*") && before != Some(TokenKind::Open)
    };
    (0..tokens.len()).any(|at| is_counter(at) || is_star(at))
}

/// The server's list of its processes that a name means: the client's are the proxy's.
fn process_list(
    schema: &Option<String>,
    name: &str,
    resolver: Resolver<'_>,
) -> Option<ProcessList> {
    let schema = schema.as_deref().or(resolver.current)?;
    let is = |known: &str| schema.eq_ignore_ascii_case(known);
    if !name.eq_ignore_ascii_case("processlist") {
        None
    } else if is("information_schema") {
        Some(ProcessList::InformationSchema)
    } else {
        is("performance_schema").then_some(ProcessList::PerformanceSchema)
    }
}

/// The replica set whose servers can show all of these tables.
fn shown_on(tables: &Tables<'_>, resolver: Resolver<'_>) -> Option<ReplicaSetId> {
    let mut names = tables.system.iter();
    let can_be_shown = names.all(|(schema, name)| {
        known(schema.as_deref(), name, resolver).is_some()
            || process_list(schema, name, resolver).is_some()
            || schema.is_some() && is_neutral(schema, name, resolver)
    });
    knows_all(resolver).filter(|_| can_be_shown)
}

/// The replica set of the current schema's first shard.
fn home(resolver: Resolver<'_>) -> Option<ReplicaSetId> {
    let schema = resolver.topology.schema_by_id(resolver.current_schema()?)?;
    let first = resolver.topology.shard(*schema.shards.first()?)?;
    Some(first.replica_set)
}

/// Whether a table of information_schema tells a client nothing of what it may not see: not of other users'
/// databases, or as a query that leaves them out.
pub fn is_guarded(name: &str, parsed: bool, resolver: Resolver<'_>) -> bool {
    let is = |known: &&str| known.eq_ignore_ascii_case(name);
    let schema = Some("information_schema");
    NEUTRAL.iter().any(is)
        || OF_SESSION.iter().any(is)
        || parsed && (is(&"processlist") || known(schema, name, resolver).is_some())
}

fn place(set: ReplicaSetId, resolver: Resolver<'_>) -> Action {
    let topology = resolver.topology;
    let current = resolver.current_schema();
    if topology.replica_sets.len() == 1 {
        return Action::Any(current);
    }
    let schema = current.and_then(|id| topology.schema_by_id(id));
    let schema = schema.or(topology.schemas.first());
    let mut shards = schema.into_iter().flat_map(|schema| &schema.shards);
    let on_set = |shard: &&_| {
        topology
            .shard(**shard)
            .is_some_and(|shard| shard.replica_set == set)
    };
    shards
        .find(on_set)
        .map_or(Action::Any(current), |shard| Action::Single(*shard))
}

/// Whether what the servers say is what the client shall see.
fn passes(tables: &Tables<'_>, resolver: Resolver<'_>) -> bool {
    let Some(current) = resolver.current_schema() else {
        return false;
    };
    let names = tables.system.iter();
    let known = names.filter_map(|(schema, name)| known(schema.as_deref(), name, resolver));
    let known: Vec<_> = known.collect();
    // What accounts of the servers may do is not what clients may.
    if known.iter().any(|table| table.is_of_privileges()) {
        return false;
    }
    let any_known = !known.is_empty();
    let schema = resolver.topology.schema_by_id(current);
    // Of several shards of one name, each server knows its own.
    let alone = schema.is_some_and(|schema| schema.shards.len() == 1);
    keeps_names(current, resolver) && (alone || !any_known)
}

/// `schema.table` of a system table, for messages.
pub fn full_name(schema: &Option<String>, name: &str, resolver: Resolver<'_>) -> String {
    let schema = schema.as_deref().or(resolver.current).unwrap_or_default();
    format!("{schema}.{name}")
}

fn is_neutral(schema: &Option<String>, name: &str, resolver: Resolver<'_>) -> bool {
    if process_list(schema, name, resolver).is_some() {
        return true;
    }
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
