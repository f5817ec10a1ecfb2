//! What must not go wrong when servers die, clients misbehave and limits are reached.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "../common/mod.rs"]
mod common;

mod clients;
mod cursors;
mod dying_servers;
mod fake;
mod fake_shard;
mod gather;
mod idle_connections;
mod kill;
mod kinds_of_state;
mod leaks;
mod limits;
mod pools;
mod raw;
mod scatter;
mod shutdown;
mod solo;
