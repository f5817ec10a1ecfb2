//! Definitions and table maintenance on every data node of their tables.
//!
//! In: a plan whose action is [`Everywhere`]. Out: one answer. MySQL commits a definition at once and
//! cannot take it back, so what has failed on some nodes stays done on the others: the error names
//! them, and the same statement, run again, does what is left. It is done when all nodes agree.
//!
//! | file | what it does |
//! |---|---|
//! | `fan_out` | runs texts on the nodes, at most so many at once |
//! | `before` | what must be known before anything changes |
//! | `judge` | the nodes' answers → done, or the error that names those that differ |
//! | `agree` | whether a table is defined alike everywhere |
//! | `trial` | what a definition would become, tried on an empty temporary table |
//! | `answer` | the one answer |

mod agree;
mod answer;
mod before;
pub(super) mod fan_out;
mod judge;
mod trial;

use super::super::failure::Failure;
use super::super::shard_query::Target;
use super::super::shared::Snapshot;
use super::super::state::Session;
use super::super::statement::Statement;
use super::super::target::node_target;
use crate::error::{ErrorKind, MysqlError};
use crate::execute::scatter::{Said, Unsaid};
use crate::plan::everywhere::{Deed, Everywhere};
use crate::plan::{Edit, PinReason, Plan, PlanError, Replacement, Unsupported};
use crate::rewrite;
use crate::route::NodePart;
use crate::topology::TopologyError;
use fan_out::Asking;
use judge::Verdict;

/// A statement for every data node.
struct Work<'s> {
    snapshot: &'s Snapshot,
    plan: &'s Plan,
    all: &'s Everywhere,
    statement: &'s Statement<'s>,
    nodes: Vec<Node<'s>>,
}

/// A data node and how it is reached.
struct Node<'s> {
    part: NodePart,
    target: Target<'s>,
    /// What operators call it.
    name: String,
}

/// What a node said; `None`: it had done its part before.
type Answer = Option<Result<Said, Unsaid>>;

impl Session {
    /// Carries a statement out on every data node; says whether the rest of the command shall run.
    pub(in super::super) async fn run_everywhere(
        &mut self,
        (snapshot, plan): (&Snapshot, &Plan),
        all: &Everywhere,
        statement: &Statement<'_>,
    ) -> Result<bool, Failure> {
        let work = Work::new((snapshot, plan), all, statement)?;
        self.check_may_define(&work)?;
        if plan.commits {
            self.end_everywhere(true).await?;
            self.state.next_access = None;
        }
        self.meter.trace.work("definition");
        let todo = self.look_before(&work).await?;
        let answers = self.run_on(&work, &todo).await?;
        self.note_defined(&work, &answers);
        let (answers, verdict) = self.settle(&work, answers).await?;
        let changed = answers.iter().flatten().any(Result::is_ok);
        let had_schema = self.state.schema.is_some();
        if changed && let Err(error) = self.see_changes(&work).await {
            return Err(Failure::Error(error));
        }
        let leaves = had_schema && self.state.schema.is_none();
        match verdict {
            Verdict::Done => self.answer_everywhere(&work, &answers, leaves)?,
            Verdict::Failed(error) => return Err(Failure::Error(error)),
        }
        Ok(true)
    }

    /// Counts what the nodes were asked, and which of them said no.
    fn note_defined(&mut self, work: &Work<'_>, answers: &[Answer]) {
        let metrics = &self.shared.metrics;
        self.meter
            .worked(&metrics.definitions, answers.iter().flatten().count());
        let series = work.snapshot.series(metrics);
        for (node, answer) in work.nodes.iter().zip(answers) {
            if matches!(answer, Some(Err(_))) {
                series.failed_definition(node.part.node.shard);
            }
        }
    }

    /// What the session holds on one connection would get in the way, or be missed, on others.
    fn check_may_define(&self, work: &Work<'_>) -> Result<(), Failure> {
        const ALONE: [PinReason; 3] =
            [PinReason::TemporaryTable, PinReason::Handler, PinReason::Xa];
        // What keeps its name and its shards is done on the connections that hold the locks.
        let stays = matches!(
            work.all.deed,
            Deed::Alter | Deed::Truncate | Deed::Maintain(_)
        );
        let in_the_way = |reason: &PinReason| {
            ALONE.contains(reason) || !stays && *reason == PinReason::TableLock
        };
        let targets = work.nodes.iter().map(|node| node.target.replica_set);
        self.check_locked(targets)?;
        match self.held.reasons().find(in_the_way) {
            None => Ok(()),
            Some(reason) => {
                let what = format!("this statement in a session with {}", reason.name());
                let error = PlanError::from(Unsupported::Statement(what));
                Err(Failure::from(&error))
            }
        }
    }

    /// Runs the statement on these of its nodes.
    async fn run_on(&mut self, work: &Work<'_>, todo: &[usize]) -> Result<Vec<Answer>, Failure> {
        let mut texts = Vec::with_capacity(todo.len());
        for at in todo {
            texts.push((*at, work.text(self, *at, &[])?));
        }
        let said = self.fan_out(work, texts, Asking::Client).await?;
        let mut answers: Vec<Answer> = work.nodes.iter().map(|_| None).collect();
        for (at, said) in todo.iter().zip(said) {
            if let Some(answer) = answers.get_mut(*at) {
                *answer = Some(said);
            }
        }
        Ok(answers)
    }

    /// Finds out whether the statement is done, with what is left to do for that.
    async fn settle(
        &mut self,
        work: &Work<'_>,
        mut answers: Vec<Answer>,
    ) -> Result<(Vec<Answer>, Verdict), Failure> {
        let verdict = match judge::first(work, &answers) {
            judge::First::Done => Verdict::Done,
            judge::First::Failed => judge::failed(work, &answers),
            judge::First::DropRest => {
                self.drop_rest(work, &mut answers).await?;
                match judge::first(work, &answers) {
                    judge::First::Done => Verdict::Done,
                    _ => judge::failed(work, &answers),
                }
            }
            judge::First::Compare => match self.disagreement(work).await? {
                None => Verdict::Done,
                Some(difference) => Verdict::Failed(judge::differing(work, &answers, &difference)),
            },
        };
        Ok((answers, verdict))
    }

    /// DROP where some nodes have dropped all of their tables: the others drop what they still have.
    async fn drop_rest(&mut self, work: &Work<'_>, answers: &mut [Answer]) -> Result<(), Failure> {
        let first = work.all.names.first().map_or(0, |name| name.tokens.start);
        let lenient = Edit {
            token: u32::try_from(first).unwrap_or(u32::MAX),
            tokens: 0,
            with: Replacement::Text(" IF EXISTS".to_owned()),
        };
        let failed = |answer: &Answer| matches!(answer, Some(Err(_)));
        let rest = answers
            .iter()
            .enumerate()
            .filter(|(_, answer)| failed(answer));
        let rest: Vec<usize> = rest.map(|(at, _)| at).collect();
        let mut texts = Vec::with_capacity(rest.len());
        for at in &rest {
            texts.push((*at, work.text(self, *at, std::slice::from_ref(&lenient))?));
        }
        let said = self.fan_out(work, texts, Asking::Client).await?;
        for (at, mut said) in rest.into_iter().zip(said) {
            if let Ok(said) = &mut said {
                // What was missing there, the statement had dropped before.
                said.conditions.clear();
            }
            if let Some(answer) = answers.get_mut(at) {
                *answer = Some(said);
            }
        }
        Ok(())
    }

    /// The proxy's own snapshot follows before the client has its answer.
    async fn see_changes(&mut self, work: &Work<'_>) -> Result<(), MysqlError> {
        if work.all.deed == Deed::DropDatabase {
            self.leave_dropped(work);
        }
        if !work.plan.changes_tables {
            return Ok(());
        }
        let looked = self.look_again(work.snapshot, work.statement).await;
        if let Err(error) = looked {
            tracing::warn!(%error, "cannot read the tables from the servers");
        }
        let snapshot = std::sync::Arc::clone(&self.shared.snapshot());
        let mut unusable = snapshot.topology.unusable.values();
        let Some(reason) = unusable.find(|error| work.is_about(error)) else {
            return Ok(());
        };
        let message = format!(
            "the statement was carried out, but the table cannot be used like that: {reason}; DROP it"
        );
        Err(MysqlError::new(ErrorKind::NotSupportedYet, message))
    }

    /// The current schema's databases are gone: as on MySQL, the session has none then.
    fn leave_dropped(&mut self, work: &Work<'_>) {
        let topology = &work.snapshot.topology;
        let dropped = work.all.names.first().map(|name| name.schema);
        let current = self.state.schema.as_deref();
        let current = current
            .and_then(|name| topology.schema(name))
            .map(|(id, _)| id);
        if current.is_some() && current == dropped {
            self.leave_schema();
        }
    }
}

impl<'s> Work<'s> {
    fn new(
        (snapshot, plan): (&'s Snapshot, &'s Plan),
        all: &'s Everywhere,
        statement: &'s Statement<'s>,
    ) -> Result<Self, Failure> {
        let topology = &snapshot.topology;
        let mut nodes = Vec::new();
        for part in snapshot.router.everywhere(all, topology) {
            let shard = topology.shard(part.node.shard);
            nodes.push(Node {
                target: node_target(topology, part.node, plan)?,
                name: shard.map(|shard| shard.name.clone()).unwrap_or_default(),
                part,
            });
        }
        if nodes.is_empty() {
            let what = "a definition of a table that is nowhere yet".to_owned();
            return Err(Failure::from(&PlanError::from(Unsupported::Statement(
                what,
            ))));
        }
        Ok(Self {
            snapshot,
            plan,
            all,
            statement,
            nodes,
        })
    }

    /// What a node gets, with further edits.
    fn text(&self, session: &Session, at: usize, further: &[Edit]) -> Result<Vec<u8>, Failure> {
        let Some(node) = self.nodes.get(at) else {
            return Ok(Vec::new());
        };
        let mut edits = node.part.all_edits(&self.plan.edits);
        edits.extend_from_slice(further);
        edits.sort_by_key(|edit| (edit.token, edit.tokens));
        let values = session.values(
            (self.snapshot, self.plan),
            (node.target, node.part.node.part),
        );
        let mut room = Vec::new();
        let Statement {
            sql, start, digest, ..
        } = *self.statement;
        rewrite::splice(sql, start, digest, &edits, &values, &mut room)
            .map(<[u8]>::to_vec)
            .map_err(|error| Failure::from(&error))
    }

    /// Whether the statement is about databases, which need not be there.
    fn is_on_databases(&self) -> bool {
        matches!(self.all.deed, Deed::CreateDatabase | Deed::DropDatabase)
    }

    /// Whether an error is about a table of the statement.
    fn is_about(&self, error: &TopologyError) -> bool {
        let table = match error {
            TopologyError::KeyMissing { table, .. }
            | TopologyError::KeyRefused { table, .. }
            | TopologyError::KeysDiffer { table, .. }
            | TopologyError::IdColumn { table, .. }
            | TopologyError::NoPlace { table, .. }
            | TopologyError::PartTaken { table, .. } => table,
            TopologyError::SameName { name, .. } => name,
        };
        let mut names = self.all.names.iter().filter_map(|name| name.table.as_ref());
        names.any(|name| name.eq_ignore_ascii_case(table))
    }
}
