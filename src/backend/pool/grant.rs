//! What somebody gets from a pool who asks for a connection: one, the right to open one, or the
//! right to wait.

use std::sync::Arc;
use std::time::Instant;

use tokio::sync::oneshot;

use super::pooled::{Permit, Pooled};
use super::{Pool, Wanted};
use crate::backend::BackendError;
use crate::config::PoolConfig;

#[derive(Debug)]
pub(super) enum Grant {
    Connection(Pooled),
    Opening(Opening),
    /// Connecting has just failed for somebody else, and there is nothing to wait for.
    Failed(BackendError),
}

/// The right to open one more connection, now. Counted until it is used or dropped.
#[derive(Debug)]
pub(super) struct Opening {
    pool: Arc<Pool>,
    /// Somebody has settled the count.
    over: bool,
}

impl Opening {
    /// The caller has counted it.
    pub fn begun(pool: &Arc<Pool>) -> Self {
        Self {
            pool: Arc::clone(pool),
            over: false,
        }
    }

    /// Opens another connection in the place of one that was closed.
    pub fn instead(closed: Permit) -> Option<Self> {
        let pool = closed.into_pool()?;
        pool.state.lock().ramp.begin();
        Some(Self { pool, over: false })
    }

    /// Opens the connection.
    ///
    /// # Errors
    /// What connecting says; those hear of it too who would have to wait for another attempt.
    pub async fn open(mut self, wanted: &Wanted<'_>) -> Result<Pooled, BackendError> {
        let term = self.pool.state.lock().term;
        let mut connection = match self.pool.connect(wanted).await {
            Ok(connection) => connection,
            Err(error) => {
                self.over = true;
                self.pool.opening_failed(&error);
                return Err(error);
            }
        };
        if self.pool.is_protected() {
            connection.protect().await?;
        }
        if self.pool.server.replicated {
            self.pool.register(&mut connection, term)?;
        }
        self.over = true;
        self.pool.state.lock().ramp.succeeded();
        self.pool.serve();
        let permit = Permit::of(&self.pool);
        Ok(Pooled::new(Box::new(connection), permit))
    }
}

impl Drop for Opening {
    fn drop(&mut self) {
        if !self.over {
            self.pool.opening_abandoned();
        }
    }
}

/// A place in the queue.
#[derive(Debug)]
pub(super) struct Waiting {
    pub pool: Arc<Pool>,
    pub number: u64,
    pub receiver: oneshot::Receiver<Grant>,
    pub limits: PoolConfig,
}

impl Waiting {
    /// Waits.
    ///
    /// # Errors
    /// [`BackendError::PoolTimeout`] after `acquire_timeout`.
    pub async fn granted(mut self) -> Result<Grant, BackendError> {
        let limit = self.limits.acquire_timeout;
        let began = Instant::now();
        let reactor = &self.pool.server.reactor;
        let granted = reactor.timeout(limit, &mut self.receiver).await;
        let series = &self.pool.server.series;
        series.waits.record(began.elapsed());
        if let Ok(Ok(grant)) = granted {
            return Ok(grant);
        }
        series.timeouts.count();
        Err(BackendError::PoolTimeout {
            replica_set: self.pool.server.replica_set.clone(),
            limit: self.limits.max_connections,
            waited_ms: limit.as_millis(),
        })
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        if self.receiver.is_terminated() {
            return;
        }
        self.receiver.close();
        match self.receiver.try_recv() {
            // Came in the moment in which nobody waited for it any more: it is as good as before.
            Ok(Grant::Connection(connection)) => connection.release(),
            Ok(Grant::Opening(_) | Grant::Failed(_)) => {}
            Err(_) => self.pool.state.lock().queue.leave(self.number),
        }
    }
}
