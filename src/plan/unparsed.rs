//! Statements without AST: definitions, and what the parser does not know.
//!
//! Where everything that the statement can mean is on one shard, it is forwarded; what it means
//! there is MySQL's to say. Else it is refused.

use super::resolve::{Resolved, Resolver};
use super::unsupported::{PlanError, Unsupported};
use super::words::{has_words, is_reserved};
use super::{Action, Edit, edits};
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
    let qualifiers = qualifiers(tokens, resolver)?;
    let edits = edits::of_qualifiers(&qualifiers, tokens, resolver)?;
    if let Some(shard) = definition(tokens, resolver)? {
        return Ok((Action::Single(shard), edits));
    }
    let mut schemas: Vec<SchemaId> = resolver.current_schema().into_iter().collect();
    for &token in &qualifiers {
        let name = tokens.name(token).unwrap_or_default();
        schemas.push(resolver.schema(&name)?.0);
    }
    if schemas.is_empty() || tokens.is_word(0, "SELECT") && !has_words(tokens, &["FROM"]) {
        return Ok((Action::Any(resolver.current_schema()), edits));
    }
    let mut shards = schemas.iter().map(|schema| only_shard(*schema, resolver));
    let first = shards.next().flatten();
    match first.filter(|first| shards.all(|shard| shard == Some(*first))) {
        Some(shard) => Ok((Action::Single(shard), edits)),
        None => Err(Unsupported::Unparsed {
            reason: reason.to_owned(),
        }
        .into()),
    }
}

/// The shard that has all of a schema's tables: its only one, or the only one that is used.
fn only_shard(schema: SchemaId, resolver: Resolver<'_>) -> Option<ShardId> {
    let schema = resolver.topology.schema_by_id(schema)?;
    if let [only] = schema.shards.as_slice() {
        return Some(*only);
    }
    let mut shards = schema.tables.values().map(|id| {
        let table = resolver.topology.table_by_id(*id)?;
        match table.kind {
            TableKind::Single(shard) => Some(shard),
            _ => None,
        }
    });
    let first = shards.next().flatten()?;
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
fn qualifiers(tokens: Tokens<'_>, resolver: Resolver<'_>) -> Result<Vec<usize>, PlanError> {
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
        let certain = is_dot(at + 3) || BEFORE_TABLE.iter().any(|word| before(word));
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

/// Verbs that define or maintain a table.
const VERBS: [&str; 8] = [
    "CREATE", "ALTER", "DROP", "TRUNCATE", "RENAME", "ANALYZE", "OPTIMIZE", "REPAIR",
];

/// The shard of a statement that defines one single table; `None` where the statement is no
/// definition, or its schema has one shard for everything.
fn definition(tokens: Tokens<'_>, resolver: Resolver<'_>) -> Result<Option<ShardId>, PlanError> {
    let Some(verb) = VERBS.iter().find(|verb| tokens.is_word(0, verb)) else {
        return Ok(None);
    };
    if let Some((schema, name)) = only_table(tokens, verb)
        && let Resolved::Single(_, shard) = resolver.table(schema.as_deref(), &name)?
    {
        return Ok(Some(shard));
    }
    let schema = resolver
        .current_schema()
        .and_then(|id| resolver.topology.schema_by_id(id));
    if schema.is_some_and(|schema| schema.shards.len() == 1) {
        return Ok(None);
    }
    let what = tokens
        .name(1)
        .filter(|_| *verb != "TRUNCATE")
        .unwrap_or_else(|| "TABLE".into());
    Err(Unsupported::Definition {
        verb: format!("{verb} {}", what.to_uppercase()),
    }
    .into())
}

/// The table of `ALTER TABLE t …`, `DROP TABLE [IF EXISTS] t`, `TRUNCATE [TABLE] t`, ANALYZE,
/// OPTIMIZE, REPAIR; `None` where more than one table may be named.
fn only_table(tokens: Tokens<'_>, verb: &str) -> Option<(Option<String>, String)> {
    let mut at = 1;
    let local = ["NO_WRITE_TO_BINLOG", "LOCAL"];
    if local.iter().any(|word| tokens.is_word(at, word)) {
        at += 1;
    }
    let mut named = verb == "TRUNCATE";
    if tokens.is_word(at, "TABLE") {
        named = true;
        at += 1;
    }
    if tokens.is_word(at, "IF") && is_reserved(tokens, at + 1, &["EXISTS"]) {
        at += 2;
    }
    if !named || matches!(verb, "CREATE" | "RENAME") {
        return None;
    }
    let first = tokens.name(at)?;
    let (schema, name, next) = match tokens.kind(at + 1) {
        Some(TokenKind::Dot) => (Some(first), tokens.name(at + 2)?, at + 3),
        _ => (None, first, at + 1),
    };
    let several = tokens.kind(next) == Some(TokenKind::Comma);
    let moves = verb == "ALTER" && has_words(tokens, &["RENAME"]);
    (!several && !moves).then_some((schema, name))
}
