//! Texts that run on their connections whatever becomes of the others.

use std::sync::Arc;

use super::super::failure::Failure;
use super::super::lost::Ties;
use super::super::shard_query::ShardQuery;
use super::super::state::Session;
use super::{Asked, Part, Worker, lanes, trim};
use crate::execute::RelayError;
use crate::execute::scatter::{Each, Said, Unsaid, each};

/// What each of the parts said.
pub(super) type AllSaid = Vec<Result<Said, Unsaid>>;

impl Session {
    /// Runs the parts, as many at once as there are connections to be had. The workers are still to be
    /// given back, also where there is no answer because the client has gone.
    pub(super) async fn each_part(
        &mut self,
        parts: &[Part<'_>],
        (query, attributes): (&ShardQuery<'_>, &[u8]),
    ) -> Result<(Vec<Worker>, Result<AllSaid, Failure>), Failure> {
        let mut workers = self.workers(parts, query).await?;
        let now = Arc::clone(&self.state.variables);
        let asked = Asked {
            attributes,
            qualified: query.qualified,
            executed: None,
            rebound: &[],
            then: &now,
            now: &now,
        };
        let mut job = Each {
            lanes: lanes(&mut workers, (parts, 0..parts.len()), &asked),
            queries: parts.len(),
            client: &mut self.client,
            watch: &self.handle.watch,
            limits: self.shared.limits.of_statement(),
        };
        let done = each(&mut job).await;
        self.meter.trace.answered(&job.lanes, parts);
        drop(job);
        trim(&mut workers);
        let done = match done {
            Ok(said) => Ok(said),
            Err(RelayError::Client(stop)) => Err(Failure::End(stop.into())),
            Err(error) => Err(self.report(error, Ties::None)),
        };
        Ok((workers, done))
    }
}
