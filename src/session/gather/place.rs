//! Where the rows of a statement are, where it finishes, and so which of them must travel.

use std::sync::Arc;

use crate::backend::{StatementKey, Variables};
use crate::error::{MysqlError, StageError};
use crate::execute::gather::{self, Bound, Give, Job, Source, TableJob};
use crate::plan::{
    Gather, Gathered, Plan, PlanError, TemporaryChange, TemporaryTable, Unsupported,
};
use crate::reply::{GatheredName, Names};
use crate::rewrite::{
    self, Filling, GatheredTable, PlacedTable, Places, ReadFrom, Travel, filter_literals,
    filter_text, hints_text, physical,
};
use crate::route::{Literals, Params, TableNodes, finishing_place};
use crate::session::failure::Failure;
use crate::session::prepared::{Bindings, Rebound};
use crate::session::shared::Snapshot;
use crate::session::state::Session;
use crate::session::statement::Statement;
use crate::topology::{ReplicaSetId, ShardId, TableDefinition, Topology};
use crate::wire::OwnParameters;

/// A statement whose tables have their places.
#[derive(Debug)]
pub(super) struct Placed<'s> {
    /// Where it finishes.
    pub replica_set: ReplicaSetId,
    /// The tables.
    pub places: Places<'s>,
    /// What the client calls the database of the tables of gathered rows.
    schema: &'s str,
    /// The client's schema and table of each reference.
    called: Vec<(&'s str, String)>,
    /// What should be known of tables that stay.
    pub probes: Vec<Probe>,
    /// What must travel.
    pub job: Job,
}

impl Placed<'_> {
    /// The shard in whose database the statement makes a table.
    ///
    /// # Errors
    /// The table's schema has no shard there, or the table is in another database already.
    pub fn home_for(
        &self,
        snapshot: &Snapshot,
        plan: &Plan,
        tables: &[TemporaryTable],
    ) -> Result<Option<ShardId>, Failure> {
        let Some(TemporaryChange::Made(schema, name)) = plan.temporary.as_deref() else {
            return Ok(None);
        };
        let fold = snapshot.topology.fold_names;
        let mut others = tables
            .iter()
            .filter(|table| table.is_called(schema, name, fold));
        if others.any(|table| table.shard != self.places.home.name) {
            let what = "making a temporary table anew of rows of several shards; drop it before";
            let error = PlanError::from(Unsupported::Statement(what.to_owned()));
            return Err(Failure::Error(error.to_mysql()));
        }
        let topology = &snapshot.topology;
        let mut shards = topology.shards.iter().zip(0..);
        let home = shards.find(|(shard, _)| std::ptr::eq(*shard, self.places.home));
        let own = topology.schema(schema).map(|(id, _)| id);
        match home.filter(|(shard, _)| Some(shard.schema) == own) {
            Some((_, number)) => Ok(Some(ShardId(number))),
            None => {
                let what = "a temporary table on a replica set where its schema has no shard";
                let error = PlanError::from(Unsupported::Statement(what.to_owned()));
                Err(Failure::Error(error.to_mysql()))
            }
        }
    }

    /// The names of the tables, for the answer.
    pub fn names(&self) -> Vec<GatheredName<'_>> {
        let both = self.places.tables.iter().zip(&self.called);
        both.map(|(table, (schema, name))| GatheredName {
            database: table.database.as_bytes(),
            table: table.table.as_bytes(),
            schema: schema.as_bytes(),
            name: name.as_bytes(),
        })
        .collect()
    }

    /// The same with the database where the statement finishes.
    pub fn target<'a>(&'a self, names: &'a [GatheredName<'a>]) -> Names<'a> {
        Names {
            physical: self.places.home.database.as_bytes(),
            logical: self.schema.as_bytes(),
            split: None,
            gathered: names,
        }
    }
}

/// What a table's rows are locked by where they are read, if by anything.
pub(super) type Lock<'a> = &'a (dyn Fn(&Gathered) -> Option<String> + Sync);

/// What is asked for rows, and where they may stay.
#[derive(Clone, Copy)]
pub(super) struct Asking<'a> {
    pub statement: &'a Statement<'a>,
    pub bindings: Option<&'a Bindings<'a>>,
    pub travel: Travel,
    pub lock: Lock<'a>,
}

impl Session {
    /// Finds the place of each table, and what must travel, for a statement that finishes `at` a
    /// replica set, or where it had best. Those with `few` rows travel even there.
    ///
    /// # Errors
    /// A table's columns are not known, or the plan belongs to another topology.
    pub(super) async fn place<'s>(
        &self,
        snapshot: &'s Snapshot,
        (plan, gather): (&Plan, &Gather),
        asking: Asking<'_>,
        (at, few): (Option<ReplicaSetId>, &[usize]),
    ) -> Result<Placed<'s>, Failure> {
        let Asking {
            statement,
            bindings,
            travel,
            ..
        } = asking;
        let topology = &snapshot.topology;
        let charset = self.state.text.charset;
        let literals = Literals {
            params: bindings.map_or_else(Params::default, |all| all.params(charset)),
            ..statement.literals(charset)
        };
        let nodes = snapshot.router.gathered(topology, gather, literals);
        let nodes = nodes.map_err(|error| Failure::from(&error))?;
        let chosen = || self.finishing_place(plan, topology, &nodes);
        let replica_set = at.or_else(chosen).ok_or_else(MysqlError::stale)?;
        let places = Places::new(topology, gather, &nodes, (replica_set, travel, few));
        let places = places.map_err(|error| Failure::from(&error))?;
        let schema = topology
            .schema_by_id(places.home.schema)
            .ok_or_else(MysqlError::stale)?;
        let mut placed = Placed {
            replica_set,
            places,
            schema: &schema.name,
            called: Vec::new(),
            job: Job::default(),
            probes: Vec::new(),
        };
        let bound = bindings.map(|bindings| self.parameters(bindings, travel));
        for table in &gather.tables {
            let schema = topology
                .schema_by_id(table.schema)
                .ok_or_else(MysqlError::stale)?;
            placed.called.push((&schema.name, called(topology, table)));
        }
        let filling = Filling::new(gather, &nodes, &placed.places.moved);
        placed.job.columns = filling.columns.len();
        for at in &filling.order {
            let (Some(table), Some(nodes)) = (gather.tables.get(*at), nodes.get(*at)) else {
                continue;
            };
            let definition = self.definition(snapshot, table).await?;
            let columns = GatheredTable::new(&definition, table.all_columns, &gather.names);
            let columns = columns.ok_or_else(|| unknown_columns(table))?;
            let asked = (asking, bound.as_ref());
            let mut job = placed.table_job(topology, (*at, table, nodes), &columns, asked)?;
            link(&mut job, *at, &filling, &columns);
            placed.job.tables.push(job);
        }
        if bindings.is_none() && few.is_empty() {
            placed.probes = placed.probes(topology, (gather, &nodes), statement)?;
        }
        Ok(placed)
    }

    /// Where the session has what the statement needs, else where least is under way.
    fn finishing_place(
        &self,
        plan: &Plan,
        topology: &Topology,
        nodes: &[TableNodes],
    ) -> Option<ReplicaSetId> {
        let tied = plan.uses_pinned_state || plan.pin.is_some();
        let kept = self.held.pinned().filter(|_| tied);
        let least = || {
            let running = self.shared.cluster.running();
            finishing_place(topology, nodes, &running, self.handle.id.0 as usize)
        };
        kept.or_else(least)
    }

    fn parameters<'b>(&self, bindings: &'b Bindings<'b>, travel: Travel) -> Parameters<'b> {
        let source = |variables: &Variables| {
            let inside = travel == Travel::All;
            let variables = gather::source_variables(variables, inside);
            self.shared.interner.intern(variables)
        };
        let then = self.variables_then(&bindings.template.settings);
        Parameters {
            bindings,
            then: source(&then),
            now: source(&self.state.variables),
        }
    }

    async fn definition(
        &self,
        snapshot: &Snapshot,
        table: &Gathered,
    ) -> Result<Arc<TableDefinition>, Failure> {
        let id = table.rows.table().ok_or_else(|| unknown_columns(table))?;
        let found = self.shared.refresher.definition(snapshot, id).await;
        let found = found.map_err(|error| Failure::from(&error))?;
        found.ok_or_else(|| unknown_columns(table))
    }
}

impl Placed<'_> {
    /// How many rows there are in tables that stay, and would limit tables that travel.
    fn probes(
        &self,
        topology: &Topology,
        (gather, nodes): (&Gather, &[TableNodes]),
        statement: &Statement<'_>,
    ) -> Result<Vec<Probe>, Failure> {
        let mut probes = Vec::new();
        for (number, (table, nodes)) in gather.tables.iter().zip(nodes).enumerate() {
            let limits = self.places.would_limit(gather, number);
            let here = nodes.whole_on(self.replica_set, topology);
            let Some(node) = here.filter(|_| limits) else {
                continue;
            };
            let from = physical(topology, table, node);
            let from = from.map_err(|error| Failure::from(&error))?;
            let filters = filters(table, statement)?;
            let hints = hints(table, statement)?;
            let from = ReadFrom {
                table: &from,
                alias: &table.alias,
                hints: &hints,
            };
            probes.push(Probe {
                table: number,
                replica_set: self.replica_set,
                sql: rewrite::probe(from, &filters, gather::FEW),
            });
        }
        Ok(probes)
    }

    fn table_job(
        &self,
        topology: &Topology,
        (at, table, nodes): (usize, &Gathered, &TableNodes),
        columns: &GatheredTable<'_>,
        (asking, bound): (Asking<'_>, Option<&Parameters<'_>>),
    ) -> Result<TableJob, Failure> {
        let statement = asking.statement;
        let target: &PlacedTable = self.places.tables.get(at).ok_or_else(MysqlError::stale)?;
        let mut job = TableJob {
            reference: at,
            create: columns.create(target),
            without_unique_keys: columns.without_unique_keys(target),
            insert: columns.insert(target),
            sources: Vec::new(),
            gives: Vec::new(),
            limits: Vec::new(),
            copy: None,
        };
        if let Some(original) = table.copy_of.and_then(|at| self.places.tables.get(at)) {
            job.copy = Some(columns.copy(original, target));
            return Ok(job);
        }
        let filters = filters(table, statement)?;
        let hints = hints(table, statement)?;
        let mut literals = Vec::new();
        for filter in &table.filters {
            let own = filter_literals(filter, statement.digest);
            literals.extend(own.map_err(|error| Failure::from(&error))?);
        }
        let bound = bound.filter(|all| all.bindings.has_placeholder(&literals));
        let some = bound.map(|all| all.bindings.some(literals)).transpose()?;
        let bound = bound.zip(some.map(Shared::from));
        let lock = (asking.lock)(table);
        for node in nodes.asked() {
            let from = physical(topology, table, *node);
            let from = from.map_err(|error| Failure::from(&error))?;
            let shard = topology.shard(node.shard).ok_or_else(MysqlError::stale)?;
            let from = ReadFrom {
                table: &from,
                alias: &table.alias,
                hints: &hints,
            };
            let mut sql = columns.query(from, &filters);
            if let Some(lock) = &lock {
                sql.lock(lock);
            }
            let bound = bound.as_ref().map(|(all, some)| some.of(all, sql.text()));
            job.sources.push((shard.replica_set, Source { sql, bound }));
        }
        Ok(job)
    }
}

/// An execution's parameters, and the variables under which servers read them.
struct Parameters<'a> {
    bindings: &'a Bindings<'a>,
    then: Arc<Variables>,
    now: Arc<Variables>,
}

/// Parameters that the queries for all nodes have.
struct Shared {
    parameters: Arc<OwnParameters>,
    long_data: Arc<Vec<(u16, Vec<u8>)>>,
    types_hash: u128,
}

impl From<Rebound> for Shared {
    fn from(some: Rebound) -> Self {
        Self {
            parameters: Arc::new(some.parameters),
            long_data: Arc::new(some.long_data),
            types_hash: some.types_hash,
        }
    }
}

impl Shared {
    fn of(&self, all: &Parameters<'_>, sql: &[u8]) -> Bound {
        let fresh = all.bindings.key_of(sql);
        Bound {
            key: StatementKey(fresh.0 ^ self.types_hash),
            fresh,
            parameters: Arc::clone(&self.parameters),
            long_data: Arc::clone(&self.long_data),
            then: Arc::clone(&all.then),
            now: Arc::clone(&all.now),
        }
    }
}

/// What limits a table's rows, and what of them limits others.
fn link(job: &mut TableJob, at: usize, filling: &Filling, columns: &GatheredTable<'_>) {
    let own = filling.columns.iter().enumerate();
    let own = own.filter(|(_, (table, _))| *table == at);
    job.gives = own
        .filter_map(|(column, (_, name))| {
            let position = columns.position(name)?;
            Some(Give { column, position })
        })
        .collect();
    job.limits = filling.limits.get(at).cloned().unwrap_or_default();
}

/// The text of a table's index hints.
fn hints(table: &Gathered, statement: &Statement<'_>) -> Result<Vec<u8>, Failure> {
    let text = hints_text(table, statement.sql, statement.digest);
    text.map_err(|error| Failure::from(&error))
}

/// The texts of a table's filters.
fn filters(table: &Gathered, statement: &Statement<'_>) -> Result<Vec<Vec<u8>>, Failure> {
    let text = |filter| filter_text(filter, statement.sql, statement.digest);
    let texts = table.filters.iter().map(text);
    let texts = texts.collect::<Result<Vec<_>, _>>();
    texts.map_err(|error| Failure::from(&error))
}

/// A question for the number of rows of a table that may stay where it is.
#[derive(Debug)]
pub(super) struct Probe {
    /// The reference.
    pub table: usize,
    /// Where it is.
    pub replica_set: ReplicaSetId,
    /// The query, which gives no more rows than are few, and one.
    pub sql: Vec<u8>,
}

/// What answers call the table: as the topology spells it.
fn called(topology: &Topology, table: &Gathered) -> String {
    let known = table.rows.table().and_then(|id| topology.table_by_id(id));
    known.map_or_else(|| table.name.clone(), |table| table.name.clone())
}

fn unknown_columns(table: &Gathered) -> Failure {
    let what = format!(
        "bringing together the rows of '{}', whose columns are not known",
        table.name
    );
    Failure::Error(PlanError::from(Unsupported::Statement(what)).to_mysql())
}
