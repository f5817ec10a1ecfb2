//! Promotion: a replica takes the place of a primary that is gone.
//!
//! In: what is known of a set's servers when its primary has been silent for a while
//! ([`Evidence`]). Out: a replica that has every acknowledged transaction takes writes, the others
//! replicate from it; or nothing has changed, and [`NotPromoted`] says why.
//!
//! | file | what it does |
//! |---|---|
//! | `evidence` | who may decide, and whether they can know every acknowledged transaction |
//! | `status` | what a replica says of its replication |
//! | `choice` | which replica takes the primary's place |
//! | `spelling` | the statements, as each kind of server spells them |
//! | `replica` | one replica, from the lock to the new source |
//! | `attempt` | the steps, one after the other |
//! | `fence` | a primary of before that comes back takes no writes |
//! | `rehearsal` | whether it would work now, for the log |
//! | `watch` | the task that begins an attempt |
//!
//! What makes it safe: commits on the primary waited for acknowledgements of replicas, so many
//! replicas take part that at least one of them has each acknowledged transaction, all of
//! them have lost the primary too, and none receives anything from it any more before one is chosen
//! that has what any of them has. More than half of the replicas hold a lock for it, so that two
//! proxies cannot promote two of them.

mod attempt;
mod choice;
mod evidence;
mod fence;
mod rehearsal;
mod replica;
mod spelling;
mod status;
mod watch;

#[cfg(test)]
mod tests;

use super::BackendError;

pub(super) use evidence::{Evidence, Testimony};
pub(super) use watch::watch;

/// Why no replica was promoted.
#[derive(Debug, thiserror::Error)]
pub(super) enum NotPromoted {
    #[error("the primary was not seen well since the proxy began to watch it")]
    Unseen,
    #[error("the servers choose their primary themselves")]
    Cluster,
    #[error("commits on the primary did not wait for replicas (semi-synchronous replication)")]
    NotSemiSync,
    #[error("of {replicas} replicas, {present} can take part, which is not more than half")]
    Minority { present: usize, replicas: usize },
    #[error(
        "a replica that cannot take part may be the only one that has an acknowledged transaction: \
         {present} of {replicas} that acknowledged are there, commits waited for {wanted}"
    )]
    MayLack {
        present: usize,
        replicas: u32,
        wanted: u32,
    },
    #[error("another proxy is about to promote a replica")]
    Taken,
    #[error("the primary is back, or another server takes writes")]
    NoNeed,
    #[error("the primary answers its replica {0}")]
    SourceAnswers(String),
    #[error("no replica has all transactions that the others have received")]
    NobodyHasAll,
    #[error("replicas that have all transactions cannot take writes: {0}")]
    Unsuitable(String),
    #[error("the replica {0} has not applied in time what it has received")]
    Behind(String),
    #[error("the replica {server}: {problem}")]
    Replica { server: String, problem: String },
    #[error("the replica {server}: {source}")]
    Server {
        server: String,
        #[source]
        source: BackendError,
    },
}
