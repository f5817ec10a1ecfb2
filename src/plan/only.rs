//! The shards that a hint or a rule leaves to a statement.

use super::resolve::Resolver;
use super::unsupported::PlanError;
use crate::topology::{SchemaId, Shard, ShardId, Topology};

/// Shards, in order; at least one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Only(Box<[ShardId]>);

impl Only {
    /// Whether a shard is among them.
    pub fn allows(&self, shard: ShardId) -> bool {
        self.0.contains(&shard)
    }

    /// Whether all of these are.
    pub fn allows_all(&self, shards: &[ShardId]) -> bool {
        shards.iter().all(|shard| self.allows(*shard))
    }

    /// The shard, where it is only one.
    pub fn shard(&self) -> Option<ShardId> {
        match *self.0 {
            [only] => Some(only),
            _ => None,
        }
    }

    /// Whether a schema has one of them.
    pub(super) fn has_any_of(&self, schema: SchemaId, topology: &Topology) -> bool {
        self.first(topology, |shard| shard.schema == schema)
            .is_some()
    }

    /// The first one of a schema; without one, of the session's schema, else the first of all.
    pub(super) fn any_of(
        &self,
        schema: Option<SchemaId>,
        resolver: Resolver<'_>,
    ) -> Option<ShardId> {
        let of = |schema| self.first(resolver.topology, |shard: &Shard| shard.schema == schema);
        match schema {
            Some(schema) => of(schema),
            None => {
                let here = resolver.current_schema().and_then(of);
                here.or_else(|| self.0.first().copied())
            }
        }
    }

    fn first(&self, topology: &Topology, fits: impl Fn(&Shard) -> bool) -> Option<ShardId> {
        let mut shards = self.0.iter().copied();
        shards.find(|id| topology.shard(*id).is_some_and(&fits))
    }
}

/// A shard by its name, `replica_set/database`, or by its database where only one has it.
///
/// # Errors
/// There is none, or several.
pub(super) fn shard(name: &str, resolver: Resolver<'_>) -> Result<Only, PlanError> {
    let name = unquoted(name);
    let found = match shards(resolver, |shard| shard.name == name).as_slice() {
        [] => shards(resolver, |shard| shard.database == name),
        whole => whole.to_vec(),
    };
    match found.as_slice() {
        [only] => Ok(Only(Box::new([*only]))),
        [] => Err(PlanError::Hint(format!(
            "'shard={name}': there is no such shard"
        ))),
        _ => Err(PlanError::Hint(format!(
            "'shard={name}': several shards have this database; write replica_set/database"
        ))),
    }
}

/// The shards of a replica set.
///
/// # Errors
/// There is no such set, or no shard on it.
pub(super) fn replica_set(name: &str, resolver: Resolver<'_>) -> Result<Only, PlanError> {
    let name = unquoted(name);
    let set = |shard: &Shard| resolver.topology.replica_set(shard.replica_set);
    let found = shards(resolver, |shard| {
        set(shard).is_some_and(|set| set.name == name)
    });
    match found.is_empty() {
        true => Err(PlanError::Hint(format!(
            "'replica_set={name}': there is no such replica set, or no shard on it"
        ))),
        false => Ok(Only(found.into())),
    }
}

fn unquoted(name: &str) -> &str {
    name.trim_matches(|quote| matches!(quote, '\'' | '"' | '`'))
}

fn shards(resolver: Resolver<'_>, fits: impl Fn(&Shard) -> bool) -> Vec<ShardId> {
    let shards = resolver.topology.shards.iter().zip(0..);
    let found = shards.filter(|(shard, _)| fits(shard));
    found.map(|(_, id)| ShardId(id)).collect()
}
