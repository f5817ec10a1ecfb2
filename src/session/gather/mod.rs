//! A SELECT whose rows come together on one server, which finishes it.
//!
//! Its tables are found (`place`), their rows are brought to temporary tables on a connection of the
//! session's own, the statement runs there like any other, and the tables are dropped again.

mod inside;
mod kept;
mod parameters;
mod place;
mod turns;

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::OwnedSemaphorePermit;

use super::acquire::unless_gone;
use super::command_phase::End;
use super::connection_phase::wants_found_rows;
use super::failure::{Failure, interrupted};
use super::held::Backend;
use super::lost::Ties;
use super::prepared::{Bindings, ShardText, Template};
use super::request::Request;
use super::shard_query::{ShardQuery, Target};
use super::shared::Snapshot;
use super::state::Session;
use super::statement::Statement;
use crate::backend::{BackendError, Wanted};
use crate::error::{MysqlError, StageError};
use crate::execute::gather::{self, GatherError, Job, Means, Moved, Own, Running};
use crate::execute::scatter::{Lane, stop};
use crate::execute::{Stop, Summary};
use crate::net::{Interest, PacketStream, Signal, Watch};
use crate::parse::DigestSeed;
use crate::plan::{Gather, Plan};
use crate::reply::Names;
use crate::rewrite::{self, Travel, Values};
use crate::topology::{ReadPolicy, ReplicaSetId};
use crate::wire::StatusFlags;
pub(super) use kept::Keeping;
use parameters::Parameters;
use place::{Asking, Placed, Probe};
pub use turns::Turns;

/// A database of every server in which nothing of the client's lies: a table that were overlooked
/// would not be found, rather than be read on one shard alone.
const NOWHERE: &str = "information_schema";

/// How the client asks.
#[derive(Clone, Copy)]
pub(super) enum Asked<'a> {
    /// By the statement's text.
    Text,
    /// What the statement's answer would look like, under a number.
    Prepare(&'a Template, u32),
    /// By the number of what it has prepared.
    Execute(&'a Bindings<'a>),
}

impl<'a> Asked<'a> {
    fn bindings(self) -> Option<&'a Bindings<'a>> {
        match self {
            Self::Execute(bindings) => Some(bindings),
            Self::Text | Self::Prepare(..) => None,
        }
    }

    /// The text that finishes, where it is prepared.
    fn text(self, sql: &[u8], seed: DigestSeed) -> Option<Arc<ShardText>> {
        let template = match self {
            Self::Text => return None,
            Self::Prepare(template, _) => template,
            Self::Execute(bindings) => bindings.template,
        };
        Some(ShardText::new(sql, None, &template.settings, seed))
    }
}

impl Session {
    /// Brings the rows together and runs the statement on them, or has a server say what running
    /// it would give.
    pub(super) async fn gather(
        &mut self,
        snapshot: &Snapshot,
        (plan, gathered): (&Plan, &Gather),
        (statement, asked): (&Statement<'_>, Asked<'_>),
    ) -> Result<Summary, Failure> {
        self.check_gathers()?;
        let inside = self.is_inside(plan)?;
        let parameters = Parameters::of(gathered, statement, asked)?;
        let _turn = self.turn().await?;
        self.meter.trace.work("gather");
        let travel = Travel::of_transaction(inside);
        let from = Asking {
            statement,
            bindings: asked.bindings(),
            travel,
            lock: &|table| table.lock.clone(),
        };
        let mut placed = self.place_well(snapshot, (plan, gathered), from).await?;
        if matches!(asked, Asked::Prepare(..)) {
            placed.job.without_rows();
        }
        let shard = placed.home_for(snapshot, plan, &self.temporary)?;
        let names = placed.names();
        let target = target(placed.replica_set, Some(placed.target(&names)));
        let mut room = std::mem::take(&mut self.spliced);
        let sql = self.finishing(snapshot, gathered, statement, &placed, &mut room)?;
        let text = asked.text(sql, self.shared.seed);
        let rebound = parameters.rebound(asked)?;
        let execute = text.as_deref().zip(asked.bindings());
        let execute = execute.map(|(text, all)| all.on_shard(text).with(rebound.as_ref()));
        let hidden = &parameters.hidden();
        let request = match (asked, &execute, &text) {
            (_, Some(execute), _) => Request::Execute(execute),
            (Asked::Prepare(_, number), _, Some(text)) => Request::prepare(text, number, hidden),
            _ => Request::Query {
                sql,
                attributes: statement.attributes,
            },
        };
        let lent = self.lent_inside(plan, inside).await?;
        let query = query(plan, request, inside).with_lent(lent.as_ref());
        let mut backend = self.finisher(&target, &query, inside).await?;
        let brought = match inside {
            true => self.bring_inside(&placed.job, &mut backend).await,
            false => self.bring(&placed.job, &mut backend, &mut []).await,
        };
        if let Err(mut failure) = brought {
            if let Failure::Error(error) = &mut failure {
                placed.target(&names).fix_error(error);
            }
            return Err(self.give_up(backend, &placed, failure).await);
        }
        let summary = self
            .finish(backend, (&target, &query), &placed, statement)
            .await?;
        if !matches!(asked, Asked::Prepare(..)) {
            self.note_gathered(&placed.job);
        }
        self.keep_spliced(room);
        if !matches!(asked, Asked::Prepare(..)) {
            self.note_temporary((snapshot, plan), shard, &summary);
        }
        Ok(summary)
    }

    /// Counts a statement whose rows were brought together.
    fn note_gathered(&mut self, job: &Job) {
        let sources = job.tables.iter().map(|table| table.sources.len());
        let gathers = &self.shared.metrics.gathers;
        self.meter.worked(gathers, sources.sum());
    }

    /// Waits for the right to bring rows together.
    async fn turn(&self) -> Result<Option<OwnedSemaphorePermit>, Failure> {
        let turn = self.shared.gathers.next();
        let limit = self.shared.limits.statement;
        let turn = self.handle.watch.guard(limit, Interest::STATEMENT, turn);
        turn.await.map_err(ended)
    }

    /// Fills the tables from the transaction's own connections.
    async fn bring_inside(&mut self, job: &Job, backend: &mut Backend) -> Result<Moved, Failure> {
        let mut workers = self.own_sources(job).await?;
        let mut own = inside::lanes(&mut workers);
        let brought = self.bring(job, backend, &mut own).await;
        let mut lanes: Vec<Lane<'_>> = own.into_iter().map(|own| own.lane).collect();
        if brought.is_err() {
            stop(&mut lanes).await;
        }
        let statuses = lanes.iter().map(Lane::status).collect();
        drop(lanes);
        let (brought, moved) = match brought {
            Ok(moved) => (Ok(()), moved),
            Err(failure) => (Err(failure), Moved::default()),
        };
        let returned = self.return_sources(workers, statuses, brought).await;
        returned.map(|()| moved)
    }

    /// The statement's text on the tables where they are.
    fn finishing<'s>(
        &self,
        snapshot: &Snapshot,
        gathered: &Gather,
        statement: &Statement<'s>,
        placed: &Placed<'_>,
        room: &'s mut Vec<u8>,
    ) -> Result<&'s [u8], Failure> {
        let values = Values {
            database: placed.places.home.database.as_bytes(),
            part: 0,
            gathered: &placed.places.tables,
            topology: &snapshot.topology,
            schema: self.state.schema.as_deref(),
            connection_id: self.handle.id.0,
            client: self.own_name(),
            row_count: self.state.row_count,
            found_rows: self.state.found.value(),
            conditions: (self.diagnostics.count(), self.diagnostics.errors()),
            looked_up: None,
            repeated: &[],
            mariadb: false,
            access: None,
        };
        let (sql, digest) = (statement.sql, statement.digest);
        rewrite::splice(sql, statement.start, digest, &gathered.edits, &values, room)
            .map_err(|error| Failure::from(&error))
    }

    /// The connection on which the statement finishes.
    async fn finisher(
        &mut self,
        target: &Target<'_>,
        query: &ShardQuery<'_>,
        inside: bool,
    ) -> Result<Backend, Failure> {
        let own = match inside {
            false => self.acquire_now(target, query)?,
            true => None,
        };
        let (mut backend, fresh) = match own {
            Some(acquired) => acquired,
            None => self.connect(target, query).await?,
        };
        if fresh && query.uses_pinned_state {
            // Another session's function may have left user variables there.
            let reset = backend.connection.reset().await;
            reset.map_err(|error| Failure::from(&error))?;
        }
        Ok(backend)
    }

    /// Fills the tables. KILL, the statement's time limit and a client that leaves end it.
    async fn bring<'a>(
        &mut self,
        job: &'a Job,
        backend: &mut Backend,
        own: &mut [Own<'a>],
    ) -> Result<Moved, Failure> {
        if job.tables.is_empty() {
            return Ok(Moved::default());
        }
        let interner = &self.shared.interner;
        let source = interner.intern(gather::source_variables(&self.state.variables, false));
        let target = interner.intern(gather::target_variables());
        let found_rows = wants_found_rows(self.capabilities);
        let running = Running::default();
        let means = Means {
            cluster: &self.shared.cluster,
            source: &source,
            found_rows,
            budget: self.shared.limits.gather.into(),
            running: &running,
        };
        let wanted = Wanted {
            database: Some(NOWHERE),
            variables: Some(&target),
            found_rows,
        };
        let connection = &mut backend.connection;
        let work = async {
            connection.prepare(&wanted, &[]).await?;
            gather::gather(job, connection, own, &means).await
        };
        let (client, watch) = (&mut self.client, &self.handle.watch);
        let limit = self.shared.limits.statement;
        let moved = unless_ended((client, watch, limit), &running, work).await;
        self.meter.trace.read(running.take_read());
        let moved = moved?;
        let moved = moved.map_err(|error| told(&error))?;
        tracing::debug!(moved.rows, moved.bytes, "rows were brought together");
        let gathers = &self.shared.metrics.gathers;
        gathers.rows.add(moved.rows);
        gathers.bytes.add(moved.bytes);
        Ok(moved)
    }

    /// Says where every table goes, once more if some of those that may stay have few rows.
    async fn place_well<'s>(
        &mut self,
        snapshot: &'s Snapshot,
        planned: (&Plan, &Gather),
        from: Asking<'_>,
    ) -> Result<Placed<'s>, Failure> {
        let placed = self.place(snapshot, planned, from, (None, &[])).await?;
        let few = self.few(&placed.probes).await?;
        match few.is_empty() {
            true => Ok(placed),
            false => {
                let at = Some(placed.replica_set);
                self.place(snapshot, planned, from, (at, &few)).await
            }
        }
    }

    /// Of the tables that may stay, those that have few rows to be joined.
    async fn few(&mut self, probes: &[Probe]) -> Result<Vec<usize>, Failure> {
        let mut few = Vec::new();
        if probes.is_empty() {
            return Ok(few);
        }
        let interner = &self.shared.interner;
        let source = interner.intern(gather::source_variables(&self.state.variables, false));
        let running = Running::default();
        let means = Means {
            cluster: &self.shared.cluster,
            source: &source,
            found_rows: wants_found_rows(self.capabilities),
            budget: self.shared.limits.gather.into(),
            running: &running,
        };
        for probe in probes {
            let work = gather::has_few(probe.replica_set, &probe.sql, &means);
            let (client, watch) = (&mut self.client, &self.handle.watch);
            let limit = self.shared.limits.statement;
            match unless_ended((client, watch, limit), &running, work).await? {
                Ok(true) => few.push(probe.table),
                Ok(false) => {}
                // What is wrong with it, the statement itself will say.
                Err(error) => tracing::debug!(%error, "could not ask how many rows there are"),
            }
        }
        Ok(few)
    }

    /// What becomes of a connection whose tables could not be filled.
    async fn give_up(
        &mut self,
        mut backend: Backend,
        placed: &Placed<'_>,
        failure: Failure,
    ) -> Failure {
        let Failure::Error(error) = failure else {
            return failure;
        };
        if Ties::of(&backend, false) == Ties::Some {
            // What the session has on the connection would go with it.
            let cleared = match placed.places.drop_tables() {
                Some(sql) => backend.connection.execute(&sql).await.is_ok(),
                None => true,
            };
            if !cleared {
                return Failure::End(End::Told(error));
            }
            self.held.settle(backend);
        }
        Failure::Error(error)
    }

    /// Runs the statement where its rows are now, and clears up behind it.
    async fn finish(
        &mut self,
        mut backend: Backend,
        (target, query): (&Target<'_>, &ShardQuery<'_>),
        placed: &Placed<'_>,
        statement: &Statement<'_>,
    ) -> Result<Summary, Failure> {
        let prepared = self.prepare(&mut backend, target, query, false).await;
        if let Err(error) = prepared {
            let ties = Ties::of(&backend, false);
            return Err(self.report(error.into(), ties));
        }
        let exchanged =
            pin!(self.exchange(&mut backend, target, query, (statement.more, None))).await;
        let summary = match exchanged {
            Ok(summary) => summary,
            Err(error) => {
                let ties = Ties::of(&backend, false);
                return Err(self.report(error, ties));
            }
        };
        let prepares = matches!(query.request, Request::Prepare { .. });
        if query.transactional || prepares {
            self.take_over(&mut backend, query, false, &summary)?;
        } else {
            self.note_answer(&mut backend, &summary);
        }
        if query.assigns_elsewhere() {
            self.bring_back(&mut backend, query).await?;
        }
        let usable = !self.leaves_something(query, &summary)
            || Box::pin(self.ask(&mut backend, target, query, &summary)).await?;
        let open = summary.status.contains(StatusFlags::SERVER_STATUS_IN_TRANS);
        let begun = open && !query.transactional;
        forget(&mut backend, query);
        if usable && self.clear(&mut backend, placed, begun).await? {
            backend.connection.packets().trim();
            self.held.settle(backend);
        }
        Ok(summary)
    }

    /// Drops the tables, and ends what reading them has begun where autocommit is off; says whether
    /// the connection may be used again.
    async fn clear(
        &self,
        backend: &mut Backend,
        placed: &Placed<'_>,
        begun: bool,
    ) -> Result<bool, Failure> {
        let end = begun.then(|| b"ROLLBACK AND NO CHAIN NO RELEASE".to_vec());
        let dropped = placed.places.drop_tables();
        let statements: Vec<Vec<u8>> = dropped.into_iter().chain(end).collect();
        if statements.is_empty() {
            return Ok(true);
        }
        let done = backend.connection.execute_all(&statements).await;
        let failed = done.map(|answers| answers.into_iter().find_map(Result::err));
        let failed = failed.and_then(|error| error.map_or(Ok(()), |e| Err(BackendError::Setup(e))));
        match failed {
            Ok(()) => Ok(true),
            Err(error) => {
                tracing::warn!(%error, "could not drop gathered tables");
                match Ties::of(backend, false) {
                    Ties::None => Ok(false),
                    Ties::Some => Err(Failure::End(End::Broken)),
                }
            }
        }
    }
}

/// Where rows come together. Names of the client's tables say what theirs there are called.
fn target<'n>(replica_set: ReplicaSetId, names: Option<Names<'n>>) -> Target<'n> {
    Target {
        replica_set,
        shard: None,
        names,
        rows: None,
        read: ReadPolicy::Primary,
    }
}

/// The finishing statement. The transaction, if there is one, is on the connections that give the rows.
fn query<'q>(plan: &Plan, request: Request<'q>, inside: bool) -> ShardQuery<'q> {
    let runs = !matches!(request, Request::Prepare { .. });
    ShardQuery {
        request,
        qualified: true,
        read_only: true,
        transactional: runs && !inside,
        needs_last_insert_id: runs && plan.needs_last_insert_id,
        leaves_counts: runs && plan.leaves_counts,
        pin: plan.pin.filter(|_| runs),
        uses_pinned_state: plan.uses_pinned_state,
        ..ShardQuery::OWN
    }
}

/// What was prepared has no tables any more.
fn forget(backend: &mut Backend, query: &ShardQuery<'_>) {
    let key = match query.request {
        Request::Execute(execute) => execute.key(),
        Request::Prepare { text, .. } => text.key,
        _ => return,
    };
    backend.connection.statements().close_known(key);
}

/// What comes of `work`, unless a KILL, the time limit, or the client's leaving ends it: then what
/// runs on the servers is ended too.
async fn unless_ended<T>(
    (client, watch, limit): (&mut PacketStream, &Watch, Option<Duration>),
    running: &Running,
    work: impl Future<Output = T>,
) -> Result<T, Failure> {
    let work = unless_gone(client, work);
    let failure = match watch.guard(limit, Interest::STATEMENT, work).await {
        Ok(Some(done)) => return Ok(done),
        Ok(None) => Failure::End(Stop::Gone.into()),
        Err(signal) => {
            watch.acknowledge(Signal::KillQuery);
            ended(signal)
        }
    };
    running.end();
    Err(failure)
}

fn told(error: &GatherError) -> Failure {
    tracing::debug!(%error, "rows cannot be brought together");
    Failure::Error(error.to_mysql())
}

fn ended(signal: Signal) -> Failure {
    match signal {
        Signal::Deadline => Failure::Error(MysqlError::overdue()),
        signal => interrupted(signal),
    }
}
