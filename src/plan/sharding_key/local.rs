//! Whether every data node can answer for its own part: then the parts together are the answer.
//!
//! A statement is local where some reference to a sharded table, the *anchor*, has a row in every
//! row that FROM and WHERE make, and rows of all other sharded tables matter only together with
//! rows of the anchor that have the same key, and so are on the same node. Broadcast tables are
//! everywhere.

use super::{Graph, Key, any};
use crate::parse::Tokens;
use crate::parse::ast::{Ast, Block, BlockRole, TableSource};
use crate::plan::KeyCondition;
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
    if graph.limits_copies() {
        return None;
    }
    let sharded = (0..graph.nodes.len()).filter(|node| graph.keys(*node) > 0);
    let mut anchors = sharded.filter(|anchor| graph.is_anchor(*anchor, 0));
    let anchor = anchors.find(|anchor| graph.holds_together(*anchor, None))?;
    let block = ast.blocks.first()?;
    Some(Locality {
        groups: block.group_by && graph.groups_by(0, anchor),
        rows: graph.gives(0, anchor),
    })
}

/// Whether each SELECT of a UNION gives on all data nodes together what it gives of all rows.
pub fn keeps_operands_apart(
    ast: &Ast,
    tokens: Tokens<'_>,
    tables: &Tables<'_>,
    resolver: Resolver<'_>,
) -> bool {
    let graph = Graph::read_all(ast, tokens, tables, resolver);
    // What several operands can use is not looked into.
    if graph.limits_copies() || ast.blocks.iter().any(|block| block.role == BlockRole::Cte) {
        return false;
    }
    let operands = graph.operands(0);
    let sharded: Vec<usize> = (0..graph.nodes.len())
        .filter(|n| graph.keys(*n) > 0)
        .collect();
    let keeps_apart = |operand: &usize| {
        let own = || {
            sharded
                .iter()
                .copied()
                .filter(|node| graph.operand_of(*node, &operands) == Some(*operand))
        };
        let block = ast.blocks.get(*operand);
        own().any(|anchor| {
            graph.is_anchor(anchor, *operand)
                && block.is_some_and(|block| graph.gives_own_rows(*operand, block, anchor))
                && own()
                    .filter(|node| *node != anchor)
                    .all(|node| graph.is_tied(node, anchor))
        })
    };
    let limited = |operand: &usize| {
        *operand != 0 && ast.blocks.get(*operand).is_some_and(|block| block.limit)
    };
    sharded.len() == graph.sharded.len()
        && !operands.iter().any(limited)
        && operands.iter().all(keeps_apart)
}

/// What the rows of a SELECT say of the sharding key, where INSERT stores each of them on the data node
/// that it comes from; `None`: it does not, or that is not certain. `source`: the SELECT's block; `key`:
/// which of its columns are the target's key columns.
pub fn stored_where_read(
    ast: &Ast,
    tokens: Tokens<'_>,
    (tables, resolver): (&Tables<'_>, Resolver<'_>),
    (source, key): (usize, &[usize]),
) -> Option<KeyCondition> {
    let graph = Graph::read_all(ast, tokens, tables, resolver);
    let target = graph.node_at(0, 0)?;
    let block = ast.blocks.get(source)?;
    if graph.limits_copies() || block.limit || graph.operands(source).len() != 1 {
        return None;
    }
    let outputs = graph.places(source)?;
    let gives_key = |anchor: usize| {
        key.iter().enumerate().all(|(column, at)| {
            let wanted = Key {
                node: anchor,
                column,
            };
            let stored = Key {
                node: target,
                column,
            };
            let given = outputs.get(*at).copied().flatten();
            given.is_some_and(|given| {
                graph.is_key(given, wanted, source)
                    && graph.type_of(stored).is_some()
                    && graph.type_of(given) == graph.type_of(stored)
            })
        })
    };
    let read = (0..graph.nodes.len()).filter(|node| *node != target && graph.keys(*node) > 0);
    let mut anchors = read.clone().filter(|anchor| {
        graph.is_anchor(*anchor, source) && graph.gives_own_rows(source, block, *anchor)
    });
    anchors.find(|anchor| graph.holds_together(*anchor, Some(target)) && gives_key(*anchor))?;
    Some(any(read.map(|node| graph.of(node)).collect()))
}

impl Graph<'_> {
    /// Whether a query without sharded tables has a LIMIT: every node may choose other rows.
    fn limits_copies(&self) -> bool {
        let inner = self.ast.blocks.iter().enumerate().skip(1);
        inner
            .into_iter()
            .any(|(at, block)| block.limit && !self.has_sharded(at))
    }

    fn keys(&self, node: usize) -> usize {
        self.nodes.get(node).map_or(0, |node| node.keys)
    }

    /// Whether a block has a sharded table itself: what it gives is then not the same on every node.
    fn has_sharded(&self, block: usize) -> bool {
        self.nodes
            .iter()
            .any(|node| node.block == block && node.keys > 0)
    }

    /// Whether a row of this table is in every row that the block `top` makes, and every query in
    /// between gives on each node what it makes of that node's rows.
    fn is_anchor(&self, node: usize, top: usize) -> bool {
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
            if block == top {
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
            && self.gives_own_rows(at, block, anchor)
    }

    /// The same of a query without LIMIT.
    fn gives_own_rows(&self, at: usize, block: &Block, anchor: usize) -> bool {
        !block.windows
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

    /// Whether rows of all other sharded tables matter only beside rows of the anchor with their key;
    /// `target`: what is only stored into.
    fn holds_together(&self, anchor: usize, target: Option<usize>) -> bool {
        let sharded = (0..self.nodes.len()).filter(|node| self.keys(*node) > 0);
        // A sharded table whose columns are not known, or that is named in an odd place, has no node.
        let all_known = sharded.clone().count() == self.sharded.len();
        let counts = |node: &usize| *node != anchor && Some(*node) != target;
        let mut others = sharded.into_iter().filter(counts);
        all_known && others.all(|node| self.is_tied(node, anchor))
    }

    /// Whether rows of a sharded table matter only beside rows of the anchor with their key.
    fn is_tied(&self, node: usize, anchor: usize) -> bool {
        let keys = self.keys(anchor);
        self.keys(node) == keys
            && (0..keys).all(|column| {
                let equal = self.equal_to(Key { node, column });
                equal.contains(&Key {
                    node: anchor,
                    column,
                })
            })
    }

    /// The operand of a UNION that a node's block stands in.
    fn operand_of(&self, node: usize, operands: &[usize]) -> Option<usize> {
        let mut block = self.nodes.get(node)?.block;
        while !operands.contains(&block) {
            block = self.ast.blocks.get(block)?.parent?;
        }
        Some(block)
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
            columns.iter().any(|key| self.is_key(*key, wanted, at))
        })
    }

    /// Whether a column of a block's tables is this key column, or always equals it.
    fn is_key(&self, column: Key, wanted: Key, block: usize) -> bool {
        let equal = || self.equal_through(column, |key| self.is_present(key));
        column == wanted || self.is_in(column, block) && equal().contains(&wanted)
    }

    /// Whether a column is that of a row that is always there: a missing row's NULL is on no node.
    fn is_present(&self, key: Key) -> bool {
        let Some(node) = self.nodes.get(key.node) else {
            return false;
        };
        let content = self.ast.blocks.get(node.block);
        let table = content.and_then(|block| block.tables.get(node.at));
        table.is_some_and(|table| !table.nullable)
    }
}
