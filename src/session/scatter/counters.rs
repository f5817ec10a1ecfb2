//! What must be looked up before a statement of the servers' own tables can run: what all shards count
//! of their tables, and the sessions of the proxy.

use std::sync::Arc;

use bytes::Bytes;

use super::super::failure::Failure;
use super::super::shard_query::ShardQuery;
use super::super::shared::Snapshot;
use super::super::state::Session;
use super::super::target::node_target;
use super::{Part, Text};
use crate::execute::scatter::Said;
use crate::merge::{Counters, INDEXES_SQL, TABLES_SQL};
use crate::plan::{LooksUp, Plan};
use crate::rewrite::{LookedUp, put_databases};
use crate::topology::{ReplicaSetId, ShardId, Topology};
use crate::wire::Reader;

impl Session {
    /// Looks up what the statement shows.
    ///
    /// # Errors
    /// A replica set does not answer.
    pub(in super::super) async fn look_up(
        &mut self,
        snapshot: &Snapshot,
        plan: &Plan,
    ) -> Result<(), Failure> {
        let LooksUp {
            sessions,
            tables,
            indexes,
        } = plan.looks_up;
        let mut found = LookedUp::default();
        if sessions {
            found.sessions = self.sessions_shown(usize::MAX);
        }
        for (wanted, sql, add) in [
            (tables, TABLES_SQL, Counters::add_table as Add),
            (indexes, INDEXES_SQL, Counters::add_index),
        ] {
            if wanted {
                self.count_all((snapshot, plan), sql, (add, &mut found.counters))
                    .await?;
            }
        }
        self.looked_up = Some(Arc::new(found));
        Ok(())
    }

    /// Asks each replica set once.
    async fn count_all(
        &mut self,
        (snapshot, plan): (&Snapshot, &Plan),
        sql: &str,
        (add, counters): (Add, &mut Counters),
    ) -> Result<(), Failure> {
        let topology = &snapshot.topology;
        let sets = spread(topology);
        let mut parts = Vec::with_capacity(sets.len());
        for (_, shards) in &sets {
            let Some(first) = shards.first() else {
                continue;
            };
            let databases = shards.iter().filter_map(|id| topology.shard(*id));
            let mut text = sql.as_bytes().to_vec();
            put_databases(&mut text, databases.map(|shard| shard.database.as_str()));
            parts.push(Part {
                target: node_target(topology, (*first).into(), plan)?,
                text: Text::Query(text),
            });
        }
        let (workers, said) = self.each_part(&parts, (&ShardQuery::OWN, b"")).await?;
        for worker in workers {
            self.held.settle(worker.backend);
        }
        for ((set, _), said) in sets.iter().zip(said?) {
            let said: Said = said.map_err(|unsaid| Failure::Error(unsaid.error))?;
            for row in &said.rows {
                // What does not count is told by the row.
                let _ = add(counters, topology, *set, &cells(row));
            }
        }
        Ok(())
    }
}

/// Takes a row in.
type Add = fn(&mut Counters, &Topology, ReplicaSetId, &[Option<Vec<u8>>]) -> Option<()>;

/// The shards of schemas that have several or split tables, by replica set.
fn spread(topology: &Topology) -> Vec<(ReplicaSetId, Vec<ShardId>)> {
    let mut sets: Vec<(ReplicaSetId, Vec<ShardId>)> = Vec::new();
    let schemas = topology.schemas.iter();
    let spread = schemas.filter(|schema| schema.shards.len() > 1 || !schema.parts.is_empty());
    for id in spread.flat_map(|schema| &schema.shards) {
        let Some(shard) = topology.shard(*id) else {
            continue;
        };
        match sets.iter_mut().find(|(set, _)| *set == shard.replica_set) {
            Some((_, shards)) => shards.push(*id),
            None => sets.push((shard.replica_set, vec![*id])),
        }
    }
    sets
}

/// The values of a text row.
pub(super) fn cells(row: &Bytes) -> Vec<Option<Vec<u8>>> {
    let mut reader = Reader::new(row);
    let mut cells = Vec::new();
    while reader.remaining() > 0
        && let Ok(cell) = reader.nullable_bytes()
    {
        cells.push(cell.map(<[u8]>::to_vec));
    }
    cells
}
