//! All servers of a configuration.

use std::sync::Arc;

use tokio::task::JoinSet;

use super::health;
use super::{Pool, ReplicaSet, ServerVersion};
use crate::config::Config;
use crate::net::tls::TlsConfigError;
use crate::topology::ReplicaSetId;

/// All replica sets of a configuration, indexed by [`ReplicaSetId`].
#[derive(Debug)]
pub struct Cluster {
    replica_sets: Vec<Arc<ReplicaSet>>,
}

impl Cluster {
    /// Pools without connections, one per server.
    ///
    /// # Errors
    /// A CA file cannot be used.
    pub fn new(config: &Config) -> Result<Self, TlsConfigError> {
        let zone = config.server.zone.as_deref();
        let sets = config.replica_sets.iter();
        let replica_sets = sets.map(|set| ReplicaSet::new(set, zone));
        Ok(Self {
            replica_sets: replica_sets.collect::<Result<_, _>>()?,
        })
    }

    /// Asks the servers of sets with replicas how they are, each from a task of its own.
    pub fn watch(&self, tasks: &mut JoinSet<()>) {
        for set in self.replica_sets.iter().filter(|set| set.has_replicas()) {
            set.look_for_primary();
            for at in 0..set.members().len() {
                tasks.spawn(health::watch(Arc::clone(set), at));
            }
        }
    }

    /// All of them, in the order of the configuration.
    pub fn replica_sets(&self) -> &[Arc<ReplicaSet>] {
        &self.replica_sets
    }

    /// One of them; the id must come from the snapshot of the same configuration.
    pub fn get(&self, id: ReplicaSetId) -> Option<&Arc<ReplicaSet>> {
        self.replica_sets.get(usize::from(id.0))
    }

    /// The version of the first server that told it.
    pub fn version(&self) -> Option<&ServerVersion> {
        self.pools().find_map(|pool| pool.server().version())
    }

    /// The global sql_mode of the servers, once one was asked: it decides how the text of clients
    /// is read that set none.
    pub fn sql_mode(&self) -> Option<String> {
        let known = |pool: &Arc<Pool>| pool.server().sql_mode().map(str::to_owned);
        self.pools().find_map(known)
    }

    /// Every pool.
    pub fn pools(&self) -> impl Iterator<Item = &Arc<Pool>> {
        let members = self.replica_sets.iter().flat_map(|set| set.members());
        members.map(|member| &member.pool)
    }
}
