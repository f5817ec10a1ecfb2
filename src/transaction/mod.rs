//! Transaction: one COMMIT on several replica sets, everywhere or nowhere.
//!
//! In: the connections on which a session's transaction is open. Out: the transaction ended on all
//! of them ([`end`]), and in the background the end of what a dead proxy left prepared
//! ([`Coordinator::keep`]).
//!
//! | file | what it holds |
//! |---|---|
//! | `commit` | the protocol as a state machine without I/O: answers in, steps out |
//! | `xid` | the names of transactions and branches |
//! | `drive` | the machine's steps on real connections |
//! | `store` | the proxy's own tables: decisions, and which replica set is which |
//! | `coordinator` | what all sessions share: names given out, what may be forgotten |
//! | `recovery` | what is prepared on the servers and nobody ends |
//!
//! The first replica set of a transaction runs a plain local transaction; another one that joins
//! becomes an XA branch. At COMMIT the branches are prepared, then the first one's own COMMIT, which
//! includes a row in its decision table, decides, then the branches are committed. Whoever finds a
//! prepared branch asks the decision table: the row is there → commit; else a row that forbids the
//! commit is written first, then the branch is rolled back.

pub mod commit;
mod coordinator;
mod drive;
mod error;
mod recovery;
mod store;
mod xid;

pub use commit::{Fate, Outcome};
pub use coordinator::{Coordinator, Group, InDoubt};
pub use drive::{Done, End, Ended, Participant, end};
pub use error::TransactionError;
pub use store::Home;
pub use xid::{Gtrid, Identity, Xid};

#[cfg(test)]
mod tests;
