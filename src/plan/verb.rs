//! What a statement does, for metrics and logs.

use super::found_rows;
use super::{Plan, Request};
use crate::parse::{StatementKind, Utility, effects, statement_kind};
use crate::telemetry::Verb;

/// A plan with what holds of its statement wherever that goes.
pub(super) fn labelled(request: &Request<'_>, plan: impl FnOnce(StatementKind) -> Plan) -> Plan {
    let tokens = request.tokens;
    let kind = statement_kind(&tokens);
    let found_rows = found_rows::left_by(&kind, tokens, &effects(&tokens));
    Plan {
        verb: of(&kind),
        found_rows,
        ..plan(kind)
    }
}

/// The verb of a statement.
fn of(kind: &StatementKind) -> Verb {
    match kind {
        StatementKind::Select | StatementKind::Table | StatementKind::Values => Verb::Select,
        StatementKind::Insert => Verb::Insert,
        StatementKind::Replace => Verb::Replace,
        StatementKind::Update => Verb::Update,
        StatementKind::Delete => Verb::Delete,
        StatementKind::Explain(_) | StatementKind::Describe(_) => Verb::Show,
        StatementKind::Ddl(_) => Verb::Ddl,
        StatementKind::Utility(utility) => of_utility(utility),
        StatementKind::Empty | StatementKind::Unknown => Verb::Other,
    }
}

fn of_utility(utility: &Utility) -> Verb {
    match utility {
        Utility::Set(_) => Verb::Set,
        Utility::Show(_) => Verb::Show,
        Utility::Begin
        | Utility::StartTransaction { .. }
        | Utility::Commit(_)
        | Utility::Rollback(_)
        | Utility::Savepoint(_)
        | Utility::RollbackTo(_)
        | Utility::ReleaseSavepoint(_)
        | Utility::Xa(_) => Verb::Transaction,
        Utility::LoadData(_) => Verb::Load,
        Utility::Call(_) => Verb::Call,
        _ => Verb::Other,
    }
}
