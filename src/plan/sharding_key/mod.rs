//! What a statement says of the sharding keys of its tables.
//!
//! In: an AST and its sharded tables. Out: one [`KeyCondition`]: the shards for which it holds
//! together hold every row, of every table reference, that can take part in the answer. If that is
//! one shard, the statement's answer there is the statement's answer.
//!
//! Each reference has what its own block says of its key columns (`direct`), and inherits what is
//! said of a column that must equal one of its own: along inner joins and WHERE both ways, along
//! LEFT JOIN to the right, from a block into its subqueries, out of a subquery that must find
//! something, and through derived tables whose columns are plain columns of their query. The
//! references' conditions are joined by OR.
//!
//! Every condition used here is false or NULL where its column is NULL: so what WHERE says of the
//! side of an outer join that may be missing limits that side.

mod local;
mod names;
mod nodes;
mod said;
mod subquery;

use std::ops::Range;
use std::sync::Arc;

use super::KeyCondition;
use super::resolve::Resolver;
use super::tables::{ShardedRef, Tables};
use crate::parse::ast::{Ast, Block, Condition, Join};
use crate::parse::{TokenKind, Tokens};
use crate::topology::KeyType;
pub use local::{Locality, keeps_operands_apart, locality, stored_where_read};
use nodes::Node;
use said::{all, any, normal, translated};

/// The condition on the key that all sharded tables of the statement share, in the key columns of
/// the first.
pub fn condition(
    ast: &Ast,
    tokens: Tokens<'_>,
    tables: &Tables<'_>,
    resolver: Resolver<'_>,
) -> KeyCondition {
    let graph = Graph::read_all(ast, tokens, tables, resolver);
    let nodes = 0..graph.nodes.len();
    let sharded = nodes.filter(|node| graph.nodes.get(*node).is_some_and(|n| n.keys > 0));
    any(sharded.map(|node| graph.of(node)).collect())
}

impl<'g> Graph<'g> {
    /// Reads a statement.
    fn read_all(
        ast: &'g Ast,
        tokens: Tokens<'_>,
        tables: &'g Tables<'g>,
        resolver: Resolver<'g>,
    ) -> Self {
        let mut graph = Self {
            ast,
            resolver,
            sharded: &tables.sharded,
            nodes: Vec::new(),
            direct: Vec::new(),
            inherits: Vec::new(),
            asserted: vec![false; ast.blocks.len()],
            steady: !assigns_variables(tokens),
        };
        graph.add_nodes();
        let filters: Vec<Condition> = ast
            .blocks
            .iter()
            .map(|b| normal(&b.filter, false))
            .collect();
        for (at, filter) in filters.iter().enumerate() {
            graph.add_subqueries(at, filter);
        }
        let trust_outer = !has_right_join(tokens);
        for ((at, block), filter) in ast.blocks.iter().enumerate().zip(&filters) {
            graph.read(filter, &Scope::filter(at));
            for join in &block.joins {
                graph.read_join(at, block, join, trust_outer);
            }
        }
        graph
    }
}

/// In a tree with RIGHT JOIN the AST does not say which side ON limits.
fn has_right_join(tokens: Tokens<'_>) -> bool {
    (0..tokens.len())
        .any(|at| tokens.is_word(at, "RIGHT") && tokens.kind(at + 1) != Some(TokenKind::Open))
}

/// Whether user variables may change while the statement runs.
fn assigns_variables(tokens: Tokens<'_>) -> bool {
    (0..tokens.len()).any(|at| {
        tokens.is_symbol(at, ":=")
            || tokens.is_word(at, "INTO") && tokens.kind(at + 1) == Some(TokenKind::UserVariable)
    })
}

/// Where a condition stands, and so what its names mean and whose rows it limits.
struct Scope {
    block: usize,
    /// ON: names without qualifier are not looked up, for not all of the block's tables are seen.
    on: bool,
    /// Indices of the block's tables that it limits; all of them where `None`.
    limits: Option<Range<usize>>,
}

impl Scope {
    fn filter(block: usize) -> Self {
        Self {
            block,
            on: false,
            limits: None,
        }
    }
}

/// A column of a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Key {
    node: usize,
    column: usize,
}

struct Graph<'g> {
    ast: &'g Ast,
    resolver: Resolver<'g>,
    sharded: &'g [ShardedRef<'g>],
    /// The references to sharded tables, and to tables whose columns may equal their keys.
    nodes: Vec<Node>,
    /// What is said of each node's own columns.
    direct: Vec<Vec<KeyCondition>>,
    /// Pairs of columns: what is said of the second holds for the first too.
    inherits: Vec<(Key, Key)>,
    /// By block: a subquery without whose rows the block around it has none either.
    asserted: Vec<bool>,
    /// User variables keep their values while the statement runs.
    steady: bool,
}

/// Whether every table but the first is added by an inner join of its own, with a condition: then
/// the left side of each join is all tables before it.
fn is_inner_chain(block: &Block) -> bool {
    let one_each = block.joins.iter().enumerate().all(|(at, join)| {
        let right = at + 1..at + 2;
        !join.outer && join.right == right
    });
    block.joins.len() + 1 == block.tables.len() && one_each
}

impl Graph<'_> {
    fn read_join(&mut self, at: usize, block: &Block, join: &Join, trust_outer: bool) {
        let scope = Scope {
            block: at,
            on: true,
            limits: join.outer.then(|| join.right.clone()),
        };
        if join.outer && !trust_outer {
            return;
        }
        self.read(&normal(&join.condition, false), &scope);
        if block.tables.len() == 2 || is_inner_chain(block) {
            join.using
                .iter()
                .for_each(|column| self.read_using(column, &join.right, &scope));
        }
    }

    /// USING between the tables before a join and the one that it adds. Where the column is the key
    /// of a table before it, it is that table's: MySQL refuses a column that two of them have,
    /// unless an earlier USING made them one.
    fn read_using(&mut self, column: &str, right: &Range<usize>, scope: &Scope) {
        let keyed = self.keyed(scope.block, column).into_iter();
        let (before, behind): (Vec<Key>, Vec<Key>) = keyed.partition(|key| {
            let node = self.nodes.get(key.node);
            node.is_some_and(|node| node.at < right.start)
        });
        self.equal(&before, &behind, scope);
    }

    /// Reads a condition in normal form.
    fn read(&mut self, condition: &Condition, scope: &Scope) {
        for conjunct in conjuncts(condition) {
            if let Condition::ColumnsEqual(a, b) = conjunct {
                let (a, b) = (self.named(a, scope), self.named(b, scope));
                self.equal(&a, &b, scope);
            }
        }
        for node in 0..self.nodes.len() {
            if self.is_limited(node, scope) {
                let said = self.said(condition, node, scope);
                if let Some(direct) = self.direct.get_mut(node) {
                    direct.push(said);
                }
            }
        }
    }

    /// Notes that the columns must be equal wherever `scope` limits one of them.
    fn equal(&mut self, a: &[Key], b: &[Key], scope: &Scope) {
        for (a, b) in a.iter().flat_map(|a| b.iter().map(move |b| (*a, *b))) {
            for (to, from) in [(a, b), (b, a)] {
                if self.is_limited(to.node, scope) {
                    self.inherit(to, from);
                }
            }
        }
    }

    /// What is said of `from` holds for `to`: if equal values of both are equal keys.
    fn inherit(&mut self, to: Key, from: Key) {
        let types = (self.type_of(to), self.type_of(from));
        if let (Some(mine), Some(theirs)) = types
            && mine.places_like(theirs)
        {
            self.inherits.push((to, from));
        }
    }

    fn type_of(&self, key: Key) -> Option<&Arc<KeyType>> {
        let column = self.nodes.get(key.node)?.columns.get(key.column)?;
        column.key_type.as_ref()
    }

    /// Whether rows of a node matter only where a condition holds. WHERE of a subquery that must
    /// find something is also WHERE of the blocks around it.
    fn is_limited(&self, node: usize, scope: &Scope) -> bool {
        let Some(node) = self.nodes.get(node) else {
            return false;
        };
        if node.block == scope.block {
            let limits = scope.limits.as_ref();
            return limits.is_none_or(|range| range.contains(&node.at));
        }
        let mut block = scope.block;
        while !scope.on && self.asserted.get(block) == Some(&true) {
            match self.ast.blocks.get(block).and_then(|block| block.parent) {
                Some(parent) if parent == node.block => return true,
                Some(parent) => block = parent,
                None => return false,
            }
        }
        false
    }

    /// What holds for a sharded node's key columns: what is said of them and of all columns that
    /// equal them, in the key columns of the statement's first table.
    fn of(&self, node: usize) -> KeyCondition {
        let keys = self.nodes.get(node).map_or(0, |n| n.keys);
        let mut equals: Vec<(usize, Vec<(usize, usize)>)> = Vec::new();
        for column in 0..keys {
            for key in self.equal_to(Key { node, column }) {
                let pair = (key.column, column);
                match equals.iter_mut().find(|(other, _)| *other == key.node) {
                    Some((_, pairs)) => pairs.push(pair),
                    None => equals.push((key.node, vec![pair])),
                }
            }
        }
        let first = self.sharded.first().map(|first| first.sharding);
        let types = first.map_or(&[][..], |sharding| sharding.keys.as_slice());
        let said = equals.iter().flat_map(|(other, pairs)| {
            let theirs = self.direct.get(*other).into_iter().flatten();
            theirs.map(|theirs| translated(theirs, pairs, types))
        });
        all(said.collect())
    }

    /// The columns whose conditions hold for this one too, itself first.
    fn equal_to(&self, key: Key) -> Vec<Key> {
        self.equal_through(key, |_| true)
    }

    /// The same by way of columns that `passes` lets through only.
    fn equal_through(&self, key: Key, passes: impl Fn(Key) -> bool) -> Vec<Key> {
        let mut seen = vec![key];
        let mut next = 0;
        while let Some(at) = seen.get(next).copied() {
            let equal = self.inherits.iter().filter(|(to, _)| *to == at);
            for (_, from) in equal.filter(|_| passes(at)) {
                if !seen.contains(from) {
                    seen.push(*from);
                }
            }
            next += 1;
        }
        seen
    }
}

/// The parts of a condition in normal form that must all hold.
fn conjuncts(condition: &Condition) -> &[Condition] {
    match condition {
        Condition::And(all) => all.as_slice(),
        other => std::slice::from_ref(other),
    }
}
