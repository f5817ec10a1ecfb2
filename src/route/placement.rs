//! The compiled placement rule of a sharded table: keys → data nodes.

use smallvec::SmallVec;

use super::algorithm::{self, Algorithm, AlgorithmError};
use super::{DataNode, NodeSet, RouteError};
use crate::topology::{
    KeyType, PlacementRule, SchemaId, ShardId, Sharding, Split, SplitBy, Spread, TableId, Topology,
};
use crate::value::KeyValue;

/// Where the rows of one sharded table lie.
#[derive(Debug)]
pub(super) struct Placement {
    pub(super) id: TableId,
    /// `schema.table`, for messages.
    pub(super) table: String,
    /// All nodes: shard by shard where every shard has every table, else table by table.
    nodes: Vec<DataNode>,
    /// How many consecutive nodes a shard has.
    parts: usize,
    /// The columns' names and types.
    pub(super) columns: Vec<Column>,
    /// `None` until the key columns' types were read from a server.
    rules: Option<Rules>,
}

/// A key column.
#[derive(Debug)]
pub(super) struct Column {
    pub(super) name: String,
    pub(super) key_type: Option<KeyType>,
}

/// The algorithms of a table.
#[derive(Debug)]
pub(super) struct Rules {
    first: Rule,
    /// Which table of the shard.
    split: Option<Rule>,
}

/// An algorithm and the key columns that it reads.
#[derive(Debug)]
pub(super) struct Rule {
    pub(super) keys: SmallVec<[usize; 2]>,
    pub(super) algorithm: Box<dyn Algorithm>,
}

/// What a rule's places are among the nodes.
#[derive(Clone, Copy, Debug)]
pub(super) enum Reach {
    /// Each place is a node.
    Node,
    /// Each place is a shard with this many nodes.
    Shard(usize),
    /// Each place is a table that every one of this many shards has, out of that many tables.
    Table { shards: usize, tables: usize },
}

impl Placement {
    pub(super) fn new(
        topology: &Topology,
        id: TableId,
        (schema, table): (SchemaId, &str),
        sharding: &Sharding,
    ) -> Result<Self, RouteError> {
        let schema = topology.schema_by_id(schema).ok_or(RouteError::Stale)?;
        let table = format!("{}.{table}", schema.name);
        let nodes = nodes(&schema.shards, sharding.split.as_ref());
        let rules = match rules(sharding, schema.shards.len()) {
            Ok(rules) => rules,
            Err(source) => return Err(RouteError::Algorithm { table, source }),
        };
        let columns = sharding.keys.iter().map(|key| Column {
            name: key.name.clone(),
            key_type: key.key_type.clone(),
        });
        Ok(Self {
            id,
            table,
            parts: match &sharding.split {
                Some(Split {
                    tables,
                    by: SplitBy::Rule(_),
                    ..
                }) => tables.len(),
                _ => 1,
            },
            nodes,
            columns: columns.collect(),
            rules,
        })
    }

    pub(super) fn nodes(&self) -> &[DataNode] {
        &self.nodes
    }

    /// Whether a rule of its own says which table of a shard a row is in.
    pub(super) fn is_split(&self) -> bool {
        self.parts > 1
    }

    pub(super) fn node(&self, at: usize) -> Result<DataNode, RouteError> {
        self.nodes.get(at).copied().ok_or(RouteError::Stale)
    }

    pub(super) fn rules(&self) -> Result<&Rules, RouteError> {
        self.rules
            .as_ref()
            .ok_or_else(|| RouteError::UnknownColumns {
                table: self.table.clone(),
            })
    }

    /// Every rule with what its places are among the nodes.
    pub(super) fn reaches<'r>(&self, rules: &'r Rules) -> impl Iterator<Item = (&'r Rule, Reach)> {
        let tables = self.parts;
        let shards = self.nodes.len() / tables.max(1);
        let first = match &rules.split {
            None => Reach::Node,
            Some(_) => Reach::Shard(tables),
        };
        let split = rules.split.as_ref();
        let split = split.map(|rule| (rule, Reach::Table { shards, tables }));
        std::iter::once((&rules.first, first)).chain(split)
    }

    /// The node of a row whose key columns have these values.
    pub(super) fn node_of(
        &self,
        rules: &Rules,
        values: &[KeyValue<'_>],
    ) -> Result<usize, RouteError> {
        let place = |rule: &Rule| {
            let placed = rule.place(values);
            placed.map_err(|source| RouteError::Algorithm {
                table: self.table.clone(),
                source,
            })
        };
        let first = place(&rules.first)?;
        match &rules.split {
            None => Ok(first),
            Some(split) => Ok(first * self.parts + place(split)?),
        }
    }
}

impl Rules {
    /// The rule of a table whose shards are not split, if this column is all that it reads.
    pub(super) fn only(&self, key: usize) -> Option<&Rule> {
        let alone = self.split.is_none() && self.first.keys.as_slice() == [key];
        alone.then_some(&self.first)
    }
}

impl Rule {
    /// The place of a row whose key columns have these values.
    pub(super) fn place(&self, values: &[KeyValue<'_>]) -> Result<usize, AlgorithmError> {
        if let ([first], [only]) = (self.keys.as_slice(), values)
            && *first == 0
        {
            return self.algorithm.place(std::slice::from_ref(only));
        }
        let key: SmallVec<[KeyValue<'_>; 2]> = self
            .keys
            .iter()
            .filter_map(|at| values.get(*at).cloned())
            .collect();
        self.algorithm.place(&key)
    }
}

impl Reach {
    /// The nodes of a rule's places.
    pub(super) fn nodes(self, places: NodeSet) -> NodeSet {
        if matches!(places, NodeSet::All) {
            return places;
        }
        match self {
            Self::Node => places,
            Self::Shard(tables) => {
                let nodes = places.positions();
                let nodes = nodes.flat_map(|shard| shard * tables..(shard + 1) * tables);
                NodeSet::from_sorted(nodes.collect())
            }
            Self::Table { shards, tables } => {
                let of = |shard: usize| places.positions().map(move |table| shard * tables + table);
                NodeSet::from_sorted((0..shards).flat_map(of).collect())
            }
        }
    }
}

fn nodes(shards: &[ShardId], split: Option<&Split>) -> Vec<DataNode> {
    let node = |shard: &ShardId, part: usize| DataNode {
        shard: *shard,
        part: u32::try_from(part).unwrap_or(u32::MAX),
    };
    let Some(split) = split else {
        return shards.iter().map(|shard| node(shard, 0)).collect();
    };
    let tables = split.tables.len();
    match split.by {
        SplitBy::Rule(_) => {
            let all = shards.iter();
            all.flat_map(|shard| (0..tables).map(move |part| node(shard, part)))
                .collect()
        }
        SplitBy::Spread(spread) => {
            let at = |part: usize| match spread {
                Spread::Blocks => part * shards.len() / tables,
                Spread::RoundRobin => part % shards.len(),
            };
            let of = |part: usize| shards.get(at(part)).map(|shard| node(shard, part));
            (0..tables).filter_map(of).collect()
        }
    }
}

fn rules(sharding: &Sharding, shards: usize) -> Result<Option<Rules>, AlgorithmError> {
    let split = sharding.split.as_ref();
    let places = match split {
        Some(Split {
            tables,
            by: SplitBy::Spread(_),
            ..
        }) => tables.len(),
        _ => shards,
    };
    let Some(first) = rule(sharding, &sharding.rule, places, None)? else {
        return Ok(None);
    };
    let split = match split {
        Some(Split {
            tables,
            periods,
            by: SplitBy::Rule(by),
        }) => match rule(sharding, by, tables.len(), periods.as_deref())? {
            None => return Ok(None),
            some => some,
        },
        _ => None,
    };
    Ok(Some(Rules { first, split }))
}

/// `None` until the types of the columns that it reads are known.
fn rule(
    sharding: &Sharding,
    rule: &PlacementRule,
    places: usize,
    periods: Option<&[usize]>,
) -> Result<Option<Rule>, AlgorithmError> {
    let types = rule
        .keys
        .iter()
        .map(|at| sharding.keys.get(*at)?.key_type.clone());
    let Some(types) = types.collect::<Option<Vec<KeyType>>>() else {
        return Ok(None);
    };
    let algorithm = match periods {
        None => algorithm::build(&rule.algorithm, places, &types)?,
        Some(periods) => algorithm::build_present(&rule.algorithm, periods, &types)?,
    };
    let keys = rule.keys.iter().copied().collect();
    Ok(Some(Rule { keys, algorithm }))
}
