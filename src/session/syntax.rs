//! Statements that the proxy cannot read: whether they are wrong, only a server can say.
//!
//! A server that is asked to prepare a statement parses it first of all and executes nothing. Its
//! syntax error names the place and the line; where it has none, the proxy's own refusal holds.

use std::sync::Arc;

use super::connection_phase::wants_found_rows;
use super::state::Session;
use crate::backend::{BackendError, Pooled, Wanted};
use crate::error::{ErrorKind, MysqlError};
use crate::topology::ReplicaSetId;
use crate::wire::{PrepareOk, decode_err, put_stmt_close, put_stmt_prepare};

/// More than this is not sent twice, in bytes.
const MAX_CHECKED: usize = 1 << 20;

impl Session {
    /// What a server says of the syntax of the statement `sql[start..end]`, else `otherwise`. The
    /// error speaks of the whole rest of `sql`, as it does where a server reads the rest itself.
    pub(super) async fn syntax_error(
        &self,
        sql: &[u8],
        (start, end): (usize, usize),
        otherwise: MysqlError,
    ) -> MysqlError {
        let statement = sql.get(start..end).unwrap_or_default();
        let rest = sql.get(start..).unwrap_or_default();
        if rest.len() > MAX_CHECKED {
            return otherwise;
        }
        let check = Box::pin(self.check_syntax(statement, rest));
        let interest = crate::net::Interest::FINISH;
        let limit = Some(self.shared.limits.handshake);
        match self.handle.watch.guard(limit, interest, check).await {
            Ok(Ok(Some(error))) => error,
            Ok(Ok(None)) | Err(_) => otherwise,
            Ok(Err(error)) => {
                tracing::debug!(%error, "could not ask a server about a statement's syntax");
                otherwise
            }
        }
    }

    async fn check_syntax(
        &self,
        statement: &[u8],
        rest: &[u8],
    ) -> Result<Option<MysqlError>, BackendError> {
        let wanted = Wanted {
            database: None,
            variables: Some(&self.state.variables),
            found_rows: wants_found_rows(self.capabilities),
        };
        let Some(set) = self.shared.cluster.get(ReplicaSetId(0)) else {
            return Ok(None);
        };
        let mut connection = Arc::clone(&set.primary).checkout(&wanted).await?;
        connection.prepare(&wanted, &[]).await?;
        let mut error = only_prepare(&mut connection, statement).await?;
        if error.is_some() && rest.len() > statement.len() {
            error = only_prepare(&mut connection, rest).await?;
        }
        connection.release();
        Ok(error)
    }
}

/// Prepares a statement and forgets it; gives the syntax error, no other.
async fn only_prepare(
    connection: &mut Pooled,
    sql: &[u8],
) -> Result<Option<MysqlError>, BackendError> {
    connection.packets().reset_sequence();
    connection
        .packets()
        .queue_with(|out| put_stmt_prepare(out, sql));
    connection.flush().await?;
    let answer = connection.read_packet().await?;
    if answer.first() == Some(&0xFF) {
        let error = decode_err(&answer).map_err(|error| connection.malformed(error))?;
        let syntax = ErrorKind::Syntax.code().0;
        return Ok(Some(error).filter(|error| error.code == syntax));
    }
    let prepared = PrepareOk::decode(&answer).map_err(|error| connection.malformed(error))?;
    for _ in 0..u32::from(prepared.params) + u32::from(prepared.columns) {
        connection.read_packet().await?;
    }
    connection.packets().reset_sequence();
    connection
        .packets()
        .queue_with(|out| put_stmt_close(out, prepared.statement));
    connection.flush().await?;
    Ok(None)
}
