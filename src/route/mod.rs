//! Route: [`Plan`] + literals → [`Route`], the shards that a statement needs.
//!
//! In: a plan (which speaks of literals by slot), the digest that found them, the statement's
//! bytes. Out: shards. A condition is set algebra over shards: equality gives one, AND intersects,
//! OR unites, and whatever is not certain is every shard.

pub mod algorithm;
mod error;
pub mod key;
mod literals;
mod shard_set;

pub use error::RouteError;
pub use literals::Literals;
pub use shard_set::ShardSet;

use smallvec::SmallVec;

use crate::parse::{Literal, Slot};
use crate::plan::{Action, KeyCondition, Plan};
use crate::topology::{KeyType, SchemaId, ShardId, Sharding, TableId, TableKind, Topology};
use crate::value::KeyValue;
use algorithm::Algorithm;
use key::{Canonical, Usage, canonical};

/// The shards that a statement needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Route {
    /// Exactly one.
    Single(ShardId),
    /// No shard can hold a row that matches; this one will give the empty answer.
    NoMatch(ShardId),
    /// Several, in the schema's order, but not all.
    Many(SmallVec<[ShardId; 8]>),
    /// Every shard of the schema, which has more than one.
    All(SchemaId),
    /// Any one shard of the schema, or any server at all.
    Any(Option<SchemaId>),
}

/// The compiled placement rules of one topology.
#[derive(Debug)]
pub struct Router {
    /// Indexed by [`TableId`]; `None` for tables that are not sharded.
    placements: Vec<Option<Placement>>,
}

/// Where the rows of one sharded table lie.
#[derive(Debug)]
struct Placement {
    /// `schema.table`, for messages.
    table: String,
    column: String,
    schema: SchemaId,
    shards: Vec<ShardId>,
    /// `None` until the key column's type was read from a server.
    rule: Option<Rule>,
}

#[derive(Debug)]
struct Rule {
    key_type: KeyType,
    algorithm: Box<dyn Algorithm>,
}

impl Router {
    /// Compiles every table's algorithm.
    ///
    /// # Errors
    /// All algorithms that cannot be built.
    pub fn new(topology: &Topology) -> Result<Self, Vec<RouteError>> {
        let mut errors = Vec::new();
        let mut placements = Vec::with_capacity(topology.tables.len());
        for table in &topology.tables {
            placements.push(match &table.kind {
                TableKind::Sharded(sharding) => {
                    place(topology, table.schema, &table.name, sharding)
                        .map_err(|error| errors.push(error))
                        .ok()
                }
                TableKind::Broadcast | TableKind::Single(_) | TableKind::Refused { .. } => None,
            });
        }
        if errors.is_empty() {
            Ok(Self { placements })
        } else {
            Err(errors)
        }
    }

    /// Where `plan` goes with these literals. A plan that the session carries out itself needs no
    /// particular server.
    ///
    /// # Errors
    /// The plan is a refusal, or a written key has no certain place.
    pub fn route(&self, plan: &Plan, literals: Literals<'_>) -> Result<Route, RouteError> {
        match &plan.action {
            Action::Sharded {
                table, condition, ..
            } => self.route_condition(*table, condition, literals),
            Action::Single(shard) => Ok(Route::Single(*shard)),
            Action::Any(schema) => Ok(Route::Any(*schema)),
            Action::Utility(_) | Action::Nothing => Ok(Route::Any(None)),
            Action::Refuse(error) | Action::Unreadable(error) => {
                Err(RouteError::Refused(error.clone()))
            }
        }
    }

    /// Where the rows of `table` lie that satisfy `condition`, or that it stores.
    ///
    /// # Errors
    /// A stored key has no certain place, or the key column's type is not known.
    pub fn route_condition(
        &self,
        table: TableId,
        condition: &KeyCondition,
        literals: Literals<'_>,
    ) -> Result<Route, RouteError> {
        let placement = self
            .placements
            .get(table.0 as usize)
            .and_then(Option::as_ref);
        let placement = placement.ok_or(RouteError::Stale)?;
        let rule = placement.rule()?;
        placement.route(match condition {
            KeyCondition::Equal(slot) => rule.equal(*slot, literals)?,
            KeyCondition::Stored(slots) => placement.stored(rule, slots, literals)?,
            other => rule.matching(other, literals)?,
        })
    }
}

fn place(
    topology: &Topology,
    schema: SchemaId,
    table: &str,
    sharding: &Sharding,
) -> Result<Placement, RouteError> {
    let schema_of = topology
        .schemas
        .get(usize::from(schema.0))
        .ok_or(RouteError::Stale)?;
    let table = format!("{}.{table}", schema_of.name);
    let rule = match &sharding.key_type {
        None => None,
        Some(key_type) => {
            match algorithm::build(&sharding.algorithm, schema_of.shards.len(), key_type) {
                Ok(algorithm) => Some(Rule {
                    key_type: key_type.clone(),
                    algorithm,
                }),
                Err(source) => return Err(RouteError::Algorithm { table, source }),
            }
        }
    };
    Ok(Placement {
        table,
        column: sharding.key.clone(),
        schema,
        shards: schema_of.shards.clone(),
        rule,
    })
}

impl Placement {
    fn rule(&self) -> Result<&Rule, RouteError> {
        self.rule
            .as_ref()
            .ok_or_else(|| RouteError::UnknownColumns {
                table: self.table.clone(),
            })
    }

    fn route(&self, set: ShardSet) -> Result<Route, RouteError> {
        Ok(match set {
            ShardSet::One(at) => Route::Single(self.shard(at)?),
            ShardSet::Empty => Route::NoMatch(self.shard(0)?),
            ShardSet::All if self.shards.len() == 1 => Route::Single(self.shard(0)?),
            ShardSet::All => Route::All(self.schema),
            ShardSet::Some(all) if all.len() == self.shards.len() => Route::All(self.schema),
            ShardSet::Some(some) => Route::Many(
                some.into_iter()
                    .map(|at| self.shard(at))
                    .collect::<Result<_, _>>()?,
            ),
        })
    }

    fn shard(&self, at: usize) -> Result<ShardId, RouteError> {
        self.shards.get(at).copied().ok_or(RouteError::Stale)
    }

    /// The shards that the rows of an INSERT go to.
    fn stored(
        &self,
        rule: &Rule,
        slots: &[Slot],
        literals: Literals<'_>,
    ) -> Result<ShardSet, RouteError> {
        let mut set = ShardSet::Empty;
        let mut row = 0;
        for slot in slots {
            for literal in literals.of(*slot)? {
                row += 1;
                set.insert(self.stored_row(rule, literal, row, literals)?);
            }
        }
        Ok(set)
    }

    fn stored_row(
        &self,
        rule: &Rule,
        literal: &Literal,
        row: usize,
        literals: Literals<'_>,
    ) -> Result<usize, RouteError> {
        let column = || self.column.clone();
        let read = |usage| {
            canonical(
                literal,
                literals.text,
                &rule.key_type,
                usage,
                literals.context,
            )
        };
        match read(Usage::Store) {
            Ok(Canonical::Value(key)) => rule.algorithm.shard(&key).map_err(|source| {
                let table = self.table.clone();
                RouteError::Algorithm { table, source }
            }),
            Ok(_) => Err(RouteError::NullKey { column: column() }),
            Err(source) => Err(RouteError::Key {
                column: column(),
                row,
                source,
            }),
        }
    }
}

impl Rule {
    /// The shards that may hold rows for which the condition holds.
    fn matching(
        &self,
        condition: &KeyCondition,
        literals: Literals<'_>,
    ) -> Result<ShardSet, RouteError> {
        Ok(match condition {
            KeyCondition::Equal(slot) => self.equal(*slot, literals)?,
            KeyCondition::In(slots) => {
                let mut set = ShardSet::Empty;
                for slot in slots {
                    for literal in literals.of(*slot)? {
                        set = set.or(self.shards_of(literal, literals));
                    }
                }
                set
            }
            KeyCondition::And(all) => {
                let mut set = ShardSet::All;
                for condition in all {
                    set = set.and(self.matching(condition, literals)?);
                }
                set
            }
            KeyCondition::Or(any) => {
                let mut set = ShardSet::Empty;
                for condition in any {
                    set = set.or(self.matching(condition, literals)?);
                }
                set
            }
            KeyCondition::Never => ShardSet::Empty,
            KeyCondition::Stored(_) | KeyCondition::Unknown => ShardSet::All,
        })
    }

    fn equal(&self, slot: Slot, literals: Literals<'_>) -> Result<ShardSet, RouteError> {
        let mut set = ShardSet::Empty;
        for literal in literals.of(slot)? {
            set = set.or(self.shards_of(literal, literals));
        }
        Ok(set)
    }

    fn shards_of(&self, literal: &Literal, literals: Literals<'_>) -> ShardSet {
        let (text, context) = (literals.text, literals.context);
        let read = canonical(literal, text, &self.key_type, Usage::Compare, context);
        match read {
            Ok(Canonical::Value(key)) => self.shard_of(&key),
            Ok(Canonical::Null | Canonical::NoMatch) => ShardSet::Empty,
            Ok(Canonical::Unsure) | Err(_) => ShardSet::All,
        }
    }

    /// A value that the algorithm has no place for may still lie anywhere.
    fn shard_of(&self, key: &KeyValue<'_>) -> ShardSet {
        match self.algorithm.shard(key) {
            Ok(at) => ShardSet::One(at),
            Err(_) => ShardSet::All,
        }
    }
}

#[cfg(test)]
mod tests;
