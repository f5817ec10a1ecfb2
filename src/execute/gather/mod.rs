//! Rows of many shards → temporary tables on one connection, where a server can finish what the
//! proxy cannot do exactly.
//!
//! In: the tables to make and the queries for their rows ([`Job`]). Out: how much was moved. Rows
//! are stored in batches while they are read: neither the proxy nor a slow server holds more than a
//! batch. All queries for one replica set are read on one connection, in one snapshot. A table that
//! limits another one is read before it.

mod error;
mod load;
mod source;
mod values;

use std::sync::Arc;

use parking_lot::Mutex;

pub use error::GatherError;
pub use load::Budget;
pub use values::FEW;

use crate::backend::control::{self, Kill};
use crate::backend::{Cluster, Connection, Pooled, Server, StatementKey, Variables, Wanted};
use crate::execute::scatter::{Answered, Lane};
use crate::rewrite::{InsertRows, LimitedTo, SourceQuery};
use crate::topology::ReplicaSetId;
use crate::wire::OwnParameters;
use load::{Account, Loader};
use source::Rows;
use values::Values;

/// What is gathered.
#[derive(Debug, Default)]
pub struct Job {
    /// The tables, in the order in which they are filled.
    pub tables: Vec<TableJob>,
    /// How many columns' values limit other tables.
    pub columns: usize,
}

impl Job {
    /// The replica sets that are asked, each once.
    pub fn replica_sets(&self) -> Vec<ReplicaSetId> {
        let sources = self.tables.iter().flat_map(|table| &table.sources);
        let mut all: Vec<ReplicaSetId> = sources.map(|(at, _)| *at).collect();
        all.sort_unstable();
        all.dedup();
        all
    }

    /// Whether rows are locked where they are read.
    fn locks(&self) -> bool {
        let mut sources = self.tables.iter().flat_map(|table| &table.sources);
        sources.any(|(_, source)| source.sql.locks())
    }

    /// The same tables, all of them empty.
    pub fn without_rows(&mut self) {
        for table in &mut self.tables {
            table.sources.clear();
            table.copy = None;
        }
    }
}

/// A table to make and to fill.
#[derive(Debug)]
pub struct TableJob {
    /// The position of its reference in the statement's plan.
    pub reference: usize,
    /// CREATE TEMPORARY TABLE.
    pub create: Vec<u8>,
    /// What makes it take equal keys, where it does not.
    pub without_unique_keys: Option<Vec<u8>>,
    /// How its rows are stored.
    pub insert: InsertRows,
    /// The queries for its rows.
    pub sources: Vec<(ReplicaSetId, Source)>,
    /// The columns whose values limit tables behind it.
    pub gives: Vec<Give>,
    /// What limits its rows, by the numbers of columns of tables before it.
    pub limits: Vec<(usize, LimitedTo)>,
    /// What copies its rows from a table before it.
    pub copy: Option<Vec<u8>>,
}

/// A column whose values limit other tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Give {
    /// Its number.
    pub column: usize,
    /// Where it stands in the rows.
    pub position: usize,
}

impl TableJob {
    /// What a source is asked, as far as the values are known; `None`: no row can matter. Inside a
    /// transaction it is asked all the same: it takes part from then on.
    fn text(&self, source: &Source, values: &Values, inside: bool) -> Option<Vec<u8>> {
        let known = self.limits.iter();
        let known = known.filter_map(|(column, limit)| Some((limit, values.few(*column)?)));
        if !inside && known.clone().any(|(_, values)| values.is_empty()) {
            return None;
        }
        if source.bound.is_some() {
            // With other values it would be another statement to prepare.
            return Some(Vec::new());
        }
        let limits = known.map(|(limit, few)| (limit, few.iter().map(Vec::as_slice)));
        Some(source.sql.limited(limits))
    }
}

/// A query for rows.
#[derive(Debug)]
pub struct Source {
    /// The text.
    pub sql: SourceQuery,
    /// What is bound to its placeholders, if it has any.
    pub bound: Option<Bound>,
}

/// The parameters of a query for rows.
#[derive(Debug)]
pub struct Bound {
    /// Under which a connection knows the statement.
    pub key: StatementKey,
    /// Under which it knows one of the same text that was never executed.
    pub fresh: StatementKey,
    /// The parameters.
    pub parameters: Arc<OwnParameters>,
    /// Those that were sent before, in pieces.
    pub long_data: Arc<Vec<(u16, Vec<u8>)>>,
    /// The variables under which it is prepared.
    pub then: Arc<Variables>,
    /// The variables under which rows are asked for.
    pub now: Arc<Variables>,
}

/// What was moved.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Moved {
    /// Rows.
    pub rows: u64,
    /// Their bytes, as the servers sent them.
    pub bytes: u64,
    /// Warnings of the queries for them.
    pub warnings: u64,
}

/// The statements that run for a job, to be ended when nobody waits for it any more, and those that
/// gave rows.
#[derive(Debug, Default)]
pub struct Running {
    now: Mutex<Vec<(Arc<Server>, u32)>>,
    read: Mutex<Vec<(Arc<Server>, Answered)>>,
}

impl Running {
    fn add(&self, connection: &Connection) {
        let server = Arc::clone(connection.server());
        self.now.lock().push((server, connection.thread_id()));
    }

    fn remove(&self, connection: &Connection) {
        let id = connection.thread_id();
        let of = |server: &Arc<Server>| Arc::ptr_eq(server, connection.server());
        self.now
            .lock()
            .retain(|(server, other)| *other != id || !of(server));
    }

    fn note(&self, lane: &Lane<'_>) {
        let Some(last) = lane.times().last() else {
            return;
        };
        let server = Arc::clone(lane.connection.server());
        self.read.lock().push((server, *last));
    }

    /// The servers that were asked for rows, with how long it took.
    pub fn take_read(&self) -> Vec<(Arc<Server>, Answered)> {
        std::mem::take(&mut self.read.lock())
    }

    /// Ends the connections on which something still runs. Nobody may use them any more.
    pub fn end(&self) {
        for (server, thread_id) in self.now.lock().drain(..) {
            tokio::spawn(async move {
                let ended = control::kill(server, thread_id, Kill::Connection).await;
                if let Err(error) = ended {
                    tracing::warn!(%error, "could not stop gathering on a server");
                }
            });
        }
    }
}

/// What all of a job's connections need.
#[derive(Debug)]
pub struct Means<'a> {
    /// The servers.
    pub cluster: &'a Cluster,
    /// The variables under which rows are asked for.
    pub source: &'a Arc<Variables>,
    /// The kind of the pools' connections.
    pub found_rows: bool,
    /// How much may be moved.
    pub budget: Budget,
    /// What runs.
    pub running: &'a Running,
}

/// A connection of the client's transaction, which alone sees what the transaction sees. It carries
/// the variables for it ([`source_variables`]).
#[derive(Debug)]
pub struct Own<'a> {
    /// Where it leads.
    pub replica_set: ReplicaSetId,
    /// The connection; who gives the gathering up stops it.
    pub lane: Lane<'a>,
}

/// Makes the tables on `target`, which carries the variables for it ([`target_variables`]), and
/// fills them.
///
/// # Errors
/// See [`GatherError`]; what was made stays on the connection, which is of no further use.
pub async fn gather<'a>(
    job: &'a Job,
    target: &mut Connection,
    own: &mut [Own<'a>],
    means: &Means<'_>,
) -> Result<Moved, GatherError> {
    means.running.add(target);
    for table in &job.tables {
        target.execute(&table.create).await?;
    }
    let mut account = Account {
        budget: means.budget,
        moved: Moved::default(),
        values: Values::new(job.columns),
    };
    let mut sources = Sources {
        own,
        pooled: Vec::new(),
        means,
        locks: job.locks(),
    };
    let (replica_sets, inside) = (job.replica_sets(), !sources.own.is_empty());
    for table in job.tables.iter().filter(|table| table.copy.is_none()) {
        let mut asked = Vec::new();
        for replica_set in &replica_sets {
            let here = table.sources.iter().filter(|(at, _)| at == replica_set);
            asked.extend(here.filter_map(|(_, source)| {
                let sql = table.text(source, &account.values, inside)?;
                Some((*replica_set, source, sql))
            }));
        }
        let mut loader = Loader::new(table, target, &mut account);
        for (replica_set, source, sql) in asked {
            sources
                .read(replica_set, (source, sql), &mut loader)
                .await?;
        }
        loader.finish().await?;
    }
    sources.release().await?;
    for table in &job.tables {
        if let Some(sql) = &table.copy {
            Loader::new(table, target, &mut account).copy(sql).await?;
        }
    }
    means.running.remove(target);
    Ok(account.moved)
}

/// The connections that rows are read on, one for each replica set: all of its queries see the same
/// rows.
struct Sources<'s, 'a> {
    own: &'s mut [Own<'a>],
    pooled: Vec<(ReplicaSetId, Pooled)>,
    means: &'s Means<'s>,
    locks: bool,
}

impl<'a> Sources<'_, 'a> {
    async fn read(
        &mut self,
        replica_set: ReplicaSetId,
        (source, sql): (&'a Source, Vec<u8>),
        loader: &mut Loader<'_>,
    ) -> Result<(), GatherError> {
        let mut own = self.own.iter_mut();
        if let Some(own) = own.find(|own| own.replica_set == replica_set) {
            let mut rows = Rows::ask(&mut own.lane, source, sql).await?;
            let taken = loader.take(&mut rows).await;
            self.means.running.note(&own.lane);
            return taken;
        }
        if !self.pooled.iter().any(|(known, _)| *known == replica_set) {
            let connection = begin(replica_set, self.means, self.locks).await?;
            self.pooled.push((replica_set, connection));
        }
        let mut pooled = self.pooled.iter_mut();
        let Some((_, connection)) = pooled.find(|(known, _)| *known == replica_set) else {
            return Err(GatherError::Stale);
        };
        let mut lane = Lane::new(connection, Vec::new());
        let mut rows = Rows::ask(&mut lane, source, sql).await?;
        let taken = loader.take(&mut rows).await;
        self.means.running.note(&lane);
        taken
    }

    /// Gives the pools' connections back.
    async fn release(self) -> Result<(), GatherError> {
        for (_, mut connection) in self.pooled {
            connection
                .execute(b"COMMIT AND NO CHAIN NO RELEASE")
                .await?;
            self.means.running.remove(&connection);
            connection.release();
        }
        Ok(())
    }
}

/// Whether a query, which gives at most one row more than [`FEW`], gives no more than these.
///
/// # Errors
/// See [`GatherError`].
pub async fn has_few(
    replica_set: ReplicaSetId,
    sql: &[u8],
    means: &Means<'_>,
) -> Result<bool, GatherError> {
    let set = means.cluster.get(replica_set).ok_or(GatherError::Stale)?;
    let wanted = Wanted {
        database: None,
        variables: Some(means.source),
        found_rows: means.found_rows,
    };
    let mut connection = set.checkout(&wanted).await?;
    connection.prepare(&wanted, &[]).await?;
    means.running.add(&connection);
    let rows = connection.query(sql).await;
    // Whatever became of it: who is ended later ends what runs, not a connection that others use by then.
    means.running.remove(&connection);
    let rows = rows?;
    connection.release();
    Ok(rows.len() <= FEW)
}

/// A connection whose queries all see the same rows. What `locks` sees what is there when it has the lock,
/// under the session's own isolation level.
async fn begin(
    replica_set: ReplicaSetId,
    means: &Means<'_>,
    locks: bool,
) -> Result<Pooled, GatherError> {
    let set = means.cluster.get(replica_set).ok_or(GatherError::Stale)?;
    let wanted = Wanted {
        database: None,
        variables: Some(means.source),
        found_rows: means.found_rows,
    };
    let mut connection = set.checkout(&wanted).await?;
    let snapshot = [
        b"SET TRANSACTION ISOLATION LEVEL REPEATABLE READ".to_vec(),
        b"START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY".to_vec(),
    ];
    let begin = [b"START TRANSACTION".to_vec()];
    let before: &[Vec<u8>] = if locks { &begin } else { &snapshot };
    connection.prepare(&wanted, before).await?;
    means.running.add(&connection);
    Ok(connection)
}

/// The variables under which rows are asked for: the session's, since conditions are evaluated
/// there, but values as the columns hold them, and all of them. Who reads inside a transaction must
/// not touch `autocommit`, which would end it.
pub fn source_variables(session: &Variables, inside: bool) -> Variables {
    let mut variables = session.clone();
    variables.set("character_set_results", b"NULL");
    variables.set("sql_select_limit", b"18446744073709551615");
    if !inside {
        variables.set("autocommit", b"1");
    }
    variables
}

/// Under these, what was read is stored as it is, or not at all.
const AS_IT_IS: [(&str, &str); 3] = [
    ("character_set_client", "utf8mb4"),
    (
        "sql_mode",
        "STRICT_ALL_TABLES,ALLOW_INVALID_DATES,NO_AUTO_VALUE_ON_ZERO,NO_BACKSLASH_ESCAPES",
    ),
    ("time_zone", "+00:00"),
];

/// The variables under which rows are stored: nothing is converted, nothing is cut without an error.
pub fn target_variables() -> Variables {
    let mut variables = Variables::default();
    let others = [
        ("character_set_results", "utf8mb4"),
        ("collation_connection", "utf8mb4_bin"),
        ("autocommit", "1"),
    ];
    for (name, value) in AS_IT_IS.into_iter().chain(others) {
        variables.set(name, value.as_bytes());
    }
    variables
}

/// The variables under which rows are read and stored elsewhere within the client's transaction.
pub fn moving_variables(session: &Variables) -> Variables {
    let mut variables = source_variables(session, true);
    for (name, value) in AS_IT_IS {
        variables.set(name, value.as_bytes());
    }
    variables
}
