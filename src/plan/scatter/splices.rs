//! What the text becomes before several nodes get it.

use super::clauses::Clauses;
use super::group::Parts;
use super::request::HiddenColumn;
use crate::plan::words::Item;
use crate::plan::{Edit, Replacement};

/// All edits of the scattered text, ascending; `edits` are those of the text for one node.
pub fn edits(
    clauses: &Clauses,
    columns: Vec<HiddenColumn>,
    parts: &Parts,
    edits: &[Edit],
) -> Vec<Edit> {
    let removed = removed(clauses, parts);
    let is_removed = |edit: &&Edit| {
        let at = edit.token as usize;
        !removed.iter().any(|item| item.contains(&at))
    };
    let mut all: Vec<Edit> = edits.iter().filter(is_removed).cloned().collect();
    all.extend(
        removed
            .iter()
            .map(|item| replace(item, Replacement::Text(String::new()))),
    );
    put_columns(&mut all, clauses, columns);
    if !parts.group_by.is_empty() {
        all.push(insert(
            clauses.group_end,
            Replacement::Keys {
                clause: clauses.group_by.is_empty().then_some("GROUP BY"),
                expressions: parts.group_by.clone(),
            },
        ));
    }
    if !parts.order_by.is_empty() {
        let stays = parts.keeps_order && !clauses.order_by.is_empty();
        all.push(insert(
            clauses.order_end,
            Replacement::Keys {
                clause: (!stays).then_some("ORDER BY"),
                expressions: parts.order_by.clone(),
            },
        ));
    }
    if let Some(limit) = &clauses.limit
        && limit.slots.offset.is_some()
        && keeps_limit(clauses, parts)
    {
        all.push(replace(&limit.values, Replacement::Limit(limit.slots)));
    }
    all.sort_by_key(|edit| (edit.token, edit.tokens));
    all
}

/// The hidden columns behind the client's; TABLE becomes a SELECT that has a place for them.
fn put_columns(all: &mut Vec<Edit>, clauses: &Clauses, columns: Vec<HiddenColumn>) {
    let end = clauses.items_end;
    if clauses.table {
        // Instead of the edit that makes it a SELECT without that place.
        let at = clauses.select..end;
        all.retain(|edit| edit.token as usize != at.start);
        all.push(replace(&at, Replacement::Text("SELECT *".to_owned())));
    }
    if !columns.is_empty() {
        all.push(insert(end, Replacement::Hidden(columns)));
    }
    if clauses.table {
        all.push(insert(end, Replacement::Text(" FROM".to_owned())));
    }
}

/// Whether the nodes limit their rows themselves.
pub fn keeps_limit(clauses: &Clauses, parts: &Parts) -> bool {
    parts.limited && clauses.calc_found_rows.is_none()
}

/// The clauses that nodes must not carry out on their parts.
fn removed(clauses: &Clauses, parts: &Parts) -> Vec<Item> {
    let mut removed = Vec::new();
    let grouped = parts.grouped;
    removed.extend(
        clauses
            .having
            .iter()
            .filter(|_| grouped)
            .map(|having| having.start - 1..having.end),
    );
    if let (Some(first), false) = (clauses.order_by.first(), parts.keeps_order) {
        removed.push(first.expression.start - 2..clauses.order_end);
    }
    if let Some(limit) = clauses
        .limit
        .as_ref()
        .filter(|_| !keeps_limit(clauses, parts))
    {
        removed.push(limit.values.start - 1..limit.values.end);
    }
    removed
}

fn insert(token: usize, with: Replacement) -> Edit {
    Edit {
        token: token as u32,
        tokens: 0,
        with,
    }
}

fn replace(item: &Item, with: Replacement) -> Edit {
    Edit {
        token: item.start as u32,
        tokens: item.len() as u32,
        with,
    }
}
