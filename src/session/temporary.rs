//! The session's temporary tables, as far as plans depend on them: those in schemas with several shards.

use super::shared::Snapshot;
use super::state::Session;
use crate::execute::Summary;
use crate::parse::Tokens;
use crate::plan::{Plan, TemporaryChange, TemporaryTable, names_one};
use crate::topology::{ShardId, Topology};

impl Session {
    /// The temporary tables that a plan must know of: all, if the statement may name one.
    pub(super) fn temporary_in(
        &self,
        tokens: Tokens<'_>,
        topology: &Topology,
    ) -> &[TemporaryTable] {
        match names_one(tokens, &self.temporary, topology.fold_names) {
            true => &self.temporary,
            false => &[],
        }
    }

    /// What a statement that ran on a shard has made of them.
    pub(super) fn note_temporary(
        &mut self,
        (snapshot, plan): (&Snapshot, &Plan),
        target: Option<ShardId>,
        summary: &Summary,
    ) {
        let Some(change) = plan
            .temporary
            .as_deref()
            .filter(|_| summary.error.is_none())
        else {
            return;
        };
        let topology = &snapshot.topology;
        let fold = topology.fold_names;
        let is = |table: &TemporaryTable, (schema, name): &(String, String)| {
            table.is_called(schema, name, fold)
        };
        match change {
            TemporaryChange::Made(schema, name) => {
                let shard = target.and_then(|shard| topology.shard(shard));
                let Some(shard) = shard else { return };
                let made = (schema.clone(), name.clone());
                self.temporary.retain(|table| !is(table, &made));
                self.temporary.push(TemporaryTable {
                    schema: made.0,
                    name: made.1,
                    shard: shard.name.clone(),
                });
            }
            TemporaryChange::Gone(names) => {
                let gone = |table: &TemporaryTable| names.iter().any(|name| is(table, name));
                self.temporary.retain(|table| !gone(table));
            }
            TemporaryChange::Renamed([from, to]) => {
                let mut tables = self.temporary.iter_mut();
                if let Some(table) = tables.find(|table| is(table, from)) {
                    table.schema.clone_from(&to.0);
                    table.name.clone_from(&to.1);
                }
            }
        }
    }
}
