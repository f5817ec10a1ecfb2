//! What a statement says of the sharding keys of its tables.
//!
//! In: an AST and its sharded tables. Out: one [`KeyCondition`]: the shards for which it holds
//! together hold every row, of every table reference, that can take part in the answer. If that is
//! one shard, the statement's answer there is the statement's answer.
//!
//! Each reference has what its own block says of its key columns (`direct`), and inherits what is
//! said of a key column that must equal one of its own: along inner joins and WHERE both ways, along
//! LEFT JOIN to the right, from a block into its subqueries. The references' conditions are joined
//! by OR.

use std::ops::Range;

use super::KeyCondition;
use super::resolve::Resolver;
use super::tables::{ShardedRef, Tables};
use crate::parse::TokenKind;
use crate::parse::Tokens;
use crate::parse::ast::{
    Ast, Block, BlockRole, ColumnRef, CompareOp, Condition, Join, TableRef, TableSource,
};

/// The condition on the key that all sharded tables of the statement share.
pub fn condition(
    ast: &Ast,
    tokens: Tokens<'_>,
    tables: &Tables<'_>,
    resolver: Resolver<'_>,
) -> KeyCondition {
    let nodes = &tables.sharded;
    let mut graph = Graph {
        ast,
        resolver,
        nodes,
        direct: vec![Vec::new(); nodes.len()],
        inherits: Vec::new(),
    };
    let trust_outer = !has_right_join(tokens);
    for (at, block) in ast.blocks.iter().enumerate() {
        graph.read(&block.filter, &Scope::filter(at));
        for join in &block.joins {
            graph.read_join(at, block, join, trust_outer);
        }
    }
    let each = (0..nodes.len()).map(|node| graph.of(node));
    any(each.collect())
}

/// In a tree with RIGHT JOIN the AST does not say which side ON limits.
fn has_right_join(tokens: Tokens<'_>) -> bool {
    (0..tokens.len())
        .any(|at| tokens.is_word(at, "RIGHT") && tokens.kind(at + 1) != Some(TokenKind::Open))
}

/// Where a condition stands, and so what its names mean and whose rows it limits.
struct Scope {
    block: usize,
    /// ON: names without qualifier are not looked up, for not all of the block's tables are seen.
    on: bool,
    /// Indices of the block's tables that it limits; all of them where `None`.
    limits: Option<std::ops::Range<usize>>,
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

/// A key column of a reference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Key {
    node: usize,
    column: usize,
}

struct Graph<'g> {
    ast: &'g Ast,
    resolver: Resolver<'g>,
    /// The references to sharded tables.
    nodes: &'g [ShardedRef<'g>],
    /// What is said of each node's own key columns.
    direct: Vec<Vec<KeyCondition>>,
    /// Pairs of key columns: what is said of the second holds for the first too.
    inherits: Vec<(Key, Key)>,
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
        self.read(&join.condition, &scope);
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
            self.nodes
                .get(key.node)
                .is_some_and(|node| node.at < right.start)
        });
        self.equal(&before, &behind, scope);
    }

    fn read(&mut self, condition: &Condition, scope: &Scope) {
        let conjuncts = match condition {
            Condition::And(all) => all.as_slice(),
            other => std::slice::from_ref(other),
        };
        for conjunct in conjuncts {
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

    /// Notes that the key columns must be equal wherever `scope` limits one of them.
    fn equal(&mut self, a: &[Key], b: &[Key], scope: &Scope) {
        for (from, to) in a.iter().flat_map(|a| b.iter().map(move |b| (*a, *b))) {
            for (from, to) in [(from, to), (to, from)] {
                if self.is_limited(to.node, scope) {
                    self.inherits.push((to, from));
                }
            }
        }
    }

    fn is_limited(&self, node: usize, scope: &Scope) -> bool {
        self.nodes.get(node).is_some_and(|node| {
            let limits = scope.limits.as_ref();
            node.block == scope.block && limits.is_none_or(|range| range.contains(&node.at))
        })
    }

    /// What a condition says of one node's key columns.
    fn said(&self, condition: &Condition, node: usize, scope: &Scope) -> KeyCondition {
        let key_of = |column: &ColumnRef| {
            let named = self.named(column, scope).into_iter();
            let own = named.filter(|key| key.node == node);
            own.map(|key| key.column).next()
        };
        match condition {
            Condition::And(parts) => all(parts
                .iter()
                .map(|part| self.said(part, node, scope))
                .collect()),
            Condition::Or(parts) => any(parts
                .iter()
                .map(|part| self.said(part, node, scope))
                .collect()),
            Condition::Compare {
                column,
                op: CompareOp::Eq,
                value,
            } => key_of(column).map_or(KeyCondition::Unknown, |key| KeyCondition::Equal {
                key,
                slot: *value,
            }),
            Condition::In { column, values } => {
                key_of(column).map_or(KeyCondition::Unknown, |key| KeyCondition::In {
                    key,
                    slots: vec![*values],
                })
            }
            _ => KeyCondition::Unknown,
        }
    }

    /// What holds for a node's key columns: what is said of them and of all columns that equal
    /// them.
    fn of(&self, node: usize) -> KeyCondition {
        let mut said = self.direct.get(node).cloned().unwrap_or_default();
        let columns = self.nodes.get(node).map_or(0, |n| n.sharding.keys.len());
        for column in 0..columns {
            for equal in self.equal_to(Key { node, column }) {
                let theirs = self.direct.get(equal.node).into_iter().flatten();
                said.extend(theirs.map(|theirs| only(theirs, equal.column, column)));
            }
        }
        all(said)
    }

    /// The key columns whose conditions hold for this one too, itself not among them.
    fn equal_to(&self, key: Key) -> Vec<Key> {
        let mut seen = vec![key];
        let mut next = 0;
        while let Some(at) = seen.get(next).copied() {
            for (to, from) in &self.inherits {
                if *to == at && !seen.contains(from) {
                    seen.push(*from);
                }
            }
            next += 1;
        }
        seen.split_off(1)
    }

    /// The key columns that a column certainly is.
    fn named(&self, column: &ColumnRef, scope: &Scope) -> Vec<Key> {
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

    /// The key columns of a block's tables that have this name.
    fn keyed(&self, block: usize, column: &str) -> Vec<Key> {
        let nodes = self.nodes.iter().enumerate();
        let keys = nodes.filter(|(_, node)| node.block == block);
        keys.filter_map(|(node, found)| {
            let column = found.sharding.key(column)?;
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
                let is_it = |n: &ShardedRef<'_>| (n.block, n.at) == (block, at);
                let node = self.nodes.iter().position(is_it)?;
                let column = self.nodes.get(node)?.sharding.key(&column.name)?;
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
        let TableSource::Named { schema, .. } = &reference.source else {
            return visible_name(reference).is_some_and(|n| self.resolver.same_name(n, table));
        };
        let named = visible_name(reference).is_some_and(|n| self.resolver.same_name(n, table));
        let schema = schema.as_deref().or(self.resolver.current);
        named
            && column.schema.as_deref().is_none_or(|wanted| {
                reference.alias.is_none()
                    && schema.is_some_and(|s| self.resolver.same_name(s, wanted))
            })
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
        (None, TableSource::Named { name, .. } | TableSource::Cte(name)) => Some(name),
        (None, _) => None,
    }
}

/// What a condition says of one key column, said of another one.
fn only(condition: &KeyCondition, from: usize, to: usize) -> KeyCondition {
    let parts = |parts: &[KeyCondition]| parts.iter().map(|part| only(part, from, to)).collect();
    match condition {
        KeyCondition::Equal { key, slot } if *key == from => KeyCondition::Equal {
            key: to,
            slot: *slot,
        },
        KeyCondition::In { key, slots } if *key == from => KeyCondition::In {
            key: to,
            slots: slots.clone(),
        },
        KeyCondition::And(all_of) => all(parts(all_of)),
        KeyCondition::Or(any_of) => any(parts(any_of)),
        KeyCondition::Never => KeyCondition::Never,
        _ => KeyCondition::Unknown,
    }
}

/// All hold; what is not known limits nothing.
fn all(mut parts: Vec<KeyCondition>) -> KeyCondition {
    parts.retain(|part| *part != KeyCondition::Unknown);
    join(parts, KeyCondition::And)
}

/// At least one holds; what is not known may always hold.
fn any(parts: Vec<KeyCondition>) -> KeyCondition {
    if parts.contains(&KeyCondition::Unknown) {
        return KeyCondition::Unknown;
    }
    join(parts, KeyCondition::Or)
}

/// Parts without repetition; none at all says nothing.
fn join(
    mut parts: Vec<KeyCondition>,
    make: impl FnOnce(Vec<KeyCondition>) -> KeyCondition,
) -> KeyCondition {
    let mut once: Vec<KeyCondition> = Vec::with_capacity(parts.len());
    for part in parts.drain(..) {
        if !once.contains(&part) {
            once.push(part);
        }
    }
    match once.pop() {
        None => KeyCondition::Unknown,
        Some(only) if once.is_empty() => only,
        Some(last) => {
            once.push(last);
            make(once)
        }
    }
}
