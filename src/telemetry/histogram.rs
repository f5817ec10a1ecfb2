//! How long something took, by powers of two.
//!
//! The histograms of the Prometheus client hold a lock while they record; these add to two atomics of
//! the thread's own.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use super::stripes::{Stripe, Striped};

/// The exponent of the first bound, in microseconds.
const FIRST: u32 = 5;

/// How many bounds there are; what is above the last one has a bucket too.
pub const BOUNDS: usize = 22;

/// The times that one thread has recorded.
#[derive(Debug, Default)]
pub(super) struct Buckets {
    counts: [AtomicU64; BOUNDS + 1],
    nanos: AtomicU64,
}

impl Buckets {
    /// Records one, on the stripe that these are.
    pub fn record(&self, stripe: Stripe, nanos: u64) {
        if let Some(count) = self.counts.get(bucket(nanos)) {
            stripe.add(count, 1);
        }
        stripe.add(&self.nanos, nanos);
    }

    /// Adds what it holds to `times`.
    pub fn add_to(&self, times: &mut Times) {
        for (sum, count) in times.counts.iter_mut().zip(&self.counts) {
            *sum += count.load(Ordering::Relaxed);
        }
        times.nanos = times.nanos.wrapping_add(self.nanos.load(Ordering::Relaxed));
    }
}

fn nanos(took: Duration) -> u64 {
    u64::try_from(took.as_nanos()).unwrap_or(u64::MAX)
}

/// The position of the first bound that is not below: 32 µs, 64 µs, … 67 s.
fn bucket(nanos: u64) -> usize {
    let below = nanos.saturating_sub(1) / 1000;
    let bits = u64::BITS - below.leading_zeros();
    (bits.saturating_sub(FIRST) as usize).min(BOUNDS)
}

/// Times, recorded by all threads.
#[derive(Debug, Default)]
pub struct Histogram(Striped<Buckets>);

impl Histogram {
    /// Records one.
    pub fn record(&self, took: Duration) {
        self.record_in(Stripe::own(), nanos(took));
    }

    /// Records one, in nanoseconds, for the thread whose stripe it is.
    pub fn record_in(&self, stripe: Stripe, nanos: u64) {
        if let Some(own) = self.0.at(stripe) {
            own.record(stripe, nanos);
        }
    }

    /// What was recorded so far.
    pub fn times(&self) -> Times {
        let mut times = Times::default();
        self.0.all().for_each(|own| own.add_to(&mut times));
        times
    }
}

/// What a histogram holds at one moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Times {
    counts: [u64; BOUNDS + 1],
    nanos: u64,
}

impl Times {
    /// How many times were recorded.
    pub fn count(&self) -> u64 {
        self.counts.iter().sum()
    }

    /// Their sum, in seconds.
    pub fn seconds(&self) -> f64 {
        self.nanos as f64 / 1e9
    }

    /// The time within which the given part of them lies, in seconds, as far as the buckets tell: as
    /// Prometheus' `histogram_quantile` has it. 0 for none.
    pub fn quantile(&self, part: f64) -> f64 {
        let wanted = part * self.count() as f64;
        let (mut below, mut from) = (0.0, 0.0);
        for (bound, count) in self.buckets() {
            let count = count as f64;
            if count > 0.0 && below + count >= wanted {
                // What lies above the last bound has no end.
                let to = if bound.is_finite() { bound } else { from };
                return from + (to - from) * ((wanted - below) / count);
            }
            below += count;
            from = bound;
        }
        0.0
    }

    /// The upper bound of each bucket in seconds, and how many times lie in it; the last bound is
    /// infinite.
    pub fn buckets(&self) -> impl Iterator<Item = (f64, u64)> {
        self.counts.iter().enumerate().map(|(at, count)| {
            let bound = match at {
                BOUNDS => f64::INFINITY,
                at => (1u64 << (at + FIRST as usize)) as f64 / 1e6,
            };
            (bound, *count)
        })
    }
}
