//! From one configuration to the next: everything is made ready beside what holds, then exchanged at
//! once.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, sleep, timeout};

use crate::backend::{BackendError, Cluster, Pool, ReplicaSet, Wanted, Watchers};
use crate::config::Config;
use crate::net::tls::TlsConfigError;
use crate::server::StartError;
use crate::server::assemble::{Facing, sequences};
use crate::server::traces;
use crate::session::{Live, RefreshError, Shared};
use crate::transaction::Coordinator;

/// How long the servers of a replica set that was changed may take to tell who is primary.
const ELECTION: Duration = Duration::from_secs(5);

/// How often is looked whether they have.
const POLL: Duration = Duration::from_millis(20);

/// How long reading the tables may take.
const LOOK: Duration = Duration::from_secs(60);

/// Why the configuration of before stays.
#[derive(Debug, thiserror::Error)]
pub(super) enum ChangeError {
    #[error(transparent)]
    Start(#[from] StartError),
    #[error(
        "replica set '{0}' has prepared transactions that wait for their end (SHOW SHARDWELL TRANSACTIONS)"
    )]
    InDoubt(String),
    #[error("server {address}: {source}")]
    Server {
        address: String,
        source: BackendError,
    },
    #[error(
        "user locks (GET_LOCK) would move from replica set '{from}' to '{to}', where those that are \
         held are not known: keep the first replica set and the first shard's of each schema, or \
         restart"
    )]
    LocksMove { from: String, to: String },
    #[error("replica set '{0}' shows no primary with its changed list of servers")]
    NoPrimary(String),
    #[error("the tables cannot be read from the servers: {0}")]
    Look(#[from] RefreshError),
    #[error("the tables cannot be read from the servers within a minute")]
    SlowLook,
}

impl ChangeError {
    /// Whether the same configuration may be taken later.
    pub fn may_pass(&self) -> bool {
        match self {
            Self::Start(_) | Self::LocksMove { .. } => false,
            Self::Look(error) => matches!(error, RefreshError::Backend(_)),
            Self::InDoubt(_) | Self::Server { .. } | Self::NoPrimary(_) | Self::SlowLook => true,
        }
    }
}

impl From<TlsConfigError> for ChangeError {
    fn from(error: TlsConfigError) -> Self {
        Self::Start(error.into())
    }
}

/// Makes `new` hold in place of `old`.
///
/// # Errors
/// Nothing was changed.
pub(super) async fn change_over(
    live: &Live,
    old: &Config,
    new: &Arc<Config>,
    watchers: &mut Watchers,
) -> Result<(), ChangeError> {
    let before = live.load();
    let done = prepare(live, &before, (old, new), watchers).await;
    let holds = live.load();
    watchers.keep(&holds.cluster);
    done
}

async fn prepare(
    live: &Live,
    before: &Shared,
    (old, new): (&Config, &Arc<Config>),
    watchers: &mut Watchers,
) -> Result<(), ChangeError> {
    check_in_doubt(before, new)?;
    check_locks(old, new)?;
    let facing = Facing::new(new, Some(before))?;
    let cluster = Arc::new(before.cluster.follow(new)?);
    connect(&before.cluster, &cluster).await?;
    watchers.add(&cluster);
    find_primaries(&before.cluster, &cluster).await?;
    let paused = before.refresher.pause().await;
    let known = match same_tables(old, new, before, &cluster) {
        true => paused.go_on(Arc::clone(new), Arc::clone(&cluster)),
        false => None,
    };
    let (refresher, snapshot) = match known {
        Some(refresher) => (refresher, None),
        None => {
            let look = paused.look(Arc::clone(new), Arc::clone(&cluster));
            let looked = timeout(LOOK, look).await;
            let (refresher, snapshot) = looked.map_err(|_| ChangeError::SlowLook)??;
            (refresher, Some(snapshot))
        }
    };
    let (coordinator, ids) = match old.transactions == new.transactions && same(before, &cluster) {
        true => (
            Arc::clone(&before.coordinator),
            Arc::clone(&before.sequences),
        ),
        false => (
            Coordinator::new(Arc::clone(&cluster), new.transactions.clone()),
            sequences(new, &cluster),
        ),
    };
    let known = (coordinator, ids, traces::follow(before, new));
    let parts = facing.with(new, (Arc::clone(&cluster), refresher), known);
    live.replace(before.follow(parts, snapshot));
    cluster.replace(&before.cluster);
    Ok(())
}

/// What is prepared somewhere must find the server that decides on it.
fn check_in_doubt(before: &Shared, new: &Config) -> Result<(), ChangeError> {
    let in_doubt = before.coordinator.in_doubt();
    let all_stay = before.cluster.replica_sets().iter().all(|set| {
        let mut sets = new.replica_sets.iter();
        sets.any(|stays| stays.name == set.name)
    });
    match in_doubt.into_iter().next() {
        Some(branch) if !all_stay => Err(ChangeError::InDoubt(branch.replica_set)),
        _ => Ok(()),
    }
}

/// Sessions that lock the same name must meet on the same server.
fn check_locks(old: &Config, new: &Config) -> Result<(), ChangeError> {
    let name = |config: &Config, set: usize| {
        let set = config.replica_sets.get(set);
        set.map_or_else(String::new, |set| set.name.clone())
    };
    let mut homes = vec![(name(old, 0), name(new, 0))];
    for schema in &old.schemas {
        let after = new.schemas.iter().find(|after| after.name == schema.name);
        let firsts = (schema.shards.first(), after.and_then(|s| s.shards.first()));
        if let (Some(from), Some(to)) = firsts {
            homes.push((name(old, from.replica_set), name(new, to.replica_set)));
        }
    }
    match homes.into_iter().find(|(from, to)| from != to) {
        Some((from, to)) => Err(ChangeError::LocksMove { from, to }),
        None => Ok(()),
    }
}

/// Opens a connection to every server that is reached anew. A replica may be down; an account that
/// is refused is a mistake.
async fn connect(before: &Cluster, cluster: &Cluster) -> Result<(), ChangeError> {
    for set in cluster.replica_sets() {
        for (at, member) in set.members().iter().enumerate() {
            let pool = &member.pool;
            if before.has(pool) {
                continue;
            }
            let connected = match pool.checkout(&Wanted::fresh()).await {
                Ok(connection) => {
                    connection.release();
                    pool.warm_up().await
                }
                Err(error) => Err(error),
            };
            let Err(source) = connected else { continue };
            if at == set.primary_at() || matches!(source, BackendError::Login { .. }) {
                return Err(ChangeError::Server {
                    address: pool.server().address.to_string(),
                    source,
                });
            }
            tracing::warn!(server = %pool.server().address, error = %source, "a replica is not there yet");
        }
    }
    Ok(())
}

/// Waits until replica sets that were changed have found their primaries. Where there was none
/// before, there need not be one now: the change may be the cure.
async fn find_primaries(before: &Cluster, cluster: &Cluster) -> Result<(), ChangeError> {
    let end = Instant::now() + ELECTION;
    for set in cluster.replica_sets() {
        let old = before.named(&set.name).map(|(_, old)| old);
        let needs = old.is_none_or(|old| old.primary().is_some());
        while needs && set.primary().is_none() {
            if Instant::now() >= end {
                return Err(ChangeError::NoPrimary(set.name.clone()));
            }
            sleep(POLL).await;
        }
    }
    Ok(())
}

/// Whether the tables that are known are those of the new configuration too: the same rules, on
/// servers that have the same data.
fn same_tables(old: &Config, new: &Config, before: &Shared, cluster: &Cluster) -> bool {
    let (mine, theirs) = (before.cluster.replica_sets(), cluster.replica_sets());
    let same_data = |(old, new): (&Arc<ReplicaSet>, &Arc<ReplicaSet>)| {
        let primary = old.members().get(old.primary_at());
        let address = |pool: &Arc<Pool>| pool.server().address.clone();
        let primary = primary.map(|member| address(&member.pool));
        let mut members = new.members().iter();
        old.name == new.name && members.any(|m| Some(address(&m.pool)) == primary)
    };
    old.schemas == new.schemas
        && old.others == new.others
        && mine.len() == theirs.len()
        && mine.iter().zip(theirs).all(same_data)
}

/// Whether not one replica set has changed.
fn same(before: &Shared, cluster: &Cluster) -> bool {
    let (mine, theirs) = (before.cluster.replica_sets(), cluster.replica_sets());
    mine.len() == theirs.len()
        && mine
            .iter()
            .zip(theirs)
            .all(|(old, new)| Arc::ptr_eq(old, new))
}
