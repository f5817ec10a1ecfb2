//! Parameters: unknown ones are refused with the nearest known name, wrong ones with what to write.

use std::ops::RangeInclusive;

use toml::Value;

use super::error::AlgorithmError;

/// The setting is wrong, whatever the key's type.
pub fn wrong(algorithm: &'static str, reason: impl Into<String>) -> AlgorithmError {
    let reason = reason.into();
    AlgorithmError::Setting { algorithm, reason }
}

/// A whole number within its limits; `what` is how a message calls it.
pub fn number(
    algorithm: &'static str,
    what: &str,
    value: &Value,
    limits: RangeInclusive<usize>,
) -> Result<usize, AlgorithmError> {
    let number = value.as_integer().and_then(|n| usize::try_from(n).ok());
    number.filter(|n| limits.contains(n)).ok_or_else(|| {
        let (least, most) = limits.into_inner();
        wrong(
            algorithm,
            format!("{what} cannot be {value}: from {least} to {most}"),
        )
    })
}

/// A place by its number, from 0.
pub fn place(
    algorithm: &'static str,
    what: &str,
    value: &Value,
    places: usize,
) -> Result<usize, AlgorithmError> {
    number(algorithm, what, value, 0..=places.saturating_sub(1))
}

/// A list; `form` tells what to write.
pub fn list<'v>(
    algorithm: &'static str,
    what: &str,
    value: &'v Value,
    form: &str,
) -> Result<&'v [Value], AlgorithmError> {
    let list = value.as_array().map(Vec::as_slice);
    list.ok_or_else(|| wrong(algorithm, format!("{what} is no list: write {form}")))
}

/// Refuses every parameter that is not among `known`.
pub fn only(
    algorithm: &'static str,
    params: &toml::Table,
    known: &[&str],
) -> Result<(), AlgorithmError> {
    match params.keys().find(|name| !known.contains(&name.as_str())) {
        None => Ok(()),
        Some(param) => Err(AlgorithmError::UnknownParam {
            algorithm,
            param: param.clone(),
            suggestion: suggestion(param, known.iter().copied()),
        }),
    }
}

/// `; did you mean "x"?` for the nearest name, else the list of names.
pub fn suggestion<'n>(written: &str, known: impl IntoIterator<Item = &'n str>) -> String {
    let known: Vec<&str> = known.into_iter().collect();
    match nearest(written, known.iter().copied()) {
        Some(name) => format!("; did you mean \"{name}\"?"),
        None if known.is_empty() => "; it takes none".to_owned(),
        None => format!("; known are: {}", known.join(", ")),
    }
}

/// The name that may have been meant.
pub fn nearest<'n>(written: &str, known: impl IntoIterator<Item = &'n str>) -> Option<&'n str> {
    let distances = known
        .into_iter()
        .map(|name| (distance(written, name), name));
    let (edits, name) = distances.min()?;
    (edits <= 1 + name.len() / 3).then_some(name)
}

/// Levenshtein distance of two names.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, from) in a.chars().enumerate() {
        let mut next = vec![i + 1];
        for ((to, above), diagonal) in b.iter().zip(row.iter().skip(1)).zip(&row) {
            let left = next.last().copied().unwrap_or_default();
            let replaced = diagonal + usize::from(from != *to);
            next.push(replaced.min(above + 1).min(left + 1));
        }
        row = next;
    }
    row.last().copied().unwrap_or_default()
}
