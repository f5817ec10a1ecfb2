//! EXPLAIN: goes where the explained statement would go.

use super::functions::Calls;
use super::{
    Action, Edit, NamesInRows, PinReason, Plan, Replacement, Request, build_filled, session_effects,
};
use crate::parse::{Explain, Tokens, effects, tokenize};

/// The format that the proxy answers itself.
const OWN_FORMAT: &str = "shardwell";

/// The plan of EXPLAIN of a statement; `None` where it explains something else.
pub fn plan(explain: &Explain, request: &Request<'_>) -> Option<Plan> {
    let first = explain.statement?;
    if explain.format.as_deref() == Some(OWN_FORMAT) && !explain.analyze {
        return Some(Plan::untouching(Action::Explain { first }));
    }
    of_statement(first, request)
}

/// The plan of the statement whose first word is the token `first`, told in the tokens and slots
/// of the whole; `None` where it is no statement.
fn of_statement(first: usize, request: &Request<'_>) -> Option<Plan> {
    let whole = request.tokens;
    let start = whole.get(first)?.start as usize;
    let text = whole.sql().get(start..whole.digest().end)?;
    let digest = tokenize(text, request.mode).ok()?;
    let mut plan = build_filled(&Request {
        tokens: Tokens::new(text, &digest),
        ..*request
    });
    let slots = whole.slots();
    let slot = slots.iter().skip(first).copied().flatten().next();
    let shift = Shift {
        tokens: u32::try_from(first).ok()?,
        slots: slot.map_or(0, |slot| slot.0),
    };
    match &mut plan.action {
        Action::Sharded { condition, .. } => {
            condition.each_slot(&mut |slot| slot.0 += shift.slots);
        }
        // It would be run.
        Action::Move(_) => plan.action = Action::Refuse(super::Move::refusal()),
        Action::Rekey(rekey) => plan.action = Action::Refuse(rekey.refusal()),
        Action::Picked(picked) => plan.action = Action::Refuse(picked.refusal()),
        _ => {}
    }
    // The columns of EXPLAIN are its own.
    let is_name = |edit: &Edit| matches!(edit.with, Replacement::ItemName { .. });
    plan.edits.retain(|edit| !is_name(edit));
    for edit in &mut plan.edits {
        edit.token += shift.tokens;
    }
    plan.changes_tables = false;
    plan.scatter = None;
    plan.write = None;
    plan.one_for_all = true;
    plan.gather = None;
    plan.names_in_rows = NamesInRows::Text;
    // EXPLAIN … INTO @x stands before the statement.
    let counts = session_effects::shows_counts(&whole, request.schema);
    let pin = session_effects::pin(&whole, &effects(&whole), &Calls::default(), counts);
    // The optimiser calls functions of constants.
    plan.pin = pin.or(plan.pin.filter(|reason| *reason == PinReason::Routine));
    Some(plan)
}

/// How far a part of a statement is behind the whole's beginning.
struct Shift {
    tokens: u32,
    slots: u32,
}
