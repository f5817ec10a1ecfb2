//! A circuit breaker: statements stay away from a server on which they fail, and one of them at a
//! time finds out whether it works again.
//!
//! Shared by all sessions without a lock. The clock is the caller's: the time since any fixed
//! moment.

use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::time::Duration;

/// So many points open the breaker.
const LIMIT: u32 = 3;

/// How long the first opening lasts; each further one twice as long.
const FIRST: Duration = Duration::from_millis(200);

/// How often the time is doubled.
const DOUBLINGS: u32 = 5;

/// What a statement met.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// No connection could be made: no other one will do better.
    Connect,
    /// A connection broke; others may be well.
    Lost,
}

impl Fault {
    const fn points(self) -> u32 {
        match self {
            Self::Connect => LIMIT,
            Self::Lost => 1,
        }
    }
}

/// The breaker of one server.
#[derive(Debug, Default)]
pub struct Breaker {
    /// Points since the last success.
    points: AtomicU32,
    /// Openings since the last success.
    openings: AtomicU32,
    /// Closed while 0; else open until this time in microseconds, and half-open from then on.
    until: AtomicU64,
}

impl Breaker {
    /// Whether a statement may go there, perhaps as the one that tries.
    pub fn allows(&self, now: Duration) -> bool {
        self.until.load(Ordering::Relaxed) <= micros(now)
    }

    /// Claims the right to go there: while half-open, only one statement for each opening has it.
    pub fn claim(&self, now: Duration) -> bool {
        let until = self.until.load(Ordering::Relaxed);
        if until == 0 {
            return true;
        }
        let again = micros(now + self.opening());
        until <= micros(now)
            && self
                .until
                .compare_exchange(until, again, Ordering::Relaxed, Ordering::Relaxed)
                .is_ok()
    }

    /// A statement, or a question of the proxy's own, was answered.
    pub fn succeeded(&self) {
        // Nearly always nothing is to be written, and no cache line moves between cores.
        if self.points.load(Ordering::Relaxed) != 0 || self.is_open() {
            self.points.store(0, Ordering::Relaxed);
            self.openings.store(0, Ordering::Relaxed);
            self.until.store(0, Ordering::Relaxed);
        }
    }

    /// A statement failed for a reason that is the server's. Says whether that opened the breaker.
    pub fn failed(&self, fault: Fault, now: Duration) -> bool {
        let points = self.points.fetch_add(fault.points(), Ordering::Relaxed);
        if points.saturating_add(fault.points()) < LIMIT {
            return false;
        }
        let was_open = self.is_open();
        let until = micros(now + self.opening());
        self.openings.fetch_add(1, Ordering::Relaxed);
        self.until.store(until, Ordering::Relaxed);
        !was_open
    }

    /// Whether statements have failed and none has succeeded since.
    pub fn is_open(&self) -> bool {
        self.until.load(Ordering::Relaxed) != 0
    }

    fn opening(&self) -> Duration {
        FIRST * 2u32.pow(self.openings.load(Ordering::Relaxed).min(DOUBLINGS))
    }
}

fn micros(time: Duration) -> u64 {
    // Never 0, which stands for closed.
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX).max(1)
}
