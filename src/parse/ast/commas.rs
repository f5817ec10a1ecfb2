//! The commas between tables that sqlparser does not know: inside of parentheses, and in UPDATE.
//! CROSS JOIN says the same, but for how tightly it binds.

use super::super::tokens::{TokenKind, Tokens};

/// Words that end a list of tables at its own depth.
const ENDS: [&str; 13] = [
    "WHERE",
    "GROUP",
    "HAVING",
    "WINDOW",
    "ORDER",
    "LIMIT",
    "UNION",
    "EXCEPT",
    "INTERSECT",
    "FOR",
    "LOCK",
    "SET",
    "VALUES",
];

/// Joins that would join more behind CROSS JOIN than behind a comma.
const LOOSE: [&str; 3] = ["RIGHT", "NATURAL", "USING"];

/// A list of tables that is being read.
#[derive(Default)]
struct List {
    /// Its commas, where they are unknown to sqlparser.
    commas: Vec<usize>,
    /// Tables may stand here: it is one.
    open: bool,
    /// Its commas stand for joins.
    joins: bool,
    loose: bool,
}

impl List {
    /// Its commas; none where they would not mean the same.
    fn close(self) -> Vec<usize> {
        match self.loose {
            true => Vec::new(),
            false => self.commas,
        }
    }
}

/// The commas to be read as CROSS JOIN, ascending.
pub(super) fn joining_commas(tokens: Tokens<'_>) -> Vec<usize> {
    let reserved = |at: usize, words: &[&str]| {
        tokens.kind(at) == Some(TokenKind::Reserved)
            && words.iter().any(|word| tokens.is_word(at, word))
    };
    // FOR UPDATE, ON DUPLICATE KEY UPDATE
    let is_verb =
        |at: usize| reserved(at, &["UPDATE"]) && !(at > 0 && reserved(at - 1, &["FOR", "KEY"]));
    // RIGHT('text', 2)
    let is_called =
        |at: usize| reserved(at, &["RIGHT"]) && tokens.kind(at + 1) == Some(TokenKind::Open);
    let mut lists = vec![List::default()];
    let mut found = Vec::new();
    for at in 0..tokens.len() {
        let depth = lists.len();
        let Some(list) = lists.last_mut() else {
            break;
        };
        match tokens.kind(at) {
            Some(TokenKind::Open) => {
                let tables = list.open && begins_tables(tokens, at);
                lists.push(List {
                    open: tables,
                    joins: tables,
                    ..List::default()
                });
            }
            Some(TokenKind::Close) => {
                found.extend(lists.pop().unwrap_or_default().close());
                if lists.is_empty() {
                    lists.push(List::default());
                }
            }
            Some(TokenKind::Comma) if list.joins => list.commas.push(at),
            _ if reserved(at, &["FROM"]) => list.open = true,
            _ if depth == 1 && is_verb(at) => (list.open, list.joins) = (true, true),
            _ if list.open && reserved(at, &ENDS) => {
                found.extend(std::mem::take(list).close());
            }
            _ if list.open && reserved(at, &LOOSE) => list.loose |= !is_called(at),
            _ => {}
        }
    }
    found.extend(lists.into_iter().flat_map(List::close));
    found.sort_unstable();
    found
}

/// Whether tables stand in the parentheses that open here, in a list of tables.
fn begins_tables(tokens: Tokens<'_>, open: usize) -> bool {
    let is = |at: usize, words: &[&str]| words.iter().any(|word| tokens.is_word(at, word));
    let behind = open.checked_sub(1).is_some_and(|before| {
        let joins = ["FROM", "JOIN", "STRAIGHT_JOIN", "UPDATE"];
        matches!(
            tokens.kind(before),
            Some(TokenKind::Comma | TokenKind::Open)
        ) || tokens.kind(before) == Some(TokenKind::Reserved) && is(before, &joins)
    });
    behind && !is(open + 1, &["SELECT", "WITH", "TABLE", "VALUES"])
}
