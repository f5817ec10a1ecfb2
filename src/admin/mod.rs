//! Admin: what operators see of a running proxy.
//!
//! In: what all sessions share. Out: HTTP ([`http`]) with metrics, health, topology and sessions.

pub mod http;
