//! One after the other, whatever their weights.

use std::sync::atomic::{AtomicUsize, Ordering};

use super::weighted_round_robin::WeightedRoundRobin;
use super::{Candidate, Draw, Policy};

/// See the module.
#[derive(Debug, Default)]
pub(super) struct RoundRobin {
    turn: AtomicUsize,
    while_warming: WeightedRoundRobin,
}

impl Policy for RoundRobin {
    fn pick(&self, candidates: &[Candidate], _: Draw) -> Option<usize> {
        if candidates.iter().any(|candidate| candidate.warmth < 1.0) {
            return self.while_warming.pick_by(candidates, |one| one.warmth);
        }
        let turn = self.turn.fetch_add(1, Ordering::Relaxed);
        turn.checked_rem(candidates.len())
    }
}
