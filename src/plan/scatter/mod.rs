//! Scatter: a SELECT that several data nodes must answer → what each is asked, and how their
//! answers become one.
//!
//! In: the AST and tokens of a SELECT. Out: a [`Scatter`], or the [`Reason`] why only MySQL can
//! finish the statement. Which nodes there are, and whether there are several at all, is for the
//! router to say.
//!
//! The text that a node gets is the client's own with pieces spliced in: hidden columns at the end
//! of the select list, LIMIT for the first `offset + count` rows, keys of GROUP BY and ORDER BY
//! that let parts come in order. What a merge does instead of the nodes is taken out.

mod clauses;
mod columns;
mod describe;
mod group;
mod having;
pub mod hidden;
mod items;
mod outer;
mod reason;
mod request;
mod spec;
mod splices;
mod union;

pub use reason::Reason;
pub use request::{Form, HiddenColumn, Known};
pub use spec::{
    Aggregate, Column, Comparison, Condition, Distinct, Function, Group, Operand, Operator,
    SortKey, Weight,
};

use super::resolve::Resolver;
use super::sharding_key::{Locality, locality};
use super::tables::Tables;
use super::{Edit, full_text};
use crate::parse::ast::{Ast, AstKind, Block};
use crate::parse::{Effects, Slot, Tokens, effects};
use clauses::{Clauses, clauses};
use columns::{Meaning, Scope};
use group::{Grouping, Parts};
use items::{Content, select_items};
use outer::aggregates_outside;
use request::{Requests, Use};

/// How several data nodes answer together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scatter {
    /// All edits of the text that every node gets, ascending.
    pub edits: Vec<Edit>,
    /// How many columns of the nodes' answers the client does not see; the last ones.
    pub hidden: usize,
    /// What is done with the rows.
    pub operator: Operator<Column, Slot>,
    /// LIMIT of the answer.
    pub limit: Option<LimitSlots>,
    /// The first rows of every node are enough for the first ones of the answer: LIMIT stands in
    /// the text that they get.
    pub nodes_limit: bool,
    /// FOUND_ROWS() afterwards is the number of rows without LIMIT.
    pub counts_all: bool,
}

/// LIMIT as the slots of its literals.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LimitSlots {
    /// Rows left out; none without it.
    pub offset: Option<Slot>,
    /// Rows at most.
    pub count: Slot,
}

/// Plans a SELECT for several nodes. `edits` are those that it needs on one.
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
    if aggregates_outside(ast, resolver) {
        return Err(Reason::ComputedAggregate);
    }
    full_text::check(ast, tokens, resolver)?;
    let effects = effects(&tokens);
    let Some(clauses) = clauses(tokens) else {
        return union::plan(ast, tokens, tables, edits, resolver);
    };
    let block = ast.blocks.first().ok_or(Reason::NotUnderstood)?;
    let local = locality(ast, tokens, tables, resolver).ok_or(Reason::NotLocal)?;
    let items = select_items(tokens, &clauses.items);
    check(ast, &effects, &clauses, block)?;
    let scope = Scope {
        tokens,
        block,
        items: &items,
        resolver,
    };
    let groups = block.group_by || has_aggregates(&scope);
    let mut requests = Requests::new(scope, groups, &clauses.group_by);
    let (operator, parts) = operator(&scope, &clauses, local, &mut requests)?;
    let plain = matches!(operator, Operator::Concat) && clauses.calc_found_rows.is_none();
    if effects.nondeterministic && !(plain && ast.blocks.len() == 1) {
        return Err(Reason::Nondeterministic);
    }
    let columns = requests.into_columns();
    if !columns.is_empty() {
        check_beside_hidden(&scope, &clauses, &operator, &columns)?;
    }
    Ok(Scatter {
        hidden: columns.len(),
        edits: splices::edits(&clauses, columns, &parts, edits),
        operator,
        limit: clauses.limit.as_ref().map(|limit| limit.slots),
        nodes_limit: splices::keeps_limit(&clauses, &parts),
        counts_all: clauses.calc_found_rows.is_some(),
    })
}

/// What would mean something else on nodes that see hidden columns in the select list too.
fn check_beside_hidden(
    scope: &Scope<'_>,
    clauses: &Clauses,
    operator: &Operator<Column, Slot>,
    columns: &[HiddenColumn],
) -> Result<(), Reason> {
    let order = clauses.order_by.iter().map(|item| &item.expression);
    let named = clauses.group_by.iter().chain(order);
    if scope.beyond_items(named.clone()) {
        return Err(Reason::Ordinal);
    }
    let values = columns.iter().filter(|column| column.form == Form::Value);
    let values: Vec<_> = values.map(|column| &column.expression).collect();
    if scope.shadowed(named, &values) {
        return Err(Reason::Name);
    }
    // HAVING sees what is selected, and a column's own name whatever it is called there.
    let judged = clauses.having.is_some() && !matches!(operator, Operator::Group(_));
    match judged && !values.is_empty() {
        true => Err(Reason::Having),
        false => Ok(()),
    }
}

fn check(ast: &Ast, effects: &Effects, clauses: &Clauses, block: &Block) -> Result<(), Reason> {
    let refused = [
        (ast.kind != AstKind::Select, Reason::NotUnderstood),
        (block.windows, Reason::Window),
        (clauses.rollup, Reason::Rollup),
        (effects.assigns_user_variable, Reason::UserVariable),
        (effects.into_outfile, Reason::NotUnderstood),
    ];
    match refused.into_iter().find(|(is, _)| *is) {
        Some((_, reason)) => Err(reason),
        None => Ok(()),
    }
}

fn has_aggregates(scope: &Scope<'_>) -> bool {
    let mut items = scope.items.iter();
    scope.block.aggregates || items.any(|item| item.content != Content::Plain)
}

fn operator<'s>(
    scope: &Scope<'s>,
    clauses: &Clauses,
    local: Locality,
    requests: &mut Requests<'s>,
) -> Result<(Operator<Column, Slot>, Parts), Reason> {
    let aggregates = scope.block.aggregates
        || scope
            .items
            .iter()
            .any(|item| item.content != Content::Plain);
    if (scope.block.group_by || aggregates) && !local.groups {
        if clauses.distinct {
            return Err(Reason::DistinctGroups);
        }
        let grouping = Grouping {
            scope: *scope,
            clauses,
            requests,
        };
        let (group, parts) = grouping.plan()?;
        return Ok((Operator::Group(group), parts));
    }
    let parts = Parts {
        keeps_order: true,
        limited: true,
        ..Parts::default()
    };
    if clauses.distinct && !local.rows {
        return Ok((
            Operator::Distinct(distinct(scope, clauses, requests)?),
            parts,
        ));
    }
    let order = order(scope, clauses, requests)?;
    let operator = match order.is_empty() {
        true => Operator::Concat,
        false => Operator::Order(order),
    };
    Ok((operator, parts))
}

fn order<'s>(
    scope: &Scope<'s>,
    clauses: &Clauses,
    requests: &mut Requests<'s>,
) -> Result<Vec<SortKey<Column>>, Reason> {
    let mut keys = Vec::with_capacity(clauses.order_by.len());
    for item in &clauses.order_by {
        let (expression, column) = match scope.ordered(&item.expression)? {
            Meaning::Constant => continue,
            Meaning::Item(at) => {
                let item = scope.items.get(at).ok_or(Reason::NotUnderstood)?;
                (item.expression.clone(), requests.item(item))
            }
            Meaning::Expression(_) if clauses.distinct => return Err(Reason::DistinctOrder),
            Meaning::Expression(expression) => {
                let column = requests.value(&expression);
                (expression, column)
            }
        };
        let key = requests.sort_key((&expression, column), item.descending, Use::Sort)?;
        keys.push(key);
    }
    Ok(keys)
}

fn distinct<'s>(
    scope: &Scope<'s>,
    clauses: &Clauses,
    requests: &mut Requests<'s>,
) -> Result<Distinct<Column>, Reason> {
    let mut keys = Vec::with_capacity(scope.items.len());
    for item in scope.items {
        if item.star {
            return Err(Reason::DistinctStar);
        }
        let column = requests.item(item);
        keys.push(requests.operand(&item.expression, column, Use::Equal)?);
    }
    let order = order(scope, clauses, requests)?;
    Ok(Distinct { keys, order })
}
