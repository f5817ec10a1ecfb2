//! Statements by schema and kind, and by shard.

use std::sync::atomic::{AtomicU64, Ordering};

use super::Verb;
use super::histogram::{Buckets, Histogram, Times};
use super::stripes::{Stripe, Striped};

/// How a statement ended.
#[derive(Clone, Copy, Debug, Default)]
pub struct Outcome {
    /// From its first byte to the end of its answer, in nanoseconds.
    pub nanos: u64,
    /// Rows that the client got.
    pub rows: u64,
    /// Rows that were changed.
    pub changed: u64,
    /// It ended with an error.
    pub failed: bool,
}

/// Statements of one schema and one kind.
#[derive(Debug, Default)]
pub struct StatementSeries(Striped<Own>);

/// What one thread has recorded.
#[derive(Debug, Default)]
pub(super) struct Own {
    times: Buckets,
    rows: AtomicU64,
    changed: AtomicU64,
    failed: AtomicU64,
}

impl Own {
    /// Records a statement, on the stripe that this is.
    pub fn record(&self, stripe: Stripe, outcome: &Outcome) {
        self.times.record(stripe, outcome.nanos);
        let add = |to, number| {
            // Most of these are 0 most of the time.
            if number != 0 {
                stripe.add(to, number);
            }
        };
        add(&self.rows, outcome.rows);
        add(&self.changed, outcome.changed);
        add(&self.failed, u64::from(outcome.failed));
    }

    /// Adds what it holds to `totals`.
    pub fn add_to(&self, totals: &mut Totals) {
        self.times.add_to(&mut totals.times);
        totals.rows += self.rows.load(Ordering::Relaxed);
        totals.changed += self.changed.load(Ordering::Relaxed);
        totals.failed += self.failed.load(Ordering::Relaxed);
    }
}

/// What a [`StatementSeries`] holds at one moment.
#[derive(Clone, Debug, Default)]
pub struct Totals {
    /// How long the statements took.
    pub times: Times,
    /// Rows that clients got.
    pub rows: u64,
    /// Rows that were changed.
    pub changed: u64,
    /// Statements that ended with an error.
    pub failed: u64,
}

impl StatementSeries {
    /// Records a statement for the thread whose stripe it is.
    pub fn record(&self, stripe: Stripe, outcome: &Outcome) {
        if let Some(own) = self.0.at(stripe) {
            own.record(stripe, outcome);
        }
    }

    /// What was recorded so far.
    pub fn totals(&self) -> Totals {
        let mut totals = Totals::default();
        self.0.all().for_each(|own| own.add_to(&mut totals));
        totals
    }
}

/// The statements of one schema.
#[derive(Debug)]
pub struct SchemaSeries {
    /// The schema's name; empty for statements that name no table of any.
    pub name: String,
    verbs: Box<[StatementSeries]>,
}

impl SchemaSeries {
    /// Nothing recorded yet.
    pub fn new(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            verbs: Verb::ALL
                .iter()
                .map(|_| StatementSeries::default())
                .collect(),
        }
    }

    /// Records a statement for the thread whose stripe it is.
    pub fn record(&self, verb: Verb, stripe: Stripe, outcome: &Outcome) {
        if let Some(series) = self.verbs.get(verb as usize) {
            series.record(stripe, outcome);
        }
    }

    /// The kinds with what was recorded of each.
    pub fn verbs(&self) -> impl Iterator<Item = (Verb, Totals)> {
        let series = self.verbs.iter().map(StatementSeries::totals);
        Verb::ALL.iter().copied().zip(series)
    }
}

/// What one shard was asked.
#[derive(Debug)]
pub struct ShardSeries {
    /// The schema that it belongs to.
    pub schema: String,
    /// `replica set/database`.
    pub name: String,
    /// How long its answers took, from the query's first byte to the answer's last.
    pub times: Histogram,
    /// Definitions and table maintenance that it has not carried out.
    pub failed_definitions: AtomicU64,
}
