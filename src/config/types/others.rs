//! Schemas that come and go with the databases of a replica set.

use std::borrow::Cow;
use std::collections::HashSet;

use super::super::defaults::MAX_IDS;
use super::super::limits::Limits;
use super::super::system_schemas::SYSTEM_SCHEMAS;
use super::{Config, ReadPolicy, SchemaConfig, ShardConfig};

/// `[schemas."*"]`: every database of a replica set that nothing else in the file is about is a schema of
/// its own name, with that one shard.
#[derive(Clone, Debug, PartialEq)]
pub struct OtherSchemas {
    /// A position in [`Config::replica_sets`].
    pub replica_set: usize,
    /// Which servers may answer reads.
    pub read: ReadPolicy,
}

impl Config {
    /// What the databases of [`Config::others`] are not called, in lower case: what the servers and the proxy
    /// have for themselves, the schemas of the file, and their shards.
    pub fn taken_names(&self) -> HashSet<String> {
        let own = SYSTEM_SCHEMAS.into_iter();
        let own = own.chain([self.transactions.database.as_str()]);
        let schemas = self.schemas.iter().flat_map(|schema| {
            let shards = schema.shards.iter().map(|shard| shard.database.as_str());
            shards.chain([schema.name.as_str()])
        });
        own.chain(schemas).map(str::to_lowercase).collect()
    }

    /// The same with a schema for each of these databases of the replica set of [`Config::others`]. There are not more schemas than can be numbered.
    pub fn with_databases(&self, databases: &[String]) -> Cow<'_, Self> {
        let Some(others) = self.others.as_ref().filter(|_| !databases.is_empty()) else {
            return Cow::Borrowed(self);
        };
        let shards = self.schemas.iter().map(|schema| schema.shards.len());
        let room = MAX_IDS.saturating_sub(shards.sum());
        let schema = |name: &String| SchemaConfig {
            name: name.clone(),
            shards: vec![ShardConfig {
                replica_set: others.replica_set,
                database: name.clone(),
            }],
            default_shard: 0,
            read: others.read,
            limits: Limits::default(),
            tables: Vec::new(),
        };
        let mut config = self.clone();
        let found = databases.iter().take(room).map(schema);
        config.schemas.extend(found);
        Cow::Owned(config)
    }
}
