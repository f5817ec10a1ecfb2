//! Aggregate functions in a subquery that has no table of their columns: they are those of a query around it.

use super::{Block, ColumnRef, TableSource};

/// Says so of all blocks around such a subquery: which of them it is depends on their tables.
pub(super) fn mark(blocks: &mut [Block]) {
    for at in 0..blocks.len() {
        let mut around = match blocks.get(at) {
            Some(block) if aggregates_outside(block) => block.parent,
            _ => None,
        };
        while let Some(block) = around.and_then(|at| blocks.get_mut(at)) {
            block.aggregates = true;
            around = block.parent;
        }
    }
}

fn aggregates_outside(block: &Block) -> bool {
    let mut all = block.aggregated.iter();
    all.any(|columns| !columns.iter().any(|column| may_be_own(block, column)))
}

/// Whether a column may be one of the block's own tables, as far as names tell.
fn may_be_own(block: &Block, column: &ColumnRef) -> bool {
    let Some(table) = &column.table else {
        return !block.tables.is_empty();
    };
    block.tables.iter().any(|reference| {
        let name = match &reference.source {
            TableSource::Named { name, .. } | TableSource::Cte { name, .. } => Some(name),
            TableSource::Derived(_) | TableSource::Other => None,
        };
        let visible = reference.alias.as_ref().or(name);
        visible.is_none_or(|visible| visible.eq_ignore_ascii_case(table))
    })
}
