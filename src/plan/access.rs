//! Whether a statement only reads.

use super::Access;
use super::words::{has_words, is_call};
use crate::parse::ast::{Ast, AstKind};
use crate::parse::{TokenKind, Tokens};

/// Functions that change something, or must run where the session's writes run.
const UNSAFE: [&str; 11] = [
    "GET_LOCK",
    "RELEASE_LOCK",
    "RELEASE_ALL_LOCKS",
    "IS_FREE_LOCK",
    "IS_USED_LOCK",
    "LAST_INSERT_ID",
    "MASTER_POS_WAIT",
    "SOURCE_POS_WAIT",
    "WAIT_FOR_EXECUTED_GTID_SET",
    "LOAD_FILE",
    "SLEEP",
];

/// Read only where that is certain: a plain SELECT. What it calls is the caller's to know.
pub fn access(ast: Option<&Ast>, tokens: Tokens<'_>) -> Access {
    let plain = ast.is_some_and(|ast| ast.kind == AstKind::Select)
        && !has_words(tokens, &["FOR", "UPDATE"])
        && !has_words(tokens, &["FOR", "SHARE"])
        && !has_words(tokens, &["LOCK", "IN"])
        && !has_words(tokens, &["INTO"])
        && !(0..tokens.len()).any(|at| {
            tokens.is_symbol(at, ":=")
                || tokens.kind(at) == Some(TokenKind::VersionOpen)
                || UNSAFE.iter().any(|name| is_call(tokens, at, name))
        });
    if plain { Access::Read } else { Access::Write }
}
