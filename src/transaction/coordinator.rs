//! What all sessions share of transactions over several replica sets.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use parking_lot::Mutex;
use tokio::sync::{Notify, OnceCell};

use super::store::Store;
use super::{Gtrid, Home, Identity, TransactionError, Xid};
use crate::backend::{BackendError, Cluster, Connection};
use crate::config::{CommitMode, TransactionConfig};
use crate::topology::ReplicaSetId;

/// Gives transactions their names, and knows what recovery must leave alone.
#[derive(Debug)]
pub struct Coordinator {
    pub(super) cluster: Arc<Cluster>,
    pub(super) config: TransactionConfig,
    pub(super) store: Store,
    pub(super) instance: u64,
    next: AtomicU64,
    /// The transactions of this process that sessions are in.
    live: Mutex<HashSet<u64>>,
    /// By replica set, once it has been looked at.
    homes: Vec<OnceCell<Home>>,
    /// Transactions that are over everywhere: their decision rows may go.
    finished: Mutex<Vec<(ReplicaSetId, Gtrid)>>,
    /// Something was left prepared: recovery shall look now.
    pub(super) wake: Notify,
    /// What recovery found and could not end yet.
    pub(super) in_doubt: Mutex<Vec<InDoubt>>,
}

/// A prepared branch that waits for its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InDoubt {
    /// The replica set's name.
    pub replica_set: String,
    /// The branch.
    pub xid: Xid,
    /// Why it has not ended yet.
    pub reason: String,
}

/// A transaction over several replica sets, from the moment that the second one joins. While it
/// lives, recovery leaves its branches alone.
#[derive(Debug)]
pub struct Group {
    coordinator: Arc<Coordinator>,
    /// Its name.
    pub gtrid: Gtrid,
    /// Where it is decided.
    pub home: Identity,
    branches: u32,
}

impl Group {
    /// The name of a new branch.
    pub fn branch(&mut self) -> Xid {
        self.branches += 1;
        Xid {
            gtrid: self.gtrid,
            home: self.home,
            branch: self.branches,
        }
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        self.coordinator.live.lock().remove(&self.gtrid.number);
    }
}

impl Coordinator {
    /// For these servers.
    pub fn new(cluster: Arc<Cluster>, config: TransactionConfig) -> Arc<Self> {
        let homes = cluster.replica_sets().iter();
        Arc::new(Self {
            homes: homes.map(|_| OnceCell::new()).collect(),
            store: Store::new(&config.database),
            cluster,
            config,
            instance: rand::random(),
            next: AtomicU64::new(1),
            live: Mutex::default(),
            finished: Mutex::default(),
            wake: Notify::new(),
            in_doubt: Mutex::default(),
        })
    }

    /// Whether writes on several replica sets are committed atomically.
    pub fn is_atomic(&self) -> bool {
        self.config.commit == CommitMode::Atomic
    }

    /// Makes sure that a replica set can take part in atomic transactions.
    ///
    /// # Errors
    /// It cannot, or it cannot be asked.
    pub async fn home(&self, replica_set: ReplicaSetId) -> Result<Home, TransactionError> {
        let cell = self.homes.get(usize::from(replica_set.0));
        let Some(cell) = cell else {
            return Err(no_such_replica_set().into());
        };
        let home = cell.get_or_try_init(|| async {
            let mut connection = self.connect(replica_set).await?;
            self.store.open(&mut connection).await
        });
        home.await.copied()
    }

    /// A connection to the primary outside its pool: it must work when sessions that wait for
    /// something prepared have all of the pool.
    pub(super) async fn connect(
        &self,
        replica_set: ReplicaSetId,
    ) -> Result<Connection, BackendError> {
        let found = self.cluster.get(replica_set);
        let found = found.ok_or_else(no_such_replica_set)?;
        let primary = found.primary().ok_or_else(|| found.no_primary())?;
        Connection::open(Arc::clone(primary.server()), false).await
    }

    /// A name for a transaction that is decided at `home`.
    pub fn group(self: &Arc<Self>, home: Home) -> Group {
        let gtrid = Gtrid {
            instance: self.instance,
            number: self.next.fetch_add(1, Ordering::Relaxed),
        };
        self.live.lock().insert(gtrid.number);
        Group {
            coordinator: Arc::clone(self),
            gtrid,
            home: home.identity,
            branches: 0,
        }
    }

    /// Whether a session of this process is in the transaction.
    pub(super) fn is_live(&self, gtrid: Gtrid) -> bool {
        gtrid.instance == self.instance && self.live.lock().contains(&gtrid.number)
    }

    /// Whether a session of this process was in the transaction, and is not any more.
    pub(super) fn is_left_behind(&self, gtrid: Gtrid) -> bool {
        gtrid.instance == self.instance && !self.is_live(gtrid)
    }

    /// The transaction is over everywhere: its decision row may go.
    pub(super) fn finished(&self, first: ReplicaSetId, gtrid: Gtrid) {
        self.finished.lock().push((first, gtrid));
    }

    /// The decision rows that may go.
    pub(super) fn take_finished(&self) -> Vec<(ReplicaSetId, Gtrid)> {
        std::mem::take(&mut self.finished.lock())
    }

    /// What is in doubt at this moment.
    pub fn in_doubt(&self) -> Vec<InDoubt> {
        self.in_doubt.lock().clone()
    }
}

fn no_such_replica_set() -> BackendError {
    BackendError::Unsuitable {
        replica_set: "?".to_owned(),
        reason: "it is no longer configured",
    }
}
