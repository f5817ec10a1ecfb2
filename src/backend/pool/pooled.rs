//! A connection of a pool in somebody's hands.

use std::ops::{Deref, DerefMut};
use std::sync::Arc;
use std::time::Duration;

use super::Pool;
use crate::backend::Connection;

/// The right to have one connection open.
#[derive(Debug)]
pub(super) struct Permit(Option<Arc<Pool>>);

impl Permit {
    /// The caller has counted it.
    pub fn of(pool: &Arc<Pool>) -> Self {
        Self(Some(Arc::clone(pool)))
    }

    /// The pool, which goes on counting it.
    pub fn into_pool(mut self) -> Option<Arc<Pool>> {
        self.0.take()
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        if let Some(pool) = self.0.take() {
            pool.closed();
        }
    }
}

/// A connection that belongs to somebody until it is dropped (closed) or released (reused).
#[derive(Debug)]
pub struct Pooled {
    connection: Box<Connection>,
    permit: Permit,
}

impl Pooled {
    pub(super) fn new(connection: Box<Connection>, permit: Permit) -> Self {
        Self { connection, permit }
    }

    /// The pool that it came from.
    pub fn pool(&self) -> Option<&Arc<Pool>> {
        self.permit.0.as_ref()
    }

    /// Keeps the connection and the right to it apart from the pool.
    pub(super) fn disarm(mut self) -> Box<Connection> {
        self.permit.0 = None;
        self.connection
    }

    /// Closes the connection; another may be opened in its place.
    pub(super) fn close(self) -> Permit {
        self.permit
    }

    /// Gives the connection back for reuse. The caller knows that no answer is outstanding, no
    /// transaction open and nothing left behind that the connection does not know of.
    pub fn release(self) {
        if !self.connection.is_reusable() {
            // Dropped: closed, with room for another.
            return;
        }
        if self.connection.is_lent() || !self.connection.has_current_globals() {
            return self.reset_and_release();
        }
        let Self {
            mut connection,
            mut permit,
        } = self;
        connection.count_traffic();
        if let Some(pool) = permit.0.take() {
            pool.put_back(connection);
        }
    }

    /// Has the server begin a new session on the connection, and gives it back then.
    pub fn reset_and_release(mut self) {
        let Ok(runtime) = tokio::runtime::Handle::try_current() else {
            return;
        };
        runtime.spawn(async move {
            let server = Arc::clone(self.connection.server());
            let reset = server
                .reactor
                .timeout(PATIENCE, self.connection.reset())
                .await;
            if matches!(reset, Ok(Ok(()))) {
                self.release();
            }
        });
    }
}

/// How long a server may take to forget a session.
const PATIENCE: Duration = Duration::from_secs(5);

impl Deref for Pooled {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        &self.connection
    }
}

impl DerefMut for Pooled {
    fn deref_mut(&mut self) -> &mut Connection {
        &mut self.connection
    }
}
