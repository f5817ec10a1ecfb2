//! The task that asks a server how it is.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::{sleep, timeout};

use super::Observation;
use super::probe::Probe;
use crate::backend::{BackendError, ReplicaSet};

/// Watches the member at this position for ever.
pub async fn watch(set: Arc<ReplicaSet>, at: usize) {
    let Some(member) = set.member(at) else {
        return;
    };
    let interval = set.health_interval();
    let mut probe = None;
    loop {
        let started = set.now();
        match look(&set, at, &mut probe).await {
            Ok(observation) => set.answered(at, observation),
            Err(error) => {
                probe = None;
                set.unanswered(at, &error);
            }
        }
        let took = set.now().saturating_sub(started);
        // Never without a pause: a server that refuses at once is not to be hammered.
        sleep(interval / 4).await;
        let rest = interval.saturating_sub(took).saturating_sub(interval / 4);
        // Somebody has met what makes an answer urgent.
        let _ = timeout(rest, member.look.notified()).await;
    }
}

/// One question. When the server's silence has become a fault, statements hear of it at once; the
/// answer is still waited for, a while.
async fn look(
    set: &ReplicaSet,
    at: usize,
    probe: &mut Option<Probe>,
) -> Result<Observation, BackendError> {
    let server = set
        .member(at)
        .map(|member| Arc::clone(member.pool.server()));
    let asking = async {
        let probe = match (probe.as_mut(), server) {
            (Some(probe), _) => probe,
            (None, Some(server)) => {
                probe.insert(Probe::open(&server, set.promotion().is_some()).await?)
            }
            (None, None) => return Err(no_answer(set)),
        };
        probe.ask(set.now()).await
    };
    let mut asking = std::pin::pin!(asking);
    let until_silent = set.silent_at(at).saturating_sub(set.now());
    if let Ok(answer) = timeout(until_silent.max(SHORTEST), asking.as_mut()).await {
        return answer;
    }
    set.fell_silent(at);
    match timeout(LAST_PATIENCE, asking).await {
        Ok(answer) => answer,
        Err(_) => Err(no_answer(set)),
    }
}

/// The least time for an answer.
const SHORTEST: Duration = Duration::from_millis(50);

/// How long an answer is waited for whose server is taken for dead, before the connection is given
/// up and a new one tried.
const LAST_PATIENCE: Duration = Duration::from_secs(2);

fn no_answer(set: &ReplicaSet) -> BackendError {
    BackendError::Connect {
        replica_set: set.name.clone(),
        reason: "no answer".to_owned(),
    }
}
