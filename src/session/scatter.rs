//! A SELECT that several data nodes answer: their connections, and what it leaves in the session.

use smallvec::SmallVec;

use super::diagnostics::Diagnostics;
use super::held::Backend;
use super::lost::{Ties, is_broken};
use super::query::Statement;
use super::request::Request;
use super::run::{Failure, ShardQuery, Target};
use super::shared::Snapshot;
use super::state::Session;
use super::target::node_target;
use crate::error::{MysqlError, StageError};
use crate::execute::scatter::{Lane, Outcome, Query, Scatter, ScatterError, scatter};
use crate::execute::{Limits, RelayError, Seen, Summary};
use crate::merge::{Budget, Limit, MergeSpec, RowFormat};
use crate::net::Interest;
use crate::parse::Slot;
use crate::plan::{self, Plan, PlanError, Unsupported};
use crate::rewrite;
use crate::route::DataNode;
use crate::topology::ReplicaSetId;
use crate::wire::StatusFlags;

/// A data node's part of the statement.
struct Part<'s> {
    target: Target<'s>,
    text: Vec<u8>,
}

/// A connection, and which parts it runs.
struct Worker {
    backend: Backend,
    parts: SmallVec<[usize; 4]>,
    fresh: bool,
    /// A transaction was open on it before, or began with it.
    was_open: bool,
}

/// How an attempt ended.
struct Attempt {
    workers: Vec<Worker>,
    statuses: Vec<Option<StatusFlags>>,
    warned: Vec<u16>,
    done: Result<Outcome, ScatterError>,
}

impl Session {
    /// Runs a statement on several data nodes; says whether the rest of the command shall run.
    pub(super) async fn run_scattered(
        &mut self,
        (snapshot, plan): (&Snapshot, &Plan),
        scatter: &plan::scatter::Scatter,
        nodes: &[DataNode],
        statement: &Statement<'_>,
    ) -> Result<bool, Failure> {
        Self::check_scattered(plan)?;
        let parts = self.parts((snapshot, plan), scatter, nodes, statement)?;
        let query = ShardQuery {
            request: Request::Query {
                sql: b"",
                attributes: statement.attributes,
            },
            qualified: plan.qualified,
            read_only: true,
            transactional: plan.transactional,
            needs_last_insert_id: plan.needs_last_insert_id,
            leaves_counts: false,
            pin: None,
            uses_pinned_state: false,
        };
        let begun = (self.client.output().len(), self.client.sequence());
        let mut retried = false;
        loop {
            let workers = self.workers(&parts, &query).await?;
            let attempt = self
                .attempt(workers, (&query, scatter), &parts, statement)
                .await;
            if !retried && self.may_retry(&attempt) {
                retried = true;
                continue;
            }
            return self
                .settle_scattered(attempt, (&query, scatter), &parts, begun)
                .await;
        }
    }

    /// What only one connection knows cannot be asked of several.
    fn check_scattered(plan: &Plan) -> Result<(), Failure> {
        if !plan.uses_pinned_state {
            return Ok(());
        }
        let what = "a statement over several shards with user variables or other state of one \
                    connection";
        let what = Unsupported::Statement(what.to_owned());
        Err(Failure::Error(PlanError::from(what).to_mysql()))
    }

    /// The session's `sql_select_limit`: LIMIT of every SELECT that has none.
    fn select_limit(&self) -> Option<u64> {
        let value = self.state.variables.get("sql_select_limit")?;
        let value = std::str::from_utf8(value).ok()?.parse().ok()?;
        (value != u64::MAX).then_some(value)
    }

    /// What a merge may hold.
    fn budget(&self) -> Budget {
        let limits = &self.shared.limits.merge;
        Budget {
            rows: usize::try_from(limits.rows).unwrap_or(usize::MAX),
            bytes: usize::try_from(limits.memory).unwrap_or(usize::MAX),
        }
    }

    /// What a text without LIMIT needs so that the servers do not put in one of their own.
    fn explicit_limit(&self, scatter: &plan::scatter::Scatter) -> Option<u64> {
        let limit = self.select_limit()?;
        match (scatter.limit.is_some(), scatter.nodes_limit) {
            (true, true) => None,
            (false, true) => Some(limit),
            (_, false) => Some(u64::MAX),
        }
    }

    fn parts<'s>(
        &self,
        (snapshot, plan): (&'s Snapshot, &'s Plan),
        scatter: &plan::scatter::Scatter,
        nodes: &[DataNode],
        statement: &Statement<'_>,
    ) -> Result<Vec<Part<'s>>, Failure> {
        let mut parts = Vec::with_capacity(nodes.len());
        for node in nodes {
            let target = node_target(&snapshot.topology, *node, plan)?;
            let mut room = Vec::new();
            let values = self.values((snapshot, plan), (target, node.part));
            let (sql, digest) = (statement.sql, statement.digest);
            let text = rewrite::splice(
                sql,
                statement.start,
                digest,
                &scatter.edits,
                &values,
                &mut room,
            )
            .map_err(|error| Failure::from(&error))?;
            let mut text = text.to_vec();
            if let Some(limit) = self.explicit_limit(scatter) {
                text.extend_from_slice(format!(" LIMIT {limit}").as_bytes());
            }
            parts.push(Part { target, text });
        }
        Ok(parts)
    }

    /// The connections, in the session's state: in a transaction one for each replica set, else as
    /// many as there are to be had at once.
    async fn workers(
        &mut self,
        parts: &[Part<'_>],
        query: &ShardQuery<'_>,
    ) -> Result<Vec<Worker>, Failure> {
        let mut by_set: SmallVec<[(ReplicaSetId, SmallVec<[usize; 4]>); 4]> = SmallVec::new();
        for (at, part) in parts.iter().enumerate() {
            let set = part.target.replica_set;
            match by_set.iter_mut().find(|(known, _)| *known == set) {
                Some((_, members)) => members.push(at),
                None => by_set.push((set, SmallVec::from_slice(&[at]))),
            }
        }
        // Always in the same order: two statements never wait for each other's connections.
        by_set.sort_by_key(|(set, _)| *set);
        let targets = by_set.iter().filter_map(|(_, members)| {
            let part = parts.get(*members.first()?)?;
            Some(part.target)
        });
        let transaction = self.enter_transaction(targets.collect(), query).await?;
        let workers_are_several = by_set.len() > 1;
        let mut workers = Vec::with_capacity(parts.len());
        for (_, members) in by_set {
            let first = workers.len();
            self.add_workers(&members, (parts, query), transaction, &mut workers)
                .await?;
            let added = workers.len() - first;
            for (turn, member) in members.into_iter().enumerate() {
                if let Some(worker) = workers.get_mut(first + turn % added.max(1)) {
                    worker.parts.push(member);
                }
            }
        }
        for worker in &mut workers {
            self.prepare_worker(worker, parts, query).await?;
            if transaction && workers_are_several {
                self.transaction.opened(worker.backend.replica_set);
            }
        }
        Ok(workers)
    }

    /// Connections to one replica set: the session's own, or at least one, and no more than there are
    /// to be had without waiting.
    async fn add_workers(
        &mut self,
        members: &[usize],
        (parts, query): (&[Part<'_>], &ShardQuery<'_>),
        alone: bool,
        workers: &mut Vec<Worker>,
    ) -> Result<(), Failure> {
        let Some(target) = members
            .first()
            .and_then(|at| parts.get(*at))
            .map(|p| p.target)
        else {
            return Ok(());
        };
        let (backend, fresh) = match self.acquire_now(&target, query)? {
            Some(acquired) => acquired,
            None => self.connect(&target, query).await?,
        };
        let several = fresh && !alone;
        workers.push(Worker::new(backend, fresh));
        let most = self.shared.limits.merge.connections as usize;
        let more = members.len().min(most).saturating_sub(1);
        for at in members.iter().skip(1).take(if several { more } else { 0 }) {
            let Some(part) = parts.get(*at) else {
                break;
            };
            let wanted = self.wanted(&part.target, query);
            let pool = self.pool(&part.target)?;
            let limit = Some(self.shared.limits.handshake);
            let spare = pool.checkout_spare(&wanted);
            let spare = self.handle.watch.guard(limit, Interest::STATEMENT, spare);
            match spare.await {
                Ok(Ok(Some(connection))) => {
                    let backend = Backend::new(part.target.replica_set, connection);
                    workers.push(Worker::new(backend, true));
                }
                // Those that are there do the work.
                Ok(Ok(None) | Err(_)) => break,
                Err(signal) => return Err(super::lost::interrupted(signal)),
            }
        }
        Ok(())
    }

    async fn prepare_worker(
        &mut self,
        worker: &mut Worker,
        parts: &[Part<'_>],
        query: &ShardQuery<'_>,
    ) -> Result<(), Failure> {
        let first = worker.parts.first().and_then(|at| parts.get(*at));
        let Some(target) = first.map(|part| part.target) else {
            return Ok(());
        };
        worker.was_open = worker.backend.transaction;
        if self.is_prepared(&worker.backend, &target, query) {
            return Ok(());
        }
        match self
            .prepare(&mut worker.backend, &target, query, false)
            .await
        {
            Ok(began) => {
                worker.was_open |= began;
                Ok(())
            }
            Err(error) => {
                let ties = Ties::of(&worker.backend, false);
                Err(self.report(error.into(), ties))
            }
        }
    }

    async fn attempt(
        &mut self,
        mut workers: Vec<Worker>,
        (query, plan): (&ShardQuery<'_>, &plan::scatter::Scatter),
        parts: &[Part<'_>],
        statement: &Statement<'_>,
    ) -> Attempt {
        let mut status = self.status();
        if query.transactional && !self.state.autocommit() {
            status |= StatusFlags::SERVER_STATUS_IN_TRANS;
        }
        for worker in &workers {
            if worker.was_open {
                status |= StatusFlags::SERVER_STATUS_IN_TRANS;
            }
        }
        status.set(StatusFlags::SERVER_MORE_RESULTS_EXISTS, statement.more.0);
        let lanes = workers.iter_mut().map(|worker| {
            let queries = worker.parts.iter().filter_map(|at| {
                let part = parts.get(*at)?;
                let physical = part.target.names.filter(|_| !query.qualified);
                Some(Query {
                    number: *at,
                    text: part.text.clone(),
                    attributes: statement.attributes,
                    database: physical.and_then(|names| std::str::from_utf8(names.physical).ok()),
                })
            });
            Lane::new(&mut worker.backend.connection, queries.collect())
        });
        let lanes: Vec<Lane<'_>> = lanes.collect();
        let select_limit = self.select_limit();
        let spec = |visible: usize| merge_spec((plan, select_limit), statement, visible);
        let budget = self.budget();
        let mut job = Scatter {
            lanes,
            names: parts.iter().map(|part| part.target.names).collect(),
            client: &mut self.client,
            capabilities: self.capabilities,
            status,
            format: RowFormat::Text,
            hidden: plan.hidden,
            spec: &spec,
            counts_all: plan.counts_all,
            budget,
            watch: &self.handle.watch,
            limits: Limits {
                statement: self.shared.limits.statement,
                write: self.shared.limits.write,
            },
        };
        let done = scatter(&mut job).await;
        let statuses = job.lanes.iter().map(Lane::status).collect();
        let warned = job.lanes.iter().map(Lane::warnings).collect();
        drop(job);
        for worker in &mut workers {
            worker.backend.connection.packets().trim();
        }
        Attempt {
            workers,
            statuses,
            warned,
            done,
        }
    }

    /// An idle connection had died before anything was sent to the client, and nothing of the session
    /// was on it.
    fn may_retry(&self, attempt: &Attempt) -> bool {
        let idle = attempt
            .workers
            .iter()
            .all(|worker| worker.fresh && !worker.was_open);
        idle && matches!(
            &attempt.done,
            Err(ScatterError::Lost(RelayError::Backend { error, seen: Seen::Nothing }))
                if is_broken(error)
        )
    }

    /// Takes over what the statement did, and gives the connections back.
    async fn settle_scattered(
        &mut self,
        attempt: Attempt,
        (query, plan): (&ShardQuery<'_>, &plan::scatter::Scatter),
        parts: &[Part<'_>],
        (begun, sequence): (usize, u8),
    ) -> Result<bool, Failure> {
        let Attempt {
            mut workers,
            statuses,
            warned,
            done,
        } = attempt;
        let (outcome, error) = match done {
            Ok(outcome) => (outcome, None),
            Err(ScatterError::Refused { error, seen, .. }) => {
                if seen == Seen::Nothing {
                    self.client.output().truncate(begun);
                    self.client.set_sequence(sequence);
                }
                (Outcome::default(), Some(error))
            }
            Err(ScatterError::Lost(error)) => {
                let tied = workers.iter().map(|w| Ties::of(&w.backend, w.was_open));
                let ties = tied.fold(Ties::None, |all, one| match one {
                    Ties::Some => Ties::Some,
                    Ties::None => all,
                });
                return Err(self.report(error, ties));
            }
        };
        let mut diagnostics = Diagnostics::default();
        if error.is_none() {
            for (worker, _) in workers
                .iter_mut()
                .zip(&warned)
                .filter(|(_, warned)| **warned > 0)
            {
                let first = worker.parts.first().and_then(|at| parts.get(*at));
                let names = first.and_then(|part| part.target.names);
                let fetched = Diagnostics::fetch(&mut worker.backend.connection, names);
                match fetched.await {
                    Ok(more) => diagnostics.extend(more),
                    Err(error) => {
                        tracing::warn!(%error, "could not ask what a statement left behind");
                    }
                }
            }
        }
        let summary = Summary {
            rows: error.is_none().then_some(outcome.rows),
            error: error.clone(),
            ..Summary::default()
        };
        for (mut worker, status) in workers.into_iter().zip(statuses) {
            let summary = Summary {
                status: status.unwrap_or_else(StatusFlags::empty),
                ..summary.clone()
            };
            if query.transactional && (worker.was_open || !self.state.autocommit()) {
                self.take_over(&mut worker.backend, query, worker.was_open, &summary)?;
            }
            self.held.settle(worker.backend);
        }
        self.note_result(&summary);
        if error.is_some() && self.transaction.is_on_several() {
            self.check_after_error().await?;
        }
        match error {
            Some(error) => Err(Failure::Error(error)),
            None => {
                if plan.counts_all {
                    self.state.found_rows = outcome.counted;
                }
                self.diagnostics = diagnostics;
                Ok(true)
            }
        }
    }
}

impl Worker {
    fn new(backend: Backend, fresh: bool) -> Self {
        Self {
            backend,
            parts: SmallVec::new(),
            fresh,
            was_open: false,
        }
    }
}

/// What is done with answers of which the client sees so many columns.
fn merge_spec(
    (plan, select_limit): (&plan::scatter::Scatter, Option<u64>),
    statement: &Statement<'_>,
    visible: usize,
) -> Result<MergeSpec, MysqlError> {
    let (sql, digest) = (statement.sql, statement.digest);
    let number = |slot: &Slot| {
        let literal = digest.slot_literals(*slot).next();
        let text = literal.and_then(|l| sql.get(l.start as usize..l.end as usize));
        let text = text.and_then(|text| std::str::from_utf8(text).ok());
        text.map(str::to_owned)
            .ok_or_else(|| rewrite::SpliceError::ForeignPlan.to_mysql())
    };
    let limit = plan.limit.map(|slots| rewrite::limit(slots, sql, digest));
    let limit = limit.transpose().map_err(|error| error.to_mysql())?;
    let of_session = select_limit.map(|count| Limit { offset: 0, count });
    Ok(MergeSpec {
        visible,
        operator: plan
            .operator
            .placed(&|column| column.place(visible), &number)?,
        limit: limit.or(of_session),
    })
}
