//! `key` and `algorithm`, of a table or of its split.

use toml::Spanned;

use super::super::defaults;
use super::super::file::{AlgorithmFile, OneOrMany};
use super::super::suggest;
use super::super::types::AlgorithmSpec;
use super::AlgorithmCheck;
use super::problems::Problems;
use super::scalar;

/// What an algorithm shall place.
#[derive(Clone, Copy)]
pub(super) struct Places {
    /// Shards, or tables of a split.
    pub(super) count: usize,
    /// Columns of the key.
    pub(super) columns: usize,
}

/// Reads and checks an algorithm; a wrong one is noted and may still be given.
pub(super) fn algorithm(
    file: &Spanned<AlgorithmFile>,
    places: Places,
    check: &dyn AlgorithmCheck,
    problems: &mut Problems,
) -> Option<AlgorithmSpec> {
    let Some(spec) = spec(file.get_ref()) else {
        let help = "write { kind = \"hash_mod\", … }, or only \"hash_mod\"";
        problems.add(file.span(), "the algorithm has no kind", help);
        return None;
    };
    let names = check.names();
    if !names.is_empty() && !names.contains(&spec.name.as_str()) {
        let help = suggest::instead(&spec.name, names.iter().copied());
        let message = format!("there is no algorithm '{}'", spec.name);
        problems.add(file.span(), message, help);
    } else if let Err(why) = check.check(&spec, places.count, places.columns) {
        let message = format!("algorithm '{}': {why}", spec.name);
        problems.add(file.span(), message, None);
    }
    Some(spec)
}

/// An algorithm as written; `None` where it has no kind.
pub(super) fn spec(file: &AlgorithmFile) -> Option<AlgorithmSpec> {
    let name = file.kind.clone().filter(|name| !name.is_empty())?;
    Some(AlgorithmSpec {
        name,
        params: file.params.clone(),
    })
}

/// The columns of a key: at least one, no two alike.
pub(super) fn key_columns(
    key: &Spanned<OneOrMany>,
    problems: &mut Problems,
) -> Option<Vec<String>> {
    let written: Vec<(std::ops::Range<usize>, &String)> = match key.get_ref() {
        OneOrMany::One(column) => vec![(key.span(), column)],
        OneOrMany::Many(columns) => columns.iter().map(|c| (c.span(), c.get_ref())).collect(),
    };
    if written.is_empty() || written.len() > defaults::MAX_KEY_COLUMNS {
        let message = format!("a key of {} columns", written.len());
        let help = format!("1 to {} columns", defaults::MAX_KEY_COLUMNS);
        problems.add(key.span(), message, help);
        return None;
    }
    let mut columns: Vec<String> = Vec::with_capacity(written.len());
    for (span, column) in written {
        let most = defaults::NAME_CHARS;
        scalar::check_name(span.clone(), "key column", column, most, problems);
        if columns
            .iter()
            .any(|other| other.eq_ignore_ascii_case(column))
        {
            let message = format!("column '{column}' is twice in the key");
            problems.add(span, message, "name it once");
            return None;
        }
        columns.push(column.clone());
    }
    Some(columns)
}
