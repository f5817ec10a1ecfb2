//! What the primary had when: the measure of a replica's lag.
//!
//! A replica that has everything which the primary had at some moment is behind by at most the
//! time since then. Unlike `Seconds_Behind_Source`, that holds for replicas whose receiver has
//! stopped too, needs no table of heartbeats, and errs on the side of more lag.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use crate::backend::gtid::Position;

/// How many samples are kept. When there are more, the older half loses every second one: what
/// was long ago need not be known exactly.
const MOST: usize = 256;

/// Samples of the primary, in the order of time.
#[derive(Debug, Default)]
pub struct History(VecDeque<Sample>);

#[derive(Clone, Debug)]
struct Sample {
    at: Duration,
    position: Arc<Position>,
}

impl History {
    /// The primary had `position` at `at`, the time since any fixed moment.
    pub fn note(&mut self, at: Duration, position: &Arc<Position>) {
        let sample = Sample {
            at,
            position: Arc::clone(position),
        };
        let same = |sample: &Sample| sample.position == *position;
        if self.0.len() > 1 && self.0.iter().rev().take(2).all(same) {
            // Nothing was written meanwhile.
            self.0.pop_back();
        }
        self.0.push_back(sample);
        if self.0.len() > MOST {
            let mut at = 0;
            self.0.retain(|_| {
                at += 1;
                at % 2 == 1 || at > MOST / 2
            });
        }
    }

    /// The last moment whose transactions are all in `executed`.
    pub fn caught_up_at(&self, executed: &Position) -> Option<Duration> {
        let behind = self
            .0
            .partition_point(|sample| executed.covers(&sample.position));
        let last = behind.checked_sub(1)?;
        self.0.get(last).map(|sample| sample.at)
    }
}
