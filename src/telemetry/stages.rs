//! Where the time of statements on one shard goes.

use std::sync::atomic::{AtomicU64, Ordering};

use super::stripes::{Stripe, Striped};

/// The sums of each stage.
#[derive(Debug, Default)]
pub struct Stages(Striped<Own>);

#[derive(Debug, Default)]
struct Own {
    statements: AtomicU64,
    plan: AtomicU64,
    server: AtomicU64,
    reply: AtomicU64,
}

/// What [`Stages`] holds at one moment. Times in nanoseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StageTotals {
    /// How many statements.
    pub statements: u64,
    /// Until the server was asked.
    pub plan: u64,
    /// From there until its answer began.
    pub server: u64,
    /// From there until the answer was passed on.
    pub reply: u64,
}

impl Stages {
    /// Records one statement for the thread whose stripe it is.
    pub fn record(&self, stripe: Stripe, (plan, server, reply): (u64, u64, u64)) {
        let Some(own) = self.0.at(stripe) else {
            return;
        };
        stripe.add(&own.statements, 1);
        stripe.add(&own.plan, plan);
        stripe.add(&own.server, server);
        stripe.add(&own.reply, reply);
    }

    /// What was recorded so far.
    pub fn totals(&self) -> StageTotals {
        let mut totals = StageTotals::default();
        for own in self.0.all() {
            totals.statements += own.statements.load(Ordering::Relaxed);
            totals.plan += own.plan.load(Ordering::Relaxed);
            totals.server += own.server.load(Ordering::Relaxed);
            totals.reply += own.reply.load(Ordering::Relaxed);
        }
        totals
    }
}
