//! The servers of all replica sets and what is known of each.

use std::sync::Arc;

use crate::backend::{Cluster, Member, ReplicaSet};
use crate::telemetry::ServerSeries;

/// A server and what is known of it.
pub struct Found<'c> {
    /// Its replica set.
    pub set: &'c ReplicaSet,
    /// The server.
    pub member: &'c Member,
    /// Statements that write go there.
    pub is_primary: bool,
    /// It is there, as far as the proxy knows.
    pub is_up: bool,
    /// How far it is behind its primary, in seconds; `None`: it is the primary, or nobody knows.
    pub lag: Option<f64>,
    /// Why it answers no reads.
    pub unfit: Option<String>,
}

/// All servers, in the order of the configuration.
pub fn found(cluster: &Cluster) -> Vec<Found<'_>> {
    let sets = cluster.replica_sets().iter().map(Arc::as_ref);
    sets.flat_map(of_set).collect()
}

/// Those of one replica set.
pub(super) fn of_set(set: &ReplicaSet) -> Vec<Found<'_>> {
    let now = set.now();
    let standings = set.standings();
    let primary = set.primary().map(|_| set.primary_at());
    let members = set.members().iter().enumerate();
    let found = members.map(|(at, member)| {
        // A set of one server is not watched: what is known comes from connecting to it.
        let standing = standings.get(at).filter(|_| set.has_replicas());
        let series = &member.pool.server().series;
        let is_primary = primary == Some(at);
        let lag = standing.and_then(|standing| standing.lag(now));
        Found {
            set,
            member,
            is_primary,
            is_up: standing.map_or(!series.is_unreachable(), |s| s.is_alive(now)),
            lag: lag.filter(|_| !is_primary).map(|lag| lag.as_secs_f64()),
            unfit: standing
                .and_then(|s| s.unfit)
                .map(|unfit| unfit.to_string()),
        }
    });
    found.collect()
}

impl Found<'_> {
    /// What happened between the proxy and it.
    pub fn series(&self) -> &ServerSeries {
        &self.member.pool.server().series
    }
}
