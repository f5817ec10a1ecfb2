//! The listener for operators.

use std::net::SocketAddr;
use std::sync::Arc;

use tokio::task::JoinSet;

use super::StartError;
use super::assemble::identity;
use super::listener::{ACCEPT_PAUSE, Listener};
use crate::admin::http::Door;
use crate::config::AdminConfig;
use crate::session::Live;

/// Where operators get in.
#[derive(Debug)]
pub(super) struct Admin {
    /// Serves them.
    pub door: Arc<Door>,
    /// Where it listens, for TCP.
    pub address: Option<SocketAddr>,
}

/// Listens until the task is stopped; `reuse_port` as for clients.
pub(super) async fn open(
    (config, reuse_port): (&AdminConfig, bool),
    live: &Arc<Live>,
    tasks: &mut JoinSet<()>,
) -> Result<Admin, StartError> {
    let tls = config.tls.as_ref();
    let tls = tls.map(|tls| identity(&tls.identity, tls.client_ca.as_deref()));
    let door = Door::new(Arc::clone(live), config.token.clone(), tls.transpose()?);
    let listener = Listener::bind(&config.listen, reuse_port).await?;
    let address = listener.local_addr();
    tracing::info!(address = %config.listen, "listening for operators");
    tasks.spawn(accept(listener, Arc::clone(&door)));
    Ok(Admin { door, address })
}

async fn accept(listener: Listener, door: Arc<Door>) {
    let mut served = JoinSet::new();
    loop {
        // Only as many as the door lets in are kept.
        while served.try_join_next().is_some() {}
        match listener.next().await {
            Ok(stream) => drop(served.spawn(Arc::clone(&door).serve(stream))),
            Err(error) => {
                tracing::warn!(%error, "cannot accept an operator");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}
