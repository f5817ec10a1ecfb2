//! A snapshot's series by its ids, so that nobody looks them up by name.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use crate::telemetry::{Metrics, SchemaSeries, ShardSeries, Stripe};
use crate::topology::{SchemaId, ShardId, Topology};

/// The series of a snapshot's schemas and shards.
#[derive(Debug)]
pub struct SnapshotSeries {
    /// Statements that reach no schema.
    none: Arc<SchemaSeries>,
    schemas: Box<[Arc<SchemaSeries>]>,
    shards: Box<[Arc<ShardSeries>]>,
}

impl SnapshotSeries {
    /// Those of a topology; what had the same name in an earlier one goes on.
    pub fn new(metrics: &Metrics, topology: &Topology) -> Self {
        let schemas = topology.schemas.iter();
        let shards = topology.shards.iter().map(|shard| {
            let schema = topology.schema_by_id(shard.schema);
            let schema = schema.map_or("", |schema| schema.name.as_str());
            metrics.shard(schema, &shard.name)
        });
        Self {
            none: metrics.schema(""),
            schemas: schemas.map(|schema| metrics.schema(&schema.name)).collect(),
            shards: shards.collect(),
        }
    }

    /// The series of a schema; `None`: that of statements without one.
    pub fn schema(&self, schema: Option<SchemaId>) -> &SchemaSeries {
        let series = schema.and_then(|id| self.schemas.get(usize::from(id.0)));
        series.unwrap_or(&self.none)
    }

    /// `replica_set/database` of a shard.
    pub fn shard_name(&self, shard: ShardId) -> &str {
        let series = self.shards.get(usize::from(shard.0));
        series.map_or("?", |series| series.name.as_str())
    }

    /// A shard has not carried a definition out.
    pub fn failed_definition(&self, shard: ShardId) {
        if let Some(series) = self.shards.get(usize::from(shard.0)) {
            series.failed_definitions.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// A shard has answered.
    pub fn answered(&self, shard: ShardId, stripe: Stripe, nanos: u64) {
        if let Some(series) = self.shards.get(usize::from(shard.0)) {
            series.times.record_in(stripe, nanos);
        }
    }
}
