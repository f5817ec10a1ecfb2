//! `/readyz`: whether every schema has a primary that answers.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use serde::Serialize;
use tokio::sync::Mutex;

use crate::backend::{Pool, ReplicaSet, Wanted};
use crate::session::Shared;
use crate::topology::ReplicaSetId;

/// How long a server may take to answer.
const PATIENCE: Duration = Duration::from_secs(2);

/// How long an answer is repeated: whoever may ask must not be able to keep the servers busy.
const FRESH: Duration = Duration::from_millis(500);

/// What `/readyz` says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Readiness {
    pub ready: bool,
    /// Why not.
    pub reasons: Vec<String>,
}

/// Keeps the last answer.
#[derive(Debug, Default)]
pub(super) struct Readier {
    last: Mutex<Option<(Instant, Readiness)>>,
    leaving: AtomicBool,
}

impl Readier {
    /// The proxy takes no more clients.
    pub fn leave(&self) {
        self.leaving.store(true, Ordering::Relaxed);
    }

    /// Whether clients should be sent here. Many who ask at once wait for the same answer.
    pub async fn look(&self, shared: &Shared) -> Readiness {
        if self.leaving.load(Ordering::Relaxed) {
            return Readiness::of(vec!["the proxy is shutting down".to_owned()]);
        }
        let mut last = self.last.lock().await;
        if let Some((at, known)) = &*last
            && at.elapsed() < FRESH
        {
            return known.clone();
        }
        let found = Readiness::of(reasons(shared).await);
        *last = Some((Instant::now(), found.clone()));
        found
    }
}

impl Readiness {
    fn of(reasons: Vec<String>) -> Self {
        Self {
            ready: reasons.is_empty(),
            reasons,
        }
    }
}

/// One reason for each schema and replica set that fails it.
async fn reasons(shared: &Shared) -> Vec<String> {
    let sets = shared.cluster.replica_sets();
    let why: Vec<Option<String>> = join_all(sets.iter().map(silent)).await;
    let snapshot = shared.snapshot();
    let topology = &snapshot.topology;
    let mut reasons = Vec::new();
    for schema in &topology.schemas {
        let shards = schema.shards.iter().filter_map(|id| topology.shard(*id));
        let mut needed: Vec<ReplicaSetId> = shards.map(|shard| shard.replica_set).collect();
        needed.sort_unstable();
        needed.dedup();
        for set in needed {
            if let Some(Some(why)) = why.get(usize::from(set.0)) {
                reasons.push(format!("schema {}: {why}", schema.name));
            }
        }
    }
    reasons
}

/// Why a replica set has no primary that answers.
async fn silent(set: &Arc<ReplicaSet>) -> Option<String> {
    let name = &set.name;
    let Some(primary) = set.primary() else {
        return Some(format!("replica set {name} has no primary"));
    };
    let answers = match set.has_replicas() {
        true => set.is_alive(set.primary_at()),
        // Nobody watches a set of one server.
        false => ping(primary).await,
    };
    (!answers).then(|| {
        let address = &primary.server().address;
        format!("replica set {name}: the primary {address} does not answer")
    })
}

async fn ping(pool: &Arc<Pool>) -> bool {
    let ping = async {
        // An idle connection may have died; the next one is a new one.
        for _ in 0..2 {
            match pool.checkout_spare(&Wanted::fresh()).await {
                // All connections are in use: the server has answered all of them.
                Ok(None) => return true,
                Ok(Some(mut connection)) => {
                    if connection.execute(b"DO 0").await.is_ok() {
                        connection.release();
                        return true;
                    }
                }
                Err(_) => return false,
            }
        }
        false
    };
    tokio::time::timeout(PATIENCE, ping).await.unwrap_or(false)
}
