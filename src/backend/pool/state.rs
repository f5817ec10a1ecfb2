//! What a pool holds, under its lock.

use std::sync::Weak;
use std::time::{Duration, Instant};

use tokio::sync::oneshot;

use super::grant::Grant;
use super::queue::Queue;
use super::ramp::Ramp;
use crate::backend::connection::{Connection, Wanted};
use crate::config::PoolConfig;
use crate::net::Cord;

/// How many idle connections are looked at for one that needs no change of state.
const MATCH_DEPTH: usize = 16;

/// How often the statements of idle connections are given back at most.
const FREED_EVERY: Duration = Duration::from_secs(1);

#[derive(Debug)]
pub(super) struct State {
    pub limits: PoolConfig,
    /// The server is no longer configured: what is given back is closed.
    pub ended: bool,
    pub idle: Vec<Idle>,
    /// Idle, busy and being opened.
    pub open: u32,
    pub ramp: Ramp,
    /// What is as old as this is too old. Set now and then, so that no statement has to read a
    /// clock.
    pub oldest: Option<Instant>,
    pub queue: Queue<oneshot::Sender<Grant>>,
    /// Counts how often all connections became useless at once; one of an earlier term is closed.
    pub term: u64,
    /// What ends the connections of this term.
    pub cords: Vec<Weak<Cord>>,
    /// When the statements of idle connections were last given back.
    freed: Option<Instant>,
}

#[derive(Debug)]
pub(super) struct Idle {
    pub connection: Box<Connection>,
    /// Since when, once somebody has looked.
    since: Option<Instant>,
    /// Nobody has used it for `validate_after`.
    pub doubtful: bool,
}

impl Idle {
    pub fn new(connection: Box<Connection>) -> Self {
        Self {
            connection,
            since: None,
            doubtful: false,
        }
    }
}

impl State {
    pub fn new(limits: PoolConfig) -> Self {
        Self {
            limits,
            ended: false,
            idle: Vec::new(),
            open: 0,
            ramp: Ramp::default(),
            oldest: None,
            queue: Queue::default(),
            term: 0,
            cords: Vec::new(),
            freed: None,
        }
    }

    /// More connections are open than there may be by now.
    pub fn is_too_full(&self) -> bool {
        self.open > self.limits.max_connections
    }

    /// Whether one more connection may be opened now.
    pub fn may_open(&self) -> bool {
        self.open < self.limits.max_connections && self.ramp.allows()
    }

    /// One more connection begins to be opened.
    pub fn begin_opening(&mut self) {
        self.open += 1;
        self.ramp.begin();
    }

    /// Whether there is no connection besides those that are being opened.
    pub fn nobody_is_connected(&self) -> bool {
        self.open <= self.ramp.opening()
    }

    /// Whether a connection is younger than `max_age`.
    pub fn is_young(&self, connection: &Connection) -> bool {
        let oldest = self.oldest;
        oldest.is_none_or(|oldest| connection.ages_from > oldest)
    }

    fn is_usable(&self, idle: &Idle) -> bool {
        let connection = &idle.connection;
        self.is_young(connection) && connection.is_reusable() && connection.has_current_globals()
    }

    /// An idle connection, if there is one and nobody waits; none that is doubtful if `sure`.
    pub fn take_idle(&mut self, wanted: &Wanted<'_>, sure: bool) -> Option<Idle> {
        while self.queue.is_empty() {
            let at = best(&self.idle, wanted)?;
            if sure && self.idle.get(at).is_some_and(|idle| idle.doubtful) {
                return None;
            }
            let idle = self.idle.remove(at);
            if self.is_usable(&idle) {
                return Some(idle);
            }
            self.open -= 1;
        }
        None
    }

    /// Takes out connections that keep prepared statements, so many at most; none that is doubtful, and
    /// none at all where that was done less than `FREED_EVERY` ago.
    pub fn take_keepers(&mut self, most: usize, now: Instant) -> Vec<Idle> {
        let is_recent = |freed| now.saturating_duration_since(freed) < FREED_EVERY;
        if self.freed.is_some_and(is_recent) {
            return Vec::new();
        }
        self.freed = Some(now);
        let keeps = |idle: &mut Idle| !idle.doubtful && idle.connection.statements().keeps_any();
        self.idle.extract_if(.., keeps).take(most).collect()
    }

    /// Takes out what has been idle or alive for too long at `now`.
    pub fn take_old(&mut self, now: Instant) -> Vec<Idle> {
        let limits = self.limits;
        self.oldest = now.checked_sub(limits.max_age);
        let mut idle = std::mem::take(&mut self.idle);
        let mut left = idle.len();
        let keep = limits.min_idle as usize;
        let mut excess = self.open.saturating_sub(limits.max_connections);
        let old: Vec<Idle> = idle
            .extract_if(.., |idle| {
                let idle_for = now.duration_since(*idle.since.get_or_insert(now));
                idle.doubtful = idle_for >= limits.validate_after;
                let long = left > keep && idle_for >= limits.max_idle;
                let close = long || excess > 0 || !self.is_usable(idle);
                left -= usize::from(close);
                excess -= u32::from(close).min(excess);
                close
            })
            .collect();
        self.idle = idle;
        self.open -= u32::try_from(old.len()).unwrap_or(0);
        old
    }
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
