//! Whether every data node can answer for its own part: then the parts together are the answer.
//!
//! A statement is local where some reference to a sharded table, the *anchor*, has a row in every
//! row that FROM and WHERE make, and rows of all other sharded tables matter only together with
//! rows of the anchor that have the same key, and so are on the same node. Broadcast tables are
//! everywhere.

use super::{Graph, Key};
use crate::parse::Tokens;
use crate::parse::ast::{Ast, Block, BlockRole, TableSource};
use crate::plan::resolve::Resolver;
use crate::plan::tables::Tables;

/// What of a local statement's own block is local too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Locality {
    /// GROUP BY names the anchor's key: no group has rows of two nodes.
    pub groups: bool,
    /// The select list has the anchor's key: no two nodes give equal rows.
    pub rows: bool,
}

/// Whether the rows that the statement's own block makes by FROM and WHERE are those that the data
/// nodes make of their parts; `None`: they are not, or it is not certain.
pub fn locality(
    ast: &Ast,
    tokens: Tokens<'_>,
    tables: &Tables<'_>,
    resolver: Resolver<'_>,
) -> Option<Locality> {
    let graph = Graph::read_all(ast, tokens, tables, resolver);
    let apart = ast
        .blocks
        .iter()
        .enumerate()
        .any(|(at, block)| at > 0 && block.limit && !graph.has_sharded(at));
    if apart {
        return None;
    }
    let sharded = (0..graph.nodes.len()).filter(|node| graph.keys(*node) > 0);
    let mut anchors = sharded.filter(|anchor| graph.is_anchor(*anchor));
    let anchor = anchors.find(|anchor| graph.holds_together(*anchor))?;
    let block = ast.blocks.first()?;
    Some(Locality {
        groups: block.group_by && graph.groups_by(0, anchor),
        rows: graph.gives(0, anchor),
    })
}

impl Graph<'_> {
    fn keys(&self, node: usize) -> usize {
        self.nodes.get(node).map_or(0, |node| node.keys)
    }

    /// Whether a block has a sharded table itself: what it gives is then not the same on every node.
    fn has_sharded(&self, block: usize) -> bool {
        self.nodes
            .iter()
            .any(|node| node.block == block && node.keys > 0)
    }

    /// Whether a row of this table is in every row that the statement's own block makes, and every
    /// query in between gives on each node what it makes of that node's rows.
    fn is_anchor(&self, node: usize) -> bool {
        let Some(found) = self.nodes.get(node) else {
            return false;
        };
        let (mut block, mut at) = (found.block, found.at);
        loop {
            let Some(content) = self.ast.blocks.get(block) else {
                return false;
            };
            if content.tables.get(at).is_none_or(|table| table.nullable) {
                return false;
            }
            if block == 0 {
                return true;
            }
            if !self.keeps_apart(block, content, node) {
                return false;
            }
            match self.only_use(content.head) {
                Some(place) => (block, at) = place,
                None => return false,
            }
        }
    }

    /// Whether a query's rows are made of rows of one node each.
    fn keeps_apart(&self, at: usize, block: &Block, anchor: usize) -> bool {
        matches!(block.role, BlockRole::Derived | BlockRole::Cte)
            && self.operands(block.head).len() == 1
            && !block.limit
            && !block.windows
            && (!block.distinct || self.gives(at, anchor))
            && if block.group_by {
                self.groups_by(at, anchor)
            } else {
                !block.aggregates && !block.having
            }
    }

    /// Where a query is used in FROM, if that is one place.
    fn only_use(&self, head: usize) -> Option<(usize, usize)> {
        let tables = self.ast.blocks.iter().enumerate().flat_map(|(at, block)| {
            let tables = block.tables.iter().enumerate();
            tables.map(move |(table, reference)| (at, table, reference))
        });
        let mut uses = tables.filter(|(_, _, reference)| match &reference.source {
            TableSource::Derived(query) => *query == head && !reference.renamed,
            TableSource::Cte { block, .. } => *block == Some(head),
            TableSource::Named { .. } | TableSource::Other => false,
        });
        let (block, at, _) = uses.next()?;
        uses.next().is_none().then_some((block, at))
    }

    /// Whether rows of all other sharded tables matter only beside rows of the anchor with their key.
    fn holds_together(&self, anchor: usize) -> bool {
        let keys = self.keys(anchor);
        let tied = |node: usize| {
            self.keys(node) == keys
                && (0..keys).all(|column| {
                    let equal = self.equal_to(Key { node, column });
                    equal.contains(&Key {
                        node: anchor,
                        column,
                    })
                })
        };
        let sharded = (0..self.nodes.len()).filter(|node| self.keys(*node) > 0);
        // A sharded table whose columns are not known, or that is named in an odd place, has no node.
        let all_known = sharded.clone().count() == self.sharded.len();
        all_known && sharded.into_iter().all(|node| node == anchor || tied(node))
    }

    /// Whether GROUP BY of a block names all of the anchor's key columns.
    fn groups_by(&self, at: usize, anchor: usize) -> bool {
        let Some(block) = self.ast.blocks.get(at) else {
            return false;
        };
        let scope = super::Scope::filter(at);
        let grouped: Vec<Key> = block
            .group_columns
            .iter()
            .flat_map(|column| self.named(column, &scope))
            .collect();
        self.all_among(&grouped, at, anchor)
    }

    /// Whether a block's select list has all of the anchor's key columns.
    fn gives(&self, at: usize, anchor: usize) -> bool {
        let outputs = self.outputs(at).unwrap_or_default();
        let given: Vec<Key> = outputs.into_iter().flatten().map(|(_, key)| key).collect();
        self.all_among(&given, at, anchor)
    }

    /// Whether all of the anchor's key columns are among these columns of a block's tables.
    fn all_among(&self, columns: &[Key], at: usize, anchor: usize) -> bool {
        (0..self.keys(anchor)).all(|column| {
            let wanted = Key {
                node: anchor,
                column,
            };
            columns.iter().any(|key| {
                *key == wanted || self.is_present(*key, at) && self.equal_to(*key).contains(&wanted)
            })
        })
    }

    /// Whether a column is that of a row that is always there: a missing row's NULL is on no node.
    fn is_present(&self, key: Key, block: usize) -> bool {
        let Some(node) = self.nodes.get(key.node).filter(|node| node.block == block) else {
            return false;
        };
        let content = self.ast.blocks.get(block);
        let table = content.and_then(|block| block.tables.get(node.at));
        table.is_some_and(|table| !table.nullable)
    }
}
