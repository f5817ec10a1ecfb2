//! The worker number of this process on one replica set.
//!
//! It is taken when the first id is needed, renewed in the background, and taken anew where another
//! proxy has it. What was granted last is valid to its end, whatever becomes of the lease.

use std::sync::{Arc, Weak};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use parking_lot::Mutex;

use super::error::SequenceError;
use super::home::Home;
use super::snowflake::{self, COUNTS, NoId, Snowflake};
use super::store::{Holder, Renewal};
use crate::net::Reactor;

/// For how long ids are granted: so long a lease outlives the last server that could renew it.
const SPAN: Duration = Duration::from_secs(60);

/// How often a lease is renewed.
const RENEW: Duration = Duration::from_secs(10);

/// How soon that is tried again.
const AGAIN: Duration = Duration::from_secs(1);

/// A worker number, and the ids that are made with it.
#[derive(Debug)]
pub struct Lease {
    home: Arc<Home>,
    /// Tells this process from all others.
    name: String,
    ids: Mutex<Snowflake>,
    /// Held by whoever asks the server.
    asking: tokio::sync::Mutex<Asking>,
}

#[derive(Debug, Default)]
struct Asking {
    /// The lease is looked after.
    kept: bool,
}

impl Lease {
    /// Nothing is asked yet.
    pub fn new(home: Arc<Home>) -> Arc<Self> {
        Arc::new(Self {
            home,
            name: format!("{:032x}", rand::random::<u128>()),
            ids: Mutex::default(),
            asking: tokio::sync::Mutex::default(),
        })
    }

    /// The first of `count` ids that follow each other.
    ///
    /// # Errors
    /// The lease has ended and cannot be renewed.
    pub async fn take(self: &Arc<Self>, count: u64) -> Result<u64, SequenceError> {
        if let Some(first) = self.take_now(count)? {
            return Ok(first);
        }
        let mut asking = self.asking.lock().await;
        // Somebody else may have asked meanwhile.
        if let Some(first) = self.take_now(count)? {
            return Ok(first);
        }
        let had = self.ids.lock().worker().is_some();
        self.extend().await.map_err(|error| match had {
            true => SequenceError::LeaseLost {
                why: error.to_string(),
            },
            false => error,
        })?;
        if !std::mem::replace(&mut asking.kept, true) {
            let reactor = self.home.reactor().clone();
            tokio::spawn(keep(Arc::downgrade(self), reactor));
        }
        self.take_now(count)?
            .ok_or_else(|| SequenceError::LeaseLost {
                why: "what was granted is used up already".to_owned(),
            })
    }

    /// `None`: a grant is needed first.
    fn take_now(&self, count: u64) -> Result<Option<u64>, SequenceError> {
        match self.ids.lock().take(now(), count) {
            Ok(first) => Ok(Some(first)),
            Err(NoId::NoGrant) => Ok(None),
            Err(NoId::TooMany) => Err(SequenceError::TooMany { most: COUNTS }),
        }
    }

    /// Renews the lease, or takes another one.
    async fn extend(&self) -> Result<(), SequenceError> {
        let (worker, now) = {
            let ids = self.ids.lock();
            (ids.worker(), ids.time(now()))
        };
        let holder = Holder {
            name: &self.name,
            now,
            span: u64::try_from(SPAN.as_millis()).unwrap_or(u64::MAX),
        };
        if let Some(worker) = worker {
            if let Some(grant) = self.home.ask(&Renewal { worker, holder }).await? {
                self.ids.lock().set(grant);
                return Ok(());
            }
            tracing::warn!(worker, "another proxy has taken this one's worker number");
        }
        let grant = self.home.ask(&holder).await?;
        tracing::info!(worker = grant.worker, "leased a worker number for new ids");
        self.ids.lock().set(grant);
        Ok(())
    }
}

/// Renews a lease for as long as somebody may use it.
async fn keep(lease: Weak<Lease>, reactor: Reactor) {
    let mut pause = RENEW;
    loop {
        reactor.sleep(pause).await;
        let Some(lease) = lease.upgrade() else {
            return;
        };
        let _asking = lease.asking.lock().await;
        pause = match lease.extend().await {
            Ok(()) => RENEW,
            Err(error) => {
                tracing::warn!(%error, "cannot renew the lease of the worker number");
                AGAIN
            }
        };
    }
}

/// The clock, in milliseconds since the beginning of time.
fn now() -> u64 {
    let unix = SystemTime::now().duration_since(UNIX_EPOCH);
    let unix = unix.map_or(0, |unix| unix.as_millis());
    snowflake::since_beginning(u64::try_from(unix).unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backend::Cluster;
    use crate::config::{AnyAlgorithm, Context, FileAlone, parse};
    use crate::sequence::snowflake::Grant;
    use crate::topology::ReplicaSetId;

    /// A lease on a replica set that nobody serves.
    fn lease() -> Arc<Lease> {
        let text = r#"
            [[users]]
            name = "app"
            password = ""
            schemas = ["*"]
            [backend]
            user = "u"
            password = ""
            [replica_sets.a]
            primary = "127.0.0.1:1"
            [schemas.shop]
            shards = ["a/s0"]
        "#;
        let context = Context {
            environment: &FileAlone,
            algorithms: &AnyAlgorithm,
        };
        let config = parse(text, std::path::Path::new("test.toml"), &context).unwrap();
        let cluster = Arc::new(Cluster::new(&config, &Reactor::here()).unwrap());
        Lease::new(Arc::new(Home::new(cluster, ReplicaSetId(0), "own")))
    }

    fn granted(until: u64) -> Grant {
        Grant {
            worker: 3,
            from: 0,
            until,
        }
    }

    #[tokio::test]
    async fn what_was_granted_outlives_the_server_and_nothing_else_does() {
        let lease = lease();
        let error = lease.take(1).await.unwrap_err();
        assert!(matches!(error, SequenceError::Backend(_)), "{error}");
        lease.ids.lock().set(granted(now() + 60_000));
        let first = lease.take(3).await.unwrap();
        assert_eq!(lease.take(1).await.unwrap() >> 12 & 0x3FF, 3);
        assert_eq!(first >> 12 & 0x3FF, 3);
        lease.ids.lock().set(granted(now()));
        let error = lease.take(1).await.unwrap_err();
        let expected = "the lease of this proxy's worker number has ended and cannot be renewed: ";
        assert!(error.to_string().contains(expected), "{error}");
    }
}
