//! Statement → its plan: from the cache, else made; and when a plan no longer holds.

use std::sync::Arc;
use std::time::Instant;

use xxhash_rust::xxh3::xxh3_64;

use super::failure::Failure;
use super::limits::shape;
use super::refresh::RefreshError;
use super::shared::{Shared, Snapshot};
use super::state::Session;
use super::statement::Statement;
use crate::backend::catalog::TableName;
use crate::error::{ErrorKind, StageError};
use crate::execute::Summary;
use crate::plan::{self, Action, Plan, PlanError, TemporaryTable, Unsupported};
use crate::telemetry::{DigestOf, DigestSeries};

/// How old the tables' list may be when a table is not in it.
pub(super) const FRESH: std::time::Duration = std::time::Duration::from_secs(1);

impl Session {
    /// The plan of a statement, and the snapshot that it belongs to.
    pub(super) async fn plan_of(&self, statement: &Statement<'_>) -> (Arc<Snapshot>, Arc<Plan>) {
        let snapshot = Arc::clone(&self.shared.snapshot());
        match self.known_plan(&snapshot, statement) {
            Some(plan) => {
                self.shared.metrics.plan_hits.count();
                (snapshot, plan)
            }
            None => Box::pin(self.make_plan(snapshot, statement)).await,
        }
    }

    /// Which of several connections has the last value of a variable is not guessed.
    pub(super) fn check_variables(&self, plan: &Plan) -> Result<(), Failure> {
        if !plan.shares_variables || !self.held.has_variables_elsewhere() {
            return Ok(());
        }
        Err(variables_elsewhere())
    }

    /// A new plan. A table or function that is not known may have been
    /// made behind the proxy's back: the servers are looked at again first.
    async fn make_plan(
        &self,
        snapshot: Arc<Snapshot>,
        statement: &Statement<'_>,
    ) -> (Arc<Snapshot>, Arc<Plan>) {
        let plan = self.build_plan(&snapshot, statement);
        let may_be_there = is_unknown_table(&plan)
            || is_unknown_schema(&plan) && snapshot.topology.others.is_some();
        if !may_be_there && !plan.calls_unknown {
            return (snapshot, plan);
        }
        match self.look_for_new(may_be_there).await {
            Ok(true) => {
                let fresh = Arc::clone(&self.shared.snapshot());
                let plan = self.build_plan(&fresh, statement);
                (fresh, plan)
            }
            Ok(false) => {
                // Somebody else may have looked meanwhile.
                let newest = Arc::clone(&self.shared.snapshot());
                if Arc::ptr_eq(&newest, &snapshot) {
                    return (snapshot, plan);
                }
                let plan = self.build_plan(&newest, statement);
                (newest, plan)
            }
            Err(error) => {
                tracing::warn!(%error, "cannot look for a new table or function");
                (snapshot, plan)
            }
        }
    }

    /// Looks for a table, else for a function, that may be new.
    async fn look_for_new(&self, table: bool) -> Result<bool, RefreshError> {
        let (shared, refresher) = (&self.shared, &self.shared.refresher);
        if table {
            Box::pin(refresher.refresh(shared, FRESH)).await
        } else {
            Box::pin(refresher.refresh_functions(shared, FRESH)).await
        }
    }

    /// The plan of a statement of the proxy's own, for a snapshot that is at hand.
    pub(super) fn plan_in(&self, snapshot: &Snapshot, statement: &Statement<'_>) -> Arc<Plan> {
        let known = self.known_plan(snapshot, statement);
        known.unwrap_or_else(|| self.build_plan(snapshot, statement))
    }

    /// The plan that all sessions have in common, where the session's temporary tables are not in it.
    fn known_plan(&self, snapshot: &Snapshot, statement: &Statement<'_>) -> Option<Arc<Plan>> {
        if !self.temporary.is_empty() && !self.temporary_of(snapshot, statement).is_empty() {
            return None;
        }
        snapshot.plans.get(statement.plan_key())
    }

    fn temporary_of(&self, snapshot: &Snapshot, statement: &Statement<'_>) -> &[TemporaryTable] {
        self.temporary_in(statement.tokens(), &snapshot.topology)
    }

    fn build_plan(&self, snapshot: &Snapshot, statement: &Statement<'_>) -> Arc<Plan> {
        let began = Instant::now();
        let request = plan::Request {
            tokens: statement.tokens(),
            mode: statement.mode,
            topology: &snapshot.topology,
            schema: self.state.schema.as_deref(),
            hint: statement.hint,
            temporary: self.temporary_of(snapshot, statement),
        };
        let own = !request.temporary.is_empty();
        let mut plan = match statement.ids {
            None => plan::build(&request),
            Some(_) => plan::build_filled(&request),
        };
        self.shared.metrics.planning.record(began.elapsed());
        if is_unknown_table(&plan) || is_unknown_schema(&plan) {
            return Arc::new(plan);
        }
        let digest = statement.digest;
        if statement.ids.is_none() {
            plan.series = Some(self.series_of(statement));
        }
        if own {
            return Arc::new(plan);
        }
        snapshot
            .plans
            .insert(statement.plan_key(), digest.normal.len(), plan)
    }

    /// What the statements of this digest are counted in.
    fn series_of(&self, statement: &Statement<'_>) -> Arc<DigestSeries> {
        let digests = &self.shared.metrics.digests;
        digests.series(statement.digest.hash, || {
            let text = shape(statement.tokens());
            let schema = self.state.schema.clone().unwrap_or_default();
            let id = xxh3_64(format!("{schema}\0{text}").as_bytes());
            (format!("{id:016x}"), DigestOf { schema, text })
        })
    }

    /// What an outcome says of tables and plans; says whether the statement must be planned anew.
    pub(super) async fn note_outcome(
        &self,
        (snapshot, plan): (&Snapshot, &Plan),
        statement: &Statement<'_>,
        summary: &Summary,
    ) -> bool {
        match &summary.error {
            None if plan.changes_tables => {
                if let Err(error) = self.look_again(snapshot, statement).await {
                    tracing::warn!(%error, "cannot read the tables from the servers");
                }
                false
            }
            // Behind the proxy's back it may come to exist: the next call shall be planned anew.
            Some(error) if error.code == ErrorKind::DoesNotExist.code().0 => {
                snapshot.plans.remove(statement.plan_key());
                true
            }
            _ => false,
        }
    }

    /// A definition went through: what it made must be found.
    pub(super) async fn look_again(
        &self,
        snapshot: &Snapshot,
        statement: &Statement<'_>,
    ) -> Result<(), RefreshError> {
        let (topology, schema) = (&snapshot.topology, self.state.schema.as_deref());
        let changed = plan::changed_tables(statement.tokens(), topology, schema);
        let name = |(schema, table)| TableName { schema, table };
        let changed: Vec<TableName> = changed.into_iter().map(name).collect();
        let mut shared = Arc::clone(&self.shared);
        loop {
            look_again_under(&shared, &changed).await?;
            // A new configuration may have come just before the definition.
            let newest = shared.newest();
            if Arc::ptr_eq(&newest, &shared) {
                return Ok(());
            }
            shared = newest;
        }
    }
}

/// The refusal of what may need user variables that triggers left on several connections.
pub(super) fn variables_elsewhere() -> Failure {
    let what =
        "a user variable that triggers of the session's statements used on several replica sets";
    let what = Unsupported::Statement(what.to_owned());
    Failure::Error(PlanError::from(what).to_mysql())
}

async fn look_again_under(shared: &Shared, changed: &[TableName]) -> Result<(), RefreshError> {
    let refresher = &shared.refresher;
    if changed.is_empty() {
        let always = std::time::Duration::ZERO;
        return refresher.refresh(shared, always).await.map(|_| ());
    }
    refresher.tables_changed(shared, changed).await
}

fn is_unknown_schema(plan: &Plan) -> bool {
    let unknown = [ErrorKind::UnknownSchema, ErrorKind::NoSuchDatabase].map(|kind| kind.code().0);
    matches!(&plan.action, Action::Refuse(error) if unknown.contains(&error.code))
}

fn is_unknown_table(plan: &Plan) -> bool {
    let unknown = [ErrorKind::NoSuchTable, ErrorKind::UnknownTable].map(|kind| kind.code().0);
    matches!(&plan.action, Action::Refuse(error) if unknown.contains(&error.code))
}
