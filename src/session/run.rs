//! A shard query on the right connection, and what it leaves behind in the session.

use std::pin::pin;
use std::sync::Arc;

use super::command_phase::End;
use super::connection_phase::wants_found_rows;
use super::diagnostics::Diagnostics;
use super::held::Backend;
use super::local::More;
use super::lost::{Ties, interrupted, is_broken, may_run_again};
use super::replica::{is_for_the_primary, on_a_replica};
use super::request::Request;
use super::state::Session;
use super::transaction::Transaction;
use crate::backend::{BackendError, Pool, Wanted};
use crate::error::{ErrorKind, MysqlError, StageError};
use crate::execute::{Limits, Relay, RelayError, ReplicaRelay, Seen, Summary, relay};
use crate::net::{Interest, NetError};
use crate::plan::PinReason;
use crate::reply::{Framing, Names, RowNames};
use crate::topology::{ReadPolicy, ReplicaSetId, ShardId};
use crate::wire::StatusFlags;

/// Where a statement runs.
#[derive(Clone, Copy, Debug)]
pub(super) struct Target<'a> {
    /// The replica set.
    pub replica_set: ReplicaSetId,
    /// The shard; `None`: no schema is involved.
    pub shard: Option<ShardId>,
    /// The shard's database, and what the client calls it; `None`: no schema is involved.
    pub names: Option<Names<'a>>,
    /// How its rows change.
    pub rows: Option<RowNames<'a>>,
    /// Which of the replica set's servers may answer.
    pub read: ReadPolicy,
}

/// What is run.
#[derive(Clone, Copy, Debug)]
pub(super) struct ShardQuery<'a> {
    /// The command for the server.
    pub request: Request<'a>,
    /// It says of every table where it is: the connection's current database does not matter.
    pub qualified: bool,
    /// It changes nothing, so that it may run again if the connection breaks.
    pub read_only: bool,
    /// It belongs to the client's transaction: one that is only requested begins with it.
    pub transactional: bool,
    /// LAST_INSERT_ID() must be the session's.
    pub needs_last_insert_id: bool,
    /// What LAST_INSERT_ID() and FOUND_ROWS() give afterwards must be asked.
    pub leaves_counts: bool,
    /// What it leaves on its connection.
    pub pin: Option<PinReason>,
    /// It sees what the session left there, and nothing of other sessions.
    pub uses_pinned_state: bool,
}

/// How a statement ended for the session.
#[derive(Debug)]
pub(super) enum Failure {
    /// With an error that the client is told; the session goes on.
    Error(MysqlError),
    /// With the session.
    End(End),
}

impl From<MysqlError> for Failure {
    fn from(error: MysqlError) -> Self {
        Self::Error(error)
    }
}

impl<E: StageError> From<&E> for Failure {
    fn from(error: &E) -> Self {
        Self::Error(error.to_mysql())
    }
}

impl Session {
    /// Runs a query and passes its answer to the client.
    pub async fn run(
        &mut self,
        target: &Target<'_>,
        query: &ShardQuery<'_>,
        more: More,
    ) -> Result<Summary, Failure> {
        if target.read != ReadPolicy::Primary
            && let Some(done) = Box::pin(self.read_on_replica(target, query, more)).await?
        {
            return Ok(done);
        }
        let mut retried = false;
        let mut waited = None;
        if query.transactional && self.transaction.is_beyond(target.replica_set) {
            Box::pin(self.check_join(target, query)).await?;
        }
        loop {
            // What is rare lives apart: a future is copied when it begins.
            let (mut backend, fresh) = match self.acquire_now(target, query)? {
                Some(acquired) => acquired,
                None => Box::pin(self.connect(target, query)).await?,
            };
            let dirty = fresh && query.uses_pinned_state;
            let prepared = if !dirty && self.is_prepared(&backend, target, query) {
                Ok(false)
            } else {
                Box::pin(self.prepare(&mut backend, target, query, dirty)).await
            };
            let began = match prepared {
                Ok(began) => began,
                Err(error) => {
                    if fresh && !retried && is_broken(&error) {
                        // Nothing of the client's was sent: an idle connection had died.
                        retried = true;
                        continue;
                    }
                    return Err(self.report(error.into(), Ties::of(&backend, false)));
                }
            };
            let was_open = backend.transaction || began;
            let elsewhere = self.may_run_elsewhere(target, query, fresh && !was_open);
            let exchange = self.exchange(&mut backend, target, query, (more, elsewhere));
            let exchanged = pin!(exchange).await;
            match exchanged {
                Ok(summary) if summary.withheld => self.withheld(backend, summary, &mut waited)?,
                Ok(summary) => {
                    self.take_over(&mut backend, query, was_open, &summary)?;
                    if summary.error.is_some() && self.transaction.is_on_several() {
                        return Box::pin(self.failed_on_one(backend, summary)).await;
                    }
                    if !leaves_something(query, &summary)
                        || Box::pin(self.ask(&mut backend, target, query, &summary)).await?
                    {
                        self.keep_or_release(backend);
                    }
                    return Ok(summary);
                }
                Err(error) => {
                    if fresh && !retried && may_run_again(&error, query, was_open) {
                        retried = true;
                        continue;
                    }
                    return Err(self.broke_off(error, query, &backend, was_open));
                }
            }
        }
    }

    fn keep_or_release(&mut self, mut backend: Backend) {
        backend.connection.packets().trim();
        self.held.settle(backend);
    }

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
        let Some(pool) = self.pool(target)? else {
            return Ok(None);
        };
        let connection = pool.try_checkout(&self.wanted(target, query));
        Ok(connection.map(|connection| (Backend::new(target.replica_set, connection), true)))
    }

    /// A connection that the pool must open, or that another session must give back first; or one
    /// to a primary that is not known yet.
    pub(super) async fn connect(
        &self,
        target: &Target<'_>,
        query: &ShardQuery<'_>,
    ) -> Result<(Backend, bool), Failure> {
        let wanted = self.wanted(target, query);
        let set = self.shared.cluster.get(target.replica_set);
        let connecting = set.ok_or_else(stale)?.checkout(&wanted);
        let watch = &self.handle.watch;
        match watch.guard(None, Interest::STATEMENT, connecting).await {
            Ok(Ok(connection)) => Ok((Backend::new(target.replica_set, connection), true)),
            Ok(Err(error)) => Err(Failure::from(&error)),
            Err(signal) => Err(interrupted(signal)),
        }
    }

    /// The primary's connections; `None`: nobody knows who is primary.
    pub(super) fn pool(&self, target: &Target<'_>) -> Result<Option<&Arc<Pool>>, Failure> {
        let replica_set = self.shared.cluster.get(target.replica_set);
        Ok(replica_set.ok_or_else(stale)?.primary())
    }

    pub(super) fn wanted<'a>(&'a self, target: &Target<'a>, query: &ShardQuery<'_>) -> Wanted<'a> {
        Wanted {
            database: target
                .names
                .filter(|_| !query.qualified)
                .and_then(|names| std::str::from_utf8(names.physical).ok()),
            variables: Some(&self.state.variables),
            found_rows: wants_found_rows(self.capabilities),
        }
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
        !begins
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
        let wanted = self.wanted(target, query);
        let limit = Some(self.shared.limits.handshake);
        let connection = &mut backend.connection;
        let prepared = async {
            if dirty {
                connection.reset().await?;
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

    pub(super) async fn exchange(
        &mut self,
        backend: &mut Backend,
        target: &Target<'_>,
        query: &ShardQuery<'_>,
        (more, replica): (More, Option<ReplicaRelay<'_>>),
    ) -> Result<Summary, RelayError> {
        match query.request {
            Request::Execute(execute) => {
                let what = (target, query, more);
                pin!(self.exchange_prepared(backend, what, execute, replica)).await
            }
            _ => pin!(self.exchange_now(backend, target, query, (more, replica))).await,
        }
    }

    pub(super) async fn exchange_now(
        &mut self,
        backend: &mut Backend,
        target: &Target<'_>,
        query: &ShardQuery<'_>,
        (more, replica): (More, Option<ReplicaRelay<'_>>),
    ) -> Result<Summary, RelayError> {
        if backend.connection.statements().is_closing() {
            backend.connection.queue_closes();
        }
        let capabilities = backend.connection.capabilities();
        backend.connection.packets().reset_sequence();
        let answer = query.request.queue(&mut backend.connection);
        let elsewhere = !query.transactional && !backend.transaction;
        let add_status = if elsewhere {
            self.transaction_status()
        } else {
            StatusFlags::empty()
        };
        let mut status_before = self.status();
        if query.transactional && !self.state.autocommit() {
            status_before |= StatusFlags::SERVER_STATUS_IN_TRANS;
        }
        let mut exchange = Relay {
            answer,
            client: &mut self.client,
            backend: &mut backend.connection,
            framing: Framing {
                client: self.capabilities,
                backend: capabilities,
                names: target.names,
                rows: target.rows,
                tracked: &self.state.tracked,
                gtids: self.state.hears_of_gtids(),
                status_before,
                add_status,
                more_results: more.0,
            },
            watch: &self.handle.watch,
            limits: Limits {
                statement: self.shared.limits.statement,
                write: self.shared.limits.write,
            },
            replica,
        };
        pin!(relay(&mut exchange)).await
    }

    /// Takes over what the statement changed in the session and on its connection.
    pub(super) fn take_over(
        &mut self,
        backend: &mut Backend,
        query: &ShardQuery<'_>,
        was_open: bool,
        summary: &Summary,
    ) -> Result<(), Failure> {
        if let Request::Prepare { text, .. } = query.request {
            self.take_over_prepared(backend, text, summary);
            return Ok(());
        }
        self.note_written(backend, query, was_open, summary);
        let in_transaction = match &summary.error {
            None => summary.status.contains(StatusFlags::SERVER_STATUS_IN_TRANS),
            // An error says nothing about the transaction: the next status will.
            Some(_) => was_open || (query.transactional && !self.state.autocommit()),
        };
        if self.transaction.is_beyond(backend.replica_set) {
            self.check_share(was_open, in_transaction)?;
        } else if in_transaction {
            self.transaction.opened(backend.replica_set);
        } else if backend.transaction || was_open {
            self.transaction = Transaction::None;
        }
        if in_transaction {
            backend.transaction = true;
            backend.wrote |= !query.read_only;
            backend.uncertain |= summary.error.is_some();
        } else {
            backend.end_transaction();
        }
        if query.transactional && self.settle_next_transaction(summary, in_transaction) {
            // The connection still holds what was meant for this session's next transaction.
            backend.connection.doom();
        }
        // A statement that failed may have left something behind all the same.
        if let Some(reason) = query.pin {
            backend.pin(reason);
        }
        self.note_result(summary);
        if !summary.session_changes.is_empty() {
            self.note_changes(&mut backend.connection, &summary.session_changes);
        }
        self.diagnostics = match &summary.error {
            Some(error) => Diagnostics::of_error(error),
            None => Diagnostics::default(),
        };
        Ok(())
    }

    /// Asks the connection what the statement left behind; says whether it may be used again.
    pub(super) async fn ask(
        &mut self,
        backend: &mut Backend,
        target: &Target<'_>,
        query: &ShardQuery<'_>,
        summary: &Summary,
    ) -> Result<bool, Failure> {
        let connection = &mut backend.connection;
        let asked = self.follow_up(connection, query, target.names, summary);
        let Err(error) = asked.await else {
            return Ok(true);
        };
        // The client has its answer; what it left behind is not known.
        tracing::warn!(%error, "could not ask what a statement left behind");
        let set = matches!(query.request, Request::Set { .. });
        match Ties::of(backend, false) {
            Ties::None if !set => Ok(false),
            Ties::None | Ties::Some => Err(Failure::End(End::Broken)),
        }
    }

    /// SET TRANSACTION holds until a transaction has begun; says whether it still does, after a
    /// statement that failed.
    fn settle_next_transaction(&mut self, summary: &Summary, in_transaction: bool) -> bool {
        if summary.error.is_some() && !in_transaction {
            return !self.state.next_transaction.is_empty();
        }
        if !self.state.next_transaction.is_empty() {
            let settings = std::mem::take(&mut self.state.next_transaction);
            if let Some(prelude) = self.transaction.prelude() {
                prelude.keep_settings(settings);
            }
        }
        self.state.next_access = None;
        false
    }

    pub(super) fn note_result(&mut self, summary: &Summary) {
        match (&summary.error, summary.rows) {
            (Some(_), _) => self.state.row_count = -1,
            (None, Some(rows)) => {
                self.state.row_count = -1;
                self.state.found_rows = rows;
                self.state.skipped_rows = false;
            }
            (None, None) => {
                self.state.row_count = i64::try_from(summary.affected_rows).unwrap_or(i64::MAX);
            }
        }
    }

    /// What the client is told of a connection that was lost. With it went whatever the session
    /// had on it: as on MySQL itself, the session then ends, lest the rest of a transaction is
    /// executed without its beginning.
    pub(super) fn report(&mut self, error: RelayError, ties: Ties) -> Failure {
        let (error, seen) = match error {
            RelayError::Client(stop) => return Failure::End(stop.into()),
            RelayError::Backend { error, seen } => (error, seen),
        };
        tracing::warn!(%error, "a statement lost its server");
        let told = error.to_mysql();
        match seen {
            Seen::Half => return Failure::End(End::Broken),
            Seen::WholeRows(sequence) => self.client.set_sequence(sequence),
            Seen::Nothing => {}
        }
        match ties {
            Ties::Some => Failure::End(End::Told(told)),
            Ties::None => Failure::Error(told),
        }
    }

    /// Ends what the session has open on a replica set, without the client hearing of it.
    pub async fn end_quietly(&mut self, replica_set: ReplicaSetId) -> Result<(), Failure> {
        let Some(mut backend) = self.held.take(replica_set) else {
            return Ok(());
        };
        let limit = Some(self.shared.limits.handshake);
        let commit = backend
            .connection
            .execute(b"COMMIT AND NO CHAIN NO RELEASE");
        let interest = Interest::FINISH;
        match self.handle.watch.guard(limit, interest, commit).await {
            Ok(Ok(())) => {
                backend.end_transaction();
                self.held.settle(backend);
                Ok(())
            }
            Ok(Err(_)) | Err(_) => Err(Failure::End(End::Broken)),
        }
    }
}

/// Whether the connection alone can tell what the statement has done to its session.
pub(super) fn leaves_something(query: &ShardQuery<'_>, summary: &Summary) -> bool {
    summary.error.is_none()
        && (matches!(query.request, Request::Set { .. })
            || query.leaves_counts
            || summary.warnings > 0
            || summary.last_insert_id != 0)
}

fn stale() -> MysqlError {
    MysqlError::new(
        ErrorKind::Internal,
        "the statement was planned for servers that are no longer configured; run it again",
    )
}
