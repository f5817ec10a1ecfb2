//! A shard query on the right connection, and what it leaves behind in the session.

use std::pin::pin;

use super::command_phase::End;
use super::diagnostics::Diagnostics;
use super::failure::Failure;
use super::held::Backend;
use super::local::More;
use super::lost::{Ties, is_broken, may_run_again};
use super::request::Request;
use super::shard_query::{ShardQuery, Target};
use super::state::Session;
use super::transaction::Transaction;
use crate::error::StageError;
use crate::execute::{Relay, RelayError, ReplicaRelay, Seen, Summary, relay};
use crate::net::Interest;
use crate::reply::Framing;
use crate::topology::{ReadPolicy, ReplicaSetId};
use crate::wire::StatusFlags;

impl Session {
    /// Runs a query and passes its answer to the client.
    pub async fn run(
        &mut self,
        target: &Target<'_>,
        query: &ShardQuery<'_>,
        more: More,
    ) -> Result<Summary, Failure> {
        self.meter.shard = target.shard;
        if target.read != ReadPolicy::Primary
            && let Some(done) = Box::pin(self.read_on_replica(target, query, more)).await?
        {
            return Ok(done);
        }
        if let Some(carried) = self.lends(target, query) {
            return Box::pin(self.run_lending(carried, (target, query), more)).await;
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
                    let ran = (target, query, was_open);
                    return pin!(self.completed(backend, ran, summary)).await;
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

    /// The client has its answer: what it means for the session and for the connection.
    async fn completed(
        &mut self,
        mut backend: Backend,
        (target, query, was_open): (&Target<'_>, &ShardQuery<'_>, bool),
        summary: Summary,
    ) -> Result<Summary, Failure> {
        self.take_over(&mut backend, query, was_open, &summary)?;
        if query.assigns_elsewhere() {
            Box::pin(self.bring_back(&mut backend, query)).await?;
        }
        if summary.error.is_some() && self.transaction.is_on_several() {
            return Box::pin(self.failed_on_one(backend, summary)).await;
        }
        let explained = summary.error.is_some() && self.may_tell_more(query);
        if !(explained || self.leaves_something(query, &summary))
            || Box::pin(self.ask(&mut backend, target, query, &summary)).await?
        {
            self.keep_or_release(backend);
        }
        Ok(summary)
    }

    fn keep_or_release(&mut self, mut backend: Backend) {
        backend.connection.packets().trim();
        self.held.settle(backend);
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
            Request::Prepare { .. } => {
                Box::pin(self.exchange_preparation(backend, (target, query, more))).await
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
        let (status_before, add_status) = self.statuses(query, backend.transaction);
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
                file: query.request.file(),
                hidden: query.request.hidden(),
                status_before,
                add_status,
                more_results: more.0,
                calls: query.calls,
                overdue: false,
                ids: query.ids,
                quota: self.quota.as_deref(),
            },
            watch: &self.handle.watch,
            limits: self.shared.limits.of_statement(),
            replica,
            progress: query.request.file().map(|_| &self.handle.loading),
        };
        let sent = self.meter.sent();
        let relayed = pin!(relay(&mut exchange)).await;
        let overdue = exchange.framing.overdue;
        self.meter
            .answered(sent, relayed.as_ref().ok(), &backend.connection);
        if overdue {
            self.note_overdue(relayed.as_ref().ok());
        }
        if self.quota.is_some() {
            let summary = relayed.as_ref().ok();
            self.note_exceeded(summary.and_then(|summary| summary.error.as_ref()));
        }
        relayed
    }

    /// The status before the statement, and what its answer's own does not say of the session's
    /// transaction: `there`, whether the backend is in it.
    fn statuses(&self, query: &ShardQuery<'_>, there: bool) -> (StatusFlags, StatusFlags) {
        let mut before = self.status();
        if query.transactional && !self.state.autocommit() {
            before |= StatusFlags::SERVER_STATUS_IN_TRANS;
        }
        let add = match !query.transactional && !there {
            true => self.transaction_status(),
            false => StatusFlags::empty(),
        };
        (before, add)
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
        self.note_answer(backend, summary);
        if let Some((execute, number)) = query.wants_cursor() {
            self.note_cursor(backend, (query, execute, number), summary);
        }
        Ok(())
    }

    /// Takes over what has nothing to do with the transaction.
    pub(super) fn note_answer(&mut self, backend: &mut Backend, summary: &Summary) {
        self.note_result(summary);
        if !summary.session_changes.is_empty() {
            self.note_changes(&mut backend.connection, &summary.session_changes);
        }
        self.diagnostics = match &summary.error {
            Some(error) => Diagnostics::of_error(error),
            None => Diagnostics::default(),
        };
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
            self.state.next_access = None;
            // A statement that began none, since it read no table, has left them as they were.
            return !in_transaction;
        }
        self.state.next_access = None;
        false
    }

    pub(super) fn note_result(&mut self, summary: &Summary) {
        self.meter.note(summary);
        self.note_relayed(summary);
        match (&summary.error, summary.rows) {
            (Some(_), _) | (None, Some(_)) => self.state.row_count = -1,
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

    /// Whether the connection alone can tell what the statement has done to its session, or is left with
    /// something that must go.
    pub(super) fn leaves_something(&self, query: &ShardQuery<'_>, summary: &Summary) -> bool {
        query.leaves_counts
            || summary.error.is_none()
                && (matches!(query.request, Request::Set { .. })
                    || summary.warnings > 0
                    || summary.last_insert_id != 0
                    || self.hides_transaction(query, summary))
    }
}
