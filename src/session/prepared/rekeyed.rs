//! COM_STMT_EXECUTE of an UPDATE that assigns to a sharding key.

use std::sync::Arc;

use super::bound::Bound;
use super::execute::unsupported;
use super::statements::Prepared;
use super::template::Template;
use crate::plan::Rekey;
use crate::session::dynamic::with_bound;
use crate::session::failure::Failure;
use crate::session::scatter::Whereabouts;
use crate::session::shared::Snapshot;
use crate::session::state::Session;
use crate::session::statement::Statement;

impl Session {
    /// Executes the UPDATE where the rows are if none can leave; else as a text with the values of its
    /// parameters.
    pub(super) async fn execute_rekeyed(
        &mut self,
        (snapshot, rekey): (&Arc<Snapshot>, &Rekey),
        statement: &Statement<'_>,
        (prepared, template, bound): (&Prepared, &Template, &Bound<'_>),
    ) -> Result<(), Failure> {
        let literals = self.literals_of(statement, (template, bound));
        let places = Whereabouts::of(rekey, snapshot, literals)?;
        if places.stay(rekey, snapshot) {
            let planned = template.plan(snapshot, Arc::clone(&rekey.plan), false);
            let planned = (snapshot, &planned);
            let execution = (prepared, template, bound);
            return self
                .execute_routed(planned, &places.route, statement, execution)
                .await;
        }
        let what = "an UPDATE that moves rows";
        let execution = (prepared, template, bound);
        self.execute_filled(what, statement, execution).await
    }

    /// Executes a statement, `what` for people, as a text with the values of its parameters.
    pub(super) async fn execute_filled(
        &mut self,
        what: &str,
        statement: &Statement<'_>,
        (prepared, template, bound): (&Prepared, &Template, &Bound<'_>),
    ) -> Result<(), Failure> {
        self.check_settings(what, template)?;
        let filled = with_bound(template, &bound.values, &prepared.types);
        let sql = filled.ok_or_else(|| {
            let what = format!("parameters in an expression, and times, in {what}");
            Failure::Error(unsupported(&what))
        })?;
        self.run_text(&sql, statement).await.map(drop)
    }

    /// Whether a text of the proxy's own means now what the statement, `what` for people, meant when it was
    /// prepared.
    ///
    /// # Errors
    /// The settings are others now.
    pub(super) fn check_settings(&self, what: &str, template: &Template) -> Result<(), Failure> {
        let reading = self.state.variables.for_reading();
        if template.text == self.state.text && *template.settings == reading {
            return Ok(());
        }
        let what = format!("{what}, under another sql_mode or character set than its preparation,");
        Err(Failure::Error(unsupported(&what)))
    }
}
