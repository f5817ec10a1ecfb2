//! A statement that has no plan: not supported, or no SQL at all? A server knows.

use std::sync::Arc;

use super::query::Statement;
use super::shared::Snapshot;
use super::state::Session;
use crate::backend::{BackendError, Wanted};
use crate::error::{ErrorKind, MysqlError};
use crate::net::Interest;
use crate::plan::Plan;
use crate::route::Route;

/// Longer statements are not sent to a server for their errors alone.
const MAX_ASKED: usize = 1 << 20;

impl Session {
    /// What the client is told: MySQL's own words for what MySQL cannot read either, else `error`.
    pub(super) async fn refusal(
        &self,
        error: &MysqlError,
        plan: &Plan,
        snapshot: &Snapshot,
        statement: &Statement<'_>,
    ) -> MysqlError {
        let unsupported = error.code == ErrorKind::NotSupportedYet.code().0;
        if !unsupported || statement.text().len() > MAX_ASKED {
            return error.clone();
        }
        match self.objection(plan, snapshot, statement).await {
            Some(found) if found.code == ErrorKind::Syntax.code().0 => found,
            _ => error.clone(),
        }
    }

    /// Asked on a connection of its own: a transaction's must not notice.
    async fn objection(
        &self,
        plan: &Plan,
        snapshot: &Snapshot,
        statement: &Statement<'_>,
    ) -> Option<MysqlError> {
        let target = self.target(snapshot, plan, &Route::Any(None)).ok()?;
        let pool = Arc::clone(&self.shared.cluster.get(target.replica_set)?.primary);
        let wanted = Wanted {
            database: None,
            variables: Some(&self.state.variables),
            found_rows: false,
        };
        let asked = async {
            let mut connection = pool.checkout(&wanted).await?;
            connection.prepare(&wanted, &[]).await?;
            let objection = connection.objection(statement.text()).await?;
            connection.release();
            Ok::<_, BackendError>(objection)
        };
        let limit = Some(self.shared.limits.handshake);
        let watch = &self.handle.watch;
        match watch.guard(limit, Interest::STATEMENT, asked).await {
            Ok(Ok(objection)) => objection,
            Ok(Err(error)) => {
                tracing::debug!(%error, "could not ask a server about a refused statement");
                None
            }
            Err(_) => None,
        }
    }
}
