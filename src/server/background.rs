//! What runs beside the sessions, under whatever configuration holds.

use std::pin::pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use tokio::task::JoinSet;
use tokio::time::timeout;

use crate::backend::Cluster;
use crate::session::{Live, Shared};
use crate::transaction::Coordinator;

/// How often idle connections are looked at, at least.
const REAP: Duration = Duration::from_secs(5);

/// How often at most, however soon they are to be validated.
const REAP_SOONEST: Duration = Duration::from_millis(50);

/// How long clients wait at the start for the connections that are to be kept ready.
const WARM_UP: Duration = Duration::from_secs(3);

/// How long to wait before servers that could not be asked are asked again.
const RETRY: Duration = Duration::from_secs(1);

/// How long the servers are left alone between two looks at everything, at least.
const LOOK: Duration = Duration::from_secs(60);

/// Looking takes at most one part in so many of the time.
const LOOK_SHARE: u32 = 100;

/// Deadlines and pools.
pub(super) fn spawn(tasks: &mut JoinSet<()>, live: &Arc<Live>) {
    let ticker = Arc::clone(&live.load().ticker);
    tasks.spawn(async move { ticker.run().await });
    let live = Arc::clone(live);
    tasks.spawn(async move { keep_pools(&live).await });
}

async fn keep_pools(live: &Live) {
    loop {
        let cluster = Arc::clone(&live.load().cluster);
        cluster.pools().for_each(|pool| pool.reap());
        warm_up(&cluster).await;
        let pools = cluster.pools().map(|pool| pool.validate_after() / 2);
        let pause = pools.fold(REAP, Duration::min).max(REAP_SOONEST);
        drop(cluster);
        tokio::time::sleep(pause).await;
    }
}

/// Opens the idle connections that are to be kept ready, on all servers at the same time.
async fn warm_up(cluster: &Cluster) {
    let members = cluster.members().filter(|member| !member.is_drained());
    let warming = members.map(|member| async {
        if let Err(error) = member.pool.warm_up().await {
            tracing::debug!(%error, "cannot keep idle connections ready");
        }
    });
    join_all(warming).await;
}

/// Opens them before the first client comes, unless that takes too long.
pub(super) async fn first_warm_up(cluster: &Cluster) {
    let _ = timeout(WARM_UP, warm_up(cluster)).await;
}

/// Ends what is left prepared, for as long as sessions may leave something or `coordinator` is that
/// of the configuration that holds.
pub(super) fn recover(tasks: &mut JoinSet<()>, coordinator: &Arc<Coordinator>) {
    while tasks.try_join_next().is_some() {}
    let coordinator = Arc::clone(coordinator);
    tasks.spawn(async move {
        let keep = pin!(Arc::clone(&coordinator).keep());
        let unused = pin!(async {
            // This task and what it keeps going.
            while Arc::strong_count(&coordinator) > 2 {
                tokio::time::sleep(RETRY).await;
            }
        });
        futures_util::future::select(keep, unused).await;
    });
}

/// Looks at the servers once; goes on in the background: until that has succeeded, and then now
/// and again for what was changed behind the proxy's back.
pub(super) async fn first_look(tasks: &mut JoinSet<()>, live: &Arc<Live>) {
    let first = look(&live.load()).await;
    let live = Arc::clone(live);
    tasks.spawn(async move {
        let mut pause = first.unwrap_or(RETRY);
        let mut seen = first.is_some();
        loop {
            tokio::time::sleep(pause).await;
            let looked = look(&live.load()).await;
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
