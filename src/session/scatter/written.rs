//! The parts of a write on their connections, and what they leave in the session.

use futures_util::future::join_all;

use std::ops::Range;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use super::super::diagnostics::{Diagnostics, conditions};
use super::super::failure::Failure;
use super::super::lost::Ties;
use super::super::prepared::Executed;
use super::super::shard_query::ShardQuery;
use super::super::state::Session;
use super::super::statement::Statement;
use super::super::transaction::Transaction;
use super::counts::{number_on, numbers, renumber};
use super::writes::{Kind, SAVEPOINT, Writing, counted_by_servers};
use super::{Asked, Worker, lanes, note_answers};
use crate::backend::{BackendError, Connection, TextRow, Variables, Wanted};
use crate::error::{MysqlError, StageError};
use crate::execute::scatter::{Write, WriteError, Written, write};
use crate::execute::{RelayError, Seen, Stop, Summary};
use crate::net::{Interest, Signal, Watch};
use crate::reply::{InsertIds, Stored};
use crate::topology::ReplicaSetId;
use crate::wire::StatusFlags;

/// How long a server that is being asked something of the proxy's own may still take for its answer
/// when the statement is killed. What comes next ends by that too, and keeps the connection.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// What the nodes said, all of them OK.
pub(super) struct Done {
    pub written: Vec<Written>,
    pub last_insert_id: u64,
    /// What LAST_INSERT_ID() gives from now on, where the proxy gave the ids.
    pub generated: Option<u64>,
}

/// A part that failed: what the client is told of it, or the connection that was lost.
pub(super) enum Broken {
    Told(MysqlError),
    Lost(RelayError),
}

/// What the proxy itself has to do on a connection.
#[derive(Clone, Copy)]
pub(super) enum Errand<'a> {
    /// Statements without rows.
    Execute(&'a [Vec<u8>]),
    /// The session's variables shall be these.
    Carry(&'a Arc<Variables>),
}

impl Errand<'_> {
    /// What the server has against it.
    async fn run(self, connection: &mut Connection) -> Result<Option<MysqlError>, BackendError> {
        match self {
            Self::Execute(statements) => {
                let answers = connection.execute_all(statements).await?;
                Ok(answers.into_iter().find_map(Result::err))
            }
            Self::Carry(variables) => {
                let wanted = Wanted {
                    database: None,
                    variables: Some(variables),
                    found_rows: connection.found_rows(),
                };
                connection.prepare(&wanted, &[]).await.map(|()| None)
            }
        }
    }
}

impl From<Failure> for Broken {
    /// Of what fails before a server is asked.
    fn from(failure: Failure) -> Self {
        Self::Told(match failure {
            Failure::Error(error) => error,
            Failure::End(_) => MysqlError::stale(),
        })
    }
}

impl From<BackendError> for Broken {
    fn from(error: BackendError) -> Self {
        let seen = Seen::Nothing;
        Self::Lost(RelayError::Backend { error, seen })
    }
}

/// Asks a question of the proxy's own, which KILL and the statement's time limit end.
pub(super) async fn ask(
    watch: &Watch,
    connection: &mut Connection,
    sql: &[u8],
) -> Result<Vec<TextRow>, Broken> {
    let told = {
        let mut asked = pin!(connection.query(sql));
        match watch.guard(None, Interest::STATEMENT, asked.as_mut()).await {
            Ok(told) => Ok(told),
            Err(_) => {
                let patience = Some(LAST_WORDS);
                watch.guard(patience, Interest::FINISH, asked).await
            }
        }
    };
    match told {
        Ok(told) => Ok(told?),
        Err(signal) => {
            connection.doom();
            Err(match signal {
                Signal::KillConnection => Broken::Lost(RelayError::Client(Stop::Killed)),
                _ => {
                    watch.acknowledge(Signal::KillQuery);
                    Broken::Told(MysqlError::interrupted())
                }
            })
        }
    }
}

impl Session {
    /// Runs all parts in the transaction that is under way; `own`: the statement is all of it.
    ///
    /// # Errors
    /// Within the client's transaction nothing of the statement is left then; one of the statement's
    /// own is still to be ended.
    pub(super) async fn write_parts(
        &mut self,
        writing: &Writing<'_>,
        query: &ShardQuery<'_>,
        (own, statement): (bool, &Statement<'_>),
    ) -> Result<Done, Failure> {
        let mut workers = self.workers(&writing.parts, query).await?;
        let before = before(
            own,
            writing.kind != Kind::Change && statement.insert_ids().is_none(),
        );
        let done = match self.run_before(&mut workers, &before).await {
            Ok(()) if let Some(copies) = &writing.copies => {
                self.run_copies(&mut workers, (writing, copies), (query, statement))
                    .await
            }
            Ok(()) if let Some(limited) = &writing.limited => {
                let asked = (query, statement);
                self.run_limited(&mut workers, (writing, limited), asked)
                    .await
            }
            Ok(()) => {
                let all = 0..writing.parts.len();
                let now = Arc::clone(&self.state.variables);
                self.run_parts(&mut workers, (writing, all), (query, statement), &now)
                    .await
            }
            Err(broken) => Err(broken),
        };
        let done = match done {
            Ok(written) => match statement.insert_ids() {
                Some(ids) => Ok(with_ids(ids, writing, written)),
                None => self.insert_id(&mut workers, writing, written).await,
            },
            Err(broken) => Err(broken),
        };
        self.settle_parts(workers, query, done, own).await
    }

    /// Runs what must stand before the parts, on all connections at once.
    pub(super) async fn run_before(
        &mut self,
        workers: &mut [Worker],
        statements: &[Vec<u8>],
    ) -> Result<(), Broken> {
        if statements.is_empty() {
            return Ok(());
        }
        self.on_all(workers, Errand::Execute(statements)).await
    }

    /// Does something of the proxy's own on all connections at once.
    pub(super) async fn on_all(
        &mut self,
        workers: &mut [Worker],
        errand: Errand<'_>,
    ) -> Result<(), Broken> {
        let limit = Some(self.shared.limits.handshake);
        let all = join_all(workers.iter_mut().map(|worker| async {
            let connection = &mut worker.backend.connection;
            let done = errand.run(connection).await;
            if done.is_err() {
                connection.doom();
            }
            done
        }));
        let Ok(answers) = self.handle.watch.guard(limit, Interest::FINISH, all).await else {
            let lost = workers.first_mut().map(|worker| {
                worker.backend.connection.doom();
                let source = crate::net::NetError::Closed;
                Broken::from(worker.backend.connection.lost(source, false))
            });
            workers.iter_mut().for_each(|w| w.backend.connection.doom());
            return lost.map_or(Ok(()), Err);
        };
        for answer in answers {
            answer?.map_or(Ok(()), |error| Err(Broken::Told(error)))?;
        }
        Ok(())
    }

    /// Runs these of the parts, at the same time as far as they are on different connections, which
    /// carry the variables `now`.
    pub(super) async fn run_parts(
        &mut self,
        workers: &mut [Worker],
        (writing, which): (&Writing<'_>, Range<usize>),
        (query, statement): (&ShardQuery<'_>, &Statement<'_>),
        now: &Arc<Variables>,
    ) -> Result<Vec<Written>, Broken> {
        let executed = writing.bindings.map(Executed::of);
        let then = executed
            .as_ref()
            .map(|all| self.variables_with(now, all.settings));
        let asked = Asked {
            attributes: statement.attributes,
            qualified: query.qualified,
            executed: executed.as_ref(),
            rebound: &writing.rebound,
            then: then.as_ref().unwrap_or(now),
            now,
        };
        let mut job = Write {
            lanes: lanes(workers, (&writing.parts, which), &asked),
            client: &mut self.client,
            watch: &self.handle.watch,
            limits: self.shared.limits.of_statement(),
        };
        let done = write(&mut job).await;
        note_answers(&mut job.lanes, &writing.parts, &mut self.meter);
        drop(job);
        let mut written = done.map_err(|error| broken(error, writing))?;
        written.sort_by_key(|node| node.query);
        Ok(written)
    }

    /// The insert id of the answer: with ids that the client gave, that of the last row, stored or
    /// not, if any was stored.
    async fn insert_id(
        &mut self,
        workers: &mut [Worker],
        writing: &Writing<'_>,
        written: Vec<Written>,
    ) -> Result<Done, Broken> {
        let ids = written
            .iter()
            .filter(|node| node.changes.last_insert_id != 0);
        let answered: Vec<usize> = ids.map(|node| node.query).collect();
        let mut generated = None;
        for worker in workers {
            if !worker.parts.iter().any(|part| answered.contains(part)) {
                continue;
            }
            // It was 0 before: now it is the first id that the server has made.
            let sql = b"SELECT LAST_INSERT_ID() LIMIT 1";
            let rows = ask(&self.handle.watch, &mut worker.backend.connection, sql).await?;
            let id = rows
                .into_iter()
                .next()
                .and_then(|row| row.into_iter().next());
            let id = id.flatten().unwrap_or_default();
            if id != b"0" && writing.kind != Kind::Alone {
                return Err(Broken::Told(counted_by_servers()));
            }
            let id = std::str::from_utf8(&id).ok().and_then(|id| id.parse().ok());
            generated = id.filter(|id| *id != 0);
        }
        if writing.rows.is_none() {
            // What one copy says, all say. Of rows in no order, any is the last one.
            let ids = written.iter().map(|node| node.changes.last_insert_id);
            let last_insert_id = ids.max().unwrap_or_default();
            return Ok(Done {
                written,
                last_insert_id,
                generated,
            });
        }
        let rows = writing.rows.as_deref().unwrap_or_default();
        let last = rows.iter().enumerate().max_by_key(|(_, rows)| rows.last());
        let of_last = last.and_then(|(part, rows)| {
            let node = written.iter().find(|node| node.query == part)?;
            Some((&node.changes, rows.len() as u64))
        });
        let last_insert_id = match of_last {
            Some((said, stored)) if !answered.is_empty() => {
                let all = said.affected_rows == stored;
                let id = writing.last_row.insert_id(said.last_insert_id, all);
                id.map_err(Broken::Told)?
            }
            _ => 0,
        };
        Ok(Done {
            written,
            last_insert_id,
            generated: None,
        })
    }

    /// Gives the connections back, with what became of the parts.
    pub(super) async fn settle_parts<T>(
        &mut self,
        workers: Vec<Worker>,
        query: &ShardQuery<'_>,
        done: Result<T, Broken>,
        own: bool,
    ) -> Result<T, Failure> {
        let error = match &done {
            Ok(_) => None,
            Err(Broken::Told(error)) => Some(error.clone()),
            Err(Broken::Lost(RelayError::Backend { error, .. })) => Some(error.to_mysql()),
            Err(Broken::Lost(RelayError::Client(stop))) => {
                return Err(Failure::End((*stop).into()));
            }
        };
        let summary = Summary {
            status: StatusFlags::SERVER_STATUS_IN_TRANS,
            error,
            ..Summary::default()
        };
        // A connection in the middle of an answer cannot even take back what it has done.
        let usable = |worker: &Worker| worker.backend.connection.is_reusable();
        let lost = summary.error.is_some() && !workers.iter().all(usable);
        let pinned = workers.iter().any(|w| !w.backend.pins.is_empty());
        let sets: Vec<ReplicaSetId> = workers.iter().map(|w| w.backend.replica_set).collect();
        for mut worker in workers {
            worker.backend.connection.packets().trim();
            self.take_over(&mut worker.backend, query, true, &summary)?;
            self.held.settle(worker.backend);
        }
        let error = match done {
            Ok(done) => return Ok(done),
            Err(broken) => broken,
        };
        if own && (lost || matches!(error, Broken::Lost(_))) {
            // What is open on any of them is gone with them: nothing was committed.
            drop(self.held.take_transaction());
            self.transaction = Transaction::None;
        }
        match error {
            Broken::Lost(error) => {
                let ties = match own && !pinned {
                    true => Ties::None,
                    false => Ties::Some,
                };
                Err(self.report(error, ties))
            }
            Broken::Told(error) if lost && (pinned || !own) => {
                Err(Failure::Error(error).into_end())
            }
            Broken::Told(error) => {
                if !own {
                    self.back_to_savepoint(&sets).await?;
                }
                Err(Failure::Error(error))
            }
        }
    }

    /// What SHOW WARNINGS shows afterwards: in the order of the client's rows, as far as the servers
    /// name them. Rows that are found, each on its shard, are numbered as if one server had read one
    /// shard after the other.
    pub(super) fn conditions(&self, written: &[Written], writing: &Writing<'_>) -> Diagnostics {
        let mut all = Vec::new();
        let mut before = 0;
        for node in written {
            let part = writing.parts.get(node.query);
            let names = part.and_then(|part| part.target.names);
            let rows = writing.rows.as_ref().and_then(|rows| rows.get(node.query));
            for mut condition in conditions(node.conditions.clone(), names) {
                let row = match rows {
                    Some(rows) => renumber(&mut condition.message, rows),
                    // In the order in which each server has said it.
                    None => {
                        number_on(&mut condition.message, before);
                        None
                    }
                };
                all.push((row, condition));
            }
            before += numbers(&node.changes.info).first().unwrap_or(&0);
        }
        if written.len() > 1 {
            all.sort_by_key(|(row, _)| *row);
        }
        let all = all.into_iter().map(|(_, condition)| condition).collect();
        let count = written.iter().map(|node| u64::from(node.warnings)).sum();
        Diagnostics::of_several(all, count, self.most_conditions())
    }
}

/// The insert id of the answer where the proxy gave the ids.
fn with_ids(ids: &InsertIds, writing: &Writing<'_>, written: Vec<Written>) -> Done {
    let rows = writing.rows.as_deref().unwrap_or_default();
    let stored = written.iter().map(|node| Stored {
        rows: rows.get(node.query).map(Vec::as_slice).unwrap_or_default(),
        affected: node.changes.affected_rows,
        insert_id: node.changes.last_insert_id,
    });
    let told = ids.of_parts(&stored.collect::<Vec<_>>());
    Done {
        written,
        last_insert_id: told.shown,
        generated: told.last,
    }
}

/// What the connections hear before the parts; `count`: whether they make ids must be seen.
pub(super) fn before(own: bool, count: bool) -> Vec<Vec<u8>> {
    let mut statements = Vec::new();
    if count {
        statements.push(b"SET last_insert_id=0".to_vec());
    }
    if !own {
        statements.push(format!("SAVEPOINT {SAVEPOINT}").into_bytes());
    }
    statements
}

/// A server's error with the names and the row numbers that the client knows.
fn broken(error: WriteError, writing: &Writing<'_>) -> Broken {
    let (query, mut error) = match error {
        WriteError::Refused { query, error } => (query, error),
        WriteError::Lost(error) => return Broken::Lost(error),
    };
    let Some(query) = query else {
        return Broken::Told(error);
    };
    let part = writing.parts.get(query);
    if let Some(names) = part.and_then(|part| part.target.names) {
        names.fix_error(&mut error);
    }
    if let Some(rows) = writing.rows.as_ref().and_then(|rows| rows.get(query)) {
        renumber(&mut error.message, rows);
    }
    Broken::Told(error)
}
