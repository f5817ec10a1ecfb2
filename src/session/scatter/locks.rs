//! LOCK TABLES over several data nodes: on each replica set one connection of the session holds the
//! locks of all its shards, until UNLOCK TABLES or what ends them on MySQL too.
//!
//! The servers run no XA transaction while tables are locked. So what the session writes meanwhile on
//! several replica sets is committed on one after the other.

use std::sync::Arc;

use super::super::command_phase::End;
use super::super::failure::Failure;
use super::super::held::Backend;
use super::super::local::More;
use super::super::shard_query::Target;
use super::super::shared::Snapshot;
use super::super::state::Session;
use super::super::statement::Statement;
use super::super::target::node_target;
use super::super::transaction::Transaction;
use super::everywhere::fan_out;
use super::{Part, Text};
use crate::error::{ErrorKind, MysqlError};
use crate::net::Interest;
use crate::plan::{Locks, PinReason, Plan, PlanError, Unsupported};
use crate::rewrite::{self, LockText};
use crate::topology::{ReadPolicy, ReplicaSetId};

impl Session {
    /// LOCK TABLES, FLUSH TABLES; says whether the rest of the command shall run.
    pub(in super::super) async fn lock(
        &mut self,
        (snapshot, plan): (&Snapshot, &Plan),
        locks: &Locks,
        statement: &Statement<'_>,
    ) -> Result<bool, Failure> {
        self.commit_open().await?;
        let reason = match locks {
            Locks::Tables(_) => Some(PinReason::TableLock),
            Locks::Everything if self.locked => return Err(locked_already().into()),
            Locks::Everything => Some(PinReason::ReadLock),
            Locks::Nothing => None,
        };
        if reason == Some(PinReason::TableLock) {
            self.unlock(PinReason::TableLock).await?;
        }
        let texts = rewrite::lock_texts(locks, &snapshot.router, &snapshot.topology);
        // One after the other, everybody in the same order: two sessions never wait for each other.
        for (replica_set, text) in texts {
            let told = self.lock_on(replica_set, &text, reason, statement).await?;
            if let Err(mut error) = told {
                for node in text.nodes {
                    let target = node_target(&snapshot.topology, node, plan)?;
                    target
                        .names
                        .iter()
                        .for_each(|names| names.fix_error(&mut error));
                }
                if let Some(reason) = reason {
                    self.unlock(reason).await?;
                }
                return Err(Failure::Error(error));
            }
        }
        self.reply_ok(statement.more);
        Ok(true)
    }

    /// Runs the text on one replica set. An idle connection may have died: then another one is asked.
    async fn lock_on(
        &mut self,
        replica_set: ReplicaSetId,
        text: &LockText,
        reason: Option<PinReason>,
        statement: &Statement<'_>,
    ) -> Result<Result<(), MysqlError>, Failure> {
        let mut again = true;
        loop {
            let target = Target {
                replica_set,
                shard: None,
                names: None,
                rows: None,
                read: ReadPolicy::Primary,
            };
            let text = Text::Query(text.sql.clone());
            let query = fan_out::query(statement.attributes, true);
            let asked = (&query, statement.attributes);
            let (workers, done) = self.each_part(&[Part { target, text }], asked).await?;
            let mut tied = false;
            for mut worker in workers {
                let usable = worker.backend.connection.is_reusable();
                tied |= !usable && !worker.backend.pins.is_empty();
                if let (Ok([Ok(_)]), Some(reason)) = (done.as_deref(), reason) {
                    worker.backend.pin(reason);
                    self.locked |= reason == PinReason::TableLock;
                }
                self.held.settle(worker.backend);
            }
            match done?.into_iter().find_map(Result::err) {
                None => return Ok(Ok(())),
                Some(unsaid) if tied => return Err(Failure::Error(unsaid.error).into_end()),
                Some(unsaid) if unsaid.lost && again => again = false,
                Some(unsaid) => return Ok(Err(unsaid.error)),
            }
        }
    }

    /// UNLOCK TABLES: it commits where tables were locked.
    pub(in super::super) async fn unlock_tables(&mut self, more: More) -> Result<(), Failure> {
        self.release_tables().await?;
        self.unlock(PinReason::ReadLock).await?;
        self.reply_ok(more);
        Ok(())
    }

    /// Commits and unlocks the tables, if any are locked: BEGIN does that, too.
    pub(in super::super) async fn release_tables(&mut self) -> Result<(), Failure> {
        // A statement that only a server reads may have locked tables, too.
        let is_lock = |reason| reason == PinReason::TableLock;
        let locked = self.held.reasons().any(is_lock);
        if locked {
            self.commit_open().await?;
            self.unlock(PinReason::TableLock).await?;
        }
        Ok(())
    }

    async fn commit_open(&mut self) -> Result<(), Failure> {
        self.end_everywhere(true).await?;
        self.transaction = Transaction::None;
        self.state.next_access = None;
        Ok(())
    }

    /// Gives up the locks for this reason, wherever they are held.
    async fn unlock(&mut self, reason: PinReason) -> Result<(), Failure> {
        let locked = |backend: &Backend| backend.pins.contains(&reason);
        let sets = self.held.all().filter(|backend| locked(backend));
        let sets: Vec<ReplicaSetId> = sets.map(|backend| backend.replica_set).collect();
        let limit = Some(self.shared.limits.handshake);
        for set in sets {
            let Some(mut backend) = self.held.take(set) else {
                continue;
            };
            let unlocked = backend.connection.execute(b"UNLOCK TABLES");
            let watch = &self.handle.watch;
            let unlocked = watch.guard(limit, Interest::FINISH, unlocked).await;
            if !matches!(unlocked, Ok(Ok(()))) {
                return Err(Failure::End(End::Broken));
            }
            backend.pins.retain(|pin| *pin != reason);
            self.held.settle(backend);
        }
        self.locked &= reason != PinReason::TableLock;
        Ok(())
    }

    /// Whether all of these replica sets may be used: while tables are locked, the others are not.
    ///
    /// # Errors
    /// A table there is not locked.
    pub(in super::super) fn check_locked(
        &self,
        mut targets: impl Iterator<Item = ReplicaSetId>,
    ) -> Result<(), Failure> {
        if !self.locked || targets.all(|set| self.held.has(set)) {
            return Ok(());
        }
        Err(Failure::Error(MysqlError::new(
            ErrorKind::TableNotLocked,
            "A table of this statement was not locked with LOCK TABLES",
        )))
    }

    /// What is gathered finishes on a connection that does not hold the session's locks.
    pub(in super::super) fn check_gathers(&self) -> Result<(), Failure> {
        if !self.locked {
            return Ok(());
        }
        let what = "bringing rows of several shards together within LOCK TABLES".to_owned();
        Err(Failure::from(&PlanError::from(Unsupported::Statement(
            what,
        ))))
    }

    /// Begins the transaction of a write on several data nodes, its `own` or the client's. Within LOCK
    /// TABLES a BEGIN would release the locks: autocommit is turned off instead, until the statement has
    /// ended.
    pub(super) fn begin_written(&mut self, own: bool) {
        if !self.locked {
            return self.transaction.begin_explicitly();
        }
        if own {
            let before = Arc::clone(&self.state.variables);
            let mut without = (*before).clone();
            without.set("autocommit", b"OFF");
            let without = self.shared.interner.intern(without);
            self.state.set_variables(without, &self.shared);
            self.suspended = Some(before);
        }
    }
}

fn locked_already() -> MysqlError {
    MysqlError::new(
        ErrorKind::LockOrActiveTransaction,
        "Can't execute the given command because you have active locked tables or an active \
         transaction",
    )
}
