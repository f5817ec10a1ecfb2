//! An execution of a prepared statement on a connection that may not know it yet.

use std::sync::Arc;

use crate::backend::{BackendError, Connection, StatementKey, Variables, Wanted};
use crate::error::MysqlError;
use crate::wire::Execution;

/// COM_STMT_EXECUTE, and what is prepared before it.
#[derive(Clone, Debug)]
pub struct Execute<'a> {
    /// The text.
    pub sql: &'a [u8],
    /// The database of its unqualified names, if it has any.
    pub database: Option<&'a str>,
    /// Under which the connection knows the statement.
    pub key: StatementKey,
    /// Under which it knows one of the same text that was never executed.
    pub fresh: StatementKey,
    /// The variables under which it is prepared.
    pub then: &'a Arc<Variables>,
    /// The variables under which it is executed.
    pub now: &'a Arc<Variables>,
    /// The parameters.
    pub execution: Execution<'a>,
    /// Parameters that were sent before, in pieces.
    pub long_data: &'a [(u16, Vec<u8>)],
    /// The server had forgotten the statement.
    pub again: bool,
}

impl Execute<'_> {
    /// Prepares the statement where the connection does not know it; gives back what the server has
    /// against it.
    pub(super) async fn make_ready(
        &self,
        connection: &mut Connection,
    ) -> Result<Option<MysqlError>, BackendError> {
        if connection.statements().has_or_adopts(self.key, self.fresh) {
            return Ok(None);
        }
        let wanted = Wanted {
            database: self.database,
            variables: Some(self.then),
            found_rows: connection.found_rows(),
        };
        connection.prepare(&wanted, &[]).await?;
        let objection = connection.prepare_statement(self.key, self.sql).await?;
        if !Arc::ptr_eq(self.then, self.now) {
            let wanted = Wanted {
                database: None,
                variables: Some(self.now),
                ..wanted
            };
            connection.prepare(&wanted, &[]).await?;
        }
        Ok(objection)
    }

    /// Queues the execution.
    pub(super) fn queue(&self, connection: &mut Connection) {
        connection.queue_execute(self.key, &self.execution, self.long_data);
    }
}
