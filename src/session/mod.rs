//! Session: one client, from its first byte to its last.
//!
//! In: an accepted socket. `connection_phase` logs the client in, `command_phase` takes its
//! commands, `query` is the way of a statement through all stages. Out: replies to the client
//! and what [`Registry`] shows of the session.

mod acquire;
mod audit;
mod check;
mod command_phase;
mod connection_phase;
mod diagnostics;
mod drop_unknown;
mod dynamic;
mod ending;
mod explain;
mod failure;
mod field_list;
mod follow_up;
mod found_rows;
mod gather;
mod held;
mod ids;
mod join;
mod kill;
mod lent;
mod limits;
mod live;
mod local;
mod lost;
mod measure;
mod orders;
mod overview;
mod planning;
mod position;
mod prepared;
mod query;
mod refresh;
mod registry;
mod replica;
mod request;
mod role;
mod run;
mod scatter;
mod scratch;
mod series;
mod session_set;
mod set_statement;
mod shard_query;
mod shared;
mod slow;
mod state;
mod statement;
mod switch;
mod syntax;
mod target;
mod temporary;
mod tied;
mod trace;
mod transaction;
mod use_schema;
mod utility;
mod variables;
mod visible;
mod written;

pub use connection_phase::{peer_name, refuse, serve};
pub use limits::LimitParts;
pub use live::{Live, Orders, ReloadOrder};
pub use overview::{Found, found, session_views, topology_view};
pub use refresh::{Paused, RefreshError, Refresher};
pub use registry::{Activity, Registry, SessionHandle, SessionId};
pub use series::SnapshotSeries;
pub use shared::{Account, Accounts, ClientLimits, Lasting, Shared, SharedParts, Snapshot};
pub use tied::Tied;
