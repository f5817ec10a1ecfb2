//! What is there and how it goes, for operators.
//!
//! In: what all sessions share. Out: views that HTTP gives as JSON and SHOW SHARDWELL as rows, so
//! that both say the same.

mod like;
mod lists;
mod servers;
mod show;
mod views;

pub(super) use like::Like;
pub(super) use show::{Cell, Listing};

pub use servers::{Found, found};
pub use views::{sessions as session_views, topology as topology_view};
