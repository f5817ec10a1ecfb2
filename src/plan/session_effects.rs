//! What a statement leaves on its connection, and what it needs of what others left there.

use super::PinReason;
use super::functions::Calls;
use crate::parse::{Effects, TokenKind, Tokens};

/// Why the session must keep its connection after the statement.
pub fn pin(tokens: &Tokens<'_>, effects: &Effects, calls: &Calls<'_>) -> Option<PinReason> {
    let starts = |word: &str| tokens.begins(&[word]);
    if effects.temporary_table && starts("CREATE") {
        return Some(PinReason::TemporaryTable);
    }
    if tokens.begins(&["LOCK", "TABLES"]) || tokens.begins(&["LOCK", "TABLE"]) {
        return Some(PinReason::TableLock);
    }
    let verbs = [
        ("HANDLER", PinReason::Handler),
        ("CALL", PinReason::Routine),
        ("XA", PinReason::Xa),
    ];
    if let Some((_, reason)) = verbs.iter().find(|(verb, _)| starts(verb)) {
        return Some(*reason);
    }
    if effects.user_lock {
        return Some(PinReason::UserLock);
    }
    if calls.keeps_state() {
        return Some(PinReason::Routine);
    }
    if starts("SET") && has_name(tokens, |name| PROFILES.contains(&name)) {
        return Some(PinReason::Profile);
    }
    // LOAD DATA: fields may go into variables.
    (effects.assigns_user_variable || starts("LOAD") && effects.uses_user_variable)
        .then_some(PinReason::UserVariable)
}

/// Whether the statement uses what earlier ones left on one connection.
pub fn uses_pinned_state(tokens: &Tokens<'_>, effects: &Effects, calls: &Calls<'_>) -> bool {
    const VERBS: [&str; 3] = ["HANDLER", "CALL", "XA"];
    effects.uses_user_variable
        || effects.user_lock
        || effects.temporary_table
        || calls.keeps_state()
        || shows_profiles(tokens)
        || VERBS.iter().any(|verb| tokens.begins(&[verb]))
}

/// Variables that make a connection remember statements.
const PROFILES: [&str; 2] = ["profiling", "optimizer_trace"];

/// Whether the statement shows what its connection remembers of others.
fn shows_profiles(tokens: &Tokens<'_>) -> bool {
    // The tables of information_schema are called like the variables.
    tokens.begins(&["SHOW", "PROFILE"])
        || tokens.begins(&["SHOW", "PROFILES"])
        || has_name(tokens, |name| PROFILES.contains(&name))
}

/// Whether a name in the statement, also one of a variable, is one of those.
fn has_name(tokens: &Tokens<'_>, among: impl Fn(&str) -> bool) -> bool {
    (0..tokens.len()).any(|at| {
        let text = String::from_utf8_lossy(tokens.text(at)).to_ascii_lowercase();
        let last = text.rsplit(['.', '@']).next().unwrap_or_default();
        among(last.trim_matches('`'))
    })
}

/// Whether only the server knows what LAST_INSERT_ID() and FOUND_ROWS() give afterwards.
pub fn leaves_counts(tokens: &Tokens<'_>, effects: &Effects) -> bool {
    // The answers to LOAD DATA and CALL tell no insert id.
    let silent = tokens.begins(&["LOAD"]) || tokens.begins(&["CALL"]);
    effects.calc_found_rows || effects.sets_last_insert_id || silent
}

/// Whether FOUND_ROWS() afterwards counts rows that the answer does not have: those that OFFSET of the
/// statement's own LIMIT leaves out.
pub fn skips_rows(tokens: &Tokens<'_>, effects: &Effects) -> bool {
    let outside = |at: &usize| tokens.get(*at).is_some_and(|token| token.depth == 0);
    let limit = |at: &usize| {
        let offset = tokens.kind(at + 2) == Some(TokenKind::Comma);
        tokens.is_word(*at, "LIMIT") && (offset || tokens.is_word(at + 2, "OFFSET"))
    };
    !effects.calc_found_rows && (0..tokens.len()).filter(outside).any(|at| limit(&at))
}

/// Whether the statement reads the session's LAST_INSERT_ID(), as function or as variable.
pub fn needs_last_insert_id(tokens: &Tokens<'_>, effects: &Effects) -> bool {
    let names = [&b"last_insert_id"[..], b"identity"];
    let is_variable = |at: &usize| {
        let parts = tokens.text(*at).rsplit(|b| matches!(b, b'.' | b'@'));
        let name = parts.map(<[u8]>::trim_ascii).next().unwrap_or_default();
        names.iter().any(|known| name.eq_ignore_ascii_case(known))
    };
    let lists = tokens.begins(&["SHOW"]) && has_name(tokens, |name| name == "variables");
    lists
        || has_name(tokens, |name| name == "session_variables")
        || !effects.last_insert_id.is_empty()
        || effects.system_variables.iter().any(is_variable)
}
