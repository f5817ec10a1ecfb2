//! Which tables of a statement have columns that matter, and what derived tables make of them.

use std::collections::HashMap;
use std::sync::Arc;

use super::{Graph, Key, Scope};
use crate::parse::ast::{Block, Join, Output, TableSource};
use crate::plan::resolve::Resolved;
use crate::topology::{KeyColumn, KeyType};

/// A table reference with the columns that are keys, or may equal keys.
#[derive(Debug)]
pub(super) struct Node {
    /// Index of its block.
    pub(super) block: usize,
    /// Index in the block's tables.
    pub(super) at: usize,
    /// How many key columns it has: what is said of them decides where its rows are. None but for a
    /// sharded table.
    pub(super) keys: usize,
    /// The key columns in the order of its sharding, then others.
    pub(super) columns: Vec<Column>,
}

/// A column of a node.
#[derive(Clone, Debug)]
pub(super) struct Column {
    pub(super) name: String,
    pub(super) key_type: Option<Arc<KeyType>>,
    /// INVISIBLE: `*` does not mean it.
    pub(super) hidden: bool,
}

impl Node {
    /// The position of a column, by its name in any case.
    pub(super) fn column(&self, name: &str) -> Option<usize> {
        self.columns
            .iter()
            .position(|column| column.name.eq_ignore_ascii_case(name))
    }
}

/// Whether a join makes two columns one.
fn is_merging(join: &Join) -> bool {
    join.natural || !join.using.is_empty()
}

/// Nodes that were looked for, by block and table.
type Seen = HashMap<(usize, usize), Option<usize>>;

impl Graph<'_> {
    /// Makes the nodes of all blocks.
    pub(super) fn add_nodes(&mut self) {
        let mut seen = Seen::new();
        for (at, block) in self.ast.blocks.iter().enumerate() {
            for table in 0..block.tables.len() {
                self.add_node(at, table, &mut seen);
            }
        }
    }

    /// The node of a table reference.
    pub(super) fn node_at(&self, block: usize, at: usize) -> Option<usize> {
        let mut nodes = self.nodes.iter();
        nodes.position(|node| (node.block, node.at) == (block, at))
    }

    fn add_node(&mut self, block: usize, at: usize, seen: &mut Seen) {
        if seen.contains_key(&(block, at)) {
            return;
        }
        seen.insert((block, at), None);
        let table = self.ast.blocks.get(block).and_then(|b| b.tables.get(at));
        let Some(table) = table else {
            return;
        };
        match &table.source {
            TableSource::Named { schema, name, .. } => {
                self.add_table(block, at, (schema.as_deref(), name));
            }
            TableSource::Derived(query) if !table.renamed => {
                self.add_derived((block, at), *query, true, seen);
            }
            TableSource::Cte {
                block: Some(query), ..
            } => {
                let is_it = |source: &TableSource| matches!(source, TableSource::Cte { block, .. } if *block == Some(*query));
                let tables = self.ast.tables();
                let uses = tables.filter(|(_, table)| is_it(&table.source)).count();
                self.add_derived((block, at), *query, uses == 1, seen);
            }
            _ => {}
        }
    }

    fn push(&mut self, (block, at): (usize, usize), keys: usize, columns: Vec<Column>) -> usize {
        self.nodes.push(Node {
            block,
            at,
            keys,
            columns,
        });
        self.direct.push(Vec::new());
        self.nodes.len() - 1
    }

    /// A table of the servers, with all of its columns that may equal a key.
    fn add_table(&mut self, block: usize, at: usize, (schema, name): (Option<&str>, &str)) {
        let is_it = |found: &&super::ShardedRef<'_>| (found.block, found.at) == (block, at);
        let found = self.sharded.iter().find(is_it);
        let keys = found.map_or(&[][..], |found| found.sharding.keys.as_slice());
        let defined = match (found, self.resolver.table(schema, name)) {
            (Some(found), _) => self.resolver.topology.definition(found.id),
            (None, Ok(Resolved::Sharded(id, ..))) => self.resolver.topology.definition(id),
            (None, Ok(Resolved::Broadcast(table))) => {
                let found = self.resolver.topology.table(table.schema, name);
                found.and_then(|(id, _)| self.resolver.topology.definition(id))
            }
            _ => None,
        };
        let defined = defined.map_or(&[][..], |table| table.columns.as_slice());
        let hidden = |name: &str| {
            let mut all = defined.iter();
            all.any(|column| column.invisible && column.name.eq_ignore_ascii_case(name))
        };
        let key = |key: &KeyColumn| Column {
            name: key.name.clone(),
            key_type: key.key_type.clone().map(Arc::new),
            hidden: hidden(&key.name),
        };
        let mut columns: Vec<Column> = keys.iter().map(key).collect();
        let is_key = |name: &str| keys.iter().any(|key| key.name.eq_ignore_ascii_case(name));
        columns.extend(defined.iter().filter_map(|column| {
            let key_type = column.key_type().ok()?;
            (!is_key(&column.name)).then(|| Column {
                name: column.name.clone(),
                key_type: Some(Arc::new(key_type)),
                hidden: column.invisible,
            })
        }));
        if !columns.is_empty() {
            self.push((block, at), keys.len(), columns);
        }
    }

    /// A derived table or common table expression: its columns that are plain columns of the query
    /// inside. What is known inside is known outside; what is said outside may be said inside where
    /// it makes no difference whether other rows are there (`only_use`: nobody else reads them).
    fn add_derived(
        &mut self,
        place: (usize, usize),
        query: usize,
        only_use: bool,
        seen: &mut Seen,
    ) {
        let operands = self.operands(query);
        for operand in &operands {
            let tables = self.ast.blocks.get(*operand).map_or(0, |b| b.tables.len());
            for table in 0..tables {
                self.add_node(*operand, table, seen);
            }
        }
        let outputs = match operands.as_slice() {
            [only] => {
                let named = self.outputs(*only).unwrap_or_default().into_iter();
                named
                    .flatten()
                    .map(|(name, key)| (name, vec![key]))
                    .collect()
            }
            several => self.united(several),
        };
        let columns = outputs.iter().map(|(name, keys)| Column {
            name: name.clone(),
            key_type: keys
                .first()
                .and_then(|key| self.type_of(*key))
                .map(Arc::clone),
            hidden: false,
        });
        let columns: Vec<Column> = columns.collect();
        if columns.is_empty() {
            return;
        }
        let node = self.push(place, 0, columns);
        for (column, (_, keys)) in outputs.iter().enumerate() {
            self.pass(Key { node, column }, keys, only_use);
        }
    }

    /// Connects a column of a query's result with the columns that it is in the query's operands.
    pub(super) fn pass(&mut self, outside: Key, inside: &[Key], into: bool) {
        if let [only] = inside {
            self.inherit(outside, *only);
        }
        if into && self.steady && inside.iter().all(|key| self.filters_early(*key)) {
            inside.iter().for_each(|key| self.inherit(*key, outside));
        }
    }

    /// Whether a block gives the same rows with a value of this column of its own, whether or not
    /// there are rows with other values.
    fn filters_early(&self, key: Key) -> bool {
        let block = self.nodes.get(key.node).map(|node| node.block);
        let Some((at, block)) = block.and_then(|at| Some((at, self.ast.blocks.get(at)?))) else {
            return false;
        };
        let scope = Scope::filter(at);
        let by_key = || {
            let mut columns = block.group_columns.iter();
            columns.any(|column| self.named(column, &scope).contains(&key))
        };
        !block.limit
            && !block.windows
            && if block.group_by {
                by_key()
            } else {
                !block.aggregates && !block.having
            }
    }

    /// The blocks of a query: one, or the operands of its UNION.
    pub(super) fn operands(&self, query: usize) -> Vec<usize> {
        let blocks = self.ast.blocks.iter().enumerate();
        let of_query = blocks.filter(|(_, block)| block.head == query);
        of_query.map(|(at, _)| at).collect()
    }

    /// The result columns of a block that are plain columns of its tables, by position; `None` where
    /// `*` hides the positions of others.
    pub(super) fn outputs(&self, at: usize) -> Option<Vec<Option<(String, Key)>>> {
        let block = self.ast.blocks.get(at)?;
        let mut outputs = Vec::new();
        for output in &block.outputs {
            match output {
                Output::Column { name, column } => {
                    let named = self.named(column, &Scope::filter(at)).into_iter();
                    let mut own = named.filter(|key| self.is_in(*key, at));
                    outputs.push(own.next().map(|key| (name.clone(), key)));
                }
                Output::Other => outputs.push(None),
                Output::Star => outputs.extend(self.star(at, block, None)),
                Output::TableStar(table) => outputs.extend(self.star(at, block, Some(table))),
            }
        }
        Some(outputs)
    }

    /// The same by their places: `*` counts as many columns as it has. `None`: that is not known.
    pub(super) fn places(&self, at: usize) -> Option<Vec<Option<Key>>> {
        let block = self.ast.blocks.get(at)?;
        let mut places = Vec::new();
        for output in &block.outputs {
            match output {
                Output::Column { column, .. } => {
                    let named = self.named(column, &Scope::filter(at)).into_iter();
                    places.push(named.into_iter().find(|key| self.is_in(*key, at)));
                }
                Output::Other => places.push(None),
                Output::Star => places.extend(self.all_columns(at, block, None)?),
                Output::TableStar(table) => {
                    places.extend(self.all_columns(at, block, Some(table))?);
                }
            }
        }
        Some(places)
    }

    /// The columns of `*` or `table.*`, each in its place.
    fn all_columns(
        &self,
        at: usize,
        block: &Block,
        table: Option<&String>,
    ) -> Option<Vec<Option<Key>>> {
        if table.is_none() && block.joins.iter().any(is_merging) {
            return None;
        }
        let mut columns = Vec::new();
        for (number, reference) in block.tables.iter().enumerate() {
            if table.is_some_and(|name| !self.has_name(reference, name)) {
                continue;
            }
            let TableSource::Named { schema, name, .. } = &reference.source else {
                return None;
            };
            let id = match self.resolver.table(schema.as_deref(), name) {
                Ok(Resolved::Sharded(id, ..)) => id,
                Ok(Resolved::Broadcast(table)) => {
                    self.resolver.topology.table(table.schema, name)?.0
                }
                _ => return None,
            };
            let definition = self.resolver.topology.definition(id)?;
            let node = self.node_at(at, number);
            columns.extend(definition.visible().map(|column| {
                let node = node?;
                let column = self.nodes.get(node)?.column(&column.name)?;
                Some(Key { node, column })
            }));
        }
        Some(columns)
    }

    pub(super) fn is_in(&self, key: Key, block: usize) -> bool {
        let node = self.nodes.get(key.node);
        node.is_some_and(|node| node.block == block)
    }

    /// The columns of `*` or `table.*`; not where USING or NATURAL makes columns one.
    fn star(
        &self,
        at: usize,
        block: &Block,
        table: Option<&String>,
    ) -> impl Iterator<Item = Option<(String, Key)>> {
        let plain = table.is_some() || !block.joins.iter().any(is_merging);
        let is_meant = move |found: usize| {
            let reference = block.tables.get(found);
            plain && table.is_none_or(|name| reference.is_some_and(|r| self.has_name(r, name)))
        };
        let nodes = self.nodes.iter().enumerate();
        let meant = nodes.filter(move |(_, node)| node.block == at && is_meant(node.at));
        meant.flat_map(|(node, found)| {
            let columns = found.columns.iter().enumerate();
            let columns = columns.filter(|(_, column)| !column.hidden);
            columns.map(move |(column, named)| Some((named.name.clone(), Key { node, column })))
        })
    }

    /// The result columns of a UNION that are columns of one type in all operands.
    fn united(&self, operands: &[usize]) -> Vec<(String, Vec<Key>)> {
        let listed = operands.iter().map(|at| self.listed(*at));
        let Some(listed) = listed.collect::<Option<Vec<_>>>() else {
            return Vec::new();
        };
        let Some((first, rest)) = listed.split_first() else {
            return Vec::new();
        };
        let united = first.iter().enumerate().filter_map(|(position, output)| {
            let (name, key) = output.clone()?;
            let mut keys = vec![key];
            for other in rest {
                let (_, other) = other.get(position)?.as_ref()?;
                if self.type_of(*other).is_none() || self.type_of(*other) != self.type_of(key) {
                    return None;
                }
                keys.push(*other);
            }
            Some((name, keys))
        });
        united.collect()
    }

    /// The result columns of a block whose positions are known: without `*`.
    pub(super) fn listed(&self, at: usize) -> Option<Vec<Option<(String, Key)>>> {
        let star = |output: &Output| matches!(output, Output::Star | Output::TableStar(_));
        let block = self.ast.blocks.get(at)?;
        if block.outputs.iter().any(star) {
            return None;
        }
        self.outputs(at)
    }
}
