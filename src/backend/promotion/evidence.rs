//! Who takes part in a promotion, and whether they can know every acknowledged transaction.

use std::time::Duration;

use super::NotPromoted;
use crate::backend::health::Observation;

/// What is known of a set whose primary is silent.
#[derive(Debug)]
pub(in crate::backend) struct Evidence {
    /// The position of the primary that is gone.
    pub leader: usize,
    /// All members, by position.
    pub members: Vec<Testimony>,
    /// How often they are asked.
    pub interval: Duration,
}

/// What is known of a member.
#[derive(Clone, Debug)]
pub(in crate::backend) struct Testimony {
    /// What it said last.
    pub said: Option<Observation>,
    /// It answers.
    pub alive: bool,
    /// When it last said that it acknowledges what it receives.
    pub acknowledged_at: Option<Duration>,
}

impl Evidence {
    /// The positions of the replicas that take part, ascending by the servers' own identity: all
    /// proxies ask them in this order.
    ///
    /// A transaction that was acknowledged has been received by `wanted` of the `replicas` that
    /// acknowledge. So one of those who take part has it if fewer than `wanted` are missing.
    pub fn participants(&self) -> Result<Vec<usize>, NotPromoted> {
        let leader = self.members.get(self.leader);
        let leader = leader.and_then(|member| member.said.as_ref());
        let leader = leader.ok_or(NotPromoted::Unseen)?;
        if leader.group_state.is_some() || leader.galera_synced.is_some() {
            return Err(NotPromoted::Cluster);
        }
        let semi_sync = leader.semi_sync.ok_or(NotPromoted::Unseen)?;
        let waits = semi_sync.waits.ok_or(NotPromoted::NotSemiSync)?;
        let mut present: Vec<usize> = (0..self.members.len())
            .filter(|at| self.takes_part(*at, leader))
            .collect();
        let replicas = self.members.len().saturating_sub(1);
        if present.len() * 2 <= replicas {
            return Err(NotPromoted::Minority {
                present: present.len(),
                replicas,
            });
        }
        let acknowledging = present.iter().filter(|at| self.acknowledged(**at, leader));
        let acknowledging = acknowledging.count();
        let missing = u64::from(waits.replicas).saturating_sub(acknowledging as u64);
        if acknowledging == 0 || missing >= u64::from(waits.wanted) {
            return Err(NotPromoted::MayLack {
                present: acknowledging,
                replicas: waits.replicas,
                wanted: waits.wanted,
            });
        }
        present.sort_by_key(|at| self.identity(*at));
        Ok(present)
    }

    /// Whether the member acknowledged what the primary wrote.
    pub fn acknowledges(&self, at: usize) -> bool {
        let leader = self.members.get(self.leader);
        let leader = leader.and_then(|member| member.said.as_ref());
        leader.is_some_and(|leader| self.acknowledged(at, leader))
    }

    fn identity(&self, at: usize) -> Option<&String> {
        let said = self.members.get(at)?.said.as_ref()?;
        said.identity.as_ref()
    }

    /// It replicates from the primary; or it did, and a promotion was broken off.
    fn takes_part(&self, at: usize, leader: &Observation) -> bool {
        let Some(member) = self.members.get(at).filter(|member| member.alive) else {
            return false;
        };
        let sources = member.said.as_ref().and_then(|said| said.sources.as_ref());
        let follows = sources.is_some_and(|sources| match &leader.identity {
            Some(identity) if sources.is_empty() => {
                self.identity(at) != Some(identity) && self.acknowledged(at, leader)
            }
            Some(identity) => sources.contains(identity),
            None => false,
        });
        follows && at != self.leader
    }

    /// Whether it acknowledged what the primary wrote while that was still seen.
    fn acknowledged(&self, at: usize, leader: &Observation) -> bool {
        let member = self.members.get(at);
        let last = member.and_then(|member| member.acknowledged_at);
        last.is_some_and(|last| last + self.interval * 2 >= leader.asked_at)
    }
}
