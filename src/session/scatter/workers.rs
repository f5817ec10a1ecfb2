//! The connections of a scattered statement.

use std::sync::Arc;

use smallvec::SmallVec;

use super::super::failure::{Failure, interrupted};
use super::super::held::Backend;
use super::super::lost::Ties;
use super::super::shard_query::{Lent, ShardQuery, Target};
use super::super::state::Session;
use super::readers::Away;
use super::{Part, Worker};
use crate::backend::{Pool, Pooled};
use crate::net::Interest;
use crate::topology::ReplicaSetId;

impl Session {
    /// The connections, in the session's state: in a transaction one for each replica set, else as
    /// many as there are to be had at once.
    pub(in super::super) async fn workers(
        &mut self,
        parts: &[Part<'_>],
        query: &ShardQuery<'_>,
    ) -> Result<Vec<Worker>, Failure> {
        self.readers(parts, query, &mut None).await
    }

    /// The same, on replicas where they may answer (`away`).
    pub(super) async fn readers(
        &mut self,
        parts: &[Part<'_>],
        query: &ShardQuery<'_>,
        away: &mut Option<Away>,
    ) -> Result<Vec<Worker>, Failure> {
        let lent = self.lent_to_all(query).await?;
        let query = &query.with_lent(lent.as_ref());
        let mut workers = Vec::with_capacity(parts.len());
        let added = self.add_all_workers((parts, query), away, &mut workers);
        match added.await {
            Ok(()) => Ok(workers),
            Err(failure) => {
                // What is open on those that were there already stays open.
                for mut worker in workers {
                    if worker.was_open {
                        worker.backend.transaction = true;
                        self.transaction.opened(worker.backend.replica_set);
                    }
                    self.held.settle(worker.backend);
                }
                Err(failure)
            }
        }
    }

    async fn add_all_workers(
        &mut self,
        (parts, query): (&[Part<'_>], &ShardQuery<'_>),
        away: &mut Option<Away>,
        workers: &mut Vec<Worker>,
    ) -> Result<(), Failure> {
        let mut by_set: SmallVec<[(ReplicaSetId, SmallVec<[usize; 4]>); 4]> = SmallVec::new();
        for (at, part) in parts.iter().enumerate() {
            let set = part.target.replica_set;
            match by_set.iter_mut().find(|(known, _)| *known == set) {
                Some((_, members)) => members.push(at),
                None => by_set.push((set, SmallVec::from_slice(&[at]))),
            }
        }
        // Always in the same order: two statements never wait for each other's connections.
        by_set.sort_by_key(|(set, _)| *set);
        let targets = by_set.iter().filter_map(|(_, members)| {
            let part = parts.get(*members.first()?)?;
            Some(part.target)
        });
        let transaction = self.enter_transaction(targets.collect(), query).await?;
        let known = by_set.len() > 1 || !query.read_only;
        for (_, members) in by_set {
            let first = workers.len();
            if !self
                .add_readers(&members, (parts, query), away, workers)
                .await?
            {
                self.add_workers(&members, (parts, query), transaction, workers)
                    .await?;
            }
            let added = workers.len() - first;
            for (turn, member) in members.into_iter().enumerate() {
                if let Some(worker) = workers.get_mut(first + turn % added.max(1)) {
                    worker.parts.push(member);
                }
            }
        }
        for worker in workers.iter_mut().filter(|worker| !worker.is_ready()) {
            self.prepare_worker(worker, parts, query).await?;
            if transaction && known {
                self.transaction.opened(worker.backend.replica_set);
                // Within LOCK TABLES nothing begins it but the statement itself.
                worker.was_open |= self.locked;
            }
        }
        Ok(())
    }

    /// Connections to one replica set: the session's own, or at least one, and no more than there are
    /// to be had without waiting.
    async fn add_workers(
        &mut self,
        members: &[usize],
        (parts, query): (&[Part<'_>], &ShardQuery<'_>),
        alone: bool,
        workers: &mut Vec<Worker>,
    ) -> Result<(), Failure> {
        let Some(target) = members
            .first()
            .and_then(|at| parts.get(*at))
            .map(|p| p.target)
        else {
            return Ok(());
        };
        let (backend, fresh) = match self.acquire_now(&target, query)? {
            Some(acquired) => acquired,
            None => self.connect(&target, query).await?,
        };
        let several = fresh && !alone;
        workers.push(Worker::new(backend, fresh));
        let most = self.shared.limits.merge.connections as usize;
        let more = members.len().min(most).saturating_sub(1);
        for at in members.iter().skip(1).take(if several { more } else { 0 }) {
            let Some(part) = parts.get(*at) else {
                break;
            };
            let Some(pool) = self.pool(&part.target)? else {
                break;
            };
            let Some(connection) = self.spare(pool, (&part.target, query)).await? else {
                break;
            };
            let backend = Backend::new(part.target.replica_set, connection);
            workers.push(Worker::new(backend, true));
        }
        Ok(())
    }

    /// One more connection that is to be had at once; without it, those that are there do the work.
    pub(super) async fn spare(
        &self,
        pool: &Arc<Pool>,
        (target, query): (&Target<'_>, &ShardQuery<'_>),
    ) -> Result<Option<Pooled>, Failure> {
        let wanted = self.wanted(target, query);
        let limit = Some(self.shared.limits.handshake);
        let spare = pool.checkout_spare(&wanted);
        let spare = self.handle.watch.guard(limit, Interest::STATEMENT, spare);
        match spare.await {
            Ok(spare) => Ok(spare.unwrap_or(None)),
            Err(signal) => Err(interrupted(signal)),
        }
    }

    async fn prepare_worker(
        &mut self,
        worker: &mut Worker,
        parts: &[Part<'_>],
        query: &ShardQuery<'_>,
    ) -> Result<(), Failure> {
        let first = worker.parts.first().and_then(|at| parts.get(*at));
        let Some(target) = first.map(|part| part.target) else {
            return Ok(());
        };
        worker.was_open = worker.backend.transaction;
        // Another session's function may have left some there.
        let dirty = worker.fresh && !matches!(query.variables, Lent::Nothing);
        if !dirty && self.is_prepared(&worker.backend, &target, query) {
            return Ok(());
        }
        match self
            .prepare(&mut worker.backend, &target, query, dirty)
            .await
        {
            Ok(began) => {
                worker.was_open |= began;
                Ok(())
            }
            Err(error) => {
                let ties = Ties::of(&worker.backend, false);
                worker.backend.connection.doom();
                worker.was_open = false;
                Err(self.report(error.into(), ties))
            }
        }
    }
}
