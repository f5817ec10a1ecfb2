//! UNION ALL: where every data node can answer each of the SELECTs for its own rows, its UNION ALL of
//! them is its part of the answer.
//!
//! ORDER BY stands for all of them, so that no hidden column can help to compare: what turns out to be a
//! character string is for MySQL itself to finish.

use super::clauses::{Clauses, OrderItem, SET_OPERATIONS, in_order, limit_of, marks, part};
use super::columns::{Meaning, Scope};
use super::group::Parts;
use super::items::select_items;
use super::{Column, Operand, Operator, Reason, Scatter, SortKey, check, splices};
use crate::parse::ast::Ast;
use crate::parse::{TokenKind, Tokens, effects};
use crate::plan::Edit;
use crate::plan::resolve::Resolver;
use crate::plan::sharding_key::keeps_operands_apart;
use crate::plan::tables::Tables;
use crate::plan::words::{Item, is_reserved, items_between, modifiers_behind};

/// Plans a UNION ALL for several nodes. `edits` are those that it needs on one.
///
/// # Errors
/// Only MySQL can finish it, or it is not certain.
pub fn plan(
    ast: &Ast,
    tokens: Tokens<'_>,
    tables: &Tables<'_>,
    edits: &[Edit],
    resolver: Resolver<'_>,
) -> Result<Scatter, Reason> {
    let effects = effects(&tokens);
    let clauses = clauses(tokens).ok_or(Reason::SetOperation)?;
    let block = ast.blocks.first().ok_or(Reason::NotUnderstood)?;
    if !keeps_operands_apart(ast, tokens, tables, resolver) {
        return Err(Reason::SetOperation);
    }
    check(ast, &effects, &clauses, block)?;
    if effects.nondeterministic {
        return Err(Reason::Nondeterministic);
    }
    let items = select_items(tokens, &clauses.items);
    let scope = Scope {
        tokens,
        block,
        items: &items,
        resolver,
    };
    let keys = clauses.order_by.iter().map(|item| key(&scope, item));
    let keys = keys.collect::<Result<Vec<_>, Reason>>()?;
    let parts = Parts {
        keeps_order: true,
        limited: true,
        ..Parts::default()
    };
    Ok(Scatter {
        hidden: 0,
        edits: splices::edits(&clauses, Vec::new(), &parts, edits),
        operator: match keys.is_empty() {
            true => Operator::Concat,
            false => Operator::Order(keys),
        },
        limit: clauses.limit.as_ref().map(|limit| limit.slots),
        nodes_limit: true,
        counts_all: false,
    })
}

/// A key of ORDER BY: a column of the first SELECT.
fn key(scope: &Scope<'_>, item: &OrderItem) -> Result<SortKey<Column>, Reason> {
    let Meaning::Item(at) = scope.ordered(&item.expression)? else {
        return Err(Reason::SetOperation);
    };
    let place = scope.items.get(at).and_then(|item| item.place);
    let place = place.ok_or(Reason::SetOperation)?;
    Ok(SortKey {
        operand: Operand::plain(Column::Visible(place)),
        descending: item.descending,
    })
}

/// The first SELECT's items, and what stands behind the last SELECT for all of them. `None`: it is
/// more than SELECTs, with or without parentheses, between which UNION ALL stands.
fn clauses(tokens: Tokens<'_>) -> Option<Clauses> {
    let begin = (0..tokens.len()).find(|at| tokens.kind(*at) != Some(TokenKind::Hint))?;
    let operations = || (begin..tokens.len()).filter(|at| is_set_operation(tokens, *at, 0));
    let all = |at: usize| tokens.is_word(at, "UNION") && tokens.is_word(at + 1, "ALL");
    if operations().next().is_none() || !operations().all(all) {
        return None;
    }
    let starts: Vec<usize> = std::iter::once(begin)
        .chain(operations().map(|at| at + 2))
        .collect();
    let ends = operations().chain(std::iter::once(tokens.len()));
    let operands = starts.iter().copied().zip(ends).map(|(from, to)| from..to);
    let operands: Vec<Item> = operands.collect();
    if !operands.iter().all(|operand| is_plain(tokens, operand)) {
        return None;
    }
    let behind = marks(tokens, *starts.last()?);
    let order = part(tokens, &behind, "ORDER");
    let order_end = order.as_ref().map_or(tokens.len(), |order| order.end);
    let limit = match part(tokens, &behind, "LIMIT") {
        Some(values) => Some(limit_of(tokens, values)?),
        None => None,
    };
    let first = operands.first()?;
    let select = select_of(tokens, first.start);
    let items = modifiers_behind(tokens, select);
    // A parenthesis around it ends it too.
    let end = first.end - usize::from(select > first.start);
    let clause = marks(tokens, select).first().copied();
    let items_end = clause.map_or(end, |clause| clause.min(end));
    Some(Clauses {
        select,
        table: false,
        distinct: false,
        items: items_between(tokens, items..items_end),
        items_end,
        group_by: Vec::new(),
        rollup: false,
        group_end: tokens.len(),
        having: None,
        order_by: in_order(tokens, order)?,
        order_end,
        limit,
        calc_found_rows: None,
    })
}

fn is_set_operation(tokens: Tokens<'_>, at: usize, depth: u16) -> bool {
    tokens.get(at).is_some_and(|token| token.depth == depth)
        && SET_OPERATIONS.iter().any(|word| tokens.is_word(at, word))
}

/// Where SELECT stands in an operand that begins here.
fn select_of(tokens: Tokens<'_>, start: usize) -> usize {
    start + usize::from(tokens.kind(start) == Some(TokenKind::Open))
}

/// Whether an operand is a SELECT that is neither a union itself nor limits its own rows, nor counts
/// them.
fn is_plain(tokens: Tokens<'_>, operand: &Item) -> bool {
    let select = select_of(tokens, operand.start);
    let counts = |at: usize| tokens.is_word(at, "SQL_CALC_FOUND_ROWS");
    if !is_reserved(tokens, select, &["SELECT"])
        || (select..modifiers_behind(tokens, select)).any(counts)
    {
        return false;
    }
    let in_parentheses = select > operand.start;
    let own = |at: usize| {
        let inside = tokens.get(at).is_some_and(|token| token.depth == 1);
        inside && (is_reserved(tokens, at, &["LIMIT"]) || is_set_operation(tokens, at, 1))
    };
    !in_parentheses || !operand.clone().any(own)
}
