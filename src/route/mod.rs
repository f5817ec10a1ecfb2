//! Route: [`Plan`] + literals → [`Route`], the data nodes that a statement needs.
//!
//! In: a plan (which speaks of literals by slot), the digest that found them, the statement's
//! bytes. Out: data nodes.

pub mod algorithm;
mod error;
mod everywhere;
mod gather;
pub mod key;
mod literals;
mod matching;
mod node_set;
mod params;
mod placement;
mod stored;
mod values;
mod variables;

pub use error::RouteError;
pub use everywhere::{NodePart, node_table, quoted};
pub use gather::{TableNodes, finishing_place, finishing_places};
pub use literals::{Given, Literals};
pub use node_set::NodeSet;
pub use params::Params;
pub use variables::{Variable, Variables};

use smallvec::SmallVec;

use crate::plan::{Action, KeyCondition, Move, Only, Plan};
use crate::topology::{ReplicaSetId, SchemaId, ShardId, TableId, TableKind, Topology};
use key::Scalar;
use matching::Matching;
use placement::Placement;

/// A piece of a table: the shard, and which of the tables that the table is split into.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DataNode {
    /// The database.
    pub shard: ShardId,
    /// Position among the split's tables; 0 for a table that is not split.
    pub part: u32,
}

impl From<ShardId> for DataNode {
    fn from(shard: ShardId) -> Self {
        Self { shard, part: 0 }
    }
}

/// The data nodes that a statement needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Route {
    /// Exactly one.
    Single(DataNode),
    /// No node can hold a row that matches; this one will give the empty answer.
    NoMatch(DataNode),
    /// Several, in the table's order, but not all.
    Many(SmallVec<[DataNode; 8]>),
    /// Every node of the table, which has more than one ([`Router::nodes`]).
    All(TableId),
    /// Any one shard of the schema, or any server at all.
    Any(Option<SchemaId>),
    /// The primary of a replica set, and no database.
    Server(ReplicaSetId),
}

/// The compiled placement rules of one topology.
#[derive(Debug)]
pub struct Router {
    /// Indexed by [`TableId`]; `None` for tables that are not sharded.
    placements: Vec<Option<Placement>>,
}

impl Router {
    /// Compiles every table's algorithms.
    ///
    /// # Errors
    /// All algorithms that cannot be built.
    pub fn new(topology: &Topology) -> Result<Self, Vec<(TableId, RouteError)>> {
        let mut errors = Vec::new();
        let mut placements = Vec::with_capacity(topology.tables.len());
        for (table, id) in topology.tables.iter().zip(0..) {
            placements.push(match &table.kind {
                TableKind::Sharded(sharding) => {
                    let name = (table.schema, table.name.as_str());
                    Placement::new(topology, TableId(id), name, sharding)
                        .map_err(|error| errors.push((TableId(id), error)))
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

    /// All data nodes of a sharded table, in order; none of any other table.
    pub fn nodes(&self, table: TableId) -> &[DataNode] {
        self.placement(table).map_or(&[], Placement::nodes)
    }

    /// The data nodes of a route that must be there: not the one that only answers for no rows.
    pub fn routed<'a>(&'a self, route: &'a Route) -> &'a [DataNode] {
        match route {
            Route::Single(node) => std::slice::from_ref(node),
            Route::Many(nodes) => nodes.as_slice(),
            Route::All(table) => self.nodes(*table),
            Route::NoMatch(_) | Route::Any(_) | Route::Server(_) => &[],
        }
    }

    /// Where `plan` goes with these literals. A plan that the session carries out itself needs no
    /// particular server.
    ///
    /// # Errors
    /// The plan is a refusal, or a written key has no certain place.
    pub fn route(&self, plan: &Plan, literals: Literals<'_>) -> Result<Route, RouteError> {
        self.route_with(plan, literals, &Variables::default())
    }

    /// As [`Router::route`], with what is known of the session's user variables.
    ///
    /// # Errors
    /// As [`Router::route`].
    pub fn route_with(
        &self,
        plan: &Plan,
        literals: Literals<'_>,
        variables: &Variables,
    ) -> Result<Route, RouteError> {
        match &plan.action {
            Action::Sharded {
                table, condition, ..
            } => {
                let route = self.condition(*table, condition, literals, variables)?;
                let route = match &plan.hints.only {
                    None => route,
                    Some(only) => self.limited(route, *table, only, condition)?,
                };
                one_for_routines(plan, route)
            }
            Action::Single(shard) => Ok(Route::Single((*shard).into())),
            Action::Copies(shards) => {
                let nodes = shards.iter().map(|shard| DataNode::from(*shard));
                one_for_routines(plan, Route::Many(nodes.collect()))
            }
            Action::Any(schema) => Ok(Route::Any(*schema)),
            Action::OtherSchema(other) => Ok(Route::Server(other.replica_set)),
            Action::Utility(_)
            | Action::Explain { .. }
            | Action::Nothing
            | Action::Everywhere(_)
            | Action::Load(_)
            | Action::Lock(_) => Ok(Route::Any(None)),
            Action::Refuse(error) | Action::Unreadable(error) => {
                Err(RouteError::Refused(error.clone()))
            }
            Action::Generate(generate) => Err(RouteError::Refused(generate.refusal())),
            Action::Move(_) => Err(RouteError::Refused(Move::refusal())),
            Action::Rekey(rekey) => Err(RouteError::Refused(rekey.refusal())),
            Action::Picked(picked) => Err(RouteError::Refused(picked.refusal())),
        }
    }

    /// Where the rows of `table` lie that satisfy `condition`, or that it stores.
    ///
    /// # Errors
    /// A stored key has no certain place, or the key columns' types are not known.
    pub fn route_condition(
        &self,
        table: TableId,
        condition: &KeyCondition,
        literals: Literals<'_>,
    ) -> Result<Route, RouteError> {
        self.condition(table, condition, literals, &Variables::default())
    }

    /// The node of each row that a statement stores in a sharded table, in order; none for what
    /// stores no rows of its own.
    ///
    /// # Errors
    /// As [`Router::route`].
    pub fn rows(&self, plan: &Plan, literals: Literals<'_>) -> Result<Vec<DataNode>, RouteError> {
        let Action::Sharded {
            table,
            condition: KeyCondition::Stored(keys),
            ..
        } = &plan.action
        else {
            return Ok(Vec::new());
        };
        let placement = self.placement(*table).ok_or(RouteError::Stale)?;
        let mut places = Vec::new();
        let rules = placement.rules()?;
        stored::each(placement, rules, (keys, literals), &mut |at| {
            places.push(at);
        })?;
        places.into_iter().map(|at| placement.node(at)).collect()
    }

    /// The data node where a stored row belongs: the texts of the table's key columns in utf8mb4 as
    /// a server writes them, `None` for NULL. `row`: its number, for messages.
    ///
    /// # Errors
    /// The row has no certain place.
    pub fn place(
        &self,
        table: TableId,
        keys: &[Option<&[u8]>],
        row: usize,
    ) -> Result<DataNode, RouteError> {
        let placement = self.placement(table).ok_or(RouteError::Stale)?;
        let at = stored::place(placement, placement.rules()?, keys, row)?;
        placement.node(at)
    }

    /// The data node of a row that is to be stored: the values of the table's key columns as they will
    /// be converted. `row`: its number, for messages.
    ///
    /// # Errors
    /// The row has no certain place.
    pub fn place_scalars(
        &self,
        table: TableId,
        keys: Vec<Scalar<'_>>,
        row: usize,
    ) -> Result<DataNode, RouteError> {
        let placement = self.placement(table).ok_or(RouteError::Stale)?;
        let at = stored::place_scalars(placement, placement.rules()?, keys, row)?;
        placement.node(at)
    }

    fn condition(
        &self,
        table: TableId,
        condition: &KeyCondition,
        literals: Literals<'_>,
        variables: &Variables,
    ) -> Result<Route, RouteError> {
        let placement = self.placement(table).ok_or(RouteError::Stale)?;
        let rules = placement.rules()?;
        let matching = Matching {
            placement,
            rules,
            literals,
            variables,
        };
        if let Some(node) = matching.certain(condition) {
            return placement.node(node).map(Route::Single);
        }
        placement.route(match condition {
            KeyCondition::Stored(keys) => stored::nodes(placement, rules, keys, literals)?,
            condition => matching.nodes(condition)?,
        })
    }

    /// The nodes of a route that some shards have.
    fn limited(
        &self,
        route: Route,
        table: TableId,
        only: &Only,
        condition: &KeyCondition,
    ) -> Result<Route, RouteError> {
        let here = |node: &&DataNode| only.allows(node.shard);
        let all = self.nodes(table);
        let nodes = match &route {
            Route::Single(node) | Route::NoMatch(node) => std::slice::from_ref(node),
            Route::Many(nodes) => nodes.as_slice(),
            Route::All(_) | Route::Any(_) | Route::Server(_) => all,
        };
        let kept: SmallVec<[DataNode; 8]> = nodes.iter().filter(here).copied().collect();
        if matches!(condition, KeyCondition::Stored(_)) && kept.len() < nodes.len() {
            return Err(RouteError::OtherShard);
        }
        match (kept.as_slice(), all.iter().find(here)) {
            ([only], _) if !matches!(route, Route::NoMatch(_)) => Ok(Route::Single(*only)),
            ([] | [_], Some(any)) => Ok(Route::NoMatch(*any)),
            ([] | [_], None) => Err(RouteError::Stale),
            _ => Ok(Route::Many(kept)),
        }
    }

    fn placement(&self, table: TableId) -> Option<&Placement> {
        self.placements.get(table.0 as usize)?.as_ref()
    }
}

/// What a stored function reads is what its own shard has: it runs on one, or not at all.
fn one_for_routines(plan: &Plan, route: Route) -> Result<Route, RouteError> {
    match (&plan.routine, &route) {
        (Some(name), Route::Many(_) | Route::All(_)) => {
            Err(RouteError::ScatteredRoutine(name.clone()))
        }
        _ => Ok(route),
    }
}

impl Placement {
    fn route(&self, set: NodeSet) -> Result<Route, RouteError> {
        let nodes = self.nodes().len();
        Ok(match set {
            NodeSet::One(at) => Route::Single(self.node(at)?),
            NodeSet::Empty => Route::NoMatch(self.node(0)?),
            NodeSet::All if nodes == 1 => Route::Single(self.node(0)?),
            NodeSet::All => Route::All(self.id),
            NodeSet::Some(all) if all.len() == nodes => Route::All(self.id),
            NodeSet::Some(some) => Route::Many(
                some.into_iter()
                    .map(|at| self.node(at))
                    .collect::<Result<_, _>>()?,
            ),
        })
    }
}

#[cfg(test)]
mod tests;
