//! User variables that decide where a statement goes: their values, from the connection that has
//! them.

use std::sync::Arc;

use super::command_phase::End;
use super::failure::Failure;
use super::shared::Snapshot;
use super::state::Session;
use crate::net::Interest;
use crate::plan::{Action, Plan};
use crate::route::key::Exact;
use crate::route::{Variable, Variables};

/// Integers up to here are the same as doubles: nothing tells which one a variable holds.
const EXACT_DOUBLE: u64 = 1 << 53;

impl Session {
    /// Asks what a plan must know before it is routed or sent; gives the values of its variables.
    ///
    /// # Errors
    /// What the servers say; the connection that has the variables is lost.
    pub(super) async fn ask_first(
        &mut self,
        snapshot: &Arc<Snapshot>,
        plan: &Plan,
    ) -> Result<Variables, Failure> {
        if plan.looks_up.any() {
            self.look_up(snapshot, plan).await?;
        }
        match plan.uses_pinned_state {
            true => self.user_variables(plan).await,
            false => Ok(Variables::default()),
        }
    }

    /// The values of the variables in a plan's condition. A session without a connection of its own
    /// has set none: they are NULL.
    ///
    /// # Errors
    /// The connection that has them is lost.
    pub(super) async fn user_variables(&mut self, plan: &Plan) -> Result<Variables, Failure> {
        let mut values = Variables::default();
        let Action::Sharded { condition, .. } = &plan.action else {
            return Ok(values);
        };
        let names = condition.variables();
        if names.is_empty() {
            return Ok(values);
        }
        let held = self.held.pinned().and_then(|at| self.held.take(at));
        let Some(mut backend) = held else {
            for name in names {
                values.set(name, Variable::Null);
            }
            return Ok(values);
        };
        let list = names.iter().map(|name| {
            // Names that a condition speaks of have no quotes in them.
            format!("@`{name}`,HEX(@`{name}`),COLLATION(@`{name}`)")
        });
        // The session's sql_select_limit may be 0: only a limit of its own overrides it.
        let sql = format!("SELECT {} LIMIT 1", list.collect::<Vec<_>>().join(","));
        let limit = Some(self.shared.limits.handshake);
        let asked = backend.connection.query(sql.as_bytes());
        let asked = self.handle.watch.guard(limit, Interest::STATEMENT, asked);
        let Ok(Ok(rows)) = asked.await else {
            return Err(Failure::End(End::Broken));
        };
        self.held.settle(backend);
        let row = rows.into_iter().next().unwrap_or_default();
        for (name, parts) in names.into_iter().zip(row.chunks(3)) {
            if let [value, hex, collation] = parts {
                let [value, hex, collation] = [value, hex, collation].map(|part| part.as_deref());
                values.set(name, variable(value, hex, collation));
            }
        }
        Ok(values)
    }
}

/// What a variable holds. HEX() of a number is another than of its digits, which tells numbers from
/// strings.
fn variable(value: Option<&[u8]>, hex: Option<&[u8]>, collation: Option<&[u8]>) -> Variable {
    let Some(value) = value else {
        return Variable::Null;
    };
    let text = |bytes: Option<&[u8]>| String::from_utf8(bytes?.to_vec()).ok();
    let (Some(value), Some(hex)) = (text(Some(value)), text(hex)) else {
        return Variable::Other;
    };
    let digits: String = value.bytes().map(|byte| format!("{byte:02X}")).collect();
    if hex.eq_ignore_ascii_case(&digits) {
        return match text(collation) {
            Some(collation) if value.is_ascii() => Variable::Text {
                text: value,
                collation,
            },
            _ => Variable::Other,
        };
    }
    match value.parse::<i64>() {
        Ok(number)
            if number.unsigned_abs() < EXACT_DOUBLE
                && hex.eq_ignore_ascii_case(&format!("{number:X}")) =>
        {
            Variable::Number(Exact::integer(number.into()))
        }
        _ => Variable::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_strings_are_told_apart_and_the_rest_is_not_certain() {
        let number = |value| Variable::Number(Exact::integer(value));
        let string = |text: &str| Variable::Text {
            text: text.to_owned(),
            collation: "c".to_owned(),
        };
        let table: [(&str, &str, Variable); 9] = [
            ("5", "5", number(5)),
            ("0", "0", number(0)),
            ("-1", "FFFFFFFFFFFFFFFF", number(-1)),
            ("5", "35", string("5")),
            ("", "", string("")),
            ("a b", "612062", string("a b")),
            ("9007199254740993", "20000000000001", Variable::Other),
            ("1.5", "2", Variable::Other),
            ("ä", "C3A4", Variable::Other),
        ];
        for (value, hex, expected) in table {
            let (bytes, hex) = (Some(value.as_bytes()), Some(hex.as_bytes()));
            assert_eq!(variable(bytes, hex, Some(b"c")), expected, "{value}");
        }
        assert_eq!(variable(None, None, Some(b"binary")), Variable::Null);
    }
}
