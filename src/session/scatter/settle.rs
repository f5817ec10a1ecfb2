//! What a scattered statement leaves in the session.

use super::super::diagnostics::{Diagnostics, conditions};
use super::super::failure::Failure;
use super::super::lost::Ties;
use super::super::shard_query::ShardQuery;
use super::super::state::Session;
use super::super::transaction::Transaction;
use super::{Attempt, Part, Scattered, Worker};
use crate::backend::Flavor;
use crate::error::MysqlError;
use crate::execute::scatter::{Outcome, ScatterError};
use crate::execute::{RelayError, Seen, Summary};
use crate::reply::Warned;
use crate::wire::StatusFlags;

/// What MySQL says of names that it cannot resolve: ER_NON_UNIQ_ERROR, ER_BAD_FIELD_ERROR,
/// ER_NO_SUCH_TABLE.
const UNRESOLVED: [u16; 3] = [1052, 1054, 1146];

impl Session {
    /// With autocommit off, MySQL begins no transaction for a SELECT whose names it cannot resolve, and
    /// MariaDB does: the one that began here with it, on all of its servers, is taken back.
    ///
    /// # Errors
    /// The session is lost.
    pub(super) async fn end_unresolved(
        &mut self,
        error: &MysqlError,
        query: &ShardQuery<'_>,
    ) -> Result<(), Failure> {
        let own = match &self.transaction {
            // What SET TRANSACTION said is for the next one, and the servers have used it up.
            Transaction::Open(open) => open.prelude.settings().next().is_none(),
            Transaction::None | Transaction::Requested(_) => false,
        };
        let unresolved = query.read_only && UNRESOLVED.contains(&error.code);
        if own && unresolved && self.flavor() == Some(Flavor::MySql) {
            self.end_everywhere(false).await?;
        }
        Ok(())
    }

    /// Takes over what the statement did, and gives the connections back.
    /// `begun` is what the client's stream held before the statement.
    pub(super) async fn settle_scattered(
        &mut self,
        attempt: Attempt,
        query: &ShardQuery<'_>,
        parts: &[Part<'_>],
        begun: (usize, u8),
    ) -> Result<Scattered, Failure> {
        let Attempt {
            workers,
            statuses,
            warned,
            done,
            ..
        } = attempt;
        let may_finish = done.as_ref().is_err_and(ScatterError::is_for_one_server);
        let (outcome, error) = self.outcome(done, &workers, begun)?;
        let summary = Summary {
            rows: error.is_none().then_some(outcome.rows),
            error: error.clone(),
            ..Summary::default()
        };
        self.give_back(workers, statuses, query, &summary)?;
        self.note_result(&summary);
        self.note_exceeded(error.as_ref());
        if error.is_some() && self.transaction.is_on_several() {
            self.check_after_error().await?;
        }
        match error {
            Some(error) if may_finish => return Ok(Scattered::Unmergeable(error)),
            Some(error) => return Err(Failure::Error(error)),
            None => {}
        }
        let flavor = self.flavor();
        self.state.found.counted(flavor, outcome.counted);
        self.diagnostics = self.conditions_of(warned, parts);
        Ok(Scattered::Answered)
    }

    /// What there is to tell: the outcome, or an error that is the client's answer.
    fn outcome(
        &mut self,
        done: Result<Outcome, ScatterError>,
        workers: &[Worker],
        begun: (usize, u8),
    ) -> Result<(Outcome, Option<MysqlError>), Failure> {
        match done {
            Ok(outcome) => Ok((outcome, None)),
            Err(ScatterError::Refused { error, seen, .. }) => {
                if seen == Seen::Nothing {
                    self.rewind(begun);
                }
                Ok((Outcome::default(), Some(error)))
            }
            Err(ScatterError::Lost(error)) => {
                if let RelayError::Backend {
                    seen: Seen::Nothing,
                    ..
                } = &error
                {
                    self.rewind(begun);
                }
                let tied =
                    |worker: &Worker| Ties::of(&worker.backend, worker.was_open) == Ties::Some;
                let ties = match workers.iter().any(tied) {
                    true => Ties::Some,
                    false => Ties::None,
                };
                Err(self.report(error, ties))
            }
        }
    }

    /// Takes back what was queued for the client: it has seen nothing of it.
    pub(super) fn rewind(&mut self, (begun, sequence): (usize, u8)) {
        self.client.output().truncate(begun);
        self.client.set_sequence(sequence);
    }

    pub(in super::super) fn give_back(
        &mut self,
        workers: Vec<Worker>,
        statuses: Vec<Option<StatusFlags>>,
        query: &ShardQuery<'_>,
        summary: &Summary,
    ) -> Result<(), Failure> {
        for (mut worker, status) in workers.into_iter().zip(statuses) {
            let summary = Summary {
                status: status.unwrap_or_else(StatusFlags::empty),
                ..summary.clone()
            };
            if query.transactional && (worker.was_open || !self.state.autocommit()) {
                self.take_over(&mut worker.backend, query, worker.was_open, &summary)?;
            }
            self.held.settle(worker.backend);
        }
        Ok(())
    }

    /// What SHOW WARNINGS shows of what the parts have said.
    fn conditions_of(&self, warned: Vec<Warned>, parts: &[Part<'_>]) -> Diagnostics {
        let count = warned.iter().map(|node| u64::from(node.warnings)).sum();
        let mut all = Vec::new();
        for node in warned {
            let part = parts.get(node.query);
            let names = part.and_then(|part| part.target.names);
            all.extend(conditions(node.rows, names));
        }
        Diagnostics::of_several(all, count, self.most_conditions())
    }
}
