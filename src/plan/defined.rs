//! Functions of the session in what a definition stores: they are called later, by whoever uses it.
//!
//! Elsewhere the proxy puts the session's own value in a call's place. In a body that would be the value of
//! the session that made it, for ever.

use super::unsupported::{PlanError, Unsupported};
use super::words::is_reserved;
use crate::parse::{Ddl, DdlObject, DdlVerb, StatementKind, Tokens, effects, statement_kind};

/// When the calls in a statement's text are carried out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Called {
    /// With the statement.
    Now,
    /// When the view is read, or a row of the table is written. The database then is whichever the connection
    /// happens to be in, so its name is kept as it was for the client who made the definition.
    WhenUsed,
    /// When the body of a routine, trigger or event runs. The database there is its own.
    InBody,
}

impl Called {
    pub fn of(tokens: Tokens<'_>) -> Self {
        if !tokens.begins(&["CREATE"]) && !tokens.begins(&["ALTER"]) {
            return Self::Now;
        }
        match statement_kind(&tokens) {
            StatementKind::Ddl(definition) => Self::by(&definition, tokens),
            _ => Self::Now,
        }
    }

    fn by(definition: &Ddl, tokens: Tokens<'_>) -> Self {
        let defines = matches!(definition.verb, DdlVerb::Create | DdlVerb::Alter);
        let is_select = || (0..tokens.len()).any(|at| is_reserved(tokens, at, &["SELECT"]));
        match definition.object {
            DdlObject::Routine if defines => Self::InBody,
            DdlObject::View if defines => Self::WhenUsed,
            DdlObject::Table | DdlObject::TemporaryTable | DdlObject::Index if !is_select() => {
                Self::WhenUsed
            }
            _ => Self::Now,
        }
    }
}

/// # Errors
/// A view or a column's expression would give each client what belongs to the connection that serves it.
pub(super) fn check(definition: &Ddl, tokens: Tokens<'_>) -> Result<(), PlanError> {
    if Called::by(definition, tokens) != Called::WhenUsed {
        return Ok(());
    }
    let effects = effects(&tokens);
    let calls = [
        (effects.connection_id, "CONNECTION_ID()"),
        (effects.row_count, "ROW_COUNT()"),
        (effects.found_rows, "FOUND_ROWS()"),
    ];
    match calls.iter().find(|(at, _)| !at.is_empty()) {
        None => Ok(()),
        Some((_, call)) => {
            let what = format!(
                "{call} in the definition of a view or table: it would be that of a server's connection"
            );
            Err(Unsupported::Statement(what).into())
        }
    }
}
