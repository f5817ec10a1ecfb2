//! All sessions of the process, for KILL, SHOW PROCESSLIST and shutdown.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::time::Instant;

use parking_lot::Mutex;

use super::tied::Tied;
use crate::execute::FileProgress;
use crate::net::{AtomicMoment, Moment, Signal, Watch};
use crate::telemetry::Traffic;

/// How much of a running statement SHOW PROCESSLIST can show, in bytes: every session keeps it.
const KEPT_STATEMENT: usize = 256;

/// The proxy's own connection id, which the client sees and KILL takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SessionId(pub u32);

/// What others may know of a session and do to it.
#[derive(Debug)]
pub struct SessionHandle {
    /// Its id.
    pub id: SessionId,
    /// Where the client is.
    pub peer: String,
    /// When it connected.
    pub since: Instant,
    /// Ends its waits.
    pub watch: Arc<Watch>,
    user: Mutex<Option<String>>,
    text: Mutex<Text>,
    running: AtomicBool,
    changed: AtomicMoment,
    tied: AtomicU32,
    received: AtomicU64,
    sent: AtomicU64,
    /// The file that its client sends.
    pub loading: FileProgress,
}

/// The parts of [`Activity`] that need a lock.
#[derive(Debug, Default)]
struct Text {
    schema: Option<String>,
    statement: Vec<u8>,
}

/// What a session is doing.
#[derive(Clone, Debug)]
pub struct Activity {
    /// Its current schema.
    pub schema: Option<String>,
    /// A statement is running.
    pub running: bool,
    /// The beginning of the running statement, or of the last one.
    pub statement: Vec<u8>,
    /// When it began to do this, by the process's coarse clock.
    pub since: Moment,
}

impl SessionHandle {
    /// The user, once logged in.
    pub fn user(&self) -> Option<String> {
        self.user.lock().clone()
    }

    /// What it is doing.
    pub fn activity(&self) -> Activity {
        let text = self.text.lock();
        Activity {
            schema: text.schema.clone(),
            running: self.running.load(Ordering::Relaxed),
            statement: text.statement.clone(),
            since: self.changed.load(),
        }
    }

    /// Whether a statement is running.
    pub fn is_running(&self) -> bool {
        self.running.load(Ordering::Relaxed)
    }

    /// What ties the session to its connections, as of its last command.
    pub fn tied(&self) -> Tied {
        Tied::of_bits(self.tied.load(Ordering::Relaxed))
    }

    /// The bytes from and to the client, as of its last command.
    pub fn traffic(&self) -> Traffic {
        Traffic {
            received: self.received.load(Ordering::Relaxed),
            sent: self.sent.load(Ordering::Relaxed),
        }
    }

    /// A command has been answered.
    pub(super) fn note(&self, tied: Tied, traffic: Traffic) {
        self.tied.store(tied.bits(), Ordering::Relaxed);
        self.received.store(traffic.received, Ordering::Relaxed);
        self.sent.store(traffic.sent, Ordering::Relaxed);
    }

    /// A statement has begun.
    pub fn begin(&self, statement: &[u8]) {
        let shown = statement.get(..KEPT_STATEMENT).unwrap_or(statement);
        let mut text = self.text.lock();
        text.statement.clear();
        text.statement.extend_from_slice(shown);
        self.set_running(true);
    }

    /// It has ended.
    pub fn end(&self) {
        self.set_running(false);
    }

    fn set_running(&self, running: bool) {
        self.running.store(running, Ordering::Relaxed);
        self.changed.store(self.watch.now());
    }

    /// The session's schema has changed.
    pub fn set_schema(&self, schema: Option<&str>) {
        self.text.lock().schema = schema.map(str::to_owned);
    }

    /// The session has logged in as `user`.
    pub fn set_user(&self, user: &str) {
        *self.user.lock() = Some(user.to_owned());
    }
}

/// All sessions by id.
#[derive(Debug)]
pub struct Registry {
    next_id: AtomicU32,
    sessions: Mutex<HashMap<SessionId, Arc<SessionHandle>>>,
    /// The bytes of sessions that have ended.
    past: Mutex<Traffic>,
}

impl Default for Registry {
    fn default() -> Self {
        Self {
            next_id: AtomicU32::new(1),
            sessions: Mutex::default(),
            past: Mutex::default(),
        }
    }
}

impl Registry {
    /// Registers a session until the returned value is dropped.
    pub fn register(self: &Arc<Self>, peer: String, watch: Arc<Watch>) -> Registered {
        let mut sessions = self.sessions.lock();
        let id = loop {
            // Ids are 32 bits on the wire and wrap; 0 is nobody.
            let id = SessionId(self.next_id.fetch_add(1, Ordering::Relaxed));
            if id.0 != 0 && !sessions.contains_key(&id) {
                break id;
            }
        };
        let since = watch.now();
        let handle = Arc::new(SessionHandle {
            id,
            peer,
            since: Instant::now(),
            watch,
            user: Mutex::default(),
            text: Mutex::default(),
            running: AtomicBool::new(false),
            changed: AtomicMoment::new(since),
            tied: AtomicU32::new(0),
            received: AtomicU64::new(0),
            sent: AtomicU64::new(0),
            loading: FileProgress::default(),
        });
        sessions.insert(id, Arc::clone(&handle));
        Registered {
            registry: Arc::clone(self),
            handle,
        }
    }

    /// A session by id.
    pub fn get(&self, id: SessionId) -> Option<Arc<SessionHandle>> {
        self.sessions.lock().get(&id).cloned()
    }

    /// Number of sessions.
    pub fn len(&self) -> usize {
        self.sessions.lock().len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Sends a signal to every session.
    pub fn signal_all(&self, signal: Signal) {
        let handles: Vec<_> = self.sessions.lock().values().cloned().collect();
        for handle in handles {
            handle.watch.send(signal);
        }
    }

    /// The bytes from and to all clients so far.
    pub fn traffic(&self) -> Traffic {
        let sessions = self.sessions.lock();
        let now = sessions.values().map(|handle| handle.traffic());
        now.fold(*self.past.lock(), Traffic::plus)
    }

    /// Everyone at this moment, by id.
    pub fn list(&self) -> Vec<Arc<SessionHandle>> {
        let mut handles: Vec<_> = self.sessions.lock().values().cloned().collect();
        handles.sort_by_key(|handle| handle.id);
        handles
    }
}

/// A place in the registry.
#[derive(Debug)]
pub struct Registered {
    registry: Arc<Registry>,
    handle: Arc<SessionHandle>,
}

impl Registered {
    /// The session's handle.
    pub fn handle(&self) -> &Arc<SessionHandle> {
        &self.handle
    }
}

impl Drop for Registered {
    fn drop(&mut self) {
        let mut sessions = self.registry.sessions.lock();
        sessions.remove(&self.handle.id);
        let mut past = self.registry.past.lock();
        *past = past.plus(self.handle.traffic());
    }
}
