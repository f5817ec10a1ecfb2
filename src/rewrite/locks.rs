//! LOCK TABLES and FLUSH TABLES → the text for each replica set: all shards of one share the
//! session's connection there, and each LOCK TABLES releases what the one before has locked.

use std::collections::BTreeMap;

use super::text::put_quoted;
use crate::plan::Locks;
use crate::route::{DataNode, Router};
use crate::topology::{ReplicaSetId, Topology};

/// What a replica set gets.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LockText {
    /// Its statement.
    pub sql: Vec<u8>,
    /// The data nodes of whose tables it speaks.
    pub nodes: Vec<DataNode>,
}

/// The replica sets that are asked, in the order in which everybody asks them.
pub fn lock_texts(
    locks: &Locks,
    router: &Router,
    topology: &Topology,
) -> BTreeMap<ReplicaSetId, LockText> {
    let mut texts: BTreeMap<ReplicaSetId, LockText> = BTreeMap::new();
    let whole = |sql: &[u8]| LockText {
        sql: sql.to_vec(),
        nodes: Vec::new(),
    };
    let tables = match locks {
        Locks::Tables(tables) => tables,
        Locks::Everything => return all(topology, &whole(b"FLUSH TABLES WITH READ LOCK")),
        Locks::Nothing => return all(topology, &whole(b"FLUSH TABLES")),
    };
    for table in tables {
        for (node, physical) in router.physical_names(&table.name, topology) {
            let Some(shard) = topology.shard(node.shard) else {
                continue;
            };
            let text = texts.entry(shard.replica_set).or_default();
            let before: &[u8] = match text.sql.is_empty() {
                true => b"LOCK TABLES ",
                false => b", ",
            };
            text.sql.extend_from_slice(before);
            text.sql.extend_from_slice(physical.as_bytes());
            if let Some(alias) = &table.alias {
                text.sql.extend_from_slice(b" AS ");
                put_quoted(&mut text.sql, alias.as_bytes());
            }
            text.sql.push(b' ');
            text.sql.extend_from_slice(table.mode.words().as_bytes());
            text.nodes.push(node);
        }
    }
    texts
}

fn all(topology: &Topology, text: &LockText) -> BTreeMap<ReplicaSetId, LockText> {
    let sets = (0..topology.replica_sets.len()).filter_map(|at| u16::try_from(at).ok());
    sets.map(|at| (ReplicaSetId(at), text.clone())).collect()
}
