//! What users and schemas take at this moment. It outlives a change of the configuration.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use parking_lot::Mutex;

use crate::telemetry::RuleSeries;

/// What one user or schema takes.
#[derive(Debug, Default)]
pub(in crate::session) struct Usage {
    connections: AtomicU32,
    statements: AtomicU32,
}

/// Which of the counts.
#[derive(Clone, Copy, Debug)]
enum What {
    Connection,
    Statement,
}

impl Usage {
    fn count(&self, what: What) -> &AtomicU32 {
        match what {
            What::Connection => &self.connections,
            What::Statement => &self.statements,
        }
    }
}

/// One of what is counted, until it is dropped.
#[derive(Debug)]
pub(in crate::session) struct Taken {
    usage: Arc<Usage>,
    what: What,
}

impl Taken {
    /// A connection; `None`: `most` are there already.
    pub(in crate::session) fn connection(usage: Arc<Usage>, most: Option<u32>) -> Option<Self> {
        Self::take(usage, What::Connection, most)
    }

    /// A statement; `None`: `most` run already.
    pub(in crate::session) fn statement(usage: Arc<Usage>, most: Option<u32>) -> Option<Self> {
        Self::take(usage, What::Statement, most)
    }

    fn take(usage: Arc<Usage>, what: What, most: Option<u32>) -> Option<Self> {
        let before = usage.count(what).fetch_add(1, Ordering::AcqRel);
        let taken = Self { usage, what };
        most.is_none_or(|most| before < most).then_some(taken)
    }
}

impl Drop for Taken {
    fn drop(&mut self) {
        self.usage.count(self.what).fetch_sub(1, Ordering::AcqRel);
    }
}

/// How fast the statements of a rule come: a bucket of `burst` tokens that fills with `per_second`.
#[derive(Debug, Default)]
pub(in crate::session) struct Bucket(Mutex<Option<Instant>>);

impl Bucket {
    /// Whether one more may run at `now`.
    pub(in crate::session) fn take(&self, now: Instant, (per_second, burst): (u32, u32)) -> bool {
        let step = Duration::from_secs(1) / per_second.max(1);
        let room = step * burst.saturating_sub(1);
        let mut full_at = self.0.lock();
        let due = full_at.map_or(now, |at| at.max(now));
        if due.duration_since(now) > room {
            return false;
        }
        *full_at = Some(due + step);
        true
    }
}

/// All counts of the process, by name.
#[derive(Debug, Default)]
pub(in crate::session) struct Usages {
    users: Mutex<HashMap<String, Arc<Usage>>>,
    schemas: Mutex<HashMap<String, Arc<Usage>>>,
    buckets: Mutex<HashMap<String, Arc<Bucket>>>,
    rules: Mutex<HashMap<String, Arc<RuleSeries>>>,
}

impl Usages {
    /// A user's.
    pub(in crate::session) fn user(&self, name: &str) -> Arc<Usage> {
        named(&self.users, name)
    }

    /// A schema's.
    pub(super) fn schema(&self, name: &str) -> Arc<Usage> {
        named(&self.schemas, name)
    }

    /// A rule's.
    pub(super) fn bucket(&self, rule: &str) -> Arc<Bucket> {
        named(&self.buckets, rule)
    }

    /// What is counted of a rule.
    pub(super) fn rule(&self, rule: &str) -> Arc<RuleSeries> {
        named(&self.rules, rule)
    }
}

fn named<T: Default>(all: &Mutex<HashMap<String, Arc<T>>>, name: &str) -> Arc<T> {
    let mut all = all.lock();
    if let Some(found) = all.get(name) {
        return Arc::clone(found);
    }
    let made = Arc::<T>::default();
    all.insert(name.to_owned(), Arc::clone(&made));
    made
}
