//! Shardwell: many MySQL servers that behave as one.
//!
//! # The life of a query
//! ```text
//! client bytes → net → wire → session → parse → plan → route → rewrite → execute (backend) → merge → reply → client
//!                               Command   Statement  Plan   Route   ShardQuery
//! ```
//! The modules below stand in this order. A stage takes the previous stage's type and never calls
//! the next one; `session::query` names them all. `wire`, `parse`, `topology`, `plan`, `route`,
//! `rewrite`, `merge` and `explain` are pure: no tokio, no clock, no globals.

// The futures of a session stand in one another deeper than the compiler looks by default.
#![recursion_limit = "256"]

pub mod error;
pub mod value;

pub mod config;
pub mod parse;
pub mod telemetry;
pub mod wire;

pub mod auth;
pub mod net;
pub mod topology;

pub mod backend;
pub mod plan;

pub mod merge;
pub mod route;

pub mod reply;
pub mod rewrite;

pub mod execute;
pub mod explain;
pub mod sequence;
pub mod transaction;

pub mod session;

pub mod admin;

pub mod server;

pub mod cli;
