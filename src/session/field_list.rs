//! COM_FIELD_LIST: the columns of one table, with their defaults.
//!
//! The schema has been checked when it became the current one.

use super::command_phase::End;
use super::failure::Failure;
use super::local::More;
use super::request::Request;
use super::shard_query::{ShardQuery, Target};
use super::state::{Session, name_of};
use crate::config::system_schema;
use crate::error::{ErrorKind, MysqlError};
use crate::reply::{Names, SplitNames};
use crate::topology::{ReadPolicy, ReplicaSetId, TableKind};

impl Session {
    /// Asks one shard that has the table.
    pub async fn field_list(&mut self, table: &[u8], wildcard: &[u8]) -> Result<(), End> {
        match self.list_fields(table, wildcard).await {
            Ok(()) => Ok(()),
            Err(Failure::Error(error)) => {
                self.reply_error(&error);
                Ok(())
            }
            Err(Failure::End(end)) => Err(end),
        }
    }

    async fn list_fields(&mut self, table: &[u8], wildcard: &[u8]) -> Result<(), Failure> {
        let snapshot = std::sync::Arc::clone(&self.shared.snapshot());
        let topology = &snapshot.topology;
        let schema = self.state.schema.as_deref();
        let schema = schema
            .ok_or_else(|| MysqlError::new(ErrorKind::NoSchemaSelected, "No database selected"))?;
        if let Some(system) = system_schema(schema) {
            return self.list_system_fields(system, (table, wildcard)).await;
        }
        let name = name_of(table);
        let missing = || {
            let message = format!("Table '{schema}.{name}' doesn't exist");
            MysqlError::new(ErrorKind::NoSuchTable, message)
        };
        let (schema_id, schema) = topology.schema(schema).ok_or_else(missing)?;
        let (id, found) = topology.table(schema_id, &name).ok_or_else(missing)?;
        let shard = match &found.kind {
            TableKind::Single(shard) => Some(*shard),
            TableKind::Sharded(_) | TableKind::Broadcast => schema.shards.first().copied(),
            TableKind::Refused { .. } => None,
        };
        let id_of_shard = shard;
        let shard = shard
            .and_then(|shard| topology.shard(shard))
            .ok_or_else(missing)?;
        let split = SplitNames {
            topology,
            tables: &[id],
            part: 0,
        };
        let asked = match &found.kind {
            TableKind::Sharded(sharding) => sharding.physical_name(0),
            _ => None,
        };
        let target = Target {
            replica_set: shard.replica_set,
            shard: id_of_shard,
            names: Some(Names {
                physical: shard.database.as_bytes(),
                logical: schema.name.as_bytes(),
                split: asked.is_some().then_some(split),
                gathered: &[],
            }),
            rows: None,
            read: ReadPolicy::Primary,
        };
        let query = ShardQuery {
            request: Request::FieldList {
                table: asked.map_or(table, str::as_bytes),
                wildcard,
            },
            qualified: false,
            ..ShardQuery::OWN
        };
        self.run(&target, &query, More(false)).await.map(|_| ())
    }
    /// The servers' own tables are the same everywhere: any server tells.
    async fn list_system_fields(
        &mut self,
        schema: &'static str,
        (table, wildcard): (&[u8], &[u8]),
    ) -> Result<(), Failure> {
        let here = self.transaction.open_on().or(self.held.pinned());
        let target = Target {
            replica_set: here.unwrap_or(ReplicaSetId(0)),
            shard: None,
            names: Some(Names {
                physical: schema.as_bytes(),
                logical: schema.as_bytes(),
                split: None,
                gathered: &[],
            }),
            rows: None,
            read: ReadPolicy::Primary,
        };
        let query = ShardQuery {
            request: Request::FieldList { table, wildcard },
            qualified: false,
            ..ShardQuery::OWN
        };
        self.run(&target, &query, More(false)).await.map(|_| ())
    }
}
