//! Aggregate functions that stand in a subquery and are those of a query around it.
//!
//! In `SELECT (SELECT MAX(age)) FROM users` the MAX is that of the outer SELECT, which therefore gives one
//! row: MySQL computes an aggregate function in the innermost query that a column inside of it is from.

use super::columns::definition;
use crate::parse::ast::{Ast, Block, ColumnRef, TableSource};
use crate::plan::resolve::Resolver;

/// Whether there is one.
pub fn aggregates_outside(ast: &Ast, resolver: Resolver<'_>) -> bool {
    let inner = ast.blocks.iter().filter(|block| block.parent.is_some());
    let mut aggregated =
        inner.flat_map(|block| block.aggregated.iter().map(move |all| (block, all)));
    aggregated.any(|(block, columns)| {
        let mut columns = columns.iter();
        !columns.any(|column| may_be_own(block, column, resolver))
    })
}

/// Whether a column may be one of the block's own tables.
fn may_be_own(block: &Block, column: &ColumnRef, resolver: Resolver<'_>) -> bool {
    block.tables.iter().any(|reference| {
        let name = match &reference.source {
            TableSource::Named { name, .. } | TableSource::Cte { name, .. } => Some(name),
            _ => None,
        };
        if let Some(table) = &column.table {
            let visible = reference.alias.as_ref().or(name);
            return visible.is_none_or(|visible| visible.eq_ignore_ascii_case(table));
        }
        if name.is_some_and(|name| name.eq_ignore_ascii_case("dual")) {
            return false;
        }
        definition(resolver, reference).is_none_or(|definition| {
            let mut columns = definition.columns.iter();
            columns.any(|known| known.name.eq_ignore_ascii_case(&column.name))
        })
    })
}
