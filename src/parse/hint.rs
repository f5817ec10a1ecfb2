//! Hints for the proxy in optimizer hint comments: `/*+ SHARDWELL(…) */`.

use super::tokens::{TokenKind, Tokens};

/// What stands between the parentheses of a SHARDWELL hint, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RawHint {
    /// Token number of the comment.
    pub token: usize,
    /// The text, blanks at its ends removed; bytes that are not UTF-8 are replaced.
    pub text: String,
}

const NAME: &[u8] = b"SHARDWELL";

/// The SHARDWELL hints of a statement, in order. A hint without its closing parenthesis is none.
pub fn hints(tokens: &Tokens<'_>) -> Vec<RawHint> {
    let mut found = Vec::new();
    for at in (0..tokens.len()).filter(|&at| tokens.kind(at) == Some(TokenKind::Hint)) {
        let mut rest = tokens.text(at);
        while let Some((text, behind)) = next_hint(rest) {
            let text = String::from_utf8_lossy(text).trim().to_owned();
            found.push(RawHint { token: at, text });
            rest = behind;
        }
    }
    found
}

/// A hint comment without the SHARDWELL hints in it; nothing at all where nothing else was in it.
pub fn without_hints(comment: &[u8]) -> String {
    let mut kept = Vec::with_capacity(comment.len());
    let mut rest = comment;
    while let Some((start, _, behind)) = find_hint(rest) {
        kept.extend_from_slice(rest.get(..start).unwrap_or_default());
        rest = behind;
    }
    kept.extend_from_slice(rest);
    let inner = kept
        .strip_prefix(b"/*+")
        .and_then(|kept| kept.strip_suffix(b"*/"));
    match inner {
        Some(inner) if inner.trim_ascii().is_empty() => String::new(),
        _ => String::from_utf8_lossy(&kept).into_owned(),
    }
}

/// The text of the first hint, and what follows it.
fn next_hint(comment: &[u8]) -> Option<(&[u8], &[u8])> {
    find_hint(comment).map(|(_, text, behind)| (text, behind))
}

/// Where the first hint begins, its text, and what follows it.
fn find_hint(comment: &[u8]) -> Option<(usize, &[u8], &[u8])> {
    let mut from = 0;
    while let Some(window) = comment.get(from..from + NAME.len()) {
        let before = from.checked_sub(1).and_then(|at| comment.get(at));
        let starts = before.is_none_or(|byte| !byte.is_ascii_alphanumeric() && *byte != b'_');
        if starts && window.eq_ignore_ascii_case(NAME) {
            let rest = comment.get(from + NAME.len()..)?.trim_ascii_start();
            if let Some(inner) = rest.strip_prefix(b"(") {
                let (text, behind) = split_at_close(inner)?;
                return Some((from, text, behind));
            }
        }
        from += 1;
    }
    None
}

fn split_at_close(inner: &[u8]) -> Option<(&[u8], &[u8])> {
    let mut depth = 0_u32;
    for (at, byte) in inner.iter().enumerate() {
        match byte {
            b'(' => depth += 1,
            b')' if depth == 0 => return Some((inner.get(..at)?, inner.get(at + 1..)?)),
            b')' => depth -= 1,
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse::{LexMode, tokenize};

    #[test]
    fn what_is_not_the_proxys_stays_in_the_comment() {
        let table = [
            ("/*+ SHARDWELL(shard=a) */", ""),
            ("/*+ BKA(t) SHARDWELL(x) MRR(u)*/", "/*+ BKA(t)  MRR(u)*/"),
            ("/*+ SHARDWELL(x) SHARDWELL(y)*/", ""),
        ];
        for (comment, wanted) in table {
            assert_eq!(without_hints(comment.as_bytes()), wanted);
        }
    }

    #[test]
    fn hints_are_found_in_hint_comments_only() {
        let table: [(&str, &[&str]); 5] = [
            ("SELECT /*+ SHARDWELL(shard=a) */ 1", &["shard=a"]),
            (
                "SELECT /*+ BKA(t) shardwell ( f(1) ) SHARDWELL(x) */ 1",
                &["f(1)", "x"],
            ),
            ("SELECT /* SHARDWELL(x) */ '/*+ SHARDWELL(x) */'", &[]),
            ("SELECT /*+ NOSHARDWELL(x) */ 1", &[]),
            ("SELECT /*+ SHARDWELL(x */ 1", &[]),
        ];
        for (sql, wanted) in table {
            let digest = tokenize(sql.as_bytes(), LexMode::default()).unwrap();
            let found = hints(&Tokens::new(sql.as_bytes(), &digest));
            let texts: Vec<&str> = found.iter().map(|hint| hint.text.as_str()).collect();
            assert_eq!(texts, wanted, "{sql}");
        }
    }
}
