//! What one shard is asked, and where.

use super::prepared::ShardExecute;
use super::request::Request;
use crate::plan::{Access, Carried, LooksUp, NamesInRows, PinReason, Plan};
use crate::reply::{Counted, CountedRows, InsertIds, Names, RowNames};
use crate::rewrite::LookedUp;
use crate::telemetry::Verb;
use crate::topology::{ReadPolicy, ReplicaSetId, ShardId, Topology};

/// Where a statement runs.
#[derive(Clone, Copy, Debug)]
pub(super) struct Target<'a> {
    /// The replica set.
    pub replica_set: ReplicaSetId,
    /// The shard; `None`: no schema is involved.
    pub shard: Option<ShardId>,
    /// The shard's database, and what the client calls it; `None`: no schema is involved.
    pub names: Option<Names<'a>>,
    /// How its rows change.
    pub rows: Option<RowNames<'a>>,
    /// Which of the replica set's servers may answer.
    pub read: ReadPolicy,
}

impl<'a> Target<'a> {
    /// Has what was counted on all shards stand in the rows of a SHOW.
    pub fn show_counted(
        &mut self,
        looked_up: Option<&'a LookedUp>,
        plan: &Plan,
        topology: &Topology,
    ) {
        let of = match (plan.names_in_rows, plan.looks_up) {
            (NamesInRows::No, _) => return,
            (_, LooksUp { tables: true, .. }) => CountedRows::Tables,
            (_, LooksUp { indexes: true, .. }) => CountedRows::Indexes,
            _ => return,
        };
        let shard = self.shard.and_then(|shard| topology.shard(shard));
        if let (Some(found), Some(shard), Some(rows)) = (looked_up, shard, &mut self.rows) {
            rows.counted = Some(Counted {
                counters: &found.counters,
                schema: shard.schema,
                of,
            });
        }
    }

    /// The shard's database; `None`: no schema is involved.
    pub fn database(&self) -> Option<&'a str> {
        std::str::from_utf8(self.names?.physical).ok()
    }
}

/// What is run.
#[derive(Clone, Copy, Debug)]
pub(super) struct ShardQuery<'a> {
    /// The command for the server.
    pub request: Request<'a>,
    /// It says of every table where it is: the connection's current database does not matter.
    pub qualified: bool,
    /// It changes nothing, so that it may run again if the connection breaks.
    pub read_only: bool,
    /// It belongs to the client's transaction: one that is only requested begins with it.
    pub transactional: bool,
    /// LAST_INSERT_ID() must be the session's.
    pub needs_last_insert_id: bool,
    /// What LAST_INSERT_ID() and FOUND_ROWS() give afterwards must be asked.
    pub leaves_counts: bool,
    /// It is a CALL: something follows whatever rows it gives.
    pub calls: bool,
    /// What it leaves on its connection.
    pub pin: Option<PinReason>,
    /// It sees what the session left there, and nothing of other sessions.
    pub uses_pinned_state: bool,
    /// Which user variables it needs wherever it runs.
    pub variables: Lent<'a>,
    /// The ids that the proxy gave its rows.
    pub ids: Option<&'a InsertIds>,
}

/// User variables of the session where it does not keep them.
#[derive(Clone, Copy, Debug, Default)]
pub(super) enum Lent<'a> {
    /// None are needed.
    #[default]
    Nothing,
    /// These are.
    Needed(&'a Carried),
    /// The SET that gives them.
    Set(&'a Carried, &'a [u8]),
}

impl<'a> Lent<'a> {
    /// What a plan's statement needs.
    pub fn of(plan: &'a Plan) -> Self {
        plan.carried.as_deref().map_or(Self::Nothing, Self::Needed)
    }
}

impl ShardQuery<'static> {
    /// A question of the proxy's own, whose texts are said elsewhere; no database need be current.
    pub const OWN: Self = Self {
        request: Request::Query {
            sql: b"",
            attributes: b"",
        },
        qualified: true,
        read_only: true,
        transactional: false,
        needs_last_insert_id: false,
        leaves_counts: false,
        calls: false,
        pin: None,
        uses_pinned_state: false,
        variables: Lent::Nothing,
        ids: None,
    };
}

impl<'a> ShardQuery<'a> {
    /// A write whose parts have texts of their own.
    pub fn of_write(plan: &'a Plan, attributes: &'a [u8], qualified: bool) -> Self {
        let sql = b"";
        Self {
            request: Request::Query { sql, attributes },
            qualified,
            read_only: false,
            transactional: true,
            needs_last_insert_id: plan.needs_last_insert_id,
            pin: plan.pin.filter(|reason| *reason == PinReason::CodeVariable),
            variables: Lent::of(plan),
            ..ShardQuery::OWN
        }
    }

    /// The execution and the client's number of its statement, where a cursor is wanted.
    pub fn wants_cursor(&self) -> Option<(&'a ShardExecute<'a>, u32)> {
        match self.request {
            Request::Execute(execute) => Some((execute, execute.cursor?)),
            _ => None,
        }
    }

    /// The same where its variables have been brought to: what it leaves there is brought back.
    pub fn lending(self, carried: &'a Carried, set: &'a [u8]) -> Self {
        Self {
            variables: Lent::Set(carried, set),
            pin: None,
            ..self
        }
    }

    /// The same with what is lent, where something is.
    pub fn with_lent(self, lent: Option<&'a (&'a Carried, Vec<u8>)>) -> Self {
        match lent {
            Some((carried, set)) => self.lending(carried, set),
            None => self,
        }
    }

    /// Whether variables get other values where the session does not keep them.
    pub fn assigns_elsewhere(&self) -> bool {
        matches!(self.variables, Lent::Set(carried, _) if carried.assigns)
    }

    /// Whether it may run on a connection that the session keeps for open cursors, to have its own
    /// there, too.
    pub fn may_run_beside(&self) -> bool {
        self.wants_cursor().is_some() && self.pin.is_none() && !self.uses_pinned_state
    }

    /// A plan's statement, as `request` says it to the server.
    pub fn of(plan: &'a Plan, request: Request<'a>) -> Self {
        Self {
            request,
            qualified: plan.qualified,
            read_only: plan.access == Access::Read,
            transactional: plan.transactional,
            needs_last_insert_id: plan.needs_last_insert_id,
            leaves_counts: plan.leaves_counts,
            calls: plan.verb == Verb::Call,
            pin: plan.pin,
            uses_pinned_state: plan.uses_pinned_state,
            variables: Lent::of(plan),
            ids: None,
        }
    }
}
