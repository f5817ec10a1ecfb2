//! What runs beside the sessions.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::task::JoinSet;
use tokio::time::MissedTickBehavior;

use crate::backend::Cluster;
use crate::session::Shared;

/// How often idle connections are looked at.
const REAP: Duration = Duration::from_secs(5);

/// How long to wait before servers that could not be asked are asked again.
const RETRY: Duration = Duration::from_secs(1);

/// How long the servers are left alone between two looks at everything, at least.
const LOOK: Duration = Duration::from_secs(60);

/// Looking takes at most one part in so many of the time.
const LOOK_SHARE: u32 = 100;

/// Deadlines, pools, and what dead proxies left prepared.
pub(super) fn spawn(tasks: &mut JoinSet<()>, shared: &Arc<Shared>, cluster: &Arc<Cluster>) {
    let ticker = Arc::clone(&shared.ticker);
    tasks.spawn(async move { ticker.run().await });
    cluster.watch(tasks);
    let cluster = Arc::clone(cluster);
    tasks.spawn(async move { keep_pools(&cluster).await });
    tasks.spawn(Arc::clone(&shared.coordinator).keep());
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

/// Looks at the servers once; goes on in the background: until that has succeeded, and then now
/// and again for what was changed behind the proxy's back.
pub(super) async fn first_look(tasks: &mut JoinSet<()>, shared: &Arc<Shared>) {
    let first = look(shared).await;
    let shared = Arc::clone(shared);
    tasks.spawn(async move {
        let mut pause = first.unwrap_or(RETRY);
        let mut seen = first.is_some();
        loop {
            tokio::time::sleep(pause).await;
            let looked = look(&shared).await;
            seen |= looked.is_some();
            pause = looked.unwrap_or(if seen { LOOK } else { RETRY });
        }
    });
}

/// Looks at everything; gives the pause before the next look, unless it fails.
async fn look(shared: &Shared) -> Option<Duration> {
    let started = Instant::now();
    match shared.refresher.refresh_all(shared).await {
        Ok(_) => Some(LOOK.max(started.elapsed() * LOOK_SHARE)),
        Err(error) => {
            tracing::warn!(%error, "cannot read the tables from the servers; will try again");
            None
        }
    }
}
