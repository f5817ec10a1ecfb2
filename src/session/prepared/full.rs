//! A server that has no room for another prepared statement (`max_prepared_stmt_count`): what connections
//! keep for whoever needs it next is given back.

use std::pin::pin;
use std::time::Duration;

use crate::backend::Pooled;
use crate::error::{ErrorKind, MysqlError};
use crate::execute::{RelayError, ReplicaRelay, Summary};
use crate::net::Interest;
use crate::session::held::Backend;
use crate::session::local::More;
use crate::session::shard_query::{ShardQuery, Target};
use crate::session::state::Session;

/// ER_MAX_PREPARED_STMT_COUNT_REACHED, which the client is not told at first.
const FULL: [u16; 1] = [ErrorKind::TooManyStatements.code().0];

/// Of so many idle connections at most.
const CONNECTIONS: usize = 64;

/// A statement waits no longer for their answers, in all.
const PATIENCE: Duration = Duration::from_secs(2);

/// Whether a server has no room for another statement.
pub(super) fn is_full(error: &MysqlError) -> bool {
    FULL.contains(&error.code)
}

impl Session {
    /// COM_STMT_PREPARE, once more where there was no room.
    pub(in crate::session) async fn exchange_preparation(
        &mut self,
        backend: &mut Backend,
        (target, query, more): (&Target<'_>, &ShardQuery<'_>, More),
    ) -> Result<Summary, RelayError> {
        let withholding = ReplicaRelay {
            silent: None,
            withheld: &FULL,
        };
        let how = (more, Some(withholding));
        let summary = pin!(self.exchange_now(backend, target, query, how)).await?;
        if !summary.withheld {
            return Ok(summary);
        }
        self.free_statements(backend).await;
        pin!(self.exchange_now(backend, target, query, (more, None))).await
    }

    /// Has the statements closed that this connection and idle ones of its pool keep: in all no longer
    /// than [`PATIENCE`], and not again once one does not answer.
    pub(super) async fn free_statements(&self, backend: &mut Backend) {
        backend.connection.statements().close_all();
        let Some(pool) = backend.connection.pool() else {
            return;
        };
        let mut idle = pool.take_keepers(CONNECTIONS);
        let closing = async {
            while let Some(mut connection) = idle.pop() {
                connection.statements().close_all();
                connection.queue_closes();
                // The server does not answer what closes them: behind this answer they are gone.
                if connection.execute(b"DO 0").await.is_err() {
                    break;
                }
                connection.release();
            }
        };
        let limit = self.shared.limits.statement;
        let limit = limit.map_or(PATIENCE, |limit| limit.min(PATIENCE));
        let interest = Interest::STATEMENT;
        let ended = self.handle.watch.guard(Some(limit), interest, closing);
        if ended.await.is_err() {
            tracing::debug!("a server is full of statements and does not close them in time");
        }
        idle.into_iter().for_each(Pooled::release);
    }
}
