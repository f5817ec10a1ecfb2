//! All servers of a configuration.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{OwnedRwLockWriteGuard, RwLock};

use super::{Member, Pool, ReplicaSet, ServerVersion, Variables};
use crate::config::Config;
use crate::net::Reactor;
use crate::net::tls::TlsConfigError;
use crate::topology::ReplicaSetId;

/// All replica sets of a configuration, indexed by [`ReplicaSetId`].
#[derive(Debug)]
pub struct Cluster {
    replica_sets: Vec<Arc<ReplicaSet>>,
    reactor: Reactor,
    changing: Arc<RwLock<()>>,
}

/// Global variables are being changed, until it is dropped.
#[derive(Debug)]
pub struct ChangeOfGlobals {
    _changing: Option<OwnedRwLockWriteGuard<()>>,
}

/// How long the change of a global variable is waited for; behind that it holds for whoever comes next.
const CHANGE_PATIENCE: Duration = Duration::from_secs(5);

impl Cluster {
    /// Pools without connections, one per server.
    ///
    /// # Errors
    /// A CA file cannot be used.
    pub fn new(config: &Config, reactor: &Reactor) -> Result<Self, TlsConfigError> {
        let zone = config.server.zone.as_deref();
        let sets = config.replica_sets.iter();
        let replica_sets = sets.map(|set| ReplicaSet::new(set, zone, reactor));
        Ok(Self {
            replica_sets: replica_sets.collect::<Result<_, _>>()?,
            reactor: reactor.clone(),
            changing: Arc::default(),
        })
    }

    /// The servers of a changed configuration. What did not change is taken over as it is, with its
    /// connections; nothing of `self` is changed.
    ///
    /// # Errors
    /// A CA file cannot be used.
    pub fn follow(&self, config: &Config) -> Result<Self, TlsConfigError> {
        let zone = config.server.zone.as_deref();
        let sets = config.replica_sets.iter().map(|config| {
            let before = self.named(&config.name);
            match before {
                Some((_, before)) if before.is(config, zone) => Ok(Arc::clone(before)),
                _ => {
                    let before = before.map(|(_, before)| &**before);
                    ReplicaSet::follow(config, zone, &self.reactor, before)
                }
            }
        });
        Ok(Self {
            replica_sets: sets.collect::<Result<_, _>>()?,
            reactor: self.reactor.clone(),
            changing: Arc::clone(&self.changing),
        })
    }

    /// Takes the place of another cluster: limits that were changed hold from now on, and servers
    /// that are no longer there are left as their connections become free.
    pub fn replace(&self, before: &Self) {
        for set in &self.replica_sets {
            for member in set.members() {
                member.pool.set_limits(set.config.backend.pool);
            }
        }
        let gone = before.pools().filter(|pool| !self.has(pool));
        gone.for_each(|pool| pool.end());
    }

    /// What watches the connections.
    pub const fn reactor(&self) -> &Reactor {
        &self.reactor
    }

    /// Whether a pool is one of this cluster's.
    pub fn has(&self, pool: &Arc<Pool>) -> bool {
        self.pools().any(|mine| Arc::ptr_eq(mine, pool))
    }

    /// The replica set of this name.
    pub fn named(&self, name: &str) -> Option<(ReplicaSetId, &Arc<ReplicaSet>)> {
        let mut sets = (0..).map(ReplicaSetId).zip(&self.replica_sets);
        sets.find(|(_, set)| set.name == name)
    }

    /// All of them, in the order of the configuration.
    pub fn replica_sets(&self) -> &[Arc<ReplicaSet>] {
        &self.replica_sets
    }

    /// One of them; the id must come from the snapshot of the same configuration.
    pub fn get(&self, id: ReplicaSetId) -> Option<&Arc<ReplicaSet>> {
        self.replica_sets.get(usize::from(id.0))
    }

    /// [`ReplicaSet::running`] of each replica set, in the order of the configuration.
    pub fn running(&self) -> Vec<Option<usize>> {
        self.replica_sets.iter().map(|set| set.running()).collect()
    }

    /// The version of the first server that told it.
    pub fn version(&self) -> Option<&ServerVersion> {
        self.pools().find_map(|pool| pool.server().version())
    }

    /// What sessions begin with on all servers: what the first replica set's primary has globally, once a server was
    /// reached.
    pub fn defaults(&self) -> Option<Arc<Variables>> {
        let primaries = self.replica_sets.iter();
        let primaries = primaries.filter_map(|set| set.member(set.primary_at()));
        let mut servers = primaries.chain(self.members());
        servers.find_map(|member| member.pool.server().defaults())
    }

    /// A statement is about to change global variables: sessions that begin meanwhile wait for what they are.
    pub async fn change_globals(&self) -> ChangeOfGlobals {
        let changing = Arc::clone(&self.changing).write_owned();
        let changing = self.reactor.timeout(CHANGE_PATIENCE, changing).await;
        ChangeOfGlobals {
            _changing: changing.ok(),
        }
    }

    /// Waits while a statement changes global variables.
    pub async fn settle_globals(&self) {
        let changed = self.changing.read();
        let _ = self.reactor.timeout(CHANGE_PATIENCE, changed).await;
    }

    /// Whether all servers that told their version read `$$` as a quote.
    pub fn dollar_quotes(&self) -> bool {
        let mut versions = self
            .pools()
            .filter_map(|pool| pool.server().version())
            .peekable();
        versions.peek().is_some() && versions.all(ServerVersion::has_dollar_quotes)
    }

    /// Every server, as a member of its replica set.
    pub fn members(&self) -> impl Iterator<Item = &Member> {
        self.replica_sets.iter().flat_map(|set| set.members())
    }

    /// Every pool.
    pub fn pools(&self) -> impl Iterator<Item = &Arc<Pool>> {
        self.members().map(|member| &member.pool)
    }
}
