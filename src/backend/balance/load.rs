//! What a server's own statements tell of it: how many are under way, and how long they take.
//!
//! Shared by all sessions without a lock. The clock is the caller's.

use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::time::Duration;

/// How fast a response time is forgotten: after so long, 63 % of it.
const MEMORY: Duration = Duration::from_secs(10);

/// After so many [`MEMORY`] without a measurement, nothing is known any more: what a server was
/// like then must not keep statements away from it.
const FORGOTTEN: f64 = 3.0;

/// The load of one server.
#[derive(Debug, Default)]
pub struct Load {
    in_flight: AtomicU32,
    /// Milliseconds of the last measurement (upper half) and the average in seconds as an `f32`
    /// (lower half); 0: never measured.
    response: AtomicU64,
}

impl Load {
    /// Statements under way.
    pub fn in_flight(&self) -> u32 {
        self.in_flight.load(Ordering::Relaxed)
    }

    /// A statement begins.
    pub fn begin(&self) {
        self.in_flight.fetch_add(1, Ordering::Relaxed);
    }

    /// A statement that began has ended.
    pub fn end(&self) {
        self.in_flight.fetch_sub(1, Ordering::Relaxed);
    }

    /// A statement took this long; `now` is the time since any fixed moment.
    pub fn measured(&self, took: Duration, now: Duration) {
        let took = took.as_secs_f64();
        let _ = self
            .response
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |packed| {
                let average = match unpack(packed) {
                    Some((at, average)) if average > took => {
                        let kept = (-since(at, now) / MEMORY.as_secs_f64()).exp();
                        average * kept + took * (1.0 - kept)
                    }
                    // Peaks count at once.
                    _ => took,
                };
                Some(pack(now, average))
            });
    }

    /// What a statement may be expected to take, in seconds.
    pub fn latency(&self, now: Duration) -> Option<f64> {
        let (at, average) = unpack(self.response.load(Ordering::Relaxed))?;
        let memories = since(at, now) / MEMORY.as_secs_f64();
        // A server that is avoided is tried again in the end: what it once took fades.
        (memories < FORGOTTEN).then(|| average * (-memories).exp())
    }
}

fn since(at: u32, now: Duration) -> f64 {
    let millis = millis(now).wrapping_sub(at);
    // Another thread may have read its clock later and stored it first.
    let passed = if millis > u32::MAX / 2 { 0 } else { millis };
    f64::from(passed) / 1000.0
}

fn millis(now: Duration) -> u32 {
    // 49 days until it wraps; differences are still right then.
    (now.as_millis() & u128::from(u32::MAX)) as u32
}

fn pack(now: Duration, average: f64) -> u64 {
    u64::from(millis(now)) << u32::BITS | u64::from((average as f32).to_bits()).max(1)
}

fn unpack(packed: u64) -> Option<(u32, f64)> {
    let average = f32::from_bits((packed & u64::from(u32::MAX)) as u32);
    (packed != 0).then(|| ((packed >> u32::BITS) as u32, f64::from(average)))
}
