//! Which replica takes the place of the primary.

use super::NotPromoted;
use crate::backend::gtid::Position;

/// A replica that receives nothing any more.
#[derive(Clone, Debug)]
pub(super) struct Candidate {
    /// Its address, for people.
    pub server: String,
    /// All transactions that it has received or executed.
    pub has: Position,
    /// Why it cannot take writes.
    pub obstacle: Option<&'static str>,
    /// The version of its server: one cannot replicate from a newer one.
    pub version: (u16, u16),
    /// An operator keeps reads away from it.
    pub drained: bool,
}

/// The position of the one that has what any of them has. Of several that do: the one with the
/// oldest version that is not drained; of those the first.
pub(super) fn choose(candidates: &[Candidate]) -> Result<usize, NotPromoted> {
    let has_all = |one: &Candidate| candidates.iter().all(|other| one.has.covers(&other.has));
    let complete = candidates
        .iter()
        .enumerate()
        .filter(|(_, one)| has_all(one));
    let complete: Vec<_> = complete.collect();
    if complete.is_empty() {
        return Err(NotPromoted::NobodyHasAll);
    }
    let able = complete.iter().filter(|(_, one)| one.obstacle.is_none());
    let best = able.min_by_key(|(_, one)| (one.drained, one.version));
    best.map(|(at, _)| *at).ok_or_else(|| {
        let reasons = complete.iter().map(|(_, one)| {
            let obstacle = one.obstacle.unwrap_or_default();
            format!("{}: {obstacle}", one.server)
        });
        NotPromoted::Unsuitable(reasons.collect::<Vec<_>>().join("; "))
    })
}
