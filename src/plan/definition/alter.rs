//! ALTER TABLE, TRUNCATE and the statements on indexes.

use super::key;
use super::names::Scope;
use super::references::{self, Child};
use super::{everywhere, numbered, refused};
use crate::parse::{Ddl, DdlVerb, QualifiedName, TokenKind, Tokens};
use crate::plan::Action;
use crate::plan::everywhere::{Deed, Numbered, Place};
use crate::plan::resolve::Resolved;
use crate::plan::unsupported::{PlanError, Unsupported};
use crate::plan::words::has_words;
use crate::topology::ShardId;

/// Where a table's definition changes, or its rows go.
///
/// # Errors
/// It would not be the same table for the proxy afterwards.
pub(super) fn plan(definition: &Ddl, scope: Scope<'_>) -> Result<Action, PlanError> {
    let [target] = definition.names.as_slice() else {
        return Err(refused(definition, scope.tokens));
    };
    let deed = match definition.verb {
        DdlVerb::Truncate => Deed::Truncate,
        _ => Deed::Alter,
    };
    match scope.resolve(*target)? {
        None => Err(PlanError::NoSuchTable(scope.full_name(*target))),
        Some(Resolved::System) => Err(refused(definition, scope.tokens)),
        Some(Resolved::Single(_, shard)) => {
            check_single(*target, shard, scope)?;
            Ok(Action::Single(shard))
        }
        Some(Resolved::Broadcast(table)) => {
            references::check(Child::Broadcast, scope)?;
            check_whole(*target, scope)?;
            let name = scope.named(*target, Place::Shards(table.schema))?;
            let id = scope
                .resolver
                .topology
                .table(table.schema, &scope.parts(*target).1);
            let numbers = id.and_then(|(id, _)| numbered::of(*target, (id, true), scope));
            numbering(everywhere(deed, vec![name], false)?, numbers)
        }
        Some(Resolved::Sharded(id, table, sharding)) => {
            references::check(Child::Sharded(table, sharding), scope)?;
            check_whole(*target, scope)?;
            if deed == Deed::Alter {
                key::check(*target, sharding, scope)?;
            }
            let name = scope.named(*target, Place::Nodes(id))?;
            let numbers = numbered::of(*target, (id, false), scope);
            numbering(everywhere(deed, vec![name], false)?, numbers)
        }
    }
}

/// The same statement, with the rows that it numbers.
fn numbering(mut action: Action, numbers: Option<Numbered>) -> Result<Action, PlanError> {
    if let Action::Everywhere(all) = &mut action {
        all.numbers = numbers;
    }
    Ok(action)
}

/// The new name in ALTER TABLE … RENAME.
pub(in crate::plan) fn new_name(tokens: Tokens<'_>) -> Option<QualifiedName> {
    const NO_TABLE: [&str; 3] = ["COLUMN", "INDEX", "KEY"];
    let outside = |at: &usize| tokens.get(*at).is_some_and(|token| token.depth == 0);
    let mut words = (0..tokens.len()).filter(outside);
    let rename = words.find(|at| {
        tokens.is_word(*at, "RENAME") && !NO_TABLE.iter().any(|word| tokens.is_word(at + 1, word))
    })?;
    let words = ["TO", "AS", "="];
    let is_word = |at: usize| {
        words
            .iter()
            .any(|w| tokens.is_word(at, w) || tokens.is_symbol(at, w))
    };
    let at = if is_word(rename + 1) {
        rename + 2
    } else {
        rename + 1
    };
    let dotted = tokens.kind(at + 1) == Some(TokenKind::Dot);
    Some(match dotted {
        true => QualifiedName {
            schema: Some(at),
            name: at + 2,
        },
        false => QualifiedName {
            schema: None,
            name: at,
        },
    })
}

pub(super) fn statement<T>(what: String) -> Result<T, PlanError> {
    Err(Unsupported::Statement(what).into())
}

/// What else a single table's ALTER names must be on its shard.
fn check_single(target: QualifiedName, shard: ShardId, scope: Scope<'_>) -> Result<(), PlanError> {
    references::check(Child::Single(Some(shard)), scope)?;
    if let Some(new) = new_name(scope.tokens) {
        return check_new_name((target, shard), new, scope);
    }
    let others = ["EXCHANGE", "UNION"];
    if others.iter().any(|word| has_words(scope.tokens, &[word])) {
        for (name, resolved) in scope.mentioned(target.name + 1)? {
            if !matches!(resolved, Resolved::Single(_, other) if other == shard) {
                return Err(Unsupported::DifferentShards(scope.full_name(target), name).into());
            }
        }
    }
    Ok(())
}

/// A single table's new name must mean a single table on the same shard.
pub(super) fn check_new_name(
    (target, shard): (QualifiedName, ShardId),
    new: QualifiedName,
    scope: Scope<'_>,
) -> Result<(), PlanError> {
    let schema = scope.schema(new)?;
    let home = scope.resolver.topology.shard(shard);
    let inside = home.is_some_and(|home| home.schema == schema);
    let fits = match scope.resolve(new)? {
        None | Some(Resolved::Single(..)) => true,
        Some(Resolved::Sharded(..) | Resolved::Broadcast(_) | Resolved::System) => false,
    };
    // The name of one of the tables that a split table consists of.
    let part = scope
        .resolver
        .is_split(scope.parts(new).0.as_deref(), &scope.parts(new).1);
    if inside && fits && !part {
        return Ok(());
    }
    let (old, new) = (scope.full_name(target), scope.full_name(new));
    statement(format!(
        "renaming '{old}' to '{new}', whose rule gives it another place"
    ))
}

/// What would leave the proxy with another table than its rule says, or is not about the table alone.
fn check_whole(target: QualifiedName, scope: Scope<'_>) -> Result<(), PlanError> {
    let name = scope.full_name(target);
    if new_name(scope.tokens).is_some() {
        return statement(format!(
            "ALTER TABLE … RENAME of '{name}'; use RENAME TABLE"
        ));
    }
    const REFUSED: [(&str, &str); 4] = [
        ("EXCHANGE", "EXCHANGE PARTITION"),
        ("DISCARD", "DISCARD TABLESPACE"),
        ("IMPORT", "IMPORT TABLESPACE"),
        ("UNION", "UNION"),
    ];
    let found = REFUSED.iter().find(|(word, _)| {
        let tokens = scope.tokens;
        (target.name + 1..tokens.len()).any(|at| {
            tokens.is_word(at, word) && tokens.get(at).is_some_and(|token| token.depth == 0)
        })
    });
    match found {
        Some((_, what)) => statement(format!("{what} of '{name}', which is on several shards")),
        None => Ok(()),
    }
}
