//! Rows that leave their data node: deleted there, stored where they belong.

use std::ops::Range;
use std::sync::Arc;

use super::super::super::failure::Failure;
use super::super::super::shard_query::ShardQuery;
use super::super::super::state::Session;
use super::super::super::statement::Statement;
use super::super::moved::PART;
use super::super::writes::{Kind, Writing};
use super::super::written::{Broken, Errand, before};
use super::super::{Part, Worker};
use super::{Leaving, Rekeying, in_lists};
use crate::backend::Variables;
use crate::error::MysqlError;
use crate::execute::gather;
use crate::rewrite;
use crate::route::DataNode;
use crate::topology::ReplicaSetId;

/// The two steps of a move.
struct Moves<'s> {
    writing: Writing<'s>,
    deletes: Range<usize>,
    inserts: Range<usize>,
    rows: u64,
}

impl Session {
    /// Moves the rows. `sets`: where the statement has a savepoint already.
    pub(super) async fn move_leaving(
        &mut self,
        rekeying: &Rekeying<'_>,
        (leaving, sets): (&[Leaving], &[ReplicaSetId]),
        (own, statement): (bool, &Statement<'_>),
    ) -> Result<(), Failure> {
        let moves = moves(rekeying, leaving)?;
        let plan = &rekeying.rekey.plan;
        let query = ShardQuery::of_write(plan, statement.attributes, plan.qualified);
        let mut workers = self.workers(&moves.writing.parts, &query).await?;
        // A second savepoint would forget the first.
        let is_new = |worker: &Worker| !sets.contains(&worker.backend.replica_set);
        workers.sort_by_key(|worker| !is_new(worker));
        let new = workers.iter().filter(|worker| is_new(worker)).count();
        let joining = workers.get_mut(..new).unwrap_or_default();
        let variables = gather::moving_variables(&self.state.variables);
        let variables = self.shared.interner.intern(variables);
        let done = match self.run_before(joining, &before(own, false)).await {
            Ok(()) => {
                let asked = (&query, statement);
                self.run_moves(&mut workers, (&moves, &variables), asked)
                    .await
            }
            Err(broken) => Err(broken),
        };
        self.settle_parts(workers, &query, done, own).await
    }

    async fn run_moves(
        &mut self,
        workers: &mut [Worker],
        (moves, variables): (&Moves<'_>, &Arc<Variables>),
        asked: (&ShardQuery<'_>, &Statement<'_>),
    ) -> Result<(), Broken> {
        self.on_all(workers, Errand::Carry(variables)).await?;
        for which in [&moves.deletes, &moves.inserts] {
            let step = (&moves.writing, which.clone());
            let written = self.run_parts(workers, step, asked, variables).await?;
            let rows = written.iter().map(|node| node.changes.affected_rows);
            if rows.sum::<u64>() != moves.rows {
                return Err(Broken::Told(MysqlError::stale()));
            }
        }
        Ok(())
    }
}

fn moves<'s>(rekeying: &Rekeying<'s>, leaving: &[Leaving]) -> Result<Moves<'s>, Failure> {
    let mut parts = Vec::new();
    for from in nodes(leaving.iter().map(|row| row.from)) {
        let table = rekeying.table(from)?;
        let rows = leaving.iter().filter(|row| row.from == from);
        for list in in_lists(rows.map(|row| row.key.as_slice())) {
            let among = rekeying.texts.among(&list);
            parts.push(rekeying.part(from, rewrite::delete(&table, &among, false))?);
        }
    }
    let deletes = 0..parts.len();
    for to in nodes(leaving.iter().map(|row| row.to)) {
        let head = rekeying.texts.insert(&rekeying.table(to)?);
        let rows = leaving.iter().filter(|row| row.to == to);
        stores(rekeying, (to, &head), rows, &mut parts)?;
    }
    Ok(Moves {
        inserts: deletes.end..parts.len(),
        deletes,
        rows: leaving.len() as u64,
        writing: Writing::new(Kind::Change, parts),
    })
}

/// INSERTs of a node's rows, none longer than it must be.
fn stores<'s, 'r>(
    rekeying: &Rekeying<'s>,
    (to, head): (DataNode, &str),
    rows: impl Iterator<Item = &'r Leaving>,
    parts: &mut Vec<Part<'s>>,
) -> Result<(), Failure> {
    let mut sql = String::new();
    for row in rows {
        if !sql.is_empty() && sql.len() + row.values.len() > PART {
            parts.push(rekeying.part(to, std::mem::take(&mut sql))?);
        }
        sql.push_str(if sql.is_empty() { head } else { "," });
        // Values are written in ASCII.
        sql.push_str(&String::from_utf8_lossy(&row.values));
    }
    parts.push(rekeying.part(to, sql)?);
    Ok(())
}

/// Each once, in order.
fn nodes(all: impl Iterator<Item = DataNode>) -> Vec<DataNode> {
    let mut nodes: Vec<DataNode> = Vec::new();
    for node in all {
        if !nodes.contains(&node) {
            nodes.push(node);
        }
    }
    nodes
}
