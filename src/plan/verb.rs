//! What a statement does, for metrics and logs.

use crate::parse::{StatementKind, Utility};
use crate::telemetry::Verb;

/// The verb of a statement.
pub(super) fn of(kind: &StatementKind) -> Verb {
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
