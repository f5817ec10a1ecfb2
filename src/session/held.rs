//! The backend connections that a session keeps between statements, and why.

use smallvec::SmallVec;

use crate::backend::{Pooled, Ticket};
use crate::plan::PinReason;
use crate::topology::ReplicaSetId;

/// A connection of the session, at most one per replica set.
#[derive(Debug)]
pub struct Backend {
    /// The replica set that it leads to.
    pub replica_set: ReplicaSetId,
    /// The connection.
    pub connection: Pooled,
    /// The session's transaction is open on it.
    pub transaction: bool,
    /// What ties the session to it.
    pub pins: SmallVec<[PinReason; 2]>,
    /// Where the connection leads to one of several servers that could have been chosen.
    pub ticket: Option<Ticket>,
}

impl Backend {
    /// A connection fresh from the pool.
    pub fn new(replica_set: ReplicaSetId, connection: Pooled) -> Self {
        Self {
            replica_set,
            connection,
            transaction: false,
            pins: SmallVec::new(),
            ticket: None,
        }
    }

    /// Whether it leads to a replica: nothing may be written or locked there.
    pub fn is_replica(&self) -> bool {
        self.ticket.as_ref().is_some_and(Ticket::is_replica)
    }

    /// Ties the session to the connection.
    pub fn pin(&mut self, reason: PinReason) {
        if !self.pins.contains(&reason) {
            self.pins.push(reason);
        }
    }
}

/// The connections that a session keeps.
#[derive(Debug, Default)]
pub struct Held(SmallVec<[Backend; 1]>);

impl Held {
    /// Takes the connection to a replica set, to be given back by [`Held::settle`].
    pub fn take(&mut self, replica_set: ReplicaSetId) -> Option<Backend> {
        let at = self
            .0
            .iter()
            .position(|backend| backend.replica_set == replica_set)?;
        Some(self.0.remove(at))
    }

    /// Whether there is a connection to a replica set.
    pub fn has(&self, replica_set: ReplicaSetId) -> bool {
        self.0
            .iter()
            .any(|backend| backend.replica_set == replica_set)
    }

    /// Where the session is tied to, if it is.
    pub fn pinned(&self) -> Option<ReplicaSetId> {
        self.0
            .iter()
            .find(|backend| !backend.pins.is_empty())
            .map(|backend| backend.replica_set)
    }

    /// Why the session is tied, for operators.
    pub fn reasons(&self) -> impl Iterator<Item = PinReason> {
        self.0
            .iter()
            .flat_map(|backend| backend.pins.iter().copied())
    }

    /// Keeps the connection if there is a reason to, else gives it back to its pool.
    pub fn settle(&mut self, backend: Backend) {
        if backend.transaction || !backend.pins.is_empty() {
            self.0.push(backend);
        } else {
            backend.connection.release();
        }
    }

    /// Takes all of them, to be closed or cleaned.
    pub fn take_all(&mut self) -> impl Iterator<Item = Backend> {
        std::mem::take(&mut self.0).into_iter()
    }
}
