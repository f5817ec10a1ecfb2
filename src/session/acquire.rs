//! The connection on which a shard query runs, brought into the session's state.

use std::future::poll_fn;
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;

use super::connection_phase::wants_found_rows;
use super::failure::{Failure, interrupted};
use super::held::Backend;
use super::replica::{is_for_the_primary, on_a_replica};
use super::shard_query::{Lent, ShardQuery, Target};
use super::state::{Session, State};
use super::transaction::Transaction;
use crate::backend::{BackendError, Pool, Wanted};
use crate::error::MysqlError;
use crate::execute::Stop;
use crate::net::{Interest, NetError, PacketStream, Watch};
use crate::wire::CapabilityFlags;

impl Session {
    /// The session's own connection to the replica set, else an idle one of the pool (`true`).
    pub(super) fn acquire_now(
        &mut self,
        target: &Target<'_>,
        query: &ShardQuery<'_>,
    ) -> Result<Option<(Backend, bool)>, Failure> {
        if let Some(backend) = self.held.take(target.replica_set) {
            if backend.is_replica() && is_for_the_primary(query) {
                self.held.settle(backend);
                return Err(Failure::Error(on_a_replica()));
            }
            self.check_left(&backend)?;
            return Ok(Some((backend, false)));
        }
        if query.may_run_beside()
            && let Some(pool) = self.pool(target)?
        {
            let server = Arc::clone(pool.server());
            if let Some(backend) = self.held.take_beside(&server) {
                return Ok(Some((backend, false)));
            }
        }
        let Some(pool) = self.pool(target)? else {
            return Ok(None);
        };
        let connection = pool.try_checkout(&self.wanted(target, query));
        Ok(connection.map(|connection| (Backend::new(target.replica_set, connection), true)))
    }

    /// A connection that the pool must open, or that another session must give back first; or one
    /// to a primary that is not known yet.
    pub(super) async fn connect(
        &mut self,
        target: &Target<'_>,
        query: &ShardQuery<'_>,
    ) -> Result<(Backend, bool), Failure> {
        let wanted = wanted(&self.state, self.capabilities, target, query);
        let set = self.shared.cluster.get(target.replica_set);
        let connecting = set.ok_or_else(MysqlError::stale)?.checkout(&wanted);
        match unless_ended(&mut self.client, &self.handle.watch, connecting).await? {
            Ok(connection) => Ok((Backend::new(target.replica_set, connection), true)),
            Err(error) => Err(Failure::from(&error)),
        }
    }

    /// The primary's connections; `None`: nobody knows who is primary.
    pub(super) fn pool(&self, target: &Target<'_>) -> Result<Option<&Arc<Pool>>, Failure> {
        let replica_set = self.shared.cluster.get(target.replica_set);
        Ok(replica_set.ok_or_else(MysqlError::stale)?.primary())
    }

    pub(super) fn wanted<'a>(&'a self, target: &Target<'a>, query: &ShardQuery<'_>) -> Wanted<'a> {
        wanted(&self.state, self.capabilities, target, query)
    }

    /// Whether the connection is in the session's state already: nearly always.
    pub(super) fn is_prepared(
        &self,
        backend: &Backend,
        target: &Target<'_>,
        query: &ShardQuery<'_>,
    ) -> bool {
        let begins = query.transactional
            && match &self.transaction {
                Transaction::None => !self.state.next_transaction.is_empty(),
                Transaction::Requested(_) => true,
                Transaction::Open(_) => !backend.transaction,
            };
        let lends = matches!(query.variables, Lent::Set(..)) && !backend.is_owner();
        !begins
            && !lends
            && !query.needs_last_insert_id
            && !query.leaves_counts
            && backend.connection.matches(&self.wanted(target, query))
    }

    /// Brings the connection into the session's state, `dirty` ones from the beginning: a stored
    /// function or a trigger of another session may have left user variables there. Says whether
    /// a transaction began with it.
    pub(super) async fn prepare(
        &mut self,
        backend: &mut Backend,
        target: &Target<'_>,
        query: &ShardQuery<'_>,
        dirty: bool,
    ) -> Result<bool, BackendError> {
        let mut prelude: Vec<Vec<u8>> = Vec::new();
        let mut began = false;
        if query.transactional && !backend.transaction {
            prelude.extend(self.state.next_transaction.clone());
            began = self.begin_on(backend, &mut prelude).await?;
        }
        if query.needs_last_insert_id || query.leaves_counts {
            prelude.push(format!("SET last_insert_id={}", self.state.last_insert_id).into_bytes());
        }
        prelude.extend(lend(backend, query));
        let is_lent = backend.connection.is_lent();
        let wanted = self.wanted(target, query);
        let limit = Some(self.shared.limits.handshake);
        let connection = &mut backend.connection;
        let prepared = async {
            if dirty {
                connection.reset().await?;
            }
            if is_lent {
                connection.lend();
            }
            connection.prepare(&wanted, &prelude).await
        };
        let interest = Interest::FINISH;
        match self.handle.watch.guard(limit, interest, prepared).await {
            Ok(prepared) => prepared?,
            Err(signal) => {
                let error = NetError::Interrupted(signal);
                return Err(backend.connection.lost(error, false));
            }
        }
        Ok(began)
    }
}

/// What gives a connection the variables that are lent to it.
pub(super) fn lend(backend: &mut Backend, query: &ShardQuery<'_>) -> Option<Vec<u8>> {
    let Lent::Set(_, set) = query.variables else {
        return None;
    };
    if backend.is_owner() {
        return None;
    }
    backend.connection.lend();
    (!set.is_empty()).then(|| set.to_vec())
}

/// The state in which a statement needs its connection.
pub(super) fn wanted<'a>(
    state: &'a State,
    capabilities: CapabilityFlags,
    target: &Target<'a>,
    query: &ShardQuery<'_>,
) -> Wanted<'a> {
    Wanted {
        database: target.database().filter(|_| !query.qualified),
        variables: Some(&state.variables),
        found_rows: wants_found_rows(capabilities),
    }
}

/// What comes of the wait for a connection, unless a KILL or the client's leaving ends it: a queue
/// of clients that have gone would keep the others waiting.
pub(super) async fn unless_ended<T>(
    client: &mut PacketStream,
    watch: &Watch,
    connecting: impl Future<Output = T>,
) -> Result<T, Failure> {
    let connecting = unless_gone(client, connecting);
    match watch.guard(None, Interest::STATEMENT, connecting).await {
        Ok(Some(connected)) => Ok(connected),
        Ok(None) => Err(Failure::End(Stop::Gone.into())),
        Err(signal) => Err(interrupted(signal)),
    }
}

/// What comes of `work`; `None`: the client has gone before.
pub(super) async fn unless_gone<T>(
    client: &mut PacketStream,
    work: impl Future<Output = T>,
) -> Option<T> {
    let mut work = pin!(work);
    poll_fn(|cx| {
        if let Poll::Ready(done) = work.as_mut().poll(cx) {
            return Poll::Ready(Some(done));
        }
        client.poll_closed(cx).map(|()| None)
    })
    .await
}
