//! The primary of a replica set: found, followed, waited for.
//!
//! A statement asks [`ReplicaSet::primary`], which costs one load. Where that gives nothing it
//! waits ([`ReplicaSet::checkout`]). When another member becomes primary, first nobody is; then
//! every connection to the old one is retired or cut; then the new one takes writes. So no
//! connection that was made to write on the old one is used after the new one has got a write.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::time::Instant;

use super::connection::Wanted;
use super::health::History;
use super::member::Member;
use super::pool::Pooled;
use super::primary::{self, Verdict, Why, Witness};
use super::promotion::Evidence;
use super::replica_set::{Judgement, NOBODY};
use super::{BackendError, ReplicaSet, Server};
use crate::config::PromotionConfig;

/// How soon a server that refused a connection is tried again.
const AGAIN: Duration = Duration::from_millis(50);

/// How long a look at the tables waits to learn which server is the primary.
const LOOK_PATIENCE: Duration = Duration::from_secs(1);

/// How long what is under way on a read-only server has to end by itself, where the server does
/// not refuse the writes of all accounts.
const GRACE: Duration = Duration::from_millis(100);

/// What an old primary is like when another takes its place.
#[derive(Clone, Copy)]
enum Departing {
    /// It does not answer.
    Silent,
    /// It refuses the writes of ordinary accounts.
    ReadOnly,
    /// It refuses all writes.
    Harmless,
}

impl Departing {
    fn of(old: &Witness<'_>) -> Self {
        match (old.alive, old.refuses_everybody()) {
            (false, _) => Self::Silent,
            (true, false) => Self::ReadOnly,
            (true, true) => Self::Harmless,
        }
    }

    fn cut(self, member: usize, now: Duration) -> Option<Cut> {
        let at = match self {
            Self::Silent => now,
            Self::ReadOnly => now + GRACE,
            Self::Harmless => return None,
        };
        Some(Cut { member, at })
    }
}

/// When the connections to an old primary are cut.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cut {
    member: usize,
    at: Duration,
}

impl ReplicaSet {
    /// From now on the primary is the one that the servers' answers tell.
    pub(super) fn look_for_primary(&self) {
        self.primary.store(NOBODY, Ordering::Release);
    }

    /// A connection to the primary. Waits for one up to `failover.buffer`; until then, nothing that
    /// goes wrong is final.
    ///
    /// # Errors
    /// [`BackendError::NoPrimary`]; what the pool says.
    pub async fn checkout(&self, wanted: &Wanted<'_>) -> Result<Pooled, BackendError> {
        let end = Instant::now() + self.failover_buffer;
        loop {
            let changed = self.changed.notified();
            tokio::pin!(changed);
            changed.as_mut().enable();
            let Some(pool) = self.primary() else {
                if self.reactor.timeout_at(end, changed).await.is_err() {
                    return Err(self.no_primary());
                }
                continue;
            };
            let connected = tokio::select! {
                connected = pool.checkout(wanted) => connected,
                () = changed.as_mut(), if self.has_replicas() => continue,
            };
            match connected {
                Ok(connection) if self.is_primary(pool.server()) => return Ok(connection),
                Ok(_) => {}
                Err(error) if self.may_pass(&error) && Instant::now() < end => {
                    self.look_now();
                    let again = (Instant::now() + AGAIN).min(end);
                    let _ = self.reactor.timeout_at(again, changed).await;
                }
                Err(error) => return Err(error),
            }
        }
    }

    /// The primary, for what writes nothing but must be done: after a while, the last one that was
    /// known.
    pub async fn primary_to_look_at(&self) -> Option<Arc<Server>> {
        let end = Instant::now() + LOOK_PATIENCE;
        loop {
            let changed = self.changed.notified();
            tokio::pin!(changed);
            changed.as_mut().enable();
            if let Some(pool) = self.primary() {
                return Some(Arc::clone(pool.server()));
            }
            if self.reactor.timeout_at(end, changed).await.is_err() {
                let member = self.members.get(self.primary_at());
                return member.map(|member| Arc::clone(member.pool.server()));
            }
        }
    }

    /// The error for a statement for which there is no primary.
    pub fn no_primary(&self) -> BackendError {
        BackendError::NoPrimary {
            replica_set: self.name.clone(),
            why: self.judgement.lock().why,
        }
    }

    fn is_primary(&self, server: &Arc<Server>) -> bool {
        self.primary()
            .is_some_and(|pool| Arc::ptr_eq(pool.server(), server))
    }

    /// Whether another server has become primary, so that what a session has on this one is lost.
    pub fn has_left(&self, server: &Arc<Server>) -> bool {
        let leader = self.members.get(self.primary_at());
        leader.is_some_and(|member| !Arc::ptr_eq(member.pool.server(), server))
    }

    /// A server that takes no connections may be dead, or just about to be followed by another.
    fn may_pass(&self, error: &BackendError) -> bool {
        const SHUTDOWN: u16 = 1053;
        let passing = match error {
            BackendError::Connect { .. } | BackendError::Lost { .. } => true,
            BackendError::Login { error, .. } => error.code == SHUTDOWN,
            _ => false,
        };
        passing && self.has_replicas()
    }

    /// Has all servers asked at once.
    pub(super) fn look_now(&self) {
        for member in &self.members {
            member.look.notify_one();
        }
    }

    /// Whether a replica shall take the place of a primary that is gone.
    pub(super) fn promotion(&self) -> Option<&PromotionConfig> {
        self.config.backend.promotion.as_ref()
    }

    /// What is known of the servers, while a primary that there was does not answer and nobody has
    /// taken its place.
    pub(super) fn evidence(&self) -> Option<Evidence> {
        let judgement = self.judgement.lock();
        let is_silent = self.primary.load(Ordering::Acquire) == NOBODY
            && judgement.why == Why::Silent
            && judgement.election.is_confirmed();
        is_silent.then(|| self.testimonies(&judgement))
    }

    /// The same while there is a primary, as if it went now.
    pub(super) fn rehearsal(&self) -> Option<Evidence> {
        let judgement = self.judgement.lock();
        let there_is = self.primary.load(Ordering::Acquire) != NOBODY;
        (there_is && judgement.election.is_confirmed()).then(|| self.testimonies(&judgement))
    }

    fn testimonies(&self, judgement: &Judgement) -> Evidence {
        let now = self.now();
        let members = self.members.iter();
        Evidence {
            leader: judgement.election.leader(),
            members: members.map(|m| m.seen.lock().testimony(now)).collect(),
            interval: self.health_interval(),
        }
    }

    /// The members that were primary before the present one, and take writes.
    pub(super) fn former_that_take_writes(&self) -> Vec<usize> {
        let judgement = self.judgement.lock();
        let now = self.now();
        let seen: Vec<_> = self.members.iter().map(|m| m.seen.lock()).collect();
        let members: Vec<_> = seen.iter().map(|seen| seen.witness(now)).collect();
        judgement.election.former_that_claim(&members).collect()
    }

    /// The server at a position, for whoever may promote it.
    pub(super) fn promoting_server(&self, at: usize) -> Option<Arc<Server>> {
        let server = self.members.get(at)?.pool.server();
        let account = self.promotion()?.account.as_ref();
        Some(match account {
            Some(account) => server.with_account(account),
            None => Arc::clone(server),
        })
    }

    /// How long a statement waits for a primary.
    pub fn failover_buffer(&self) -> Duration {
        self.failover_buffer
    }

    /// A server refused a statement because it is read-only, or shuts down: it is no primary,
    /// whatever it said before.
    pub fn refused(&self, server: &Arc<Server>) {
        let is_it = |member: &&Member| Arc::ptr_eq(member.pool.server(), server);
        let Some(member) = self.members.iter().find(is_it) else {
            return;
        };
        member.seen.lock().refused_at = Some(self.now());
        self.publish();
        self.look_now();
    }

    /// Decides who is primary, and makes it so.
    pub(super) fn find_primary(&self, judgement: &mut Judgement) {
        if !self.has_replicas() {
            return;
        }
        let now = self.now();
        let old = judgement.election.leader();
        let (verdict, departing, complete) = {
            let seen: Vec<_> = self.members.iter().map(|m| m.seen.lock()).collect();
            let members: Vec<_> = seen.iter().map(|seen| seen.witness(now)).collect();
            let verdict = judgement.election.decide(&members);
            let departing = members.get(old).map_or(Departing::Silent, Departing::of);
            let new = judgement.election.leader();
            (verdict, departing, primary::has_all(&members, new, old))
        };
        match verdict {
            Verdict::Primary(at) => {
                if at != old {
                    judgement.history = History::default();
                    judgement.cut = departing.cut(old, now);
                    self.hand_over((old, at), complete);
                }
                self.finish_hand_over(judgement, at, now);
            }
            Verdict::None(why) => self.name_nobody(judgement, why),
        }
    }

    /// From now on nothing begins on the old primary.
    fn hand_over(&self, (old, new): (usize, usize), complete: bool) {
        self.primary.store(NOBODY, Ordering::Release);
        if let Some(old) = self.members.get(old) {
            old.pool.protect(true);
            old.pool.retire(false);
        }
        if let Some(new) = self.members.get(new) {
            new.pool.protect(false);
            new.pool.retire(false);
            self.say(new, "a server becomes the primary");
            if !complete {
                self.say(
                    new,
                    "the new primary may lack transactions of the one before it",
                );
            }
        }
        self.leader.store(new, Ordering::Release);
        self.changed.notify_waiters();
    }

    /// What is still under way on the old primary is cut off when its time is over; only then the
    /// new one takes writes.
    fn finish_hand_over(&self, judgement: &mut Judgement, new: usize, now: Duration) {
        if let Some(cut) = judgement.cut {
            if now < cut.at {
                self.look_now();
                return;
            }
            if let Some(old) = self.members.get(cut.member) {
                old.pool.retire(true);
            }
            judgement.cut = None;
        }
        self.name_primary(new);
    }

    fn name_primary(&self, at: usize) {
        let before = self.primary.swap(at, Ordering::AcqRel);
        if before != at {
            self.changed.notify_waiters();
        }
    }

    fn name_nobody(&self, judgement: &mut Judgement, why: Why) {
        let before = self.primary.swap(NOBODY, Ordering::AcqRel);
        let known = std::mem::replace(&mut judgement.why, why) == why;
        if before != NOBODY {
            self.changed.notify_waiters();
        }
        if before != NOBODY || !known {
            tracing::warn!(replica_set = self.name, "no primary: {why}");
        }
    }
}
