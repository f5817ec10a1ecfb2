//! Changes of the configuration under running sessions, and processes that take over from each
//! other: nobody loses a connection, and nothing is left behind.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "../common/mod.rs"]
mod common;

mod answers;
mod change;
mod file;
mod limits;
mod paths;
mod process;
#[allow(dead_code)]
#[path = "../hostile/raw.rs"]
mod raw;
mod routes;
