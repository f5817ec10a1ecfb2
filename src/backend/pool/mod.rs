//! The connections to one server: bounded, last in first out, first come first served.
//!
//! Last in first out keeps few server threads warm instead of many cold ones. A connection that is
//! dropped without [`Pooled::release`] is closed: only who knows its state may give it back.
//!
//! | file | what it holds |
//! |---|---|
//! | `state` | what is idle and open |
//! | `queue` | who waits, and whose turn it is |
//! | `ramp` | how many connections may be opened at once |
//! | `grant` | what somebody gets who asks: a connection, the right to open one, a place in the queue |
//! | `pooled` | a connection in somebody's hands |

mod grant;
mod pooled;
mod queue;
mod ramp;
mod state;

#[cfg(test)]
mod tests;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use parking_lot::{Mutex, MutexGuard};
use tokio::sync::oneshot;

use super::connection::{Connection, Wanted};
use super::figures::PoolFigures;
use super::{BackendError, Server};
use crate::config::PoolConfig;
use grant::{Grant, Opening, Waiting};
use pooled::Permit;
pub use pooled::Pooled;
use state::{Idle, State};

/// A connection is replaced when it has lived for `max_age` less up to one part in so many, so that
/// those that were opened together are not replaced together.
const SPREAD: u32 = 5;

/// The connections to one server.
#[derive(Debug)]
pub struct Pool {
    server: Arc<Server>,
    /// Its connections are to a replica, on which nothing may be written.
    protected: AtomicBool,
    state: Mutex<State>,
}

enum Taken {
    /// One that was free; `doubtful`: for so long that it may be dead.
    Idle {
        pooled: Pooled,
        doubtful: bool,
    },
    Opening(Opening),
    Wait(Waiting),
}

impl Pool {
    /// No connection is opened before one is asked for.
    pub fn new(server: Arc<Server>, limits: PoolConfig) -> Arc<Self> {
        Arc::new(Self {
            server,
            protected: AtomicBool::new(false),
            state: Mutex::new(State::new(limits)),
        })
    }

    /// Whether nothing may be written through these connections: the server refuses it then,
    /// whatever a view or a stored function that is read may do.
    pub fn protect(&self, protected: bool) {
        self.protected.store(protected, Ordering::Relaxed);
    }

    fn is_protected(&self) -> bool {
        self.protected.load(Ordering::Relaxed)
    }

    /// Closes what is idle, and what is in use when it is given back: the server has another role
    /// from now on. With `at_once` what is in use breaks off.
    pub fn retire(&self, at_once: bool) {
        let mut state = self.state.lock();
        state.term += 1;
        let idle = std::mem::take(&mut state.idle);
        state.open -= u32::try_from(idle.len()).unwrap_or(0);
        let cords = match at_once {
            true => std::mem::take(&mut state.cords),
            false => Vec::new(),
        };
        drop(state);
        for cord in cords.iter().filter_map(Weak::upgrade) {
            cord.cut();
        }
    }

    /// The server is no longer configured: idle connections are closed now, the others when they
    /// are given back.
    pub fn end(&self) {
        self.state.lock().ended = true;
        self.retire(false);
    }

    /// Changes the limits; who waits profits at once, what is too much is closed as it becomes idle.
    pub fn set_limits(self: &Arc<Self>, limits: PoolConfig) {
        self.state.lock().limits = limits;
        self.serve();
    }

    /// After how long an idle connection is asked whether it works before it is used.
    pub fn validate_after(&self) -> Duration {
        self.state.lock().limits.validate_after
    }

    /// The server behind it.
    pub fn server(&self) -> &Arc<Server> {
        &self.server
    }

    /// How it stands.
    pub fn figures(&self) -> PoolFigures {
        let state = self.state.lock();
        PoolFigures {
            open: state.open,
            idle: state.idle.len(),
            opening: state.ramp.opening(),
            waiting: state.queue.len(),
            most: state.limits.max_connections,
            most_waiting: state.limits.max_waiting,
        }
    }

    /// A connection, the one that needs least change to become `wanted` if there is a choice.
    ///
    /// # Errors
    /// [`BackendError::PoolTimeout`] after `acquire_timeout`, [`BackendError::PoolFull`] at once
    /// where too many wait already; what connecting says.
    pub async fn checkout(self: &Arc<Self>, wanted: &Wanted<'_>) -> Result<Pooled, BackendError> {
        loop {
            let grant = match self.take(wanted)? {
                Taken::Idle { pooled, doubtful } => match self.checked(pooled, doubtful).await {
                    Some(pooled) => return Ok(pooled),
                    None => continue,
                },
                Taken::Opening(opening) => Grant::Opening(opening),
                Taken::Wait(waiting) => waiting.granted().await?,
            };
            let opening = match grant {
                Grant::Connection(pooled) if pooled.found_rows() == wanted.found_rows => {
                    return Ok(pooled);
                }
                Grant::Connection(unfit) => Opening::instead(unfit.close()),
                Grant::Opening(opening) => Some(opening),
                Grant::Failed(error) => return Err(error),
            };
            if let Some(opening) = opening {
                return opening.open(wanted).await;
            }
        }
    }

    /// An idle connection as [`Pool::checkout`] would give it at once, if there is one and nobody
    /// waits.
    pub fn try_checkout(self: &Arc<Self>, wanted: &Wanted<'_>) -> Option<Pooled> {
        let idle = self.state.lock().take_idle(wanted, true)?;
        Some(self.own(idle.connection))
    }

    /// Idle connections that keep prepared statements, so many at most: for somebody who has them closed.
    /// At most once a second, and none that may be dead.
    pub fn take_keepers(self: &Arc<Self>, most: usize) -> Vec<Pooled> {
        let keepers = self.state.lock().take_keepers(most, Instant::now());
        let keepers = keepers.into_iter();
        keepers.map(|idle| self.own(idle.connection)).collect()
    }

    /// A connection as [`Pool::checkout`] would give it, if nobody needs to wait for it.
    ///
    /// # Errors
    /// What connecting says.
    pub async fn checkout_spare(
        self: &Arc<Self>,
        wanted: &Wanted<'_>,
    ) -> Result<Option<Pooled>, BackendError> {
        loop {
            let taken = {
                let mut state = self.state.lock();
                if let Some(idle) = state.take_idle(wanted, false) {
                    self.idle(idle)
                } else if state.queue.is_empty() && state.may_open() {
                    Taken::Opening(self.begin_opening(&mut state))
                } else {
                    return Ok(None);
                }
            };
            match taken {
                Taken::Idle { pooled, doubtful } => {
                    if let Some(pooled) = self.checked(pooled, doubtful).await {
                        return Ok(Some(pooled));
                    }
                }
                Taken::Opening(opening) => return opening.open(wanted).await.map(Some),
                Taken::Wait(_) => return Ok(None),
            }
        }
    }

    fn take(self: &Arc<Self>, wanted: &Wanted<'_>) -> Result<Taken, BackendError> {
        let mut state = self.state.lock();
        if let Some(idle) = state.take_idle(wanted, false) {
            return Ok(self.idle(idle));
        }
        if state.queue.is_empty() {
            if state.may_open() {
                return Ok(Taken::Opening(self.begin_opening(&mut state)));
            }
            // Idle connections of the other kind make room for one of this kind: nobody waits while
            // a connection is idle.
            if state.idle.pop().is_some() {
                state.ramp.begin();
                return Ok(Taken::Opening(Opening::begun(self)));
            }
        }
        self.enter_queue(state, wanted.found_rows)
    }

    fn begin_opening(self: &Arc<Self>, state: &mut State) -> Opening {
        state.begin_opening();
        Opening::begun(self)
    }

    fn enter_queue(
        self: &Arc<Self>,
        mut state: MutexGuard<'_, State>,
        found_rows: bool,
    ) -> Result<Taken, BackendError> {
        let limits = state.limits;
        if state.queue.len() >= limits.max_waiting as usize {
            drop(state);
            self.server.series.refused.count();
            return Err(BackendError::PoolFull {
                replica_set: self.server.replica_set.clone(),
                limit: limits.max_waiting,
            });
        }
        let (sender, receiver) = oneshot::channel();
        let number = state.queue.enter(found_rows, sender);
        Ok(Taken::Wait(Waiting {
            pool: Arc::clone(self),
            number,
            receiver,
            limits,
        }))
    }

    fn idle(self: &Arc<Self>, idle: Idle) -> Taken {
        Taken::Idle {
            doubtful: idle.doubtful,
            pooled: self.own(idle.connection),
        }
    }

    /// The connection, if it works; one that was idle for long is asked.
    async fn checked(&self, mut pooled: Pooled, doubtful: bool) -> Option<Pooled> {
        if doubtful {
            let limit = self.server.config.connect_timeout;
            let asked = pooled.execute(b"DO 0");
            let asked = self.server.reactor.timeout(limit, asked).await;
            asked.ok()?.ok()?;
        }
        Some(pooled)
    }

    async fn connect(&self, wanted: &Wanted<'_>) -> Result<Connection, BackendError> {
        let began = Instant::now();
        let opened = Connection::open(Arc::clone(&self.server), wanted.found_rows).await;
        match &opened {
            Ok(_) => self.server.series.connected(began.elapsed()),
            Err(_) => self.server.series.not_connected(),
        }
        let mut connection = opened?;
        let max_age = self.state.lock().limits.max_age;
        connection.ages_from = began.checked_sub(spread(max_age)).unwrap_or(began);
        Ok(connection)
    }

    /// Makes it possible to end the connection from outside.
    fn register(&self, connection: &mut Connection, term: u64) -> Result<(), BackendError> {
        connection.term = term;
        let cord = connection.attach_cord()?;
        let mut state = self.state.lock();
        if state.term != term {
            return Err(BackendError::Connect {
                replica_set: self.server.replica_set.clone(),
                reason: "the server has another role by now".to_owned(),
            });
        }
        state.cords.retain(|cord| cord.strong_count() > 0);
        state.cords.push(cord);
        Ok(())
    }

    fn own(self: &Arc<Self>, connection: Box<Connection>) -> Pooled {
        Pooled::new(connection, Permit::of(self))
    }

    /// A connection goes to whoever waits longest; without waiters it stays.
    fn put_back(self: &Arc<Self>, mut connection: Box<Connection>) {
        loop {
            let mut state = self.state.lock();
            if state.term != connection.term || state.ended || state.is_too_full() {
                break;
            }
            if state.queue.is_empty() {
                state.idle.push(Idle::new(connection));
                return;
            }
            if !state.is_young(&connection) {
                break;
            }
            // Once for each connection that there may be: about the time of one statement.
            let patience = state.limits.max_connections;
            let Some(waiter) = state.queue.next_for(connection.found_rows(), patience) else {
                continue;
            };
            drop(state);
            match waiter.send(Grant::Connection(self.own(connection))) {
                Err(Grant::Connection(returned)) => connection = returned.disarm(),
                Ok(()) | Err(Grant::Opening(_) | Grant::Failed(_)) => return,
            }
        }
        drop(connection);
        self.closed();
    }

    /// A connection is no longer open.
    fn closed(self: &Arc<Self>) {
        self.state.lock().open -= 1;
        self.serve();
    }

    /// Nobody wants a connection any more that was being opened.
    fn opening_abandoned(self: &Arc<Self>) {
        self.state.lock().ramp.abandoned();
        self.closed();
    }

    /// A connection could not be opened. Where there is no other one that could become free, those
    /// who wait hear of it at once: each of them would find the same, one after the other.
    fn opening_failed(self: &Arc<Self>, error: &BackendError) {
        let mut state = self.state.lock();
        state.ramp.failed();
        state.open -= 1;
        let waiters = match state.nobody_is_connected() && error.to_all().is_some() {
            true => state.queue.take_all(),
            false => Vec::new(),
        };
        drop(state);
        for (waiter, error) in waiters
            .into_iter()
            .zip(std::iter::repeat_with(|| error.to_all()))
        {
            if let Some(error) = error {
                let _ = waiter.send(Grant::Failed(error));
            }
        }
        self.serve();
    }

    /// Lets those who have waited longest open as many connections as may be opened now.
    fn serve(self: &Arc<Self>) {
        loop {
            let mut state = self.state.lock();
            if !state.may_open() {
                return;
            }
            let Some(waiter) = state.queue.next() else {
                return;
            };
            let opening = self.begin_opening(&mut state);
            drop(state);
            // What a waiter that is gone does not take goes to the next one as it is dropped.
            let _ = waiter.send(Grant::Opening(opening));
        }
    }

    /// Closes what has been idle or alive for too long. Called now and then.
    pub fn reap(&self) {
        let old = self.state.lock().take_old(Instant::now());
        drop(old);
    }

    /// Opens what `min_idle` asks for, one after the other, unless clients need more than that.
    ///
    /// # Errors
    /// What connecting says.
    pub async fn warm_up(self: &Arc<Self>) -> Result<(), BackendError> {
        loop {
            let opening = {
                let mut state = self.state.lock();
                let enough = state.idle.len() >= state.limits.min_idle as usize;
                if enough || !state.queue.is_empty() || !state.may_open() {
                    return Ok(());
                }
                self.begin_opening(&mut state)
            };
            opening.open(&Wanted::fresh()).await?.release();
        }
    }
}

/// A part of the last fifth of the time that a connection may live.
fn spread(max_age: Duration) -> Duration {
    (max_age / SPREAD).mul_f64(rand::random::<f64>())
}
