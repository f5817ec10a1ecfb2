//! Whether a statement only reads, and whether another server than the primary may answer it.

use super::Access;
use super::functions::Calls;
use super::resolve::{Resolved, Resolver};
use super::words::{has_words, index_hint, is_call};
use crate::parse::ast::{Ast, AstKind, TableRef, TableSource};
use crate::parse::{TokenKind, Tokens, effects};

/// Functions that change something, or must run where the session's writes run.
const UNSAFE: [&str; 10] = [
    "GET_LOCK",
    "RELEASE_LOCK",
    "RELEASE_ALL_LOCKS",
    "IS_FREE_LOCK",
    "IS_USED_LOCK",
    "MASTER_POS_WAIT",
    "SOURCE_POS_WAIT",
    "WAIT_FOR_EXECUTED_GTID_SET",
    "LOAD_FILE",
    "SLEEP",
];

/// Read only where that is certain: a plain SELECT. What it calls is the caller's to know.
pub fn access(ast: Option<&Ast>, tokens: Tokens<'_>) -> Access {
    match changes_nothing(ast, tokens) && !locks(tokens) {
        true => Access::Read,
        false => Access::Write,
    }
}

/// Whether a statement reads and locks what it reads, and does nothing else.
pub fn is_locking_read(ast: Option<&Ast>, tokens: Tokens<'_>) -> bool {
    changes_nothing(ast, tokens) && locks(tokens)
}

/// Whether a statement reads, locks nothing, and stores what it reads in user variables.
pub fn is_stored_in_variables(ast: Option<&Ast>, tokens: Tokens<'_>) -> bool {
    let into = |at: &usize| tokens.is_word(*at, "INTO");
    let variable = |at: usize| tokens.kind(at + 1) == Some(TokenKind::UserVariable);
    let mut targets = (0..tokens.len()).filter(into);
    changes_nothing_but(ast, tokens)
        && !locks(tokens)
        && targets.all(variable)
        && (!assigns(tokens) || ast.is_some_and(|ast| assigns_totals(ast, tokens)))
}

/// Whether all that it assigns are values of its only row: `SELECT @n := COUNT(*), @m := MAX(a) FROM t`.
fn assigns_totals(ast: &Ast, tokens: Tokens<'_>) -> bool {
    let [block] = ast.blocks.as_slice() else {
        return false;
    };
    let outside = |at: usize| tokens.get(at).is_some_and(|token| token.depth == 0);
    let begins_item =
        |at: usize| tokens.is_word(at, "SELECT") || tokens.kind(at) == Some(TokenKind::Comma);
    let from = (0..tokens.len()).find(|at| outside(*at) && tokens.is_word(*at, "FROM"));
    let is_item = |at: usize| {
        let variable = tokens.before(at);
        let first = variable.and_then(|at| tokens.before(at));
        outside(at) && first.is_some_and(begins_item) && from.is_some_and(|from| at < from)
    };
    let mut assignments = (0..tokens.len()).filter(|at| tokens.is_symbol(*at, ":="));
    block.aggregates && !block.group_by && !block.windows && assignments.all(is_item)
}

fn locks(tokens: Tokens<'_>) -> bool {
    let clauses = [["FOR", "UPDATE"], ["FOR", "SHARE"], ["LOCK", "IN"]];
    clauses.iter().any(|words| has_words(tokens, words))
}

fn changes_nothing(ast: Option<&Ast>, tokens: Tokens<'_>) -> bool {
    changes_nothing_but(ast, tokens) && !has_words(tokens, &["INTO"]) && !assigns(tokens)
}

fn assigns(tokens: Tokens<'_>) -> bool {
    (0..tokens.len()).any(|at| tokens.is_symbol(at, ":="))
}

/// The same of all but where its rows and values go.
fn changes_nothing_but(ast: Option<&Ast>, tokens: Tokens<'_>) -> bool {
    ast.is_some_and(|ast| ast.kind == AstKind::Select)
        && !(0..tokens.len()).any(|at| {
            tokens.kind(at) == Some(TokenKind::VersionOpen) && !is_advice(tokens, at)
                || UNSAFE.iter().any(|name| is_call(tokens, at, name))
                || sets_last_insert_id(tokens, at)
        })
}

/// What keeps a SELECT that is no read from being answered by several shards, as words of the statement, and
/// what can be said instead.
pub fn only_once(tokens: Tokens<'_>, calls: &Calls<'_>) -> Option<(String, &'static str)> {
    const ALONE: &str = "each server would call it for its own rows: call it in a statement without tables, or say \
                         with literals which sharding keys the statement is about, all on one shard";
    let mut all = 0..tokens.len();
    let found = all.find_map(|at| {
        let called = UNSAFE.iter().find(|name| is_call(tokens, at, name));
        if let Some(name) = called {
            return Some((format!("{name}()"), ALONE));
        }
        if sets_last_insert_id(tokens, at) {
            return Some(("LAST_INSERT_ID() with an argument".to_owned(), ALONE));
        }
        if tokens.is_symbol(at, ":=") {
            let instead = "each server would assign for its own rows: window functions, and SELECT … INTO \
                           @variable, work over several shards";
            return Some(("the assignment to a user variable (:=)".to_owned(), instead));
        }
        if tokens.kind(at) == Some(TokenKind::VersionOpen) && !is_advice(tokens, at) {
            let instead = "servers may differ in whether they read it: write what is in it without the comment";
            return Some(("a version comment (/*! … */)".to_owned(), instead));
        }
        None
    });
    let called = || {
        let name = calls.unknown()?;
        let instead = "it may be an aggregate, or write: say with literals which sharding keys the statement is \
                       about, all on one shard";
        Some((
            format!("'{name}', which is no function that the proxy knows,"),
            instead,
        ))
    };
    let locked = || {
        let instead =
            "lock them with a statement of its own, and store what one without locks reads";
        let what = "FOR UPDATE, FOR SHARE or LOCK IN SHARE MODE with INTO";
        locks(tokens).then(|| (what.to_owned(), instead))
    };
    let stored = || {
        let instead = "each server would write a file of its own: have the client write it";
        has_words(tokens, &["INTO"]).then(|| ("INTO OUTFILE or DUMPFILE".to_owned(), instead))
    };
    found.or_else(called).or_else(locked).or_else(stored)
}

/// Whether `LAST_INSERT_ID(expression)` stands here. Without an argument it only tells the session's value.
fn sets_last_insert_id(tokens: Tokens<'_>, at: usize) -> bool {
    is_call(tokens, at, "LAST_INSERT_ID") && tokens.kind(at + 2) != Some(TokenKind::Close)
}

/// Words that tell the server how to find the rows, and change nothing about which they are.
const ADVICE: [&str; 6] = [
    "SQL_NO_CACHE",
    "SQL_CACHE",
    "SQL_SMALL_RESULT",
    "SQL_BIG_RESULT",
    "SQL_BUFFER_RESULT",
    "STRAIGHT_JOIN",
];

/// Whether the version comment here holds nothing but advice, such as `/*!40001 SQL_NO_CACHE */`,
/// which every dump has, or an index hint. Whether all servers follow it, the parser has to say.
fn is_advice(tokens: Tokens<'_>, open: usize) -> bool {
    let closes = |at: &usize| tokens.kind(*at) == Some(TokenKind::VersionClose);
    let Some(close) = (open + 1..tokens.len()).find(closes) else {
        return false;
    };
    let mut at = open + 1;
    while at < close {
        at = match index_hint(tokens, at) {
            Some(end) => end + 1,
            None if ADVICE.iter().any(|word| tokens.is_word(at, word)) => at + 1,
            None => return false,
        };
    }
    at == close
}

/// Functions whose value is their server's or their connection's own.
const OF_THE_SERVER: [&str; 7] = [
    "UUID_SHORT",
    "CONNECTION_ID",
    "ROW_COUNT",
    "ICU_VERSION",
    "VERSION",
    "PS_CURRENT_THREAD_ID",
    "PS_THREAD_ID",
];

/// Whether a replica may answer a statement that only reads: where the answer depends on nothing
/// but the tables of schemas.
pub fn is_replicable(ast: Option<&Ast>, tokens: Tokens<'_>, resolver: Resolver<'_>) -> bool {
    let effects = effects(&tokens);
    let of_the_session = effects.uses_user_variable
        || effects.calc_found_rows
        || effects.sets_last_insert_id
        || effects.user_lock
        || effects.locking_read
        || effects.temporary_table
        || !effects.last_insert_id.is_empty()
        || !effects.system_variables.is_empty();
    let of_the_server =
        || (0..tokens.len()).any(|at| OF_THE_SERVER.iter().any(|name| is_call(tokens, at, name)));
    let of_a_schema = |table: &TableRef| match &table.source {
        TableSource::Named { schema, name, .. } => {
            let found = resolver.table(schema.as_deref(), name);
            !matches!(found, Err(_) | Ok(Resolved::System))
        }
        TableSource::Cte { .. } | TableSource::Derived(_) | TableSource::Other => true,
    };
    ast.is_some_and(|ast| {
        ast.tables().next().is_some() && ast.tables().all(|(_, table)| of_a_schema(table))
    }) && !of_the_session
        && !of_the_server()
}
