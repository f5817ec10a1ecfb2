//! The better of two candidates by response time, statements under way and weight.
//!
//! Response times are moving averages that follow a rise at once and a fall slowly (`load`): a
//! server that becomes slow is avoided after one slow answer. Only two candidates, drawn at random,
//! are compared (Mitzenmacher, "The Power of Two Choices", 2001): the best one of all would get
//! every statement of all proxies until they hear of it.

use super::{Candidate, Draw, Policy};

/// What a response time counts for at least, in seconds: below, differences are noise.
const NOISE: f64 = 0.000_05;

/// See the module.
#[derive(Debug)]
pub(super) struct PeakEwma;

impl Policy for PeakEwma {
    fn pick(&self, candidates: &[Candidate], draw: Draw) -> Option<usize> {
        let (first, second) = two_of(candidates.len(), draw)?;
        // What was never measured is taken for as good as the best: one answer tells.
        let measured = candidates.iter().filter_map(|one| one.latency);
        let unknown = measured.fold(f64::INFINITY, f64::min);
        let unknown = if unknown.is_finite() { unknown } else { NOISE };
        let cost = |at: usize| {
            let one = candidates.get(at)?;
            let latency = one.latency.unwrap_or(unknown).max(NOISE);
            Some(latency * f64::from(one.in_flight + 1) / (one.weight * one.warmth))
        };
        Some(if cost(second)? < cost(first)? {
            second
        } else {
            first
        })
    }
}

/// Two different positions, in any order; the same one twice where there is only one.
fn two_of(count: usize, draw: Draw) -> Option<(usize, usize)> {
    let low = (draw.random & u64::from(u32::MAX)) as usize;
    let high = (draw.random >> u32::BITS) as usize;
    let first = low.checked_rem(count)?;
    let step = high.checked_rem(count - 1).map_or(0, |step| step + 1);
    Some((first, (first + step) % count))
}
