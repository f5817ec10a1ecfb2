//! What runs beside the sessions.

use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::MissedTickBehavior;

use crate::backend::Cluster;
use crate::session::Shared;

/// How often idle connections are looked at.
const REAP: Duration = Duration::from_secs(5);

/// How long to wait before servers that could not be asked are asked again.
const RETRY: Duration = Duration::from_secs(1);

/// Deadlines and pools.
pub(super) fn spawn(tasks: &mut JoinSet<()>, shared: &Arc<Shared>, cluster: &Arc<Cluster>) {
    let ticker = Arc::clone(&shared.ticker);
    tasks.spawn(async move { ticker.run().await });
    let cluster = Arc::clone(cluster);
    tasks.spawn(async move { keep_pools(&cluster).await });
}

async fn keep_pools(cluster: &Cluster) {
    let mut interval = tokio::time::interval(REAP);
    interval.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        interval.tick().await;
        for pool in cluster.pools() {
            pool.reap();
            if let Err(error) = pool.warm_up().await {
                tracing::debug!(%error, "cannot keep idle connections ready");
            }
        }
    }
}

/// Looks at the servers once; goes on in the background if that fails.
pub(super) async fn first_look(tasks: &mut JoinSet<()>, shared: &Arc<Shared>) {
    if look(shared).await {
        return;
    }
    let shared = Arc::clone(shared);
    tasks.spawn(async move {
        loop {
            tokio::time::sleep(RETRY).await;
            if look(&shared).await {
                return;
            }
        }
    });
}

async fn look(shared: &Shared) -> bool {
    match shared.refresher.refresh(shared, Duration::ZERO).await {
        Ok(_) => true,
        Err(error) => {
            tracing::warn!(%error, "cannot read the tables from the servers; will try again");
            false
        }
    }
}
