//! The backend connections that a session keeps between statements, and why.

use std::sync::Arc;

use smallvec::SmallVec;

use super::prepared::Cursor;
use super::state::Session;
use super::transaction::Transaction;
use crate::backend::{Pooled, Server, Ticket};
use crate::plan::PinReason;
use crate::topology::ReplicaSetId;
use crate::transaction::{Identity, Xid};

/// A connection of the session, at most one per replica set.
#[derive(Debug)]
pub struct Backend {
    /// The replica set that it leads to.
    pub replica_set: ReplicaSetId,
    /// The connection.
    pub connection: Pooled,
    /// The session's transaction is open on it.
    pub transaction: bool,
    /// The XA branch that it runs there; `None`: a plain transaction, or none.
    pub branch: Option<Branch>,
    /// The transaction may have changed something there.
    pub wrote: bool,
    /// A statement failed: the server may have rolled the transaction back.
    pub uncertain: bool,
    /// What ties the session to it.
    pub pins: SmallVec<[PinReason; 2]>,
    /// The cursors that are open there.
    pub cursors: Vec<Cursor>,
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
            branch: None,
            wrote: false,
            uncertain: false,
            pins: SmallVec::new(),
            cursors: Vec::new(),
            ticket: None,
        }
    }

    /// Whether it leads to a replica: nothing may be written or locked there.
    pub fn is_replica(&self) -> bool {
        self.ticket.as_ref().is_some_and(Ticket::is_replica)
    }

    /// Whether what the session has on one connection alone is on this one.
    pub fn is_owner(&self) -> bool {
        self.pins.iter().any(|pin| !SHARED.contains(pin))
    }

    /// Ties the session to the connection.
    pub fn pin(&mut self, reason: PinReason) {
        if !self.pins.contains(&reason) {
            self.pins.push(reason);
        }
    }

    /// The transaction on it has ended.
    pub fn end_transaction(&mut self) {
        self.transaction = false;
        self.branch = None;
        self.wrote = false;
        self.uncertain = false;
    }
}

/// A branch of a transaction over several replica sets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Branch {
    /// Its name.
    pub xid: Xid,
    /// The replica set that it is on.
    pub identity: Identity,
}

/// What a session may hold on several connections at once.
const SHARED: [PinReason; 4] = [
    PinReason::TableLock,
    PinReason::ReadLock,
    PinReason::CodeVariable,
    PinReason::Status,
];

/// The connections that a session keeps.
#[derive(Debug, Default)]
pub struct Held {
    /// Where its statements run: at most one to each replica set.
    own: SmallVec<[Backend; 1]>,
    /// Those that have nothing of the session but open cursors, which no statement needs.
    beside: Vec<Backend>,
}

impl Held {
    /// Takes the connection to a replica set, to be given back by [`Held::settle`].
    pub fn take(&mut self, replica_set: ReplicaSetId) -> Option<Backend> {
        let at = self
            .own
            .iter()
            .position(|backend| backend.replica_set == replica_set)?;
        Some(self.own.remove(at))
    }

    /// All of them.
    pub fn all(&self) -> impl Iterator<Item = &Backend> {
        self.own.iter().chain(&self.beside)
    }

    /// The replica sets have other numbers from now on.
    pub fn renumber(&mut self, number: impl Fn(ReplicaSetId) -> Option<ReplicaSetId>) {
        for backend in self.own.iter_mut().chain(&mut self.beside) {
            backend.replica_set = number(backend.replica_set).unwrap_or(backend.replica_set);
        }
    }

    /// Whether there is a connection to a replica set.
    pub fn has(&self, replica_set: ReplicaSetId) -> bool {
        self.own
            .iter()
            .any(|backend| backend.replica_set == replica_set)
    }

    /// Where the session is tied to, if it is: where its own state is, else where it holds locks.
    pub fn pinned(&self) -> Option<ReplicaSetId> {
        let tied = || self.own.iter().find(|backend| !backend.pins.is_empty());
        let tied = || tied().map(|backend| backend.replica_set);
        self.owner().or_else(tied)
    }

    /// Where what the session has on one connection alone is.
    pub fn owner(&self) -> Option<ReplicaSetId> {
        let owner = self.own.iter().find(|backend| backend.is_owner());
        owner.map(|backend| backend.replica_set)
    }

    /// The connection that has what the session keeps on one alone, or that may begin to.
    pub fn take_home(&mut self) -> Option<Backend> {
        let any = || self.own.first().map(|backend| backend.replica_set);
        let at = self.owner().or_else(any)?;
        self.take(at)
    }

    /// Whether triggers used user variables elsewhere than where the session's own are looked for.
    pub fn has_variables_elsewhere(&self) -> bool {
        let pinned = self.pinned();
        let used = |backend: &&Backend| backend.pins.contains(&PinReason::CodeVariable);
        let mut used = self.own.iter().filter(used);
        used.any(|backend| Some(backend.replica_set) != pinned)
    }

    /// Whether triggers used user variables on another replica set than this.
    pub fn has_variables_off(&self, replica_set: ReplicaSetId) -> bool {
        let used = |backend: &Backend| backend.pins.contains(&PinReason::CodeVariable);
        let mut others = self.own.iter().filter(|b| b.replica_set != replica_set);
        others.any(used)
    }

    /// Why the session is tied, for operators.
    pub fn reasons(&self) -> impl Iterator<Item = PinReason> {
        let pins = self.own.iter().flat_map(|backend| &backend.pins);
        let cursor = self.has_cursors().then_some(PinReason::Cursor);
        pins.copied().chain(cursor)
    }

    /// Whether a cursor is open.
    pub fn has_cursors(&self) -> bool {
        self.all().any(|backend| !backend.cursors.is_empty())
    }

    /// Takes the connection on which the cursor of a statement is open, by the client's number.
    pub fn take_cursor(&mut self, number: u32) -> Option<Backend> {
        let has = |backend: &Backend| backend.cursors.iter().any(|c| c.number == number);
        match self.beside.iter().position(has) {
            Some(at) => Some(self.beside.swap_remove(at)),
            None => Some(self.own.remove(self.own.iter().position(has)?)),
        }
    }

    /// Takes a connection to a server that has nothing but cursors: it may have one more.
    pub fn take_beside(&mut self, server: &Arc<Server>) -> Option<Backend> {
        let leads = |backend: &Backend| {
            let connection = &backend.connection;
            Arc::ptr_eq(connection.server(), server) && connection.is_reusable()
        };
        let at = self.beside.iter().position(leads)?;
        Some(self.beside.swap_remove(at))
    }

    /// The connection to a replica set, where it is.
    pub fn get(&mut self, replica_set: ReplicaSetId) -> Option<&mut Backend> {
        self.own
            .iter_mut()
            .find(|backend| backend.replica_set == replica_set)
    }

    /// Those on which the transaction is open.
    pub fn in_transaction(&mut self) -> impl Iterator<Item = &mut Backend> {
        self.own.iter_mut().filter(|backend| backend.transaction)
    }

    /// Takes one of which a statement of the transaction failed.
    pub fn take_uncertain(&mut self) -> Option<Backend> {
        let uncertain = |backend: &Backend| backend.transaction && backend.uncertain;
        let at = self.own.iter().position(uncertain)?;
        Some(self.own.remove(at))
    }

    /// Takes those on which the transaction is open.
    pub fn take_transaction(&mut self) -> Vec<Backend> {
        let (taken, kept): (Vec<_>, Vec<_>) = std::mem::take(&mut self.own)
            .into_iter()
            .partition(|backend| backend.transaction);
        self.own.extend(kept);
        taken
    }

    /// Keeps the connection if there is a reason to, else gives it back to its pool.
    pub fn settle(&mut self, backend: Backend) {
        if backend.transaction || !backend.pins.is_empty() {
            self.own.push(backend);
        } else if !backend.cursors.is_empty() {
            self.beside.push(backend);
        } else {
            backend.connection.release();
        }
    }

    /// Takes all of them, to be closed or cleaned.
    pub fn take_all(&mut self) -> impl Iterator<Item = Backend> {
        let own = std::mem::take(&mut self.own).into_iter();
        own.chain(std::mem::take(&mut self.beside))
    }
}

impl Session {
    /// Gives up every connection: what a session leaves behind on them is undone or closed.
    pub fn let_go(&mut self) {
        for backend in self.held.take_all() {
            // MariaDB's goes on with a prepared transaction of its session after a reset.
            if backend.pins.contains(&PinReason::Xa) {
                continue;
            }
            backend.connection.reset_and_release();
        }
        self.transaction = Transaction::None;
        self.temporary.clear();
        self.locked = false;
    }
}
