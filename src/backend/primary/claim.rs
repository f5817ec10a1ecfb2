//! Which members claim to be primary.

use smallvec::SmallVec;

use super::Witness;
use crate::backend::health::Observation;

/// The members that claim to be primary, by position.
pub(super) fn claims(members: &[Witness<'_>]) -> SmallVec<[usize; 4]> {
    (0..members.len())
        .filter(|at| is_claim(members, *at))
        .collect()
}

/// Whether all of them are members of one cluster, which itself sees to it that their writes do
/// not contradict each other.
pub(super) fn same_cluster(members: &[Witness<'_>], of: &[usize]) -> bool {
    let all = |is: fn(&Observation) -> bool| {
        let last = |at: &usize| members.get(*at).and_then(|member| member.last);
        of.iter().all(|at| last(at).is_some_and(is))
    };
    all(|o| o.galera_synced == Some(true)) || all(is_online)
}

fn is_online(said: &Observation) -> bool {
    said.group_state.as_deref() == Some("ONLINE")
}

fn is_claim(members: &[Witness<'_>], at: usize) -> bool {
    let Some(member) = members.get(at).filter(|member| member.alive) else {
        return false;
    };
    let Some(said) = member.last else {
        return false;
    };
    let refused = member
        .refused_at
        .is_some_and(|moment| moment >= said.asked_at);
    let in_cluster = said.galera_synced != Some(false)
        && (said.group_state.is_none() || (is_online(said) && said.group_primary));
    accepts_writes(said) && !refused && in_cluster && !is_replica(members, at, said)
}

fn accepts_writes(said: &Observation) -> bool {
    !said.read_only && !said.super_read_only
}

/// Whether it replicates from a member that accepts writes, or did when it was last heard of. Two
/// that replicate from each other are no replicas by that.
fn is_replica(members: &[Witness<'_>], at: usize, said: &Observation) -> bool {
    let sources = said.sources.iter().flatten();
    let mut sources = sources.filter(|source| Some(*source) != said.identity.as_ref());
    sources.any(|source| {
        let others = members.iter().enumerate().filter(|(other, _)| *other != at);
        let mut seen = others.clone().filter_map(|(_, member)| member.last);
        match seen.find(|other| other.identity.as_ref() == Some(source)) {
            Some(other) => {
                let back = other.sources.iter().flatten();
                let mutual = back.clone().any(|s| Some(s) == said.identity.as_ref());
                accepts_writes(other) && !mutual
            }
            // A server of another replica set, unless there is one that nobody has seen.
            None => others.clone().any(|(_, member)| member.last.is_none()),
        }
    })
}
