//! Net: packets over sockets, for both sides of the proxy.
//!
//! In: a connected socket. Out: whole packets and batched writes ([`PacketStream`]), TLS
//! ([`tls`]), waits that can be ended from outside or by a deadline ([`Watch`]), and timers for
//! threads that have none ([`Reactor`]).

pub mod compress;
mod error;
mod packet_stream;
mod reactor;
mod stream;
pub mod tls;
mod watch;

pub use error::NetError;
pub use packet_stream::{PacketStream, STREAM_CHUNK};
pub use reactor::Reactor;
pub use stream::{Cord, Stream};
pub use watch::{AtomicMoment, Interest, Moment, Signal, Ticker, Watch, unless_notified};

#[cfg(test)]
mod tests;
