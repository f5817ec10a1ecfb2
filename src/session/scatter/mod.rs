//! A SELECT that several data nodes answer: their connections, and what it leaves in the session.

mod copies;
mod counters;
mod counts;
mod each;
mod everywhere;
mod given_id;
mod limited;
mod load;
mod locks;
mod moved;
mod picked;
mod readers;
mod reading;
mod rekey;
mod settle;
mod workers;
mod writes;
mod written;

use std::ops::Range;
use std::pin::Pin;
use std::sync::Arc;

use bytes::Bytes;
use smallvec::SmallVec;
use tokio::sync::futures::OwnedNotified;

use self::readers::Away;
use super::failure::Failure;
use super::held::Backend;
use super::local::More;
use super::lost::is_broken;
use super::measure::Meter;
use super::prepared::{Executed, Rebound, ShardText};
use super::request::Request;
use super::shard_query::{Lent, ShardQuery, Target};
use super::shared::Snapshot;
use super::state::Session;
use super::statement::Statement;
use super::target::node_target;
use crate::backend::Variables;
use crate::error::{MysqlError, StageError};
use crate::execute::scatter::{
    Command, Lane, Outcome, Query, Scatter, ScatterError, Sink, scatter,
};
use crate::execute::{RelayError, Seen};
use crate::merge::{Budget, Limit, MergeSpec, RowFormat};
use crate::parse::Slot;
use crate::plan::{self, Access, Plan, PlanError, Unsupported};
use crate::reply::Warned;
use crate::rewrite;
use crate::route::DataNode;
use crate::wire::StatusFlags;

pub(super) use picked::{a_node, place_to_ask};
pub(super) use reading::{WITH_WARNINGS, check_kept};
pub(super) use rekey::Whereabouts;

/// A data node's part of the statement.
pub(super) struct Part<'s> {
    pub target: Target<'s>,
    pub text: Text,
}

/// What the node gets.
pub(super) enum Text {
    Query(Vec<u8>),
    /// LOAD DATA LOCAL, and the file that its server asks for.
    Load(Vec<u8>, Bytes),
    Prepared(Arc<ShardText>),
}

/// A connection, and which parts it runs.
pub(super) struct Worker {
    pub backend: Backend,
    parts: SmallVec<[usize; 4]>,
    fresh: bool,
    /// A transaction was open on it before, or began with it.
    pub was_open: bool,
    /// Done when its server, one of several that could answer, is taken for dead.
    silent: Option<Pin<Box<OwnedNotified>>>,
}

/// How a statement on several data nodes ended.
pub(super) enum Scattered {
    /// The client has its answer.
    Answered,
    /// Nothing was told to the client: the answers' types do not allow a merge.
    Unmergeable(MysqlError),
}

/// How an attempt ended.
struct Attempt {
    workers: Vec<Worker>,
    statuses: Vec<Option<StatusFlags>>,
    warned: Vec<Warned>,
    done: Result<Outcome, ScatterError>,
    /// The worker whose server has ended it.
    culprit: Option<usize>,
}

impl Session {
    /// Runs a statement on several data nodes.
    pub(super) async fn run_scattered(
        &mut self,
        (snapshot, plan): (&Snapshot, &Plan),
        scatter: &plan::scatter::Scatter,
        nodes: &[DataNode],
        (statement, executed): (&Statement<'_>, Option<&Executed<'_>>),
    ) -> Result<Scattered, Failure> {
        Self::check_scattered(plan)?;
        let asked = (statement, executed);
        let parts = self.parts((snapshot, plan), scatter, nodes, asked)?;
        let query = ShardQuery {
            request: Request::Query {
                sql: b"",
                attributes: statement.attributes,
            },
            // What is prepared remembers its database.
            qualified: plan.qualified || executed.is_some(),
            read_only: plan.access == Access::Read,
            transactional: plan.transactional,
            needs_last_insert_id: plan.needs_last_insert_id,
            variables: Lent::of(plan),
            ..ShardQuery::OWN
        };
        let begun = (self.client.output().len(), self.client.sequence());
        let mut retried = false;
        let mut away = self.away((snapshot, plan), (&parts, &query));
        let inside = self.transaction.is_active();
        loop {
            let workers = self.readers(&parts, &query, &mut away).await?;
            let attempt = self
                .attempt(workers, (&query, scatter), &parts, asked)
                .await;
            let again = Away::goes_on(&mut away, &attempt);
            if again || (!retried && self.may_retry(&attempt)) {
                retried |= !again;
                self.rewind(begun);
                attempt.release();
                continue;
            }
            attempt.note_answered();
            let nodes = parts.len();
            let settled = self.settle_scattered(attempt, &query, &parts, begun).await;
            if matches!(settled, Ok(Scattered::Answered)) {
                let merges = &self.shared.metrics.merges;
                self.meter.worked(merges, nodes);
                merges.rows.add(self.meter.rows());
            }
            if let (Err(Failure::Error(error)), false) = (&settled, inside) {
                Box::pin(self.end_unresolved(error, &query)).await?;
            }
            return settled;
        }
    }

    /// What only one connection knows cannot be asked of several.
    pub(super) fn check_scattered(plan: &Plan) -> Result<(), Failure> {
        if plan.is_carried() || !plan.uses_pinned_state {
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
    pub(super) fn budget(&self) -> Budget {
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
        (statement, executed): (&Statement<'_>, Option<&Executed<'_>>),
    ) -> Result<Vec<Part<'s>>, Failure> {
        let edits = executed.map_or(&scatter.edits[..], |executed| &executed.edits);
        let mut parts = Vec::with_capacity(nodes.len());
        for node in nodes {
            let target = node_target(&snapshot.topology, *node, plan)?;
            let mut room = Vec::new();
            let values = self.values((snapshot, plan), (target, node.part));
            let (sql, digest) = (statement.sql, statement.digest);
            let text = rewrite::splice(sql, statement.start, digest, edits, &values, &mut room)
                .map_err(|error| Failure::from(&error))?;
            let mut text = text.to_vec();
            if let Some(limit) = self.explicit_limit(scatter) {
                check_limit(plan)?;
                text.extend_from_slice(format!(" LIMIT {limit}").as_bytes());
            }
            let text = match executed {
                Some(executed) => {
                    let database = target.database().filter(|_| !plan.qualified);
                    let (settings, seed) = (executed.settings, self.shared.seed);
                    Text::Prepared(ShardText::new(&text, database, settings, seed))
                }
                None => Text::Query(text),
            };
            parts.push(Part { target, text });
        }
        Ok(parts)
    }

    /// The status that the client is told.
    fn status_of_scattered(
        &self,
        workers: &[Worker],
        query: &ShardQuery<'_>,
        more: More,
    ) -> StatusFlags {
        let mut status = self.status();
        if query.transactional && !self.state.autocommit() {
            status |= StatusFlags::SERVER_STATUS_IN_TRANS;
        }
        for worker in workers {
            if worker.was_open {
                status |= StatusFlags::SERVER_STATUS_IN_TRANS;
            }
        }
        status.set(StatusFlags::SERVER_MORE_RESULTS_EXISTS, more.0);
        status
    }

    async fn attempt(
        &mut self,
        mut workers: Vec<Worker>,
        (query, plan): (&ShardQuery<'_>, &plan::scatter::Scatter),
        parts: &[Part<'_>],
        (statement, executed): (&Statement<'_>, Option<&Executed<'_>>),
    ) -> Attempt {
        let status = self.status_of_scattered(&workers, query, statement.more);
        let now = Arc::clone(&self.state.variables);
        let then = executed.map(|executed| self.variables_then(executed.settings));
        let asked = Asked {
            attributes: statement.attributes,
            qualified: query.qualified,
            executed,
            rebound: &[],
            then: then.as_ref().unwrap_or(&now),
            now: &now,
        };
        let lanes = lanes(&mut workers, (parts, 0..parts.len()), &asked);
        let select_limit = self.select_limit();
        let limit = executed.and_then(|executed| executed.limit);
        let spec = |visible: usize| merge_spec((plan, limit, select_limit), statement, visible);
        let budget = self.budget();
        let bound = executed.map_or(&b""[..], |executed| executed.execution.bound.values);
        let texts = [statement.sql, bound];
        let mut job = Scatter {
            lanes,
            names: parts.iter().map(|part| part.target.names).collect(),
            client: &mut self.client,
            capabilities: self.capabilities,
            status,
            format: executed.map_or(RowFormat::Text, |_| RowFormat::Binary),
            hidden: plan.hidden,
            spec: &spec,
            counts_all: plan.counts_all,
            budget,
            sink: Sink::Client,
            quota: self.quota.as_deref(),
            texts: &texts,
            warned: Vec::new(),
            culprit: None,
            watch: &self.handle.watch,
            limits: self.shared.limits.of_statement(),
        };
        let done = scatter(&mut job).await;
        let (mut lanes, warned, culprit) = (job.lanes, job.warned, job.culprit);
        let statuses = lanes.iter().map(Lane::status).collect();
        let received = note_answers(&mut lanes, parts, &mut self.meter);
        self.shared.metrics.merges.bytes.add(received);
        drop(lanes);
        trim(&mut workers);
        Attempt {
            workers,
            statuses,
            warned,
            done,
            culprit,
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
}

/// A LIMIT at the end of the text would stand behind what locks.
fn check_limit(plan: &Plan) -> Result<(), Failure> {
    if plan.access == Access::Read {
        return Ok(());
    }
    let what = "a locking read over several shards with sql_select_limit";
    let what = Unsupported::Statement(what.to_owned());
    Err(Failure::Error(PlanError::from(what).to_mysql()))
}

/// How all nodes are asked.
struct Asked<'a> {
    attributes: &'a [u8],
    qualified: bool,
    /// What is executed, where the client has prepared it.
    executed: Option<&'a Executed<'a>>,
    /// The parameters of each part, where they are not the same for all.
    rebound: &'a [Rebound],
    /// The variables under which it is prepared.
    then: &'a Arc<Variables>,
    /// The session's variables.
    now: &'a Arc<Variables>,
}

impl<'a> Asked<'a> {
    fn command(&'a self, at: usize, part: &'a Part<'_>) -> Option<Command<'a>> {
        Some(match &part.text {
            Text::Query(sql) => Command::Text {
                sql: sql.clone(),
                attributes: self.attributes,
                database: part.target.database().filter(|_| !self.qualified),
            },
            Text::Load(sql, file) => Command::Load {
                sql: sql.clone(),
                attributes: self.attributes,
                database: part.target.database().filter(|_| !self.qualified),
                file: file.clone(),
            },
            Text::Prepared(text) => {
                let all = self.executed?;
                let own = self.rebound.get(at).map(|own| all.with(own));
                let executed = own.as_ref().unwrap_or(all);
                executed.command(text, (self.then, self.now))
            }
        })
    }
}

/// Counts what each shard took.
///
/// Returns the bytes that all of them sent.
fn note_answers(lanes: &mut [Lane<'_>], parts: &[Part<'_>], meter: &mut Meter) -> u64 {
    for answered in lanes.iter().flat_map(Lane::times) {
        let shard = parts.get(answered.query).and_then(|part| part.target.shard);
        meter.node(shard, answered.took);
    }
    meter.trace.answered(lanes, parts);
    lanes.iter_mut().map(Lane::received).sum()
}

/// The workers' connections with what they are asked.
fn lanes<'a>(
    workers: &'a mut [Worker],
    (parts, which): (&'a [Part<'_>], Range<usize>),
    asked: &'a Asked<'a>,
) -> Vec<Lane<'a>> {
    let lanes = workers.iter_mut().map(|worker| {
        let mine = worker.parts.iter().filter(|at| which.contains(at));
        let queries = mine.filter_map(|at| {
            let command = asked.command(*at, parts.get(*at)?)?;
            Some(Query {
                number: *at,
                command,
            })
        });
        let silent = worker.silent.as_mut().map(Pin::as_mut);
        Lane::new(&mut worker.backend.connection, queries.collect()).unless(silent)
    });
    lanes.collect()
}

/// The connections keep no more room than one that is idle needs.
fn trim(workers: &mut [Worker]) {
    for worker in workers {
        worker.backend.connection.packets().trim();
    }
}

impl Worker {
    fn new(backend: Backend, fresh: bool) -> Self {
        Self {
            backend,
            parts: SmallVec::new(),
            fresh,
            was_open: false,
            silent: None,
        }
    }
}

/// What is done with answers of which the client sees so many columns.
fn merge_spec(
    (plan, bound, select_limit): (&plan::scatter::Scatter, Option<Limit>, Option<u64>),
    statement: &Statement<'_>,
    visible: usize,
) -> Result<MergeSpec, MysqlError> {
    let (sql, digest) = (statement.sql, statement.digest);
    let number = |slot: &Slot| {
        let literal = digest.slot_literals(*slot).next();
        let text = literal.and_then(|literal| std::str::from_utf8(literal.text(sql)).ok());
        text.map(str::to_owned)
            .ok_or_else(|| rewrite::SpliceError::ForeignPlan.to_mysql())
    };
    let limit = match bound {
        Some(bound) => Some(bound),
        None => {
            let limit = plan.limit.map(|slots| rewrite::limit(slots, sql, digest));
            limit.transpose().map_err(|error| error.to_mysql())?
        }
    };
    let of_session = select_limit.map(|count| Limit { offset: 0, count });
    Ok(MergeSpec {
        visible,
        operator: plan
            .operator
            .placed(&|column| column.place(visible), &number)?,
        limit: limit.or(of_session),
    })
}
