//! Parameters that MySQL announces and then does not describe.
//!
//! MySQL (8.0 to 9.7 at least) drops an item of ORDER BY inside GROUP_CONCAT that is nothing but a
//! parameter, and its description with it: behind COM_STMT_PREPARE it counts the parameter and sends
//! one definition less. Clients that were promised no EOF packet between the definitions, as
//! the proxy is, would wait for it for ever.

use super::words::{Item, are_words, is_call, items_between};
use crate::parse::{TokenKind, Tokens};

/// Whether a GROUP_CONCAT of the statement is ordered by a mere parameter.
pub fn has_undescribed_parameter(tokens: Tokens<'_>) -> bool {
    let calls = (0..tokens.len()).filter(|at| is_call(tokens, *at, "GROUP_CONCAT"));
    calls
        .filter_map(|call| order_items(tokens, call + 1))
        .any(|items| items.into_iter().any(|item| is_parameter(tokens, item)))
}

/// What stands behind ORDER BY within the parentheses that open here.
fn order_items(tokens: Tokens<'_>, open: usize) -> Option<Vec<Item>> {
    let outside = tokens.get(open)?.depth;
    let is_own = |at: usize| {
        tokens
            .get(at)
            .is_some_and(|token| token.depth == outside + 1)
    };
    let is_end = |at: &usize| tokens.get(*at).is_none_or(|token| token.depth <= outside);
    let end = (open + 1..=tokens.len()).find(is_end)?;
    let mut own = (open + 1..end).filter(|at| is_own(*at));
    let order = own.find(|at| are_words(tokens, *at, &["ORDER", "BY"]))?;
    let is_separator = |at: &usize| is_own(*at) && tokens.is_word(*at, "SEPARATOR");
    let last = (order..end).find(is_separator).unwrap_or(end);
    Some(items_between(tokens, order + 2..last))
}

/// Whether the item is a placeholder, whatever parentheses and direction it has.
fn is_parameter(tokens: Tokens<'_>, item: Item) -> bool {
    let decorates = |at: &usize| {
        let edge = [TokenKind::Open, TokenKind::Close];
        tokens.kind(*at).is_some_and(|kind| edge.contains(&kind))
            || tokens.is_word(*at, "ASC")
            || tokens.is_word(*at, "DESC")
    };
    let mut rest = item.filter(|at| !decorates(at));
    let first = rest.next();
    first.is_some_and(|at| tokens.text(at) == b"?") && rest.next().is_none()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse::{self, Digest, DigestSeed, LexMode};

    #[test]
    fn a_mere_parameter_in_the_order_of_group_concat_is_not_described() {
        let not_described = [
            "SELECT GROUP_CONCAT(? ORDER BY ?)",
            "SELECT GROUP_CONCAT(a ORDER BY (?)) FROM t",
            "SELECT group_concat(a ORDER BY b, ? DESC SEPARATOR ';') FROM t",
            "SELECT GROUP_CONCAT(DISTINCT ?, a ORDER BY ((?)) ASC, b) FROM t",
            "SELECT 1 WHERE EXISTS (SELECT GROUP_CONCAT(x ORDER BY ?) FROM t)",
            "EXPLAIN SELECT GROUP_CONCAT((SELECT b ORDER BY 1) ORDER BY ?) FROM t",
        ];
        let described = [
            "SELECT GROUP_CONCAT(a ORDER BY ? + 1) FROM t",
            "SELECT GROUP_CONCAT(a ORDER BY CONCAT(?, 'x')) FROM t",
            "SELECT GROUP_CONCAT(?) FROM t ORDER BY ?",
            "SELECT GROUP_CONCAT((SELECT b ORDER BY ?) ORDER BY a) FROM t",
            "SELECT GROUP_CONCAT(a ORDER BY a, b SEPARATOR ','), ? FROM t",
            "SELECT `GROUP_CONCAT` FROM t ORDER BY ?",
            "SELECT ROW_NUMBER() OVER (ORDER BY ?)",
            "SELECT GROUP_CONCAT(a ORDER BY",
        ];
        for (expected, texts) in [(true, &not_described[..]), (false, &described[..])] {
            for sql in texts {
                assert_eq!(of(sql), expected, "{sql}");
            }
        }
    }

    fn of(sql: &str) -> bool {
        let mut digest = Digest::default();
        let seed = DigestSeed(1);
        parse::scan(sql.as_bytes(), 0, LexMode::default(), seed, 0, &mut digest).unwrap();
        has_undescribed_parameter(Tokens::new(sql.as_bytes(), &digest))
    }
}
