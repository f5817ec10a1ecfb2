//! How a sharded table's rows are placed.

use super::split_parts::SplitParts;
use super::{AlgorithmSpec, Generated, KeyType, Spread};
use crate::config::{SplitConfig, SplitRule};

/// The placement of a sharded table.
#[derive(Debug)]
pub struct Sharding {
    /// The columns that decide where a row lies, without repetition.
    pub keys: Vec<KeyColumn>,
    /// Gives the shard, or, where [`SplitBy::Spread`] says so, the table.
    pub rule: PlacementRule,
    /// The tables that it consists of on the shards, where they are several.
    pub split: Option<Split>,
    /// All columns in their order in the table, lower case, for INSERT without a column list;
    /// `None` until they were read from a server.
    pub columns: Option<Vec<String>>,
    /// Tables with the same group are sharded alike: equal keys share a data node.
    pub binding_group: u32,
    /// What gives its rows their ids.
    pub generate: Option<Generated>,
}

/// A column that decides where a row lies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyColumn {
    /// Lower case.
    pub name: String,
    /// `None` until it was read from a server.
    pub key_type: Option<KeyType>,
}

/// An algorithm and what it reads.
#[derive(Clone, Debug, PartialEq)]
pub struct PlacementRule {
    /// Positions in [`Sharding::keys`], in the order in which the algorithm takes them.
    pub keys: Vec<usize>,
    /// The algorithm by name, with its parameters.
    pub algorithm: AlgorithmSpec,
}

/// A table that is several tables inside its databases.
#[derive(Clone, Debug, PartialEq)]
pub struct Split {
    /// Their names on the servers, at least one, in the order of their places.
    pub tables: Vec<String>,
    /// Tables by period: the number of each one's period, ascending.
    pub periods: Option<Vec<usize>>,
    /// Which of them a row is in, and on which shards they are.
    pub by: SplitBy,
}

/// Which table of a split a row is in.
#[derive(Clone, Debug, PartialEq)]
pub enum SplitBy {
    /// Every shard has all of them; this rule says which one.
    Rule(PlacementRule),
    /// Each is on one shard; the table's own rule says which one.
    Spread(Spread),
}

impl Sharding {
    /// The placement that is configured; what the key columns are is not known yet.
    pub(super) fn new(
        (key, algorithm): (&[String], AlgorithmSpec),
        split: Option<(&SplitConfig, SplitParts)>,
        binding_group: u32,
    ) -> Self {
        let mut keys = Vec::new();
        let rule = PlacementRule {
            keys: positions(key, &mut keys),
            algorithm,
        };
        let split = split.map(|(split, parts)| Split {
            tables: parts.tables,
            periods: parts.periods,
            by: match &split.by {
                SplitRule::Key { key, algorithm } => SplitBy::Rule(PlacementRule {
                    keys: positions(key, &mut keys),
                    algorithm: algorithm.clone(),
                }),
                SplitRule::Spread(spread) => SplitBy::Spread(*spread),
            },
        });
        Self {
            keys,
            rule,
            split,
            columns: None,
            binding_group,
            generate: None,
        }
    }

    /// The position of a key column, by its name in any case.
    pub fn key(&self, column: &str) -> Option<usize> {
        self.keys
            .iter()
            .position(|key| key.name.eq_ignore_ascii_case(column))
    }

    /// What a rule reads and how it places, in words: `by tenant_id and user_id, hash_mod`.
    pub fn rule_text(&self, rule: &PlacementRule) -> String {
        let names = rule.keys.iter().filter_map(|at| self.keys.get(*at));
        let names: Vec<&str> = names.map(|key| key.name.as_str()).collect();
        format!("by {}, {}", names.join(" and "), rule.algorithm.name)
    }

    /// The key columns for messages: `tenant_id, user_id`.
    pub fn key_names(&self) -> String {
        let names: Vec<&str> = self.keys.iter().map(|key| key.name.as_str()).collect();
        names.join(", ")
    }

    /// The table's name on the servers, where it is not the table's own: of the split's table
    /// `part`.
    pub fn physical_name(&self, part: u32) -> Option<&str> {
        let split = self.split.as_ref()?;
        split.tables.get(part as usize).map(String::as_str)
    }

    /// Whether the tables of both are split into equally many, by equal rules.
    pub fn split_like(&self, other: &Self) -> bool {
        match (&self.split, &other.split) {
            (None, None) => true,
            (Some(mine), Some(theirs)) => {
                mine.tables.len() == theirs.tables.len()
                    && mine.periods == theirs.periods
                    && mine.by == theirs.by
            }
            _ => false,
        }
    }
}

/// The positions of columns among the keys; those that are not there are added.
fn positions(columns: &[String], keys: &mut Vec<KeyColumn>) -> Vec<usize> {
    let mut position = |column: &String| {
        let name = column.to_lowercase();
        let found = keys.iter().position(|key| key.name == name);
        found.unwrap_or_else(|| {
            keys.push(KeyColumn {
                name,
                key_type: None,
            });
            keys.len() - 1
        })
    };
    columns.iter().map(&mut position).collect()
}
