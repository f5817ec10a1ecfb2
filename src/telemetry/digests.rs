//! Statements by digest: what all statements of one normal form took.
//!
//! Whoever plans a statement looks its series up once and keeps it with the plan, so that counting
//! looks nothing up.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use parking_lot::Mutex;

use super::statements::{Outcome, Own, Totals};
use super::stripes::{LazyStriped, Stripe};

/// So many digests are counted apart; what comes on top while all are in use counts together.
pub const MOST_DIGESTS: usize = 10_000;

/// Longer texts are cut off, in bytes.
const KEPT_TEXT: usize = 2048;

/// What a series is of.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DigestOf {
    /// The schema in which it ran; empty for none.
    pub schema: String,
    /// The statement's normal form, which has no values; empty for all that is counted together.
    pub text: String,
}

impl DigestOf {
    /// Makes a long text short.
    fn shortened(mut self) -> Self {
        if self.text.len() > KEPT_TEXT {
            let cut = (0..=KEPT_TEXT).rev();
            let cut = cut.into_iter().find(|at| self.text.is_char_boundary(*at));
            self.text.truncate(cut.unwrap_or(0));
            self.text.push('…');
        }
        self
    }
}

/// The statements of one digest.
#[derive(Debug)]
pub struct DigestSeries {
    /// The same on every proxy and after every start: 16 hexadecimal digits.
    pub id: String,
    /// What is counted.
    pub of: DigestOf,
    own: LazyStriped<OwnDigest>,
}

#[derive(Debug, Default)]
struct OwnDigest {
    statements: Own,
    nodes: AtomicU64,
    max: AtomicU64,
}

/// What a [`DigestSeries`] holds at one moment.
#[derive(Clone, Debug, Default)]
pub struct DigestTotals {
    /// As of any series of statements.
    pub statements: Totals,
    /// Data nodes that were asked.
    pub nodes: u64,
    /// The longest time, in nanoseconds.
    pub max: u64,
}

impl DigestSeries {
    fn new(id: String, of: DigestOf) -> Self {
        Self {
            id,
            of: of.shortened(),
            own: LazyStriped::default(),
        }
    }

    /// Records a statement that asked so many data nodes, for the thread whose stripe it is.
    pub fn record(&self, stripe: Stripe, outcome: &Outcome, nodes: u64) {
        let Some(own) = self.own.at(stripe) else {
            return;
        };
        own.statements.record(stripe, outcome);
        stripe.add(&own.nodes, nodes);
        if own.max.load(Ordering::Relaxed) < outcome.nanos {
            own.max.fetch_max(outcome.nanos, Ordering::Relaxed);
        }
    }

    /// What was recorded so far.
    pub fn totals(&self) -> DigestTotals {
        let mut totals = DigestTotals::default();
        for own in self.own.all() {
            own.statements.add_to(&mut totals.statements);
            totals.nodes += own.nodes.load(Ordering::Relaxed);
            totals.max = totals.max.max(own.max.load(Ordering::Relaxed));
        }
        totals
    }
}

/// All digests' series.
#[derive(Debug)]
pub struct Digests {
    most: usize,
    all: Mutex<HashMap<u128, Arc<DigestSeries>>>,
    rest: Arc<DigestSeries>,
}

impl Default for Digests {
    fn default() -> Self {
        Self::new(MOST_DIGESTS)
    }
}

impl Digests {
    /// Room for `most` digests.
    pub fn new(most: usize) -> Self {
        Self {
            most,
            all: Mutex::default(),
            rest: Arc::new(DigestSeries::new(String::new(), DigestOf::default())),
        }
    }

    /// The series of a digest, the same for each caller. `about` gives its id and what it is of,
    /// where it is new.
    pub fn series(
        &self,
        hash: u128,
        about: impl FnOnce() -> (String, DigestOf),
    ) -> Arc<DigestSeries> {
        let mut all = self.all.lock();
        if let Some(known) = all.get(&hash) {
            return Arc::clone(known);
        }
        if all.len() >= self.most && !make_room(&mut all) {
            return Arc::clone(&self.rest);
        }
        let (id, of) = about();
        let series = Arc::new(DigestSeries::new(id, of));
        all.insert(hash, Arc::clone(&series));
        series
    }

    /// The digests that took most time in all, at most `most`, that which took most first.
    pub fn slowest(&self, most: usize) -> Vec<(Arc<DigestSeries>, DigestTotals)> {
        let mut all: Vec<_> = self.all.lock().values().cloned().collect();
        all.push(Arc::clone(&self.rest));
        let totals = all.into_iter().map(|series| {
            let totals = series.totals();
            (series, totals)
        });
        let mut found: Vec<_> = totals
            .filter(|(_, totals)| totals.statements.times.count() > 0)
            .collect();
        found.sort_by(|(_, one), (_, other)| {
            let took = |totals: &DigestTotals| totals.statements.times.seconds();
            took(other).total_cmp(&took(one))
        });
        found.truncate(most);
        found
    }
}

/// Forgets half of the digests of which no plan is left: those that took least time. Says whether
/// there were any.
fn make_room(all: &mut HashMap<u128, Arc<DigestSeries>>) -> bool {
    let unused = all
        .iter()
        .filter(|(_, series)| Arc::strong_count(series) == 1);
    let mut unused: Vec<(f64, u128)> = unused
        .map(|(hash, series)| (series.totals().statements.times.seconds(), *hash))
        .collect();
    unused.sort_by(|(one, _), (other, _)| one.total_cmp(other));
    let half = unused.len().div_ceil(2);
    for (_, hash) in unused.iter().take(half) {
        all.remove(hash);
    }
    half > 0
}
