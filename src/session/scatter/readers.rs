//! The replicas that answer a SELECT on several data nodes: which ones, and what if one fails it.
//!
//! Each replica set chooses a server of its own, whose pool serves all of the set's data nodes. A server
//! that fails the read before the client has seen any of it is not asked again; in the end the
//! primary answers for its set.

use std::sync::Arc;

use smallvec::SmallVec;

use super::super::failure::Failure;
use super::super::held::Backend;
use super::super::lost::is_broken;
use super::super::replica::{WITHHELD, only_reads};
use super::super::shard_query::{ShardQuery, Target};
use super::super::shared::Snapshot;
use super::super::state::Session;
use super::super::transaction::Transaction;
use super::{Attempt, Part, Worker};
use crate::backend::health::Fault;
use crate::backend::{Member, ReplicaSet, Ticket};
use crate::execute::scatter::ScatterError;
use crate::execute::{RelayError, Seen};
use crate::plan::Plan;
use crate::topology::{ReadPolicy, ReplicaSetId};

/// A read that other servers than primaries may answer.
pub(super) struct Away {
    policy: ReadPolicy,
    /// The members of each replica set that have failed it, one bit each.
    tried: SmallVec<[(ReplicaSetId, u64); 4]>,
}

impl Away {
    fn tried(&self, set: ReplicaSetId) -> u64 {
        let known = self.tried.iter().find(|(known, _)| *known == set);
        known.map_or(0, |(_, tried)| *tried)
    }

    fn note_failed(&mut self, set: ReplicaSetId, at: usize) {
        match self.tried.iter_mut().find(|(known, _)| *known == set) {
            Some((_, tried)) => *tried |= 1 << at,
            None => self.tried.push((set, 1 << at)),
        }
    }

    /// Whether other servers shall answer what an attempt could not; then which ones is noted.
    pub fn goes_on(away: &mut Option<Self>, attempt: &Attempt) -> bool {
        let Some(reads) = away else {
            return false;
        };
        let culprit = attempt.culprit.and_then(|at| attempt.workers.get(at));
        let ticket = culprit.and_then(|worker| {
            let ticket = worker.backend.ticket.as_ref()?;
            Some((worker.backend.replica_set, ticket))
        });
        match (&attempt.done, ticket) {
            (
                Err(ScatterError::Lost(RelayError::Backend {
                    error,
                    seen: Seen::Nothing,
                })),
                Some((set, ticket)),
            ) if is_broken(error) => {
                ticket.failed(Fault::Lost);
                reads.note_failed(set, ticket.at());
                true
            }
            (
                Err(ScatterError::Refused {
                    error,
                    seen: Seen::Nothing,
                    ..
                }),
                Some((set, ticket)),
            ) if WITHHELD.contains(&error.code) => {
                reads.note_failed(set, ticket.at());
                true
            }
            // Servers of which some do not know yet how a table was altered.
            (Err(error), _) if error.is_for_one_server() => {
                let on_replicas = attempt.workers.iter().any(|w| w.backend.is_replica());
                *away = None;
                on_replicas
            }
            _ => false,
        }
    }
}

impl Attempt {
    /// Servers that have answered are well.
    pub(super) fn note_answered(&self) {
        if self.done.is_ok() {
            let tickets = self
                .workers
                .iter()
                .filter_map(|w| w.backend.ticket.as_ref());
            tickets.for_each(Ticket::succeeded);
        }
    }

    /// Gives the connections back; nothing of the session's is on them.
    pub(super) fn release(self) {
        for worker in self.workers {
            worker.backend.connection.release();
        }
    }
}

impl Worker {
    /// It is in the session's state already.
    pub(super) fn is_ready(&self) -> bool {
        self.silent.is_some()
    }
}

impl Session {
    /// Whether replicas may answer a SELECT: outside of transactions, and where nothing of the
    /// session's is on the primaries.
    pub(super) fn away(
        &self,
        (snapshot, plan): (&Snapshot, &Plan),
        (parts, query): (&[Part<'_>], &ShardQuery<'_>),
    ) -> Option<Away> {
        let free = matches!(self.transaction, Transaction::None)
            && self.state.autocommit()
            && self.state.next_transaction.is_empty();
        if !free || !only_reads(query) {
            return None;
        }
        if parts
            .iter()
            .any(|part| self.held.has(part.target.replica_set))
        {
            return None;
        }
        match plan.read_policy(&snapshot.topology, self.account.read) {
            ReadPolicy::Primary => None,
            policy => Some(Away {
                policy,
                tried: SmallVec::new(),
            }),
        }
    }

    /// Connections to one of a set's servers for all of its data nodes; `false`: the primary shall
    /// answer.
    pub(super) async fn add_readers(
        &mut self,
        members: &[usize],
        (parts, query): (&[Part<'_>], &ShardQuery<'_>),
        away: &mut Option<Away>,
        workers: &mut Vec<Worker>,
    ) -> Result<bool, Failure> {
        let first = members.first().and_then(|at| parts.get(*at));
        let (Some(away), Some(part)) = (away, first) else {
            return Ok(false);
        };
        let target = Target {
            read: away.policy,
            ..part.target
        };
        let id = target.replica_set;
        let Some(set) = self.shared.cluster.get(id).filter(|set| set.has_replicas()) else {
            return Ok(false);
        };
        let set = Arc::clone(set);
        while let Some(at) = set.choose(&self.demand(away.policy, away.tried(id))) {
            let Some((worker, member)) = self.reader((&set, at), &target, query).await? else {
                away.note_failed(id, at);
                continue;
            };
            workers.push(worker);
            let most = self.shared.limits.merge.connections as usize;
            let more = members.len().min(most).saturating_sub(1);
            self.add_spare_readers(((&set, at), member), more, (&target, query), workers)
                .await?;
            return Ok(true);
        }
        Ok(false)
    }

    /// A connection to the server at a position, in the session's state.
    async fn reader<'m>(
        &mut self,
        (set, at): (&'m Arc<ReplicaSet>, usize),
        target: &Target<'_>,
        query: &ShardQuery<'_>,
    ) -> Result<Option<(Worker, &'m Member)>, Failure> {
        let reached = self.reach((set, at), target, query).await?;
        let Some((backend, member)) = reached else {
            return Ok(None);
        };
        let asked = (target, query);
        let worker = self.make_reader((set, at), member, backend, asked).await?;
        Ok(worker.map(|worker| (worker, member)))
    }

    /// A connection in the session's state; `None`: the read is for another server.
    async fn make_reader(
        &mut self,
        place: (&Arc<ReplicaSet>, usize),
        member: &Member,
        mut backend: Backend,
        asked: (&Target<'_>, &ShardQuery<'_>),
    ) -> Result<Option<Worker>, Failure> {
        let mut silent = Box::pin(Arc::clone(&member.silent).notified_owned());
        let ready = self.ready_or_silent(place, &mut backend, silent.as_mut(), asked);
        if ready.await?.is_none() {
            backend.connection.release();
            return Ok(None);
        }
        let mut worker = Worker::new(backend, true);
        worker.silent = Some(silent);
        Ok(Some(worker))
    }

    /// More connections to a server, as many as are to be had at once.
    async fn add_spare_readers(
        &mut self,
        ((set, at), member): ((&Arc<ReplicaSet>, usize), &Member),
        more: usize,
        (target, query): (&Target<'_>, &ShardQuery<'_>),
        workers: &mut Vec<Worker>,
    ) -> Result<(), Failure> {
        for _ in 0..more {
            let Some(connection) = self.spare(&member.pool, (target, query)).await? else {
                break;
            };
            let mut backend = Backend::new(target.replica_set, connection);
            backend.ticket = Some(Ticket::new(Arc::clone(set), at));
            let asked = (target, query);
            let worker = self.make_reader((set, at), member, backend, asked).await?;
            let Some(worker) = worker else {
                break;
            };
            workers.push(worker);
        }
        Ok(())
    }
}
