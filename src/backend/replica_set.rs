//! The servers by role.

use std::sync::Arc;

use super::{Pool, Server, ServerVersion};
use crate::config::Config;
use crate::net::tls::TlsConfigError;
use crate::topology::ReplicaSetId;

/// All replica sets of a configuration, indexed by [`ReplicaSetId`].
#[derive(Debug)]
pub struct Cluster {
    replica_sets: Vec<ReplicaSet>,
}

/// A primary and its replicas.
#[derive(Debug)]
pub struct ReplicaSet {
    /// The name in the configuration.
    pub name: String,
    /// The server that takes writes.
    pub primary: Arc<Pool>,
    /// Its copies.
    pub replicas: Vec<Arc<Pool>>,
}

impl Cluster {
    /// Pools without connections, one per server.
    ///
    /// # Errors
    /// A CA file cannot be used.
    pub fn new(config: &Config) -> Result<Self, TlsConfigError> {
        let replica_sets = config.replica_sets.iter().map(|set| {
            let pool = |address: &crate::config::Address| {
                let server = Server::new(&set.name, address.clone(), set.backend.clone())?;
                Ok::<_, TlsConfigError>(Pool::new(server, set.backend.pool))
            };
            Ok(ReplicaSet {
                name: set.name.clone(),
                primary: pool(&set.primary)?,
                replicas: set
                    .replicas
                    .iter()
                    .map(|replica| pool(&replica.address))
                    .collect::<Result<_, _>>()?,
            })
        });
        Ok(Self {
            replica_sets: replica_sets.collect::<Result<_, TlsConfigError>>()?,
        })
    }

    /// All of them, in the order of the configuration.
    pub fn replica_sets(&self) -> &[ReplicaSet] {
        &self.replica_sets
    }

    /// One of them; the id must come from the snapshot of the same configuration.
    pub fn get(&self, id: ReplicaSetId) -> Option<&ReplicaSet> {
        self.replica_sets.get(usize::from(id.0))
    }

    /// The version of the first server that told it.
    pub fn version(&self) -> Option<ServerVersion> {
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
        self.replica_sets
            .iter()
            .flat_map(|set| std::iter::once(&set.primary).chain(&set.replicas))
    }
}
