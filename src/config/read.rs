//! Text → [`File`], with every unknown key named and not only the first.

use std::ops::Range;

use serde::Deserialize;
use toml::Spanned;
use toml::de::{DeTable, DeValue, Deserializer};

use super::diagnostic::Problem;
use super::file::File;
use super::suggest;

/// Unknown keys that are collected before giving up; a file with more is not a configuration.
const MOST_UNKNOWN_KEYS: usize = 50;

/// Reads the file's shape. serde stops at the first unknown key, so that key is taken out and
/// the rest read again until all of them are known.
pub(super) fn read(text: &str) -> Result<File, Vec<Problem>> {
    let mut table = DeTable::parse(text).map_err(|error| vec![problem(&error)])?;
    let mut problems = Vec::new();
    loop {
        let error = match File::deserialize(Deserializer::from(table.clone())) {
            Ok(file) if problems.is_empty() => return Ok(file),
            Ok(_) => return Err(problems),
            Err(error) => error,
        };
        problems.push(problem(&error));
        let unknown = error.message().starts_with(UNKNOWN_FIELD);
        let span = error
            .span()
            .filter(|_| unknown && problems.len() < MOST_UNKNOWN_KEYS);
        if !span.is_some_and(|span| remove_key(table.get_mut(), &span)) {
            return Err(problems);
        }
    }
}

/// Takes out the key that stands at `span`, wherever it is in the document.
fn remove_key(table: &mut DeTable<'_>, span: &Range<usize>) -> bool {
    let found = table.keys().find(|key| key.span() == *span).cloned();
    match found {
        Some(key) => table.remove(&key).is_some(),
        None => table
            .iter_mut()
            .any(|(_, value)| remove_key_in(value, span)),
    }
}

fn remove_key_in(value: &mut Spanned<DeValue<'_>>, span: &Range<usize>) -> bool {
    match value.get_mut() {
        DeValue::Table(table) => remove_key(table, span),
        DeValue::Array(items) => items.iter_mut().any(|item| remove_key_in(item, span)),
        _ => false,
    }
}

/// How serde words an unknown key; the key and the known ones follow in backquotes.
const UNKNOWN_FIELD: &str = "unknown field ";

fn problem(error: &toml::de::Error) -> Problem {
    let message = error.message();
    let (message, help) = match message.strip_prefix(UNKNOWN_FIELD) {
        Some(rest) => unknown_key(rest),
        None => (message.to_owned(), help_with_type(message)),
    };
    Problem {
        span: error.span(),
        message,
        help,
    }
}

fn unknown_key(words: &str) -> (String, Option<String>) {
    let mut quoted = words.split('`').skip(1).step_by(2);
    let key = quoted.next().unwrap_or_default();
    let known: Vec<&str> = quoted.collect();
    let help = match suggest::closest(key, known.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("the keys known here are {}", known.join(", ")),
    };
    (format!("unknown key `{key}`"), Some(help))
}

/// Help with the two TOML shapes that are easily confused.
fn help_with_type(message: &str) -> Option<String> {
    let help = match message {
        "invalid type: map, expected a sequence" => "write a list, or [[name]] with two brackets",
        "invalid type: sequence, expected a map" => "write [name] with one bracket",
        _ => return None,
    };
    Some(help.to_owned())
}
