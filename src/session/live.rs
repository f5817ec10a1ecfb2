//! Changing the configuration under running sessions.
//!
//! A session has an [`Arc`] of what holds ([`Shared`]). When the configuration changes, [`Live`]
//! gets another one, the old one is marked, and sessions that wait for a command are woken.
//! Everybody goes over between two commands and outside a transaction, so that a statement and a
//! transaction end under the configuration under which they began.

use std::sync::Arc;

use arc_swap::ArcSwap;
use parking_lot::Mutex;
use tokio::sync::{mpsc, oneshot};

use super::shared::Shared;
use super::state::Session;
use crate::config::Change;
use crate::net::Signal;

/// What holds at this moment.
#[derive(Debug)]
pub struct Live(ArcSwap<Shared>);

impl Live {
    /// This holds from now on.
    pub fn new(shared: Arc<Shared>) -> Arc<Self> {
        let live = Arc::new(Self(ArcSwap::new(Arc::clone(&shared))));
        shared.set_live(Arc::downgrade(&live));
        live
    }

    /// What holds.
    pub fn load(&self) -> Arc<Shared> {
        self.0.load_full()
    }

    /// Something else holds from now on. Sessions hear of it at once.
    pub fn replace(&self, shared: Arc<Shared>) {
        let before = self.0.swap(shared);
        before.supersede();
        before.registry.signal_all(Signal::News);
    }
}

/// A wish that the configuration be read again, to be answered.
pub type ReloadOrder = oneshot::Sender<Result<Vec<Change>, String>>;

/// How many wishes may wait.
const WAITING_ORDERS: usize = 64;

/// What sessions ask of the process.
#[derive(Debug)]
pub struct Orders {
    reloads: mpsc::Sender<ReloadOrder>,
    receiver: Mutex<Option<mpsc::Receiver<ReloadOrder>>>,
}

impl Default for Orders {
    fn default() -> Self {
        let (reloads, receiver) = mpsc::channel(WAITING_ORDERS);
        Self {
            reloads,
            receiver: Mutex::new(Some(receiver)),
        }
    }
}

impl Orders {
    /// Has the configuration read again; gives what has changed.
    ///
    /// # Errors
    /// Why the configuration of before stays.
    pub async fn reload(&self) -> Result<Vec<Change>, String> {
        const LEAVING: &str = "the proxy is shutting down";
        let (order, answer) = oneshot::channel();
        let sent = self.reloads.send(order).await;
        sent.map_err(|_| LEAVING.to_owned())?;
        answer.await.map_err(|_| LEAVING.to_owned())?
    }

    /// What is asked, for the one who does it.
    pub fn take(&self) -> Option<mpsc::Receiver<ReloadOrder>> {
        self.receiver.lock().take()
    }
}

impl Session {
    /// Goes over to the configuration of this moment, if nothing of the session belongs to the one
    /// of before: no transaction, and no connection to a server that is not there any more.
    pub(super) fn catch_up(&mut self) {
        self.handle.watch.acknowledge(Signal::News);
        if !self.shared.is_superseded() || self.transaction.is_active() {
            return;
        }
        let new = self.shared.newest();
        let (old, cluster) = (Arc::clone(&self.shared), &new.cluster);
        let stays = self.held.all().all(|backend| {
            let set = old.cluster.get(backend.replica_set);
            let set = set.and_then(|set| cluster.named(&set.name));
            set.is_some_and(|(_, set)| {
                let mut servers = set.members().iter().map(|member| member.pool.server());
                servers.any(|server| Arc::ptr_eq(server, backend.connection.server()))
            })
        });
        if !stays {
            return;
        }
        let number = |before| {
            let before = old.cluster.get(before)?;
            let (id, set) = cluster.named(&before.name)?;
            Some((id, Arc::ptr_eq(set, before)))
        };
        self.held.renumber(|id| number(id).map(|(id, _)| id));
        self.written.renumber(number);
        if let Some(account) = new.accounts.get(self.account.name.as_bytes()) {
            self.account = Arc::clone(account);
        }
        self.client.set_max_packet(new.limits.max_allowed_packet);
        self.shared = new;
    }
}
