//! Commands beside running statements, on connections of their own.

use std::sync::Arc;

use super::{BackendError, Connection, Server};

/// What to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kill {
    /// The running statement (KILL QUERY).
    Query,
    /// The connection (KILL CONNECTION).
    Connection,
}

/// Ends a statement or a connection on a server. Outside the pool: it must work when all pooled
/// connections are busy with what shall end.
///
/// # Errors
/// What connecting or the server says; an id that is gone by now is no error.
pub async fn kill(server: Arc<Server>, thread_id: u32, what: Kill) -> Result<(), BackendError> {
    const NO_SUCH_THREAD: u16 = 1094;
    let _permit = server.control_permit().await;
    let mut connection = Connection::open(Arc::clone(&server), false).await?;
    let what = match what {
        Kill::Query => "QUERY",
        Kill::Connection => "CONNECTION",
    };
    match connection
        .execute(format!("KILL {what} {thread_id}").as_bytes())
        .await
    {
        Err(BackendError::Setup(error)) if error.code == NO_SUCH_THREAD => Ok(()),
        done => done,
    }
}
