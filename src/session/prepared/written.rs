//! COM_STMT_EXECUTE of a write on several data nodes: everywhere, or nowhere.
//!
//! Where every node gets the whole statement it gets all parameters; where it gets its own rows only,
//! those of these rows and of what stands before and behind the rows.

use super::bindings::{Bindings, refused};
use super::several::check;
use crate::plan::{Plan, PlanError, Unsupported};
use crate::route::DataNode;
use crate::session::failure::Failure;
use crate::session::shared::Snapshot;
use crate::session::state::Session;
use crate::session::statement::Statement;

impl Session {
    /// Executes a write on several data nodes.
    pub(super) async fn execute_written<'s>(
        &mut self,
        (snapshot, plan): (&'s Snapshot, &'s Plan),
        nodes: &[DataNode],
        statement: &Statement<'_>,
        bindings: &'s Bindings<'s>,
    ) -> Result<(), Failure> {
        let write = match &plan.write {
            Some(Ok(write)) => write,
            Some(Err(reason)) => {
                let what = Unsupported::Unsplit {
                    reason: *reason,
                    nodes: nodes.len(),
                };
                return Err(Failure::from(&PlanError::from(what)));
            }
            None => return Err(refused("a statement over several shards")),
        };
        bindings.check_places()?;
        check(bindings.digest(), plan.edits.iter())?;
        let asked = (statement, Some(bindings));
        let done = self.run_written((snapshot, plan), write, nodes, asked);
        Box::pin(done).await.map(drop)
    }
}
