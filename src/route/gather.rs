//! [`Gather`] + literals → the data nodes of each table, and the place where most of them are.

use std::collections::BTreeMap;

use smallvec::{SmallVec, smallvec};

use super::{DataNode, Literals, Route, RouteError, Router};
use crate::plan::{Gather, Gathered, RowsOf};
use crate::topology::{ReplicaSetId, Topology};

/// The data nodes of a table whose rows may be gathered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableNodes {
    /// Those that hold rows which may matter; of a broadcast table, each has all of them.
    pub all: SmallVec<[DataNode; 8]>,
    /// Any one of them has all rows.
    pub copies: bool,
    /// No row can matter.
    pub none: bool,
}

impl TableNodes {
    fn of(all: SmallVec<[DataNode; 8]>) -> Self {
        Self {
            all,
            copies: false,
            none: false,
        }
    }

    /// The node on a replica set that has all rows there are.
    pub fn whole_on(&self, at: ReplicaSetId, topology: &Topology) -> Option<DataNode> {
        let here = |node: &&DataNode| {
            let shard = topology.shard(node.shard);
            shard.is_some_and(|shard| shard.replica_set == at)
        };
        let alone = self.copies || self.all.len() == 1;
        self.all.iter().find(here).copied().filter(|_| alone)
    }

    /// The nodes that are asked where rows must travel.
    pub fn asked(&self) -> &[DataNode] {
        match self.all.as_slice() {
            _ if self.none => &[],
            [first, ..] if self.copies => std::slice::from_ref(first),
            all => all,
        }
    }
}

impl Router {
    /// The data nodes of every table of a statement that gathers.
    ///
    /// # Errors
    /// The plan is of another topology.
    pub fn gathered(
        &self,
        topology: &Topology,
        gather: &Gather,
        literals: Literals<'_>,
    ) -> Result<Vec<TableNodes>, RouteError> {
        let tables = gather.tables.iter();
        tables
            .map(|table| self.table_nodes(topology, table, literals))
            .collect()
    }

    fn table_nodes(
        &self,
        topology: &Topology,
        table: &Gathered,
        literals: Literals<'_>,
    ) -> Result<TableNodes, RouteError> {
        let (id, condition) = match &table.rows {
            RowsOf::Single { shard, .. } => return Ok(TableNodes::of(smallvec![(*shard).into()])),
            RowsOf::Broadcast(_) => {
                let schema = topology.schema_by_id(table.schema);
                let shards = &schema.ok_or(RouteError::Stale)?.shards;
                return Ok(TableNodes {
                    copies: true,
                    ..TableNodes::of(shards.iter().map(|shard| (*shard).into()).collect())
                });
            }
            RowsOf::Sharded { table, condition } => (*table, condition),
        };
        Ok(match self.route_condition(id, condition, literals)? {
            Route::Single(node) => TableNodes::of(smallvec![node]),
            Route::NoMatch(node) => TableNodes {
                none: true,
                ..TableNodes::of(smallvec![node])
            },
            Route::Many(nodes) => TableNodes::of(nodes),
            Route::All(id) => TableNodes::of(self.nodes(id).iter().copied().collect()),
            Route::Any(_) | Route::Server(_) => return Err(RouteError::Stale),
        })
    }
}

/// Where the statement had best finish: where most tables need not travel; of several such places
/// the one where least is `running`, and of several of these the one that `spread` falls on.
///
/// `running` holds the statements that are under way or wait, by replica set; `None`, or nothing
/// at all: it is not known to be there, so that it is taken only where nothing else is as good.
pub fn finishing_place(
    topology: &Topology,
    tables: &[TableNodes],
    running: &[Option<usize>],
    spread: usize,
) -> Option<ReplicaSetId> {
    let best = finishing_places(topology, tables);
    let load = |at: &ReplicaSetId| {
        let running = running.get(usize::from(at.0)).copied().flatten();
        running.unwrap_or(usize::MAX)
    };
    let least = best.iter().map(load).min()?;
    let idle = || best.iter().filter(|at| load(at) == least);
    let chosen = spread.checked_rem(idle().count())?;
    idle().nth(chosen).copied()
}

/// The replica sets on which the statement may finish with the fewest tables that travel.
pub fn finishing_places(topology: &Topology, tables: &[TableNodes]) -> SmallVec<[ReplicaSetId; 8]> {
    let mut whole: BTreeMap<ReplicaSetId, usize> = BTreeMap::new();
    let nodes = tables.iter().flat_map(|table| &table.all);
    for shard in nodes.filter_map(|node| topology.shard(node.shard)) {
        let at = shard.replica_set;
        let stay = |table: &&TableNodes| table.whole_on(at, topology).is_some();
        whole.insert(at, tables.iter().filter(stay).count());
    }
    let most = whole.values().copied().max();
    let best = whole.iter().filter(|(_, count)| Some(**count) == most);
    best.map(|(at, _)| *at).collect()
}
