//! A transaction on several replica sets: how another one joins, and what errors do to it.
//!
//! The first replica set runs a plain transaction. One that joins for writing runs an XA branch, so
//! that the end can be prepared (see [`crate::transaction`]); where nothing can be written, or
//! `commit = "best_effort"`, it runs a plain transaction too.

use super::command_phase::End;
use super::failure::Failure;
use super::held::{Backend, Branch};
use super::shard_query::{ShardQuery, Target};
use super::state::Session;
use super::transaction::{Open, Transaction};
use crate::backend::BackendError;
use crate::error::{ErrorKind, MysqlError, StageError};
use crate::execute::Summary;
use crate::net::{Interest, NetError};
use crate::plan::{PinReason, PlanError, Unsupported};
use crate::topology::ReplicaSetId;
use crate::wire::StatusFlags;

/// What the session may have on a connection that no other one can share.
const ALONE: [PinReason; 2] = [PinReason::Xa, PinReason::Routine];

impl Session {
    /// Before a statement of a transaction that is open elsewhere: whether its replica set may join.
    ///
    /// # Errors
    /// It may not, or it cannot be found out.
    pub(super) async fn check_join(
        &mut self,
        target: &Target<'_>,
        query: &ShardQuery<'_>,
    ) -> Result<(), Failure> {
        if let Some(reason) = query.pin.filter(|reason| ALONE.contains(reason)) {
            return Err(Failure::Error(not_together(reason)));
        }
        let joined = self.held.get(target.replica_set);
        if joined.is_some_and(|backend| backend.transaction) {
            return Ok(());
        }
        self.check_alone()?;
        self.check_first().await?;
        let Transaction::Open(open) = &self.transaction else {
            return Ok(());
        };
        if !open.prelude.has_begun() && self.state.autocommit() {
            return Err(Failure::Error(not_together(PinReason::Xa)));
        }
        if self.needs_branch(open) {
            let coordinator = &self.shared.coordinator;
            for replica_set in [open.first, target.replica_set] {
                let home = coordinator.home(replica_set);
                let limit = Some(self.shared.limits.handshake);
                let guarded = self.handle.watch.guard(limit, Interest::STATEMENT, home);
                match guarded.await {
                    Ok(Ok(_)) => {}
                    Ok(Err(error)) => return Err(Failure::from(&error)),
                    Err(signal) => return Err(super::failure::interrupted(signal)),
                }
            }
        }
        Ok(())
    }

    /// Whether the session has anything that a transaction over several replica sets cannot share.
    ///
    /// # Errors
    /// It has.
    pub(super) fn check_alone(&self) -> Result<(), Failure> {
        match self.held.reasons().find(|reason| ALONE.contains(reason)) {
            Some(reason) => Err(Failure::Error(not_together(reason))),
            None => Ok(()),
        }
    }

    /// Whether the statement belongs to a transaction, in which each replica set has one connection;
    /// then they may all take part in it.
    pub(super) async fn enter_transaction(
        &mut self,
        targets: Vec<Target<'_>>,
        query: &ShardQuery<'_>,
    ) -> Result<bool, Failure> {
        if !query.transactional {
            return Ok(false);
        }
        for target in &targets {
            if self.transaction.is_beyond(target.replica_set) {
                self.check_join(target, query).await?;
            }
        }
        self.check_locked(targets.iter().map(|target| target.replica_set))?;
        let transaction = self.transaction.is_active() || !self.state.autocommit();
        if transaction && targets.len() > 1 && !self.locked {
            self.transaction.begin_explicitly();
        }
        Ok(transaction)
    }

    /// Whether a replica set that joins runs an XA branch: not while tables are locked, where the
    /// servers refuse it.
    fn needs_branch(&self, open: &Open) -> bool {
        let atomic = self.shared.coordinator.is_atomic() && !self.locked;
        atomic && !open.prelude.is_read_only()
    }

    /// After an error on the first replica set the transaction may be gone: a deadlock rolls all of it
    /// back. Then the session has none, as on MySQL.
    async fn check_first(&mut self) -> Result<(), Failure> {
        let Some(first) = self.transaction.open_on() else {
            return Ok(());
        };
        match self.held.take(first) {
            Some(backend) if backend.uncertain => {
                if let Some(mut backend) = self.ask_transaction(backend).await? {
                    backend.end_transaction();
                    self.held.settle(backend);
                    self.transaction = Transaction::None;
                }
            }
            Some(backend) => self.held.settle(backend),
            None => return Err(Failure::End(End::Broken)),
        }
        Ok(())
    }

    /// Asks a connection whether its transaction is still open: keeps it if so, else gives it back.
    async fn ask_transaction(&mut self, mut backend: Backend) -> Result<Option<Backend>, Failure> {
        let statements = [b"DO 0".to_vec()];
        let asked = backend.connection.execute_all(&statements);
        let limit = Some(self.shared.limits.handshake);
        let guarded = self.handle.watch.guard(limit, Interest::FINISH, asked);
        let status = match guarded.await {
            Ok(Ok(answers)) => answers.into_iter().next(),
            Ok(Err(error)) => return Err(Failure::End(End::Told(error.to_mysql()))),
            Err(signal) => {
                let error = backend
                    .connection
                    .lost(NetError::Interrupted(signal), false);
                return Err(Failure::End(End::Told(error.to_mysql())));
            }
        };
        match status {
            Some(Ok(status)) if status.contains(StatusFlags::SERVER_STATUS_IN_TRANS) => {
                backend.uncertain = false;
                self.held.settle(backend);
                Ok(None)
            }
            _ => Ok(Some(backend)),
        }
    }

    /// After an error in a transaction on several replica sets: if one has rolled its part back, all
    /// must.
    pub(super) async fn check_after_error(&mut self) -> Result<(), Failure> {
        while let Some(backend) = self.held.take_uncertain() {
            if let Some(backend) = self.ask_transaction(backend).await? {
                // Its branch, where it has one, is still to be ended.
                self.held.settle(backend);
                return self.end_everywhere(false).await;
            }
        }
        Ok(())
    }

    /// An error on one of a transaction's replica sets may concern all of them.
    pub(super) async fn failed_on_one(
        &mut self,
        backend: Backend,
        summary: Summary,
    ) -> Result<Summary, Failure> {
        self.held.settle(backend);
        self.check_after_error().await?;
        Ok(summary)
    }

    /// The transaction is open elsewhere: what a statement's status says of its connection.
    pub(super) fn check_share(&self, was_open: bool, is_open: bool) -> Result<(), Failure> {
        match (was_open, is_open) {
            (true, true) | (false, false) => Ok(()),
            (false, true) => {
                // One COMMIT cannot end both: only the end of the session undoes both.
                tracing::warn!("a statement began a second transaction");
                Err(Failure::End(End::Broken))
            }
            (true, false) => {
                tracing::error!("a statement ended a transaction on one of several replica sets");
                Err(Failure::End(End::Told(MysqlError::new(
                    ErrorKind::Internal,
                    "the statement ended the transaction on its own replica set; on the others it \
                     is rolled back",
                ))))
            }
        }
    }

    /// What a connection must hear before the first statement of the transaction that it gets. Says
    /// whether the transaction is open there then.
    pub(super) async fn begin_on(
        &mut self,
        backend: &mut Backend,
        prelude: &mut Vec<Vec<u8>>,
    ) -> Result<bool, BackendError> {
        let open = match &self.transaction {
            Transaction::None => return Ok(false),
            Transaction::Requested(requested) => {
                prelude.extend(requested.statements().map(<[u8]>::to_vec));
                return Ok(true);
            }
            Transaction::Open(open) => open,
        };
        let branch = if self.needs_branch(open) {
            Some(self.new_branch(backend.replica_set).await?)
        } else {
            None
        };
        let Transaction::Open(open) = &mut self.transaction else {
            return Ok(false);
        };
        open.several = true;
        backend.branch = branch;
        match branch {
            None => {
                prelude.extend(open.prelude.settings().map(<[u8]>::to_vec));
                // BEGIN would release the locks; where there are any, autocommit is off.
                if !self.locked {
                    let begin = open.prelude.begin().unwrap_or(b"BEGIN");
                    prelude.push(begin.to_vec());
                }
                prelude.extend(open.prelude.savepoints().map(<[u8]>::to_vec));
            }
            Some(Branch { xid, .. }) => {
                prelude.extend(open.prelude.settings().map(<[u8]>::to_vec));
                prelude.push(format!("XA START {xid}").into_bytes());
                prelude.extend(open.prelude.savepoints().map(<[u8]>::to_vec));
            }
        }
        Ok(true)
    }

    /// A new branch of the transaction, which gets a name with its first one.
    async fn new_branch(&mut self, replica_set: ReplicaSetId) -> Result<Branch, BackendError> {
        let coordinator = std::sync::Arc::clone(&self.shared.coordinator);
        let to_setup =
            |error: crate::transaction::TransactionError| BackendError::Setup(error.to_mysql());
        let identity = coordinator.home(replica_set).await.map_err(to_setup)?;
        let Transaction::Open(open) = &mut self.transaction else {
            return Err(BackendError::Setup(not_together(PinReason::Xa)));
        };
        let group = match &mut open.group {
            Some(group) => group,
            none => {
                let home = coordinator.home(open.first).await.map_err(to_setup)?;
                none.insert(coordinator.group(home))
            }
        };
        Ok(Branch {
            xid: group.branch(),
            identity: identity.identity,
        })
    }
}

fn not_together(reason: PinReason) -> MysqlError {
    let what = format!(
        "a transaction over several replica sets together with {}",
        reason.name()
    );
    PlanError::from(Unsupported::Statement(what)).to_mysql()
}
