//! A statement for every data node of its tables → the nodes, and what each one's text has instead of
//! the client's names.

use super::{DataNode, Router};
use crate::plan::everywhere::{Everywhere, Named, Place};
use crate::plan::{Edit, Replacement};
use crate::topology::{SchemaId, ShardId, TableId, TableKind, Topology};

/// What one data node does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NodePart {
    /// The shard, and which of the tables that split tables consist of.
    pub node: DataNode,
    /// The names of the client's that it has instead of its own, ascending.
    pub edits: Vec<Edit>,
    /// Its own names, in the order of the text: position in [`Everywhere::names`], and the quoted name.
    pub names: Vec<(usize, String)>,
}

impl NodePart {
    /// Its own names and the plan's other edits, ascending.
    pub fn all_edits(&self, others: &[Edit]) -> Vec<Edit> {
        let mut edits: Vec<Edit> = others.iter().chain(&self.edits).cloned().collect();
        edits.sort_by_key(|edit| (edit.token, edit.tokens));
        edits
    }
}

impl Router {
    /// The parts of a statement, ordered by shard; none where its tables are nowhere.
    pub fn everywhere(&self, all: &Everywhere, topology: &Topology) -> Vec<NodePart> {
        let mut parts: Vec<NodePart> = Vec::new();
        // Those that are several tables on a shard make the parts; the others go along with the first.
        let is_split = |name: &Named| match name.place {
            Place::Nodes(table) => is_split(table, topology),
            Place::Shards(_) | Place::One(_) => false,
        };
        let by_name = || all.names.iter().enumerate();
        let split = by_name().filter(|(_, name)| is_split(name));
        let whole = by_name().filter(|(_, name)| !is_split(name));
        for (at, name) in split.chain(whole) {
            let only = |node: &DataNode| all.only.is_none_or(|shard| node.shard == shard);
            for node in self.nodes_of(name, topology).into_iter().filter(only) {
                let same = |part: &&mut NodePart| match is_split(name) {
                    true => part.node == node,
                    false => part.node.shard == node.shard,
                };
                let Some(own) = physical(name, node, topology) else {
                    continue;
                };
                match parts.iter_mut().find(same) {
                    Some(part) => part.names.push((at, own)),
                    None => parts.push(NodePart {
                        node,
                        edits: Vec::new(),
                        names: vec![(at, own)],
                    }),
                }
            }
        }
        for part in &mut parts {
            part.names.sort_by_key(|(at, _)| *at);
            part.edits = edits(all, &part.names);
        }
        parts.sort_by_key(|part| part.node);
        parts
    }

    /// The data nodes of a name, and what each of them calls it: its database and the table, quoted.
    pub fn physical_names(&self, name: &Named, topology: &Topology) -> Vec<(DataNode, String)> {
        let nodes = self.nodes_of(name, topology).into_iter();
        nodes
            .filter_map(|node| Some((node, physical(name, node, topology)?)))
            .collect()
    }

    fn nodes_of(&self, name: &Named, topology: &Topology) -> Vec<DataNode> {
        match name.place {
            Place::Nodes(table) => self.nodes(table).to_vec(),
            Place::Shards(schema) => shards(schema, topology).map(DataNode::from).collect(),
            Place::One(shard) => vec![shard.into()],
        }
    }
}

fn shards(schema: SchemaId, topology: &Topology) -> impl Iterator<Item = ShardId> {
    let found = topology.schema_by_id(schema).into_iter();
    found.flat_map(|schema| schema.shards.iter().copied())
}

fn is_split(table: TableId, topology: &Topology) -> bool {
    let table = topology.table_by_id(table).map(|table| &table.kind);
    matches!(table, Some(TableKind::Sharded(sharding)) if sharding.split.is_some())
}

/// What the node calls it, with its database before it, both quoted.
fn physical(name: &Named, node: DataNode, topology: &Topology) -> Option<String> {
    let database = quoted(&topology.shard(node.shard)?.database);
    let Some(table) = &name.table else {
        return Some(database);
    };
    let own = match name.place {
        Place::Nodes(id) => own_name(id, node, topology),
        Place::Shards(_) | Place::One(_) => None,
    };
    Some(format!("{database}.{}", quoted(own.unwrap_or(table))))
}

/// What the node calls a split table.
fn own_name(id: TableId, node: DataNode, topology: &Topology) -> Option<&str> {
    match &topology.table_by_id(id)?.kind {
        TableKind::Sharded(sharding) => sharding.physical_name(node.part),
        _ => None,
    }
}

/// What a data node calls a table, with its database before it, both quoted.
pub fn node_table(id: TableId, node: DataNode, topology: &Topology) -> Option<String> {
    let database = quoted(&topology.shard(node.shard)?.database);
    let table = &topology.table_by_id(id)?.name;
    let own = own_name(id, node, topology);
    Some(format!("{database}.{}", quoted(own.unwrap_or(table))))
}

/// A name as it stands in a statement, whatever is in it.
pub fn quoted(name: &str) -> String {
    format!("`{}`", name.replace('`', "``"))
}

fn edits(all: &Everywhere, own: &[(usize, String)]) -> Vec<Edit> {
    let edit = |tokens: std::ops::Range<usize>, text: String| Edit {
        token: u32::try_from(tokens.start).unwrap_or(u32::MAX),
        tokens: u32::try_from(tokens.len()).unwrap_or(u32::MAX),
        with: Replacement::Text(text),
    };
    if !all.listed {
        let mut edits: Vec<Edit> = own
            .iter()
            .filter_map(|(at, name)| {
                let tokens = all.names.get(*at)?.tokens.clone();
                // What stands nowhere comes behind the word before.
                let blank = if tokens.is_empty() { " " } else { "" };
                Some(edit(tokens, format!("{blank}{name}")))
            })
            .collect();
        edits.sort_by_key(|edit| edit.token);
        return edits;
    }
    let (Some(first), Some(last)) = (all.names.first(), all.names.last()) else {
        return Vec::new();
    };
    let names: Vec<&str> = own.iter().map(|(_, name)| name.as_str()).collect();
    vec![edit(first.tokens.start..last.tokens.end, names.join(", "))]
}
