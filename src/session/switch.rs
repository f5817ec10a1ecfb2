//! Statements that meet a primary which is one no more.

use std::time::Instant;

use super::failure::Failure;
use super::held::Backend;
use super::lost::Ties;
use super::request::Request;
use super::shard_query::{ShardQuery, Target};
use super::state::Session;
use crate::error::{ErrorKind, MysqlError};
use crate::execute::{RelayError, ReplicaRelay, Summary};
use crate::net::NetError;

/// What a read is told by a server that shuts down. It runs again elsewhere.
const SHUTDOWN: [u16; 1] = [
    1053, // ER_SERVER_SHUTDOWN
];

/// What a write is told by a server that has become read-only. It has changed nothing there.
const READ_ONLY: [u16; 2] = [
    1290, // ER_OPTION_PREVENTS_STATEMENT
    1836, // ER_READ_ONLY_MODE
];

impl Session {
    /// Which errors of the primary mean that the statement, which is `alone` in its transaction,
    /// shall run on the next primary. Not where part of it may stay done: a procedure commits on
    /// its way.
    pub(super) fn may_run_elsewhere(
        &self,
        target: &Target<'_>,
        query: &ShardQuery<'_>,
        alone: bool,
    ) -> Option<ReplicaRelay<'static>> {
        let set = self.shared.cluster.get(target.replica_set)?;
        let whole = alone
            && matches!(query.request, Request::Query { .. } | Request::Execute(_))
            && query.pin.is_none()
            && self.state.autocommit()
            && !self.transaction.is_active();
        if !set.has_replicas() || !whole {
            return None;
        }
        let withheld: &'static [u16] = match query.read_only {
            true => &SHUTDOWN,
            false => &READ_ONLY,
        };
        Some(ReplicaRelay {
            silent: None,
            withheld,
        })
    }

    /// What the client is told of a statement that may have been carried out all the same.
    pub(super) fn broke_off(
        &mut self,
        error: RelayError,
        query: &ShardQuery<'_>,
        backend: &Backend,
        was_open: bool,
    ) -> Failure {
        self.note_write_lost(backend.replica_set, query);
        self.report(error, Ties::of(backend, was_open))
    }

    /// What is open on a server that is no primary any more has no future: it ends as with a
    /// server that is gone.
    pub(super) fn check_left(&mut self, backend: &Backend) -> Result<(), Failure> {
        let set = self.shared.cluster.get(backend.replica_set);
        let left = set.is_some_and(|set| set.has_left(backend.connection.server()));
        if !left || backend.ticket.is_some() {
            return Ok(());
        }
        let lost = backend.connection.lost(NetError::Closed, true);
        Err(self.report(lost.into(), Ties::Some))
    }

    /// The server has refused the statement: another one will take it, if there is one in time.
    ///
    /// # Errors
    /// The server's own error where it has another reason, or where there is no other server.
    pub(super) fn withheld(
        &mut self,
        backend: Backend,
        summary: Summary,
        waited: &mut Option<Instant>,
    ) -> Result<(), Failure> {
        let set = self.shared.cluster.get(backend.replica_set);
        let error = summary.error.unwrap_or_else(|| {
            MysqlError::new(
                ErrorKind::Internal,
                "a statement was refused without an error",
            )
        });
        let Some(set) = set.filter(|_| is_of_the_role(&error)) else {
            self.held.settle(backend);
            return Err(Failure::Error(error));
        };
        let since = *waited.get_or_insert_with(Instant::now);
        if since.elapsed() >= set.failover_buffer() {
            return Err(Failure::Error(error));
        }
        set.refused(backend.connection.server());
        // Its connection is closed: nobody needs it.
        Ok(())
    }
}

/// The same error stands for other options too.
fn is_of_the_role(error: &MysqlError) -> bool {
    const OPTION_PREVENTS: u16 = 1290;
    let names = |option: &[u8]| {
        error
            .message
            .windows(option.len())
            .any(|part| part == option)
    };
    error.code != OPTION_PREVENTS || names(b"read-only") || names(b"read_only")
}
