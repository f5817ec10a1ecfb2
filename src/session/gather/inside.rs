//! Bringing rows together inside a transaction: its connections alone see what it sees. They give all
//! the rows, and the statement finishes on a connection beside them.

use crate::backend::Wanted;
use crate::error::StageError;
use crate::execute::Summary;
use crate::execute::gather::{self, Job, Own};
use crate::execute::scatter::Lane;
use crate::net::{Interest, NetError};
use crate::plan::{Plan, PlanError, Unsupported};
use crate::session::command_phase::End;
use crate::session::failure::Failure;
use crate::session::lost::Ties;
use crate::session::scatter::{Part, Text, Worker};
use crate::session::shard_query::ShardQuery;
use crate::session::state::Session;
use crate::wire::StatusFlags;

/// What the connections are asked is said in other words by [`Job`].
const QUERY: ShardQuery<'static> = ShardQuery {
    transactional: true,
    ..ShardQuery::OWN
};

impl Session {
    /// Whether the statement belongs to a transaction.
    ///
    /// # Errors
    /// It does, and needs what only one connection of the session knows.
    pub(super) fn is_inside(&self, plan: &Plan) -> Result<bool, Failure> {
        let inside = self.transaction.is_active() || !self.state.autocommit();
        let tied = plan.uses_pinned_state || plan.pin.is_some();
        if !inside || !tied || plan.carried.is_some() {
            return Ok(inside);
        }
        let what = "a statement that brings rows of several shards together inside a transaction, \
                    with user variables or other state of one connection";
        let error = PlanError::from(Unsupported::Statement(what.to_owned()));
        Err(Failure::Error(error.to_mysql()))
    }

    /// The transaction's connections that have rows to give, ready to be asked for them.
    pub(super) async fn own_sources(&mut self, job: &Job) -> Result<Vec<Worker>, Failure> {
        let part = |replica_set| Part {
            target: super::target(replica_set, None),
            text: Text::Query(Vec::new()),
        };
        let parts: Vec<Part<'_>> = job.replica_sets().into_iter().map(part).collect();
        let mut workers = self.workers(&parts, &QUERY).await?;
        let variables = gather::source_variables(&self.state.variables, true);
        let variables = self.shared.interner.intern(variables);
        for at in 0..workers.len() {
            let Some(worker) = workers.get_mut(at) else {
                break;
            };
            let connection = &mut worker.backend.connection;
            let wanted = Wanted {
                database: None,
                variables: Some(&variables),
                found_rows: connection.found_rows(),
            };
            let limit = Some(self.shared.limits.handshake);
            let ready = connection.prepare(&wanted, &[]);
            let watch = &self.handle.watch;
            let error = match watch.guard(limit, Interest::FINISH, ready).await {
                Ok(Ok(())) => continue,
                Ok(Err(error)) => error,
                Err(signal) => connection.lost(NetError::Interrupted(signal), false),
            };
            worker.backend.connection.doom();
            let told = Err(Failure::Error(error.to_mysql()));
            let statuses = vec![None; workers.len()];
            let returned = self.return_sources(workers, statuses, told).await;
            return returned.map(|()| Vec::new());
        }
        Ok(workers)
    }

    /// Gives them back, with what became of the gathering; `statuses` are what they told last.
    pub(super) async fn return_sources(
        &mut self,
        workers: Vec<Worker>,
        statuses: Vec<Option<StatusFlags>>,
        brought: Result<(), Failure>,
    ) -> Result<(), Failure> {
        let error = match brought {
            Ok(()) => None,
            // With the session goes the transaction.
            Err(Failure::End(end)) => return Err(Failure::End(end)),
            Err(Failure::Error(error)) if workers.iter().any(is_lost) => {
                return Err(Failure::End(End::Told(error)));
            }
            Err(Failure::Error(error)) => Some(error),
        };
        let summary = Summary {
            error,
            ..Summary::default()
        };
        self.give_back(workers, statuses, &QUERY, &summary)?;
        let Some(error) = summary.error else {
            return Ok(());
        };
        if self.transaction.is_on_several() {
            self.check_after_error().await?;
        }
        Err(Failure::Error(error))
    }
}

/// The workers' connections, to be read from.
pub(super) fn lanes(workers: &mut [Worker]) -> Vec<Own<'_>> {
    let own = workers.iter_mut().map(|worker| Own {
        replica_set: worker.backend.replica_set,
        lane: Lane::new(&mut worker.backend.connection, Vec::new()),
    });
    own.collect()
}

/// A connection has gone, and what was open on it.
fn is_lost(worker: &Worker) -> bool {
    Ties::of(&worker.backend, worker.was_open) == Ties::Some
        && !worker.backend.connection.is_reusable()
}
