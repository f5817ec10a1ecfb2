//! Server: listeners, background work, and an orderly end.
//!
//! In: a validated configuration. Out: a [`RunningProxy`] that serves clients until it is shut
//! down.

mod assemble;
mod background;
mod listener;
mod period_tables;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::task::JoinSet;

use crate::config::Config;
use crate::net::Signal;
use crate::session::Shared;
pub use assemble::StartError;
use listener::Listener;

/// How long killed sessions may take to notice.
const LAST_PATIENCE: Duration = Duration::from_secs(3);

/// How often a shutdown looks whether everybody has left.
const DRAIN_POLL: Duration = Duration::from_millis(20);

/// A proxy that listens. Dropping it stops everything at once.
#[derive(Debug)]
pub struct RunningProxy {
    shared: Arc<Shared>,
    addresses: Vec<SocketAddr>,
    drain: Duration,
    listeners: JoinSet<()>,
    background: JoinSet<()>,
}

/// Opens the listeners and starts serving. Servers that cannot be reached yet are tried again in
/// the background: the proxy may start before its servers do.
///
/// # Errors
/// The configuration contradicts itself, a file cannot be read, or an address cannot be used.
pub async fn start(config: Config) -> Result<RunningProxy, StartError> {
    let config = Arc::new(config);
    let (shared, cluster) = assemble::assemble(&config)?;
    let mut background = JoinSet::new();
    background::spawn(&mut background, &shared, &cluster);
    background::first_look(&mut background, &shared).await;
    period_tables::keep(&mut background, &shared, &config).await;
    let limit = config.server.max_connections as usize;
    let mut listeners = JoinSet::new();
    let mut addresses = Vec::new();
    for address in &config.server.listen {
        let listener = Listener::bind(address).await?;
        tracing::info!(%address, "listening");
        addresses.extend(listener.local_addr());
        let shared = Arc::clone(&shared);
        listeners.spawn(async move { listener.accept(shared, limit).await });
    }
    Ok(RunningProxy {
        shared,
        addresses,
        drain: config.server.timeouts.drain,
        listeners,
        background,
    })
}

impl RunningProxy {
    /// The TCP addresses that clients can connect to.
    pub fn addresses(&self) -> &[SocketAddr] {
        &self.addresses
    }

    /// Clients connected at this moment.
    pub fn clients(&self) -> usize {
        self.shared.registry.len()
    }

    /// Takes no more clients, lets running statements and transactions end within the configured
    /// time, and closes everything.
    pub async fn shutdown(mut self) {
        self.listeners.shutdown().await;
        self.shared.registry.signal_all(Signal::Drain);
        self.wait(self.drain).await;
        self.shared.registry.signal_all(Signal::KillConnection);
        self.wait(LAST_PATIENCE).await;
        self.background.shutdown().await;
    }

    async fn wait(&self, patience: Duration) {
        let end = Instant::now() + patience;
        while !self.shared.registry.is_empty() && Instant::now() < end {
            tokio::time::sleep(DRAIN_POLL).await;
        }
    }
}
