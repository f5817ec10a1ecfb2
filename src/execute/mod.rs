//! Execute: a shard query on a prepared backend connection → its answer at the client.
//!
//! In: bytes of SQL, a connection in the session's state, the client. Out: a [`Summary`] of what
//! the server said, after every byte of the answer has been passed on ([`relay`]); or the merged
//! answer of several data nodes ([`scatter`]). Where rows of several shards must come together first,
//! [`gather`] brings them.

mod error;
pub mod gather;
mod relay;
pub mod scatter;
mod upload;

pub use crate::reply::{Answer, Summary};
pub use error::{RelayError, Seen, Stop};
pub use relay::{Limits, Relay, ReplicaRelay, relay};
pub use upload::{ClientFile, FileProgress, FileStop};
