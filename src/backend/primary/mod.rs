//! Which member of a replica set is its primary.
//!
//! In: what the members last said of themselves, and whether they answer ([`Witness`]). Out: the
//! one that takes writes, or why none does ([`Verdict`]). Pure: no clock, no connections.
//!
//! A member *claims* to be primary if it accepts writes, replicates from no other member that does,
//! and, in a cluster, is a primary or synced member of its larger part. A claim alone decides
//! little; [`Election`] says what does.

mod claim;

#[cfg(test)]
mod tests;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use smallvec::SmallVec;

use super::gtid::Position;
use super::health::Observation;
use claim::{claims, same_cluster};

/// How long a primary of before, when it is back, may go on with what it had received before it
/// was silent: longer than a semi-synchronous commit waits by default. Only what comes later was
/// written by somebody who takes it for the primary.
const SETTLING: Duration = Duration::from_secs(30);

/// A member as it is known now. Times are since the replica set's beginning.
#[derive(Clone, Copy, Debug)]
pub struct Witness<'a> {
    /// What it said last.
    pub last: Option<&'a Observation>,
    /// It answers.
    pub alive: bool,
    /// It has answered, or failed to, at least once.
    pub asked: bool,
    /// When it last refused a write because it is read-only.
    pub refused_at: Option<Duration>,
}

impl Witness<'_> {
    /// Whether it answers, and refuses writes of all accounts: nothing can be written there by
    /// statements that are still under way.
    pub fn refuses_everybody(&self) -> bool {
        self.alive && self.last.is_some_and(|said| said.super_read_only)
    }
}

/// Who takes writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The member at this position.
    Primary(usize),
    /// Nobody.
    None(Why),
}

/// Why nobody takes writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// Some member was not asked yet.
    NotAsked,
    /// The primary does not answer, and no other member has taken its place.
    Silent,
    /// The primary is read-only, and no other member has taken its place.
    ReadOnly,
    /// Several members claim to be primary.
    Several,
    /// Another member claims to be primary, and somebody writes there.
    Split,
    /// The primary has stepped back, but who claims its place lacks some of its transactions.
    Behind,
    /// The primary does not answer, and who claims its place did so already while it answered.
    Early,
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotAsked => "its servers were not asked yet",
            Self::Silent => "its primary does not answer and no other server has taken its place",
            Self::ReadOnly => "its primary is read-only and no other server has taken its place",
            Self::Several => "several servers claim to be its primary",
            Self::Split => "two servers claim to be its primary and both are written to",
            Self::Behind => {
                "the server that claims to be its primary lacks transactions of the one before it"
            }
            Self::Early => {
                "its primary does not answer, and the server that claims its place did so already \
                 while it answered"
            }
        })
    }
}

/// The primary of a replica set, from one moment to the next.
///
/// | the primary | others that claim | who takes writes |
/// |---|---|---|
/// | claims | none | it |
/// | claims | some, and nobody has written there since | it |
/// | claims | some, and somebody writes there | nobody: [`Why::Split`] |
/// | is read-only | one that has all its transactions, or from which it replicates | that one |
/// | is silent | one that has begun to claim since, or from which a member replicates | that one |
/// | does not claim | several that are no cluster | nobody: [`Why::Several`] |
///
/// In the beginning, the primary is who claims alone, or who has all transactions of the others
/// that claim; the configuration decides where they have the same.
#[derive(Debug, Default)]
pub struct Election {
    leader: usize,
    confirmed: bool,
    /// The members that were primary, one bit each.
    former: u64,
    rivals: SmallVec<[Rival; 2]>,
}

/// A member that claims to be primary beside the one that is.
#[derive(Debug)]
struct Rival {
    at: usize,
    /// When it was asked to which it first answered so.
    since: Duration,
    /// What it gets until then it may have received before.
    settled: Duration,
    /// What it had then.
    baseline: Option<Arc<Position>>,
    /// The primary was heard to claim since.
    overlaps: bool,
    /// It has got transactions since that it did not replicate from the primary.
    written: bool,
}

impl Election {
    /// As in the beginning, with this member in the place of the configured primary.
    pub fn starting_with(leader: usize) -> Self {
        Self {
            leader,
            ..Self::default()
        }
    }

    /// The last primary that was decided on; the configured one before that.
    pub fn leader(&self) -> usize {
        self.leader
    }

    /// Whether the last primary was decided on, and is not just the configured one.
    pub fn is_confirmed(&self) -> bool {
        self.confirmed
    }

    /// The members that were primary before the last one and claim to be it now.
    pub fn former_that_claim<'a>(
        &'a self,
        members: &[Witness<'_>],
    ) -> impl Iterator<Item = usize> + use<'a> {
        let claims = claims(members);
        let led = claims.contains(&self.leader);
        let former = |at: &usize| self.former & (1 << at) != 0 && *at != self.leader;
        claims.into_iter().filter(move |at| led && former(at))
    }

    /// Whether a member claims to be primary beside the one that is.
    pub fn is_rival(&self, at: usize) -> bool {
        self.rivals.iter().any(|r| r.at == at && r.overlaps)
    }

    /// Who takes writes, by what is known now.
    pub fn decide(&mut self, members: &[Witness<'_>]) -> Verdict {
        let claims = claims(members);
        if !self.confirmed {
            return self.first(members, &claims);
        }
        self.watch_rivals(members, &claims);
        if claims.contains(&self.leader) {
            return match self.rivals.iter().any(|rival| rival.written) {
                true => Verdict::None(Why::Split),
                false => Verdict::Primary(self.leader),
            };
        }
        self.successor(members, &claims)
    }

    fn first(&mut self, members: &[Witness<'_>], claims: &[usize]) -> Verdict {
        if members.iter().any(|member| !member.asked) {
            return Verdict::None(Why::NotAsked);
        }
        let [_, _, ..] = claims else {
            return self.successor(members, claims);
        };
        let everything = |at: &&usize| claims.iter().all(|other| has_all(members, **at, *other));
        let ahead: SmallVec<[usize; 4]> = match same_cluster(members, claims) {
            true => SmallVec::from_slice(claims),
            false => claims.iter().filter(everything).copied().collect(),
        };
        match ahead.as_slice() {
            [one] => self.appoint(*one),
            several if several.contains(&self.leader) => self.appoint(self.leader),
            [first, ..] if same_cluster(members, claims) => self.appoint(*first),
            _ => Verdict::None(Why::Several),
        }
    }

    /// Who takes the place of a primary that does not claim any more.
    fn successor(&mut self, members: &[Witness<'_>], claims: &[usize]) -> Verdict {
        let alive = members.get(self.leader).is_some_and(|m| m.alive);
        let one = match claims {
            [] if alive => return Verdict::None(Why::ReadOnly),
            [] => return Verdict::None(Why::Silent),
            [one] => *one,
            [first, ..] if same_cluster(members, claims) => *first,
            _ => return Verdict::None(Why::Several),
        };
        if one == self.leader {
            return self.appoint(one);
        }
        let followed = |by: usize| follows(members, by, one);
        if alive && !followed(self.leader) && !has_all(members, one, self.leader) {
            return Verdict::None(Why::Behind);
        }
        if !alive && self.is_rival(one) && !(0..members.len()).any(followed) {
            return Verdict::None(Why::Early);
        }
        self.appoint(one)
    }

    fn appoint(&mut self, at: usize) -> Verdict {
        if self.confirmed {
            self.former |= 1 << self.leader;
        }
        self.leader = at;
        self.confirmed = true;
        self.rivals.clear();
        Verdict::Primary(at)
    }

    fn watch_rivals(&mut self, members: &[Witness<'_>], claims: &[usize]) {
        let leader = self.leader;
        let is_rival = |at: usize| at != leader && !same_cluster(members, &[leader, at]);
        self.rivals
            .retain(|rival| claims.contains(&rival.at) && is_rival(rival.at));
        let last = |at: usize| members.get(at).and_then(|member| member.last);
        for at in claims.iter().copied().filter(|at| is_rival(*at)) {
            let known = self.rivals.iter().any(|rival| rival.at == at);
            if let Some(said) = last(at).filter(|_| !known) {
                let settling = match self.former & (1 << at) {
                    0 => Duration::ZERO,
                    _ => SETTLING,
                };
                self.rivals.push(Rival {
                    at,
                    since: said.asked_at,
                    settled: said.asked_at + settling,
                    baseline: said.written.clone(),
                    overlaps: false,
                    written: false,
                });
            }
        }
        let Some(own) = last(leader).filter(|_| claims.contains(&leader)) else {
            return;
        };
        for rival in &mut self.rivals {
            rival.overlaps |= own.asked_at > rival.since;
            if let Some(said) = last(rival.at).filter(|said| said.asked_at < rival.settled) {
                rival.baseline.clone_from(&said.written);
            }
            // The primary was asked later: what it lacks was not written there.
            if let Some(said) = last(rival.at).filter(|said| own.asked_at > said.asked_at) {
                let replicates = said.sources.as_ref().is_none_or(|s| !s.is_empty());
                let replicated = replicates && covers(own, said.written.as_ref());
                rival.written = rival.grew(said) && !replicated;
            }
        }
    }
}

impl Rival {
    fn grew(&self, said: &Observation) -> bool {
        match (&self.baseline, &said.written) {
            (Some(before), Some(now)) => !before.covers(now),
            _ => false,
        }
    }
}

/// Whether the member at `at` has all transactions of `other`, as far as anybody can tell.
pub(super) fn has_all(members: &[Witness<'_>], at: usize, other: usize) -> bool {
    let last = |at: usize| members.get(at).and_then(|member| member.last);
    match (last(at), last(other)) {
        (Some(own), Some(other)) => covers(own, other.written.as_ref()),
        _ => false,
    }
}

fn covers(own: &Observation, position: Option<&Arc<Position>>) -> bool {
    let Some(position) = position.filter(|position| !position.is_empty()) else {
        return true;
    };
    let mut all = match (&own.executed, &own.written) {
        (Some(executed), _) => Position::clone(executed),
        (None, Some(written)) => Position::clone(written),
        (None, None) => return false,
    };
    if let Some(written) = &own.written {
        all.add(written);
    }
    all.covers(position)
}

/// Whether the member at `by` replicates from the one at `from`.
fn follows(members: &[Witness<'_>], by: usize, from: usize) -> bool {
    let identity = members.get(from).and_then(|m| m.last?.identity.as_ref());
    let member = members.get(by).filter(|member| member.alive);
    let sources = member.and_then(|m| m.last?.sources.as_ref());
    match (identity, sources) {
        (Some(identity), Some(sources)) => by != from && sources.contains(identity),
        _ => false,
    }
}
