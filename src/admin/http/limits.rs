//! Refusals by limits and rules.

use std::fmt;

use super::metrics::labels;
use super::page::Page;
use crate::session::Shared;
use crate::telemetry::RuleSeries;

pub(super) fn encode(page: &mut Page<'_, '_>, shared: &Shared) -> fmt::Result {
    let limits = shared.metrics.limits.all();
    page.counters(
        (
            "shardwell_limit_refusals",
            "Logins and statements that a limit of a user or schema refused or ended",
        ),
        limits.map(|(limit, count)| (labels([("limit", limit.label())]), count)),
    )?;
    let of = |value: fn(&RuleSeries) -> u64| {
        let rules = shared.rules();
        rules.map(move |(name, series)| (labels([("rule", name)]), value(series)))
    };
    page.counters(
        (
            "shardwell_rule_statements",
            "Statements that met a rule when they were to run",
        ),
        of(|series| series.met.total()),
    )?;
    page.counters(
        (
            "shardwell_rule_refusals",
            "Statements that a rule refused, when they were prepared or to run",
        ),
        of(|series| series.refused.total()),
    )
}
