//! The tables of a statement, by how their rows are placed.

use super::resolve::{Resolved, Resolver};
use super::unsupported::{PlanError, Unsupported};
use crate::parse::ast::{Ast, TableRef, TableRole, TableSource};
use crate::topology::{SchemaId, ShardId, Sharding, Table, TableId};

/// A reference to a sharded table.
#[derive(Clone, Copy, Debug)]
pub struct ShardedRef<'t> {
    /// Index of the block.
    pub block: usize,
    /// Index in the block's tables.
    pub at: usize,
    /// The table.
    pub id: TableId,
    /// The table.
    pub table: &'t Table,
    /// How it is sharded.
    pub sharding: &'t Sharding,
}

impl ShardedRef<'_> {
    /// Whether it is the first table of the statement's own block: what an INSERT stores into.
    pub fn is_target(&self) -> bool {
        (self.block, self.at) == (0, 0)
    }
}

/// Every table reference of a statement.
#[derive(Debug, Default)]
pub struct Tables<'t> {
    /// Sharded tables.
    pub sharded: Vec<ShardedRef<'t>>,
    /// Broadcast tables, with what the statement does with them.
    pub broadcast: Vec<(&'t Table, TableRole)>,
    /// Tables on one shard: their names as the client wrote them, schemas and shards.
    pub single: Vec<(String, SchemaId, ShardId)>,
    /// System tables: schema (none: the session's) and name.
    pub system: Vec<(Option<String>, String)>,
}

impl<'t> Tables<'t> {
    /// Looks all names up.
    ///
    /// # Errors
    /// A schema or table does not exist or is refused.
    pub fn of(ast: &Ast, resolver: Resolver<'t>) -> Result<Self, PlanError> {
        let mut tables = Self::default();
        for (block, content) in ast.blocks.iter().enumerate() {
            for (at, reference) in content.tables.iter().enumerate() {
                tables.add(reference, (block, at), resolver)?;
            }
        }
        Ok(tables)
    }

    fn add(
        &mut self,
        reference: &TableRef,
        (block, at): (usize, usize),
        resolver: Resolver<'t>,
    ) -> Result<(), PlanError> {
        let TableSource::Named { schema, name, .. } = &reference.source else {
            return Ok(());
        };
        if schema.is_none() && name.eq_ignore_ascii_case("dual") {
            return Ok(());
        }
        match resolver.table(schema.as_deref(), name)? {
            Resolved::Sharded(_, table, sharding) if is_nowhere(sharding, resolver) => {
                return Err(PlanError::NoSuchTable(resolver.full_name(table)));
            }
            Resolved::Sharded(id, table, sharding) => self.sharded.push(ShardedRef {
                block,
                at,
                id,
                table,
                sharding,
            }),
            Resolved::Broadcast(table) => self.broadcast.push((table, reference.role)),
            Resolved::Single(schema, shard) => self.single.push((name.clone(), schema, shard)),
            Resolved::System => self.system.push((schema.clone(), name.clone())),
        }
        Ok(())
    }

    /// Checks that one shard can hold a part of every table, and gives it where it is known:
    /// the shard of the single tables.
    ///
    /// # Errors
    /// Two of the tables are not sharded alike, or cannot be on one shard.
    pub fn common_shard(&self, resolver: Resolver<'t>) -> Result<Option<ShardId>, PlanError> {
        if let [first, rest @ ..] = self.sharded.as_slice() {
            let alike = |other: &&ShardedRef<'_>| {
                other.table.schema == first.table.schema
                    && other.sharding.binding_group == first.sharding.binding_group
                    // Tables by period may be there for one of them and not yet for the other.
                    && other.sharding.split_like(first.sharding)
            };
            if let Some(other) = rest.iter().find(|other| !alike(other)) {
                let names = (
                    resolver.full_name(first.table),
                    resolver.full_name(other.table),
                );
                return Err(Unsupported::DifferentSharding(names.0, names.1).into());
            }
        }
        // Names without a schema are looked up in the current one, also on the server.
        let current = resolver.current_schema();
        let of_current = |(_, schema, _): &&(String, SchemaId, ShardId)| Some(*schema) == current;
        let home = self.single.iter().find(of_current).or(self.single.first());
        let Some((name, schema, shard)) = home else {
            return self.check_broadcast(None, resolver).map(|()| None);
        };
        let apart = |other: String| Err(Unsupported::DifferentShards(name.clone(), other).into());
        let meets = |at: ShardId| resolver.topology.meet(at, *shard);
        if let Some((other, ..)) = self.single.iter().find(|(_, _, at)| !meets(*at)) {
            return apart(other.clone());
        }
        if let Some(other) = self.sharded.first() {
            let shards = resolver.topology.schema_by_id(*schema);
            let alone = shards.is_some_and(|schema| schema.shards.len() == 1);
            // A split table of a schema with one shard.
            if alone && other.table.schema == *schema {
                return self
                    .check_broadcast(Some((name, *schema)), resolver)
                    .map(|()| None);
            }
            return apart(resolver.full_name(other.table));
        }
        self.check_broadcast(Some((name, *schema)), resolver)?;
        Ok(Some(*shard))
    }

    /// Broadcast tables are on every shard of their own schema only.
    fn check_broadcast(
        &self,
        single: Option<(&String, SchemaId)>,
        resolver: Resolver<'t>,
    ) -> Result<(), PlanError> {
        let sharded = self.sharded.first().map(|s| s.table.schema);
        let first = self.broadcast.first().map(|(table, _)| table.schema);
        let Some(schema) = single.map(|(_, schema)| schema).or(sharded).or(first) else {
            return Ok(());
        };
        match self
            .broadcast
            .iter()
            .find(|(table, _)| table.schema != schema)
        {
            None => Ok(()),
            Some((table, _)) => {
                let other = self.sharded.first().map(|s| resolver.full_name(s.table));
                let name = single.map(|(name, _)| name.clone()).or(other);
                let of_schema = resolver
                    .topology
                    .schema_by_id(schema)
                    .map(|s| s.name.clone());
                let name = name.or(of_schema).unwrap_or_default();
                Err(Unsupported::DifferentShards(name, resolver.full_name(table)).into())
            }
        }
    }
}

/// A table of the configuration that no shard has: the servers were asked, and its key is not known.
fn is_nowhere(sharding: &Sharding, resolver: Resolver<'_>) -> bool {
    let asked = resolver.topology.functions.are_known();
    asked && sharding.keys.iter().all(|key| key.key_type.is_none())
}
