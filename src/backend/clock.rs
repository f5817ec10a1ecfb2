//! The clock of a replica set: all that is known of its servers is told in times since it began.

#[cfg(test)]
use std::sync::Arc;
#[cfg(test)]
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// Tells the time since it was started.
#[derive(Clone, Debug)]
pub(super) enum Clock {
    /// Runs by itself.
    Real(Instant),
    /// Shows the microseconds that a test has set.
    #[cfg(test)]
    Set(Arc<AtomicU64>),
}

impl Clock {
    pub fn start() -> Self {
        Self::Real(Instant::now())
    }

    pub fn now(&self) -> Duration {
        match self {
            Self::Real(began) => began.elapsed(),
            #[cfg(test)]
            Self::Set(micros) => Duration::from_micros(micros.load(Ordering::Relaxed)),
        }
    }
}
