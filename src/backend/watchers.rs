//! The tasks that ask servers how they are.

use std::sync::Arc;

use tokio::task::JoinSet;

use super::health;
use super::{Cluster, ReplicaSet, promotion};

/// Watches replica sets with more than one server, each server from a task of its own. Dropping it
/// ends the tasks.
#[derive(Debug, Default)]
pub struct Watchers(Vec<(Arc<ReplicaSet>, JoinSet<()>)>);

impl Watchers {
    /// Begins to watch what is not watched yet.
    pub fn add(&mut self, cluster: &Cluster) {
        for set in cluster.replica_sets() {
            let known = self.0.iter().any(|(known, _)| Arc::ptr_eq(known, set));
            if known || !set.has_replicas() {
                continue;
            }
            set.look_for_primary();
            let mut tasks = JoinSet::new();
            for at in 0..set.members().len() {
                tasks.spawn(health::watch(Arc::clone(set), at));
            }
            if let Some(promotion) = set.promotion() {
                tasks.spawn(promotion::watch(Arc::clone(set), promotion.clone()));
            }
            self.0.push((Arc::clone(set), tasks));
        }
    }

    /// Watches nothing else than these any more.
    pub fn keep(&mut self, cluster: &Cluster) {
        let stays = |set: &Arc<ReplicaSet>| {
            let mut sets = cluster.replica_sets().iter();
            sets.any(|kept| Arc::ptr_eq(kept, set))
        };
        self.0.retain(|(set, _)| stays(set));
    }
}
