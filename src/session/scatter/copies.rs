//! A write to all copies of a broadcast table.
//!
//! All servers get the clock of the first shard's. That shard carries the statement out before the
//! others: two such writes wait for each other there, and never the one here and the other there.
//! Answers that differ take the statement back everywhere.

use std::sync::Arc;

use super::super::failure::Failure;
use super::super::session_set::CLOCK;
use super::super::shard_query::ShardQuery;
use super::super::shared::Snapshot;
use super::super::state::Session;
use super::super::statement::Statement;
use super::Worker;
use super::counts::numbers;
use super::writes::Writing;
use super::written::{Broken, Errand, ask};
use crate::backend::Variables;
use crate::error::{ErrorKind, MysqlError, StageError};
use crate::execute::scatter::Written;
use crate::plan::{PinReason, PlanError, Unsupported, Write};
use crate::route::DataNode;

/// How copies are written.
pub(super) struct Copies {
    /// The shards' names, by part.
    names: Vec<String>,
}

impl Copies {
    /// What there is to know of the nodes; `None` for writes of other kinds.
    pub fn of(write: &Write, snapshot: &Snapshot, nodes: &[DataNode]) -> Option<Self> {
        if !matches!(write, Write::Copies { .. }) {
            return None;
        }
        let name = |node: &DataNode| {
            let shard = snapshot.topology.shard(node.shard);
            shard.map_or_else(String::new, |shard| shard.name.clone())
        };
        Some(Self {
            names: nodes.iter().map(name).collect(),
        })
    }

    fn name(&self, part: usize) -> &str {
        self.names.get(part).map_or("", String::as_str)
    }

    /// The client is told what one shard says: all must say the same.
    fn check(&self, written: &[Written]) -> Result<(), MysqlError> {
        let Some((first, others)) = written.split_first() else {
            return Ok(());
        };
        match others.iter().find(|other| told(other) != told(first)) {
            None => Ok(()),
            Some(other) => Err(MysqlError::new(
                ErrorKind::Internal,
                format!(
                    "the copies of a broadcast table differ, nothing was changed: shard {} has {}, \
                     shard {} has {}",
                    self.name(first.query),
                    in_words(first),
                    self.name(other.query),
                    in_words(other),
                ),
            )),
        }
    }
}

/// What a shard says of a write.
fn told(node: &Written) -> (u64, u64, u16, Vec<u64>) {
    let changes = &node.changes;
    let (affected, id) = (changes.affected_rows, changes.last_insert_id);
    (affected, id, node.warnings, numbers(&changes.info))
}

fn in_words(node: &Written) -> String {
    let info = String::from_utf8_lossy(&node.changes.info).into_owned();
    let (rows, warnings) = (node.changes.affected_rows, node.warnings);
    let id = node.changes.last_insert_id;
    format!("{rows} rows, {warnings} warnings, id {id} ({info})")
}

impl Session {
    /// A temporary table may stand before one of the copies.
    pub(super) fn check_temporary(&self, write: &Write) -> Result<(), Failure> {
        let temporary = |reason| reason == PinReason::TemporaryTable;
        if !matches!(write, Write::Copies { .. }) || !self.held.reasons().any(temporary) {
            return Ok(());
        }
        let what = "a write to a broadcast table while the session has temporary tables";
        let what = Unsupported::Statement(what.to_owned());
        Err(Failure::Error(PlanError::from(what).to_mysql()))
    }

    /// Runs the first part, then the others. Gives the first one's answer.
    pub(super) async fn run_copies(
        &mut self,
        workers: &mut [Worker],
        (writing, copies): (&Writing<'_>, &Copies),
        asked: (&ShardQuery<'_>, &Statement<'_>),
    ) -> Result<Vec<Written>, Broken> {
        let now = self.set_one_clock(workers).await?;
        let mut written = self
            .run_parts(workers, (writing, 0..1), asked, &now)
            .await?;
        let others = (writing, 1..writing.parts.len());
        written.extend(self.run_parts(workers, others, asked, &now).await?);
        copies.check(&written).map_err(Broken::Told)?;
        written.truncate(1);
        Ok(written)
    }

    /// Gives all connections the time of the first shard's server, unless the session has one of its
    /// own. The connections remember that they carry it: whatever comes next sets it right. Gives the
    /// variables that they carry.
    async fn set_one_clock(&mut self, workers: &mut [Worker]) -> Result<Arc<Variables>, Broken> {
        let now = Arc::clone(&self.state.variables);
        if now.get(CLOCK).is_some() {
            return Ok(now);
        }
        let is_first = |worker: &&mut Worker| worker.parts.contains(&0);
        let Some(first) = workers.iter_mut().find(is_first) else {
            return Ok(now);
        };
        let sql = b"SELECT @@timestamp LIMIT 1";
        let told = ask(&self.handle.watch, &mut first.backend.connection, sql).await?;
        let cell = told.into_iter().flatten().flatten().next();
        let Some(time) = cell else {
            return Err(Broken::Told(MysqlError::stale()));
        };
        let mut variables = (*self.state.variables).clone();
        variables.set(CLOCK, &time);
        let variables = self.shared.interner.intern(variables);
        self.on_all(workers, Errand::Carry(&variables)).await?;
        Ok(variables)
    }
}
