//! `SET @a = (SELECT …)` and `DO (SELECT …)` whose rows are on several shards.
//!
//! In: a SET of user variables, or a DO, whose subqueries no shard can answer. Out: what is gathered for them.
//! What they compute is the select list of a SELECT; the client's own text then runs where the rows are.

use super::gather::Shift;
use super::temporary::of_query;
use super::unsupported::PlanError;
use super::words::has_words;
use super::{Gather, Replacement, Request};
use crate::parse::{SetItem, StatementKind, Tokens, Utility, statement_kind, tokenize};

/// What stands before the first value, to make a query of the values.
const VERB: &[u8] = b"SELECT ";

/// What the statement gathers; `None` for other statements.
pub(super) fn of(request: &Request<'_>) -> Option<Result<Gather, PlanError>> {
    let whole = request.tokens;
    let first = match statement_kind(&whole) {
        StatementKind::Utility(Utility::Do) => whole.begins(&["DO"]).then_some(1)?,
        StatementKind::Utility(Utility::Set(items)) => first_value(&items)?,
        _ => return None,
    };
    if !has_words(whole, &["FROM"]) && !has_words(whole, &["TABLE"]) {
        return None;
    }
    let start = whole.get(first)?.start as usize;
    let text = [VERB, whole.sql().get(start..whole.digest().end)?].concat();
    let digest = tokenize(&text, request.mode).ok()?;
    let tokens = Tokens::new(&text, &digest);
    let part = Request { tokens, ..*request };
    let slots = whole.slots();
    let slot = slots.iter().skip(first).copied().flatten().next();
    let shift = Shift {
        tokens: u32::try_from(first.checked_sub(1)?).ok()?,
        slots: slot.map_or(0, |slot| slot.0),
    };
    let gather = of_query(&part)?.map(|mut gather| {
        // A value has no name.
        let outside = |at: u32| {
            tokens
                .get(at as usize)
                .is_some_and(|token| token.depth == 0)
        };
        let names = |with: &Replacement| match with {
            Replacement::ItemName { first } => outside(*first),
            _ => false,
        };
        gather.edits.retain(|edit| !names(&edit.with));
        gather.shifted(shift)
    });
    // Without tables, something else is wrong with it.
    match gather {
        Ok(gather) if gather.tables.is_empty() => None,
        gather => Some(gather),
    }
}

/// The first token of the first value, where only user variables are set.
fn first_value(items: &[SetItem]) -> Option<usize> {
    let value = |item: &SetItem| match item {
        SetItem::User { value, .. } => Some(value.start),
        _ => None,
    };
    let values: Option<Vec<usize>> = items.iter().map(value).collect();
    values?.first().copied()
}
