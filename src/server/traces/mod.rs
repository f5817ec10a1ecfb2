//! `[traces]` → what makes traces and sends them.

mod collector;

use std::sync::Arc;
use std::time::Duration;

use collector::HttpCollector;

use super::StartError;
use crate::config::{Config, TracesConfig};
use crate::net::tls::ClientTls;
use crate::session::Shared;
use crate::telemetry::traces::{Settings, Tracer};

/// How long the last spans may take when the process leaves.
const LAST_PATIENCE: Duration = Duration::from_secs(2);

/// What makes the traces that the configuration asks for.
pub(super) fn tracer(config: &Config) -> Result<Option<Tracer>, StartError> {
    let Some(traces) = &config.traces else {
        return Ok(None);
    };
    let endpoint = &traces.endpoint;
    let tls = endpoint
        .ca
        .as_deref()
        .map(ClientTls::verified)
        .transpose()?;
    let scheme = if tls.is_some() { "https" } else { "http" };
    let settings = Settings {
        service: traces.service.clone(),
        endpoint: format!("{scheme}://{}{}", endpoint.address, endpoint.path),
        interval: traces.interval,
        timeout: traces.timeout,
        queue: traces.queue,
    };
    let collector = HttpCollector::new(endpoint.address.clone(), tls, traces.timeout);
    let tracer = Tracer::new(&settings, Arc::new(collector)).map_err(StartError::Traces)?;
    tracing::info!(endpoint = settings.endpoint, "sending traces");
    Ok(Some(tracer.of(traces.sample)))
}

/// What takes the place of the tracer of before: the part that is traced may change, all else waits for
/// a restart.
pub(super) fn follow(before: &Shared, config: &Config) -> Option<Tracer> {
    let part = config
        .traces
        .as_ref()
        .map(|traces: &TracesConfig| traces.sample);
    let tracer = before.tracer.as_ref()?;
    Some(part.map_or_else(|| tracer.clone(), |part| tracer.of(part)))
}

/// Sends what waits.
pub(super) async fn close(shared: &Shared) {
    if let Some(tracer) = shared.tracer.clone() {
        let closed = tokio::task::spawn_blocking(move || tracer.close(LAST_PATIENCE));
        let _ = closed.await;
    }
}
