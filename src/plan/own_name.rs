//! Where a statement asks who its client is: USER(), CURRENT_USER, CURRENT_ROLE() and their like.
//!
//! In: tokens. Out: edits that put the client's own account in. What a server keeps as code (a view, a
//! routine, a trigger, the default of a column) asks its server each time it runs, and stays as it is;
//! so do accounts that a statement names as CURRENT_USER.

use super::words::is_reserved;
use super::{Edit, Replacement};
use crate::parse::{TokenKind, Tokens};

/// Who has logged in, and from where.
const USER: [&str; 3] = ["USER", "SESSION_USER", "SYSTEM_USER"];

/// The role that the client has taken on.
const ROLE: &str = "CURRENT_ROLE";

/// The account that the client has.
const ACCOUNT: &str = "CURRENT_USER";

/// Statements whose expressions run at once.
const RUN: [&[&str]; 15] = [
    &["SELECT"],
    &["WITH"],
    &["VALUES"],
    &["TABLE"],
    &["INSERT"],
    &["REPLACE"],
    &["UPDATE"],
    &["DELETE"],
    &["DO"],
    &["CALL"],
    &["LOAD"],
    &["SET"],
    &["EXPLAIN"],
    &["DESCRIBE"],
    &["DESC"],
];

/// SETs that speak of accounts.
const OF_ACCOUNTS: [&[&str]; 3] = [&["SET", "PASSWORD"], &["SET", "ROLE"], &["SET", "DEFAULT"]];

/// What makes a table from a query.
const CREATE: [&[&str]; 4] = [
    &["CREATE", "TABLE"],
    &["CREATE", "TEMPORARY", "TABLE"],
    &["CREATE", "OR", "REPLACE", "TABLE"],
    &["CREATE", "OR", "REPLACE", "TEMPORARY", "TABLE"],
];

/// Words behind which a name in front of `()` is a table.
const BEFORE_TABLE: [&str; 8] = [
    "TABLE",
    "INTO",
    "INSERT",
    "REPLACE",
    "IGNORE",
    "LOW_PRIORITY",
    "HIGH_PRIORITY",
    "DELAYED",
];

/// The edits that name the client, ascending.
pub(super) fn edits(tokens: Tokens<'_>) -> impl Iterator<Item = Edit> {
    let begins = |all: &[&[&str]]| all.iter().any(|words| tokens.begins(words));
    let open = tokens.kind(0) == Some(TokenKind::Open);
    let first = if begins(&CREATE) {
        let selects = |at: &usize| is_reserved(tokens, *at, &["SELECT"]);
        (0..tokens.len()).find(selects)
    } else {
        ((open || begins(&RUN)) && !begins(&OF_ACCOUNTS)).then_some(0)
    };
    let all = first.unwrap_or(tokens.len())..tokens.len();
    all.filter_map(move |at| {
        let (count, with) = asks(tokens, at)?;
        Some(Edit {
            token: at as u32,
            tokens: count,
            with,
        })
    })
}

/// Whether any expression of the statement asks.
pub(super) fn is_asked(tokens: Tokens<'_>) -> bool {
    let asked = |at| asks(tokens, at).is_some_and(|(_, what)| what != Replacement::RoleOrName);
    (0..tokens.len()).any(asked)
}

/// What is asked at a token, and with how many of them.
fn asks(tokens: Tokens<'_>, at: usize) -> Option<(u32, Replacement)> {
    let before = tokens.before(at);
    let is_name = before.is_some_and(|before| {
        tokens.kind(before) == Some(TokenKind::Dot)
            || BEFORE_TABLE.iter().any(|word| tokens.is_word(before, word))
    });
    if is_name {
        return None;
    }
    let called = tokens.kind(at + 1) == Some(TokenKind::Open)
        && tokens.kind(at + 2) == Some(TokenKind::Close);
    if is_reserved(tokens, at, &[ACCOUNT]) {
        return Some((if called { 3 } else { 1 }, Replacement::Account));
    }
    // To MySQL that is a function like others, whose name may have quotes.
    let name = || {
        tokens
            .name(at)
            .is_some_and(|name| name.eq_ignore_ascii_case(ROLE))
    };
    if called && name() {
        return Some((3, Replacement::Role));
    }
    if tokens.is_word(at, ROLE) && tokens.kind(at + 1) != Some(TokenKind::Open) {
        return Some((1, Replacement::RoleOrName));
    }
    let asks = called && USER.iter().any(|word| tokens.is_word(at, word));
    asks.then_some((3, Replacement::User))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse::{LexMode, tokenize};

    fn found(sql: &str) -> Vec<(u32, u32, Replacement)> {
        let digest = tokenize(sql.as_bytes(), LexMode::default()).unwrap();
        let edits = edits(Tokens::new(sql.as_bytes(), &digest));
        edits.map(|e| (e.token, e.tokens, e.with)).collect()
    }

    #[test]
    fn the_client_is_named_where_an_expression_asks() {
        use Replacement::{Account, Role, RoleOrName, User};
        let cases = [
            ("SELECT user(), `user`()", vec![(1, 3, User)]),
            ("SELECT CURRENT_USER", vec![(1, 1, Account)]),
            ("SELECT `current_role`()", vec![(1, 3, Role)]),
            ("SELECT current_role", vec![(1, 1, RoleOrName)]),
            ("SELECT t.current_role, 'CURRENT_ROLE()' FROM t", vec![]),
            ("CREATE VIEW v AS SELECT CURRENT_ROLE()", vec![]),
            ("(SELECT Current_User())", vec![(2, 3, Account)]),
            ("SELECT user, 'USER()' FROM user", vec![]),
            ("SELECT t.current_user, s.user() FROM t", vec![]),
            ("INSERT INTO user () VALUES ()", vec![]),
            (
                "INSERT IGNORE user () VALUES (SYSTEM_USER())",
                vec![(7, 3, User)],
            ),
            ("SET @a = SESSION_USER()", vec![(3, 3, User)]),
            ("SET PASSWORD FOR CURRENT_USER() = 'x'", vec![]),
            ("SET DEFAULT ROLE ALL TO CURRENT_USER", vec![]),
            ("CREATE VIEW v AS SELECT USER()", vec![]),
            ("CREATE DEFINER = CURRENT_USER VIEW v AS SELECT 1", vec![]),
            ("CREATE TABLE t (a TEXT DEFAULT (USER()))", vec![]),
            (
                "CREATE TABLE t (a TEXT DEFAULT (USER())) SELECT USER()",
                vec![(14, 3, User)],
            ),
            ("ALTER USER CURRENT_USER() IDENTIFIED BY 'x'", vec![]),
            ("SHOW GRANTS FOR CURRENT_USER", vec![]),
        ];
        for (sql, expected) in cases {
            assert_eq!(found(sql), expected, "{sql}");
        }
    }
}
