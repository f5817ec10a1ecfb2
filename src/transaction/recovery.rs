//! What is prepared on the servers and nobody ends: branches of proxies that died, and of sessions
//! that lost a server in the middle of a COMMIT.
//!
//! Every proxy looks at every primary. A branch that was listed for as long as `recover_after` is
//! ended as its decision table says; that of a session of this process which has ended, at once.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::future::join_all;

use super::commit::XAER_NOTA;
use super::store::Decision;
use super::{Coordinator, Gtrid, Identity, InDoubt, TransactionError, Xid};
use crate::backend::{BackendError, Connection};
use crate::error::StageError;
use crate::topology::ReplicaSetId;

/// How soon a branch is tried again that its own server still keeps for a connection.
const AGAIN: Duration = Duration::from_millis(300);

/// Decisions are kept for this long where nobody says that all branches have ended, in seconds. A
/// COMMIT of a proxy that was stopped meanwhile must find the row that forbids it; servers end
/// connections that say nothing after `wait_timeout`, 8 hours unless it is changed.
const KEEP: u64 = 24 * 60 * 60;

/// How often old decisions are looked for.
const SWEEP: Duration = Duration::from_secs(600);

/// XA_RBROLLBACK: the branch had changed nothing and is gone (MariaDB).
const XA_RBROLLBACK: u16 = 1402;

/// What one process knows from look to look.
#[derive(Debug, Default)]
struct Memory {
    /// When a branch was first listed.
    since: HashMap<(ReplicaSetId, Xid), Instant>,
    swept: Option<Instant>,
    /// The connections of the last look.
    connections: HashMap<ReplicaSetId, Connection>,
}

/// One look at all servers.
#[derive(Debug, Default)]
struct Look {
    /// The servers that answered.
    connections: HashMap<ReplicaSetId, Connection>,
    /// What they list.
    listed: Vec<(ReplicaSetId, Xid)>,
    /// Where the replica sets are, as far as they have told.
    homes: HashMap<Identity, ReplicaSetId>,
}

impl Look {
    /// Asks a server, if it has answered so far. After a failure that is not the server's own word
    /// its connection is closed: the answer may still come, and must not be taken for another one.
    async fn with<T>(
        &mut self,
        replica_set: ReplicaSetId,
        ask: impl AsyncFnOnce(&mut Connection) -> Result<T, BackendError>,
    ) -> Option<Result<T, BackendError>> {
        let mut connection = self.connections.remove(&replica_set)?;
        let answer = ask(&mut connection).await;
        if matches!(answer, Ok(_) | Err(BackendError::Setup(_))) {
            self.connections.insert(replica_set, connection);
        }
        Some(answer)
    }
}

impl Coordinator {
    /// Looks after the servers for as long as the proxy runs.
    pub async fn keep(self: Arc<Self>) {
        if self.cluster.replica_sets().len() < 2 {
            return;
        }
        let mut memory = Memory::default();
        loop {
            let unfinished = self.look(&mut memory).await;
            let pause = self.config.recover_after / 2;
            let pause = if unfinished { pause.min(AGAIN) } else { pause };
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                () = self.wake.notified() => {}
            }
        }
    }

    /// Something was left prepared by a session of this process: look at once.
    pub fn look_soon(&self) {
        self.wake.notify_one();
    }

    /// Looks once; says whether something of this process is still to be ended.
    async fn look(&self, memory: &mut Memory) -> bool {
        let finished = self.take_finished();
        let mut look = self.ask_all(std::mem::take(&mut memory.connections)).await;
        let now = Instant::now();
        memory.since.retain(|key, _| look.listed.contains(key));
        let due: Vec<(ReplicaSetId, Xid)> = look
            .listed
            .iter()
            .copied()
            .filter(|key| {
                let since = *memory.since.entry(*key).or_insert(now);
                self.is_due(key.1.gtrid, now.duration_since(since))
            })
            .collect();
        let sweep = memory
            .swept
            .is_none_or(|at| now.duration_since(at) >= SWEEP);
        if sweep || !due.is_empty() {
            self.find_homes(&mut look).await;
        }
        let mut in_doubt = Vec::new();
        for (replica_set, xid) in due {
            if let Err(reason) = self.finish(&mut look, replica_set, xid).await {
                tracing::warn!(%xid, reason, "a prepared branch waits for its end");
                in_doubt.push(InDoubt {
                    replica_set: self.name(replica_set),
                    xid,
                    reason,
                });
            }
        }
        let unfinished = in_doubt
            .iter()
            .any(|branch| self.is_left_behind(branch.xid.gtrid));
        *self.in_doubt.lock() = in_doubt;
        self.forget(&mut look, finished).await;
        if sweep {
            memory.swept = Some(now);
            self.sweep(&mut look).await;
        }
        memory.connections = look.connections;
        unfinished
    }

    fn is_due(&self, gtrid: Gtrid, listed: Duration) -> bool {
        let waited = listed >= self.config.recover_after;
        self.is_left_behind(gtrid) || (waited && !self.is_live(gtrid))
    }

    async fn ask_all(&self, mut known: HashMap<ReplicaSetId, Connection>) -> Look {
        let numbers = 0..self.cluster.replica_sets().len();
        let replica_sets = numbers.filter_map(|number| Some(ReplicaSetId(number.try_into().ok()?)));
        let asked = replica_sets.map(|replica_set| {
            let known = known.remove(&replica_set);
            async move { (replica_set, self.ask(replica_set, known).await) }
        });
        let mut look = Look::default();
        for (replica_set, asked) in join_all(asked).await {
            match asked {
                Ok((connection, listed)) => {
                    look.connections.insert(replica_set, connection);
                    let listed = listed.into_iter().map(|xid| (replica_set, xid));
                    look.listed.extend(listed);
                }
                // An account that may not ask has never begun a branch there.
                Err(error) => tracing::debug!(%error, "cannot look for prepared branches"),
            }
        }
        look
    }

    /// What a server lists, by the last look's connection where it still works.
    async fn ask(
        &self,
        replica_set: ReplicaSetId,
        known: Option<Connection>,
    ) -> Result<(Connection, Vec<Xid>), BackendError> {
        if let Some(mut connection) = known
            && let Ok(listed) = listed(&mut connection).await
        {
            return Ok((connection, listed));
        }
        let mut connection = self.connect(replica_set).await?;
        let listed = listed(&mut connection).await?;
        Ok((connection, listed))
    }

    async fn find_homes(&self, look: &mut Look) {
        let replica_sets: Vec<ReplicaSetId> = look.connections.keys().copied().collect();
        for replica_set in replica_sets {
            let asked = look.with(replica_set, async |connection| {
                self.store.identity(connection).await
            });
            match asked.await {
                Some(Ok(Some(identity))) => drop(look.homes.insert(identity, replica_set)),
                Some(Err(error)) => tracing::debug!(%error, "a replica set has no identity yet"),
                Some(Ok(None)) | None => {}
            }
        }
    }

    /// Ends a branch as its home says.
    async fn finish(
        &self,
        look: &mut Look,
        replica_set: ReplicaSetId,
        xid: Xid,
    ) -> Result<(), String> {
        const SILENT: &str = "the replica set that decides on it does not answer";
        let home = look.homes.get(&xid.home).copied().ok_or(SILENT)?;
        let decided = look.with(home, async |connection| {
            let decided = self.store.decide(connection, xid.gtrid).await;
            decided.map_err(|error| match error {
                TransactionError::Backend(error) => error,
                other => BackendError::Setup(other.to_mysql()),
            })
        });
        let decision = decided.await.ok_or(SILENT)?;
        let verb = match decision.map_err(|error| error.to_string())? {
            Decision::Commit => "COMMIT",
            Decision::Abort => "ROLLBACK",
            Decision::Pending => return Err("it is being decided".to_owned()),
        };
        let statement = format!("XA {verb} {xid}");
        let ended = look.with(replica_set, async |connection| {
            connection.execute(statement.as_bytes()).await
        });
        match ended.await.ok_or("its server does not answer")? {
            Ok(()) => {
                tracing::info!(%xid, verb, replica_set = self.name(replica_set), "recovered");
                Ok(())
            }
            Err(BackendError::Setup(error)) if error.code == XA_RBROLLBACK => Ok(()),
            // It has ended, or a connection still has it: the next look tells.
            Err(BackendError::Setup(error)) if error.code == XAER_NOTA => {
                Err("its connection is still open".to_owned())
            }
            Err(error) => Err(error.to_string()),
        }
    }

    /// Forgets the decisions on transactions that are over; what fails is left to the sweep.
    async fn forget(&self, look: &mut Look, finished: Vec<(ReplicaSetId, Gtrid)>) {
        let mut by_home: HashMap<ReplicaSetId, Vec<Gtrid>> = HashMap::new();
        for (replica_set, gtrid) in finished {
            by_home.entry(replica_set).or_default().push(gtrid);
        }
        for (replica_set, gtrids) in by_home {
            self.delete(look, replica_set, &gtrids).await;
        }
    }

    async fn delete(&self, look: &mut Look, home: ReplicaSetId, gtrids: &[Gtrid]) {
        for gtrids in gtrids.chunks(MOST_AT_ONCE) {
            let deleted = look.with(home, async |connection| {
                self.store.forget(connection, gtrids).await
            });
            if let Some(Err(error)) = deleted.await {
                tracing::debug!(%error, "cannot delete decisions");
            }
        }
    }

    /// Forgets old decisions that nobody can ask for any more.
    async fn sweep(&self, look: &mut Look) {
        if look.connections.len() < self.cluster.replica_sets().len() {
            return;
        }
        let listed: BTreeSet<Gtrid> = look.listed.iter().map(|(_, xid)| xid.gtrid).collect();
        for home in look.homes.values().copied().collect::<Vec<_>>() {
            let old = look.with(home, async |connection| {
                self.store.old(connection, KEEP).await
            });
            match old.await {
                Some(Ok(old)) => {
                    let known = |identity: &Identity| look.homes.contains_key(identity);
                    let done = forgettable(old, &listed, known);
                    self.delete(look, home, &done).await;
                }
                Some(Err(error)) => tracing::debug!(%error, "cannot read old decisions"),
                None => {}
            }
        }
    }

    fn name(&self, replica_set: ReplicaSetId) -> String {
        let found = self.cluster.get(replica_set);
        found.map_or_else(String::new, |found| found.name.clone())
    }
}

async fn listed(connection: &mut Connection) -> Result<Vec<Xid>, BackendError> {
    let rows = connection.query(b"XA RECOVER").await?;
    Ok(rows.iter().filter_map(|row| Xid::of_row(row)).collect())
}

/// How many rows one statement deletes.
const MOST_AT_ONCE: usize = 200;

/// Of old decisions those whose branches have all ended: every server that had one was asked and
/// lists none.
fn forgettable(
    old: Vec<(Gtrid, Vec<Identity>)>,
    listed: &BTreeSet<Gtrid>,
    known: impl Fn(&Identity) -> bool,
) -> Vec<Gtrid> {
    old.into_iter()
        .filter(|(gtrid, branches)| !listed.contains(gtrid) && branches.iter().all(&known))
        .map(|(gtrid, _)| gtrid)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_decision_is_kept_while_a_branch_may_ask_for_it() {
        let gtrid = |number| Gtrid {
            instance: 1,
            number,
        };
        let (asked, unknown) = (Identity::new(0, 1), Identity::new(0, 2));
        let old = vec![
            (gtrid(1), vec![asked]),
            (gtrid(2), vec![asked]),
            (gtrid(3), vec![asked, unknown]),
            (gtrid(4), vec![]),
        ];
        let listed = BTreeSet::from([gtrid(2)]);
        let found = forgettable(old, &listed, |identity| *identity == asked);
        assert_eq!(found, [gtrid(1), gtrid(4)]);
    }
}
