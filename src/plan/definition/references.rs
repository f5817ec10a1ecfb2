//! Foreign keys: a server checks them among its own rows, so parent and child must be there together.

use super::names::Scope;
use crate::parse::{QualifiedName, TokenKind};
use crate::plan::resolve::Resolved;
use crate::plan::unsupported::{PlanError, Unsupported};
use crate::topology::{ShardId, Sharding, Table};

/// A REFERENCES clause.
struct Reference {
    /// The columns of the table that is defined; empty where they are not understood.
    columns: Vec<String>,
    /// The other table.
    parent: QualifiedName,
    /// Its columns; empty where they are not said.
    of: Vec<String>,
}

/// The table that is defined.
#[derive(Clone, Copy)]
pub(super) enum Child<'a> {
    Sharded(&'a Table, &'a Sharding),
    Broadcast,
    Single(Option<ShardId>),
}

/// Checks that all foreign keys of the text can be checked on each shard alone. Gives the shard of
/// the single tables that they refer to.
///
/// # Errors
/// One of them cannot.
pub(super) fn check(child: Child<'_>, scope: Scope<'_>) -> Result<Option<ShardId>, PlanError> {
    let mut home = match child {
        Child::Single(shard) => shard,
        _ => None,
    };
    for at in 0..scope.tokens.len() {
        let Some(reference) = read(at, scope) else {
            continue;
        };
        let parent = scope.resolve(reference.parent)?;
        let refused = || {
            let of = scope.full_name(reference.parent);
            let what = format!(
                "a foreign key to '{of}' whose rows are not certain to be on the shard of the rows that \
                 refer to them"
            );
            Err(PlanError::from(Unsupported::Statement(what)))
        };
        match (child, parent) {
            // A key that refers to nothing is the server's to refuse.
            (_, Some(Resolved::Broadcast(_))) | (Child::Single(_), None) => {}
            (Child::Single(_), Some(Resolved::Single(_, shard)))
                if home.is_none_or(|home| home == shard) =>
            {
                home = Some(shard);
            }
            (Child::Sharded(table, sharding), Some(Resolved::Sharded(_, other, of)))
                if table.schema == other.schema && follows_key(&reference, sharding, of) => {}
            _ => return refused(),
        }
    }
    Ok(home)
}

/// Whether rows that refer to each other have equal sharding keys.
fn follows_key(reference: &Reference, child: &Sharding, parent: &Sharding) -> bool {
    let whole = child.split.is_none() && parent.split.is_none();
    let alike = child.binding_group == parent.binding_group;
    let mut keys = child.keys.iter().zip(&parent.keys);
    let pairs = || reference.columns.iter().zip(&reference.of);
    whole
        && alike
        && child.keys.len() == parent.keys.len()
        && reference.columns.len() == reference.of.len()
        && keys.all(|(key, of)| {
            pairs()
                .any(|(a, b)| a.eq_ignore_ascii_case(&key.name) && b.eq_ignore_ascii_case(&of.name))
        })
}

/// The clause that begins at a token.
fn read(at: usize, scope: Scope<'_>) -> Option<Reference> {
    let tokens = scope.tokens;
    if !tokens.is_word(at, "REFERENCES") {
        return None;
    }
    let dotted = tokens.kind(at + 2) == Some(TokenKind::Dot);
    let parent = match dotted {
        true => QualifiedName {
            schema: Some(at + 1),
            name: at + 3,
        },
        false => QualifiedName {
            schema: None,
            name: at + 1,
        },
    };
    let of = list_at(parent.name + 1, scope);
    Some(Reference {
        columns: columns_before(at, scope),
        parent,
        of,
    })
}

/// The names in a parenthesised list.
fn list_at(open: usize, scope: Scope<'_>) -> Vec<String> {
    let tokens = scope.tokens;
    if tokens.kind(open) != Some(TokenKind::Open) {
        return Vec::new();
    }
    let inside =
        (open + 1..tokens.len()).take_while(|at| tokens.kind(*at) != Some(TokenKind::Close));
    inside.filter_map(|at| tokens.name(at)).collect()
}

/// The columns that refer: `FOREIGN KEY name (a, b) REFERENCES`, or the column whose definition it is.
fn columns_before(references: usize, scope: Scope<'_>) -> Vec<String> {
    let tokens = scope.tokens;
    let depth = |at: usize| tokens.get(at).map(|token| token.depth);
    let own = depth(references);
    let is_start = |at: &usize| {
        (depth(*at) == own && tokens.kind(*at) == Some(TokenKind::Comma)) || depth(*at) < own
    };
    let first = (0..references).rev().find(is_start).map_or(0, |at| at + 1);
    let is_open = |at: &usize| depth(*at) == own && tokens.kind(*at) == Some(TokenKind::Open);
    let mut item = first..references;
    if item.clone().any(|at| tokens.is_word(at, "FOREIGN")) {
        let open = item.rev().find(is_open);
        return open.map_or(Vec::new(), |open| list_at(open, scope));
    }
    const BEFORE: [&str; 8] = [
        "ALTER", "TABLE", "ADD", "COLUMN", "IF", "NOT", "EXISTS", "(",
    ];
    if depth(first) == Some(0) {
        // ALTER TABLE t ADD COLUMN c …: the name behind the last of these words.
        let word = |at: usize| BEFORE.iter().any(|word| tokens.is_word(at, word));
        let add = item.clone().find(|at| tokens.is_word(*at, "ADD"));
        let name = add.and_then(|add| (add..references).find(|at| !word(*at)));
        return name.and_then(|at| tokens.name(at)).into_iter().collect();
    }
    let name = item.next().and_then(|at| tokens.name(at));
    name.into_iter().collect()
}
