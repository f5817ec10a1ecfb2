//! Which schemas a statement names: whether the user may see them is the session's to decide.

use smallvec::SmallVec;

use super::resolve::Resolver;
use super::system;
use super::unsupported::PlanError;
use super::{Action, Edit, Locks, Replacement};
use crate::config::system_schema;
use crate::parse::{TokenKind, Tokens};
use crate::topology::SchemaId;

/// What a statement reaches besides the session's current schema.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reach {
    /// Schemas of the configuration, without repetition.
    pub schemas: SmallVec<[SchemaId; 2]>,
    /// A schema that is not there.
    pub other: Option<String>,
    /// A schema of the servers themselves that holds what users must not see of each other
    /// (`mysql`, `sys`, `performance_schema`).
    pub system: Option<&'static str>,
    /// What it stores makes statements of texts when it runs, and these may name anything.
    pub dynamic: bool,
    /// The privilege that a server asks for, where it tells of everybody's statements or rows.
    pub privilege: Option<&'static str>,
}

/// The servers' own schema that everybody may ask: it shows what the asking account may see.
pub const INFORMATION_SCHEMA: &str = "information_schema";

/// Finds what the statement reaches. A name before a dot counts even where it may be an alias.
///
/// # Errors
/// A statement without AST names a physical database, which no client knows of.
pub fn reach(
    tokens: Tokens<'_>,
    parsed: bool,
    action: &Action,
    edits: &[Edit],
    resolver: Resolver<'_>,
) -> Result<Reach, PlanError> {
    let mut reach = Reach::default();
    for at in 0..tokens.len() {
        let Some(name) = qualifier(tokens, at) else {
            continue;
        };
        if let Some((schema, _)) = resolver.topology.schema(&name) {
            reach.add(schema);
        } else if let Some(system) =
            guarded(&name).filter(|_| !(parsed && is_of_sessions(tokens, at)))
        {
            reach.system = Some(system);
        } else if !parsed && is_physical(&name, resolver) {
            return Err(PlanError::UnknownSchema(name));
        }
    }
    reach.system = reach.system.or_else(|| shown(tokens, action));
    let asks = !matches!(action, Action::Nothing | Action::Refuse(_));
    reach.privilege = match asks && tells_of_all(tokens, parsed, resolver) {
        true => Some("PROCESS"),
        false => privilege(tokens),
    };
    reach.dynamic = holds_dynamic_code(tokens);
    let named = edits
        .iter()
        .filter(|edit| edit.with == Replacement::PhysicalDatabase);
    for edit in named {
        let name = tokens.name(edit.token as usize).unwrap_or_default();
        if let Some((schema, _)) = resolver.topology.schema(&name) {
            reach.add(schema);
        }
    }
    if let Action::Everywhere(all) = action {
        all.names.iter().for_each(|name| reach.add(name.schema));
    }
    if let Action::OtherSchema(other) = action {
        reach.other = Some(other.name.clone());
    }
    if let Action::Lock(locks) = action
        && let Locks::Tables(tables) = &**locks
    {
        tables.iter().for_each(|table| reach.add(table.name.schema));
    }
    if let Action::Load(load) = action
        && let Some(table) = resolver.topology.table_by_id(load.table)
    {
        reach.add(table.schema);
    }
    let shard = match action {
        Action::Single(shard) => resolver.topology.shard(*shard),
        Action::Copies(shards) => shards.first().and_then(|s| resolver.topology.shard(*s)),
        _ => None,
    };
    match action {
        Action::Sharded { schema, .. } | Action::Any(Some(schema)) => reach.add(*schema),
        _ => shard.into_iter().for_each(|shard| reach.add(shard.schema)),
    }
    Ok(reach)
}

/// What a refused statement names: whoever may not see that must not learn why it is refused.
pub fn named(tokens: Tokens<'_>, resolver: Resolver<'_>) -> Reach {
    reach(tokens, true, &Action::Nothing, &[], resolver).unwrap_or_default()
}

impl Reach {
    fn add(&mut self, schema: SchemaId) {
        if !self.schemas.contains(&schema) {
            self.schemas.push(schema);
        }
    }
}

/// Whether the schema's table here is the list of processes: the proxy's sessions stand for it.
fn is_of_sessions(tokens: Tokens<'_>, at: usize) -> bool {
    let is = |at, known| {
        tokens
            .name(at)
            .is_some_and(|name| name.eq_ignore_ascii_case(known))
    };
    is(at, "performance_schema") && is(at + 2, "processlist")
}

/// The guarded schema that a SHOW names behind FROM or IN, or that has what it shows: accounts of the
/// servers, with what they may do and hashes of their passwords.
fn shown(tokens: Tokens<'_>, action: &Action) -> Option<&'static str> {
    let answered = matches!(action, Action::Utility(_));
    if tokens.begins(&["SHOW", "CREATE", "USER"]) || tokens.begins(&["SHOW", "GRANTS"]) && !answered
    {
        return Some("mysql");
    }
    let behind = |at: usize| ["FROM", "IN"].iter().any(|word| tokens.is_word(at, word));
    let names = (1..tokens.len()).filter(|at| behind(at - 1));
    let guarded = names.filter_map(|at| guarded(&tokens.name(at)?)).next();
    guarded.filter(|_| tokens.begins(&["SHOW"]))
}

/// What MySQL asks for before a server shows what all of its clients do.
fn privilege(tokens: Tokens<'_>) -> Option<&'static str> {
    let begins = |words: &[&str]| tokens.begins(words);
    let logs = begins(&["SHOW", "BINLOG", "EVENTS"]) || begins(&["SHOW", "RELAYLOG", "EVENTS"]);
    // SHOW OPEN TABLES without a schema lists those of all.
    let open = begins(&["SHOW", "OPEN", "TABLES"])
        && !["FROM", "IN"].iter().any(|word| tokens.is_word(3, word));
    if logs {
        Some("REPLICATION SLAVE")
    } else if begins(&["SHOW", "ENGINE"]) || open {
        Some("PROCESS")
    } else {
        None
    }
}

/// Whether the body of a routine, trigger or event prepares statements, or is in another language.
fn holds_dynamic_code(tokens: Tokens<'_>) -> bool {
    let prepares = |at: usize| {
        tokens.is_word(at, "PREPARE") && tokens.is_word(at + 2, "FROM")
            || tokens.is_word(at, "EXECUTE") && tokens.is_word(at + 1, "IMMEDIATE")
            || tokens.is_word(at, "LANGUAGE") && !tokens.is_word(at + 1, "SQL")
    };
    let defines = tokens.begins(&["CREATE"]) || tokens.begins(&["ALTER"]);
    let anonymous = tokens.begins(&["BEGIN", "NOT", "ATOMIC"]);
    (defines || anonymous) && (0..tokens.len()).any(prepares)
}

/// Whether a table of information_schema would tell of other databases, too.
fn tells_of_all(tokens: Tokens<'_>, parsed: bool, resolver: Resolver<'_>) -> bool {
    let tells = |at: usize| {
        let schema = tokens.name(at).unwrap_or_default();
        let is_it = schema.eq_ignore_ascii_case(INFORMATION_SCHEMA);
        let is_dotted = tokens.kind(at + 1) == Some(TokenKind::Dot);
        let name = tokens.name(at + 2).filter(|_| is_it && is_dotted);
        name.is_some_and(|name| !system::is_guarded(&name, parsed, resolver))
    };
    (0..tokens.len()).any(tells)
}

/// The first part of a name with a dot.
fn qualifier(tokens: Tokens<'_>, at: usize) -> Option<String> {
    let is_dot = |at| tokens.kind(at) == Some(TokenKind::Dot);
    let first = is_dot(at + 1) && !at.checked_sub(1).is_some_and(is_dot);
    tokens.name(at).filter(|_| first)
}

/// The servers' own schema of this name, unless it is everybody's.
pub fn guarded(name: &str) -> Option<&'static str> {
    system_schema(name).filter(|system| *system != INFORMATION_SCHEMA)
}

/// Whether a shard's database is called so, or the proxy's own.
pub(super) fn is_physical(name: &str, resolver: Resolver<'_>) -> bool {
    if resolver.topology.own_database.eq_ignore_ascii_case(name) {
        return true;
    }
    let mut shards = resolver.topology.shards.iter();
    shards.any(|shard| shard.database.eq_ignore_ascii_case(name))
}
