//! The end of a transaction that is open on several replica sets: COMMIT, ROLLBACK, what commits by
//! itself, and savepoints.

use super::command_phase::End as SessionEnd;
use super::failure::Failure;
use super::held::Backend;
use super::local::More;
use super::state::Session;
use super::statement::Statement;
use super::transaction::{NoSuchSavepoint, Transaction};
use crate::error::{ErrorKind, MysqlError, StageError};
use crate::net::{Interest, NetError};
use crate::parse::{Completion, Utility};
use crate::transaction::{End, Ended, Fate, Outcome, Participant};
use crate::wire::TextColumn;

impl Session {
    /// COMMIT or ROLLBACK of a transaction on several replica sets.
    pub(super) async fn complete_everywhere(
        &mut self,
        commit: bool,
        completion: Completion,
        statement: &Statement<'_>,
    ) -> Result<bool, Failure> {
        let (chain, release) = self.completion(completion);
        let next = self.transaction.prelude();
        let next = next.map(|prelude| prelude.chained());
        self.end_everywhere(commit).await?;
        if let (true, Some(prelude)) = (chain, next) {
            self.transaction = Transaction::Requested(prelude);
        }
        self.reply_ok(statement.more);
        if release {
            self.flush().await.map_err(Failure::End)?;
            return Err(Failure::End(SessionEnd::Left));
        }
        Ok(true)
    }

    /// Whether the next transaction begins at once, and whether the session ends: what the statement
    /// leaves open, `completion_type` says.
    pub(super) fn completion(&self, completion: Completion) -> (bool, bool) {
        let default = self.state.variables.get("completion_type");
        let is = |names: [&[u8]; 2]| {
            default.is_some_and(|value| names.iter().any(|name| value.eq_ignore_ascii_case(name)))
        };
        let unsaid = completion.chain.is_none() && completion.release.is_none();
        let chain = completion.chain.unwrap_or(unsaid && is([b"CHAIN", b"1"]));
        let release = completion
            .release
            .unwrap_or(unsaid && is([b"RELEASE", b"2"]));
        (chain, release)
    }

    /// A definition that is refused as MySQL refuses it: what is open is committed before, but for a
    /// statement that cannot be read.
    pub(super) async fn refuse_committed(
        &mut self,
        statement: &Statement<'_>,
        error: &MysqlError,
    ) -> Failure {
        let error = self.worded(statement, error).await;
        if error.code != ErrorKind::Syntax.code().0 {
            if let Err(failure) = self.end_everywhere(true).await {
                return failure;
            }
            self.state.next_access = None;
        }
        Failure::Error(error)
    }

    /// Ends the transaction wherever it is open.
    ///
    /// # Errors
    /// It was not committed, or nobody knows; then the session has none any more, or ends.
    pub(super) async fn end_everywhere(&mut self, commit: bool) -> Result<(), Failure> {
        let Transaction::Open(open) = std::mem::take(&mut self.transaction) else {
            return Ok(());
        };
        let mut backends = self.held.take_transaction();
        backends.sort_by_key(|backend| backend.replica_set != open.first);
        if backends.first().map(|backend| backend.replica_set) != Some(open.first) {
            return Err(Failure::End(SessionEnd::Broken));
        }
        let coordinator = std::sync::Arc::clone(&self.shared.coordinator);
        let end = End {
            coordinator: &coordinator,
            gtrid: open.group.as_ref().map(|group| group.gtrid),
            commit,
            watch: &self.handle.watch,
            limit: self.shared.limits.statement,
        };
        let mut participants: Vec<Participant<'_>> = backends.iter_mut().map(participant).collect();
        let trace = &mut self.meter.trace;
        trace.ending(if commit { "commit" } else { "rollback" });
        let ended = crate::transaction::end(end, &mut participants).await;
        drop(participants);
        trace.stepped(&ended.steps, &backends);
        let Ended { outcome, fates, .. } = ended;
        if commit {
            let certain = outcome == (Outcome::Committed { unfinished: false });
            for (backend, fate) in backends.iter().zip(&fates) {
                if backend.wrote {
                    self.note_committed(backend, certain && *fate == Fate::Free);
                }
            }
        }
        // From now on what is left prepared is recovery's.
        drop(open);
        let mut tied = false;
        for (mut backend, fate) in backends.into_iter().zip(fates) {
            if fate == Fate::Free {
                backend.end_transaction();
                self.held.settle(backend);
            } else {
                tied |= !backend.pins.is_empty();
            }
        }
        self.state.next_access = None;
        if outcome != (Outcome::Committed { unfinished: false }) {
            coordinator.look_soon();
        }
        told(outcome, tied)
    }

    /// SHOW SHARDWELL TRANSACTIONS: the prepared branches that wait for their end.
    pub(super) fn show_transactions(&mut self, more: More) {
        let columns = ["Transaction", "Branch", "Replica_set", "Reason"].map(TextColumn::text);
        let in_doubt = self.shared.coordinator.in_doubt().into_iter();
        let rows = in_doubt.map(|branch| {
            let cells = [
                branch.xid.gtrid.to_string(),
                branch.xid.branch.to_string(),
                branch.replica_set,
                branch.reason,
            ];
            cells.map(|cell| Some(cell.into_bytes())).to_vec()
        });
        let rows: Vec<_> = rows.collect();
        self.reply_rows(&columns, &rows, more);
    }

    /// SAVEPOINT, ROLLBACK TO, RELEASE SAVEPOINT on all of them.
    pub(super) async fn savepoint_everywhere(
        &mut self,
        utility: &Utility,
        name: &str,
        statement: &Statement<'_>,
    ) -> Result<bool, Failure> {
        if let (Utility::RollbackTo(_) | Utility::ReleaseSavepoint(_), Some(prelude)) =
            (utility, self.transaction.prelude())
        {
            prelude
                .find(name)
                .map_err(|error| unknown_savepoint(&error))?;
        }
        let statements = [statement.text().to_vec()];
        let limit = self.shared.limits.statement;
        for backend in self.held.in_transaction() {
            let all = backend.connection.execute_all(&statements);
            let guarded = self.handle.watch.guard(limit, Interest::FINISH, all);
            let error = match guarded.await {
                Ok(Ok(answers)) => match answers.into_iter().find_map(Result::err) {
                    None => continue,
                    Some(error) => error,
                },
                Ok(Err(error)) => {
                    backend.connection.doom();
                    error.to_mysql()
                }
                Err(signal) => {
                    // Its answer is still to come.
                    backend.connection.doom();
                    let error = NetError::Interrupted(signal);
                    backend.connection.lost(error, false).to_mysql()
                }
            };
            // Some went back and some did not: the whole transaction goes, with the session.
            return Err(Failure::End(SessionEnd::Told(error)));
        }
        self.note_savepoint(utility, name, statement)
            .map_err(|error| unknown_savepoint(&error))?;
        self.reply_ok(statement.more);
        Ok(true)
    }

    /// Remembers what a savepoint statement did, for replica sets that join later.
    pub(super) fn note_savepoint(
        &mut self,
        utility: &Utility,
        name: &str,
        statement: &Statement<'_>,
    ) -> Result<(), NoSuchSavepoint> {
        let Some(prelude) = self.transaction.prelude() else {
            return Ok(());
        };
        match utility {
            Utility::RollbackTo(_) => prelude.rollback_to(name),
            Utility::ReleaseSavepoint(_) => prelude.release(name),
            _ => {
                prelude.savepoint(name, statement.text());
                Ok(())
            }
        }
    }
}

fn participant(backend: &mut Backend) -> Participant<'_> {
    Participant {
        replica_set: backend.replica_set,
        branch: backend.branch.map(|branch| branch.xid),
        identity: backend.branch.map(|branch| branch.identity),
        wrote: backend.wrote,
        connection: &mut backend.connection,
    }
}

/// What the client is told; `tied`: a connection is gone that held more of the session than its
/// transaction.
fn told(outcome: Outcome, tied: bool) -> Result<(), Failure> {
    let lost = ErrorKind::BackendLost.code().0;
    match outcome {
        Outcome::Committed { .. } | Outcome::RolledBack(None) if tied => {
            Err(Failure::End(SessionEnd::Told(MysqlError::new(
                ErrorKind::BackendLost,
                "Lost connection to a MySQL server that held state of the session",
            ))))
        }
        Outcome::Committed { .. } | Outcome::RolledBack(None) => Ok(()),
        Outcome::RolledBack(Some(error)) if tied || error.code == lost => {
            Err(Failure::End(SessionEnd::Told(error)))
        }
        Outcome::RolledBack(Some(error)) => Err(Failure::Error(error)),
        Outcome::InDoubt(error) => Err(Failure::End(SessionEnd::Told(error))),
        Outcome::Partial { committed, error } => {
            let message = format!(
                "{committed} of the transaction's replica sets have committed (commit = \
                 \"best_effort\", or LOCK TABLES), then: {error}"
            );
            Err(Failure::End(SessionEnd::Told(MysqlError::new(
                ErrorKind::Internal,
                message,
            ))))
        }
    }
}

pub(super) fn unknown_savepoint(NoSuchSavepoint(name): &NoSuchSavepoint) -> MysqlError {
    let message = format!("SAVEPOINT {name} does not exist");
    MysqlError::new(ErrorKind::DoesNotExist, message)
}
