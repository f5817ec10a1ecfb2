//! Which full-text searches mean the same on rows of several shards as on all rows.
//!
//! In: the AST and tokens of a statement. Out: nothing, or the reason ([`Inexact`]) why not. Whether a
//! row matches depends on the row and the text alone, in boolean mode always, in natural language mode
//! for InnoDB. How relevant it is depends on how many rows have its words: what shows, compares or
//! orders by that needs all rows in one place, under one index.

use super::resolve::{Resolved, Resolver};
use crate::parse::ast::{Ast, AstKind, Block, BlockRole, TableSource};
use crate::parse::{Search, SearchMode, TokenKind, Tokens, searches};

/// Why a search is not exact; the end of a sentence for people.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Inexact {
    /// More than whether a row matches.
    #[error(
        "the relevance of MATCH … AGAINST, which depends on the rows of all shards (whether a row \
         matches does not: in WHERE or ON, beside AND, OR and NOT)"
    )]
    Relevance,
    /// The words of the most relevant rows are sought too.
    #[error(
        "MATCH … AGAINST WITH QUERY EXPANSION, whose words depend on the relevance of the rows of all \
         shards"
    )]
    Expansion,
    /// The most relevant rows come first, says the manual.
    #[error(
        "MATCH … AGAINST in natural language mode without ORDER BY, where rows come by their relevance, \
         which depends on the rows of all shards (IN BOOLEAN MODE promises no order)"
    )]
    Order,
    /// A word that half of the rows have finds nothing.
    #[error(
        "MATCH … AGAINST in natural language mode on tables that are not known to be InnoDB's: others \
         do not find words that half of all rows have (IN BOOLEAN MODE they do)"
    )]
    Threshold,
}

/// Refuses the searches that the rows of one shard answer in another way than all rows would.
///
/// # Errors
/// The first one's reason.
pub fn check(ast: &Ast, tokens: Tokens<'_>, resolver: Resolver<'_>) -> Result<(), Inexact> {
    let all = searches(tokens).ok_or(Inexact::Relevance)?;
    for search in &all {
        if search.mode == SearchMode::Expansion {
            return Err(Inexact::Expansion);
        }
        if !is_condition(tokens, search.tokens.clone()) {
            return Err(Inexact::Relevance);
        }
        if search.mode == SearchMode::Natural {
            if !is_innodb(ast, resolver) {
                return Err(Inexact::Threshold);
            }
            let block = block_of(ast, tokens, search).ok_or(Inexact::Order)?;
            if shows_order(ast, block) {
                return Err(Inexact::Order);
            }
        }
    }
    Ok(())
}

/// Words before a condition.
const BEFORE: [&str; 6] = ["WHERE", "ON", "AND", "OR", "XOR", "NOT"];

/// Words and marks behind a condition.
const BEHIND: [&str; 26] = [
    "AND",
    "OR",
    "XOR",
    "WHERE",
    "GROUP",
    "HAVING",
    "WINDOW",
    "ORDER",
    "LIMIT",
    "PROCEDURE",
    "FOR",
    "LOCK",
    "INTO",
    "UNION",
    "EXCEPT",
    "INTERSECT",
    "MINUS",
    "JOIN",
    "INNER",
    "CROSS",
    "LEFT",
    "RIGHT",
    "NATURAL",
    "STRAIGHT_JOIN",
    "ON",
    "SET",
];

/// Whether nothing is asked of the value of these tokens but whether it is true.
fn is_condition(tokens: Tokens<'_>, mut value: std::ops::Range<usize>) -> bool {
    loop {
        let Some(before) = value.start.checked_sub(1) else {
            return false;
        };
        let behind = value.end;
        let is = |at: usize, words: &[&str]| words.iter().any(|word| tokens.is_word(at, word));
        let asked = is(before, &BEFORE) && !is_bound(tokens, before)
            || ["&&", "!"].iter().any(|s| tokens.is_symbol(before, s));
        let joined = tokens.is_symbol(behind, "&&") || is(behind, &["AND", "OR", "XOR"]);
        let opens = tokens.kind(before) == Some(TokenKind::Open);
        let closes = tokens.kind(behind) == Some(TokenKind::Close);
        let comma = tokens.kind(behind) == Some(TokenKind::Comma);
        if opens && closes {
            // In parentheses of its own, or a function's.
            value = before..behind + 1;
            continue;
        }
        let called = before.checked_sub(1).is_some_and(|at| is(at, &["IF"]));
        return match asked {
            true => joined || closes || comma || behind == tokens.len() || is(behind, &BEHIND),
            false => opens && (joined || comma && called),
        };
    }
}

/// Whether an AND is that of BETWEEN.
fn is_bound(tokens: Tokens<'_>, and: usize) -> bool {
    let depth = |at: usize| tokens.get(at).map(|token| token.depth);
    if !tokens.is_word(and, "AND") {
        return false;
    }
    let mut before = (0..and).rev().take_while(|at| depth(*at) >= depth(and));
    let last = before.find(|at| {
        let words = ["AND", "OR", "XOR", "BETWEEN", "WHERE", "ON"];
        depth(*at) == depth(and) && words.iter().any(|word| tokens.is_word(*at, word))
    });
    last.is_some_and(|at| tokens.is_word(at, "BETWEEN"))
}

/// Whether all tables whose rows are on several shards are InnoDB's.
fn is_innodb(ast: &Ast, resolver: Resolver<'_>) -> bool {
    ast.tables().all(|(_, table)| {
        let TableSource::Named { schema, name, .. } = &table.source else {
            return true;
        };
        let Ok(Resolved::Sharded(id, ..)) = resolver.table(schema.as_deref(), name) else {
            // All of its rows are on every server that has any.
            return true;
        };
        let Some(definition) = resolver.topology.definition(id) else {
            return false;
        };
        let searched = definition.indexes.iter().any(|index| index.full_text);
        let engine = definition.engine.as_deref();
        !searched || engine.is_some_and(|engine| engine.eq_ignore_ascii_case("InnoDB"))
    })
}

/// The block in whose clauses a search stands.
fn block_of<'a>(ast: &'a Ast, tokens: Tokens<'_>, search: &Search) -> Option<&'a Block> {
    let mut outside = u16::MAX;
    for at in (0..search.tokens.start).rev() {
        outside = outside.min(tokens.get(at)?.depth);
        if tokens.get(at)?.depth == outside && tokens.is_word(at, "SELECT") {
            return ast.blocks.iter().find(|block| block.select == Some(at));
        }
    }
    ast.blocks.first()
}

/// Whether somebody sees in which order the rows of a block come.
fn shows_order(ast: &Ast, block: &Block) -> bool {
    let head = ast.blocks.get(block.head).unwrap_or(block);
    let shown = ast.kind == AstKind::Select && block.role == BlockRole::Statement;
    let grouped = block.group_by || block.aggregates;
    !grouped && !block.order_by && !head.order_by && (shown || block.limit || head.limit)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse::{LexMode, tokenize};

    fn is_condition_of(text: &str) -> bool {
        let digest = tokenize(text.as_bytes(), LexMode::default()).unwrap();
        let tokens = Tokens::new(text.as_bytes(), &digest);
        let all = searches(tokens).unwrap();
        assert!(!all.is_empty(), "{text}");
        all.iter()
            .all(|search| is_condition(tokens, search.tokens.clone()))
    }

    #[test]
    fn whether_a_row_matches_is_told_from_how_well() {
        const MATCH: &str = "MATCH (a, t.b) AGAINST ('x' IN BOOLEAN MODE)";
        for text in [
            "WHERE %",
            "WHERE (%)",
            "WHERE ((%) OR b = 1)",
            "WHERE NOT % AND b",
            "WHERE ! %",
            "WHERE b && % ORDER BY b",
            "WHERE a BETWEEN 1 AND 2 AND %",
            "WHERE b IN (1, 2) XOR % LIMIT 3",
            "JOIN u ON % LEFT JOIN v ON % AND v.a = 1, w",
            "WHERE % AND %",
        ] {
            let text = format!("SELECT a FROM t {text}").replace('%', MATCH);
            assert!(is_condition_of(&text), "{text}");
        }
        let counted = format!("SELECT COUNT(IF({MATCH}, 1, NULL)), b AND {MATCH} FROM t");
        assert!(
            !is_condition_of(&counted),
            "what follows is no condition's end"
        );
        assert!(is_condition_of(
            &counted
                .replace("b AND", "(b AND")
                .replace(" FROM", ") FROM")
        ));
        for text in [
            "SELECT % FROM t",
            "SELECT a, (%) FROM t",
            "SELECT SUM(%) FROM t",
            "SELECT IF(a, %, 1) FROM t",
            "SELECT a FROM t WHERE % > 0.5",
            "SELECT a FROM t WHERE NOT % > 0.5",
            "SELECT a FROM t WHERE 1 < %",
            "SELECT a FROM t WHERE (%) > 1",
            "SELECT a FROM t WHERE a BETWEEN 1 AND %",
            "SELECT a FROM t WHERE a IN (%)",
            "SELECT a FROM t WHERE % + 1 AND b",
            "SELECT a FROM t WHERE b ORDER BY %",
            "SELECT a FROM t WHERE b GROUP BY %",
            "SELECT a FROM t WHERE % || a",
            "SELECT a FROM t WHERE a HAVING %",
        ] {
            assert!(!is_condition_of(&text.replace('%', MATCH)), "{text}");
        }
    }
}
