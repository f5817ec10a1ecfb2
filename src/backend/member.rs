//! A server as a member of its replica set: its pool, its load, its health.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use parking_lot::Mutex;
use tokio::sync::Notify;

use super::Pool;
use super::balance::Load;
use super::health::{Breaker, Fault, Observation, Suspicion};
use super::primary::Witness;
use super::promotion::Testimony;
use crate::config::BackendConfig;

/// A member of a replica set.
#[derive(Debug)]
pub struct Member {
    /// Its connections.
    pub pool: Arc<Pool>,
    /// Its share of the reads.
    pub weight: f64,
    /// It stands where the proxy stands.
    pub is_near: bool,
    /// What its statements tell.
    pub load: Load,
    /// Whether statements fail there.
    pub breaker: Breaker,
    /// Wakes what waits for an answer of it, when it is taken for dead.
    pub silent: Arc<Notify>,
    /// Has it asked at once.
    pub(super) look: Notify,
    /// No statement shall begin there.
    drained: AtomicBool,
    /// What its own task knows.
    pub(super) seen: Mutex<Seen>,
}

/// What the questions to a server have told.
#[derive(Debug)]
pub(super) struct Seen {
    pub suspicion: Suspicion,
    pub last: Option<Observation>,
    /// It has answered, or failed to.
    pub asked: bool,
    /// When it last refused a write because it is read-only.
    pub refused_at: Option<Duration>,
    /// When it last said that it acknowledges what it receives.
    pub acknowledged_at: Option<Duration>,
    /// It is taken for dead.
    pub down: bool,
    pub back_since: Option<Duration>,
    pub silent_at: Duration,
}

impl Member {
    /// A member of which nothing is known yet.
    pub(super) fn new(
        pool: Arc<Pool>,
        weight: u16,
        is_near: bool,
        backend: &BackendConfig,
    ) -> Self {
        Self {
            pool,
            weight: f64::from(weight),
            is_near,
            load: Load::default(),
            breaker: Breaker::default(),
            silent: Arc::default(),
            look: Notify::new(),
            drained: AtomicBool::new(false),
            seen: Mutex::new(Seen {
                suspicion: Suspicion::new(backend.health_interval, backend.min_silence),
                last: None,
                asked: false,
                refused_at: None,
                acknowledged_at: None,
                down: false,
                back_since: None,
                silent_at: Duration::ZERO,
            }),
        }
    }

    /// Whether an operator keeps reads away from it.
    pub fn is_drained(&self) -> bool {
        self.drained.load(Ordering::Relaxed)
    }

    /// Keeps reads away from it, or lets them come again. What is under way is not disturbed.
    pub fn drain(&self, drained: bool) {
        self.drained.store(drained, Ordering::Relaxed);
    }

    /// A statement failed there for a reason that is the server's.
    pub fn failed(&self, fault: Fault, now: Duration) {
        if self.breaker.failed(fault, now) {
            let server = self.pool.server();
            tracing::warn!(
                replica_set = server.replica_set,
                server = %server.address,
                "statements stay away from a server on which they fail"
            );
        }
    }
}

impl Seen {
    /// What it says about who is primary.
    pub fn witness(&self, now: Duration) -> Witness<'_> {
        Witness {
            last: self.last.as_ref(),
            alive: self.last.is_some() && !self.down && now < self.silent_at,
            asked: self.asked,
            refused_at: self.refused_at,
        }
    }

    /// What it says for a promotion.
    pub fn testimony(&self, now: Duration) -> Testimony {
        Testimony {
            said: self.last.clone(),
            alive: self.witness(now).alive,
            acknowledged_at: self.acknowledged_at,
        }
    }

    /// It has answered. Says whether it was taken for dead.
    pub fn answered(&mut self, observation: Observation, now: Duration) -> bool {
        let back = std::mem::take(&mut self.down);
        if back {
            self.back_since = Some(now);
        }
        self.suspicion.answered(now);
        self.silent_at = now + self.suspicion.patience();
        if observation.semi_sync.is_some_and(|said| said.acknowledges) {
            self.acknowledged_at = Some(observation.asked_at);
        }
        self.last = Some(observation);
        self.asked = true;
        back
    }

    /// It is taken for dead from now on. Says whether that is news; of a server that has not been asked
    /// to an end yet nobody has thought otherwise.
    pub fn fell_silent(&mut self, now: Duration) -> bool {
        self.suspicion.restart();
        self.silent_at = self.silent_at.min(now);
        self.asked && !std::mem::replace(&mut self.down, true)
    }
}
