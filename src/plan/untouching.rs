//! Plans of statements that touch nothing: refusals, and what others are made from.

use super::{
    Access, Action, FoundRows, Hints, LooksUp, NamesInRows, Plan, PlanError, Reach, Unsupported,
};
use crate::error::{ErrorKind, StageError};
use crate::telemetry::Verb;

impl Plan {
    /// The plan of a statement that is refused before it touches anything.
    pub(super) fn refusal(error: &PlanError) -> Self {
        Self::untouching(match error {
            PlanError::Unsupported(Unsupported::Unparsed { .. } | Unsupported::SplitName(_)) => {
                Action::Unreadable(error.to_mysql())
            }
            _ => Action::Refuse(error.to_mysql()),
        })
    }

    /// The same of a statement that names these schemas.
    pub(super) fn naming(self, reach: Reach) -> Self {
        Self { reach, ..self }
    }

    /// The same of a statement that `commits` first: what MySQL itself refuses, it refuses behind that.
    pub(super) fn committing(self, commits: bool) -> Self {
        let own = ErrorKind::NotSupportedYet.code().0;
        let is_mysqls = matches!(&self.action, Action::Refuse(error) if error.code != own);
        Self {
            commits: commits && is_mysqls,
            ..self
        }
    }

    /// The plan of a statement that touches nothing.
    pub(super) fn untouching(action: Action) -> Self {
        Self {
            access: Access::Write,
            verb: Verb::Other,
            reach: Reach::default(),
            qualified: false,
            hints: Hints::default(),
            split: Vec::new(),
            names_in_rows: NamesInRows::No,
            transactional: false,
            action,
            scatter: None,
            write: None,
            one_for_all: false,
            edits: Vec::new(),
            pin: None,
            needs_last_insert_id: false,
            leaves_counts: false,
            found_rows: FoundRows::default(),
            uses_pinned_state: false,
            carried: None,
            temporary: None,
            shares_variables: false,
            reads_on: None,
            routine: None,
            calls_unknown: false,
            changes_tables: false,
            commits: false,
            of_literals: false,
            gather: None,
            looks_up: LooksUp::default(),
            series: None,
        }
    }
}
