//! Transactions over several replica sets, as clients see them: the answers of one MySQL, and no
//! money lost whatever fails.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "../common/mod.rs"]
mod common;

mod accounts;
mod bank;
mod cost;
mod effects;
mod gathered;
mod moves;
mod picked;
mod recovery;
mod savepoints;
mod tap;
