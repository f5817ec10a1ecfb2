//! Always the same one for a client's host, as often as weights say.
//!
//! Every candidate draws a number from the host and its own identity, and the highest one wins
//! (rendezvous hashing: Thaler and Ravishankar, 1998). When a server goes, only its own clients
//! move. Weights change a draw as in Schindelhauer and Schomaker, "Weighted Distributed Hash
//! Tables" (2005).

use super::{Candidate, Draw, Policy, fraction, least};

/// See the module.
#[derive(Debug)]
pub(super) struct SourceHash;

impl Policy for SourceHash {
    fn pick(&self, candidates: &[Candidate], draw: Draw) -> Option<usize> {
        let cost = |one: &Candidate| {
            let drawn = fraction(mix(draw.source ^ mix(one.identity)));
            // From 0 for the luckiest draw upwards; a larger share makes every draw luckier.
            -drawn.max(f64::MIN_POSITIVE).ln() / (one.weight * one.warmth)
        };
        least(candidates, cost, 0)
    }
}

/// The finaliser of SplitMix64 (<https://prng.di.unimi.it/splitmix64.c>): every bit of the input
/// changes half of the output.
const fn mix(mut bits: u64) -> u64 {
    bits = bits.wrapping_add(0x9E37_79B9_7F4A_7C15);
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    bits ^ (bits >> 31)
}
