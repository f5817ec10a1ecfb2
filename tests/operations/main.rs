//! What operators see: HTTP with metrics, health, topology and sessions.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "../common/mod.rs"]
mod common;

mod admin_sql;
mod check_table;
mod demo;
mod http;
mod log;
mod metrics;
mod moves;
mod page;
#[allow(dead_code)]
#[path = "../hostile/raw.rs"]
mod raw;
mod readiness;
mod readme;
