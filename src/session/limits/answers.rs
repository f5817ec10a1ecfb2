//! How much an answer may give a client.

use super::super::failure::Failure;
use super::super::shared::Snapshot;
use super::super::state::Session;
use super::super::statement::Statement;
use super::{Gate, Permit, Stage};
use crate::error::MysqlError;
use crate::plan::Plan;
use crate::reply::{Most, Quota};
use crate::telemetry::Verb;

impl Session {
    /// What every statement passes that has a plan: what its user may see, limits and rules. One that
    /// rules have sent elsewhere has passed them already.
    ///
    /// # Errors
    /// What the client is told.
    pub(in crate::session) fn admitted(
        &mut self,
        (snapshot, plan): (&Snapshot, &Plan),
        statement: &Statement<'_>,
    ) -> Result<Permit, Failure> {
        self.meter.planned(snapshot, plan, &self.shared.metrics);
        self.check_reach(&plan.reach, &snapshot.topology)?;
        self.state.found.begin(plan.found_rows);
        self.check_found_rows(plan)?;
        self.check_variables(plan)?;
        if statement.hint.is_some() {
            return Ok(Permit::default());
        }
        let mut permit = self.admit((snapshot, plan), statement, Stage::Run)?;
        self.quota = permit.take_quota();
        Ok(permit)
    }

    /// The most that the answer to a statement may be. Only reads are held to it: what changes rows
    /// and gives some, as CALL and RETURNING do, is not told an error for a change that was made.
    pub(super) fn quota_of(
        &self,
        gate: &Gate,
        schemas: &[&str],
        plan: &Plan,
    ) -> Option<Box<Quota>> {
        if plan.verb != Verb::Select || plan.routine.is_some() {
            return None;
        }
        let (mut rows, mut bytes) = (Most::default(), Most::default());
        rows.lower(self.account.limits.rows, String::new);
        bytes.lower(self.account.limits.bytes, String::new);
        for schema in schemas {
            if let Some(limits) = gate.schemas.get(*schema) {
                rows.lower(limits.rows, || format!(" on {schema}"));
                bytes.lower(limits.bytes, || format!(" on {schema}"));
            }
        }
        let user = self.account.name.clone();
        let quota = Quota { user, rows, bytes };
        quota.is_limit().then(|| Box::new(quota))
    }

    /// Writes down that a client was told of too large an answer.
    pub(in crate::session) fn note_exceeded(&self, error: Option<&MysqlError>) {
        if let (Some(quota), Some(error)) = (&self.quota, error)
            && let Some(limit) = quota.has_said(error)
        {
            self.shared.metrics.limits.count(limit);
            self.refused(error.clone(), None);
        }
    }
}
