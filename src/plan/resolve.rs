//! Names of the statement → tables of the topology.

use super::temporary::TemporaryTable;
use super::unsupported::{PlanError, Unsupported};
use crate::config::system_schema;
use crate::parse::ast::Maker;
use crate::topology::{Schema, SchemaId, ShardId, Sharding, Table, TableId, TableKind, Topology};

/// What a table name stands for.
#[derive(Clone, Copy, Debug)]
pub enum Resolved<'t> {
    /// A table spread over the schema's shards.
    Sharded(TableId, &'t Table, &'t Sharding),
    /// A table with a copy on every shard of its schema.
    Broadcast(&'t Table),
    /// All rows are on this shard. Every table of a schema with one shard, known or not.
    Single(SchemaId, ShardId),
    /// A table of the server itself.
    System,
}

/// Looks names up, unqualified ones in the session's schema.
#[derive(Clone, Copy, Debug)]
pub struct Resolver<'t> {
    /// The snapshot.
    pub topology: &'t Topology,
    /// The session's current schema as the client named it.
    pub current: Option<&'t str>,
    /// The session's temporary tables.
    pub temporary: &'t [TemporaryTable],
}

impl<'t> Resolver<'t> {
    /// Whether a function called by its bare name is certainly the server's own.
    pub fn makes(&self, maker: Maker) -> bool {
        let functions = &self.topology.functions;
        let brands = functions.brands();
        let hidden = self.current_schema();
        let hidden = hidden.is_some_and(|schema| functions.get(schema, maker.name()).is_some());
        match maker {
            Maker::Unhex => true,
            Maker::UuidToBin => functions.are_known() && brands.mysql && !brands.mariadb && !hidden,
        }
    }

    /// Whether every server has a schema of this name.
    pub fn is_system(name: &str) -> bool {
        system_schema(name).is_some()
    }

    /// The session's schema; `None` where there is none or it is a system schema.
    pub fn current_schema(&self) -> Option<SchemaId> {
        self.topology.schema(self.current?).map(|(id, _)| id)
    }

    /// A schema by name.
    ///
    /// # Errors
    /// It is not configured.
    pub fn schema(&self, name: &str) -> Result<(SchemaId, &'t Schema), PlanError> {
        let found = self.topology.schema(name);
        found.ok_or_else(|| PlanError::UnknownSchema(name.to_owned()))
    }

    /// A table by name.
    ///
    /// # Errors
    /// Schema or table do not exist, or the table is refused.
    pub fn table(&self, schema: Option<&str>, name: &str) -> Result<Resolved<'t>, PlanError> {
        let found = self.definable(schema, name)?;
        match found {
            Resolved::Sharded(id, table, _) => match self.topology.unusable.get(&id) {
                None => Ok(found),
                Some(reason) => Err(PlanError::RefusedTable {
                    table: self.full_name(table),
                    reason: reason.to_string(),
                }),
            },
            _ => Ok(found),
        }
    }

    /// As [`Resolver::table`], also where the rows of the table cannot be used: it may be defined in
    /// another way.
    ///
    /// # Errors
    /// As [`Resolver::table`].
    pub fn definable(&self, schema: Option<&str>, name: &str) -> Result<Resolved<'t>, PlanError> {
        let schema_name = schema.or(self.current).ok_or(PlanError::NoSchemaSelected)?;
        if Self::is_system(schema_name) {
            return Ok(Resolved::System);
        }
        let (schema_id, schema) = self.schema(schema_name)?;
        if let Some(shard) = self.temporary(schema_name, name) {
            return Ok(Resolved::Single(schema_id, shard));
        }
        if self.is_out_of_reach(schema_name, name) {
            let what = format!(
                "temporary table '{name}', whose database the configuration has no more; connect anew"
            );
            return Err(Unsupported::Statement(what).into());
        }
        let full_name = || format!("{}.{name}", schema.name);
        if schema
            .parts
            .contains_key(self.topology.folded(name).as_ref())
        {
            return Err(PlanError::NoSuchTable(full_name()));
        }
        let found = self.topology.table(schema_id, name);
        if let Some((
            _,
            Table {
                kind: TableKind::Refused { reason },
                ..
            },
        )) = found
        {
            return Err(PlanError::RefusedTable {
                table: full_name(),
                reason: reason.clone(),
            });
        }
        // Of a schema with one shard every table is known, but for those that are several there.
        let is_split = |table: &Table| matches!(&table.kind, TableKind::Sharded(sharding) if sharding.split.is_some());
        if let [only] = schema.shards.as_slice()
            && !found.is_some_and(|(_, table)| is_split(table))
        {
            return Ok(Resolved::Single(schema_id, *only));
        }
        let (id, table) = found.ok_or_else(|| PlanError::NoSuchTable(full_name()))?;
        match &table.kind {
            TableKind::Sharded(sharding) => Ok(Resolved::Sharded(id, table, sharding)),
            TableKind::Broadcast => Ok(Resolved::Broadcast(table)),
            TableKind::Single(shard) => Ok(Resolved::Single(schema_id, *shard)),
            TableKind::Refused { .. } => Err(PlanError::NoSuchTable(full_name())),
        }
    }

    /// A table that the topology knows and no temporary one hides.
    pub fn known(&self, schema: SchemaId, name: &str) -> Option<(TableId, &'t Table)> {
        let called = self.topology.schema_by_id(schema)?;
        match self.temporary(&called.name, name) {
            Some(_) => None,
            None => self.topology.table(schema, name),
        }
    }

    /// Whether a name is that of a split table, or of one of the tables that it consists of.
    pub fn is_split(&self, schema: Option<&str>, name: &str) -> bool {
        let schema = schema
            .or(self.current)
            .and_then(|s| self.topology.schema(s));
        schema.is_some_and(|(id, schema)| {
            let split = |table: &Table| matches!(&table.kind, TableKind::Sharded(sharding) if sharding.split.is_some());
            let found = self.topology.table(id, name);
            schema.parts.contains_key(self.topology.folded(name).as_ref())
                || found.is_some_and(|(_, table)| split(table))
        })
    }

    /// `schema.table` of a table, for messages.
    pub fn full_name(&self, table: &Table) -> String {
        let schema = self.topology.schema_by_id(table.schema);
        format!("{}.{}", schema.map_or("", |s| s.name.as_str()), table.name)
    }

    /// Whether two names of schemas, tables or aliases are the same.
    pub fn same_name(&self, a: &str, b: &str) -> bool {
        if self.topology.fold_names {
            a.to_lowercase() == b.to_lowercase()
        } else {
            a == b
        }
    }
}
