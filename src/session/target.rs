//! Route → the replica set and database where a statement runs, given what the session holds.

use super::failure::Failure;
use super::planning::variables_elsewhere;
use super::shard_query::Target;
use super::shared::Snapshot;
use super::state::Session;
use crate::config::system_schema;
use crate::error::{ErrorKind, MysqlError, StageError};
use crate::plan::{NamesInRows, PinReason, Plan, PlanError, Unsupported, many_nodes};
use crate::reply::{Names, RowNames, SplitNames};
use crate::route::{DataNode, Route};
use crate::topology::{ReadPolicy, ReplicaSetId, Schema, SchemaId, ShardId, Topology};

/// Where locks by name are: those of sessions in all schemas meet each other.
const LOCKS: ReplicaSetId = ReplicaSetId(0);

impl Session {
    /// Where the statement runs, and on which of the tables that its split tables consist of.
    ///
    /// # Errors
    /// It needs several data nodes, or what it uses lies on another server than its tables.
    pub(super) fn target<'s>(
        &self,
        snapshot: &'s Snapshot,
        plan: &'s Plan,
        route: &Route,
    ) -> Result<(Target<'s>, u32), Failure> {
        let topology = &snapshot.topology;
        let one_of = |node: DataNode| {
            let target = self.node_target(topology, node, plan)?;
            self.check_pin(plan, target)?;
            Ok((target, node.part))
        };
        let target = match route {
            Route::Single(node) | Route::NoMatch(node) => return one_of(*node),
            Route::Many(nodes)
                if plan.one_for_all
                    && let Some(node) = nodes.first() =>
            {
                return one_of(*node);
            }
            Route::All(table)
                if plan.one_for_all
                    && let Some(node) = snapshot.router.nodes(*table).first() =>
            {
                return one_of(*node);
            }
            // Locks by name must meet each other whatever schema their sessions are in.
            Route::Any(Some(_)) if plan.pin == Some(PinReason::UserLock) && !plan.transactional => {
                self.any_server(topology, plan)
            }
            Route::Any(Some(schema)) => self.any_shard(topology, *schema, plan),
            Route::Any(None) => self.any_server(topology, plan),
            Route::Server(replica_set) => self.server(*replica_set, plan),
            Route::Many(nodes) => Err(several(topology, plan, nodes)),
            Route::All(table) => Err(several(topology, plan, snapshot.router.nodes(*table))),
        };
        Ok((target?, 0))
    }

    /// The node of a SELECT that uses what the session holds on another server, where its rows can
    /// be brought to.
    pub(super) fn held_elsewhere<'r>(
        &self,
        snapshot: &Snapshot,
        plan: &Plan,
        route: &'r Route,
    ) -> Option<&'r [DataNode]> {
        let (Route::Single(node) | Route::NoMatch(node)) = route else {
            return None;
        };
        let tied = plan.uses_pinned_state || plan.pin.is_some();
        let carried = plan.carried.is_some();
        if !tied || carried || plan.hints.one_node || plan.gathered().is_none() {
            return None;
        }
        let pinned = self.held.pinned()?;
        let shard = snapshot.topology.shard(node.shard)?;
        (shard.replica_set != pinned).then_some(std::slice::from_ref(node))
    }

    /// A statement that uses what one connection holds must run there.
    fn check_pin(&self, plan: &Plan, target: Target<'_>) -> Result<(), Failure> {
        if plan.transactional && self.locked && !plan.reads_system_tables() {
            self.check_locked(std::iter::once(target.replica_set))?;
        }
        if plan.pin == Some(PinReason::UserLock) && target.replica_set != LOCKS {
            let what = "GET_LOCK() and its like in a statement that runs on another replica set than \
                        the first, where the locks by name of all sessions are: call them in a statement without \
                        tables and subqueries";
            let what = Unsupported::Statement(what.to_owned());
            return Err(Failure::Error(PlanError::from(what).to_mysql()));
        }
        // Nobody knows which variables a routine reads.
        if plan.pin == Some(PinReason::Routine) && self.held.has_variables_off(target.replica_set) {
            return Err(variables_elsewhere());
        }
        let Some(pinned) = self.held.owner().filter(|_| plan.carried.is_none()) else {
            return Ok(());
        };
        let leaves = plan
            .pin
            .is_some_and(|reason| reason != PinReason::CodeVariable);
        if !(plan.uses_pinned_state || leaves) || pinned == target.replica_set {
            return Ok(());
        }
        let pins = self
            .held
            .reasons()
            .filter(|reason| *reason != PinReason::Cursor);
        let reasons: Vec<&str> = pins.map(PinReason::name).collect();
        Err(Failure::Error(MysqlError::new(
            ErrorKind::NotSupportedYet,
            format!(
                "This version of Shardwell doesn't yet support 'a statement that uses {} of the \
                 session on a shard of another replica set'",
                reasons.join(", ")
            ),
        )))
    }

    /// Any shard of the schema: where the session is already, else spread by session.
    fn any_shard<'s>(
        &self,
        topology: &'s Topology,
        schema: SchemaId,
        plan: &'s Plan,
    ) -> Result<Target<'s>, Failure> {
        let schema = schema_of(topology, schema)?;
        let preferred = self.preferred(plan);
        let first_on = |replica_set: Option<ReplicaSetId>| {
            let on = |shard: &ShardId| topology.shard(*shard).map(|shard| shard.replica_set);
            let mut shards = schema.shards.iter().copied();
            shards.find(|shard| on(shard) == replica_set)
        };
        let here = first_on(preferred);
        let spread = || {
            let at = self.handle.id.0 as usize % schema.shards.len().max(1);
            schema.shards.get(at).copied()
        };
        let shard = if plan.pin == Some(PinReason::UserLock) {
            first_on(Some(LOCKS)).or_else(|| schema.shards.first().copied())
        } else {
            here.or_else(spread)
        };
        // All temporary tables of a schema that are on one server are in one database there.
        let shard = match plan.pin {
            Some(PinReason::TemporaryTable) => {
                let found = shard.and_then(|shard| topology.shard(shard));
                found.and_then(|shard| first_on(Some(shard.replica_set)))
            }
            _ => shard,
        };
        let target =
            self.node_target(topology, shard.ok_or_else(MysqlError::stale)?.into(), plan)?;
        self.check_pin(plan, target)?;
        Ok(target)
    }

    fn any_server(&self, topology: &Topology, plan: &Plan) -> Result<Target<'static>, Failure> {
        let servers = topology.replica_sets.len().max(1);
        let spread = u16::try_from(self.handle.id.0 as usize % servers).unwrap_or(0);
        let replica_set = match plan.pin {
            // Locks by name must meet each other: always on the same server.
            Some(PinReason::UserLock) => LOCKS,
            _ => self.preferred(plan).unwrap_or(ReplicaSetId(spread)),
        };
        self.server(replica_set, plan)
    }

    /// No database of the replica set: at most the servers' own one that the session is in.
    fn server(&self, replica_set: ReplicaSetId, plan: &Plan) -> Result<Target<'static>, Failure> {
        let target = Target {
            replica_set,
            shard: None,
            names: self.system_schema(),
            rows: None,
            read: ReadPolicy::Primary,
        };
        self.check_pin(plan, target)?;
        Ok(target)
    }

    /// The replica set where the session's transaction is open, or what it is tied to.
    pub(super) fn preferred(&self, plan: &Plan) -> Option<ReplicaSetId> {
        let pinned = self.held.pinned();
        if plan.uses_pinned_state && pinned.is_some() {
            return pinned;
        }
        self.transaction.open_on().or(pinned)
    }

    fn node_target<'s>(
        &self,
        topology: &'s Topology,
        node: DataNode,
        plan: &'s Plan,
    ) -> Result<Target<'s>, Failure> {
        let mut target = node_target(topology, node, plan)?;
        target.read = plan.read_policy(topology, self.account.read);
        Ok(target)
    }

    /// The servers' own schemas have one name everywhere.
    fn system_schema(&self) -> Option<Names<'static>> {
        let schema = system_schema(self.state.schema.as_deref()?)?;
        Some(Names {
            physical: schema.as_bytes(),
            logical: schema.as_bytes(),
            split: None,
            gathered: &[],
        })
    }
}

pub(super) fn node_target<'s>(
    topology: &'s Topology,
    node: DataNode,
    plan: &'s Plan,
) -> Result<Target<'s>, Failure> {
    let shard = topology.shard(node.shard).ok_or_else(MysqlError::stale)?;
    let schema = schema_of(topology, shard.schema)?;
    let split = SplitNames {
        topology,
        tables: &plan.split,
        part: node.part,
    };
    let names = Names {
        physical: shard.database.as_bytes(),
        logical: schema.name.as_bytes(),
        split: (!plan.split.is_empty()).then_some(split),
        gathered: &[],
    };
    let rows = RowNames {
        names,
        schema,
        places: plan.names_in_rows,
        counted: None,
    };
    let has_names = plan.names_in_rows != NamesInRows::No;
    let differ = shard.database != schema.name || !schema.parts.is_empty() || plan.looks_up.any();
    Ok(Target {
        replica_set: shard.replica_set,
        shard: Some(node.shard),
        names: Some(names),
        rows: (has_names && differ).then_some(rows),
        read: ReadPolicy::Primary,
    })
}

fn schema_of(topology: &Topology, schema: SchemaId) -> Result<&Schema, Failure> {
    Ok(topology
        .schema_by_id(schema)
        .ok_or_else(MysqlError::stale)?)
}

fn several(topology: &Topology, plan: &Plan, nodes: &[DataNode]) -> Failure {
    if plan.hints.one_node {
        let what = Unsupported::ScatterOff(nodes.len());
        return Failure::Error(PlanError::from(what).to_mysql());
    }
    Failure::Error(many_nodes(
        topology,
        plan,
        nodes.iter().map(|node| node.shard),
    ))
}
