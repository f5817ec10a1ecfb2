//! How tables are placed, in words.

use crate::topology::{Sharding, SplitBy, Spread, TableId, TableKind, Topology};

/// `shop.orders by user_id, hash_mod`
pub(super) fn placement(name: &str, sharding: &Sharding) -> String {
    let first = sharding.rule_text(&sharding.rule);
    match &sharding.split {
        None => format!("{name} {first}"),
        Some(split) => {
            let tables = split.tables.len();
            match &split.by {
                SplitBy::Rule(rule) => {
                    let rule = sharding.rule_text(rule);
                    format!("{name} {first}; {tables} tables on each shard {rule}")
                }
                SplitBy::Spread(Spread::Blocks) => {
                    format!("{name}, {tables} tables {first}, in blocks on the shards")
                }
                SplitBy::Spread(Spread::RoundRobin) => {
                    format!("{name}, {tables} tables {first}, around the shards")
                }
            }
        }
    }
}

/// The tables that stand for the split ones: `orders_03, items_03`
pub(super) fn parts(topology: &Topology, tables: &[TableId], part: u32) -> String {
    let names = tables.iter().filter_map(|table| {
        let (_, sharding) = sharding(topology, *table)?;
        sharding.physical_name(part)
    });
    names.collect::<Vec<_>>().join(", ")
}

/// A sharded table's name and placement.
pub(super) fn sharding(topology: &Topology, table: TableId) -> Option<(String, &Sharding)> {
    let table = topology.table_by_id(table)?;
    let schema = topology.schema_by_id(table.schema)?;
    match &table.kind {
        TableKind::Sharded(sharding) => Some((format!("{}.{}", schema.name, table.name), sharding)),
        _ => None,
    }
}
