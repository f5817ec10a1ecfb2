//! Health: which servers may be used.
//!
//! In: answers to questions that a task of its own asks each server ([`watch`]), and what real
//! statements meet ([`Breaker`]). Out: a [`Standing`] for each server, published as one value that
//! statements read without a lock.
//!
//! | file | what it holds |
//! |---|---|
//! | `suspicion` | when silence becomes a fault (phi accrual) |
//! | `breaker` | faults that statements meet |
//! | `probe` | what a server is asked |
//! | `semi_sync` | whether commits wait for replicas |
//! | `history` | what the primary had when, so that a replica's lag is known |
//! | `standing` | what all that says of a server |
//! | `watch` | the task that asks |

mod breaker;
mod history;
mod probe;
mod semi_sync;
mod standing;
mod suspicion;
mod watch;

#[cfg(test)]
mod tests;

pub use breaker::{Breaker, Fault};
pub use history::History;
pub use probe::Observation;
pub use semi_sync::SemiSync;
#[cfg(test)]
pub use semi_sync::Waits;
pub(super) use standing::assess;
pub use standing::{Standing, Unfit};
pub use suspicion::Suspicion;
pub use watch::watch;
