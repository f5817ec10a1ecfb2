//! `[traces]`: where OpenTelemetry traces go, and which statements have one.

use std::path::PathBuf;
use std::time::Duration;

use super::types::Address;

/// `[traces]`
#[derive(Clone, Debug, PartialEq)]
pub struct TracesConfig {
    /// Where the collector takes OTLP over HTTP.
    pub endpoint: TracesEndpoint,
    /// What the traces call the proxy.
    pub service: String,
    /// The part of the statements that are traced, 0 to 1, where the client has not decided.
    pub sample: f64,
    /// How long spans wait for others to be sent with.
    pub interval: Duration,
    /// For one request to the collector.
    pub timeout: Duration,
    /// Spans that wait to be sent; further ones are dropped.
    pub queue: u32,
}

/// The URL of a collector, in its parts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TracesEndpoint {
    /// Where it listens; TCP.
    pub address: Address,
    /// Begins with a slash.
    pub path: String,
    /// HTTPS: PEM file of the authorities that sign its certificate; `None`: HTTP.
    pub ca: Option<PathBuf>,
}
