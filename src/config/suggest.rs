//! "Did you mean": the known word nearest to a misspelt one.

/// The candidate with the fewest edits, if they are few for the length of the word.
pub(super) fn closest<'a>(
    word: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    let folded = word.to_lowercase();
    let distance =
        |candidate: &str| strsim::damerau_levenshtein(&folded, &candidate.to_lowercase());
    candidates
        .into_iter()
        .map(|candidate| (distance(candidate), candidate))
        .filter(|(edits, _)| *edits <= (word.chars().count() / 3).max(1))
        .min_by_key(|(edits, _)| *edits)
        .map(|(_, candidate)| candidate)
}

/// What to write instead of `word`: the nearest candidate, else all of them.
pub(super) fn instead<'a>(
    word: &str,
    candidates: impl IntoIterator<Item = &'a str> + Clone,
) -> Option<String> {
    if let Some(near) = closest(word, candidates.clone()) {
        return Some(format!("did you mean \"{near}\"?"));
    }
    let all: Vec<String> = candidates
        .into_iter()
        .map(|name| format!("\"{name}\""))
        .collect();
    match all.as_slice() {
        [] => None,
        [only] => Some(format!("write {only}")),
        _ => Some(format!("one of {}", all.join(", "))),
    }
}
