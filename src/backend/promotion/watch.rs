//! The task that promotes a replica when the time has come.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::attempt::attempt;
use super::fence::fence;
use super::rehearsal::Rehearsal;
use crate::backend::ReplicaSet;
use crate::config::PromotionConfig;

/// How long after an attempt the next one begins, at least; up to twice as long, so that proxies
/// that were in each other's way are not so again.
const PAUSE: Duration = Duration::from_millis(500);

/// Sees for ever to it that a set has a primary.
pub async fn watch(set: Arc<ReplicaSet>, config: PromotionConfig) {
    let mut silent_since = None;
    let mut said = String::new();
    let mut rehearsal = Rehearsal::default();
    loop {
        sleep(set.health_interval() / 2).await;
        fence(&set).await;
        rehearsal.again(&set);
        if set.evidence().is_none() {
            silent_since = None;
            said.clear();
            continue;
        }
        let since = *silent_since.get_or_insert_with(Instant::now);
        if since.elapsed() < config.after {
            continue;
        }
        match attempt(&set).await {
            Ok(server) => {
                tracing::warn!(replica_set = set.name, server, "a replica was promoted");
                silent_since = None;
            }
            Err(error) => {
                let error = error.to_string();
                if error != said {
                    tracing::warn!(replica_set = set.name, "no replica is promoted: {error}");
                }
                said = error;
            }
        }
        sleep(PAUSE + PAUSE.mul_f64(rand::random())).await;
    }
}
