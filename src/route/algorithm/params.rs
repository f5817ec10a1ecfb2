//! Parameters: unknown ones are refused with the nearest known name.

use super::error::AlgorithmError;

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
