//! The servers and the proxy's connections to them.

use std::fmt;
use std::sync::Arc;

use super::page::{Labels, Page};
use crate::backend::{Cluster, Member, PoolFigures, ReplicaSet};
use crate::telemetry::ServerSeries;

/// A server and what is known of it.
pub(super) struct Found<'c> {
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
pub(super) fn found(cluster: &Cluster) -> Vec<Found<'_>> {
    let sets = cluster.replica_sets().iter().map(Arc::as_ref);
    sets.flat_map(of_set).collect()
}

fn of_set(set: &ReplicaSet) -> Vec<Found<'_>> {
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
    fn labels(&self) -> Labels {
        vec![
            ("replica_set", self.set.name.clone()),
            ("server", self.member.pool.server().address.to_string()),
        ]
    }

    fn series(&self) -> &ServerSeries {
        &self.member.pool.server().series
    }
}

pub(super) fn encode(page: &mut Page<'_, '_>, cluster: &Cluster) -> fmt::Result {
    let servers = found(cluster);
    states(page, &servers)?;
    traffic(page, &servers)?;
    pools(page, &servers)
}

fn states(page: &mut Page<'_, '_>, servers: &[Found<'_>]) -> fmt::Result {
    let yes = |is: bool| u64::from(is);
    page.gauges(
        (
            "shardwell_server_up",
            "1: the server answers, as far as the proxy knows",
        ),
        servers.iter().map(|s| (s.labels(), yes(s.is_up))),
    )?;
    page.gauges(
        ("shardwell_server_primary", "1: writes go to the server"),
        servers.iter().map(|s| (s.labels(), yes(s.is_primary))),
    )?;
    page.gauges(
        (
            "shardwell_server_fit",
            "1: the server may answer reads, apart from its lag",
        ),
        servers
            .iter()
            .map(|s| (s.labels(), yes(s.is_up && s.unfit.is_none()))),
    )?;
    let lags = servers.iter().filter_map(|s| Some((s.labels(), s.lag?)));
    page.gauges(
        (
            "shardwell_replica_lag_seconds",
            "How far a replica is behind its primary at most, where that is known",
        ),
        lags,
    )
}

fn traffic(page: &mut Page<'_, '_>, servers: &[Found<'_>]) -> fmt::Result {
    page.histograms(
        (
            "shardwell_server_seconds",
            "Answers of a server, from the query's first byte to the answer's last",
        ),
        servers
            .iter()
            .map(|s| (s.labels(), s.series().times.times())),
    )?;
    let mut counters = |about: (&str, &str), value: fn(&ServerSeries) -> u64| {
        let series = servers.iter().map(|s| (s.labels(), value(s.series())));
        page.counters(about, series)
    };
    counters(
        (
            "shardwell_server_received_bytes",
            "Bytes from a server, counted when its connection is given back",
        ),
        |series| series.received.total(),
    )?;
    counters(
        (
            "shardwell_server_sent_bytes",
            "Bytes to a server, counted when its connection is given back",
        ),
        |series| series.sent.total(),
    )?;
    counters(
        (
            "shardwell_server_lost_connections",
            "Connections that broke or were given up in the midst of a command",
        ),
        |series| series.lost.total(),
    )?;
    counters(
        (
            "shardwell_server_failed_connects",
            "Attempts to connect and log in that failed",
        ),
        |series| series.failed_connects.total(),
    )?;
    page.histograms(
        (
            "shardwell_server_connect_seconds",
            "Connections opened: TCP, TLS and login together",
        ),
        servers
            .iter()
            .map(|s| (s.labels(), s.series().connects.times())),
    )
}

fn pools(page: &mut Page<'_, '_>, servers: &[Found<'_>]) -> fmt::Result {
    let figures: Vec<(&Found<'_>, PoolFigures)> = servers
        .iter()
        .map(|server| (server, server.member.pool.figures()))
        .collect();
    let states = figures.iter().flat_map(|(server, pool)| {
        let states = [
            ("idle", pool.idle),
            ("busy", pool.busy()),
            ("opening", pool.opening as usize),
        ];
        states.map(|(state, count)| {
            let mut labels = server.labels();
            labels.push(("state", state.to_owned()));
            (labels, count)
        })
    });
    page.gauges(
        (
            "shardwell_pool_connections",
            "Connections that are open or being opened",
        ),
        states,
    )?;
    let most = figures.iter();
    page.gauges(
        (
            "shardwell_pool_max_connections",
            "Connections that there may be",
        ),
        most.map(|(server, pool)| (server.labels(), pool.most)),
    )?;
    let waiting = figures.iter();
    page.gauges(
        (
            "shardwell_pool_waiting",
            "Statements that wait for a connection",
        ),
        waiting.map(|(server, pool)| (server.labels(), pool.waiting)),
    )?;
    waits(page, servers)
}

fn waits(page: &mut Page<'_, '_>, servers: &[Found<'_>]) -> fmt::Result {
    page.histograms(
        (
            "shardwell_pool_wait_seconds",
            "How long statements waited for a connection, those only that had to",
        ),
        servers
            .iter()
            .map(|s| (s.labels(), s.series().waits.times())),
    )?;
    page.counters(
        (
            "shardwell_pool_timeouts",
            "Statements that got no connection within acquire_timeout",
        ),
        servers
            .iter()
            .map(|s| (s.labels(), s.series().timeouts.total())),
    )?;
    page.counters(
        (
            "shardwell_pool_refused",
            "Statements that were refused because max_waiting others waited",
        ),
        servers
            .iter()
            .map(|s| (s.labels(), s.series().refused.total())),
    )
}
