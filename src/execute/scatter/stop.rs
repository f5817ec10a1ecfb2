//! The end of a statement for the servers that still work on it.

use std::future::poll_fn;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use futures_util::future::join_all;

use super::Lane;
use crate::backend::control::{self, Kill};
use crate::execute::relay::GRACE;

/// How long a server may take to stop a statement that was killed.
const PATIENCE: Duration = Duration::from_secs(10);

/// Ends what is under way: every connection is then at the end of an answer, or doomed.
pub async fn stop(lanes: &mut [Lane<'_>]) {
    let busy = lanes.iter_mut().filter(|lane| !lane.is_done());
    join_all(busy.map(Lane::stop)).await;
}

/// Nobody waits for an answer any more, and nobody will use the connections.
pub(super) fn abandon(lanes: &mut [Lane<'_>]) {
    for lane in lanes {
        lane.forget_rest();
        lane.connection.doom();
        if !lane.is_busy() {
            continue;
        }
        let server = Arc::clone(lane.connection.server());
        let thread = lane.connection.thread_id();
        tokio::spawn(async move {
            if let Err(error) = control::kill(server, thread, Kill::Connection).await {
                tracing::warn!(%error, "could not stop a statement on its server");
            }
        });
    }
}

impl Lane<'_> {
    async fn stop(&mut self) {
        self.forget_rest();
        if self.is_preparing() {
            return self.connection.doom();
        }
        if !self.is_busy() {
            return;
        }
        let server = Arc::clone(self.connection.server());
        match server.reactor.timeout(GRACE, self.drain()).await {
            Ok(true) => return,
            Ok(false) => return self.connection.doom(),
            Err(_) => {}
        }
        let thread = self.connection.thread_id();
        // The KILL must have been carried out before the connection gets its next statement.
        let killed = control::kill(Arc::clone(&server), thread, Kill::Query);
        let both = async { tokio::join!(killed, self.drain()) };
        let ended = server.reactor.timeout(PATIENCE, both).await;
        if !matches!(ended, Ok((Ok(()), true))) {
            self.connection.doom();
        }
    }

    /// Reads the rest of the answer and drops it; says whether it ended as an answer does.
    async fn drain(&mut self) -> bool {
        loop {
            loop {
                match self.pull() {
                    Ok(Some(_)) => {}
                    Ok(None) => break,
                    Err(_) => return false,
                }
            }
            if !self.is_busy() {
                return true;
            }
            let flushed_and_filled = poll_fn(|cx| {
                if let Poll::Ready(Err(error)) = self.connection.packets().poll_flush(cx) {
                    return Poll::Ready(Err(error));
                }
                self.poll_fill(cx)
            });
            if flushed_and_filled.await.is_err() {
                return false;
            }
        }
    }
}
