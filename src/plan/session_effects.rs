//! What a statement leaves on its connection, and what it needs of what others left there.

use super::PinReason;
use super::defined::Called;
use super::functions::Calls;
use crate::parse::{Effects, TokenKind, Tokens, system_variable};

/// Why the session must keep its connection after the statement.
///
/// `counts`: it [shows counts](shows_counts).
pub fn pin(
    tokens: &Tokens<'_>,
    effects: &Effects,
    calls: &Calls<'_>,
    counts: bool,
) -> Option<PinReason> {
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
    if effects.user_lock && Called::of(*tokens) == Called::Now {
        return Some(PinReason::UserLock);
    }
    if calls.keeps_state() {
        return Some(PinReason::Routine);
    }
    if starts("SET") && has_name(tokens, &PROFILES) {
        return Some(PinReason::Profile);
    }
    // LOAD DATA: fields may go into variables.
    (effects.assigns_user_variable || starts("LOAD") && effects.uses_user_variable)
        .then_some(PinReason::UserVariable)
        .or(calls.leaves_variables().then_some(PinReason::CodeVariable))
        // The weakest: what others find on the connection does not depend on it.
        .or(counts.then_some(PinReason::Status))
}

/// Whether the statement uses what earlier ones left on one connection, besides user variables. `counts`: as for
/// [`pin`].
pub fn is_tied(tokens: &Tokens<'_>, effects: &Effects, calls: &Calls<'_>, counts: bool) -> bool {
    const VERBS: [&str; 3] = ["HANDLER", "CALL", "XA"];
    effects.user_lock
        || effects.temporary_table
        || calls.keeps_state()
        || shows_profiles(tokens)
        || counts
        || VERBS.iter().any(|verb| tokens.begins(&[verb]))
}

/// Variables that make a connection remember statements.
const PROFILES: [&str; 2] = ["profiling", "optimizer_trace"];

/// Whether the statement shows what its connection remembers of others.
fn shows_profiles(tokens: &Tokens<'_>) -> bool {
    // The tables of information_schema are called like the variables.
    tokens.begins(&["SHOW", "PROFILE"])
        || tokens.begins(&["SHOW", "PROFILES"])
        || has_name(tokens, &PROFILES)
}

/// What servers count for each connection, as the names of status variables begin.
const COUNTED: [&str; 17] = [
    "bytes_",
    "com_",
    "created_tmp_",
    "empty_queries",
    "executed_",
    "feature_",
    "handler_",
    "last_query_",
    "max_execution_time_",
    "max_statement_time_",
    "opened_",
    "questions",
    "rows_",
    "select_",
    "slow_queries",
    "sort_",
    "table_open_cache_",
];

/// Whether the statement shows how much its connection has done: SHOW STATUS of what servers count like that.
/// `current`: the session's schema.
pub fn shows_counts(tokens: &Tokens<'_>, current: Option<&str>) -> bool {
    let at = [
        &["SHOW", "STATUS"][..],
        &["SHOW", "SESSION", "STATUS"],
        &["SHOW", "LOCAL", "STATUS"],
    ]
    .into_iter()
    .find(|words| tokens.begins(words))
    .map(<[_]>::len);
    let Some(at) = at else {
        return (0..tokens.len()).any(|at| is_session_status(tokens, at, current));
    };
    if !tokens.is_word(at, "LIKE") {
        return true;
    }
    let pattern = String::from_utf8_lossy(tokens.text(at + 1)).to_ascii_lowercase();
    let pattern = pattern.trim_matches(['\'', '"']).replace("\\_", "_");
    let sure = pattern.split('%').next().unwrap_or_default();
    // `_` stands for itself in nearly every pattern.
    COUNTED
        .iter()
        .any(|name| name.starts_with(sure) || sure.starts_with(name))
}

/// Whether the name at a token is that of the servers' table, and not of a column or a table of others.
fn is_session_status(tokens: &Tokens<'_>, at: usize, current: Option<&str>) -> bool {
    const SCHEMAS: [&str; 2] = ["performance_schema", "information_schema"];
    let is_schema = |name: &str| SCHEMAS.iter().any(|s| s.eq_ignore_ascii_case(name));
    let name = tokens.name(at);
    if !name.is_some_and(|name| name.eq_ignore_ascii_case("session_status")) {
        return false;
    }
    let is_dot = |at: &usize| tokens.kind(*at) == Some(TokenKind::Dot);
    match tokens.before(at).filter(is_dot) {
        Some(dot) => {
            let schema = tokens.before(dot).and_then(|at| tokens.name(at));
            schema.is_some_and(|schema| is_schema(&schema))
        }
        None => current.is_some_and(is_schema),
    }
}

/// Whether a name in the statement, also one of a system variable, is one of those.
fn has_name(tokens: &Tokens<'_>, names: &[&str]) -> bool {
    (0..tokens.len()).any(|at| {
        let variable = || system_variable(tokens, at).map(|variable| variable.name);
        let name = tokens.name(at).or_else(variable);
        name.is_some_and(|name| names.iter().any(|known| name.eq_ignore_ascii_case(known)))
    })
}

/// Whether only the server knows what LAST_INSERT_ID() and FOUND_ROWS() give afterwards.
pub fn leaves_counts(tokens: &Tokens<'_>, effects: &Effects) -> bool {
    // The answers to LOAD DATA and CALL tell no insert id.
    let silent = tokens.begins(&["LOAD"]) || tokens.begins(&["CALL"]);
    effects.calc_found_rows || effects.sets_last_insert_id || silent
}

/// Whether the statement reads the session's LAST_INSERT_ID(), as function or as variable.
pub fn needs_last_insert_id(tokens: &Tokens<'_>, effects: &Effects, calls: &Calls<'_>) -> bool {
    let is_insert_id = |at: &usize| {
        let variable = system_variable(tokens, *at);
        variable.is_some_and(|variable| ["last_insert_id", "identity"].contains(&&*variable.name))
    };
    let lists = tokens.begins(&["SHOW"]) && has_name(tokens, &["variables"]);
    lists
        || calls.reads_last_insert_id()
        || has_name(tokens, &["session_variables"])
        || !effects.last_insert_id.is_empty()
        || effects.system_variables.iter().any(is_insert_id)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse::{LexMode, effects, tokenize};

    #[test]
    fn the_strongest_reason_ties_the_session() {
        use PinReason::{Profile, Status, UserVariable};
        let of_table = "SELECT VARIABLE_VALUE INTO @v FROM performance_schema.session_status";
        let cases = [
            (None, "SHOW STATUS LIKE 'Questions'", Some(Status)),
            (
                None,
                "SELECT * FROM performance_schema.session_status",
                Some(Status),
            ),
            (
                None,
                "SELECT * FROM `information_schema` . `SESSION_STATUS`",
                Some(Status),
            ),
            (
                None,
                "SELECT * FROM performance_schema./*!50000 session_status */",
                Some(Status),
            ),
            (
                Some("Performance_Schema"),
                "TABLE session_status",
                Some(Status),
            ),
            (Some("shop"), "SELECT session_status FROM logins", None),
            (None, "SELECT l.session_status FROM logins l", None),
            (Some("shop"), "SELECT * FROM shop.session_status", None),
            (None, "SELECT 'session_status'", None),
            (None, of_table, Some(UserVariable)),
            (
                None,
                "SET @a = (SELECT COUNT(*) FROM performance_schema.session_status)",
                Some(UserVariable),
            ),
            (
                None,
                "SET profiling = (SELECT 1 FROM performance_schema.session_status)",
                Some(Profile),
            ),
        ];
        for (current, sql, expected) in cases {
            let digest = tokenize(sql.as_bytes(), LexMode::default()).unwrap();
            let tokens = Tokens::new(sql.as_bytes(), &digest);
            let (effects, calls) = (effects(&tokens), Calls::default());
            let counts = shows_counts(&tokens, current);
            assert_eq!(pin(&tokens, &effects, &calls, counts), expected, "{sql}");
            let tied = is_tied(&tokens, &effects, &calls, counts);
            let uses = effects.uses_user_variable || tied;
            assert_eq!(uses, expected.is_some(), "{sql}");
        }
    }
}
