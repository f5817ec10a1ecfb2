//! Reads that a replica answers: which reads, which replica, and what if it fails.
//!
//! A read outside of transactions that a replica fails is run again on another one, and in the end
//! on the primary, which is where everything else goes at once.

use std::pin::{Pin, pin};
use std::sync::Arc;

use tokio::sync::futures::OwnedNotified;

use super::acquire::{unless_ended, wanted};
use super::failure::Failure;
use super::held::Backend;
use super::local::More;
use super::lost::{Ties, is_broken, may_run_again};
use super::request::Request;
use super::shard_query::{ShardQuery, Target};
use super::state::Session;
use super::transaction::Transaction;
use super::written::Needed;
use crate::backend::balance::Draw;
use crate::backend::health::Fault;
use crate::backend::{BackendError, Demand, Member, Pooled, ReplicaSet, TextRow, Ticket};
use crate::error::{ErrorKind, MysqlError};
use crate::execute::{RelayError, ReplicaRelay, Summary};
use crate::telemetry::Tick;
use crate::topology::ReadPolicy;

/// Errors that a replica may give where the primary would not: what was created or changed there
/// has not arrived yet, the replica shuts down or joins, or what is read writes (a view may call a
/// stored function).
pub(super) const WITHHELD: [u16; 14] = [
    1036, // ER_OPEN_AS_READONLY
    1047, // ER_UNKNOWN_COM_ERROR: a Galera node that is not ready
    1049, // ER_BAD_DB_ERROR
    1053, // ER_SERVER_SHUTDOWN
    1054, // ER_BAD_FIELD_ERROR
    1142, // ER_TABLEACCESS_DENIED_ERROR
    1143, // ER_COLUMNACCESS_DENIED_ERROR
    1146, // ER_NO_SUCH_TABLE
    1290, // ER_OPTION_PREVENTS_STATEMENT
    1305, // ER_SP_DOES_NOT_EXIST
    1356, // ER_VIEW_INVALID
    1412, // ER_TABLE_DEF_CHANGED
    1792, // ER_CANT_EXECUTE_IN_READ_ONLY_TRANSACTION
    1836, // ER_READ_ONLY_MODE
];

/// How a replica took a read.
enum Taken {
    Answered(Summary),
    /// It did not; another server shall.
    Passed,
}

impl Session {
    /// Runs a read on a replica and passes its answer to the client; `None`: it was not run, and
    /// is for the primary.
    pub(super) async fn read_on_replica(
        &mut self,
        target: &Target<'_>,
        query: &ShardQuery<'_>,
        more: More,
    ) -> Result<Option<Summary>, Failure> {
        let set = self.shared.cluster.get(target.replica_set);
        let Some(set) = set.filter(|set| set.has_replicas()) else {
            return Ok(None);
        };
        if !self.may_leave_the_primary(target, query) {
            return Ok(None);
        }
        let set = Arc::clone(set);
        let mut demand = self.demand(target.read, 0);
        while let Some(at) = set.choose(&demand) {
            demand.tried |= 1 << at;
            let taken = self.read_on((&set, at), target, query, more).await?;
            if let Taken::Answered(summary) = taken {
                return Ok(Some(summary));
            }
        }
        Ok(None)
    }

    /// What a read asks of the server that answers it; `tried` have failed it already.
    pub(super) fn demand(&self, policy: ReadPolicy, tried: u64) -> Demand {
        Demand {
            policy,
            tried,
            draw: Draw {
                source: xxhash_rust::xxh3::xxh3_64(self.host().as_bytes()),
                random: rand::random(),
            },
        }
    }

    /// Outside of transactions, or at the beginning of one that is READ ONLY; and nothing of the
    /// session's is on the primary.
    fn may_leave_the_primary(&self, target: &Target<'_>, query: &ShardQuery<'_>) -> bool {
        let free = match &self.transaction {
            Transaction::None => self.state.autocommit() && self.state.next_transaction.is_empty(),
            Transaction::Requested(_) => {
                self.transaction.is_read_only()
                    && query.transactional
                    && self.state.next_transaction.is_empty()
                    && !self.is_serializable()
            }
            Transaction::Open(_) => false,
        };
        let statement = matches!(query.request, Request::Query { .. } | Request::Execute(_));
        free && statement && only_reads(query) && !self.held.has(target.replica_set)
    }

    /// Such a transaction locks what it reads, which means nothing on a replica.
    fn is_serializable(&self) -> bool {
        ["transaction_isolation", "tx_isolation"]
            .iter()
            .any(|name| self.state.variables.get(name) == Some(b"SERIALIZABLE"))
    }

    async fn read_on(
        &mut self,
        (set, at): (&Arc<ReplicaSet>, usize),
        target: &Target<'_>,
        query: &ShardQuery<'_>,
        more: More,
    ) -> Result<Taken, Failure> {
        let Some((mut backend, member)) = self.reach((set, at), target, query).await? else {
            return Ok(Taken::Passed);
        };
        let mut silent = pin!(Arc::clone(&member.silent).notified_owned());
        let ready = self.ready_or_silent((set, at), &mut backend, silent.as_mut(), (target, query));
        let Some(began) = ready.await? else {
            backend.connection.release();
            return Ok(Taken::Passed);
        };
        let relayed = ReplicaRelay {
            silent: Some(silent),
            withheld: &WITHHELD,
        };
        let sent = Tick::now();
        let exchange = self.exchange(&mut backend, target, query, (more, Some(relayed)));
        let exchanged = pin!(exchange).await;
        self.finish_read(
            (set, member, sent),
            backend,
            (target, query, began),
            exchanged,
        )
        .await
    }

    /// A connection to the member at a position, and the member; `None`: it is for another one.
    pub(super) async fn reach<'m>(
        &mut self,
        (set, at): (&'m Arc<ReplicaSet>, usize),
        target: &Target<'_>,
        query: &ShardQuery<'_>,
    ) -> Result<Option<(Backend, &'m Member)>, Failure> {
        let Some(member) = set.member(at) else {
            return Ok(None);
        };
        let ticket = Ticket::new(Arc::clone(set), at);
        match self.connect_to(member, target, query).await? {
            Ok(connection) => {
                let mut backend = Backend::new(target.replica_set, connection);
                backend.ticket = Some(ticket);
                Ok(Some((backend, member)))
            }
            Err(error @ (BackendError::PoolTimeout { .. } | BackendError::PoolFull { .. })) => {
                Err(Failure::from(&error))
            }
            Err(error) => {
                note_passed((set, member), Some(Fault::Connect), &error);
                Ok(None)
            }
        }
    }

    /// [`Self::make_ready`], unless the server is silent before. `silent` hears of it from then on.
    /// `None`: the read is for another server.
    pub(super) async fn ready_or_silent(
        &mut self,
        (set, at): (&Arc<ReplicaSet>, usize),
        backend: &mut Backend,
        mut silent: Pin<&mut OwnedNotified>,
        (target, query): (&Target<'_>, &ShardQuery<'_>),
    ) -> Result<Option<bool>, Failure> {
        silent.as_mut().enable();
        if !set.is_alive(at) {
            backend.connection.doom();
            return Ok(None);
        }
        let ready = {
            let ready = pin!(self.make_ready((set, at), backend, target, query));
            tokio::select! {
                ready = ready => Some(ready),
                () = silent => None,
            }
        };
        if let Some(Ok(ready)) = ready {
            return Ok(ready);
        }
        backend.connection.doom();
        match (ready, set.member(at)) {
            (Some(Err(error)), Some(member)) => self.not_ready((set, member), error),
            _ => Ok(None),
        }
    }

    /// What a connection said that could not be brought into the session's state.
    fn not_ready(
        &mut self,
        (set, member): (&ReplicaSet, &Member),
        error: BackendError,
    ) -> Result<Option<bool>, Failure> {
        let fault = match &error {
            // KILL.
            BackendError::Lost { .. } if !is_broken(&error) => {
                return Err(self.report(error.into(), Ties::None));
            }
            BackendError::Setup(_) => None,
            _ => Some(Fault::Lost),
        };
        note_passed((set, member), fault, &error);
        Ok(None)
    }

    /// A connection to a member; the inner error is the member's.
    async fn connect_to(
        &mut self,
        member: &Member,
        target: &Target<'_>,
        query: &ShardQuery<'_>,
    ) -> Result<Result<Pooled, BackendError>, Failure> {
        let wanted = wanted(&self.state, self.capabilities, target, query);
        if let Some(connection) = member.pool.try_checkout(&wanted) {
            return Ok(Ok(connection));
        }
        let connecting = member.pool.checkout(&wanted);
        let silent = Arc::clone(&member.silent).notified_owned();
        tokio::select! {
            connected = unless_ended(&mut self.client, &self.handle.watch, connecting) => connected,
            () = silent => Ok(Err(BackendError::Connect {
                replica_set: member.pool.server().replica_set.clone(),
                reason: "no answer".to_owned(),
            })),
        }
    }

    /// Waits until the replica has what the session wrote, and brings the connection into the
    /// session's state. Says whether a transaction began with it; `None`: the replica is too far
    /// behind.
    async fn make_ready(
        &mut self,
        (set, at): (&Arc<ReplicaSet>, usize),
        backend: &mut Backend,
        target: &Target<'_>,
        query: &ShardQuery<'_>,
    ) -> Result<Option<bool>, BackendError> {
        if let ReadPolicy::Causal { wait } = target.read
            && backend.is_replica()
        {
            let standings = Arc::clone(&set.standings());
            let places = (set.primary_at(), at);
            match self.written.needed(target.replica_set, places, &standings) {
                Needed::Nothing => {}
                Needed::Unknown => return Ok(None),
                Needed::Position(position) => {
                    let sql = position.wait_sql(wait.as_secs_f64());
                    let answer = backend.connection.query(sql.as_bytes()).await;
                    if !has_arrived(answer)? {
                        return Ok(None);
                    }
                    self.written.note_applied(target.replica_set, at);
                }
            }
        }
        if self.is_prepared(backend, target, query) {
            return Ok(Some(false));
        }
        self.prepare(backend, target, query, false).await.map(Some)
    }

    async fn finish_read(
        &mut self,
        (set, member, sent): (&ReplicaSet, &Member, Tick),
        mut backend: Backend,
        (target, query, began): (&Target<'_>, &ShardQuery<'_>, bool),
        exchanged: Result<Summary, RelayError>,
    ) -> Result<Taken, Failure> {
        let summary = match exchanged {
            Ok(summary) => summary,
            // Nothing has changed on the way, wherever a transaction began.
            Err(error) if may_run_again(&error, query, false) => {
                member.failed(Fault::Lost, set.now());
                return Ok(Taken::Passed);
            }
            Err(error) => return Err(self.report(error, Ties::of(&backend, began))),
        };
        member.breaker.succeeded();
        if let Some(answered) = summary.answered {
            let took = answered.since(sent);
            member.load.measured(took, set.now());
        }
        if summary.withheld {
            if !began {
                backend.connection.release();
            }
            return Ok(Taken::Passed);
        }
        self.take_over(&mut backend, query, began, &summary)?;
        if !self.leaves_something(query, &summary)
            || Box::pin(self.ask(&mut backend, target, query, &summary)).await?
        {
            backend.connection.packets().trim();
            self.held.settle(backend);
        }
        Ok(Taken::Answered(summary))
    }
}

/// Whether a statement's answer is all that it leaves, and depends on nothing but the tables.
pub(super) fn only_reads(query: &ShardQuery<'_>) -> bool {
    let own_state = query.pin.is_some()
        || query.uses_pinned_state
        || query.needs_last_insert_id
        || query.leaves_counts;
    query.read_only && !own_state
}

fn note_passed((set, member): (&ReplicaSet, &Member), fault: Option<Fault>, error: &BackendError) {
    tracing::debug!(replica_set = set.name, %error, "a read goes to another server");
    if let Some(fault) = fault {
        member.failed(fault, set.now());
    }
}

/// Whether a replica has what was waited for.
fn has_arrived(answer: Result<Vec<TextRow>, BackendError>) -> Result<bool, BackendError> {
    match answer {
        Ok(rows) => {
            let value = rows.first().and_then(|row| row.first());
            Ok(matches!(value, Some(Some(value)) if value == b"0"))
        }
        // It knows no GTIDs, or its replication was stopped.
        Err(BackendError::Setup(_)) => Ok(false),
        Err(error) => Err(error),
    }
}

/// Whether a statement within a READ ONLY transaction means nothing on a replica: it locks, or
/// leaves something on its connection that the session's later statements need on the primary.
pub(super) fn is_for_the_primary(query: &ShardQuery<'_>) -> bool {
    query.pin.is_some() || (query.transactional && !query.read_only)
}

pub(super) fn on_a_replica() -> MysqlError {
    MysqlError::new(
        ErrorKind::NotSupportedYet,
        "This version of Shardwell doesn't yet support 'a statement that writes, locks or keeps \
         something for its session, in a READ ONLY transaction on a replica'; begin it with a \
         statement that has the hint SHARDWELL(primary)",
    )
}
