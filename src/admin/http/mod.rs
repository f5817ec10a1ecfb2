//! HTTP for operators: `/metrics`, `/healthz`, `/readyz`, `/topology` and `/sessions`.
//!
//! In: what all sessions share, a connected socket. Out: one answer per request, none of which
//! changes anything. Requests are small and rare: what is larger, slower or more than that is
//! turned away.

mod limits;
mod metrics;
mod page;
mod ready;
mod routes;
mod servers;

#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::sync::Semaphore;

use crate::config::Secret;
use crate::net::Stream;
use crate::net::tls::ServerTls;
use crate::session::Live;
use ready::Readier;

/// Connections at once.
const CONNECTIONS: usize = 64;

/// For the TLS handshake, and for a request's headers; also between two requests.
const PATIENCE: Duration = Duration::from_secs(30);

/// For a whole connection: scrapers connect anew.
const LIFETIME: Duration = Duration::from_secs(600);

/// A request's headers, in bytes.
const HEADERS: usize = 16 * 1024;

/// Serves the operators of one proxy.
#[derive(Debug)]
pub struct Door {
    router: Router,
    tls: Option<ServerTls>,
    places: Arc<Semaphore>,
    readier: Arc<Readier>,
}

impl Door {
    /// `token`: what requests must carry; `tls`: HTTPS instead of HTTP.
    pub fn new(live: Arc<Live>, token: Option<Secret>, tls: Option<ServerTls>) -> Arc<Self> {
        let readier = Arc::<Readier>::default();
        Arc::new(Self {
            router: routes::router(live, Arc::clone(&readier), token),
            tls,
            places: Arc::new(Semaphore::new(CONNECTIONS)),
            readier,
        })
    }

    /// From now on the proxy is not ready: it takes no more clients.
    pub fn leave(&self) {
        self.readier.leave();
    }

    /// Serves one connection to its end; closes it at once where there are too many.
    pub async fn serve(self: Arc<Self>, stream: Stream) {
        let Ok(_place) = Arc::clone(&self.places).try_acquire_owned() else {
            return;
        };
        let stream = match &self.tls {
            None => stream,
            Some(tls) => match tokio::time::timeout(PATIENCE, tls.accept(stream)).await {
                Ok(Ok(stream)) => stream,
                Ok(Err(error)) => {
                    tracing::debug!(%error, "no TLS with an operator");
                    return;
                }
                Err(_) => return,
            },
        };
        let service = TowerToHyperService::new(self.router.clone());
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(PATIENCE)
            .max_buf_size(HEADERS)
            .serve_connection(TokioIo::new(stream), service);
        if let Ok(Err(error)) = tokio::time::timeout(LIFETIME, connection).await {
            tracing::debug!(%error, "an operator's connection broke");
        }
    }
}
