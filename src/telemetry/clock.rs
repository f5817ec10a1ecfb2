//! A clock that is read several times for each statement.
//!
//! `Instant` checks and converts; the difference of two numbers costs nothing.

use std::time::Duration;

use nix::time::{ClockId, clock_gettime};

/// A moment of a clock that never goes back, in nanoseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Tick(u64);

impl Tick {
    /// This moment.
    pub fn now() -> Self {
        let now = clock_gettime(ClockId::CLOCK_MONOTONIC);
        Self(now.map_or(0, |now| {
            (now.tv_sec() as u64)
                .wrapping_mul(1_000_000_000)
                .wrapping_add(now.tv_nsec() as u64)
        }))
    }

    /// The moment so long after this one.
    #[must_use]
    pub fn plus(self, time: Duration) -> Self {
        let nanos = u64::try_from(time.as_nanos()).unwrap_or(u64::MAX);
        Self(self.0.saturating_add(nanos))
    }

    /// The time from an earlier moment to this one, in nanoseconds.
    pub const fn nanos_since(self, earlier: Self) -> u64 {
        self.0.saturating_sub(earlier.0)
    }

    /// The time from an earlier moment to this one.
    pub const fn since(self, earlier: Self) -> Duration {
        Duration::from_nanos(self.nanos_since(earlier))
    }
}
