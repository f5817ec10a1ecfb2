//! Everything that is counted for the process as a whole, and all series by name.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use parking_lot::Mutex;

use super::digests::Digests;
use super::histogram::Histogram;
use super::limits::Refusals;
use super::stages::Stages;
use super::statements::{SchemaSeries, ShardSeries};
use super::stripes::Counter;

/// Errors with other codes than these first ones are counted together, as code 0.
const MOST_CODES: usize = 500;

/// Bytes in both directions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Traffic {
    /// Bytes that came in.
    pub received: u64,
    /// Bytes that went out.
    pub sent: u64,
}

impl Traffic {
    /// The sum of both.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self {
            received: self.received.wrapping_add(other.received),
            sent: self.sent.wrapping_add(other.sent),
        }
    }
}

/// Statements that needed several data nodes, of one kind.
#[derive(Debug, Default)]
pub struct Work {
    /// How long it took.
    pub times: Histogram,
    /// Data nodes that were asked.
    pub nodes: Counter,
    /// Rows that went through the proxy.
    pub rows: Counter,
    /// Their bytes, where they are known.
    pub bytes: Counter,
}

/// All that a process counts.
#[derive(Debug, Default)]
pub struct Metrics {
    /// Clients that connected.
    pub accepted: Counter,
    /// Clients that were turned away because there were too many.
    pub refused: Counter,
    /// Logins that failed.
    pub denied: Counter,
    /// Statements whose plan was in the plan cache.
    pub plan_hits: Counter,
    /// How long it took to make a plan, for statements that were not in the plan cache.
    pub planning: Histogram,
    /// SELECTs whose answers were merged.
    pub merges: Work,
    /// SELECTs whose rows were gathered on one server.
    pub gathers: Work,
    /// Writes on several data nodes.
    pub writes: Work,
    /// Definitions and table maintenance on all data nodes.
    pub definitions: Work,
    /// Refusals by limits of users and schemas.
    pub limits: Refusals,
    /// Where the time of statements on one shard goes.
    pub stages: Stages,
    /// Statements that took as long as the slow-query log asks for.
    pub slow: Counter,
    /// Statements by digest.
    pub digests: Digests,
    errors: Mutex<BTreeMap<u16, u64>>,
    schemas: Mutex<BTreeMap<String, Arc<SchemaSeries>>>,
    shards: Mutex<BTreeMap<(String, String), Arc<ShardSeries>>>,
}

impl Metrics {
    /// Counts an error that a client was told as the answer to a statement.
    pub fn count_error(&self, code: u16) {
        let mut errors = self.errors.lock();
        let known = errors.contains_key(&code) || errors.len() < MOST_CODES;
        *errors.entry(if known { code } else { 0 }).or_default() += 1;
    }

    /// Errors by MySQL's number; 0 stands for rare ones.
    pub fn errors(&self) -> Vec<(u16, u64)> {
        let errors = self.errors.lock();
        errors.iter().map(|(code, count)| (*code, *count)).collect()
    }

    /// The series of a schema, the same for each caller; "" is for statements without one.
    pub fn schema(&self, name: &str) -> Arc<SchemaSeries> {
        let mut schemas = self.schemas.lock();
        if let Some(known) = schemas.get(name) {
            return Arc::clone(known);
        }
        let series = Arc::new(SchemaSeries::new(name));
        schemas.insert(name.to_owned(), Arc::clone(&series));
        series
    }

    /// The series of a shard, the same for each caller.
    pub fn shard(&self, schema: &str, name: &str) -> Arc<ShardSeries> {
        let key = (schema.to_owned(), name.to_owned());
        let mut shards = self.shards.lock();
        let series = shards.entry(key).or_insert_with(|| {
            Arc::new(ShardSeries {
                schema: schema.to_owned(),
                name: name.to_owned(),
                times: Histogram::default(),
                failed_definitions: AtomicU64::new(0),
            })
        });
        Arc::clone(series)
    }

    /// All schemas' series, by name.
    pub fn schemas(&self) -> Vec<Arc<SchemaSeries>> {
        self.schemas.lock().values().cloned().collect()
    }

    /// All shards' series, by schema and name.
    pub fn shards(&self) -> Vec<Arc<ShardSeries>> {
        self.shards.lock().values().cloned().collect()
    }
}
