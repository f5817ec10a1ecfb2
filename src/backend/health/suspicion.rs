//! When silence becomes a fault: phi accrual failure detection.
//!
//! A server that answers regularly is suspected after a short silence, one whose answers come
//! unevenly after a longer one. Phi is the negative decimal logarithm of the chance that an answer
//! still comes: 8 is one wrong suspicion in 10^8 silences of this length (Hayashibara et al.,
//! "The φ Accrual Failure Detector", 2004).

use std::collections::VecDeque;
use std::time::Duration;

/// How many intervals are remembered.
const WINDOW: usize = 100;

/// The phi of a suspicion.
const THRESHOLD: f64 = 8.0;

/// How far beyond the mean a normal distribution has a tail of 10^-[`THRESHOLD`], in standard
/// deviations.
const DEVIATIONS: f64 = 5.612;

/// Intervals differ at least by this part of the usual one: a machine under load is late now and
/// then, however even the answers were before.
const LEAST_DEVIATION: f64 = 0.25;

/// The answers of one server.
#[derive(Clone, Debug)]
pub struct Suspicion {
    expected: Duration,
    min_silence: Duration,
    intervals: VecDeque<f64>,
    last: Option<Duration>,
}

impl Suspicion {
    /// Nothing is known but that an answer is asked for every `expected`. No silence shorter than
    /// `min_silence` is a fault.
    pub fn new(expected: Duration, min_silence: Duration) -> Self {
        Self {
            expected,
            min_silence,
            intervals: VecDeque::with_capacity(WINDOW),
            last: None,
        }
    }

    /// An answer came; `now` is the time since any fixed moment.
    pub fn answered(&mut self, now: Duration) {
        if let Some(last) = self.last.replace(now) {
            if self.intervals.len() == WINDOW {
                self.intervals.pop_front();
            }
            let interval = now.saturating_sub(last).as_secs_f64();
            self.intervals.push_back(interval);
        }
    }

    /// The server was down: how its answers came before says nothing.
    pub fn restart(&mut self) {
        self.intervals.clear();
        self.last = None;
    }

    /// How long a silence may be before it is a fault.
    pub fn patience(&self) -> Duration {
        let (mean, deviation) = self.distribution();
        Duration::from_secs_f64(mean + DEVIATIONS * deviation)
    }

    /// How sure it is that a silence of this length has a reason; at 8 it is one.
    pub fn phi(&self, silence: Duration) -> f64 {
        let (mean, deviation) = self.distribution();
        let off = (silence.as_secs_f64() - mean) / deviation;
        // The part of a normal distribution beyond `off`, by a logistic curve (Bowling et al.,
        // 2009), scaled so that the threshold is where the exact tail has it.
        let exponent = |x: f64| x * (1.5976 + 0.070_566 * x * x);
        let later = (-exponent(off)).exp();
        let phi = -(later / (1.0 + later)).log10();
        let at_threshold = exponent(DEVIATIONS) / std::f64::consts::LN_10;
        phi.min(f64::MAX) * THRESHOLD / at_threshold
    }

    fn distribution(&self) -> (f64, f64) {
        let expected = self.expected.as_secs_f64();
        // What makes the shortest silence that may be a fault one.
        let forced = |mean: f64| (self.min_silence.as_secs_f64() - mean) / DEVIATIONS;
        if self.intervals.is_empty() {
            return (expected, forced(expected).max(expected / 2.0));
        }
        let least = LEAST_DEVIATION * expected;
        let count = self.intervals.len() as f64;
        let mean = self.intervals.iter().sum::<f64>() / count;
        let squares: f64 = self.intervals.iter().map(|i| (i - mean).powi(2)).sum();
        (mean, (squares / count).sqrt().max(least).max(forced(mean)))
    }
}
