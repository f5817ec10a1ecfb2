//! Keeping the snapshot true to the servers.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::Mutex;

use super::shared::{Shared, Snapshot};
use crate::backend::{BackendError, Cluster, catalog};
use crate::config::Config;
use crate::plan::PlanCache;
use crate::route::{RouteError, Router};
use crate::topology::{Discovered, Topology, TopologyError};

/// Why there is no new snapshot.
#[derive(Debug, thiserror::Error)]
pub enum RefreshError {
    /// A server could not be asked.
    #[error(transparent)]
    Backend(#[from] BackendError),
    /// Somebody else's look, which this one waited for, has failed.
    #[error("the servers could not be asked a moment ago")]
    JustFailed,
    /// Configuration and servers contradict each other.
    #[error("{}", join(.0))]
    Topology(Vec<TopologyError>),
    /// An algorithm does not fit its table.
    #[error("{}", join(.0))]
    Route(Vec<RouteError>),
}

fn join<E: std::fmt::Display>(errors: &[E]) -> String {
    let texts: Vec<String> = errors.iter().map(E::to_string).collect();
    texts.join("; ")
}

/// Looks at the servers and makes snapshots.
#[derive(Debug)]
pub struct Refresher {
    config: Arc<Config>,
    cluster: Arc<Cluster>,
    last: Mutex<Last>,
}

/// The last look at the servers.
#[derive(Debug, Default)]
struct Last {
    /// When the last one that succeeded began.
    began: Option<Instant>,
    /// When the last one that failed ended.
    failed: Option<Instant>,
}

impl Refresher {
    /// Nothing has been looked at yet.
    pub fn new(config: Arc<Config>, cluster: Arc<Cluster>) -> Self {
        Self {
            config,
            cluster,
            last: Mutex::default(),
        }
    }

    /// The snapshot of the configuration alone: no table is found, no column known.
    ///
    /// # Errors
    /// The configuration contradicts itself.
    pub fn blind(&self) -> Result<Snapshot, RefreshError> {
        self.snapshot(&Discovered::default())
    }

    /// Looks at the servers, unless that was done within `max_age`; many who ask at once wait for
    /// the same look. Says whether the snapshot was replaced.
    ///
    /// # Errors
    /// The old snapshot stays.
    pub async fn refresh(&self, shared: &Shared, max_age: Duration) -> Result<bool, RefreshError> {
        let asked = Instant::now();
        let mut last = self.last.lock().await;
        if last.began.is_some_and(|began| began + max_age > asked) {
            return Ok(false);
        }
        if last.failed.is_some_and(|failed| failed > asked) {
            return Err(RefreshError::JustFailed);
        }
        let started = Instant::now();
        let looked = self.look(shared).await;
        match &looked {
            Ok(()) => last.began = Some(started),
            Err(_) => last.failed = Some(Instant::now()),
        }
        looked.map(|()| true)
    }

    async fn look(&self, shared: &Shared) -> Result<(), RefreshError> {
        let found = catalog::discover(&self.config, &self.cluster).await?;
        shared.replace_snapshot(self.snapshot(&found)?);
        Ok(())
    }

    fn snapshot(&self, found: &Discovered) -> Result<Snapshot, RefreshError> {
        let topology = Topology::build(&self.config, found).map_err(RefreshError::Topology)?;
        let router = Router::new(&topology).map_err(RefreshError::Route)?;
        Ok(Snapshot {
            topology,
            router,
            plans: PlanCache::default(),
        })
    }
}
