//! Names in conditions → the columns that they certainly are.

use super::{Graph, Key, Scope};
use crate::parse::ast::{BlockRole, ColumnRef, TableRef, TableSource};

impl Graph<'_> {
    /// The columns that a name certainly is.
    pub(super) fn named(&self, column: &ColumnRef, scope: &Scope) -> Vec<Key> {
        match &column.table {
            // Either one table has the column, or USING made them one, or MySQL finds it ambiguous.
            None if !scope.on => self.keyed(scope.block, &column.name),
            None => Vec::new(),
            Some(table) if scope.on && self.references(table) != 1 => Vec::new(),
            Some(table) => {
                let key = self.qualified(column, table, scope.block);
                key.into_iter().collect()
            }
        }
    }

    /// The columns of a block's tables that have this name.
    pub(super) fn keyed(&self, block: usize, name: &str) -> Vec<Key> {
        let nodes = self.nodes.iter().enumerate();
        let in_block = nodes.filter(|(_, node)| node.block == block);
        in_block
            .filter_map(|(node, found)| {
                let column = found.column(name)?;
                Some(Key { node, column })
            })
            .collect()
    }

    fn qualified(&self, column: &ColumnRef, table: &str, block: usize) -> Option<Key> {
        let mut block = block;
        loop {
            let content = self.ast.blocks.get(block)?;
            let tables = content.tables.iter().enumerate();
            let mut found = tables.filter(|(_, t)| self.is_called(t, column, table));
            if let Some((at, _)) = found.next() {
                let node = self.node_at(block, at)?;
                let column = self.nodes.get(node)?.column(&column.name)?;
                return found.next().is_none().then_some(Key { node, column });
            }
            // Only a subquery in an expression is certain to see the block around it.
            if content.role != BlockRole::Subquery {
                return None;
            }
            block = content.parent?;
        }
    }

    fn is_called(&self, reference: &TableRef, column: &ColumnRef, table: &str) -> bool {
        let named = self.has_name(reference, table);
        let TableSource::Named { schema, .. } = &reference.source else {
            return named;
        };
        let schema = schema.as_deref().or(self.resolver.current);
        named
            && column.schema.as_deref().is_none_or(|wanted| {
                reference.alias.is_none()
                    && schema.is_some_and(|s| self.resolver.same_name(s, wanted))
            })
    }

    /// Whether columns call a table by this name.
    pub(super) fn has_name(&self, reference: &TableRef, table: &str) -> bool {
        visible_name(reference).is_some_and(|name| self.resolver.same_name(name, table))
    }

    /// How many tables of the whole statement a qualifier may mean.
    fn references(&self, table: &str) -> usize {
        let names = self.ast.tables().filter_map(|(_, t)| visible_name(t));
        names
            .filter(|name| name.eq_ignore_ascii_case(table))
            .count()
    }
}

/// The name by which columns call a table.
fn visible_name(reference: &TableRef) -> Option<&str> {
    match (&reference.alias, &reference.source) {
        (Some(alias), _) => Some(alias),
        (None, TableSource::Named { name, .. } | TableSource::Cte { name, .. }) => Some(name),
        (None, _) => None,
    }
}
