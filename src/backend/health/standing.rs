//! What is known of a server, as statements need it.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::{History, Observation};
use crate::backend::gtid::Position;

/// Why a server answers no reads, although it is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unfit {
    /// It was never reached.
    NotSeen,
    /// The primary was never reached, so that nobody knows whether both answer alike.
    PrimaryNotSeen,
    /// A global variable that changes answers has another value than on the primary.
    OtherSettings(&'static str),
    /// It is a member of a group, but does not take part.
    GroupState,
    /// It claims to be primary beside the one that is: it may have been written to.
    Rival,
    /// It is a node of a Galera cluster, but not synced.
    NotSynced,
}

impl fmt::Display for Unfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotSeen => f.write_str("it was not reached yet"),
            Self::PrimaryNotSeen => f.write_str("its primary was not reached yet"),
            Self::OtherSettings(name) => {
                write!(f, "its global {name} differs from the primary's")
            }
            Self::GroupState => f.write_str("it is not ONLINE in its group"),
            Self::Rival => f.write_str("it claims to be primary beside another"),
            Self::NotSynced => f.write_str("it is not synced with its cluster"),
        }
    }
}

/// What is known of a server. Times are since the replica set's beginning.
#[derive(Clone, Debug)]
pub struct Standing {
    /// Why it answers no reads.
    pub unfit: Option<Unfit>,
    /// If it has not been heard of again by then, it is taken for dead.
    pub silent_at: Duration,
    /// When it came back; `None`: it was there from the beginning.
    pub back_since: Option<Duration>,
    /// It has everything that the primary had then.
    pub caught_up_at: Option<Duration>,
    /// What it had when it was asked last.
    pub executed: Option<Arc<Position>>,
    /// When it was asked last.
    pub asked_at: Duration,
}

impl Standing {
    /// Of a server of which nothing is known.
    pub const UNKNOWN: Self = Self {
        unfit: Some(Unfit::NotSeen),
        silent_at: Duration::ZERO,
        back_since: None,
        caught_up_at: None,
        executed: None,
        asked_at: Duration::ZERO,
    };

    /// Whether it can be expected to answer.
    pub fn is_alive(&self, now: Duration) -> bool {
        self.unfit != Some(Unfit::NotSeen) && now < self.silent_at
    }

    /// Whether it may answer reads, as far as that does not depend on the session.
    pub fn is_fit(&self, now: Duration) -> bool {
        self.unfit.is_none() && now < self.silent_at
    }

    /// How far it is behind at most; `None`: nobody knows.
    pub fn lag(&self, now: Duration) -> Option<Duration> {
        self.caught_up_at.map(|at| now.saturating_sub(at))
    }
}

/// What the last answers of a server and of its primary say.
pub(in crate::backend) fn assess(
    own: &Observation,
    primary: Option<&Observation>,
    history: &History,
) -> (Option<Unfit>, Option<Duration>) {
    let Some(primary) = primary else {
        return (Some(Unfit::PrimaryNotSeen), None);
    };
    let unfit = if own.galera_synced == Some(false) {
        Some(Unfit::NotSynced)
    } else if own.group_state.as_deref().is_some_and(|s| s != "ONLINE") {
        Some(Unfit::GroupState)
    } else {
        other_settings(own, primary)
    };
    let executed = own.executed.as_deref();
    (unfit, executed.and_then(|own| history.caught_up_at(own)))
}

fn other_settings(own: &Observation, primary: &Observation) -> Option<Unfit> {
    if own.settings.len() != primary.settings.len() {
        return Some(Unfit::OtherSettings("variables"));
    }
    let pairs = own.settings.iter().zip(&primary.settings);
    let differs = pairs.zip(super::probe::SETTINGS);
    let mut differs = differs.filter(|((own, primary), _)| own != primary);
    differs.next().map(|(_, name)| Unfit::OtherSettings(name))
}
