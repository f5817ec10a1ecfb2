//! Less than its share for a server that has just come back: its caches are cold.

use std::time::Duration;

/// The least part of its share that a server gets: without any statement it would never warm up.
const LEAST: f64 = 0.1;

/// The part of its share that a server gets which came back `since` ago, 0.1 to 1.
pub fn warmth(since: Duration, slow_start: Duration) -> f64 {
    if slow_start.is_zero() || since >= slow_start {
        return 1.0;
    }
    (since.as_secs_f64() / slow_start.as_secs_f64()).max(LEAST)
}
