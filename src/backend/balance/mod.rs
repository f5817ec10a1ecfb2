//! Balancing: which of the servers that may answer a read does.
//!
//! In: what is known of each candidate at this moment, and two numbers of the caller's. Out: a
//! position among the candidates. Policies read no clock and draw no random numbers, so that a
//! test can run them on a time of its own; what they remember is one counter.
//!
//! | file | which server |
//! |---|---|
//! | `round_robin` | one after the other |
//! | `weighted_round_robin` | one after the other, as often as weights say |
//! | `random`, `weighted_random` | any |
//! | `least_connections`, `weighted_least_connections` | the least busy |
//! | `source_hash` | always the same one for a client's host |
//! | `peak_ewma` | the better of two by response time |
//! | `load` | what a server's statements tell of it |
//! | `slow_start` | less than its share for a server that has just come back |

mod least_connections;
mod load;
mod peak_ewma;
mod random;
mod round_robin;
mod slow_start;
mod source_hash;
mod weighted_least_connections;
mod weighted_random;
mod weighted_round_robin;

#[cfg(test)]
mod tests;

use std::fmt;

pub use load::Load;
pub use slow_start::warmth;

use crate::config::BalancePolicy;

/// A server that may answer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Candidate {
    /// Tells it from all others, whoever else is a candidate.
    pub identity: u64,
    /// Its share against the others' as configured; above 0.
    pub weight: f64,
    /// How much of its share it gets: 1 unless it has just come back; above 0.
    pub warmth: f64,
    /// Statements under way.
    pub in_flight: u32,
    /// What its response time is expected to be, in seconds; `None`: it was never measured, or
    /// so long ago that it does not count.
    pub latency: Option<f64>,
}

/// What a choice is made with besides the candidates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Draw {
    /// The same for all statements of a client's host.
    pub source: u64,
    /// A random number.
    pub random: u64,
}

impl Draw {
    /// A number from 0 up to 1.
    fn fraction(self) -> f64 {
        fraction(self.random)
    }
}

/// A way to choose.
pub trait Policy: fmt::Debug + Send + Sync {
    /// The position of the one that answers; `None` without candidates.
    fn pick(&self, candidates: &[Candidate], draw: Draw) -> Option<usize>;
}

/// The policy of a configuration.
pub fn policy(configured: BalancePolicy) -> Box<dyn Policy> {
    match configured {
        BalancePolicy::RoundRobin => Box::<round_robin::RoundRobin>::default(),
        BalancePolicy::WeightedRoundRobin => {
            Box::<weighted_round_robin::WeightedRoundRobin>::default()
        }
        BalancePolicy::Random => Box::new(random::Random),
        BalancePolicy::WeightedRandom => Box::new(weighted_random::WeightedRandom),
        BalancePolicy::LeastConnections => Box::<least_connections::LeastConnections>::default(),
        BalancePolicy::WeightedLeastConnections => {
            Box::<weighted_least_connections::WeightedLeastConnections>::default()
        }
        BalancePolicy::SourceHash => Box::new(source_hash::SourceHash),
        BalancePolicy::PeakEwma => Box::new(peak_ewma::PeakEwma),
    }
}

/// The candidate at `point` (0 to 1) of all shares laid end to end.
fn at_share(
    candidates: &[Candidate],
    share: impl Fn(&Candidate) -> f64,
    point: f64,
) -> Option<usize> {
    let total: f64 = candidates.iter().map(&share).sum();
    let mut left = point * total;
    let found = candidates.iter().position(|candidate| {
        left -= share(candidate);
        left < 0.0
    });
    // Sums of shares may miss the total by a rounding.
    found.or_else(|| candidates.len().checked_sub(1))
}

/// The candidate of the least cost; those of equal cost take turns, beginning at `turn`.
fn least(candidates: &[Candidate], cost: impl Fn(&Candidate) -> f64, turn: usize) -> Option<usize> {
    let count = candidates.len();
    let in_turn = (0..count).map(|step| (turn + step) % count);
    let costs = in_turn.filter_map(|at| Some((at, cost(candidates.get(at)?))));
    costs
        .reduce(|best, next| if next.1 < best.1 { next } else { best })
        .map(|(at, _)| at)
}

/// 53 bits of a number as a fraction from 0 up to 1.
fn fraction(bits: u64) -> f64 {
    const PRECISE: u32 = 53;
    (bits >> (u64::BITS - PRECISE)) as f64 / (1u64 << PRECISE) as f64
}
