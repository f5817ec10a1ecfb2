//! The proxy's connections to one server.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use super::histogram::Histogram;
use super::stripes::Counter;

/// What happened between the proxy and one server.
#[derive(Debug, Default)]
pub struct ServerSeries {
    /// How long answers to clients' statements took, from the query's first byte to the answer's last.
    pub times: Histogram,
    /// How long statements waited for a connection, those only that had to.
    pub waits: Histogram,
    /// Statements that got no connection in time.
    pub timeouts: Counter,
    /// Statements that were not let wait for a connection, because too many did.
    pub refused: Counter,
    /// How long it took to connect and log in.
    pub connects: Histogram,
    /// Attempts to connect that failed.
    pub failed_connects: Counter,
    /// Connections that broke while a statement used them.
    pub lost: Counter,
    /// Bytes from the server, as the MySQL protocol has them.
    pub received: Counter,
    /// Bytes to the server.
    pub sent: Counter,
    unreachable: AtomicBool,
}

impl ServerSeries {
    /// A connection was opened.
    pub fn connected(&self, took: Duration) {
        self.connects.record(took);
        self.unreachable.store(false, Ordering::Relaxed);
    }

    /// A connection could not be opened.
    pub fn not_connected(&self) {
        self.failed_connects.count();
        self.unreachable.store(true, Ordering::Relaxed);
    }

    /// Whether the last attempt to connect has failed.
    pub fn is_unreachable(&self) -> bool {
        self.unreachable.load(Ordering::Relaxed)
    }
}
