//! One after the other, as often as their weights say.
//!
//! The n-th choice is the share at the n-th multiple of the golden ratio, modulo 1. Such points
//! are spread more evenly than any others, whatever the weights and however they change, and all
//! that has to be remembered is n: no lock, no schedule. (Kronecker sequence; its discrepancy is
//! O(log n / n): Kuipers and Niederreiter, "Uniform Distribution of Sequences", chapter 2.3.)

use std::sync::atomic::{AtomicU64, Ordering};

use super::{Candidate, Draw, Policy, at_share, fraction};

/// The golden ratio's fraction, times 2^64.
const GOLDEN: u64 = 0x9E37_79B9_7F4A_7C15;

/// See the module.
#[derive(Debug, Default)]
pub(super) struct WeightedRoundRobin {
    turn: AtomicU64,
}

impl WeightedRoundRobin {
    /// The next one, with shares of the caller's.
    pub(super) fn pick_by(
        &self,
        candidates: &[Candidate],
        share: impl Fn(&Candidate) -> f64,
    ) -> Option<usize> {
        let turn = self.turn.fetch_add(1, Ordering::Relaxed);
        at_share(candidates, share, fraction(turn.wrapping_mul(GOLDEN)))
    }
}

impl Policy for WeightedRoundRobin {
    fn pick(&self, candidates: &[Candidate], _: Draw) -> Option<usize> {
        self.pick_by(candidates, |one| one.weight * one.warmth)
    }
}
