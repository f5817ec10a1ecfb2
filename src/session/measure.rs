//! What is measured of a statement, from its first byte to the end of its answer.
//!
//! On the way of a statement things are noted in its session; what they mean is worked out once, at
//! the end.

use std::sync::Arc;
use std::time::Duration;

use super::command_phase::End;
use super::failure::Failure;
use super::series::SnapshotSeries;
use super::shared::Snapshot;
use super::state::Session;
use super::tied::Tied;
use super::trace::{Ended, Trace};
use crate::backend::Connection;
use crate::error::MysqlError;
use crate::execute::Summary;
use crate::plan::Plan;
use crate::telemetry::{DigestSeries, Metrics, Outcome, Stripe, Tick, Verb, Work};
use crate::topology::{SchemaId, ShardId};

/// What is known of the statement under way.
#[derive(Debug, Default)]
pub(super) struct Meter {
    /// The series of the snapshot by which the last statement was planned.
    series: Option<Arc<SnapshotSeries>>,
    /// That of the last planned statement's digest.
    digest: Option<Arc<DigestSeries>>,
    /// What it does; `None`: it was not planned.
    verb: Option<Verb>,
    /// The first schema that it reaches.
    schema: Option<SchemaId>,
    /// When it began.
    begun: Tick,
    /// When its first exchange with a single server began.
    sent: Option<Tick>,
    /// When the last one's answer began.
    answered: Option<Tick>,
    /// When it ended.
    ended: Option<Tick>,
    /// The shard of that exchange.
    pub shard: Option<ShardId>,
    /// How long each of several data nodes took.
    nodes: Vec<(ShardId, Duration)>,
    /// Rows for the client.
    rows: u64,
    /// Rows changed.
    pub changed: u64,
    /// How many data nodes a statement on several has asked.
    asked: u64,
    /// The error that a server answered with.
    error: Option<u16>,
    /// What its trace shows.
    pub trace: Trace,
}

impl Meter {
    /// A statement begins.
    pub fn begin(&mut self) {
        self.begun = Tick::now();
        self.verb = None;
        self.sent = None;
        self.ended = None;
        self.shard = None;
        self.nodes.clear();
        self.rows = 0;
        self.changed = 0;
        self.asked = 0;
        self.error = None;
    }

    /// It has a plan.
    pub fn planned(&mut self, snapshot: &Snapshot, plan: &Plan, metrics: &Metrics) {
        self.verb = Some(plan.verb);
        self.schema = plan.reach.schemas.first().copied();
        let same = |own: &Option<Arc<DigestSeries>>| match (own, &plan.series) {
            (Some(own), Some(new)) => Arc::ptr_eq(own, new),
            (None, None) => true,
            _ => false,
        };
        if !same(&self.digest) {
            self.digest.clone_from(&plan.series);
        }
        let series = snapshot.series(metrics);
        if !self
            .series
            .as_ref()
            .is_some_and(|own| Arc::ptr_eq(own, series))
        {
            self.series = Some(Arc::clone(series));
        }
    }

    /// A single server is about to be asked.
    pub fn sent(&mut self) -> Tick {
        let now = Tick::now();
        // What came before the first exchange is the proxy's.
        self.sent.get_or_insert(now);
        now
    }

    /// Its answer, which was asked for at `sent`, has been passed on.
    pub fn answered(&mut self, sent: Tick, summary: Option<&Summary>, on: &Connection) {
        let now = Tick::now();
        self.answered = summary.and_then(|summary| summary.answered);
        self.ended = Some(now);
        let series = &on.server().series;
        series.times.record_in(Stripe::own(), now.nanos_since(sent));
        let ended = summary.map_or(Ended::Lost, |summary| {
            Ended::Answered(summary.error.as_ref().map(|error| error.code))
        });
        self.trace.exchanged(self.shard, on, (sent, now), ended);
    }

    /// What a statement's answer said.
    pub fn note(&mut self, summary: &Summary) {
        self.rows = summary.rows.unwrap_or(0);
        self.changed = summary.affected_rows;
        self.error = summary.error.as_ref().map(|error| error.code);
    }

    /// One of several data nodes has answered.
    pub fn node(&mut self, shard: Option<ShardId>, took: Duration) {
        self.nodes.extend(shard.map(|shard| (shard, took)));
    }

    /// Rows that the client got.
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// Several data nodes have carried a statement out.
    pub fn worked(&mut self, work: &Work, nodes: usize) {
        self.asked = nodes as u64;
        work.times.record(Tick::now().since(self.begun));
        work.nodes.add(nodes as u64);
    }

    /// Several servers are about to be asked, for this work.
    pub fn several(&mut self, work: &'static str) {
        self.sent.get_or_insert_with(Tick::now);
        self.trace.work(work);
    }

    /// What is known of the statement at its end.
    pub fn seen(&self) -> Seen<'_> {
        let ended = self.ended.unwrap_or_else(Tick::now);
        let since = |later: Tick, earlier: Tick| later.nanos_since(earlier);
        // Several servers have no common moment at which their answers begin.
        let answered = self.answered.filter(|_| self.nodes.is_empty());
        let answered = answered.filter(|_| self.shard.is_some());
        Seen {
            digest: self.digest.as_deref(),
            plan: self.sent.map(|sent| since(sent, self.begun)),
            server: self.sent.map(|sent| since(answered.unwrap_or(ended), sent)),
            reply: answered.map(|answered| since(ended, answered)),
            shard: self.shard,
            nodes: &self.nodes,
            rows: self.rows,
        }
    }

    /// When the statement began, when the first server was asked, and when it ended.
    pub fn moments(&self) -> (Tick, Option<Tick>, Tick) {
        let ended = self.ended.unwrap_or_else(Tick::now);
        (self.begun, self.sent, ended)
    }

    /// Whether the statement has a plan.
    pub fn is_planned(&self) -> bool {
        self.verb.is_some()
    }

    /// What it is called in short: its summary, else its kind.
    pub fn name_of(&self, summary: String) -> String {
        match (summary.is_empty(), self.verb) {
            (false, _) => summary,
            (true, Some(verb)) => verb.label().to_ascii_uppercase(),
            (true, None) => "statement".to_owned(),
        }
    }

    /// `replica_set/database` of a shard of the snapshot by which the statement was planned.
    pub fn shard_name(&self, shard: ShardId) -> &str {
        let series = self.series.as_ref();
        series.map_or("?", |series| series.shard_name(shard))
    }

    /// Records what was noted; how long the statement took, in nanoseconds, where it was planned.
    fn record(&self, metrics: &Metrics, failed: bool) -> Option<u64> {
        let (verb, series) = (self.verb?, self.series.as_ref()?);
        let stripe = Stripe::own();
        let ended = self.ended.unwrap_or_else(Tick::now);
        let outcome = Outcome {
            nanos: ended.nanos_since(self.begun),
            rows: self.rows,
            changed: self.changed,
            failed,
        };
        series.schema(self.schema).record(verb, stripe, &outcome);
        if let Some(digest) = &self.digest {
            let one = usize::from(self.shard.is_some() && self.sent.is_some());
            let nodes = self.nodes.len().max(one) as u64;
            digest.record(stripe, &outcome, nodes.max(self.asked));
        }
        if let (Some(sent), Some(shard)) = (self.sent, self.shard) {
            let answered = self.answered.unwrap_or(ended);
            let plan = sent.nanos_since(self.begun);
            let (server, reply) = (answered.nanos_since(sent), ended.nanos_since(answered));
            metrics.stages.record(stripe, (plan, server, reply));
            series.answered(shard, stripe, ended.nanos_since(sent));
        }
        for (shard, took) in &self.nodes {
            let nanos = u64::try_from(took.as_nanos()).unwrap_or(u64::MAX);
            series.answered(*shard, stripe, nanos);
        }
        Some(outcome.nanos)
    }
}

/// What is known of a statement at its end. Times in nanoseconds.
#[derive(Debug)]
pub(super) struct Seen<'m> {
    /// What its statements are counted in.
    pub digest: Option<&'m DigestSeries>,
    /// Until the first server was asked.
    pub plan: Option<u64>,
    /// From there until its answer began; until the end, of several servers.
    pub server: Option<u64>,
    /// From there until the answer was passed on; of a single server only.
    pub reply: Option<u64>,
    /// The shard of a single server.
    pub shard: Option<ShardId>,
    /// Several shards with the time that each took.
    pub nodes: &'m [(ShardId, Duration)],
    /// Rows for the client.
    pub rows: u64,
}

impl Session {
    /// Records a statement that has ended.
    pub(super) fn measured<T>(&mut self, done: &Result<T, Failure>) {
        // Of thousands of tables it is large.
        self.looked_up = None;
        let error = match done {
            Ok(_) => self.meter.error,
            Err(failure) => told(failure).map(|error| error.code),
        };
        self.end_trace(done, error);
        let metrics = &self.shared.metrics;
        let took = self.meter.record(metrics, error.is_some());
        if let Some(took) = took.filter(|took| *took >= self.shared.limits.slow) {
            self.tell_slow(took, error);
        }
        if let Some(code) = error {
            metrics.count_error(code);
        }
    }

    /// Lets others see what the session holds and how much it has said.
    pub(super) fn publish(&self) {
        let tied = Tied::new(self.transaction.is_active(), self.held.reasons());
        self.handle.note(tied, self.client.traffic());
    }

    /// Records a statement that cannot even be read.
    pub(super) fn unreadable(&mut self, error: &MysqlError) {
        let outcome = Outcome {
            failed: true,
            ..Outcome::default()
        };
        let metrics = &self.shared.metrics;
        let series = metrics.schema("");
        series.record(Verb::Other, Stripe::own(), &outcome);
        metrics.count_error(error.code);
    }
}

/// The error that the client is told.
fn told(failure: &Failure) -> Option<&MysqlError> {
    match failure {
        Failure::Error(error) | Failure::End(End::Told(error)) => Some(error),
        Failure::End(_) => None,
    }
}
