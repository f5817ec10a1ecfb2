//! What `route` and `hint` of a rule say of where statements go.

use std::fmt;

use xxhash_rust::xxh3::xxh3_128;

/// Takes the place of what a statement's own hint says, item by item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HintRule {
    place: Option<HintPlace>,
    one_node: Option<bool>,
    server: Option<HintServer>,
    key: u128,
}

/// Where a statement may go at most.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HintPlace {
    /// To one shard, `replica_set/database` or the database alone.
    Shard(String),
    /// To the shards of one replica set.
    ReplicaSet(String),
}

/// Which servers may answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HintServer {
    /// The one that takes writes.
    Primary,
    /// A replica may; a statement that none can answer is refused.
    Replica,
    /// A replica may; a statement that none can answer goes where it went before.
    ReplicaIfItCan,
}

impl HintRule {
    /// Says these things; `one_node` is `scatter=off`.
    pub fn new(
        place: Option<HintPlace>,
        one_node: Option<bool>,
        server: Option<HintServer>,
    ) -> Self {
        let mut rule = Self {
            place,
            one_node,
            server,
            key: 0,
        };
        rule.key = xxh3_128(rule.to_string().as_bytes());
        rule
    }

    /// The same, and what another one says of what this one leaves open.
    #[must_use]
    pub fn or(&self, other: &Self) -> Self {
        Self::new(
            self.place.clone().or_else(|| other.place.clone()),
            self.one_node.or(other.one_node),
            self.server.or(other.server),
        )
    }

    /// Where statements may go.
    pub fn place(&self) -> Option<&HintPlace> {
        self.place.as_ref()
    }

    /// Whether more than one data node is an error.
    pub fn one_node(&self) -> Option<bool> {
        self.one_node
    }

    /// Which servers may answer.
    pub fn server(&self) -> Option<HintServer> {
        self.server
    }

    /// Tells the plans of statements under this rule from those of others.
    pub fn key(&self) -> u128 {
        self.key
    }
}

impl fmt::Display for HintRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = self.place.as_ref().map(|place| match place {
            HintPlace::Shard(name) => format!("shard={name}"),
            HintPlace::ReplicaSet(name) => format!("replica_set={name}"),
        });
        let scatter = self.one_node.map(|one| match one {
            true => "scatter=off".to_owned(),
            false => "scatter=on".to_owned(),
        });
        let server = self.server.map(|server| match server {
            HintServer::Primary => "primary".to_owned(),
            HintServer::Replica => "replica".to_owned(),
            HintServer::ReplicaIfItCan => "replica where one can answer".to_owned(),
        });
        let items: Vec<String> = [place, scatter, server].into_iter().flatten().collect();
        f.write_str(&items.join(", "))
    }
}
