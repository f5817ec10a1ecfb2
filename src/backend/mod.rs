//! Backend: connections to the MySQL servers.
//!
//! In: addresses, accounts and limits of the configuration. Out: connections in the state that a
//! session needs ([`Pool`], [`Connection`]), what a scan of the servers found ([`catalog`]), and
//! commands beside running statements ([`control`]).

pub mod balance;
pub mod catalog;
mod clock;
mod cluster;
mod connection;
pub mod control;
mod error;
mod figures;
pub mod gtid;
pub mod health;
mod login;
mod member;
mod own_query;
pub mod period_tables;
mod pool;
mod primary;
mod promotion;
mod replica_set;
mod server;
mod statements;
mod succession;
mod syntax;
mod variables;
mod watchers;

pub use cluster::{ChangeOfGlobals, Cluster};
pub use connection::{Connection, Wanted};
pub use error::BackendError;
pub use figures::PoolFigures;
pub use member::Member;
pub use own_query::TextRow;
pub use pool::{Pool, Pooled};
pub use primary::Why;
pub use replica_set::{Demand, ReplicaSet, Ticket};
pub use server::{Flavor, Server, ServerVersion};
pub use statements::{ServerStatement, StatementKey, Statements};
pub use syntax::Checked;
pub use variables::{Interner, Variables};
pub use watchers::Watchers;

#[cfg(test)]
mod simulation;
#[cfg(test)]
mod tests;
