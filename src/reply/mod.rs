//! Reply: outcomes → packets for the client.
//!
//! In: what a backend sends ([`Forwarder`]), or an outcome of the proxy's own. Out: the bytes
//! that the client gets, in the form that it negotiated.

mod forward;
mod names;
mod session_track;

pub use forward::{Answer, Forwarder, Framing, Progress, Summary};
pub use names::Names;
pub use session_track::TrackedVariables;

#[cfg(test)]
mod tests;
