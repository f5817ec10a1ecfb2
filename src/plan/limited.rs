//! UPDATE and DELETE with LIMIT on several data nodes.
//!
//! In: the tokens of a statement on one sharded table. Out: a [`Limited`], which says where the number of
//! rows stands. With ORDER BY, [`choosing`] makes the locking SELECT whose merged rows tell how many of
//! those that come first each node has.

use std::ops::Range;

use super::words::is_reserved;
use super::write::{WriteReason, is_ignoring};
use super::{Request, build};
use crate::parse::ast::{Ast, AstKind};
use crate::parse::{TokenKind, Tokens, tokenize};

/// UPDATE or DELETE with LIMIT: all nodes together change no more rows than it says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limited {
    /// Token of the number of rows.
    pub count: u32,
    /// ORDER BY says which rows.
    pub ordered: bool,
    /// UPDATE: LIMIT counts rows found, whether they change or not.
    pub updates: bool,
    /// IGNORE: an UPDATE counts not those that a CHECK leaves out; a DELETE may leave out none.
    pub ignores: bool,
}

/// The locking SELECT of the rows that a statement will change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choosing {
    /// Its text.
    pub sql: Vec<u8>,
    /// The pieces of the statement that it has, as byte offsets, in its order.
    pub pieces: [Range<usize>; 2],
}

/// What [`choosing`] begins with; the number stands for the data node.
pub const CHOOSING: &str = "SELECT 0";

/// Plans a statement that has a LIMIT.
///
/// # Errors
/// The nodes together might change another number of rows.
pub(super) fn plan(ast: &Ast, tokens: Tokens<'_>) -> Result<Limited, WriteReason> {
    let alone = ast.blocks.first().filter(|block| block.tables.len() == 1);
    alone.ok_or(WriteReason::Limit)?;
    let count = count(tokens).ok_or(WriteReason::Limit)?;
    Ok(Limited {
        count: u32::try_from(count).map_err(|_| WriteReason::Limit)?,
        ordered: (0..count).any(|at| is_own(tokens, at, &["ORDER"])),
        updates: ast.kind == AstKind::Update,
        ignores: is_ignoring(tokens),
    })
}

/// Whether the nodes' rows can be brought into the statement's order.
///
/// # Errors
/// Why not.
pub(super) fn check_order(request: &Request<'_>) -> Result<(), WriteReason> {
    let text = choosing(request.tokens).ok_or(WriteReason::Limit)?.sql;
    let digest = tokenize(&text, request.mode).map_err(|_| WriteReason::Limit)?;
    let tokens = Tokens::new(&text, &digest);
    let plan = build(&Request { tokens, ..*request });
    match plan.scatter {
        // Else the session's own `sql_select_limit` would come in between.
        Some(Ok(scatter)) if scatter.nodes_limit => Ok(()),
        Some(Err(reason)) => Err(WriteReason::Order(reason)),
        Some(Ok(_)) | None => Err(WriteReason::Limit),
    }
}

/// The token of the number that ends the statement, behind LIMIT.
fn count(tokens: Tokens<'_>) -> Option<usize> {
    let last = tokens.len().checked_sub(1)?;
    let limit = last.checked_sub(1)?;
    let number = tokens.kind(last) == Some(TokenKind::Literal);
    (number && is_reserved(tokens, limit, &["LIMIT"])).then_some(last)
}

/// Whether a clause of the statement itself begins with one of these words here.
fn is_own(tokens: Tokens<'_>, at: usize, words: &[&str]) -> bool {
    tokens.get(at).is_some_and(|token| token.depth == 0) && is_reserved(tokens, at, words)
}

/// The locking SELECT of the rows that an UPDATE or DELETE of one table will change, in its order.
/// `None`: the statement is of another form.
pub fn choosing(tokens: Tokens<'_>) -> Option<Choosing> {
    let versioned = |at| tokens.get(at).is_none_or(|token| token.versioned);
    if (0..tokens.len()).any(versioned) {
        return None;
    }
    let find = |from, words: &[&str]| (from..tokens.len()).find(|at| is_own(tokens, *at, words));
    let (table, end) = if tokens.begins(&["UPDATE"]) {
        let modifiers = ["LOW_PRIORITY", "IGNORE", "UPDATE"];
        let is_modifier = |at: &usize| {
            tokens.kind(*at) == Some(TokenKind::Hint)
                || modifiers.iter().any(|word| tokens.is_word(*at, word))
        };
        let first = (0..tokens.len()).find(|at| !is_modifier(at))?;
        (first, find(first, &["SET"])?)
    } else if tokens.begins(&["DELETE"]) {
        let first = find(0, &["FROM"])? + 1;
        (first, find(first, &["WHERE", "ORDER", "LIMIT"])?)
    } else {
        return None;
    };
    let tail = find(end, &["WHERE", "ORDER", "LIMIT"])?;
    let piece = |first: usize, last: usize| {
        let (first, last) = (tokens.get(first)?, tokens.get(last)?);
        Some(first.start as usize..last.end as usize)
    };
    let pieces = [
        piece(table, end.checked_sub(1)?)?,
        piece(tail, tokens.len().checked_sub(1)?)?,
    ];
    let [source, rest] = pieces.clone();
    let mut sql = format!("{CHOOSING} AS `shardwell node` FROM ").into_bytes();
    sql.extend_from_slice(tokens.sql().get(source)?);
    sql.push(b' ');
    sql.extend_from_slice(tokens.sql().get(rest)?);
    sql.extend_from_slice(b" FOR UPDATE");
    Some(Choosing { sql, pieces })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse::LexMode;

    #[test]
    fn rows_are_chosen_by_the_statements_own_words() {
        let cases = [
            (
                "UPDATE LOW_PRIORITY IGNORE `items` AS i /* x */ SET a = 1 WHERE a > 2 ORDER BY b LIMIT 3",
                Some(
                    "SELECT 0 AS `shardwell node` FROM `items` AS i WHERE a > 2 ORDER BY b LIMIT 3 FOR UPDATE",
                ),
            ),
            (
                "/* one */ DELETE QUICK FROM shop.items ORDER BY a DESC LIMIT 3 -- two",
                Some(
                    "SELECT 0 AS `shardwell node` FROM shop.items ORDER BY a DESC LIMIT 3 FOR UPDATE",
                ),
            ),
            (
                "UPDATE items SET a = (SELECT 1 WHERE 2 = 2 ORDER BY 1) ORDER BY b LIMIT 3",
                Some("SELECT 0 AS `shardwell node` FROM items ORDER BY b LIMIT 3 FOR UPDATE"),
            ),
            ("UPDATE items SET a = 1 /*! ORDER BY a */ LIMIT 3", None),
            ("WITH x AS (SELECT 1) DELETE FROM items LIMIT 3", None),
        ];
        for (sql, expected) in cases {
            let digest = tokenize(sql.as_bytes(), LexMode::default()).unwrap();
            let text = choosing(Tokens::new(sql.as_bytes(), &digest));
            for piece in text.iter().flat_map(|text| text.pieces.clone()) {
                let (piece, text) = (&sql[piece], expected.unwrap_or_default());
                assert!(text.contains(piece), "{sql}: {piece}");
            }
            let text = text.map(|text| String::from_utf8(text.sql).unwrap());
            assert_eq!(text.as_deref(), expected, "{sql}");
        }
    }
}
