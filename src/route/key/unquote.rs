//! A quoted string → its bytes.

use std::borrow::Cow;

use crate::parse::LexMode;

/// The value of one or more adjacent quoted strings; borrowed where nothing is escaped. `None` if
/// anything but blanks stands between or around them.
pub fn unquote(quoted: &[u8], mode: LexMode) -> Option<Cow<'_, [u8]>> {
    let quoted = quoted.trim_ascii();
    let (&quote, inner) = quoted.split_first()?;
    if !is_quote(quote, mode) {
        return None;
    }
    let special = |b: &u8| *b == quote || *b == b'\\' && !mode.no_backslash_escapes;
    let plain = inner.iter().position(special)?;
    if inner.get(plain) == Some(&quote) && plain + 1 == inner.len() {
        return inner.get(..plain).map(Cow::Borrowed);
    }
    let mut value = Vec::with_capacity(inner.len());
    let mut rest = quoted;
    while let Some((&quote, inner)) = rest.split_first() {
        if !is_quote(quote, mode) {
            return None;
        }
        rest = one_string(inner, quote, mode, &mut value)?.trim_ascii_start();
    }
    Some(Cow::Owned(value))
}

fn is_quote(byte: u8, mode: LexMode) -> bool {
    byte == b'\'' || byte == b'"' && !mode.ansi_quotes
}

/// Appends the string that `inner` begins with; what remains lies behind its closing quote.
fn one_string<'a>(
    mut inner: &'a [u8],
    quote: u8,
    mode: LexMode,
    value: &mut Vec<u8>,
) -> Option<&'a [u8]> {
    loop {
        match inner {
            [a, b, rest @ ..] if *a == quote && *b == quote => {
                value.push(quote);
                inner = rest;
            }
            [a, rest @ ..] if *a == quote => return Some(rest),
            [b'\\', escaped, rest @ ..] if !mode.no_backslash_escapes => {
                unescape(*escaped, value);
                inner = rest;
            }
            [byte, rest @ ..] => {
                value.push(*byte);
                inner = rest;
            }
            [] => return None,
        }
    }
}

/// The manual's table of escapes; `\%` and `\_` keep their backslash outside patterns.
fn unescape(escaped: u8, value: &mut Vec<u8>) {
    let byte = match escaped {
        b'0' => 0,
        b'b' => 8,
        b'n' => b'\n',
        b'r' => b'\r',
        b't' => b'\t',
        b'Z' => 26,
        b'%' | b'_' => {
            value.push(b'\\');
            escaped
        }
        other => other,
    };
    value.push(byte);
}
