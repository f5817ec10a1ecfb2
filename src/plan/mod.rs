//! Plan: statement + topology → [`Plan`].

mod types;

pub use types::{Access, Action, Edit, KeyCondition, PinReason, Plan, Replacement};
