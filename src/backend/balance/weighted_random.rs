//! Any, as often as their weights say.

use super::{Candidate, Draw, Policy, at_share};

/// See the module.
#[derive(Debug)]
pub(super) struct WeightedRandom;

impl Policy for WeightedRandom {
    fn pick(&self, candidates: &[Candidate], draw: Draw) -> Option<usize> {
        at_share(candidates, |one| one.weight * one.warmth, draw.fraction())
    }
}
