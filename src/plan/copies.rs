//! Writes to broadcast tables: every shard of the schema carries out the whole statement.
//!
//! In: the AST and tokens of an INSERT, REPLACE, UPDATE or DELETE. Out: the shards ([`action`]), and
//! [`Write::Copies`] or why the copies might differ afterwards ([`plan`]). Exact is what depends on
//! the statement's text, the clock and the rows alone: the shards get one clock, and have equal
//! rows. What depends on the order in which a server happens to find rows is refused.

use super::functions::Calls;
use super::resolve::{Resolved, Resolver};
use super::tables::Tables;
use super::total_order::is_total;
use super::unsupported::{PlanError, Unsupported};
use super::words::{has_words, is_call};
use super::write::{check, is_ignoring};
use super::{Action, Write, WriteReason};
use crate::parse::ast::{
    Assignment, Ast, AstKind, BlockRole, Insert, InsertSource, StoredValue, TableRef, TableRole,
    TableSource,
};
use crate::parse::{Tokens, effects};
use crate::topology::{TableDefinition, TableId};

/// Where a statement goes that writes to a broadcast table; `None` for what does not.
///
/// # Errors
/// It writes to other tables too, or its rows depend on tables that are not on every shard.
pub fn action(
    ast: &Ast,
    tables: &Tables<'_>,
    resolver: Resolver<'_>,
) -> Result<Option<Action>, PlanError> {
    let mut written = tables.broadcast.iter();
    let Some((table, _)) = written.find(|(_, role)| *role == TableRole::Write) else {
        return Ok(None);
    };
    let sharded = tables.sharded.first();
    let sharded = sharded.map(|sharded| resolver.full_name(sharded.table));
    let other = sharded.or_else(|| tables.single.first().map(|(name, ..)| name.clone()));
    // Every table of an UPDATE counts as written: what it assigns to, its own rules say.
    if ast.kind == AstKind::Update && other.is_some() && !is_broadcast_only(ast, resolver) {
        return Ok(None);
    }
    let table = resolver.full_name(table);
    if let Some(other) = other {
        return Err(Unsupported::BroadcastFrom { table, other }.into());
    }
    let schema = tables.broadcast.first().map(|(table, _)| table.schema);
    let schema = schema.and_then(|schema| resolver.topology.schema_by_id(schema));
    match schema {
        Some(schema) => Ok(Some(Action::Copies(schema.shards.as_slice().into()))),
        None => Err(Unsupported::BroadcastWrite(table).into()),
    }
}

/// Whether all tables of the statement's own block are broadcast tables.
fn is_broadcast_only(ast: &Ast, resolver: Resolver<'_>) -> bool {
    let own = ast.blocks.first().map_or(&[][..], |block| &block.tables);
    own.iter().all(|table| match &table.source {
        TableSource::Named { schema, name, .. } => matches!(
            resolver.table(schema.as_deref(), name),
            Ok(Resolved::Broadcast(_))
        ),
        _ => false,
    })
}

/// Plans a write to all copies.
///
/// # Errors
/// The copies might differ afterwards.
pub fn plan(
    ast: &Ast,
    tokens: Tokens<'_>,
    calls: &Calls<'_>,
    resolver: Resolver<'_>,
) -> Result<Write, WriteReason> {
    check(tokens, calls)?;
    if depends_on_the_server(tokens) {
        return Err(WriteReason::OfTheServer);
    }
    if has_unordered_query(ast) {
        return Err(WriteReason::Subquery);
    }
    let targets = targets(ast, resolver).ok_or(WriteReason::NotUnderstood)?;
    let unlike = |target: &Target<'_>| resolver.topology.unlike_copies.contains(&target.id);
    if targets.iter().any(unlike) {
        return Err(WriteReason::CopiesDiffer);
    }
    let target = targets.first().ok_or(WriteReason::NotUnderstood)?;
    if let Some(insert) = &ast.insert {
        if let InsertSource::Select(_) = insert.source {
            return Err(WriteReason::InsertSelect);
        }
        if !target.gives_all_that_changes(insert, tokens) {
            return Err(WriteReason::Default);
        }
        return Ok(Write::Copies { stores: true });
    }
    let block = ast.blocks.first().ok_or(WriteReason::NotUnderstood)?;
    let literal = |assignment: &Assignment| matches!(assignment.value, StoredValue::Slot(_));
    if ast.kind == AstKind::Update && block.tables.len() > 1 && !ast.assignments.iter().all(literal)
    {
        return Err(WriteReason::JoinedUpdate);
    }
    if has_words(tokens, &["DEFAULT"]) && target.volatile().next().is_some() {
        return Err(WriteReason::Default);
    }
    if is_ignoring(tokens) && !(ast.kind == AstKind::Update && leaves_keys(ast, &targets)) {
        return Err(WriteReason::Ignore);
    }
    if block.limit && !(block.tables.len() == 1 && is_total(tokens, target.definition)) {
        return Err(WriteReason::LimitOrder);
    }
    Ok(Write::Copies { stores: false })
}

/// Functions and words whose value is a server's own, or another one with each call.
const OF_THE_SERVER: [&str; 22] = [
    "BINLOG_GTID_POS",
    "CURRENT_ROLE",
    "ENCRYPT",
    "ICU_VERSION",
    "INTERNAL_TABLE_ROWS",
    "MASTER_GTID_WAIT",
    "MATCH",
    "PS_CURRENT_THREAD_ID",
    "PS_THREAD_ID",
    "RANDOM_BYTES",
    "ROLES_GRAPHML",
    "SYSDATE",
    "SYS_GUID",
    "UUID",
    "UUID_SHORT",
    "UUID_V4",
    "UUID_V7",
    "VERSION",
    "WSREP_LAST_SEEN_GTID",
    "WSREP_LAST_WRITTEN_GTID",
    "WSREP_SYNC_WAIT_UPTO_GTID",
    "IS_USED_LOCK",
];

fn depends_on_the_server(tokens: Tokens<'_>) -> bool {
    // It needs no parentheses.
    const ROLE: &str = "CURRENT_ROLE";
    let effects = effects(&tokens);
    let called = |at: usize| OF_THE_SERVER.iter().any(|name| is_call(tokens, at, name));
    effects.nondeterministic
        || effects.user_lock
        || !effects.system_variables.is_empty()
        || (0..tokens.len()).any(|at| called(at) || tokens.is_word(at, ROLE))
}

/// Whether there is a query whose rows or values may depend on the order in which rows are found:
/// MAX of strings that are equal but for their case, sums of floating point numbers, …
fn has_unordered_query(ast: &Ast) -> bool {
    let source = match &ast.insert {
        // Refused by its own name.
        Some(Insert {
            source: InsertSource::Select(source),
            ..
        }) => Some(*source),
        _ => None,
    };
    let mut queries = ast.blocks.iter().enumerate().skip(1);
    !ast.ctes.is_empty()
        || ast.has_set_operation
        || queries.any(|(at, block)| {
            let is_source = source == Some(at);
            let plain = block.role == BlockRole::Subquery || block.role == BlockRole::Derived;
            !is_source
                && (!plain
                    || block.limit
                    || block.distinct
                    || block.group_by
                    || block.having
                    || block.aggregates
                    || block.windows)
        })
}

/// Whether an UPDATE assigns to nothing that is in an index: then no row stands in the way of another,
/// neither by a unique key nor by a foreign one.
fn leaves_keys(ast: &Ast, targets: &[Target<'_>]) -> bool {
    let assigned = |name: &str| {
        let mut columns = ast.assignments.iter().map(|a| &a.column.name);
        columns.any(|column| column.eq_ignore_ascii_case(name))
    };
    targets.iter().all(|Target { definition, .. }| {
        let computed = |name: &str| {
            let mut columns = definition.columns.iter().filter(|column| column.generated);
            columns.any(|column| column.name.eq_ignore_ascii_case(name))
        };
        let mut parts = definition.indexes.iter().flat_map(|index| &index.parts);
        parts.all(|part| match &part.column {
            Some(column) => !assigned(column) && !computed(column),
            None => false,
        })
    })
}

/// A broadcast table that is written.
struct Target<'t> {
    id: TableId,
    definition: &'t TableDefinition,
}

/// The tables of the statement's own block; `None`: not all of them are known.
fn targets<'t>(ast: &Ast, resolver: Resolver<'t>) -> Option<Vec<Target<'t>>> {
    let topology = resolver.topology;
    let target = |table: &TableRef| {
        let TableSource::Named { schema, name, .. } = &table.source else {
            return None;
        };
        let (schema, _) = topology.schema(schema.as_deref().or(resolver.current)?)?;
        let (id, _) = topology.table(schema, name)?;
        let definition = topology.definition(id)?;
        Some(Target { id, definition })
    };
    let named = |table: &&TableRef| !matches!(table.source, TableSource::Derived(_));
    let tables = ast.blocks.first()?.tables.iter().filter(named);
    tables.map(target).collect()
}

impl Target<'_> {
    /// The columns whose defaults are another value on each server, in lower case.
    fn volatile(&self) -> impl Iterator<Item = String> {
        let columns = self.definition.columns.iter();
        columns
            .filter(|column| column.volatile_default)
            .map(|column| column.name.to_lowercase())
    }

    /// Whether an INSERT says what all these columns get.
    fn gives_all_that_changes(&self, insert: &Insert, tokens: Tokens<'_>) -> bool {
        let given: Vec<String> = match (&insert.columns, &insert.source) {
            (_, InsertSource::Set(assignments)) => {
                let columns = assignments.iter().map(|a| a.column.name.to_lowercase());
                columns.collect()
            }
            (Some(columns), _) => columns.iter().map(|name| name.to_lowercase()).collect(),
            (None, _) => {
                let visible = self.definition.visible();
                visible.map(|column| column.name.to_lowercase()).collect()
            }
        };
        let mut volatile = self.volatile();
        let empty = match &insert.source {
            InsertSource::Rows(rows) => rows.iter().any(|row| row.values.is_empty()),
            _ => false,
        };
        let defaults = empty || has_words(tokens, &["DEFAULT"]);
        volatile.all(|column| !defaults && given.contains(&column))
    }
}
