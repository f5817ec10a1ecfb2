//! `split = { tables = "events_{yyyyMM}", … }`: a table that is one table for each period.

use toml::Spanned;

use super::super::defaults;
use super::super::file::{OneOrMany, SplitFile};
use super::super::period_tables::{PeriodPattern, PeriodTables};
use super::super::periods::periods;
use super::super::types::{SplitConfig, SplitRule, SplitTables};
use super::AlgorithmCheck;
use super::problems::Problems;
use super::scalar;
use super::split::{Bound, key_rule};

const ALGORITHM: &str = "time_range";

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
    if let Some(spread) = &content.spread {
        let message = "tables by period are on every shard";
        problems.add(spread.span(), message, "remove `spread`");
        return None;
    }
    let by = match (bound, &content.algorithm) {
        (Some(bound), None) => bound.rule(content.key.as_ref())?,
        _ => key_rule(file, 1, check, problems)?,
    };
    let SplitRule::Key { algorithm, .. } = &by else {
        return None;
    };
    let place = content
        .algorithm
        .as_ref()
        .map_or(file.span(), Spanned::span);
    if algorithm.name != ALGORITHM || algorithm.params.contains_key("cycle") {
        let help =
            "algorithm = { kind = \"time_range\", unit = \"month\", start = \"2026-01-01\" }";
        let message = "tables by period need the algorithm time_range, without a cycle";
        problems.add(place, message, help);
        return None;
    }
    // The algorithm's own check has noted what is wrong with them.
    let periods = periods(&algorithm.params).ok()?;
    if !pattern.tells_apart(periods.unit()) {
        let help = format!("write {}", PeriodPattern::example(periods.unit()));
        let message = "two periods would have one table by this pattern";
        problems.add(span(content).unwrap_or(place), message, help);
        return None;
    }
    let ahead = content.ahead.as_ref();
    let inherited = bound.and_then(|bound| bound.split.ahead.as_ref());
    let ahead = scalar::number(ahead.or(inherited), "ahead", defaults::AHEAD, problems);
    let tables = PeriodTables {
        pattern,
        periods,
        ahead: ahead.unwrap_or(0),
    };
    if let (Some(span), Some(first)) = (span(content), tables.name(0)) {
        scalar::check_name(span, "table name", &first, defaults::NAME_CHARS, problems);
    }
    let tables = SplitTables::ByPeriod(tables);
    Some(SplitConfig { tables, by })
}

fn span(file: &SplitFile) -> Option<std::ops::Range<usize>> {
    file.tables.as_ref().map(Spanned::span)
}
