//! Paths and answers, and the token that opens them.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use prometheus_client::registry::Registry;
use subtle::ConstantTimeEq;

use super::metrics;
use super::ready::Readier;
use crate::config::Secret;
use crate::session::{self, Live};

/// How long an answer may take to make.
const PATIENCE: Duration = Duration::from_secs(10);

/// What Prometheus asks for by this name.
const OPEN_METRICS: HeaderValue =
    HeaderValue::from_static("application/openmetrics-text; version=1.0.0; charset=utf-8");

#[derive(Clone)]
struct Shown {
    live: Arc<Live>,
    readier: Arc<Readier>,
    registry: Arc<Registry>,
    token: Option<Arc<Secret>>,
}

/// Everything that can be asked. `/healthz` and `/readyz` need no token, for those who ask them have
/// none; but why the proxy is not ready is for operators.
pub(super) fn router(live: Arc<Live>, readier: Arc<Readier>, token: Option<Secret>) -> Router {
    let registry = Arc::new(metrics::registry(Arc::clone(&live)));
    let token = token.map(Arc::new);
    let shown = Shown {
        live,
        readier,
        registry,
        token: token.clone(),
    };
    let guarded = Router::new()
        .route("/metrics", get(show_metrics))
        .route("/topology", get(show_topology))
        .route("/sessions", get(show_sessions))
        .with_state(shown.clone());
    let guarded = match token {
        None => guarded,
        Some(token) => guarded.route_layer(middleware::from_fn_with_state(token, check)),
    };
    Router::new()
        .route("/healthz", get(|| async { "alive\n" }))
        .route("/readyz", get(show_readiness))
        .with_state(shown)
        .merge(guarded)
        .layer(middleware::from_fn(in_time))
}

/// Lets requests with the token through.
async fn check(State(token): State<Arc<Secret>>, request: Request, next: Next) -> Response {
    if is_allowed(request.headers().get(header::AUTHORIZATION), &token) {
        return next.run(request).await;
    }
    let challenge = [(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"))];
    let text = "a token is needed: send the header Authorization: Bearer TOKEN\n";
    (StatusCode::UNAUTHORIZED, challenge, text).into_response()
}

/// Takes the same time for every wrong token of the right length.
pub(super) fn is_allowed(given: Option<&HeaderValue>, token: &Secret) -> bool {
    const SCHEME: &[u8] = b"bearer ";
    let Some((scheme, given)) = given.and_then(|v| v.as_bytes().split_at_checked(SCHEME.len()))
    else {
        return false;
    };
    scheme.eq_ignore_ascii_case(SCHEME) && bool::from(given.ct_eq(token.expose().as_bytes()))
}

async fn in_time(request: Request, next: Next) -> Response {
    match tokio::time::timeout(PATIENCE, next.run(request)).await {
        Ok(response) => response,
        Err(_) => (StatusCode::SERVICE_UNAVAILABLE, "too slow\n").into_response(),
    }
}

async fn show_metrics(State(shown): State<Shown>) -> Response {
    match metrics::page(&shown.registry) {
        Ok(page) => ([(header::CONTENT_TYPE, OPEN_METRICS)], page).into_response(),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
    }
}

async fn show_readiness(State(shown): State<Shown>, headers: HeaderMap) -> Response {
    let mut readiness = shown.readier.look(&shown.live.load()).await;
    let given = headers.get(header::AUTHORIZATION);
    if shown.token.is_some_and(|token| !is_allowed(given, &token)) {
        readiness.reasons.clear();
    }
    let status = match readiness.ready {
        true => StatusCode::OK,
        false => StatusCode::SERVICE_UNAVAILABLE,
    };
    (status, Json(readiness)).into_response()
}

async fn show_topology(State(shown): State<Shown>) -> Response {
    Json(session::topology_view(&shown.live.load())).into_response()
}

async fn show_sessions(State(shown): State<Shown>) -> Response {
    Json(session::session_views(&shown.live.load())).into_response()
}
