//! The servers and the proxy's connections to them.

use std::fmt;

use super::page::{Labels, Page};
use crate::backend::{Cluster, PoolFigures};
use crate::session::{Found, found};
use crate::telemetry::ServerSeries;

fn labels(found: &Found<'_>) -> Labels {
    vec![
        ("replica_set", found.set.name.clone()),
        ("server", found.member.pool.server().address.to_string()),
    ]
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
        servers.iter().map(|s| (labels(s), yes(s.is_up))),
    )?;
    page.gauges(
        ("shardwell_server_primary", "1: writes go to the server"),
        servers.iter().map(|s| (labels(s), yes(s.is_primary))),
    )?;
    page.gauges(
        (
            "shardwell_server_drained",
            "1: an operator keeps statements away from the server",
        ),
        servers
            .iter()
            .map(|s| (labels(s), yes(s.member.is_drained()))),
    )?;
    page.gauges(
        (
            "shardwell_server_fit",
            "1: the server may answer reads, apart from its lag",
        ),
        servers
            .iter()
            .map(|s| (labels(s), yes(s.is_up && s.unfit.is_none()))),
    )?;
    let lags = servers.iter().filter_map(|s| Some((labels(s), s.lag?)));
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
            .map(|s| (labels(s), s.series().times.times())),
    )?;
    let mut counters = |about: (&str, &str), value: fn(&ServerSeries) -> u64| {
        let series = servers.iter().map(|s| (labels(s), value(s.series())));
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
            .map(|s| (labels(s), s.series().connects.times())),
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
            let mut labels = labels(server);
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
        most.map(|(server, pool)| (labels(server), pool.most)),
    )?;
    let waiting = figures.iter();
    page.gauges(
        (
            "shardwell_pool_waiting",
            "Statements that wait for a connection",
        ),
        waiting.map(|(server, pool)| (labels(server), pool.waiting)),
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
            .map(|s| (labels(s), s.series().waits.times())),
    )?;
    page.counters(
        (
            "shardwell_pool_timeouts",
            "Statements that got no connection within acquire_timeout",
        ),
        servers
            .iter()
            .map(|s| (labels(s), s.series().timeouts.total())),
    )?;
    page.counters(
        (
            "shardwell_pool_refused",
            "Statements that were refused because max_waiting others waited",
        ),
        servers
            .iter()
            .map(|s| (labels(s), s.series().refused.total())),
    )
}
