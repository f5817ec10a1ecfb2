//! What a statement leaves on its connection, and what it needs of what others left there.

use super::PinReason;
use crate::parse::{Effects, Tokens};

/// Why the session must keep its connection after the statement.
pub fn pin(tokens: &Tokens<'_>, effects: &Effects) -> Option<PinReason> {
    let starts = |word: &str| tokens.is_word(0, word);
    if effects.temporary_table && starts("CREATE") {
        return Some(PinReason::TemporaryTable);
    }
    if starts("LOCK") && (tokens.is_word(1, "TABLES") || tokens.is_word(1, "TABLE")) {
        return Some(PinReason::TableLock);
    }
    let verbs = [
        ("PREPARE", PinReason::PreparedText),
        ("HANDLER", PinReason::Handler),
        ("CALL", PinReason::Routine),
    ];
    if let Some((_, reason)) = verbs.iter().find(|(verb, _)| starts(verb)) {
        return Some(*reason);
    }
    if effects.user_lock {
        return Some(PinReason::UserLock);
    }
    effects
        .assigns_user_variable
        .then_some(PinReason::UserVariable)
}

/// Whether the statement uses what earlier ones left on one connection.
pub fn uses_pinned_state(tokens: &Tokens<'_>, effects: &Effects) -> bool {
    const VERBS: [&str; 5] = ["EXECUTE", "DEALLOCATE", "HANDLER", "UNLOCK", "CALL"];
    effects.uses_user_variable
        || effects.user_lock
        || effects.temporary_table
        || VERBS.iter().any(|verb| tokens.is_word(0, verb))
}
