//! Optimizer hints that name indexes: a gathered table has none, and the server would say so of each.
//!
//! In: the comments `/*+ … */` of a statement. Out: the same without the indexes that the client's own
//! tables have, which are advice for reading these. What names no index of theirs stays, and is told (3128).

use super::Reference;
use crate::parse::{TokenKind, Tokens};
use crate::plan::resolve::Resolver;
use crate::plan::{Edit, Replacement, hint};

/// Hints that take a table and its indexes.
const OF_INDEXES: [&str; 16] = [
    "INDEX",
    "NO_INDEX",
    "JOIN_INDEX",
    "NO_JOIN_INDEX",
    "GROUP_INDEX",
    "NO_GROUP_INDEX",
    "ORDER_INDEX",
    "NO_ORDER_INDEX",
    "INDEX_MERGE",
    "NO_INDEX_MERGE",
    "MRR",
    "NO_MRR",
    "NO_ICP",
    "NO_RANGE_OPTIMIZATION",
    "SKIP_SCAN",
    "NO_SKIP_SCAN",
];

/// What becomes of the statement's hints.
pub(super) fn edits(
    tokens: Tokens<'_>,
    references: &[Reference<'_>],
    resolver: Resolver<'_>,
) -> Vec<Edit> {
    let mut edits = hint::edits(tokens);
    let has = |table: &str, index: &str| {
        references.iter().any(|reference| {
            let gathered = &reference.gathered;
            let id = gathered.rows.table();
            let definition = id.and_then(|id| resolver.topology.definition(id));
            let indexes = definition.map(|definition| definition.indexes.iter());
            let mut indexes = indexes.into_iter().flatten();
            gathered.alias.eq_ignore_ascii_case(table)
                && indexes.any(|known| known.name.eq_ignore_ascii_case(index))
        })
    };
    let is_hint = |at: &usize| tokens.kind(*at) == Some(TokenKind::Hint);
    for at in (0..tokens.len()).filter(is_hint) {
        let before = edits.iter().position(|edit| edit.token as usize == at);
        let edited = before.and_then(|before| edits.get(before));
        let text = match edited.map(|edit| &edit.with) {
            Some(Replacement::Text(text)) => text.clone(),
            _ => String::from_utf8_lossy(tokens.text(at)).into_owned(),
        };
        let Some(without) = without_indexes(&text, &has) else {
            continue;
        };
        let edit = Edit {
            token: at as u32,
            tokens: 1,
            with: Replacement::Text(without),
        };
        match before.and_then(|before| edits.get_mut(before)) {
            Some(place) => *place = edit,
            None => edits.push(edit),
        }
    }
    edits
}

/// A hint comment without the indexes that tables have; `None`: it names none of them.
fn without_indexes(comment: &str, has: &impl Fn(&str, &str) -> bool) -> Option<String> {
    let inner = comment.strip_prefix("/*+")?.strip_suffix("*/")?;
    let mut kept = String::new();
    let mut rest = inner;
    let mut changed = false;
    while let Some(open) = rest.find(['(', '\'', '"', '`']) {
        let (before, behind) = rest.split_at(open);
        let Some(quote) = behind.chars().next().filter(|c| *c != '(') else {
            let close = closing(behind)?;
            let (arguments, next) = (behind.get(1..close)?, behind.get(close + 1..)?);
            let head = before.trim_end();
            let name = head.rsplit(|c: char| !c.is_ascii_alphanumeric() && c != '_');
            let name = name.into_iter().next().unwrap_or_default();
            let is_listed = OF_INDEXES.iter().any(|of| of.eq_ignore_ascii_case(name));
            match left_of(arguments, has).filter(|_| is_listed) {
                None => kept.push_str(rest.get(..open + close + 1)?),
                Some(left) => {
                    changed = true;
                    kept.push_str(head.strip_suffix(name)?);
                    if let Some(left) = left {
                        kept.push_str(&format!("{name}({left})"));
                    }
                }
            }
            rest = next;
            continue;
        };
        let end = open + 1 + behind.get(1..)?.find(quote)? + 1;
        kept.push_str(rest.get(..end)?);
        rest = rest.get(end..)?;
    }
    kept.push_str(rest);
    changed.then(|| match kept.trim().is_empty() {
        true => String::new(),
        false => format!("/*+{kept}*/"),
    })
}

/// Where the parenthesis closes that a text begins with.
fn closing(text: &str) -> Option<usize> {
    let mut quote = None;
    for (at, c) in text.char_indices() {
        match quote {
            Some(open) if c == open => quote = None,
            Some(_) => {}
            None if c == ')' => return Some(at),
            None if matches!(c, '\'' | '"' | '`') => quote = Some(c),
            None => {}
        }
    }
    None
}

/// The arguments without the indexes that the table has: `None`, there are none; `Some(None)`, nothing
/// else is left but the table.
fn left_of(arguments: &str, has: &impl Fn(&str, &str) -> bool) -> Option<Option<String>> {
    let mut words = arguments
        .split(|c: char| c.is_ascii_whitespace() || c == ',')
        .filter(|word| !word.is_empty());
    let mut kept = Vec::new();
    let mut table = words.next()?;
    if table.starts_with('@') {
        kept.push(table);
        table = words.next()?;
    }
    kept.push(table);
    let name = bare(table.split('@').next()?);
    let all: Vec<&str> = words.collect();
    let (places, indexes): (Vec<&str>, Vec<&str>) =
        all.iter().partition(|word| word.starts_with('@'));
    let unknown: Vec<&str> = indexes
        .iter()
        .copied()
        .filter(|index| !has(name, bare(index)))
        .collect();
    if unknown.len() == indexes.len() {
        return None;
    }
    kept.extend(places);
    let table = kept.join(" ");
    Some((!unknown.is_empty()).then(|| format!("{table} {}", unknown.join(", "))))
}

fn bare(name: &str) -> &str {
    name.trim_matches('`')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn indexes_of_the_tables_go_and_all_else_stays() {
        let has = |table: &str, index: &str| table == "t" && ["a", "PRIMARY"].contains(&index);
        let cases = [
            ("/*+ INDEX(t a) */", Some("")),
            (
                "/*+ no_index(`t`@`q` `a`, PRIMARY) BKA(t) */",
                Some("/*+  BKA(t) */"),
            ),
            (
                "/*+ BKA(t) INDEX (@q t a, b) */",
                Some("/*+ BKA(t) INDEX(@q t b) */"),
            ),
            ("/*+ INDEX(t) */", None),
            ("/*+ INDEX(t b) INDEX(u a) */", None),
            ("/*+ JOIN_ORDER(t, a) */", None),
            (
                "/*+ SET_VAR(sql_mode = 'INDEX(t a)') MRR(t a) */",
                Some("/*+ SET_VAR(sql_mode = 'INDEX(t a)')  */"),
            ),
            ("/*+ INDEX(t a", None),
        ];
        for (comment, expected) in cases {
            let found = without_indexes(comment, &has);
            assert_eq!(found.as_deref(), expected, "{comment}");
        }
    }
}
