//! The steps of a promotion.

use futures_util::future::join_all;

use super::choice::{self, Candidate};
use super::replica::Replica;
use super::{Evidence, NotPromoted};
use crate::backend::ReplicaSet;

/// Promotes a replica; gives its address. Where that fails, replication goes on as before.
pub(super) async fn attempt(set: &ReplicaSet) -> Result<String, NotPromoted> {
    let evidence = set.evidence().ok_or(NotPromoted::NoNeed)?;
    let participants = evidence.participants()?;
    let opening = participants.iter().map(|at| Replica::open(set, *at));
    let opened = join_all(opening).await;
    let mut replicas: Vec<Replica> = opened.into_iter().collect::<Result<_, _>>()?;
    // One after the other, in the same order by all proxies.
    for replica in &mut replicas {
        replica.lock().await?;
    }
    replicas.sort_by_key(|replica| replica.at);
    let promoted = take_over(set, &evidence, &mut replicas).await;
    if promoted.is_err() {
        join_all(replicas.iter_mut().map(Replica::resume)).await;
    }
    promoted
}

async fn take_over(
    set: &ReplicaSet,
    evidence: &Evidence,
    replicas: &mut [Replica],
) -> Result<String, NotPromoted> {
    all(join_all(replicas.iter_mut().map(Replica::examine)).await)?;
    all(join_all(replicas.iter_mut().map(Replica::lose_source)).await)?;
    all(join_all(replicas.iter_mut().map(Replica::stop_receiving)).await)?;
    let candidates = replicas.iter_mut().map(|replica| {
        let drained = set.member(replica.at).is_some_and(|m| m.is_drained());
        replica.candidate(drained)
    });
    let candidates = all(join_all(candidates).await)?;
    let chosen = choice::choose(&candidates)?;
    replicas.swap(0, chosen);
    let (Some((new, others)), Some(Candidate { has, .. })) =
        (replicas.split_first_mut(), candidates.get(chosen))
    else {
        return Err(NotPromoted::NobodyHasAll);
    };
    new.apply(has).await?;
    // The primary may have come back meanwhile.
    if set.evidence().is_none() {
        return Err(NotPromoted::NoNeed);
    }
    let acknowledging = others
        .iter()
        .filter(|other| evidence.acknowledges(other.at));
    new.take_writes(acknowledging.count()).await?;
    set.look_now();
    follow(new, others).await;
    Ok(new.server.clone())
}

/// The others replicate from the new primary. It is one, whether they do or not.
async fn follow(new: &Replica, others: &mut [Replica]) {
    let Some((host, port)) = new.place() else {
        tracing::warn!(
            server = new.server,
            "replicas cannot follow a primary whose host is not known"
        );
        return;
    };
    let following = others.iter_mut().map(|other| other.follow(&host, port));
    for followed in join_all(following).await {
        if let Err(error) = followed {
            tracing::warn!("a replica does not follow the new primary: {error}");
        }
    }
}

/// What all of them gave, or the first error; each has been waited for.
fn all<T>(done: Vec<Result<T, NotPromoted>>) -> Result<Vec<T>, NotPromoted> {
    done.into_iter().collect()
}
