//! `split = { tables = "orders_{00..15}", … }`: a table that is several tables on the servers.

use std::collections::HashSet;
use std::ops::Range;

use toml::Spanned;

use super::super::defaults;
use super::super::file::{OneOrMany, SplitFile};
use super::super::types::{SplitConfig, SplitRule, SplitTables, Spread};
use super::AlgorithmCheck;
use super::algorithms::{self, Places};
use super::period_split;
use super::problems::Problems;
use super::scalar;

const SPREADS: [(&str, Spread); 2] = [
    ("blocks", Spread::Blocks),
    ("round_robin", Spread::RoundRobin),
];
const TABLES_FORM: &str = "write \"orders_{00..15}\", \"events_{yyyyMM}\", or a list of names";

/// The split of the table that a table is bound to.
#[derive(Clone, Copy)]
pub(super) struct Bound<'a> {
    pub(super) split: &'a SplitFile,
    /// The key of that table, and that of the bound one: equal columns under two names.
    pub(super) keys: (&'a [String], &'a [String]),
}

/// Reads a split. A bound table may leave its rule to the table that it is bound to.
pub(super) fn split(
    file: &Spanned<SplitFile>,
    bound: Option<Bound<'_>>,
    shards: usize,
    check: &dyn AlgorithmCheck,
    problems: &mut Problems,
) -> Option<SplitConfig> {
    let content = file.get_ref();
    if let Some(pattern) = period_split::pattern(content) {
        return period_split::split(file, pattern, bound, check, problems);
    }
    let why = "where the tables have no periods: write tables = \"name_{yyyyMM}\"";
    problems.useless(content.ahead.as_ref(), "ahead", why);
    let tables = tables(file.span(), content.tables.as_ref(), problems)?;
    let count = tables.len();
    let by = match (&content.spread, &content.algorithm, bound) {
        (Some(spread), Some(_), _) => {
            let message = "a split has either `spread` or an algorithm of its own";
            problems.add(spread.span(), message, "remove one of them");
            return None;
        }
        (Some(spread), None, _) => {
            let why = "where the tables are spread: the table's own key decides";
            problems.useless(content.key.as_ref(), "key", why);
            spread_rule(spread, count, shards, problems)?
        }
        (None, None, Some(bound)) => bound.rule(content.key.as_ref())?,
        (None, ..) => key_rule(file, count, check, problems)?,
    };
    let tables = SplitTables::Listed(tables);
    Some(SplitConfig { tables, by })
}

impl Bound<'_> {
    /// The other table's rule, on this table's columns. Mistakes in it are noted where it stands.
    pub(super) fn rule(&self, own: Option<&Spanned<OneOrMany>>) -> Option<SplitRule> {
        let mut noted = Problems::default();
        if let Some(spread) = &self.split.spread {
            let how = scalar::choice(spread, "spread", &SPREADS, &mut noted)?;
            return Some(SplitRule::Spread(how));
        }
        let algorithm = algorithms::spec(self.split.algorithm.as_ref()?.get_ref())?;
        let key = match own {
            Some(own) => algorithms::key_columns(own, &mut noted)?,
            None => {
                let theirs = algorithms::key_columns(self.split.key.as_ref()?, &mut noted)?;
                theirs.iter().map(|column| self.own_name(column)).collect()
            }
        };
        Some(SplitRule::Key { key, algorithm })
    }

    fn own_name(&self, column: &str) -> String {
        let (theirs, own) = self.keys;
        let at = theirs.iter().position(|c| c.eq_ignore_ascii_case(column));
        let name = at.and_then(|at| own.get(at)).map(String::as_str);
        name.unwrap_or(column).to_owned()
    }
}

pub(super) fn key_rule(
    file: &Spanned<SplitFile>,
    count: usize,
    check: &dyn AlgorithmCheck,
    problems: &mut Problems,
) -> Option<SplitRule> {
    let content = file.get_ref();
    let (Some(key), Some(algorithm)) = (&content.key, &content.algorithm) else {
        let message = "the split does not say which of its tables a row is in";
        let help = "add key = \"column\" and algorithm = \"hash_mod\", or spread = \"blocks\"";
        problems.add(file.span(), message, help);
        return None;
    };
    let key = algorithms::key_columns(key, problems)?;
    let columns = key.len();
    let places = Places { count, columns };
    let algorithm = algorithms::algorithm(algorithm, places, check, problems)?;
    Some(SplitRule::Key { key, algorithm })
}

fn spread_rule(
    spread: &Spanned<String>,
    count: usize,
    shards: usize,
    problems: &mut Problems,
) -> Option<SplitRule> {
    let how = scalar::choice(spread, "spread", &SPREADS, problems)?;
    if count < shards || (how == Spread::Blocks && !count.is_multiple_of(shards.max(1))) {
        let message = format!("{count} tables cannot be spread evenly over {shards} shards");
        let help = "as many tables as shards, or a multiple of that";
        problems.add(spread.span(), message, help);
    }
    Some(SplitRule::Spread(how))
}

fn tables(
    place: Range<usize>,
    written: Option<&Spanned<OneOrMany>>,
    problems: &mut Problems,
) -> Option<Vec<String>> {
    let Some(written) = written else {
        problems.add(place, "the split names no tables", TABLES_FORM);
        return None;
    };
    let patterns: Vec<(Range<usize>, &str)> = match written.get_ref() {
        OneOrMany::One(pattern) => vec![(written.span(), pattern)],
        OneOrMany::Many(names) => names
            .iter()
            .map(|name| (name.span(), name.get_ref().as_str()))
            .collect(),
    };
    let mut tables = Vec::new();
    for (span, pattern) in patterns {
        let Some(names) = expand(pattern) else {
            let message = format!("\"{pattern}\" is no pattern of names");
            problems.add(span, message, TABLES_FORM);
            return None;
        };
        for name in &names {
            let most = defaults::NAME_CHARS;
            scalar::check_name(span.clone(), "table name", name, most, problems);
        }
        tables.extend(names);
    }
    let different: HashSet<String> = tables.iter().map(|name| name.to_lowercase()).collect();
    if different.len() != tables.len() {
        let message = "two tables of the split have the same name";
        problems.add(written.span(), message, "every table once");
        return None;
    }
    if tables.len() < 2 || tables.len() > defaults::MAX_SPLIT_TABLES {
        let message = format!("a split into {} tables", tables.len());
        let help = format!("2 to {} tables", defaults::MAX_SPLIT_TABLES);
        problems.add(written.span(), message, help);
        return None;
    }
    Some(tables)
}

/// `t_{00..15}` → `t_00` … `t_15`: as many digits as the first number has. A name without braces is
/// itself.
fn expand(pattern: &str) -> Option<Vec<String>> {
    let Some((before, rest)) = pattern.split_once('{') else {
        return (!pattern.contains('}')).then(|| vec![pattern.to_owned()]);
    };
    let (range, behind) = rest.split_once('}')?;
    if behind.contains(['{', '}']) {
        return None;
    }
    let (first, last) = range.split_once("..")?;
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    if !digits(first) || !digits(last) {
        return None;
    }
    let width = if first.len() > 1 { first.len() } else { 0 };
    let (first, last): (usize, usize) = (first.parse().ok()?, last.parse().ok()?);
    if last < first || last - first >= defaults::MAX_SPLIT_TABLES {
        return None;
    }
    let name = |number| format!("{before}{number:0width$}{behind}");
    Some((first..=last).map(name).collect())
}

#[cfg(test)]
mod tests {
    use super::expand;

    #[test]
    fn a_range_in_braces_stands_for_its_numbers() {
        let table: [(&str, Option<&[&str]>); 8] = [
            ("t_{0..2}", Some(&["t_0", "t_1", "t_2"])),
            ("t_{08..10}x", Some(&["t_08x", "t_09x", "t_10x"])),
            ("t_{9..10}", Some(&["t_9", "t_10"])),
            ("plain", Some(&["plain"])),
            ("t_{2..1}", None),
            ("t_{a..b}", None),
            ("t_{0..", None),
            ("t_{0..99999999999}", None),
        ];
        for (pattern, names) in table {
            let names = names.map(|names| names.iter().map(|n| (*n).to_owned()).collect());
            assert_eq!(expand(pattern), names, "{pattern}");
        }
    }
}
