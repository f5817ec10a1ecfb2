//! Server: listeners, background work, changes of the configuration, and an orderly end.
//!
//! In: a validated configuration. Out: a [`RunningProxy`] that serves clients until it is shut
//! down.

mod admin;
mod assemble;
mod background;
mod listener;
mod period_tables;
mod reload;
#[cfg(feature = "otlp")]
mod traces;
#[cfg(not(feature = "otlp"))]
#[path = "traces/off.rs"]
mod traces;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::backend::Watchers;
use crate::config::{Change, Config};
use crate::net::{Reactor, Signal};
use crate::session::{Live, Registry};
use admin::Admin;
pub use assemble::StartError;
use listener::Listener;
pub use reload::Source;
use reload::{Reloader, Running};

/// How long killed sessions may take to notice.
const LAST_PATIENCE: Duration = Duration::from_secs(3);

/// How often a shutdown looks whether everybody has left.
const DRAIN_POLL: Duration = Duration::from_millis(20);

/// A proxy that listens. Dropping it stops everything at once.
#[derive(Debug)]
pub struct RunningProxy {
    live: Arc<Live>,
    registry: Arc<Registry>,
    addresses: Vec<SocketAddr>,
    stop: CancellationToken,
    admin: Option<Admin>,
    listeners: JoinSet<()>,
    background: JoinSet<()>,
}

/// Opens the listeners and starts serving, clients on the reactor's own runtime and all the rest on
/// the caller's, which has timers. Servers that cannot be reached yet are tried again in the
/// background: the proxy may start before its servers do. Without a source the configuration cannot
/// be read again.
///
/// # Errors
/// The configuration contradicts itself, a file cannot be read, or an address cannot be used.
pub async fn start(
    config: Config,
    source: Option<Source>,
    reactor: Reactor,
) -> Result<RunningProxy, StartError> {
    let files = source.as_ref().map(Source::files).unwrap_or_default();
    let config = Arc::new(config);
    let shared = assemble::assemble(&config, &reactor)?;
    let registry = Arc::clone(&shared.registry);
    let live = Live::new(Arc::clone(&shared));
    let mut background = JoinSet::new();
    let mut watchers = Watchers::default();
    background::spawn(&mut background, &live);
    watchers.add(&shared.cluster);
    background::first_look(&mut background, &live).await;
    background::first_warm_up(&shared.cluster).await;
    let mut recovery = JoinSet::new();
    background::recover(&mut recovery, &shared.coordinator);
    let running = Running {
        recovery,
        periods: period_tables::keep(&live, &config).await,
        config: Arc::clone(&config),
        watchers,
    };
    let reloader = Reloader::new(&live, running, (source, files));
    let admin = match &config.server.admin {
        Some(admin) => {
            let how = (admin, config.server.reuse_port);
            Some(admin::open(how, &live, &mut background).await?)
        }
        None => None,
    };
    let stop = CancellationToken::new();
    let mut listeners = JoinSet::new();
    let mut addresses = Vec::new();
    for address in &config.server.listen {
        let opening = Listener::bind(address, config.server.reuse_port);
        let listener = reactor.watching(opening).await?;
        tracing::info!(%address, "listening");
        addresses.extend(listener.local_addr());
        let accepting = listener.accept(Arc::clone(&live), stop.clone(), reactor.clone());
        listeners.spawn_on(accepting, reactor.sockets());
    }
    background.spawn(reloader.run());
    Ok(RunningProxy {
        live,
        registry,
        addresses,
        stop,
        admin,
        listeners,
        background,
    })
}

impl RunningProxy {
    /// The TCP addresses that clients can connect to.
    pub fn addresses(&self) -> &[SocketAddr] {
        &self.addresses
    }

    /// The TCP address of HTTP for operators.
    pub fn admin_address(&self) -> Option<SocketAddr> {
        self.admin.as_ref()?.address
    }

    /// Clients connected at this moment.
    pub fn clients(&self) -> usize {
        self.registry.len()
    }

    /// Reads the configuration again, and goes over to it; gives what is different.
    ///
    /// # Errors
    /// Why the configuration of before stays.
    pub async fn reload(&self) -> Result<Vec<Change>, String> {
        let shared = self.live.load();
        shared.orders.reload().await
    }

    /// Takes no more clients, lets running statements and transactions end within the configured
    /// time, and closes everything.
    pub async fn shutdown(mut self) {
        if let Some(admin) = &self.admin {
            admin.door.leave();
        }
        self.stop.cancel();
        while self.listeners.join_next().await.is_some() {}
        self.registry.signal_all(Signal::Drain);
        self.wait(self.live.load().limits.drain).await;
        self.registry.signal_all(Signal::KillConnection);
        self.wait(LAST_PATIENCE).await;
        traces::close(&self.live.load()).await;
        self.background.shutdown().await;
    }

    async fn wait(&self, patience: Duration) {
        let end = Instant::now() + patience;
        while !self.registry.is_empty() && Instant::now() < end {
            tokio::time::sleep(DRAIN_POLL).await;
        }
    }
}
