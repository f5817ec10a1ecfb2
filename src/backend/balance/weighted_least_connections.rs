//! The one with the fewest statements under way for its weight; equals take turns by weight.

use super::weighted_round_robin::WeightedRoundRobin;
use super::{Candidate, Draw, Policy, least};

/// See the module.
#[derive(Debug, Default)]
pub(super) struct WeightedLeastConnections {
    turn: WeightedRoundRobin,
}

impl Policy for WeightedLeastConnections {
    fn pick(&self, candidates: &[Candidate], _: Draw) -> Option<usize> {
        let share = |one: &Candidate| one.weight * one.warmth;
        let turn = self.turn.pick_by(candidates, share)?;
        // Without the statement at hand: idle servers are equals, and weights decide between them.
        least(
            candidates,
            |one| f64::from(one.in_flight) / share(one),
            turn,
        )
    }
}
