//! Rewrite: the client's text + a plan's edits → the text for a shard.
//!
//! In: the original bytes, the tokens, the edits and the session's values. Out: bytes that differ
//! from the original in nothing but the edits; the original itself where there are none.

mod splice;

pub use splice::{SpliceError, Values, limit, splice};

#[cfg(test)]
mod tests;
