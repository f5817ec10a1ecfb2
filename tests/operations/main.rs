//! What operators see: HTTP with metrics, health, topology and sessions.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "../common/mod.rs"]
mod common;

mod admin_sql;
mod check_table;
mod http;
mod log;
mod metrics;
mod page;
mod readiness;
mod readme;
