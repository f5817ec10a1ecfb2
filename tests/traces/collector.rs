//! A collector in the test's own process.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Bytes;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use parking_lot::Mutex;
use tokio::net::TcpListener;

use crate::otlp::{Span, spans};

/// How long a trace may take to arrive.
const PATIENCE: Duration = Duration::from_secs(30);

/// Takes spans.
#[derive(Clone)]
pub struct Collector {
    pub address: SocketAddr,
    got: Arc<Mutex<Vec<Span>>>,
    hangs: Arc<AtomicBool>,
}

impl Collector {
    /// Listens.
    pub async fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let collector = Self {
            address: listener.local_addr().unwrap(),
            got: Arc::default(),
            hangs: Arc::default(),
        };
        let own = collector.clone();
        let take = move |headers: HeaderMap, body: Bytes| own.clone().take(headers, body);
        let routes = Router::new().route("/v1/traces", post(take));
        tokio::spawn(async move { axum::serve(listener, routes).await });
        collector
    }

    async fn take(self, headers: HeaderMap, body: Bytes) -> StatusCode {
        assert_eq!(headers["content-type"], "application/x-protobuf");
        while self.hangs.load(Ordering::Relaxed) {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        self.got.lock().extend(spans(&body));
        StatusCode::OK
    }

    /// From now on it takes requests and answers none, or answers again.
    pub fn hang(&self, hangs: bool) {
        self.hangs.store(hangs, Ordering::Relaxed);
    }

    /// `[traces]` for it, with further keys.
    pub fn section(&self, keys: &str) -> String {
        let address = self.address;
        format!("[traces]\nendpoint = \"http://{address}\"\ninterval = \"50ms\"\n{keys}\n")
    }

    /// What came so far.
    pub fn all(&self) -> Vec<Span> {
        self.got.lock().clone()
    }

    /// The trace of the statement with this normal form, once its first span, which is sent last, is
    /// there: that one, and its parts by their beginning.
    pub async fn trace_of(&self, normal: &str) -> (Span, Vec<Span>) {
        let begun = Instant::now();
        loop {
            let all = self.all();
            let is_root = |span: &&Span| {
                span.kind == 2
                    && span.attributes.get("db.query.text").map(String::as_str) == Some(normal)
            };
            if let Some(root) = all.iter().find(is_root) {
                let same = |span: &&Span| span.trace == root.trace && span.id != root.id;
                let mut parts: Vec<Span> = all.iter().filter(same).cloned().collect();
                parts.sort_by_key(|span| span.from);
                return (root.clone(), parts);
            }
            assert!(begun.elapsed() < PATIENCE, "{normal}: {all:#?}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}
