//! How tables are placed, in words.

use crate::topology::{PlacementRule, Sharding, SplitBy, Spread, TableId, TableKind, Topology};

/// `shop.orders by user_id, hash_mod`
pub(super) fn placement(topology: &Topology, table: TableId) -> String {
    let Some((name, sharding)) = sharding(topology, table) else {
        return String::new();
    };
    let first = by(sharding, &sharding.rule);
    match &sharding.split {
        None => format!("{name} {first}"),
        Some(split) => {
            let tables = split.tables.len();
            match &split.by {
                SplitBy::Rule(rule) => {
                    let rule = by(sharding, rule);
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

/// The names of a table's key columns, in their order.
pub(super) fn keys(topology: &Topology, table: TableId) -> Vec<String> {
    let found = sharding(topology, table);
    let keys = found.map(|(_, sharding)| sharding.keys.as_slice());
    let keys = keys.unwrap_or_default().iter();
    keys.map(|key| key.name.clone()).collect()
}

fn sharding(topology: &Topology, table: TableId) -> Option<(String, &Sharding)> {
    let table = topology.table_by_id(table)?;
    let schema = topology.schema_by_id(table.schema)?;
    match &table.kind {
        TableKind::Sharded(sharding) => Some((format!("{}.{}", schema.name, table.name), sharding)),
        _ => None,
    }
}

fn by(sharding: &Sharding, rule: &PlacementRule) -> String {
    let names = rule.keys.iter().filter_map(|at| sharding.keys.get(*at));
    let names: Vec<&str> = names.map(|key| key.name.as_str()).collect();
    format!("by {}, {}", names.join(" and "), rule.algorithm.name)
}
