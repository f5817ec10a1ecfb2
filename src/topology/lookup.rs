//! Names and ids → the parts of the snapshot.

use std::borrow::Cow;
use std::sync::Arc;

use super::{
    ReplicaSet, ReplicaSetId, Schema, SchemaId, Shard, ShardId, Table, TableDefinition, TableId,
    TableKind, Topology, TopologyError,
};

impl Topology {
    /// The schema that clients call so.
    pub fn schema(&self, name: &str) -> Option<(SchemaId, &Schema)> {
        let id = *self.schema_ids.get(self.folded(name).as_ref())?;
        Some((id, self.schema_by_id(id)?))
    }

    /// Whether a schema of this name may come to be that the configuration does not name.
    pub fn may_have(&self, schema: &str) -> bool {
        let others = self.others.as_ref();
        others.is_some_and(|others| !others.taken.contains(&schema.to_lowercase()))
    }

    /// The table of this name in a schema: a configured one or one that was found.
    pub fn table(&self, schema: SchemaId, name: &str) -> Option<(TableId, &Table)> {
        let tables = &self.schema_by_id(schema)?.tables;
        let id = *tables.get(self.folded(name).as_ref())?;
        Some((id, self.table_by_id(id)?))
    }

    /// The schema of this id; `None` only for an id of another snapshot.
    pub fn schema_by_id(&self, id: SchemaId) -> Option<&Schema> {
        self.schemas.get(usize::from(id.0))
    }

    /// The table of this id; `None` only for an id of another snapshot.
    pub fn table_by_id(&self, id: TableId) -> Option<&Table> {
        self.tables.get(usize::try_from(id.0).ok()?)
    }

    /// A table's columns and indexes; `None` where they were not read yet.
    pub fn definition(&self, id: TableId) -> Option<&Arc<TableDefinition>> {
        self.definitions.get(usize::try_from(id.0).ok()?)?.get()
    }

    /// No statement shall use the table's rows: where they are is not certain.
    pub fn refuse(&mut self, id: TableId, reason: TopologyError) {
        let at = usize::try_from(id.0).ok();
        let table = at.and_then(|at| self.tables.get_mut(at));
        if let Some(TableKind::Sharded(sharding)) = table.map(|table| &mut table.kind) {
            for key in &mut sharding.keys {
                key.key_type = None;
            }
        }
        self.unusable.insert(id, reason);
    }

    /// Keeps what was read of a table whose definition was not known; what is known stays.
    pub fn learn(&self, id: TableId, definition: Arc<TableDefinition>) {
        let at = usize::try_from(id.0).ok();
        if let Some(place) = at.and_then(|at| self.definitions.get(at)) {
            // Two may have asked at once: they read the same.
            let _ = place.set(definition);
        }
    }

    /// The shard of this id; `None` only for an id of another snapshot.
    pub fn shard(&self, id: ShardId) -> Option<&Shard> {
        self.shards.get(usize::from(id.0))
    }

    /// Whether a schema is one database of its own name: statements that name it mean the same on its
    /// server, whatever the connection's database is.
    pub fn is_at_home(&self, schema: &Schema) -> bool {
        match schema.shards.as_slice() {
            [only] => self
                .shard(*only)
                .is_some_and(|shard| shard.database == schema.name),
            _ => false,
        }
    }

    /// Whether one statement on one server can have tables of both shards: they are the same, or of two
    /// schemas [at home](Self::is_at_home) on one replica set.
    pub fn meet(&self, one: ShardId, other: ShardId) -> bool {
        let home = |shard: ShardId| {
            let shard = self.shard(shard)?;
            let schema = self.schema_by_id(shard.schema)?;
            self.is_at_home(schema).then_some(shard.replica_set)
        };
        one == other || home(one).is_some_and(|set| home(other) == Some(set))
    }

    /// The replica set of this id; `None` only for an id of another snapshot.
    pub fn replica_set(&self, id: ReplicaSetId) -> Option<&ReplicaSet> {
        self.replica_sets.get(usize::from(id.0))
    }

    /// A name as the maps hold it.
    pub fn folded<'a>(&self, name: &'a str) -> Cow<'a, str> {
        if self.fold_names {
            Cow::Owned(name.to_lowercase())
        } else {
            Cow::Borrowed(name)
        }
    }
}
