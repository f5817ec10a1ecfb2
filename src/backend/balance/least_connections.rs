//! The one with the fewest statements under way; equals take turns.

use std::sync::atomic::{AtomicUsize, Ordering};

use super::{Candidate, Draw, Policy, least};

/// See the module.
#[derive(Debug, Default)]
pub(super) struct LeastConnections {
    turn: AtomicUsize,
}

impl Policy for LeastConnections {
    fn pick(&self, candidates: &[Candidate], _: Draw) -> Option<usize> {
        let turn = self.turn.fetch_add(1, Ordering::Relaxed);
        // The one that would be the least busy with this statement too.
        let cost = |one: &Candidate| f64::from(one.in_flight + 1) / one.warmth;
        least(candidates, cost, turn)
    }
}
