//! `[backend.balance]`, `[backend.health]`: how reads are spread, and how servers are watched.

use std::time::Duration;

use toml::Spanned;

use super::super::defaults;
use super::super::file::DurationText;
use super::super::types::{BalanceConfig, BalancePolicy};
use super::super::units;
use super::backend::Layers;
use super::problems::Problems;
use super::scalar;

const POLICIES: [(&str, BalancePolicy); 8] = [
    ("round_robin", BalancePolicy::RoundRobin),
    ("weighted_round_robin", BalancePolicy::WeightedRoundRobin),
    ("random", BalancePolicy::Random),
    ("weighted_random", BalancePolicy::WeightedRandom),
    ("least_connections", BalancePolicy::LeastConnections),
    (
        "weighted_least_connections",
        BalancePolicy::WeightedLeastConnections,
    ),
    ("source_hash", BalancePolicy::SourceHash),
    ("peak_ewma", BalancePolicy::PeakEwma),
];

const PRIMARY: [(&str, bool); 2] = [("fallback", false), ("share", true)];

pub(super) fn balance(layers: &Layers<'_>, problems: &mut Problems) -> BalanceConfig {
    let policy = layers.first(|file| &file.balance.policy);
    let policy = policy.and_then(|policy| scalar::choice(policy, "policy", &POLICIES, problems));
    let primary = layers.first(|file| &file.balance.primary);
    let primary = primary.and_then(|word| scalar::choice(word, "primary", &PRIMARY, problems));
    BalanceConfig {
        policy: policy.unwrap_or(defaults::BALANCE_POLICY),
        slow_start: slow_start(layers, problems),
        primary_shares: primary.unwrap_or(false),
    }
}

/// A duration that may be zero.
fn or_zero(
    key: Option<&Spanned<DurationText>>,
    name: &str,
    default: Duration,
    problems: &mut Problems,
) -> Duration {
    let off = |text: &DurationText| units::duration(&text.0) == Some(Duration::ZERO);
    if key.is_some_and(|key| off(key.get_ref())) {
        return Duration::ZERO;
    }
    scalar::timeout(key, name, default, problems)
}

fn slow_start(layers: &Layers<'_>, problems: &mut Problems) -> Duration {
    let key = layers.first(|file| &file.balance.slow_start);
    or_zero(key, "slow_start", defaults::SLOW_START, problems)
}

pub(super) fn min_silence(layers: &Layers<'_>, problems: &mut Problems) -> Duration {
    let key = layers.first(|file| &file.health.min_silence);
    or_zero(key, "min_silence", defaults::MIN_SILENCE, problems)
}

pub(super) fn health_interval(layers: &Layers<'_>, problems: &mut Problems) -> Duration {
    let key = layers.first(|file| &file.health.interval);
    let interval = scalar::timeout(key, "interval", defaults::HEALTH_INTERVAL, problems);
    if let Some(key) = key.filter(|_| !defaults::HEALTH_INTERVALS.contains(&interval)) {
        let message = format!(
            "`interval` cannot be \"{}\"",
            units::show_duration(interval)
        );
        let help = format!(
            "from \"{}\" to \"{}\"",
            units::show_duration(*defaults::HEALTH_INTERVALS.start()),
            units::show_duration(*defaults::HEALTH_INTERVALS.end())
        );
        problems.add(key.span(), message, help);
        return defaults::HEALTH_INTERVAL;
    }
    interval
}
