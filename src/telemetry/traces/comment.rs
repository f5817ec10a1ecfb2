//! The client's trace in a statement's comment, as sqlcommenter writes it:
//! `SELECT 1 /*action='show',traceparent='00-…-…-01'*/`, before or behind the statement.

/// The key, with the sign behind it.
const KEY: &[u8] = b"traceparent=";

/// The value of `traceparent` in a comment at the beginning or the end of a statement's text.
pub fn traceparent_of(statement: &[u8]) -> Option<&[u8]> {
    let text = trim(statement);
    let leading = text.strip_prefix(b"/*").and_then(|rest| {
        let end = rest.windows(2).position(|pair| pair == b"*/")?;
        value(rest.get(..end)?)
    });
    leading.or_else(|| {
        let rest = text.strip_suffix(b"*/")?;
        let begin = rest.windows(2).rposition(|pair| pair == b"/*")?;
        value(rest.get(begin + 2..)?)
    })
}

/// Without blanks around it, and without the semicolon behind it.
fn trim(statement: &[u8]) -> &[u8] {
    let mut text = statement.trim_ascii();
    while let Some(rest) = text.strip_suffix(b";") {
        text = rest.trim_ascii_end();
    }
    text
}

/// What stands behind the key, up to the quote, comma or blank behind it.
fn value(comment: &[u8]) -> Option<&[u8]> {
    let mut from = 0;
    loop {
        let rest = comment.get(from..)?;
        let at = rest.windows(KEY.len()).position(|found| found == KEY)?;
        let before = at.checked_sub(1).and_then(|before| rest.get(before));
        let value = rest.get(at + KEY.len()..)?;
        if before.is_none_or(|byte| !byte.is_ascii_alphanumeric() && *byte != b'_') {
            let value = value.strip_prefix(b"'").unwrap_or(value);
            let end = value
                .iter()
                .position(|byte| matches!(byte, b'\'' | b',') || byte.is_ascii_whitespace());
            return value.get(..end.unwrap_or(value.len()));
        }
        from += at + KEY.len();
    }
}
