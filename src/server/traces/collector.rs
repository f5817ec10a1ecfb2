//! Requests to the collector: HTTP/1.1 on one connection, which is opened again where it has gone.
//!
//! The SDK's thread waits for the answer, the proxy's runtime does the I/O.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper::client::conn::http1::{self, SendRequest};
use hyper::header::{HOST, HeaderValue};
use hyper::{Request, Response, Uri};
use hyper_util::rt::TokioIo;
use opentelemetry_http::{HttpClient, HttpError};
use tokio::runtime::Handle;
use tokio::sync::Mutex;
use tokio::time::timeout;

use crate::config::Address;
use crate::net::Stream;
use crate::net::tls::ClientTls;

/// The most of an answer that is read, in bytes.
const ANSWER: usize = 64 * 1024;

/// A collector.
#[derive(Debug)]
pub(super) struct HttpCollector {
    line: Arc<Line>,
    runtime: Handle,
    patience: Duration,
}

/// The way to it.
#[derive(Debug)]
struct Line {
    address: Address,
    tls: Option<ClientTls>,
    open: Mutex<Option<SendRequest<Full<Bytes>>>>,
}

impl HttpCollector {
    /// Nothing is connected yet. A request may take `patience`.
    pub fn new(address: Address, tls: Option<ClientTls>, patience: Duration) -> Self {
        let line = Line {
            address,
            tls,
            open: Mutex::default(),
        };
        Self {
            line: Arc::new(line),
            runtime: Handle::current(),
            patience,
        }
    }
}

#[async_trait]
impl HttpClient for HttpCollector {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let (line, patience) = (Arc::clone(&self.line), self.patience);
        let sent = self.runtime.spawn(async move {
            let sent = timeout(patience, line.send(request)).await;
            sent.unwrap_or_else(|_| Err("no answer in time".into()))
        });
        let answer = sent.await?;
        if let Err(error) = &answer {
            tracing::debug!(%error, "traces were not sent");
        }
        answer
    }
}

impl Line {
    async fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let request = relative(request, &self.address)?;
        let mut open = self.open.lock().await;
        let kept = open.take().filter(SendRequest::is_ready);
        let mut sender = match kept {
            Some(sender) => sender,
            None => self.connect().await?,
        };
        let (head, body) = sender.send_request(request).await?.into_parts();
        let body = Limited::new(body, ANSWER).collect().await?.to_bytes();
        // It is ready again once its connection has seen the end of the answer.
        if sender.ready().await.is_ok() {
            *open = Some(sender);
        }
        Ok(Response::from_parts(head, body))
    }

    async fn connect(&self) -> Result<SendRequest<Full<Bytes>>, HttpError> {
        let mut stream = Stream::connect(&self.address).await?;
        if let (Some(tls), Address::Tcp { host, .. }) = (&self.tls, &self.address) {
            stream = tls.connect(stream, host).await?;
        }
        let (sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
        tokio::spawn(connection);
        Ok(sender)
    }
}

/// A request as it goes to the server itself.
fn relative(request: Request<Bytes>, address: &Address) -> Result<Request<Full<Bytes>>, HttpError> {
    let (mut head, body) = request.into_parts();
    let path = head.uri.path_and_query().cloned();
    head.uri = path.map_or_else(Uri::default, Uri::from);
    let host = HeaderValue::from_str(&address.to_string())?;
    head.headers.insert(HOST, host);
    Ok(Request::from_parts(head, Full::new(body)))
}
