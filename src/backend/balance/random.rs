//! Any, whatever their weights.

use super::{Candidate, Draw, Policy, at_share};

/// See the module.
#[derive(Debug)]
pub(super) struct Random;

impl Policy for Random {
    fn pick(&self, candidates: &[Candidate], draw: Draw) -> Option<usize> {
        at_share(candidates, |one| one.warmth, draw.fraction())
    }
}
