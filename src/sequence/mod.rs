//! Sequence: ids for the rows of sharded tables, no two alike whichever proxy gives them.
//!
//! In: a table and how many ids its statement needs. Out: so many ids. Numbers follow each other, as
//! MySQL's AUTO_INCREMENT gives them to the rows of one INSERT.
//!
//! | file | what it holds |
//! |---|---|
//! | `snowflake` | time, worker number and count → ids; no I/O, no clock of its own |
//! | `lease` | the worker number of this proxy: taken, renewed, lost |
//! | `segment` | blocks of numbers → ids; no I/O |
//! | `blocks` | the blocks of one table, fetched ahead |
//! | `uuids` | time, a count and random bits → ids; no I/O, no clock of its own |
//! | `store` | the tables on the servers from which workers and blocks come |
//! | `home` | the connection to the replica set that has them |
//!
//! What keeps numbers apart is always one row on one replica set, that of the schema's first shard: a
//! worker's row grants stretches of time, a table's row stretches of numbers, and neither is granted
//! twice, whatever the clocks of proxies and servers say.

mod blocks;
mod error;
mod home;
mod lease;
mod segment;
mod snowflake;
mod store;
mod uuids;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use parking_lot::Mutex;

pub use error::SequenceError;

use crate::backend::Cluster;
use crate::config::IdKind;
use crate::topology::ReplicaSetId;
use crate::value::{IdForm, NewIds};
use blocks::Blocks;
use home::Home;
use lease::Lease;
use uuids::Uuids;

/// Whose ids are asked for.
#[derive(Clone, Copy, Debug)]
pub struct IdsOf<'a> {
    /// The replica set of the schema's first shard.
    pub replica_set: ReplicaSetId,
    /// The first shard's database: what tells tables of one name apart.
    pub database: &'a str,
    /// The table.
    pub table: &'a str,
    /// What its ids are made of.
    pub kind: IdKind,
    /// What its column holds.
    pub form: IdForm,
}

/// Where all sessions of a process get ids.
#[derive(Debug)]
pub struct Sequences {
    cluster: Arc<Cluster>,
    /// The proxy's own database.
    database: String,
    homes: Mutex<HashMap<ReplicaSetId, Arc<Home>>>,
    leases: Mutex<HashMap<ReplicaSetId, Arc<Lease>>>,
    blocks: Mutex<HashMap<BlocksKey, Arc<Blocks>>>,
    uuids: Uuids,
}

/// Replica set, database, table, and how its blocks are taken.
type BlocksKey = (ReplicaSetId, String, String, IdKind);

impl Sequences {
    /// For these servers; `database` is the proxy's own on each of them. Nothing is asked of them
    /// before the first id is needed.
    pub fn new(cluster: Arc<Cluster>, database: String) -> Arc<Self> {
        Arc::new(Self {
            cluster,
            database,
            homes: Mutex::default(),
            leases: Mutex::default(),
            blocks: Mutex::default(),
            uuids: Uuids::default(),
        })
    }

    /// `count` ids, each greater than the one before it.
    ///
    /// # Errors
    /// See [`SequenceError`].
    pub async fn take(&self, of: IdsOf<'_>, count: usize) -> Result<NewIds, SequenceError> {
        let numbers = u64::try_from(count).unwrap_or(u64::MAX);
        let first = match of.kind {
            IdKind::Snowflake => self.lease(of.replica_set).take(numbers).await?,
            IdKind::Segment { block, start } => {
                let blocks = self.blocks(of, (block, start));
                blocks.take(numbers).await?
            }
            IdKind::UuidV7 => {
                let now = SystemTime::now().duration_since(UNIX_EPOCH);
                let ids = self.uuids.take(now.unwrap_or_default(), count);
                return Ok(NewIds::Uuids(of.form, ids));
            }
        };
        let max = match of.form {
            IdForm::Number { max } => max,
            IdForm::UuidBytes | IdForm::UuidText => 0,
        };
        match first.checked_add(numbers.saturating_sub(1)) {
            Some(last) if last <= max => Ok(NewIds::Numbers(first)),
            _ => Err(SequenceError::Exhausted { max }),
        }
    }

    fn home(&self, replica_set: ReplicaSetId) -> Arc<Home> {
        let mut homes = self.homes.lock();
        let home = homes.entry(replica_set).or_insert_with(|| {
            let cluster = Arc::clone(&self.cluster);
            Arc::new(Home::new(cluster, replica_set, &self.database))
        });
        Arc::clone(home)
    }

    fn lease(&self, replica_set: ReplicaSetId) -> Arc<Lease> {
        let home = self.home(replica_set);
        let mut leases = self.leases.lock();
        let lease = leases
            .entry(replica_set)
            .or_insert_with(|| Lease::new(home));
        Arc::clone(lease)
    }

    fn blocks(&self, of: IdsOf<'_>, (block, start): (u32, u64)) -> Arc<Blocks> {
        let home = self.home(of.replica_set);
        let key = (
            of.replica_set,
            of.database.to_owned(),
            of.table.to_owned(),
            of.kind,
        );
        let mut all = self.blocks.lock();
        let blocks = all.entry(key).or_insert_with(|| {
            let name = (of.database.to_owned(), of.table.to_owned());
            Arc::new(Blocks::new(home, name, (block.into(), start)))
        });
        Arc::clone(blocks)
    }
}
