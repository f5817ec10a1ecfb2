//! Which server answers, over whole replica sets whose servers stand near or far, are slow, hang,
//! die and come back: on a clock that the tests set.

mod dying;
mod zones;

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::runtime::Builder;

use super::balance::Draw;
use super::clock::Clock;
use super::gtid::Position;
use super::health::Observation;
use super::{BackendError, Demand, Flavor, Member, ReplicaSet};
use crate::config::{self, AnyAlgorithm, Context, FileAlone, ReadPolicy};
use crate::net::Reactor;

const UUID: &str = "3e11fa47-71ca-11e1-9e33-c80aa9429562";

const POLICIES: [&str; 8] = [
    "round_robin",
    "weighted_round_robin",
    "random",
    "weighted_random",
    "least_connections",
    "weighted_least_connections",
    "source_hash",
    "peak_ewma",
];

/// A replica set that nobody watches but the test; its primary is at position 0.
struct World {
    set: Arc<ReplicaSet>,
    micros: Arc<AtomicU64>,
    draws: u64,
}

impl World {
    /// `members` are the servers as they are written in a configuration, the primary first;
    /// `zone` is the proxy's, `balance` the rest of `[backend.balance]`.
    fn new(members: &[String], zone: Option<&str>, balance: &str) -> Self {
        let [primary, replicas @ ..] = members else {
            panic!("no primary");
        };
        let text = format!(
            "[[users]]\nname = 'u'\npassword = ''\nschemas = ['*']\n\
             [backend]\nuser = 'u'\npassword = ''\nbalance = {{ {balance} }}\n\
             [replica_sets.a]\nprimary = {primary}\nreplicas = [{}]\n\
             [schemas.s]\nshards = ['a/s']\n",
            replicas.join(", ")
        );
        let context = Context {
            environment: &FileAlone,
            algorithms: &AnyAlgorithm,
        };
        let config = config::parse(&text, Path::new("shardwell.toml"), &context).unwrap();
        // Nothing is connected: no runtime needs to run.
        let runtime = Builder::new_current_thread().build().unwrap();
        let reactor = Reactor::new(runtime.handle().clone(), runtime.handle().clone());
        let mut set = ReplicaSet::new(&config.replica_sets[0], zone, &reactor).unwrap();
        let micros = Arc::new(AtomicU64::new(0));
        Arc::get_mut(&mut set).unwrap().clock = Clock::Set(Arc::clone(&micros));
        Self {
            set,
            micros,
            draws: 0,
        }
    }

    fn set_clock(&self, now: Duration) {
        let micros = u64::try_from(now.as_micros()).unwrap();
        self.micros.store(micros, Ordering::Relaxed);
    }

    fn member(&self, at: usize) -> &Member {
        self.set.member(at).unwrap()
    }

    /// The server at a position answers how it is: it has `has` transactions.
    fn answers(&self, at: usize, has: u64) {
        let position = Position::parse(&format!("{UUID}:1-{has}"), Flavor::MySql).unwrap();
        let position = Some(Arc::new(position));
        let observation = Observation {
            asked_at: self.set.now(),
            executed: position.clone(),
            written: position,
            read_only: at != 0,
            super_read_only: at != 0,
            identity: Some(at.to_string()),
            sources: Some((at != 0).then(|| "0".to_owned()).into_iter().collect()),
            settings: Vec::new(),
            group_state: None,
            group_primary: false,
            galera_synced: None,
            semi_sync: None,
        };
        self.set.answered(at, observation);
    }

    /// The server at a position refuses to be asked.
    fn refuses(&self, at: usize) {
        let error = BackendError::Connect {
            replica_set: "a".to_owned(),
            reason: "refused".to_owned(),
        };
        self.set.unanswered(at, &error);
    }

    /// A read as recent as `policy` asks for.
    fn demand(&mut self, policy: ReadPolicy) -> Demand {
        self.draws += 1;
        let bits =
            |salt: u64| xxhash_rust::xxh3::xxh3_64_with_seed(&self.draws.to_le_bytes(), salt);
        Demand {
            policy,
            tried: 0,
            draw: Draw {
                source: bits(1),
                random: bits(2),
            },
        }
    }
}
