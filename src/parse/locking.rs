//! A locking clause of a SELECT: `FOR UPDATE OF a, b SKIP LOCKED`, `LOCK IN SHARE MODE`.
//!
//! See "Locking Reads" in MySQL's manual; `WAIT n` is MariaDB's.

use super::tokens::{TokenKind, Tokens};

/// A locking clause.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LockingClause {
    /// What OF names; nothing: all tables of the query block.
    pub of: Vec<String>,
    /// The clause without OF, as it may stand behind a SELECT of one table.
    pub words: String,
    /// How many tokens it has.
    pub tokens: usize,
}

impl LockingClause {
    /// The clause that begins at a token.
    pub fn at(tokens: Tokens<'_>, at: usize) -> Option<Self> {
        let (mut words, mut end) = strength(tokens, at)?;
        let of = named(tokens, &mut end)?;
        if let Some((waits, count)) = waits(tokens, end) {
            words.push(' ');
            words.push_str(&waits);
            end += count;
        }
        Some(Self {
            of,
            words,
            tokens: end - at,
        })
    }
}

/// Whether these words follow each other from a token on.
fn are_words(tokens: Tokens<'_>, at: usize, words: &[&str]) -> bool {
    let mut words = words.iter().zip(at..);
    words.all(|(word, at)| tokens.is_word(at, word))
}

fn strength(tokens: Tokens<'_>, at: usize) -> Option<(String, usize)> {
    let clauses = [
        &["FOR", "UPDATE"][..],
        &["FOR", "SHARE"],
        &["LOCK", "IN", "SHARE", "MODE"],
    ];
    let mut clauses = clauses.into_iter();
    let words = clauses.find(|words| are_words(tokens, at, words))?;
    Some((words.join(" "), at + words.len()))
}

/// The names behind OF, if it stands at `end`, which is moved behind them; `None`: a name is missing.
fn named(tokens: Tokens<'_>, end: &mut usize) -> Option<Vec<String>> {
    let mut of = Vec::new();
    if !tokens.is_word(*end, "OF") {
        return Some(of);
    }
    loop {
        of.push(tokens.name(*end + 1)?);
        *end += 2;
        if tokens.kind(*end) != Some(TokenKind::Comma) {
            return Some(of);
        }
    }
}

/// What becomes of rows that others have locked, and how many tokens say it.
fn waits(tokens: Tokens<'_>, at: usize) -> Option<(String, usize)> {
    if tokens.is_word(at, "NOWAIT") {
        return Some(("NOWAIT".to_owned(), 1));
    }
    if are_words(tokens, at, &["SKIP", "LOCKED"]) {
        return Some(("SKIP LOCKED".to_owned(), 2));
    }
    if !tokens.is_word(at, "WAIT") {
        return None;
    }
    let seconds = std::str::from_utf8(tokens.text(at + 1)).ok()?;
    let seconds: u32 = seconds.parse().ok()?;
    Some((format!("WAIT {seconds}"), 2))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse::{LexMode, tokenize};

    #[test]
    fn a_clause_is_told_from_what_it_names() {
        type Wanted<'a> = Option<(&'a str, &'a [&'a str], usize)>;
        let table: [(&str, Wanted<'_>); 9] = [
            ("FOR UPDATE", Some(("FOR UPDATE", &[], 2))),
            ("for share nowait", Some(("FOR SHARE NOWAIT", &[], 3))),
            (
                "FOR UPDATE OF a, `b` SKIP LOCKED FOR SHARE",
                Some(("FOR UPDATE SKIP LOCKED", &["a", "b"], 8)),
            ),
            (
                "LOCK IN SHARE MODE WAIT 5",
                Some(("LOCK IN SHARE MODE WAIT 5", &[], 6)),
            ),
            ("FOR UPDATE WAIT ?", Some(("FOR UPDATE", &[], 2))),
            ("FOR UPDATE OF", None),
            ("FOR UPDATE OF a,", None),
            ("FOR ORDER BY", None),
            ("`FOR` UPDATE", None),
        ];
        for (sql, wanted) in table {
            let digest = tokenize(sql.as_bytes(), LexMode::default()).unwrap();
            let clause = LockingClause::at(Tokens::new(sql.as_bytes(), &digest), 0);
            let found = clause.map(|clause| (clause.words, clause.of, clause.tokens));
            let wanted = wanted.map(|(words, of, tokens)| {
                let of = of.iter().map(|name| (*name).to_owned()).collect();
                (words.to_owned(), of, tokens)
            });
            assert_eq!(found, wanted, "{sql}");
        }
    }
}
