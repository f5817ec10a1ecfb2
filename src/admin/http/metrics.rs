//! `/metrics`: everything that is counted, under the names that Prometheus sees.
//!
//! docs/operations.md says what each of them means; a test compares the two.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{SystemTime, UNIX_EPOCH};

use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, text};
use prometheus_client::registry::Registry;

use super::page::{Labels, Page};
use super::{limits, servers};
use crate::plan::PinReason;
use crate::session::{Live, Shared};
use crate::telemetry::traces::Tracer;
use crate::telemetry::{Metrics, Totals, Work};

/// What is read at each request.
#[derive(Debug)]
struct Proxy(Arc<Live>);

/// The metrics of a proxy.
pub(super) fn registry(live: Arc<Live>) -> Registry {
    let mut registry = Registry::default();
    registry.register_collector(Box::new(Proxy(live)));
    registry
}

/// The page.
///
/// # Errors
/// Writing to a `String` does not fail.
pub(super) fn page(registry: &Registry) -> Result<String, fmt::Error> {
    let mut page = String::new();
    text::encode(&mut page, registry)?;
    Ok(page)
}

impl Collector for Proxy {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let mut page = Page(&mut encoder);
        let shared = &*self.0.load();
        // Shards that were not asked yet are shown too.
        shared.snapshot().series(&shared.metrics);
        process(&mut page, shared)?;
        clients(&mut page, shared)?;
        sessions(&mut page, shared)?;
        statements(&mut page, &shared.metrics)?;
        slow(&mut page, &shared.metrics)?;
        traces(&mut page, shared)?;
        errors(&mut page, &shared.metrics)?;
        parts(&mut page, &shared.metrics)?;
        planning(&mut page, shared)?;
        works(&mut page, shared)?;
        definitions_and_gathers(&mut page, shared)?;
        limits::encode(&mut page, shared)?;
        transactions(&mut page, shared)?;
        servers::encode(&mut page, &shared.cluster)
    }
}

pub(super) fn labels<const N: usize>(labels: [(&'static str, &str); N]) -> Labels {
    let own = labels.into_iter();
    own.map(|(name, value)| (name, value.to_owned())).collect()
}

fn process(page: &mut Page<'_, '_>, shared: &Shared) -> fmt::Result {
    let version = labels([("version", env!("CARGO_PKG_VERSION"))]);
    let about = ("shardwell_build_info", "The program that runs");
    page.gauges(about, [(version, 1_u64)])?;
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    let started = now
        .unwrap_or_default()
        .saturating_sub(shared.started.elapsed());
    page.gauge(
        (
            "process_start_time_seconds",
            "When the process started, in seconds since 1970",
        ),
        started.as_secs_f64(),
    )
}

fn clients(page: &mut Page<'_, '_>, shared: &Shared) -> fmt::Result {
    let metrics = &shared.metrics;
    page.counter(
        ("shardwell_client_accepted", "Clients that connected"),
        metrics.accepted.total(),
    )?;
    page.counter(
        (
            "shardwell_client_refused",
            "Clients that were turned away because of max_connections",
        ),
        metrics.refused.total(),
    )?;
    page.counter(
        ("shardwell_client_denied", "Logins that failed"),
        metrics.denied.total(),
    )?;
    let traffic = shared.registry.traffic();
    page.counter(
        (
            "shardwell_client_received_bytes",
            "Bytes from clients, before compression and without TLS",
        ),
        traffic.received,
    )?;
    page.counter(
        (
            "shardwell_client_sent_bytes",
            "Bytes to clients, before compression and without TLS",
        ),
        traffic.sent,
    )
}

fn sessions(page: &mut Page<'_, '_>, shared: &Shared) -> fmt::Result {
    let sessions = shared.registry.list();
    let running = sessions
        .iter()
        .filter(|session| session.is_running())
        .count();
    let states = [("running", running), ("idle", sessions.len() - running)];
    let states = states.map(|(state, count)| (labels([("state", state)]), count));
    let about = ("shardwell_sessions", "Connected clients");
    page.gauges(about, states)?;
    let open = sessions.iter().filter(|s| s.tied().in_transaction());
    page.gauge(
        (
            "shardwell_sessions_in_transaction",
            "Sessions with an open transaction",
        ),
        open.count(),
    )?;
    let pinned = PinReason::ALL.iter().map(|reason| {
        let pinned = sessions.iter().filter(|s| s.tied().is_pinned(*reason));
        (labels([("reason", reason.label())]), pinned.count())
    });
    page.gauges(
        (
            "shardwell_sessions_pinned",
            "Sessions that keep a connection between statements, by reason",
        ),
        pinned,
    )
}

fn statements(page: &mut Page<'_, '_>, metrics: &Metrics) -> fmt::Result {
    let schemas = metrics.schemas();
    let all = schemas.iter().flat_map(|schema| {
        let verbs = schema
            .verbs()
            .filter(|(_, totals)| totals.times.count() > 0);
        verbs.map(|(verb, totals)| {
            let labels = labels([("schema", schema.name.as_str()), ("kind", verb.label())]);
            (labels, totals)
        })
    });
    let all: Vec<(Labels, Totals)> = all.collect();
    let of = |value: fn(&Totals) -> u64| {
        let series = all.iter();
        series.map(move |(labels, totals)| (labels.clone(), value(totals)))
    };
    page.histograms(
        (
            "shardwell_statement_seconds",
            "Statements, from their first byte to the end of their answer",
        ),
        all.iter()
            .map(|(labels, totals)| (labels.clone(), totals.times.clone())),
    )?;
    page.counters(
        ("shardwell_statement_rows", "Rows that clients got"),
        of(|totals| totals.rows),
    )?;
    page.counters(
        ("shardwell_statement_changed_rows", "Rows that were changed"),
        of(|totals| totals.changed),
    )?;
    page.counters(
        (
            "shardwell_statement_failures",
            "Statements that ended with an error",
        ),
        of(|totals| totals.failed),
    )
}

fn slow(page: &mut Page<'_, '_>, metrics: &Metrics) -> fmt::Result {
    page.counter(
        (
            "shardwell_slow_statements",
            "Statements that took as long as the slow-query log asks for",
        ),
        metrics.slow.total(),
    )
}

fn traces(page: &mut Page<'_, '_>, shared: &Shared) -> fmt::Result {
    let spans = shared.tracer.as_ref().map(Tracer::totals);
    let spans = spans.unwrap_or_default();
    let results = [("sent", spans.sent), ("lost", spans.lost)];
    page.counters(
        (
            "shardwell_trace_spans",
            "Spans of traces that the collector has taken, or that were lost",
        ),
        results.map(|(result, count)| (labels([("result", result)]), count)),
    )
}

fn errors(page: &mut Page<'_, '_>, metrics: &Metrics) -> fmt::Result {
    let errors = metrics.errors().into_iter();
    page.counters(
        (
            "shardwell_errors",
            "Errors that clients were told, by MySQL's number; 0 stands for rare ones",
        ),
        errors.map(|(code, count)| (labels([("code", &code.to_string())]), count)),
    )
}

fn parts(page: &mut Page<'_, '_>, metrics: &Metrics) -> fmt::Result {
    let totals = metrics.stages.totals();
    page.counter(
        (
            "shardwell_staged_statements",
            "Statements on one shard, of which the time of each stage is known",
        ),
        totals.statements,
    )?;
    let stages = [
        ("plan", totals.plan),
        ("server", totals.server),
        ("reply", totals.reply),
    ];
    page.counters(
        (
            "shardwell_stage_seconds",
            "Their time: until the server is asked, until it answers, until the answer is passed on",
        ),
        stages.map(|(stage, nanos)| (labels([("stage", stage)]), nanos as f64 / 1e9)),
    )?;
    let shards = metrics.shards();
    page.histograms(
        (
            "shardwell_shard_seconds",
            "Answers of a shard, from the query's first byte to the answer's last",
        ),
        shards.iter().map(|shard| {
            let labels = labels([("schema", &shard.schema), ("shard", &shard.name)]);
            (labels, shard.times.times())
        }),
    )
}

fn planning(page: &mut Page<'_, '_>, shared: &Shared) -> fmt::Result {
    page.counter(
        (
            "shardwell_plan_cache_hits",
            "Statements whose plan was in the plan cache",
        ),
        shared.metrics.plan_hits.total(),
    )?;
    page.gauge(
        ("shardwell_plan_cache_plans", "Plans in the plan cache"),
        shared.snapshot().plans.len(),
    )?;
    page.histograms(
        (
            "shardwell_plan_seconds",
            "Plans made, for statements that were not in the plan cache",
        ),
        [(Labels::new(), shared.metrics.planning.times())],
    )?;
    page.gauge(
        (
            "shardwell_prepared_statements",
            "Statements that clients have prepared",
        ),
        shared.prepared_statements(),
    )?;
    page.gauge(
        (
            "shardwell_cursor_bytes",
            "Rows of open cursors that wait in the proxy, in bytes",
        ),
        shared.waiting_bytes(),
    )
}

fn works(page: &mut Page<'_, '_>, shared: &Shared) -> fmt::Result {
    let metrics = &shared.metrics;
    let works: [(&str, &Work); 4] = [
        ("merge", &metrics.merges),
        ("gather", &metrics.gathers),
        ("write", &metrics.writes),
        ("definition", &metrics.definitions),
    ];
    let labelled = works.map(|(work, value)| (labels([("work", work)]), value));
    let of = |value: fn(&Work) -> u64| {
        let works = labelled.iter();
        works.map(move |(labels, work)| (labels.clone(), value(work)))
    };
    let times = labelled.iter();
    page.histograms(
        (
            "shardwell_several_shards_seconds",
            "Statements on several data nodes: answers merged, rows gathered on one server, writes, \
             definitions",
        ),
        times.map(|(labels, work)| (labels.clone(), work.times.times())),
    )?;
    page.counters(
        (
            "shardwell_several_shards_nodes",
            "Data nodes that such statements asked",
        ),
        of(|work| work.nodes.total()),
    )?;
    page.counters(
        (
            "shardwell_several_shards_rows",
            "Rows that were merged, gathered or changed by such statements",
        ),
        of(|work| work.rows.total()),
    )?;
    page.counters(
        (
            "shardwell_several_shards_bytes",
            "Bytes that servers sent for merges and gathers",
        ),
        of(|work| work.bytes.total()),
    )
}

fn definitions_and_gathers(page: &mut Page<'_, '_>, shared: &Shared) -> fmt::Result {
    let metrics = &shared.metrics;
    let shards = metrics.shards();
    page.counters(
        (
            "shardwell_definition_failures",
            "Definitions and table maintenance that a shard has not carried out",
        ),
        shards.iter().map(|shard| {
            let failed = shard.failed_definitions.load(Ordering::Relaxed);
            let labels = labels([("schema", &shard.schema), ("shard", &shard.name)]);
            (labels, failed)
        }),
    )?;
    page.gauge(
        (
            "shardwell_gathers_running",
            "Statements that bring rows together now",
        ),
        shared.gathers.running(),
    )?;
    page.gauge(
        (
            "shardwell_gathers_waiting",
            "Statements that wait for the right to bring rows together",
        ),
        shared.gathers.waiting(),
    )?;
    page.gauge(
        ("shardwell_gathers_max", "How many may have it at once"),
        shared.gathers.most(),
    )
}

fn transactions(page: &mut Page<'_, '_>, shared: &Shared) -> fmt::Result {
    let in_doubt = shared.coordinator.in_doubt();
    let sets = shared.cluster.replica_sets().iter();
    page.gauges(
        (
            "shardwell_transactions_in_doubt",
            "Prepared branches that recovery could not end yet",
        ),
        sets.map(|set| {
            let own = in_doubt
                .iter()
                .filter(|found| found.replica_set == set.name);
            (labels([("replica_set", &set.name)]), own.count())
        }),
    )
}
