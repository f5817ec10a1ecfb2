//! Key → the text that Mycat's rules see.

use std::borrow::Cow;

use super::super::spelling::Spelling;
use super::super::{AlgorithmError, only};
use crate::value::KeyValue;

/// The text of a key of one column.
///
/// # Errors
/// It has none, or Mycat's versions do not agree on it: they cut off white space and a pair of
/// quotes at its ends, or do not.
pub(super) fn of<'k>(
    algorithm: &'static str,
    spelling: Spelling,
    key: &'k [KeyValue<'_>],
) -> Result<Cow<'k, str>, AlgorithmError> {
    let text = spelling.text(only(algorithm, key)?);
    text.filter(|text| !is_cut(text))
        .ok_or(AlgorithmError::NoPlace { algorithm })
}

fn is_cut(text: &str) -> bool {
    let blank = |byte: Option<&u8>| byte.is_some_and(|b| *b <= b' ');
    let bytes = text.as_bytes();
    let quoted = |quote| bytes.len() >= 2 && bytes.starts_with(quote) && bytes.ends_with(quote);
    blank(bytes.first()) || blank(bytes.last()) || quoted(b"'") || quoted(b"`")
}
