//! UPDATE and DELETE with LIMIT on several data nodes: together they change as many rows as one MySQL
//! would, and with ORDER BY those that come first.
//!
//! Without ORDER BY the nodes run one after the other, each with what is left of LIMIT. With ORDER BY
//! all of them first answer a locking SELECT: its merged rows say how many of those that come first each
//! node has, which is the LIMIT that it gets. The locks keep other rows from coming in between.

use std::ops::Range;
use std::sync::Arc;

use super::super::failure::Failure;
use super::super::local::More;
use super::super::prepared::{Bindings, Executed, Rebound};
use super::super::shard_query::ShardQuery;
use super::super::shared::Snapshot;
use super::super::state::Session;
use super::super::statement::Statement;
use super::counts::{all_told, none_left_out, numbers};
use super::writes::Writing;
use super::written::{Broken, ask};
use super::{Asked, Part, Worker, lanes, merge_spec};
use crate::error::{ErrorKind, MysqlError, StageError};
use crate::execute::scatter::{Scatter, ScatterError, Sink, Written, scatter};
use crate::merge::{Limit, RowFormat};
use crate::parse::Digest;
use crate::plan::{self, CHOOSING, Edit, Plan, PlanError, Replacement, Unsupported};
use crate::reply as conditions;
use crate::rewrite::{self, SpliceError};
use crate::route::DataNode;
use crate::wire::StatusFlags;

/// A LIMIT that several nodes share.
pub(super) struct Limited<'s> {
    plans: (&'s Snapshot, &'s Plan),
    nodes: Vec<DataNode>,
    /// What the statement says.
    limit: u64,
    planned: plan::Limited,
    choosing: Option<Choosing<'s>>,
    /// The parameters before the number of rows, where the client has prepared the statement.
    rebound: Option<Rebound>,
}

/// What is executed, where the client has prepared the statement: what is bound to its placeholders,
/// and which of its literals says the number of rows.
#[derive(Clone, Copy)]
struct Bound<'s> {
    bindings: &'s Bindings<'s>,
    number: usize,
}

/// The SELECT that finds the rows that come first.
struct Choosing<'s> {
    sql: Vec<u8>,
    digest: Digest,
    plan: Arc<Plan>,
    parts: Vec<Part<'s>>,
    /// Its parameters.
    rebound: Option<Rebound>,
}

impl Limited<'_> {
    /// Whether it matters which rows are changed.
    pub fn is_ordered(&self) -> bool {
        self.choosing.is_some()
    }

    /// A row that a DELETE leaves out counts for LIMIT or not, which depends on the server.
    fn check_left_out(&self, node: &Written) -> Result<(), Broken> {
        match self.planned.ignores && !self.planned.updates && !none_left_out(node) {
            true => Err(Broken::Told(unsupported(
                "a DELETE with IGNORE and LIMIT on several shards that leaves rows out",
            ))),
            false => Ok(()),
        }
    }

    /// How many rows of the LIMIT a node has used up.
    fn used(&self, node: &Written) -> Result<u64, Broken> {
        if !self.planned.updates {
            return Ok(node.changes.affected_rows);
        }
        match numbers(&node.changes.info).as_slice() {
            [matched, changed, ..] if self.planned.ignores => {
                Ok(matched.saturating_sub(left_out(node, *changed, *matched)?))
            }
            [matched, ..] => Ok(*matched),
            // MariaDB, where it sees beforehand that there are none.
            [] if node.changes.affected_rows == 0 => Ok(0),
            [] => Err(Broken::Told(MysqlError::stale())),
        }
    }
}

/// How many of the rows that MySQL says it has found IGNORE has left out for a CHECK: those do not count
/// for LIMIT. MariaDB does not say that it has found them.
fn left_out(node: &Written, changed: u64, matched: u64) -> Result<u64, Broken> {
    const CHECK_FAILED: &[u8] = b"3819";
    match (all_told(node), changed == matched) {
        (_, true) => Ok(0),
        (true, _) => {
            let codes = node.conditions.iter().map(conditions::code);
            Ok(codes.filter(|code| *code == CHECK_FAILED).count() as u64)
        }
        (false, false) => Err(Broken::Told(unsupported(
            "an UPDATE with IGNORE and LIMIT on several shards that gives more warnings than \
             max_error_count allows",
        ))),
    }
}

impl Bound<'_> {
    /// The parameters of a text with these pieces of the statement, the last of which ends with LIMIT.
    fn parameters_in(self, pieces: &[Range<usize>], limit: u64) -> Result<Rebound, Failure> {
        let Self { bindings, number } = self;
        let literals = bindings.digest().literals.iter().enumerate().take(number);
        let within = literals.filter(|(_, literal)| {
            let start = literal.start as usize;
            pieces.iter().any(|piece| piece.contains(&start))
        });
        let mut rebound = bindings.some(within.map(|(at, _)| at))?;
        if bindings.ordinal(number).is_some() {
            rebound.push_number(limit);
        }
        Ok(rebound)
    }
}

/// A statement of the proxy's own, in the client's settings.
pub(super) fn own<'a>(sql: &'a [u8], digest: &'a Digest, client: &Statement<'_>) -> Statement<'a> {
    Statement {
        sql,
        digest,
        start: 0,
        attributes: b"",
        more: More(false),
        mode: client.mode,
        ids: None,
        hint: None,
    }
}

fn unsupported(what: &str) -> MysqlError {
    PlanError::from(Unsupported::Statement(what.to_owned())).to_mysql()
}

/// Whether the isolation level that a text names keeps out other clients' rows.
fn keeps_out(text: &[u8]) -> Option<bool> {
    let text = String::from_utf8_lossy(text).to_uppercase();
    match text.contains("COMMITTED") {
        true => Some(false),
        false => (text.contains("REPEATABLE") || text.contains("SERIALIZABLE")).then_some(true),
    }
}

impl Session {
    /// What the parts need to share the statement's LIMIT.
    pub(super) fn limited<'s>(
        &self,
        plans: (&'s Snapshot, &'s Plan),
        planned: plan::Limited,
        (nodes, parts): (&[DataNode], &[Part<'s>]),
        (statement, bindings): (&Statement<'_>, Option<&'s Bindings<'s>>),
    ) -> Result<Limited<'s>, Failure> {
        let (tokens, count) = (statement.tokens(), planned.count as usize);
        let bound = bindings.map(|bindings| {
            let number = tokens.literal_number(count).unwrap_or(usize::MAX);
            Bound { bindings, number }
        });
        let limit = match bound {
            Some(bound) => bound.bindings.count(bound.number),
            None => {
                let text = std::str::from_utf8(tokens.text(count)).ok();
                text.and_then(|text| text.parse().ok())
            }
        };
        let limit = limit.ok_or_else(|| Failure::from(&SpliceError::NoLimit))?;
        let choosing = match planned.ordered {
            true => {
                let asked = (statement, bound, limit);
                Some(self.choosing(plans.0, (nodes, parts), asked)?)
            }
            false => None,
        };
        let before = |bound: Bound<'_>| bound.bindings.some(0..bound.number);
        let rebound = bound.map(before).transpose()?;
        Ok(Limited {
            plans,
            nodes: nodes.to_vec(),
            limit,
            planned,
            choosing,
            rebound,
        })
    }

    fn choosing<'s>(
        &self,
        snapshot: &'s Snapshot,
        (nodes, parts): (&[DataNode], &[Part<'s>]),
        (statement, bound, limit): (&Statement<'_>, Option<Bound<'_>>, u64),
    ) -> Result<Choosing<'s>, Failure> {
        let foreign = || Failure::from(&SpliceError::ForeignPlan);
        let plan::Choosing { sql, pieces } =
            plan::choosing(statement.tokens()).ok_or_else(foreign)?;
        let digest = self.scan_in(&sql, statement.mode, self.state.plan_context)?;
        let plan = self.plan_in(snapshot, &own(&sql, &digest, statement));
        let edits = &plan.merged().ok_or_else(foreign)?.edits;
        let rebound = match bound {
            Some(bound) => {
                Bindings::check_edits_of(&digest, edits)?;
                Some(bound.parameters_in(&pieces, limit)?)
            }
            None => None,
        };
        let bindings = bound.map(|bound| bound.bindings);
        let mut asked = Vec::with_capacity(parts.len());
        for (at, (part, node)) in parts.iter().zip(nodes).enumerate() {
            let values = self.values((snapshot, &plan), (part.target, node.part));
            let mut room = Vec::new();
            let text = rewrite::splice(&sql, 0, &digest, edits, &values, &mut room);
            let text = text.map_err(|error| Failure::from(&error))?;
            let behind = text.strip_prefix(CHOOSING.as_bytes());
            let mut numbered = format!("SELECT {at}").into_bytes();
            numbered.extend_from_slice(behind.ok_or_else(foreign)?);
            let target = part.target;
            let text = self.text_for((target, &plan), numbered, bindings);
            asked.push(Part { target, text });
        }
        Ok(Choosing {
            sql,
            digest,
            plan,
            parts: asked,
            rebound,
        })
    }

    /// Lets the statement's own transaction keep out rows that would come in between.
    pub(super) fn keep_rows_in_place(&mut self) {
        if !self.state.next_transaction.is_empty() {
            return;
        }
        if let Some(prelude) = self.transaction.prelude() {
            let level = b"SET TRANSACTION ISOLATION LEVEL REPEATABLE READ";
            prelude.keep_settings(vec![level.to_vec()]);
        }
    }

    /// Under READ COMMITTED nothing keeps out rows that would come in between.
    async fn check_isolation(&mut self, workers: &mut [Worker]) -> Result<(), Broken> {
        let prelude = self.transaction.prelude();
        let kept = prelude.map(|prelude| prelude.settings().map(<[u8]>::to_vec).collect());
        let kept: Vec<Vec<u8>> = kept.unwrap_or_default();
        let settings = kept.iter().chain(&self.state.next_transaction);
        let keeps = match (
            settings.rev().find_map(|sql| keeps_out(sql)),
            workers.first_mut(),
        ) {
            (None, Some(worker)) => {
                let sql = b"SHOW SESSION VARIABLES WHERE Variable_name IN \
                            ('transaction_isolation', 'tx_isolation')";
                let told = ask(&self.handle.watch, &mut worker.backend.connection, sql).await?;
                let mut levels = told.into_iter().flatten().flatten();
                levels.find_map(|level| keeps_out(&level))
            }
            (keeps, _) => keeps,
        };
        if keeps == Some(true) {
            return Ok(());
        }
        let what = "a write on several shards with ORDER BY and LIMIT in a transaction under READ \
                    COMMITTED or READ UNCOMMITTED";
        Err(Broken::Told(unsupported(what)))
    }

    /// Runs the parts, which share a LIMIT.
    pub(super) async fn run_limited(
        &mut self,
        workers: &mut [Worker],
        (writing, limited): (&Writing<'_>, &Limited<'_>),
        asked: (&ShardQuery<'_>, &Statement<'_>),
    ) -> Result<Vec<Written>, Broken> {
        let (mut writing, now) = (writing.without_texts(), Arc::clone(&self.state.variables));
        if let Some(choosing) = &limited.choosing {
            self.check_isolation(workers).await?;
            let how = (choosing, limited.limit, writing.bindings);
            let shares = match self.choose(workers, how, asked).await {
                Err(Broken::Told(error)) if error.code == ErrorKind::UnknownColumn.code().0 => {
                    // The statement itself says in which of its clauses.
                    self.set_limit(&mut writing, limited, (0, 0), asked.1)?;
                    self.run_parts(workers, (&writing, 0..1), asked, &now)
                        .await?;
                    return Err(Broken::Told(error));
                }
                shares => shares?,
            };
            // Fewer rows than LIMIT are all rows, in whichever turn.
            if shares.iter().sum::<u64>() >= limited.limit {
                for (at, share) in shares.into_iter().enumerate() {
                    self.set_limit(&mut writing, limited, (at, share), asked.1)?;
                }
                let all = 0..writing.parts.len();
                let done = self.run_parts(workers, (&writing, all), asked, &now);
                let written = done.await?;
                written
                    .iter()
                    .try_for_each(|node| limited.check_left_out(node))?;
                return Ok(written);
            }
        }
        let (mut left, mut written) = (limited.limit, Vec::new());
        for at in 0..writing.parts.len() {
            self.set_limit(&mut writing, limited, (at, left), asked.1)?;
            let done = self.run_parts(workers, (&writing, at..at + 1), asked, &now);
            for node in done.await? {
                limited.check_left_out(&node)?;
                left = left.saturating_sub(limited.used(&node)?);
                written.push(node);
            }
            if left == 0 {
                break;
            }
        }
        Ok(written)
    }

    /// Gives a part its text, with a LIMIT of its own.
    fn set_limit(
        &self,
        writing: &mut Writing<'_>,
        limited: &Limited<'_>,
        (at, count): (usize, u64),
        statement: &Statement<'_>,
    ) -> Result<(), Failure> {
        let (snapshot, plan) = limited.plans;
        let parts = writing.parts.len();
        let (Some(part), Some(node)) = (writing.parts.get_mut(at), limited.nodes.get(at)) else {
            return Err(Failure::from(&SpliceError::ForeignPlan));
        };
        let mut edits = plan.edits.clone();
        edits.push(Edit {
            token: limited.planned.count,
            tokens: 1,
            with: Replacement::Text(match limited.rebound {
                Some(_) => "?".to_owned(),
                None => count.to_string(),
            }),
        });
        edits.sort_by_key(|edit| (edit.token, edit.tokens));
        let values = self.values((snapshot, plan), (part.target, node.part));
        let (sql, digest, mut room) = (statement.sql, statement.digest, Vec::new());
        let text = rewrite::splice(sql, statement.start, digest, &edits, &values, &mut room);
        let text = text.map_err(|error| Failure::from(&error))?;
        part.text = self.text_for((part.target, plan), text.to_vec(), writing.bindings);
        if let Some(before) = &limited.rebound {
            writing.rebound.resize(parts, before.clone());
            if let Some(rebound) = writing.rebound.get_mut(at) {
                rebound.clone_from(before);
                rebound.push_number(count);
            }
        }
        Ok(())
    }

    /// Finds and locks the rows that come first; says how many of them each part has.
    async fn choose(
        &mut self,
        workers: &mut [Worker],
        (choosing, count, bindings): (&Choosing<'_>, u64, Option<&Bindings<'_>>),
        (query, statement): (&ShardQuery<'_>, &Statement<'_>),
    ) -> Result<Vec<u64>, Broken> {
        let own = own(&choosing.sql, &choosing.digest, statement);
        let Some(merged) = choosing.plan.merged() else {
            return Err(Broken::Told(MysqlError::stale()));
        };
        let now = Arc::clone(&self.state.variables);
        let whole = bindings.map(Executed::of);
        let executed = whole.as_ref().zip(choosing.rebound.as_ref());
        let executed = executed.map(|(whole, own)| whole.with(own));
        let then = whole.as_ref().map(|all| self.variables_then(all.settings));
        let asked = Asked {
            attributes: statement.attributes,
            qualified: query.qualified,
            executed: executed.as_ref(),
            rebound: &[],
            then: then.as_ref().unwrap_or(&now),
            now: &now,
        };
        let limit = Some(Limit { offset: 0, count });
        let parts = &choosing.parts;
        let spec = |visible: usize| merge_spec((merged, limit, None), &own, visible);
        let budget = self.budget();
        let mut job = Scatter {
            lanes: lanes(workers, (parts, 0..parts.len()), &asked),
            names: parts.iter().map(|part| part.target.names).collect(),
            client: &mut self.client,
            capabilities: self.capabilities,
            status: StatusFlags::empty(),
            format: match executed {
                Some(_) => RowFormat::Binary,
                None => RowFormat::Text,
            },
            hidden: merged.hidden,
            spec: &spec,
            counts_all: false,
            budget,
            sink: Sink::Tally(vec![0; parts.len()]),
            quota: None,
            texts: &[],
            warned: Vec::new(),
            culprit: None,
            watch: &self.handle.watch,
            limits: self.shared.limits.of_statement(),
        };
        let chosen = scatter(&mut job).await;
        self.meter.trace.chosen(&job.lanes, parts);
        match chosen {
            Ok(_) => match job.sink {
                Sink::Tally(tally) => Ok(tally),
                Sink::Client | Sink::Keep(_) => Err(Broken::Told(MysqlError::stale())),
            },
            Err(ScatterError::Refused { error, .. }) => Err(Broken::Told(error)),
            Err(ScatterError::Lost(error)) => Err(Broken::Lost(error)),
        }
    }
}
