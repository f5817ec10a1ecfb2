//! The connections to one server: bounded, last in first out, first come first served.
//!
//! Last in first out keeps few server threads warm instead of many cold ones. A connection that is
//! dropped without [`Pooled::release`] is closed: only who knows its state may give it back.

use std::collections::VecDeque;
use std::ops::{Deref, DerefMut};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Weak};
use std::time::Instant;

use parking_lot::Mutex;
use tokio::sync::oneshot;

use super::connection::{Connection, Wanted};
use super::figures::PoolFigures;
use super::{BackendError, Server};
use crate::config::PoolConfig;
use crate::net::Cord;

/// How many idle connections are looked at for one that needs no change of state.
const MATCH_DEPTH: usize = 16;

/// The connections to one server.
#[derive(Debug)]
pub struct Pool {
    server: Arc<Server>,
    /// Its connections are to a replica, on which nothing may be written.
    protected: AtomicBool,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    limits: PoolConfig,
    /// The server is no longer configured: what is given back is closed.
    ended: bool,
    idle: Vec<Idle>,
    /// Idle, busy and being opened.
    open: u32,
    /// What was opened before this moment is too old. Set now and then, so that no statement has
    /// to read a clock.
    oldest: Option<Instant>,
    waiters: VecDeque<oneshot::Sender<Grant>>,
    /// Counts how often all connections became useless at once; one of an earlier term is closed.
    term: u64,
    /// What ends the connections of this term.
    cords: Vec<Weak<Cord>>,
}

#[derive(Debug)]
struct Idle {
    connection: Box<Connection>,
    /// Since when, once somebody has looked.
    since: Option<Instant>,
}

/// The right to have one more connection open.
#[derive(Debug)]
struct Permit(Option<Arc<Pool>>);

impl Drop for Permit {
    fn drop(&mut self) {
        if let Some(pool) = self.0.take() {
            pool.give_back_permit();
        }
    }
}

#[derive(Debug)]
enum Grant {
    Connection(Pooled),
    Permit(Permit),
}

/// A connection that belongs to somebody until it is dropped (closed) or released (reused).
#[derive(Debug)]
pub struct Pooled {
    connection: Box<Connection>,
    permit: Permit,
}

impl Pool {
    /// No connection is opened before one is asked for.
    pub fn new(server: Arc<Server>, limits: PoolConfig) -> Arc<Self> {
        Arc::new(Self {
            server,
            protected: AtomicBool::new(false),
            state: Mutex::new(State {
                limits,
                ended: false,
                idle: Vec::new(),
                open: 0,
                oldest: None,
                waiters: VecDeque::new(),
                term: 0,
                cords: Vec::new(),
            }),
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
        loop {
            let mut state = self.state.lock();
            if state.open >= state.limits.max_connections {
                return;
            }
            let Some(waiter) = state.waiters.pop_front() else {
                return;
            };
            state.open += 1;
            drop(state);
            // What a waiter that is gone does not take goes to the next one as it is dropped.
            let _ = waiter.send(Grant::Permit(Permit(Some(Arc::clone(self)))));
        }
    }

    /// The server behind it.
    pub fn server(&self) -> &Arc<Server> {
        &self.server
    }

    /// How many connections there may be.
    pub fn most(&self) -> u32 {
        self.state.lock().limits.max_connections
    }

    /// How it stands.
    pub fn figures(&self) -> PoolFigures {
        let state = self.state.lock();
        PoolFigures {
            open: state.open,
            idle: state.idle.len(),
            waiting: state.waiters.len(),
        }
    }

    /// A connection, the one that needs least change to become `wanted` if there is a choice.
    ///
    /// # Errors
    /// [`BackendError::PoolTimeout`] after `acquire_timeout`; what connecting says.
    pub async fn checkout(self: &Arc<Self>, wanted: &Wanted<'_>) -> Result<Pooled, BackendError> {
        let grant = match self.take_now(wanted) {
            Taken::Grant(grant) => grant,
            Taken::Wait(receiver, limits) => self.wait(receiver, limits).await?,
        };
        match grant {
            Grant::Connection(pooled) if pooled.found_rows() == wanted.found_rows => Ok(pooled),
            Grant::Connection(unfit) => self.open(unfit.close(), wanted).await,
            Grant::Permit(permit) => self.open(permit, wanted).await,
        }
    }

    /// An idle connection as [`Pool::checkout`] would give it, if there is one and nobody waits.
    pub fn try_checkout(self: &Arc<Self>, wanted: &Wanted<'_>) -> Option<Pooled> {
        self.take_idle(&mut self.state.lock(), wanted)
    }

    /// A connection as [`Pool::checkout`] would give it, if nobody needs to wait for it.
    ///
    /// # Errors
    /// What connecting says.
    pub async fn checkout_spare(
        self: &Arc<Self>,
        wanted: &Wanted<'_>,
    ) -> Result<Option<Pooled>, BackendError> {
        let permit = {
            let mut state = self.state.lock();
            if let Some(pooled) = self.take_idle(&mut state, wanted) {
                return Ok(Some(pooled));
            }
            if !state.waiters.is_empty() || state.open >= state.limits.max_connections {
                return Ok(None);
            }
            state.open += 1;
            Permit(Some(Arc::clone(self)))
        };
        self.open(permit, wanted).await.map(Some)
    }

    fn take_idle(self: &Arc<Self>, state: &mut State, wanted: &Wanted<'_>) -> Option<Pooled> {
        while state.waiters.is_empty() {
            let idle = state.idle.remove(best(&state.idle, wanted)?);
            if state.usable(&idle) {
                return Some(self.own(idle.connection));
            }
            state.open -= 1;
        }
        None
    }

    fn take_now(self: &Arc<Self>, wanted: &Wanted<'_>) -> Taken {
        let mut state = self.state.lock();
        if let Some(pooled) = self.take_idle(&mut state, wanted) {
            return Taken::Grant(Grant::Connection(pooled));
        }
        if state.waiters.is_empty() {
            if state.open >= state.limits.max_connections && state.idle.pop().is_some() {
                // Idle connections of the other kind make room for one of this kind.
                state.open -= 1;
            }
            if state.open < state.limits.max_connections {
                state.open += 1;
                return Taken::Grant(Grant::Permit(Permit(Some(Arc::clone(self)))));
            }
        }
        let (sender, receiver) = oneshot::channel();
        state.waiters.push_back(sender);
        Taken::Wait(receiver, state.limits)
    }

    async fn wait(
        &self,
        receiver: oneshot::Receiver<Grant>,
        limits: PoolConfig,
    ) -> Result<Grant, BackendError> {
        let timeout = limits.acquire_timeout;
        let began = Instant::now();
        let granted = tokio::time::timeout(timeout, receiver).await;
        self.server.series.waits.record(began.elapsed());
        match granted {
            Ok(Ok(grant)) => Ok(grant),
            Ok(Err(_)) | Err(_) => {
                let mut state = self.state.lock();
                state.waiters.retain(|waiter| !waiter.is_closed());
                drop(state);
                self.server.series.timeouts.count();
                Err(BackendError::PoolTimeout {
                    replica_set: self.server.replica_set.clone(),
                    limit: limits.max_connections,
                    waited_ms: timeout.as_millis(),
                })
            }
        }
    }

    async fn open(&self, permit: Permit, wanted: &Wanted<'_>) -> Result<Pooled, BackendError> {
        let term = self.state.lock().term;
        let mut connection = self.connect(wanted).await?;
        if self.is_protected() {
            connection.protect().await?;
        }
        if self.server.replicated {
            self.register(&mut connection, term)?;
        }
        let connection = Box::new(connection);
        Ok(Pooled { connection, permit })
    }

    async fn connect(&self, wanted: &Wanted<'_>) -> Result<Connection, BackendError> {
        let began = Instant::now();
        let opened = Connection::open(Arc::clone(&self.server), wanted.found_rows).await;
        match &opened {
            Ok(_) => self.server.series.connected(began.elapsed()),
            Err(_) => self.server.series.not_connected(),
        }
        opened
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
        Pooled {
            connection,
            permit: Permit(Some(Arc::clone(self))),
        }
    }

    /// A connection or its permit goes to whoever waits longest; without waiters it stays.
    fn put_back(self: &Arc<Self>, mut connection: Box<Connection>) {
        loop {
            let mut state = self.state.lock();
            if state.term != connection.term || state.ended || state.is_too_full() {
                drop(state);
                Arc::clone(self).give_back_permit();
                return;
            }
            let Some(waiter) = state.waiters.pop_front() else {
                state.idle.push(Idle {
                    connection,
                    since: None,
                });
                return;
            };
            drop(state);
            match waiter.send(Grant::Connection(self.own(connection))) {
                Ok(()) => return,
                Err(Grant::Connection(returned)) => connection = returned.disarm(),
                Err(Grant::Permit(_)) => return,
            }
        }
    }

    fn give_back_permit(self: Arc<Self>) {
        loop {
            let mut state = self.state.lock();
            let waiter = match state.is_too_full() {
                true => None,
                false => state.waiters.pop_front(),
            };
            let Some(waiter) = waiter else {
                state.open -= 1;
                return;
            };
            drop(state);
            let Err(Grant::Permit(mut returned)) =
                waiter.send(Grant::Permit(Permit(Some(Arc::clone(&self)))))
            else {
                return;
            };
            // The waiter is gone: the permit is still ours to give.
            returned.0 = None;
        }
    }

    /// Closes what has been idle or alive for too long. Called now and then.
    pub fn reap(&self) {
        let now = Instant::now();
        let mut state = self.state.lock();
        let limits = state.limits;
        state.oldest = now.checked_sub(limits.max_age);
        let mut idle = std::mem::take(&mut state.idle);
        let mut left = idle.len();
        let keep = limits.min_idle as usize;
        let mut excess = state.open.saturating_sub(limits.max_connections);
        let closed: Vec<Idle> = idle
            .extract_if(.., |idle| {
                let since = *idle.since.get_or_insert(now);
                let long = left > keep && now.duration_since(since) >= limits.max_idle;
                let close = long || excess > 0 || !state.usable(idle);
                left -= usize::from(close);
                excess -= u32::from(close).min(excess);
                close
            })
            .collect();
        state.idle = idle;
        state.open -= u32::try_from(closed.len()).unwrap_or(0);
        drop(state);
    }

    /// Opens what `min_idle` asks for.
    ///
    /// # Errors
    /// What connecting says.
    pub async fn warm_up(self: &Arc<Self>) -> Result<(), BackendError> {
        loop {
            let permit = {
                let mut state = self.state.lock();
                let enough = state.idle.len() >= state.limits.min_idle as usize;
                if enough || state.open >= state.limits.max_connections {
                    return Ok(());
                }
                state.open += 1;
                Permit(Some(Arc::clone(self)))
            };
            self.open(permit, &Wanted::fresh()).await?.release();
        }
    }
}

impl State {
    /// More connections are open than there may be by now.
    fn is_too_full(&self) -> bool {
        self.open > self.limits.max_connections
    }

    fn usable(&self, idle: &Idle) -> bool {
        let connection = &idle.connection;
        let young = self
            .oldest
            .is_none_or(|oldest| connection.opened() > oldest);
        young && connection.is_reusable()
    }
}

enum Taken {
    Grant(Grant),
    Wait(oneshot::Receiver<Grant>, PoolConfig),
}

/// The idle connection to take: the newest that matches entirely, else the newest of its kind.
fn best(idle: &[Idle], wanted: &Wanted<'_>) -> Option<usize> {
    let newest_first = || idle.iter().enumerate().rev();
    newest_first()
        .take(MATCH_DEPTH)
        .find(|(_, idle)| idle.connection.matches(wanted))
        .or_else(|| {
            newest_first().find(|(_, idle)| idle.connection.found_rows() == wanted.found_rows)
        })
        .map(|(at, _)| at)
}

impl Pooled {
    /// Keeps the connection and the right to it apart from the pool.
    fn disarm(mut self) -> Box<Connection> {
        self.permit.0 = None;
        self.connection
    }

    /// Closes the connection; another may be opened in its place.
    fn close(self) -> Permit {
        self.permit
    }

    /// Gives the connection back for reuse. The caller knows that no answer is outstanding, no
    /// transaction open and nothing left behind that the connection does not know of.
    pub fn release(self) {
        if !self.connection.is_reusable() {
            // Dropped: closed, with room for another.
            return;
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
}

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
