//! ORDER BY that leaves no two rows of a table equal.

use super::words::{is_reserved, items_between};
use crate::parse::{TokenKind, Tokens};
use crate::topology::{Index, TableDefinition};

/// Whether the ORDER BY of an UPDATE or DELETE of one table names all columns of a unique index
/// that are never NULL.
pub fn is_total(tokens: Tokens<'_>, definition: &TableDefinition) -> bool {
    let ordered = ordered_columns(tokens);
    let ordered = |name: &str| ordered.iter().any(|o| o.eq_ignore_ascii_case(name));
    let certain = |name: &String| {
        let mut columns = definition.columns.iter();
        let column = columns.find(|column| column.name.eq_ignore_ascii_case(name));
        column.is_some_and(|column| !column.nullable) && ordered(name)
    };
    let is_covered = |index: &Index| {
        let mut parts = index.parts.iter();
        let whole = |part: &crate::topology::IndexPart| {
            part.prefix.is_none() && part.column.as_ref().is_some_and(certain)
        };
        index.unique && !index.parts.is_empty() && parts.all(whole)
    };
    definition.indexes.iter().any(is_covered)
}

/// The plain columns among what the statement's own ORDER BY names.
fn ordered_columns(tokens: Tokens<'_>) -> Vec<String> {
    let own = |at: &usize| tokens.get(*at).is_some_and(|token| token.depth == 0);
    let mut places = (0..tokens.len()).filter(own);
    let Some(order) = places.find(|at| is_reserved(tokens, *at, &["ORDER"])) else {
        return Vec::new();
    };
    let ends = |at: &usize| is_reserved(tokens, *at, &["LIMIT", "RETURNING"]);
    let mut behind = (order + 2..tokens.len()).filter(own);
    let end = behind.find(ends).unwrap_or(tokens.len());
    let items = items_between(tokens, order + 2..end).into_iter();
    items
        .filter_map(|item| {
            let last = item.end.checked_sub(1)?;
            let directed = ["ASC", "DESC"].iter().any(|w| tokens.is_word(last, w));
            let name = if directed { last.checked_sub(1)? } else { last };
            let is_name = |at| matches!(tokens.kind(at), Some(TokenKind::Word | TokenKind::Quoted));
            let dotted = |at: usize| tokens.kind(at) == Some(TokenKind::Dot) || is_name(at);
            let plain = is_name(name) && (item.start..name).all(dotted);
            plain.then(|| tokens.name(name)).flatten()
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse::{LexMode, tokenize};
    use crate::topology::{Column, IndexPart};

    fn table() -> TableDefinition {
        let column = |name: &str, nullable| Column {
            name: name.to_owned(),
            nullable,
            ..Column::default()
        };
        let index = |columns: &[(&str, Option<u32>)]| Index {
            unique: true,
            parts: columns
                .iter()
                .map(|(column, prefix)| IndexPart {
                    column: Some((*column).to_owned()),
                    prefix: *prefix,
                })
                .collect(),
            ..Index::default()
        };
        TableDefinition {
            columns: vec![
                column("a", false),
                column("b", false),
                column("n", true),
                column("t", false),
            ],
            indexes: vec![
                index(&[("a", None), ("b", None)]),
                index(&[("n", None)]),
                index(&[("t", Some(3))]),
            ],
            ..TableDefinition::default()
        }
    }

    #[test]
    fn an_order_is_total_that_names_a_unique_index_without_null() {
        let cases = [
            ("UPDATE x SET c = 1 ORDER BY a, b LIMIT 1", true),
            (
                "UPDATE x SET c = 1 ORDER BY `B` DESC, c, x.a ASC LIMIT 1",
                true,
            ),
            (
                "DELETE FROM x WHERE a IN (SELECT 1 ORDER BY 1) ORDER BY b, a",
                true,
            ),
            ("DELETE FROM x ORDER BY a LIMIT 1", false),
            ("DELETE FROM x ORDER BY a, -b LIMIT 1", false),
            ("DELETE FROM x ORDER BY n LIMIT 1", false),
            ("DELETE FROM x ORDER BY t LIMIT 1", false),
            ("DELETE FROM x LIMIT 1", false),
        ];
        for (sql, expected) in cases {
            let digest = tokenize(sql.as_bytes(), LexMode::default()).unwrap();
            let tokens = Tokens::new(sql.as_bytes(), &digest);
            assert_eq!(is_total(tokens, &table()), expected, "{sql}");
        }
    }
}
