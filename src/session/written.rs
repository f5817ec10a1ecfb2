//! What a session has written, so that a replica that answers its reads has it.
//!
//! The primary tells the GTIDs of what was written. Where it tells none (a DELETE that found
//! nothing to delete: somebody else may have been faster), the session's reads wait for what the
//! primary had some time later.

use std::sync::Arc;
use std::time::Duration;

use smallvec::SmallVec;

use super::held::Backend;
use super::shard_query::ShardQuery;
use super::state::{Session, name_of};
use crate::backend::gtid::Position;
use crate::backend::health::Standing;
use crate::backend::{Flavor, ReplicaSet};
use crate::execute::Summary;
use crate::topology::ReplicaSetId;
use crate::wire::{SessionChange, SessionChanges, StatusFlags};

/// How many separate intervals of GTIDs a session remembers.
const INTERVALS: usize = 16;

/// MariaDB's variable with the GTID of the last transaction.
pub(super) const LAST_GTID: &str = "last_gtid";

/// What a session has written, by replica set.
#[derive(Debug, Default)]
pub struct Written(Vec<OnSet>);

/// What a session has written on a replica set.
#[derive(Debug)]
struct OnSet {
    replica_set: ReplicaSetId,
    position: Position,
    /// It wrote something until then of which it knows no GTID.
    unknown: Option<Duration>,
    /// The members that are known to have all of it, one bit each.
    applied: u64,
}

/// What a read must find on a replica.
#[derive(Clone, Debug, PartialEq)]
pub enum Needed {
    /// Nothing that the replica does not have.
    Nothing,
    /// These transactions.
    Position(Position),
    /// Nobody knows: only the primary is certain to have it.
    Unknown,
}

impl OnSet {
    /// What the primary had when it was asked later has all that was written without a GTID.
    fn settle(&mut self, primary: Option<&Standing>) -> bool {
        let Some(moment) = self.unknown else {
            return true;
        };
        let later = primary.filter(|standing| standing.asked_at > moment);
        let Some(all) = later.and_then(|standing| standing.executed.as_deref()) else {
            return false;
        };
        self.position.add(all);
        self.unknown = None;
        true
    }
}

impl Written {
    fn on(&mut self, replica_set: ReplicaSetId, flavor: Flavor) -> &mut OnSet {
        let at = self.0.iter().position(|on| on.replica_set == replica_set);
        let at = at.unwrap_or_else(|| {
            self.0.push(OnSet {
                replica_set,
                position: Position::empty(flavor),
                unknown: None,
                applied: 0,
            });
            self.0.len() - 1
        });
        &mut self.0[at]
    }

    /// These transactions were written.
    pub fn add(&mut self, replica_set: ReplicaSetId, position: &Position, flavor: Flavor) {
        let on = self.on(replica_set, flavor);
        on.position.add(position);
        on.position.widen(INTERVALS);
        on.applied = 0;
    }

    /// Something may have been written until `now`.
    pub fn add_unknown(&mut self, replica_set: ReplicaSetId, now: Duration, flavor: Flavor) {
        let on = self.on(replica_set, flavor);
        on.unknown = Some(now);
        on.applied = 0;
    }

    /// What the member at this position needs to have, with what is known of the servers.
    pub fn needed(
        &mut self,
        replica_set: ReplicaSetId,
        (primary, member): (usize, usize),
        standings: &[Standing],
    ) -> Needed {
        let on = self.0.iter_mut().find(|on| on.replica_set == replica_set);
        let Some(on) = on.filter(|on| on.applied & (1 << member) == 0) else {
            return Needed::Nothing;
        };
        if !on.settle(standings.get(primary)) {
            return Needed::Unknown;
        }
        let executed = standings.get(member).and_then(|s| s.executed.as_ref());
        if executed.is_some_and(|executed: &Arc<Position>| executed.covers(&on.position)) {
            on.applied |= 1 << member;
            return Needed::Nothing;
        }
        Needed::Position(on.position.clone())
    }

    /// The replica sets have other numbers from now on, and perhaps other members; what was written
    /// to one that is gone is forgotten.
    pub fn renumber(&mut self, number: impl Fn(ReplicaSetId) -> Option<(ReplicaSetId, bool)>) {
        self.0.retain_mut(|on| {
            let Some((id, same_members)) = number(on.replica_set) else {
                return false;
            };
            on.replica_set = id;
            if !same_members {
                on.applied = 0;
            }
            true
        });
    }

    /// Everything that was written, as far as it is known.
    pub fn positions(&self) -> impl Iterator<Item = (ReplicaSetId, &Position)> {
        let written = self.0.iter().filter(|on| !on.position.is_empty());
        written.map(|on| (on.replica_set, &on.position))
    }

    /// Makes GTIDs of what was written without one. Says whether that was possible: the primaries
    /// must have been asked since.
    pub fn settle(&mut self, standing: impl Fn(ReplicaSetId) -> Option<Standing>) -> bool {
        let mut settled = true;
        for on in &mut self.0 {
            settled &= on.settle(standing(on.replica_set).as_ref());
        }
        settled
    }

    /// The member at this position has all that was written so far.
    pub fn note_applied(&mut self, replica_set: ReplicaSetId, member: usize) {
        for on in self.0.iter_mut().filter(|on| on.replica_set == replica_set) {
            on.applied |= 1 << member;
        }
    }
}

impl Session {
    /// Notes what a statement has written. Does nothing where there are no replicas.
    pub(super) fn note_written(
        &mut self,
        backend: &Backend,
        query: &ShardQuery<'_>,
        was_open: bool,
        summary: &Summary,
    ) {
        if query.read_only && summary.session_changes.is_empty() {
            return;
        }
        let replica_set = backend.replica_set;
        let flavor = backend.connection.version().flavor;
        if !self.has_replicas(replica_set) || backend.is_replica() {
            return;
        }
        let gtids = gtids(&summary.session_changes, flavor);
        for position in &gtids {
            self.written.add(replica_set, position, flavor);
        }
        // Within a transaction nothing is written yet; its end tells. An error tells no GTIDs.
        let open = summary.status.contains(StatusFlags::SERVER_STATUS_IN_TRANS);
        let ended = !open || summary.error.is_some();
        let wrote = !query.read_only && (query.transactional || was_open) && ended;
        if wrote && gtids.is_empty() {
            self.note_unknown_write(replica_set, flavor);
        }
    }

    /// A statement was sent whose answer never came.
    pub(super) fn note_write_lost(&mut self, replica_set: ReplicaSetId, query: &ShardQuery<'_>) {
        if !query.read_only && self.has_replicas(replica_set) {
            let flavor = self.flavor().unwrap_or(Flavor::MySql);
            self.note_unknown_write(replica_set, flavor);
        }
    }

    /// A transaction that has written here was committed by the proxy; `certain`: the server has
    /// said so.
    pub(super) fn note_committed(&mut self, backend: &Backend, certain: bool) {
        let replica_set = backend.replica_set;
        if !self.has_replicas(replica_set) {
            return;
        }
        let flavor = backend.connection.version().flavor;
        // Of a branch the last GTID is not all: its preparation may have one of its own.
        let told = match certain && backend.branch.is_none() {
            true => gtids(backend.connection.told(), flavor),
            false => SmallVec::new(),
        };
        for position in &told {
            self.written.add(replica_set, position, flavor);
        }
        if told.is_empty() {
            self.note_unknown_write(replica_set, flavor);
        }
    }

    fn note_unknown_write(&mut self, replica_set: ReplicaSetId, flavor: Flavor) {
        let now = self.shared.cluster.get(replica_set).map(|set| set.now());
        if let Some(now) = now {
            self.written.add_unknown(replica_set, now, flavor);
        }
    }

    fn has_replicas(&self, replica_set: ReplicaSetId) -> bool {
        let set = self.shared.cluster.get(replica_set);
        set.is_some_and(|set: &Arc<ReplicaSet>| set.has_replicas())
    }
}

/// The GTIDs that a server reported.
fn gtids(changes: &[u8], flavor: Flavor) -> SmallVec<[Position; 1]> {
    let reported = SessionChanges::new(changes).filter_map(|change| match change {
        Ok(SessionChange::Gtids(text)) => Some(text),
        Ok(SessionChange::SystemVariable { name, value }) if name == LAST_GTID.as_bytes() => {
            Some(value)
        }
        _ => None,
    });
    let positions = reported.filter_map(|text| Position::parse(&name_of(text), flavor).ok());
    positions.filter(|position| !position.is_empty()).collect()
}
