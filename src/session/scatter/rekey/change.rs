//! The UPDATE of the rows where they are, and which of them leave their data node.

use std::collections::HashSet;
use std::sync::Arc;

use super::super::super::failure::Failure;
use super::super::super::shard_query::ShardQuery;
use super::super::super::state::Session;
use super::super::super::statement::Statement;
use super::super::counts::numbers;
use super::super::limited::own;
use super::super::writes::{Kind, Writing};
use super::super::written::{Broken, Errand, ask, before};
use super::super::{Part, Text, Worker};
use super::find::{Finding, cells, definitions, node_of, tuple, tuples};
use super::{Changed, Found, Leaving, Rekeying, assign, broken, in_lists, node_target};
use crate::backend::Variables;
use crate::error::{MysqlError, StageError};
use crate::execute::gather;
use crate::execute::scatter::Written;
use crate::net::Watch;
use crate::plan::{Action, Edit, Replacement};
use crate::rewrite::{self, MARK, RowLayout, SpliceError};
use crate::topology::ReplicaSetId;

impl Session {
    /// Finds the rows, changes them where they are, and says which of them leave. Also says which replica
    /// sets have done so.
    pub(super) async fn change_in_place<'s>(
        &mut self,
        rekeying: &Rekeying<'s>,
        (own, statement): (bool, &Statement<'_>),
    ) -> Result<(Changed<'s>, Vec<ReplicaSetId>), Failure> {
        let finding = self.finding(rekeying, statement)?;
        let plan = &rekeying.rekey.plan;
        let query = ShardQuery::of_write(plan, statement.attributes, plan.qualified);
        let mut workers = self.workers(&finding.parts, &query).await?;
        let sets = workers
            .iter()
            .map(|worker| worker.backend.replica_set)
            .collect();
        let asked = (&query, statement);
        let done = match self.run_before(&mut workers, &before(own, false)).await {
            Ok(()) => {
                let steps = (rekeying, &finding);
                self.find_and_change(&mut workers, steps, asked).await
            }
            Err(broken) => Err(broken),
        };
        let changed = self.settle_parts(workers, &query, done, own).await?;
        Ok((changed, sets))
    }

    async fn find_and_change<'s>(
        &mut self,
        workers: &mut [Worker],
        (rekeying, finding): (&Rekeying<'s>, &Finding<'s>),
        asked: (&ShardQuery<'_>, &Statement<'_>),
    ) -> Result<Changed<'s>, Broken> {
        let found = self.find(workers, (rekeying, finding), asked).await?;
        let moving = gather::moving_variables(&self.state.variables);
        let moving = self.shared.interner.intern(moving);
        let there = rekeying.nodes.iter().zip(&found);
        let mut leavable =
            there.filter(|(node, rows)| rekeying.may_leave(**node) && !rows.is_empty());
        let mut taken = false;
        if leavable.next().is_some() {
            self.on_all(workers, Errand::Carry(&moving)).await?;
            check_table(&self.handle.watch, workers, rekeying).await?;
            if rekeying.texts.moves_primary() {
                taken = self.is_taken(workers, (rekeying, &found), asked.0).await?;
            }
        }
        let now = Arc::clone(&self.state.variables);
        self.on_all(workers, Errand::Carry(&now)).await?;
        let parts = self.updates(rekeying, &found, asked.1)?;
        let writing = Writing::new(Kind::Change, parts);
        assign(workers, &writing.parts);
        let all = 0..writing.parts.len();
        let written = self
            .run_parts(workers, (&writing, all), asked, &now)
            .await?;
        check_matched(&written, &found)?;
        if taken {
            return Err(broken(
                "whose new primary keys are not those that its SELECT gives",
            ));
        }
        let leaving = match changes(&written) {
            0 => Vec::new(),
            _ => {
                let rows = (rekeying, found.as_slice());
                self.leaving(workers, rows, (asked.0, &moving)).await?
            }
        };
        Ok(Changed {
            writing,
            written,
            leaving,
        })
    }

    /// The client's UPDATE for the rows of each data node.
    fn updates<'s>(
        &self,
        rekeying: &Rekeying<'s>,
        found: &[Vec<Found>],
        statement: &Statement<'_>,
    ) -> Result<Vec<Part<'s>>, Failure> {
        let sql = rekeying.texts.update();
        let digest = self.scan_in(&sql, statement.mode, self.state.plan_context)?;
        let own = own(&sql, &digest, statement);
        let plan = self.plan_in(rekeying.snapshot, &own);
        let foreign = || Failure::from(&SpliceError::ForeignPlan);
        let Action::Rekey(rekey) = &plan.action else {
            return Err(foreign());
        };
        let tokens = own.tokens();
        let is_mark = |at: &usize| tokens.text(*at) == MARK.as_bytes();
        let mark = (0..tokens.len()).rev().find(is_mark).ok_or_else(foreign)?;
        let mut parts = Vec::new();
        let text = |at: usize, among: String| {
            let node = *rekeying.nodes.get(at).ok_or_else(foreign)?;
            let mut edits = rekey.plan.edits.clone();
            edits.push(Edit {
                token: u32::try_from(mark).map_err(|_| foreign())?,
                tokens: 1,
                with: Replacement::Text(among),
            });
            edits.sort_by_key(|edit| (edit.token, edit.tokens));
            let topology = &rekeying.snapshot.topology;
            let target = node_target(topology, node, &rekeying.rekey.plan)?;
            let values = self.values((rekeying.snapshot, &rekey.plan), (target, node.part));
            let mut room = Vec::new();
            let text = rewrite::splice(&sql, 0, &digest, &edits, &values, &mut room);
            let text = text.map_err(|error| Failure::from(&error))?;
            let text = Text::Query(text.to_vec());
            Ok::<_, Failure>(Part { target, text })
        };
        for (at, rows) in found.iter().enumerate() {
            for list in in_lists(rows.iter().map(|row| row.old.as_slice())) {
                parts.push(text(at, rekeying.texts.among(&list))?);
            }
        }
        if parts.is_empty() {
            // A server says what that gives, and what is wrong with the statement.
            return self.itself(rekeying, statement);
        }
        Ok(parts)
    }

    /// Whether rows that the statement is not about have primary keys that it gives: then it fails, or
    /// the keys are not what is computed.
    async fn is_taken(
        &mut self,
        workers: &mut [Worker],
        (rekeying, found): (&Rekeying<'_>, &[Vec<Found>]),
        query: &ShardQuery<'_>,
    ) -> Result<bool, Broken> {
        let mut parts = Vec::new();
        for ((at, node), rows) in rekeying.nodes.iter().enumerate().zip(found) {
            let table = rekeying.table(*node)?;
            for list in in_lists(rows.iter().map(|row| row.new.as_slice())) {
                let among = rekeying.texts.among(&list);
                parts.push(rekeying.part(*node, rekeying.texts.present(&table, &among, at))?);
            }
        }
        let kept = self.kept(workers, &parts, (None, query)).await?;
        let columns = definitions(&kept)?;
        let primary = &rekeying.texts.primary;
        let layout = 1..1 + primary.len();
        let there = tuples(&columns, &layout, primary)?;
        for row in &kept.rows {
            let key = tuple(&there, row, 1)?;
            let own = node_of(row).and_then(|at| found.get(at));
            if !own.is_some_and(|own| own.iter().any(|row| row.old == key)) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The rows that belong elsewhere now, whole.
    async fn leaving(
        &mut self,
        workers: &mut [Worker],
        (rekeying, found): (&Rekeying<'_>, &[Vec<Found>]),
        (query, moving): (&ShardQuery<'_>, &Arc<Variables>),
    ) -> Result<Vec<Leaving>, Broken> {
        let (mut parts, mut expected, mut layout) = (Vec::new(), 0, None);
        for ((at, node), rows) in rekeying.nodes.iter().enumerate().zip(found) {
            if !rekeying.may_leave(*node) {
                continue;
            }
            let table = rekeying.table(*node)?;
            expected += rows.len();
            for list in in_lists(rows.iter().map(|row| row.new.as_slice())) {
                let (sql, columns) = rekeying
                    .texts
                    .whole(&table, &rekeying.texts.among(&list), at);
                parts.push(rekeying.part(*node, sql)?);
                layout = Some(columns);
            }
        }
        let Some(layout) = layout else {
            return Ok(Vec::new());
        };
        self.on_all(workers, Errand::Carry(moving)).await?;
        let kept = self.kept(workers, &parts, (None, query)).await?;
        if kept.rows.len() != expected {
            return Err(broken(
                "whose new primary keys are not those that its SELECT gives",
            ));
        }
        let columns = definitions(&kept)?;
        let primary = tuples(&columns, &layout.old, &rekeying.texts.primary)?;
        let stored = tuples(&columns, &layout.stored, &rekeying.texts.stored)?;
        let collisions = Collisions::of(rekeying, found);
        let mut leaving = Vec::new();
        for (number, row) in kept.rows.iter().enumerate() {
            let Some((from, to)) = rekeying.way(row, &layout, number)? else {
                continue;
            };
            collisions.check(rekeying, &cells(row, &layout.keys)?)?;
            if let Some(at) = layout.travels
                && cells(row, &(at..at + 1))? != [Some(b"1".as_slice())]
            {
                return Err(broken("with JSON values that hold DECIMAL or times"));
            }
            leaving.push(Leaving {
                from,
                to,
                key: tuple(&primary, row, layout.old.start)?,
                values: tuple(&stored, row, layout.stored.start)?,
            });
        }
        Ok(leaving)
    }
}

impl Rekeying<'_> {
    /// From where to where a row goes; `None`: it stays.
    fn way(
        &self,
        row: &[u8],
        layout: &RowLayout,
        number: usize,
    ) -> Result<Option<(super::DataNode, super::DataNode)>, Broken> {
        let keys = cells(row, &layout.keys)?;
        let from = node_of(row).and_then(|at| self.nodes.get(at)).copied();
        let from = from.ok_or_else(|| Broken::Told(MysqlError::stale()))?;
        let to = self
            .snapshot
            .router
            .place(self.rekey.table, &keys, number + 1);
        let to = to.map_err(|error| Broken::Told(error.to_mysql()))?;
        Ok((from != to).then_some((from, to)))
    }
}

/// The keys that rows had: where others get them, one MySQL may find a duplicate or not, as the order is
/// in which it changes rows.
struct Collisions {
    keys: HashSet<Vec<Vec<u8>>>,
    matters: bool,
}

impl Collisions {
    fn of(rekeying: &Rekeying<'_>, found: &[Vec<Found>]) -> Self {
        let several = found.iter().map(Vec::len).sum::<usize>() > 1;
        let matters = several && rekeying.texts.may_collide();
        let rows = found.iter().flatten().filter(|_| matters);
        Self {
            keys: rows.clone().filter_map(|row| row.key.clone()).collect(),
            matters,
        }
    }

    fn check(&self, rekeying: &Rekeying<'_>, key: &[Option<&[u8]>]) -> Result<(), Broken> {
        let clear = |key| !self.keys.contains(&key);
        match !self.matters || rekeying.comparable(key).is_some_and(clear) {
            true => Ok(()),
            false => Err(broken(
                "and gives them keys that other rows of it had, under a unique key",
            )),
        }
    }
}

/// How many rows the UPDATE changed.
fn changes(written: &[Written]) -> u64 {
    let changed = written.iter().map(|node| {
        let numbers = numbers(&node.changes.info);
        numbers
            .get(1)
            .copied()
            .unwrap_or(node.changes.affected_rows)
    });
    changed.sum()
}

/// The UPDATE must have found the rows that the SELECT found.
fn check_matched(written: &[Written], found: &[Vec<Found>]) -> Result<(), Broken> {
    let expected: usize = found.iter().map(Vec::len).sum();
    let matched = written
        .iter()
        .filter_map(|node| numbers(&node.changes.info).first().copied());
    match usize::try_from(matched.sum::<u64>()) == Ok(expected) {
        true => Ok(()),
        false => Err(Broken::Told(MysqlError::stale())),
    }
}

/// What would happen beside the UPDATE if a row were deleted here and stored there.
async fn check_table(
    watch: &Watch,
    workers: &mut [Worker],
    rekeying: &Rekeying<'_>,
) -> Result<(), Broken> {
    let (Some(worker), Some(node)) = (workers.first_mut(), rekeying.nodes.first()) else {
        return Ok(());
    };
    // All data nodes have the same tables: one of those that this server has.
    let set = worker.backend.replica_set;
    let topology = &rekeying.snapshot.topology;
    let shard = |node: super::DataNode| topology.shard(node.shard);
    let mut here = rekeying.nodes.iter();
    let node = here
        .find(|node| shard(**node).is_some_and(|shard| shard.replica_set == set))
        .unwrap_or(node);
    let table = topology.table_by_id(rekeying.rekey.table);
    let own = rekeying.sharding.physical_name(node.part);
    let name = own
        .or(table.map(|table| table.name.as_str()))
        .unwrap_or_default();
    let database = shard(*node).map_or("", |shard| shard.database.as_str());
    let [database, name] =
        [database, name].map(|text| format!("CONVERT(x'{}' USING utf8mb4)", hex::encode(text)));
    let sql = format!(
        "SELECT EXISTS(SELECT 1 FROM information_schema.TRIGGERS WHERE EVENT_OBJECT_SCHEMA = {database} \
         AND EVENT_OBJECT_TABLE = {name}), EXISTS(SELECT 1 FROM \
         information_schema.REFERENTIAL_CONSTRAINTS WHERE CONSTRAINT_SCHEMA = {database} AND \
         TABLE_NAME = {name} OR UNIQUE_CONSTRAINT_SCHEMA = {database} AND REFERENCED_TABLE_NAME = {name})"
    );
    let told = ask(watch, &mut worker.backend.connection, sql.as_bytes()).await?;
    let mut cells = told.into_iter().flatten();
    let mut has = || cells.next().flatten().as_deref() != Some(b"0");
    let (triggers, references) = (has(), has());
    match (triggers, references) {
        (true, _) => Err(broken("of a table with triggers")),
        (_, true) => Err(broken("of a table with foreign keys")),
        _ => Ok(()),
    }
}
