//! The proxy inside the demo's own process: the one place where the demo touches the server.

use std::net::SocketAddr;
use std::path::Path;
use std::pin::Pin;

use anyhow::{Context as _, Result, anyhow};

use crate::cli::RegisteredAlgorithms;
use crate::cli::workers::Workers;
use crate::config::{self, Config, Context, Environment, ProcessEnvironment};
use crate::server::{self, Source};

/// A proxy that runs in this process.
pub struct ProxyHandle {
    address: SocketAddr,
    shutdown: Pin<Box<dyn Future<Output = ()> + Send>>,
}

impl ProxyHandle {
    /// A proxy that listens on `address`; awaiting `shutdown` drains it and stops it.
    pub fn new(address: SocketAddr, shutdown: impl Future<Output = ()> + Send + 'static) -> Self {
        Self {
            address,
            shutdown: Box::pin(shutdown),
        }
    }

    /// Where clients connect.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Drains the proxy and stops it.
    pub async fn shutdown(self) {
        self.shutdown.await;
    }
}

/// Starts the proxy with a configuration file, which it reads again when it is told to or the file
/// changes; returns once it listens.
///
/// # Errors
/// The configuration is refused, or the listener cannot be opened.
pub async fn start_proxy_from(path: &Path) -> Result<ProxyHandle> {
    let owned = path.to_owned();
    let read = move |environment: &dyn Environment| {
        let context = Context {
            environment,
            algorithms: &RegisteredAlgorithms::default(),
        };
        config::load(&owned, &context)
    };
    let config = read(&ProcessEnvironment)?;
    start(config, Some(Source::new(path.to_owned(), read))).await
}

/// Starts the proxy with the text of a configuration file; returns once it listens.
///
/// # Errors
/// The configuration is refused, or the listener cannot be opened.
pub async fn start_proxy(config_toml: String) -> Result<ProxyHandle> {
    let context = Context {
        environment: &ProcessEnvironment,
        algorithms: &RegisteredAlgorithms::default(),
    };
    let config = config::parse(&config_toml, Path::new("shardwell.toml"), &context)
        .map_err(|report| anyhow!("{report}"))?;
    start(config, None).await
}

async fn start(config: Config, source: Option<Source>) -> Result<ProxyHandle> {
    let workers = Workers::start(config.server.worker_threads)?;
    let proxy = server::start(config, source, workers.reactor()).await?;
    let address = proxy.addresses().first().copied();
    let address = address.context("the proxy listens on no TCP address")?;
    Ok(ProxyHandle::new(address, async move {
        proxy.shutdown().await;
        drop(workers);
    }))
}
