//! `split = { tables = "events_{yyyyMM}", … }`: a table that is one table for each period.

use toml::Spanned;

use super::super::defaults;
use super::super::file::{OneOrMany, SplitFile};
use super::super::period_tables::{PeriodPattern, PeriodTables};
use super::super::periods::periods;
use super::super::types::{AlgorithmSpec, SplitConfig, SplitRule, SplitTables};
use super::AlgorithmCheck;
use super::algorithms;
use super::problems::Problems;
use super::scalar;
use super::split::{Bound, key_rule};
use crate::value::Periods;

const ALGORITHM: &str = "time_range";
const ALGORITHM_FORM: &str =
    "algorithm = { kind = \"time_range\", unit = \"month\", start = \"2026-01-01\" }";

/// The pattern of the tables' names, where it is one of periods.
pub(super) fn pattern(file: &SplitFile) -> Option<PeriodPattern> {
    match file.tables.as_ref()?.get_ref() {
        OneOrMany::One(pattern) => PeriodPattern::parse(pattern),
        OneOrMany::Many(_) => None,
    }
}

/// Reads a split by period. A bound table may leave its rule, and how far ahead its tables are
/// created, to the table that it is bound to.
pub(super) fn split(
    file: &Spanned<SplitFile>,
    pattern: PeriodPattern,
    bound: Option<Bound<'_>>,
    check: &dyn AlgorithmCheck,
    problems: &mut Problems,
) -> Option<SplitConfig> {
    let content = file.get_ref();
    let span = content.tables.as_ref().map_or(file.span(), Spanned::span);
    if let Some(spread) = &content.spread {
        let message = "tables by period are on every shard";
        problems.add(spread.span(), message, "remove `spread`");
        return None;
    }
    let (by, periods) = rule(file, bound, check, problems)?;
    if !pattern.tells_apart(periods.unit()) {
        let help = format!("write {}", PeriodPattern::example(periods.unit()));
        let message = "two periods would have one table by this pattern";
        problems.add(span, message, help);
        return None;
    }
    let own = content.ahead.as_ref();
    let inherited = bound.and_then(|bound| bound.split.ahead.as_ref());
    let ahead = scalar::number(own.or(inherited), "ahead", defaults::AHEAD, problems);
    let tables = PeriodTables {
        pattern,
        periods,
        ahead: ahead.unwrap_or(0),
    };
    let first = tables.name(0).unwrap_or_default();
    scalar::check_name(span, "table name", &first, defaults::NAME_CHARS, problems);
    let tables = SplitTables::ByPeriod(Box::new(tables));
    Some(SplitConfig { tables, by })
}

/// The table's own rule, or that of the table that it is bound to.
fn rule(
    file: &Spanned<SplitFile>,
    bound: Option<Bound<'_>>,
    check: &dyn AlgorithmCheck,
    problems: &mut Problems,
) -> Option<(SplitRule, Periods)> {
    let content = file.get_ref();
    let Some(own) = &content.algorithm else {
        let Some(bound) = bound else {
            let message = "the split does not say which of its tables a row is in";
            let help = format!("add key = \"created_at\", {ALGORITHM_FORM}");
            problems.add(file.span(), message, help);
            return None;
        };
        let by = bound.rule(content.key.as_ref())?;
        let SplitRule::Key { algorithm, .. } = &by else {
            return None;
        };
        // Mistakes in it are noted where it stands.
        let periods = spec_periods(algorithm).ok()?;
        return Some((by, periods));
    };
    if content.key.is_none() {
        let message = "the split does not say which of its tables a row is in";
        problems.add(file.span(), message, "add key = \"created_at\"");
        return None;
    }
    let spec = algorithms::spec(own.get_ref());
    match spec_periods(&spec.unwrap_or_default()) {
        Ok(periods) => Some((key_rule(file, 1, check, problems)?, periods)),
        Err(message) => {
            problems.add(own.span(), message, ALGORITHM_FORM);
            None
        }
    }
}

fn spec_periods(algorithm: &AlgorithmSpec) -> Result<Periods, String> {
    if algorithm.name != ALGORITHM || algorithm.params.contains_key("cycle") {
        return Err("tables by period need the algorithm time_range, without a cycle".to_owned());
    }
    periods(&algorithm.params)
}
