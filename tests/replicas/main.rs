//! Replica sets with real replication between real servers: which reads replicas answer, how
//! recent they are, and what it costs clients when servers die.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "../common/mod.rs"]
mod common;

mod causal;
mod cursors;
mod drain;
mod dying;
mod failover;
mod lag;
mod link;
mod promotion;
#[allow(dead_code)]
#[path = "../hostile/raw.rs"]
mod raw;
mod scattered;
mod semi_sync;
mod set;
mod split;
mod writers;
mod zone;
