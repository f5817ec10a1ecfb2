//! Statements without AST: what the parser does not know.
//!
//! Where everything that the statement can mean is on one shard, it is forwarded; what it means
//! there is MySQL's to say. Else it is refused.

use super::resolve::Resolver;
use super::unsupported::{PlanError, Unsupported};
use super::words::has_words;
use super::{Action, Edit, edits, generate};
use crate::parse::{TokenKind, Tokens};
use crate::topology::{SchemaId, ShardId, TableKind};

/// Where a statement goes that has no AST for this `reason`, and its edits.
///
/// # Errors
/// It is not certain that one shard has everything.
pub fn plan(
    tokens: Tokens<'_>,
    reason: &str,
    resolver: Resolver<'_>,
) -> Result<(Action, Vec<Edit>), PlanError> {
    if holds_text(tokens) {
        let reason = "it executes a text".to_owned();
        return Err(Unsupported::Unparsed { reason }.into());
    }
    if let Some(refused) = generate::named(tokens, resolver) {
        return Err(refused.into());
    }
    let qualifiers = qualifiers(tokens, resolver)?;
    let edits = edits::of_qualifiers(&qualifiers, tokens, resolver)?;
    let current = resolver.current_schema();
    let nothing_named = qualifiers.is_empty() && current.is_none();
    let tableless = tokens.begins(&["SELECT"])
        && !has_words(tokens, &["FROM"])
        && !has_words(tokens, &["TABLE"]);
    if nothing_named || tableless {
        return Ok((Action::Any(current), edits));
    }
    if let Some(name) = split_name(tokens, resolver) {
        return Err(Unsupported::SplitName(name).into());
    }
    match only_shard(&qualifiers, tokens, resolver, true) {
        Some(shard) => Ok((Action::Single(shard), edits)),
        None => match OF_EACH_SERVER.iter().find(|word| tokens.begins(&[word])) {
            Some(word) => {
                let what =
                    format!("{word} on a schema with several shards: each server has its own");
                Err(Unsupported::OneShardOf(what).into())
            }
            None => {
                let reason = reason.to_owned();
                Err(Unsupported::Unparsed { reason }.into())
            }
        },
    }
}

/// Whether the statement has the server make a statement of a text, which may name anything.
fn holds_text(tokens: Tokens<'_>) -> bool {
    let verbs = ["PREPARE", "EXECUTE", "DEALLOCATE"];
    let prepares = |at| tokens.is_word(at, "PREPARE") && tokens.is_word(at + 2, "FROM");
    verbs.iter().any(|verb| tokens.begins(&[verb]))
        || has_words(tokens, &["EXECUTE", "IMMEDIATE"])
        || (0..tokens.len()).any(prepares)
}

/// The first words of statements about a server, its accounts among it.
const OF_EACH_SERVER: [&str; 14] = [
    "GRANT",
    "REVOKE",
    "INSTALL",
    "UNINSTALL",
    "CHANGE",
    "START",
    "STOP",
    "RESET",
    "CACHE",
    "PURGE",
    "BINLOG",
    "CLONE",
    "SHUTDOWN",
    "RESTART",
];

/// A name in the text that may be a split table's, or that of one of the tables it consists of. The
/// text is sent as it is, and there it would mean nothing, or a part of the rows.
pub fn split_name(tokens: Tokens<'_>, resolver: Resolver<'_>) -> Option<String> {
    let is_name = |at| matches!(tokens.kind(at), Some(TokenKind::Word | TokenKind::Quoted));
    let is_dot = |at| tokens.kind(at) == Some(TokenKind::Dot);
    let names = (0..tokens.len()).filter(|at| is_name(*at));
    let mut split = names.filter_map(|at| {
        let name = tokens.name(at)?;
        let before = at.checked_sub(2).filter(|_| is_dot(at - 1));
        let schema = before.and_then(|at| tokens.name(at));
        let schema = schema.filter(|schema| resolver.topology.schema(schema).is_some());
        let is_it = resolver.is_split(schema.as_deref(), &name)
            || (schema.is_none() && resolver.is_split(None, &name));
        is_it.then_some(name)
    });
    split.next()
}

/// The shard that has everything of the current schema and of those named at `qualifiers`: each
/// has one shard, or, where `used` is enough, one shard that has all of its tables.
pub fn only_shard(
    qualifiers: &[usize],
    tokens: Tokens<'_>,
    resolver: Resolver<'_>,
    used: bool,
) -> Option<ShardId> {
    let named = qualifiers.iter().filter_map(|&token| {
        let name = tokens.name(token)?;
        resolver.topology.schema(&name).map(|(id, _)| id)
    });
    let schemas = resolver.current_schema().into_iter().chain(named);
    let mut shards = schemas.map(|schema| shard_of(schema, resolver, used));
    let first = shards.next()??;
    let meets = |shard: Option<ShardId>| shard.is_some_and(|s| resolver.topology.meet(s, first));
    shards.all(meets).then_some(first)
}

fn shard_of(schema: SchemaId, resolver: Resolver<'_>, used: bool) -> Option<ShardId> {
    let schema = resolver.topology.schema_by_id(schema)?;
    if let [only] = schema.shards.as_slice() {
        return Some(*only);
    }
    let mut shards = schema.tables.values().filter(|_| used).map(|id| {
        match resolver.topology.table_by_id(*id)?.kind {
            TableKind::Single(shard) => Some(shard),
            _ => None,
        }
    });
    let first = shards.next()??;
    shards.all(|shard| shard == Some(first)).then_some(first)
}

/// Words behind which a name with a dot begins with its schema.
const BEFORE_TABLE: [&str; 16] = [
    "FROM",
    "JOIN",
    "INTO",
    "UPDATE",
    "TABLE",
    "TABLES",
    "EXISTS",
    "VIEW",
    "REFERENCES",
    "LIKE",
    "TO",
    "TRIGGER",
    "PROCEDURE",
    "FUNCTION",
    "CALL",
    "TRUNCATE",
];

/// The tokens that are schema names.
///
/// # Errors
/// A name may be a schema's or a table's.
pub fn qualifiers(tokens: Tokens<'_>, resolver: Resolver<'_>) -> Result<Vec<usize>, PlanError> {
    let is_name = |at| matches!(tokens.kind(at), Some(TokenKind::Word | TokenKind::Quoted));
    let is_dot = |at| tokens.kind(at) == Some(TokenKind::Dot);
    let mut found = Vec::new();
    for at in 0..tokens.len() {
        let first = is_name(at) && is_dot(at + 1) && !at.checked_sub(1).is_some_and(is_dot);
        let Some(name) = tokens.name(at).filter(|_| first) else {
            continue;
        };
        if resolver.topology.schema(&name).is_none() {
            continue;
        }
        let before = |word: &&str| at > 0 && tokens.is_word(at - 1, word);
        let certain = is_dot(at + 3) || BEFORE_TABLE.iter().any(before);
        let stands_alone = |other: usize| {
            let text = tokens
                .name(other)
                .filter(|_| is_name(other) && !is_dot(other + 1));
            text.is_some_and(|text| resolver.same_name(&text, &name))
        };
        if !certain && (0..tokens.len()).any(stands_alone) {
            return Err(Unsupported::AmbiguousName(name).into());
        }
        found.push(at);
    }
    Ok(found)
}
