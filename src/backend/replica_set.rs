//! The servers by role, and which of them answers a read.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use arc_swap::{ArcSwap, Guard};
use parking_lot::Mutex;
use smallvec::SmallVec;
use tokio::sync::Notify;

use super::balance::{self, Candidate, Draw, Policy};
use super::clock::Clock;
use super::health::{self, Fault, History, Observation, Standing, Unfit};
use super::member::Member;
use super::primary::{Election, Why};
use super::succession::Cut;
use super::{BackendError, Pool, Server};
use crate::config::{Address, BalanceConfig, MemberConfig, ReadPolicy, ReplicaSetConfig};
use crate::net::Reactor;
use crate::net::tls::TlsConfigError;

/// A primary and its replicas.
///
/// What is known of the servers is published as one value, so that a statement that chooses among
/// them takes no lock. A set of one server is not watched: there is nothing to choose, and it is
/// the primary whatever it says.
#[derive(Debug)]
pub struct ReplicaSet {
    /// The name in the configuration.
    pub name: String,
    pub(super) config: ReplicaSetConfig,
    pub(super) zone: Option<String>,
    pub(super) members: Box<[Member]>,
    /// The last primary.
    pub(super) leader: AtomicUsize,
    /// The primary, or [`NOBODY`].
    pub(super) primary: AtomicUsize,
    /// Wakes what waits for another primary, whenever there is another or none.
    pub(super) changed: Notify,
    pub(super) failover_buffer: Duration,
    standings: ArcSwap<Vec<Standing>>,
    pub(super) judgement: Mutex<Judgement>,
    policy: Box<dyn Policy>,
    balance: BalanceConfig,
    health_interval: Duration,
    pub(super) clock: Clock,
    pub(super) reactor: Reactor,
}

/// Stands for the position of a primary that is not there.
pub(super) const NOBODY: usize = usize::MAX;

/// What answers of several servers together say.
#[derive(Debug)]
pub(super) struct Judgement {
    pub election: Election,
    /// Why there is no primary.
    pub why: Why,
    /// What is left to do on the primary before this one.
    pub cut: Option<Cut>,
    /// What the primary had when.
    pub history: History,
}

/// What a read asks of the server that answers it.
#[derive(Clone, Copy, Debug)]
pub struct Demand {
    /// The consistency.
    pub policy: ReadPolicy,
    /// The members that have failed it already, one bit each.
    pub tried: u64,
    /// What the choice is made with.
    pub draw: Draw,
}

impl ReplicaSet {
    /// Pools without connections.
    ///
    /// # Errors
    /// A CA file cannot be used.
    pub fn new(
        config: &ReplicaSetConfig,
        zone: Option<&str>,
        reactor: &Reactor,
    ) -> Result<Arc<Self>, TlsConfigError> {
        Self::follow(config, zone, reactor, None)
    }

    /// The set under a configuration that may have changed. Servers to which nobody connects in
    /// another way than `before` keep their pools, and the primary stays the primary.
    ///
    /// # Errors
    /// A CA file cannot be used.
    pub(super) fn follow(
        config: &ReplicaSetConfig,
        zone: Option<&str>,
        reactor: &Reactor,
        before: Option<&Self>,
    ) -> Result<Arc<Self>, TlsConfigError> {
        let listed = || std::iter::once(&config.primary).chain(&config.replicas);
        let leader = before.and_then(|before| {
            let address = &before
                .members
                .get(before.primary_at())?
                .pool
                .server()
                .address;
            listed().position(|member| member.address == *address)
        });
        let leader = leader.unwrap_or(0);
        let members = listed().enumerate().map(|(at, member)| {
            let is_near = zone.is_some() && member.zone.as_deref() == zone;
            let old = before.and_then(|before| before.known(config, &member.address));
            let pool = match old.filter(|old| old.pool.server().is_reached_by(config)) {
                Some(old) => Arc::clone(&old.pool),
                None => {
                    let pool = new_pool(config, member, reactor)?;
                    pool.protect(at != leader);
                    pool
                }
            };
            let drained = old.is_some_and(Member::is_drained);
            let member = Member::new(pool, member.weight, is_near, &config.backend);
            member.drain(drained);
            Ok::<_, TlsConfigError>(member)
        });
        let members: Box<[Member]> = members.collect::<Result<_, _>>()?;
        Ok(Arc::new(Self {
            name: config.name.clone(),
            config: config.clone(),
            zone: zone.map(str::to_owned),
            standings: ArcSwap::from_pointee(vec![Standing::UNKNOWN; members.len()]),
            members,
            leader: AtomicUsize::new(leader),
            primary: AtomicUsize::new(leader),
            changed: Notify::new(),
            failover_buffer: config.backend.failover_buffer,
            judgement: Mutex::new(Judgement {
                election: Election::starting_with(leader),
                why: Why::NotAsked,
                cut: None,
                history: History::default(),
            }),
            policy: balance::policy(config.backend.balance.policy),
            balance: config.backend.balance,
            health_interval: config.backend.health_interval,
            clock: before.map_or_else(Clock::start, |before| before.clock.clone()),
            reactor: reactor.clone(),
        }))
    }

    /// The member with this address, if it is one of a set of the same kind.
    fn known(&self, config: &ReplicaSetConfig, address: &Address) -> Option<&Member> {
        let same_kind = self.has_replicas() != config.replicas.is_empty();
        let mut members = self.members.iter().filter(|_| same_kind);
        members.find(|member| member.pool.server().address == *address)
    }

    /// Whether this is what the configuration says.
    pub(super) fn is(&self, config: &ReplicaSetConfig, zone: Option<&str>) -> bool {
        self.config == *config && self.zone.as_deref() == zone
    }

    /// The server that takes writes; `None`: nobody knows at present.
    pub fn primary(&self) -> Option<&Arc<Pool>> {
        let member = self.members.get(self.primary.load(Ordering::Acquire));
        member.map(|member| &member.pool)
    }

    /// The statements that its primary's connections are in use for, or that wait for one. `None`:
    /// there is no primary, or no connection to it, as when it cannot be reached.
    pub fn running(&self) -> Option<usize> {
        let figures = self.primary()?.figures();
        let connected = figures.open > figures.opening;
        connected.then(|| figures.busy() + figures.waiting)
    }

    /// The position of the last primary that was known.
    pub fn primary_at(&self) -> usize {
        self.leader.load(Ordering::Acquire)
    }

    /// Whether there is anything besides the primary.
    pub fn has_replicas(&self) -> bool {
        self.members.len() > 1
    }

    /// All servers.
    pub fn members(&self) -> &[Member] {
        &self.members
    }

    /// How many connections there may be to each server.
    pub fn most_connections(&self) -> u32 {
        self.config.backend.pool.max_connections
    }

    /// How often each server is asked how it is.
    pub(super) fn health_interval(&self) -> Duration {
        self.health_interval
    }

    /// The server at a position.
    pub fn member(&self, at: usize) -> Option<&Member> {
        self.members.get(at)
    }

    /// The time since the set's beginning: the clock of everything that is known of it.
    pub fn now(&self) -> Duration {
        self.clock.now()
    }

    /// What is known of the servers, by position.
    pub fn standings(&self) -> Guard<Arc<Vec<Standing>>> {
        self.standings.load()
    }

    /// The server that shall answer a read; `None`: the primary, because no other one can.
    pub fn choose(&self, demand: &Demand) -> Option<usize> {
        let now = self.now();
        let standings = self.standings();
        let mut tried = demand.tried;
        loop {
            let (positions, candidates) = self.candidates(demand, tried, &standings, now);
            let at = self.policy.pick(&candidates, demand.draw)?;
            let at = positions.get(at).copied()?;
            if self.members.get(at)?.breaker.claim(now) {
                return Some(at);
            }
            tried |= 1 << at;
        }
    }

    /// The servers that may answer, near ones only if there are any.
    fn candidates(
        &self,
        demand: &Demand,
        tried: u64,
        standings: &[Standing],
        now: Duration,
    ) -> (SmallVec<[usize; 8]>, SmallVec<[Candidate; 8]>) {
        let primary = self.primary_at();
        let primary_shares = self.balance.primary_shares && self.primary().is_some();
        let may_answer = |at: usize, member: &Member, standing: &Standing| {
            tried & (1 << at) == 0
                && !member.is_drained()
                && standing.is_fit(now)
                && member.breaker.allows(now)
                && match at == primary {
                    true => primary_shares,
                    false => self.is_recent(demand.policy, standing, now),
                }
        };
        let members = self.members.iter().zip(standings).enumerate();
        let able = || {
            let members = members.clone();
            members.filter(|(at, (member, standing))| may_answer(*at, member, standing))
        };
        let near = able().any(|(_, (member, _))| member.is_near);
        able()
            .filter(|(_, (member, _))| member.is_near || !near)
            .map(|(at, (member, standing))| (at, self.candidate(at, member, standing, now)))
            .unzip()
    }

    /// Whether a replica is, or will in time be, as recent as the read needs it.
    fn is_recent(&self, policy: ReadPolicy, standing: &Standing, now: Duration) -> bool {
        let within = |most| standing.lag(now).is_some_and(|lag| lag <= most);
        match policy {
            ReadPolicy::Primary => false,
            ReadPolicy::Eventual => true,
            ReadPolicy::Bounded { max_lag } => within(max_lag),
            // What is known is two looks old at most; one that is further behind than that would
            // be waited for in vain.
            ReadPolicy::Causal { wait } => within(wait + self.health_interval * 3),
        }
    }

    fn candidate(
        &self,
        at: usize,
        member: &Member,
        standing: &Standing,
        now: Duration,
    ) -> Candidate {
        let warmth = standing.back_since.map_or(1.0, |since| {
            balance::warmth(now.saturating_sub(since), self.balance.slow_start)
        });
        Candidate {
            identity: at as u64,
            weight: member.weight,
            warmth,
            in_flight: member.load.in_flight(),
            latency: member.load.latency(now),
        }
    }

    /// Whether the server at a position may be expected to answer.
    pub fn is_alive(&self, at: usize) -> bool {
        let standings = self.standings();
        standings.get(at).is_some_and(|s| s.is_alive(self.now()))
    }

    /// When the silence of a server becomes a fault.
    pub(super) fn silent_at(&self, at: usize) -> Duration {
        let member = self.members.get(at);
        member.map_or(Duration::ZERO, |member| member.seen.lock().silent_at)
    }

    /// A server has answered how it is.
    pub(super) fn answered(&self, at: usize, observation: Observation) {
        let Some(member) = self.members.get(at) else {
            return;
        };
        if at == self.primary_at()
            && let Some(written) = &observation.written
        {
            let mut judgement = self.judgement.lock();
            judgement.history.note(observation.asked_at, written);
        }
        let back = member.seen.lock().answered(observation, self.now());
        member.breaker.succeeded();
        if back {
            self.say(member, "a server is back");
        }
        self.publish();
    }

    /// A server could not be asked.
    pub(super) fn unanswered(&self, at: usize, error: &BackendError) {
        tracing::debug!(replica_set = self.name, %error, "a server cannot be asked how it is");
        if let Some(member) = self.members.get(at) {
            member.seen.lock().asked = true;
        }
        self.fell_silent(at);
    }

    /// A server is taken for dead: what waits for it hears of it.
    pub(super) fn fell_silent(&self, at: usize) {
        let Some(member) = self.members.get(at) else {
            return;
        };
        if member.seen.lock().fell_silent(self.now()) {
            self.say(member, "a server does not answer");
        }
        self.publish();
        member.silent.notify_waiters();
    }

    pub(super) fn say(&self, member: &Member, what: &str) {
        let server = member.pool.server();
        tracing::warn!(replica_set = self.name, server = %server.address, "{what}");
    }

    /// Makes known what the servers' last answers say.
    pub(super) fn publish(&self) {
        // Held until the end: a later answer must not be overwritten by an earlier one.
        let mut judgement = self.judgement.lock();
        self.find_primary(&mut judgement);
        let Judgement {
            election, history, ..
        } = &*judgement;
        let primary = self.members.get(self.primary_at());
        let primary = primary.and_then(|member| member.seen.lock().last.clone());
        let old = self.standings.load();
        let standings = self.members.iter().enumerate().map(|(at, member)| {
            let seen = member.seen.lock();
            let Some(last) = &seen.last else {
                return Standing::UNKNOWN;
            };
            let (unfit, caught_up_at) = health::assess(last, primary.as_ref(), history);
            let unfit = unfit.or(election.is_rival(at).then_some(Unfit::Rival));
            if unfit != old.get(at).and_then(|standing| standing.unfit)
                && let Some(unfit) = unfit
            {
                self.say(member, &format!("a server answers no reads: {unfit}"));
            }
            // What a primary has is what it has written down for others.
            let has = match at == self.primary_at() {
                true => &last.written,
                false => &last.executed,
            };
            Standing {
                unfit,
                silent_at: seen.silent_at,
                back_since: seen.back_since,
                caught_up_at,
                executed: has.clone(),
                asked_at: last.asked_at,
            }
        });
        self.standings.store(Arc::new(standings.collect()));
    }
}

fn new_pool(
    config: &ReplicaSetConfig,
    member: &MemberConfig,
    reactor: &Reactor,
) -> Result<Arc<Pool>, TlsConfigError> {
    let replicated = !config.replicas.is_empty();
    let (address, backend) = (member.address.clone(), config.backend.clone());
    let server = Server::new(&config.name, address, backend, replicated, reactor)?;
    Ok(Pool::new(server, config.backend.pool))
}

/// A statement under way on a member.
pub struct Ticket {
    set: Arc<ReplicaSet>,
    at: usize,
    is_replica: bool,
}

impl Ticket {
    /// Counts a statement on the member at a position.
    pub fn new(set: Arc<ReplicaSet>, at: usize) -> Self {
        let is_replica = at != set.primary_at();
        let ticket = Self {
            set,
            at,
            is_replica,
        };
        if let Some(member) = ticket.member() {
            member.load.begin();
        }
        ticket
    }

    /// The member.
    pub fn member(&self) -> Option<&Member> {
        self.set.member(self.at)
    }

    /// The member's position.
    pub fn at(&self) -> usize {
        self.at
    }

    /// The member has answered.
    pub fn succeeded(&self) {
        if let Some(member) = self.member() {
            member.breaker.succeeded();
        }
    }

    /// The member's connection broke.
    pub fn failed(&self, fault: Fault) {
        if let Some(member) = self.member() {
            member.failed(fault, self.set.now());
        }
    }

    /// Whether it was no primary when it was chosen: nothing may be written or locked there.
    pub fn is_replica(&self) -> bool {
        self.is_replica
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        if let Some(member) = self.member() {
            member.load.end();
        }
    }
}

impl fmt::Debug for Ticket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Ticket({}, {})", self.set.name, self.at)
    }
}
