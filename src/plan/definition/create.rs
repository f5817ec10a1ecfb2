//! CREATE TABLE.

use super::names::Scope;
use super::references::{self, Child};
use super::{everywhere, refused};
use crate::parse::{Ddl, QualifiedName, TokenKind};
use crate::plan::Action;
use crate::plan::everywhere::{Deed, Place};
use crate::plan::resolve::Resolved;
use crate::plan::unsupported::{PlanError, Unsupported};
use crate::plan::words::{has_words, items_between};
use crate::topology::{ShardId, Sharding, Table};

/// Where a new table goes.
///
/// # Errors
/// It cannot have there what it is made from, or what it refers to.
pub(super) fn plan(definition: &Ddl, scope: Scope<'_>) -> Result<Action, PlanError> {
    let [target, like @ ..] = definition.names.as_slice() else {
        return Err(refused(definition, scope.tokens));
    };
    let like = like.first().copied();
    let selects = selects(*target, scope);
    let lenient = has_words(scope.tokens, &["IF", "NOT", "EXISTS"]);
    let deed = Deed::CreateTable { lenient };
    let replaces = scope.is_replacing();
    match scope.resolve(*target)? {
        Some(Resolved::System) => Err(refused(definition, scope.tokens)),
        Some(Resolved::Sharded(..) | Resolved::Broadcast(_)) if replaces => {
            let what = format!("CREATE OR REPLACE TABLE of '{}'", scope.full_name(*target));
            Err(Unsupported::Statement(what).into())
        }
        Some(Resolved::Sharded(id, table, sharding)) => {
            check_sharded((*target, table, sharding), (like, selects), scope)?;
            let name = scope.named(*target, Place::Nodes(id))?;
            everywhere(deed, vec![name], false)
        }
        Some(Resolved::Broadcast(table)) => {
            no_rows(*target, selects, scope)?;
            references::check(Child::Broadcast, scope)?;
            check_like(table, None, like, scope)?;
            let name = scope.named(*target, Place::Shards(table.schema))?;
            everywhere(deed, vec![name], false)
        }
        Some(Resolved::Single(_, shard)) => single(definition, Some(shard), selects, scope),
        None => single(definition, None, selects, scope),
    }
}

/// Whether the new table is filled with the rows of a query.
pub(super) fn selects(target: QualifiedName, scope: Scope<'_>) -> bool {
    let tokens = scope.tokens;
    let word = |at: usize, word: &str| tokens.is_word(at, word);
    (target.name + 1..tokens.len()).any(|at| {
        let table = word(at, "TABLE") && tokens.get(at).is_some_and(|token| token.depth == 0);
        let values = word(at, "VALUES") && word(at + 1, "ROW");
        word(at, "SELECT") || table || values
    })
}

/// A table on one shard: where it is already, else where the tables are that it is made from, else on
/// the schema's default shard.
fn single(
    definition: &Ddl,
    place: Option<ShardId>,
    selects: bool,
    scope: Scope<'_>,
) -> Result<Action, PlanError> {
    let Some((target, like)) = definition.names.split_first() else {
        return Err(refused(definition, scope.tokens));
    };
    let schema = scope.schema(*target)?;
    let found = scope.resolver.topology.schema_by_id(schema);
    let found = found.ok_or(PlanError::NoSchemaSelected)?;
    let mut home = references::check(Child::Single(place), scope)?;
    for like in like {
        // A definition is the same on every shard, rows are not.
        if let Some(Resolved::Single(_, shard)) = scope.resolve(*like)? {
            home = Some(at(home, shard, *target, *like, scope)?);
        }
    }
    if selects || scope.is_replacing() || has_words(scope.tokens, &["UNION"]) {
        for (name, resolved) in scope.mentioned(target.name + 1)? {
            match resolved {
                Resolved::Broadcast(table) if table.schema == schema => {}
                Resolved::System => {}
                Resolved::Single(_, shard) if home.is_none_or(|home| home == shard) => {
                    home = Some(shard);
                }
                Resolved::Single(..) | Resolved::Sharded(..) | Resolved::Broadcast(_) => {
                    let target = scope.full_name(*target);
                    return Err(Unsupported::DifferentShards(target, name).into());
                }
            }
        }
    }
    let shard = home.unwrap_or(found.default_shard);
    if !found.shards.contains(&shard) {
        let what = format!(
            "a table of '{}' made from those of another schema",
            found.name
        );
        return Err(Unsupported::Statement(what).into());
    }
    Ok(Action::Single(shard))
}

fn at(
    home: Option<ShardId>,
    shard: ShardId,
    target: QualifiedName,
    other: QualifiedName,
    scope: Scope<'_>,
) -> Result<ShardId, PlanError> {
    if home.is_none_or(|home| home == shard) {
        return Ok(shard);
    }
    let (target, other) = (scope.full_name(target), scope.full_name(other));
    Err(Unsupported::DifferentShards(target, other).into())
}

fn no_rows(target: QualifiedName, selects: bool, scope: Scope<'_>) -> Result<(), PlanError> {
    if !selects {
        return Ok(());
    }
    let what = format!(
        "CREATE TABLE … SELECT of '{}', which is on several shards; create it, then INSERT … SELECT",
        scope.full_name(target)
    );
    Err(Unsupported::Statement(what).into())
}

fn check_sharded(
    (target, table, sharding): (QualifiedName, &Table, &Sharding),
    (like, selects): (Option<QualifiedName>, bool),
    scope: Scope<'_>,
) -> Result<(), PlanError> {
    let statement = |what: String| Err(PlanError::from(Unsupported::Statement(what)));
    let full_name = scope.full_name(target);
    no_rows(target, selects, scope)?;
    if let Some(split) = &sharding.split {
        if split.periods.is_some() {
            return statement(format!("CREATE TABLE of '{full_name}', a table by period"));
        }
        // Names of constraints are unique in a database, and it may get several of the tables.
        if has_words(scope.tokens, &["CONSTRAINT"]) {
            return statement(format!(
                "CONSTRAINT with a name in split table '{full_name}'"
            ));
        }
    }
    references::check(Child::Sharded(table, sharding), scope)?;
    check_like(table, Some(sharding), like, scope)?;
    let columns = columns(target, scope);
    let missing = sharding.keys.iter().find(|key| {
        let mut names = columns.iter().flatten();
        !names.any(|name| name.to_lowercase() == key.name)
    });
    match missing.filter(|_| columns.is_some()) {
        Some(key) => statement(format!(
            "CREATE TABLE of '{full_name}' without its sharding key column '{}'",
            key.name
        )),
        None => Ok(()),
    }
}

/// CREATE TABLE … LIKE: every node must have the other table.
fn check_like(
    table: &Table,
    sharding: Option<&Sharding>,
    like: Option<QualifiedName>,
    scope: Scope<'_>,
) -> Result<(), PlanError> {
    let Some(like) = like else {
        return Ok(());
    };
    let alike = match (scope.resolve(like)?, sharding) {
        (Some(Resolved::Broadcast(other)), _) => {
            other.schema == table.schema && sharding.is_none_or(|s| s.split.is_none())
        }
        (Some(Resolved::Sharded(_, other, of)), Some(sharding)) => {
            let whole = of.split.is_none() && sharding.split.is_none();
            whole && other.schema == table.schema && of.binding_group == sharding.binding_group
        }
        (None, _) => return Err(PlanError::NoSuchTable(scope.full_name(like))),
        _ => false,
    };
    if alike {
        return Ok(());
    }
    let (new, like) = (scope.resolver.full_name(table), scope.full_name(like));
    let what = format!("CREATE TABLE '{new}' LIKE '{like}', which is not on all of its shards");
    Err(Unsupported::Statement(what).into())
}

/// The names of the columns that are defined; `None` where none are.
fn columns(target: QualifiedName, scope: Scope<'_>) -> Option<Vec<String>> {
    const NO_COLUMN: [&str; 11] = [
        "PRIMARY",
        "UNIQUE",
        "KEY",
        "INDEX",
        "FULLTEXT",
        "SPATIAL",
        "CONSTRAINT",
        "FOREIGN",
        "CHECK",
        "PERIOD",
        "LIKE",
    ];
    let tokens = scope.tokens;
    let open = target.name + 1;
    if tokens.kind(open) != Some(TokenKind::Open) || tokens.is_word(open + 1, "LIKE") {
        return None;
    }
    let depth = tokens.get(open).map(|token| token.depth);
    let close = (open + 1..tokens.len()).find(|at| {
        tokens.kind(*at) == Some(TokenKind::Close)
            && tokens.get(*at).map(|token| token.depth) == depth
    })?;
    let items = items_between(tokens, open + 1..close).into_iter();
    let items = items.filter(|item| {
        !NO_COLUMN
            .iter()
            .any(|word| tokens.is_word(item.start, word))
    });
    Some(items.filter_map(|item| tokens.name(item.start)).collect())
}
