//! UPDATE and DELETE whose rows no shard can find alone: joins and subqueries over shards.
//!
//! In: the AST and tokens of the statement. Out: a [`Picked`], the pieces of its text from which two
//! steps are made. A SELECT, which is answered like one whose rows are gathered, gives the primary keys
//! of the rows and the values that they get; then each row is written where it is, by its primary key.

mod clauses;

use std::ops::Range;

use super::functions::Calls;
use super::resolve::{Resolved, Resolver};
use super::unsupported::{PlanError, Unsupported};
use super::write::{check, is_ignoring};
use super::{WriteReason, full_text, gather};
use crate::error::{MysqlError, StageError};
use crate::parse::ast::{Ast, AstKind, ColumnRef, StoredValue, TableRef, TableRole, TableSource};
use crate::parse::{TokenKind, Tokens};
use crate::topology::{TableId, TableKind};
use clauses::Clauses;

/// UPDATE or DELETE whose rows are found by a SELECT and written by their primary keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picked {
    /// UPDATE.
    pub updates: bool,
    /// The tables of its own FROM, as far as they are tables of a schema.
    pub tables: Vec<PickedTable>,
    /// It names one table and nothing to join it with.
    pub alone: bool,
    /// There is more in its FROM than these tables.
    pub has_others: bool,
    /// The tables that its subqueries read.
    pub read: Vec<TableId>,
    /// It has a form that servers refuse, or that is not understood.
    pub wrong: bool,
    /// IGNORE: what is wrong with a row is a warning.
    pub ignore: bool,
    /// But no row may be left out for it: whether another one takes its place (LIMIT), or goes without it
    /// (DELETE of several tables), depends on the order in which one MySQL writes them.
    pub whole: bool,
    /// It has a WHERE.
    pub has_condition: bool,
    /// It has a LIMIT.
    pub has_limit: bool,
    /// All of its tables are of one schema.
    pub one_schema: bool,
    /// What UPDATE assigns, in order.
    pub assigned: Vec<PickedValue>,
    /// The tokens of WITH.
    pub with: Range<usize>,
    /// The tokens of the tables.
    pub source: Range<usize>,
    /// The tokens of WHERE, ORDER BY and LIMIT.
    pub tail: Range<usize>,
}

/// A table in FROM.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PickedTable {
    /// The table.
    pub table: TableId,
    /// What columns call it.
    pub name: String,
    /// DELETE takes rows of it away; UPDATE may change them.
    pub written: bool,
}

/// A value that UPDATE assigns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PickedValue {
    /// The column.
    pub column: ColumnRef,
    /// The tokens of what it gets.
    pub value: Range<usize>,
    /// The SELECT must tell it: it is not the row's own.
    pub selected: bool,
}

impl Picked {
    /// What a statement is told that can only be run in steps.
    pub fn refusal(&self) -> MysqlError {
        let what =
            "a prepared or explained UPDATE or DELETE with joins or subqueries over several shards";
        PlanError::from(Unsupported::Statement(what.to_owned())).to_mysql()
    }
}

/// How a statement runs that is refused, for no shard has all of its tables; `None`: not so.
///
/// # Errors
/// Why not, where it has the form for it.
pub fn of_refused(
    (ast, tokens): (&Ast, Tokens<'_>),
    calls: &Calls<'_>,
    error: &PlanError,
    resolver: Resolver<'_>,
) -> Option<Result<Picked, PlanError>> {
    if !gather::may_help(error) || !matches!(ast.kind, AstKind::Update | AstKind::Delete) {
        return None;
    }
    if writes_copies(ast, resolver) {
        return None;
    }
    let picked = check(tokens, calls).and_then(|()| plan(ast, tokens, calls, resolver));
    Some(picked.map_err(|reason| {
        let what = format!(
            "an UPDATE or DELETE whose rows several shards must find together, with {reason}"
        );
        Unsupported::Statement(what).into()
    }))
}

/// Whether all that may be written are copies of broadcast tables, or some certainly are.
fn writes_copies(ast: &Ast, resolver: Resolver<'_>) -> bool {
    let own = ast.blocks.first().map_or(&[][..], |block| &block.tables);
    let mut written = own.iter().filter(|table| table.role == TableRole::Write);
    let is_copy = |table: &TableRef| {
        let TableSource::Named { schema, name, .. } = &table.source else {
            return false;
        };
        let found = resolver.table(schema.as_deref(), name);
        matches!(found, Ok(Resolved::Broadcast(_)))
    };
    match ast.kind {
        AstKind::Delete => written.any(is_copy),
        _ => written.all(is_copy),
    }
}

/// Plans a statement that has passed [`check`].
///
/// # Errors
/// The two steps would not do what one MySQL does.
pub fn plan(
    ast: &Ast,
    tokens: Tokens<'_>,
    calls: &Calls<'_>,
    resolver: Resolver<'_>,
) -> Result<Picked, WriteReason> {
    full_text::check(ast, tokens, resolver)?;
    let versioned = |at| tokens.get(at).is_none_or(|token| token.versioned);
    let clauses = Clauses::find(ast.kind, tokens).ok_or(WriteReason::PickedForm)?;
    let block = ast.blocks.first().ok_or(WriteReason::PickedForm)?;
    let alone = block.tables.len() == 1;
    let deletes = ast.kind == AstKind::Delete;
    let refused = [
        (
            is_ignoring(tokens) && !clauses.ignore,
            WriteReason::PickedForm,
        ),
        (calls.routine(tokens).is_some(), WriteReason::StoredFunction),
        (
            clauses.sets_variables || (0..tokens.len()).any(versioned),
            WriteReason::PickedForm,
        ),
    ];
    if let Some((_, why)) = refused.into_iter().find(|(is, _)| *is) {
        return Err(why);
    }
    let (tables, found) = tables(&block.tables, &clauses, resolver)?;
    // What a DELETE of several tables takes away, it names.
    if deletes && !alone && clauses.targets.is_none() {
        return Err(WriteReason::PickedForm);
    }
    let schemas = schemas(ast, resolver);
    Ok(Picked {
        updates: ast.kind == AstKind::Update,
        has_others: tables.len() < block.tables.len(),
        ignore: clauses.ignore,
        whole: clauses.ignore && (block.limit || deletes && !alone),
        has_condition: tokens.is_word(clauses.tail.start, "WHERE"),
        has_limit: block.limit,
        tables,
        alone,
        wrong: !found
            || !alone && (block.limit || block.order_by)
            || clauses.by_position
            || block.aggregates
            || block.windows,
        read: read(ast, resolver),
        one_schema: schemas.windows(2).all(|two| two.first() == two.last()),
        assigned: assigned(ast, tokens, (&clauses, alone))?,
        with: clauses.with,
        source: clauses.source,
        tail: clauses.tail,
    })
}

/// The tables of FROM, which of them a DELETE names, and whether all that it names are among them.
fn tables(
    own: &[TableRef],
    clauses: &Clauses,
    resolver: Resolver<'_>,
) -> Result<(Vec<PickedTable>, bool), WriteReason> {
    let mut tables = Vec::new();
    for table in own {
        let TableSource::Named { schema, name, .. } = &table.source else {
            continue;
        };
        let id = table_id(schema.as_deref(), name, resolver);
        let called = table.alias.as_ref().unwrap_or(name);
        let target = clauses.targets.as_ref().is_none_or(|targets| {
            targets
                .iter()
                .any(|target| resolver.same_name(target, called))
        });
        tables.push(PickedTable {
            table: id.ok_or(WriteReason::PickedForm)?,
            name: called.clone(),
            written: target,
        });
    }
    let found = |target: &String| {
        let mut called = tables
            .iter()
            .filter(|table| resolver.same_name(&table.name, target));
        called.next().is_some() && called.next().is_none()
    };
    let all = clauses
        .targets
        .as_ref()
        .is_none_or(|targets| targets.iter().all(found));
    match tables.is_empty() {
        true => Err(WriteReason::PickedForm),
        false => Ok((tables, all)),
    }
}

fn table_id(schema: Option<&str>, name: &str, resolver: Resolver<'_>) -> Option<TableId> {
    let of = |schema| resolver.known(schema, name).map(|(id, _)| id);
    match resolver.table(schema, name).ok()? {
        Resolved::Sharded(id, ..) => Some(id),
        Resolved::Broadcast(table) => of(table.schema),
        Resolved::Single(schema, _) => of(schema),
        Resolved::System => None,
    }
}

/// The tables that subqueries read.
fn read(ast: &Ast, resolver: Resolver<'_>) -> Vec<TableId> {
    let blocks = ast.blocks.iter().skip(1);
    let tables = blocks.flat_map(|block| &block.tables);
    let named = tables.filter_map(|table| match &table.source {
        TableSource::Named { schema, name, .. } => table_id(schema.as_deref(), name, resolver),
        _ => None,
    });
    named.collect()
}

/// The schema of each table, `None` where it has no id.
fn schemas(ast: &Ast, resolver: Resolver<'_>) -> Vec<Option<String>> {
    let named = ast.tables().filter_map(|(_, table)| match &table.source {
        TableSource::Named { schema, .. } => {
            let name = schema.as_deref().or(resolver.current);
            Some(name.map(|name| match resolver.topology.fold_names {
                true => name.to_lowercase(),
                false => name.to_owned(),
            }))
        }
        _ => None,
    });
    named.collect()
}

/// What is assigned, and which of the values the SELECT must tell.
fn assigned(
    ast: &Ast,
    tokens: Tokens<'_>,
    (clauses, alone): (&Clauses, bool),
) -> Result<Vec<PickedValue>, WriteReason> {
    let said = &ast.assignments;
    if said.len() != clauses.values.len() {
        return Err(WriteReason::PickedForm);
    }
    let in_set = |at: &usize| clauses.set.contains(at);
    if ast.column_schemas.iter().any(in_set) {
        return Err(WriteReason::PickedForm);
    }
    let is_name = |at: &usize| {
        let name = matches!(tokens.kind(*at), Some(TokenKind::Word | TokenKind::Quoted));
        name && tokens.kind(at + 1) != Some(TokenKind::Open)
    };
    let mut assigned = Vec::with_capacity(said.len());
    for (number, (one, value)) in said.iter().zip(&clauses.values).enumerate() {
        let queries = value.clone().any(|at| tokens.is_word(at, "SELECT"));
        let names = || value.clone().filter(is_name);
        let plain = matches!(one.value, StoredValue::Slot(_) | StoredValue::Default);
        let selected = !plain && (queries || !alone && names().next().is_some());
        let mut others = said.iter().enumerate().filter(|(at, _)| match alone {
            // One table's columns are assigned from left to right.
            true => *at < number,
            false => *at != number,
        });
        let names_it = |column: &ColumnRef| {
            let same = |at: usize| {
                tokens
                    .name(at)
                    .is_some_and(|name| name.eq_ignore_ascii_case(&column.name))
            };
            selected && names().any(same)
        };
        let twice = |column: &ColumnRef| {
            column.name.eq_ignore_ascii_case(&one.column.name) && column.table == one.column.table
        };
        if others.any(|(_, other)| names_it(&other.column) || twice(&other.column)) {
            return Err(WriteReason::PickedOrder);
        }
        assigned.push(PickedValue {
            column: one.column.clone(),
            value: value.clone(),
            selected,
        });
    }
    Ok(assigned)
}

/// Whether rows of a table of this kind are written by their primary keys.
pub fn is_written_alone(kind: &TableKind) -> bool {
    matches!(kind, TableKind::Sharded(_) | TableKind::Single(_))
}
