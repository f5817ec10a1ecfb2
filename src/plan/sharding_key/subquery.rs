//! `column IN (SELECT …)` and `EXISTS (SELECT …)`: what must hold inside for the row outside.

use super::{Graph, Key, Scope, conjuncts};
use crate::parse::ast::{Block, BlockRole, ColumnRef, Condition};

impl Graph<'_> {
    /// Notes the subqueries of a block's WHERE that must find something.
    pub(super) fn add_subqueries(&mut self, block: usize, filter: &Condition) {
        for conjunct in conjuncts(filter) {
            match conjunct {
                Condition::Exists(select) => {
                    if let Some(query) = self.subquery(*select, block) {
                        self.assert(query);
                    }
                }
                Condition::InQuery(column, select) => {
                    if let Some(query) = self.subquery(*select, block) {
                        self.assert(query);
                        self.connect(column, block, query);
                    }
                }
                _ => {}
            }
        }
    }

    fn subquery(&self, select: usize, parent: usize) -> Option<usize> {
        let is_it = |block: &Block| {
            block.select == Some(select)
                && block.role == BlockRole::Subquery
                && block.parent == Some(parent)
        };
        self.ast.blocks.iter().position(is_it)
    }

    /// A query finds something only where its WHERE holds, unless it is a UNION or aggregates: then
    /// it may give a row of nothing.
    fn assert(&mut self, query: usize) {
        let Some(block) = self.ast.blocks.get(query) else {
            return;
        };
        let one_row = !block.group_by && (block.aggregates || block.having);
        let one_block = self.operands(query).len() == 1;
        if let Some(asserted) = self.asserted.get_mut(query) {
            *asserted = one_block && !one_row;
        }
    }

    /// The column outside equals the only column of the subquery.
    fn connect(&mut self, column: &ColumnRef, block: usize, query: usize) {
        let outside = self.named(column, &Scope::filter(block));
        let inside = self.operands(query).into_iter().map(|operand| {
            match self.listed(operand)?.as_slice() {
                [Some((_, key))] => Some(*key),
                _ => None,
            }
        });
        let Some(inside) = inside.collect::<Option<Vec<Key>>>() else {
            return;
        };
        let types = inside.iter().map(|key| self.type_of(*key));
        if types.clone().any(|of| of.is_none())
            || types.clone().any(|of| of != types.clone().next().flatten())
        {
            return;
        }
        for outside in outside {
            let own = self
                .nodes
                .get(outside.node)
                .is_some_and(|node| node.block == block);
            if own {
                self.pass(outside, &inside, true);
            }
        }
    }
}
