//! The proxy inside the demo's own process: the one place where the demo touches the server.

use std::net::SocketAddr;
use std::pin::Pin;

use anyhow::{Result, bail};

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

/// Starts the proxy with the text of a configuration file; returns once it listens.
///
/// # Errors
/// The configuration is refused, or the listener cannot be opened.
pub async fn start_proxy(_config_toml: String) -> Result<ProxyHandle> {
    bail!("this build of shardwell has no proxy server")
}
