//! The slow-query log: statements that took long, each with its digest, where its time went and the
//! shards that it asked. Statements are shown by their normal form, which has no values.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use super::limits::Bucket;
use super::measure::{Meter, Seen};
use super::state::Session;

/// The log's target for slow statements.
const TARGET: &str = "shardwell::slow";

/// Lines a second, and at once: a server that stands still makes all statements slow.
const MOST: (u32, u32) = (100, 100);

/// Shards that a line names.
const SHARDS: usize = 16;

/// How many slow statements are logged.
#[derive(Debug, Default)]
pub(super) struct SlowLog {
    rate: Bucket,
    left_out: AtomicU64,
}

impl SlowLog {
    /// Whether another line may be written; then, how many were left out before it.
    fn take(&self) -> Option<u64> {
        if self.rate.take(Instant::now(), MOST) {
            return Some(self.left_out.swap(0, Ordering::Relaxed));
        }
        self.left_out.fetch_add(1, Ordering::Relaxed);
        None
    }
}

impl Session {
    /// Writes down what is known of a statement that took long.
    #[cold]
    pub(super) fn tell_slow(&self, took: u64, error: Option<u16>) {
        self.shared.metrics.slow.count();
        let Some(left_out) = self.shared.slow_log.take() else {
            return;
        };
        let seen = self.meter.seen();
        let digest = seen.digest.map(|series| series.id.as_str());
        let statement = seen.digest.map(|series| series.of.text.as_str());
        let stage = |nanos: Option<u64>| nanos.map(milliseconds);
        tracing::warn!(
            target: TARGET,
            took_ms = milliseconds(took),
            plan_ms = stage(seen.plan),
            server_ms = stage(seen.server),
            reply_ms = stage(seen.reply),
            shards = shards(&self.meter, &seen),
            rows = seen.rows,
            changed = self.meter.changed,
            error,
            user = self.account.name, host = self.host(), session = self.handle.id.0,
            schema = self.state.schema.as_deref(),
            digest,
            left_out = (left_out > 0).then_some(left_out),
            statement = statement.unwrap_or("(of more than 64 KiB, or not planned)"),
            "slow"
        );
    }
}

/// With three digits behind the point.
fn milliseconds(nanos: u64) -> f64 {
    (nanos / 1000) as f64 / 1e3
}

/// `a/shop_0`, or of several shards each with its time: `a/shop_0 12.3ms, b/shop_2 4.5ms`.
fn shards(meter: &Meter, seen: &Seen<'_>) -> String {
    let name = |shard| meter.shard_name(shard);
    if seen.nodes.is_empty() {
        return seen
            .shard
            .map_or(String::new(), |shard| name(shard).to_owned());
    }
    let shown = seen.nodes.iter().take(SHARDS);
    let shown = shown.map(|(shard, took)| {
        let took = took.as_secs_f64() * 1e3;
        format!("{} {took:.1}ms", name(*shard))
    });
    let mut text = shown.collect::<Vec<_>>().join(", ");
    if let Some(more) = seen
        .nodes
        .len()
        .checked_sub(SHARDS)
        .filter(|more| *more > 0)
    {
        text += &format!(" and {more} more");
    }
    text
}
