//! `read`, in schemas and users: which servers may answer reads.

use std::time::Duration;

use toml::Spanned;

use super::super::defaults;
use super::super::file::{Key, ReadFile};
use super::super::types::ReadPolicy;
use super::super::{suggest, units};
use super::problems::Problems;
use super::scalar;

/// So many looks at the servers must fit into `max_lag`: what a replica has is known only as of
/// the last look, at it and at the primary.
const LOOKS: u32 = 3;

/// A `read` key; `interval` is the longest time between two looks at a server.
pub(super) fn read(
    key: &Key<ReadFile>,
    interval: Duration,
    problems: &mut Problems,
) -> Option<ReadPolicy> {
    let read = key.as_ref()?;
    let file = read.get_ref();
    let Some(consistency) = &file.consistency else {
        let help = "such as read = { consistency = \"bounded\", max_lag = \"2s\" }";
        problems.add(read.span(), "`read` without `consistency`", help);
        return None;
    };
    let (wait, max_lag) = (file.wait.as_ref(), file.max_lag.as_ref());
    if consistency != "causal" {
        problems.useless(wait, "wait", "without consistency = \"causal\"");
    }
    if consistency != "bounded" {
        problems.useless(max_lag, "max_lag", "without consistency = \"bounded\"");
    }
    match consistency.as_str() {
        "primary" => Some(ReadPolicy::Primary),
        "causal" => Some(ReadPolicy::Causal {
            wait: scalar::timeout(wait, "wait", defaults::CAUSAL_WAIT, problems),
        }),
        "bounded" => Some(ReadPolicy::Bounded {
            max_lag: bound(read, interval, problems),
        }),
        "eventual" => Some(ReadPolicy::Eventual),
        other => {
            let known = ["primary", "causal", "bounded", "eventual"];
            let message = format!("`read` cannot be \"{other}\"");
            problems.add(read.span(), message, suggest::instead(other, known));
            None
        }
    }
}

fn bound(read: &Spanned<ReadFile>, interval: Duration, problems: &mut Problems) -> Duration {
    let max_lag = read.get_ref().max_lag.as_ref();
    let bound = scalar::timeout(max_lag, "max_lag", defaults::MAX_LAG, problems);
    let least = interval * LOOKS;
    if bound < least {
        let span = max_lag.map_or(read.span(), Spanned::span);
        let message = format!("`max_lag` cannot be \"{}\"", units::show_duration(bound));
        let help = format!(
            "at least \"{}\", three times the `health.interval` of the replica sets",
            units::show_duration(least)
        );
        problems.add(span, message, help);
    }
    bound
}
