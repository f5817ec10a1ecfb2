//! Every data node runs a statement for itself, whatever the others say.
//!
//! In: [`Lane`]s. Out: what each node said, or why nobody knows it. Nothing is taken back: an error on
//! one of them does not stop the others.

use bytes::Bytes;

use super::arrival::{Arrival, arrival};
use super::stop::{abandon, stop};
use super::{Lane, Limits, RelayError, Stop};
use crate::backend::TextRow;
use crate::error::{ErrorKind, MysqlError, StageError};
use crate::net::{Interest, PacketStream, Signal, Watch};
use crate::reply::{Changes, Ending, Piece};

/// What the rows of one node may occupy, in bytes: they are messages about tables, or definitions.
const MOST_BYTES: usize = 16 << 20;

/// A statement that every data node runs for itself.
pub struct Each<'a> {
    /// The connections; they keep what the servers told of them.
    pub lanes: Vec<Lane<'a>>,
    /// How many queries they have; numbers from 0.
    pub queries: usize,
    /// Who waits for the answer.
    pub client: &'a mut PacketStream,
    /// Ends waits.
    pub watch: &'a Watch,
    /// How long waits may take.
    pub limits: Limits,
}

/// What a node said.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Said {
    /// The definitions of the columns, as payloads; none where it said OK.
    pub columns: Vec<Bytes>,
    /// The rows, as payloads.
    pub rows: Vec<Bytes>,
    /// What OK says of changed rows.
    pub changes: Changes,
    /// What SHOW WARNINGS gives.
    pub conditions: Vec<TextRow>,
}

/// Why a node has not done it, or may not have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unsaid {
    /// The server's error, with its own names, or what became of its connection.
    pub error: MysqlError,
    /// The server has not said it: the statement may have run there or not.
    pub lost: bool,
}

/// Runs the statement; what the nodes said, by query. Afterwards every lane's connection is at the end
/// of an answer, or doomed.
///
/// # Errors
/// The client has gone.
pub async fn each(job: &mut Each<'_>) -> Result<Vec<Result<Said, Unsaid>>, RelayError> {
    let mut run = Run {
        answers: (0..job.queries).map(|_| None).collect(),
        open: (0..job.queries).map(|_| Said::default()).collect(),
        job,
    };
    let done = run.all().await;
    let answers = run.answers;
    match done {
        Ok(()) => {}
        Err(Interrupted::Client(client)) => {
            abandon(&mut job.lanes);
            return Err(RelayError::Client(client));
        }
        Err(Interrupted::Killed) => stop(&mut job.lanes).await,
    }
    let interrupted = || {
        let error = MysqlError::new(
            ErrorKind::QueryInterrupted,
            "Query execution was interrupted",
        );
        Err(Unsaid { error, lost: true })
    };
    let answers = answers.into_iter();
    Ok(answers
        .map(|answer| answer.unwrap_or_else(interrupted))
        .collect())
}

enum Interrupted {
    Client(Stop),
    Killed,
}

struct Run<'r, 'a> {
    job: &'r mut Each<'a>,
    answers: Vec<Option<Result<Said, Unsaid>>>,
    /// Answers that have begun.
    open: Vec<Said>,
}

impl Run<'_, '_> {
    async fn all(&mut self) -> Result<(), Interrupted> {
        for at in 0..self.job.lanes.len() {
            self.start_next(at).await?;
        }
        loop {
            for at in 0..self.job.lanes.len() {
                while self.pull(at).await? {}
            }
            if self.job.lanes.iter().all(Lane::is_done) {
                return Ok(());
            }
            let (watch, limits) = (self.job.watch, self.job.limits);
            let waited = arrival(
                &mut self.job.lanes,
                self.job.client,
                |_| true,
                (watch, limits),
            );
            match waited.await {
                // What looks like an error is read like any answer.
                Ok(Arrival::Data | Arrival::Failed) => {}
                Ok(Arrival::ClientGone) => return Err(Interrupted::Client(Stop::Gone)),
                Ok(Arrival::Lost(at, source)) => {
                    if let Some(lane) = self.job.lanes.get_mut(at) {
                        lane.connection.doom();
                        let error = lane.connection.lost(source, false).to_mysql();
                        self.give_up(at, &error);
                    }
                }
                Err(signal) => return Err(self.interrupted(signal)),
            }
        }
    }

    fn interrupted(&self, signal: Signal) -> Interrupted {
        match signal {
            Signal::KillConnection => Interrupted::Client(Stop::Killed),
            _ => {
                self.job.watch.acknowledge(Signal::KillQuery);
                Interrupted::Killed
            }
        }
    }

    /// Nothing more will be heard from a lane.
    fn give_up(&mut self, at: usize, error: &MysqlError) {
        let Some(lane) = self.job.lanes.get_mut(at) else {
            return;
        };
        for (query, answer) in self.answers.iter_mut().enumerate() {
            if lane.has(query) && answer.is_none() {
                let error = error.clone();
                *answer = Some(Err(Unsaid { error, lost: true }));
            }
        }
        lane.give_up();
    }

    async fn start_next(&mut self, at: usize) -> Result<(), Interrupted> {
        let Some(lane) = self.job.lanes.get_mut(at) else {
            return Ok(());
        };
        let next = lane.next_query();
        let limit = self.job.limits.statement;
        let started = async {
            let objection = lane.start_next().await?;
            lane.connection.flush().await?;
            Ok::<_, crate::backend::BackendError>(objection)
        };
        match self.job.watch.guard(limit, Interest::FINISH, started).await {
            Ok(Ok(None)) => Ok(()),
            Ok(Ok(Some((query, error)))) => {
                self.answer(query, Err(Unsaid { error, lost: false }));
                Ok(())
            }
            Ok(Err(error)) => {
                let error = error.to_mysql();
                if let (Some(query), Some(answer)) =
                    (next, next.and_then(|next| self.answers.get_mut(next)))
                {
                    tracing::warn!(query, %error, "a statement did not reach its server");
                    *answer = Some(Err(Unsaid {
                        error: error.clone(),
                        lost: true,
                    }));
                }
                self.give_up(at, &error);
                Ok(())
            }
            Err(signal) => {
                lane.connection.doom();
                Err(self.interrupted(signal))
            }
        }
    }

    fn answer(&mut self, query: usize, answer: Result<Said, Unsaid>) {
        if let Some(place) = self.answers.get_mut(query) {
            *place = Some(answer);
        }
    }

    /// Takes the next piece of a lane's answer; `false`: none has arrived.
    async fn pull(&mut self, at: usize) -> Result<bool, Interrupted> {
        let Some(lane) = self.job.lanes.get_mut(at) else {
            return Ok(false);
        };
        let piece = match lane.pull() {
            Ok(None) => return Ok(false),
            Ok(Some((query, piece))) => self.open.get_mut(query).map(|said| (query, said, piece)),
            Err(error) => {
                let error = error.to_mysql();
                self.give_up(at, &error);
                return Ok(true);
            }
        };
        let Some((query, said, piece)) = piece else {
            return Ok(true);
        };
        match piece {
            Piece::Columns(columns) => said.columns = columns,
            Piece::Row(row) => {
                said.rows.push(row);
                if said.rows.iter().map(Bytes::len).sum::<usize>() > MOST_BYTES {
                    let error = MysqlError::new(ErrorKind::Internal, "the answer is too long");
                    lane.connection.doom();
                    self.give_up(at, &error);
                }
            }
            Piece::End(Ending::Error(error)) => {
                self.answer(query, Err(Unsaid { error, lost: false }));
                self.start_next(at).await?;
            }
            Piece::End(Ending::Complete {
                warnings, changes, ..
            }) => {
                let mut said = std::mem::take(said);
                said.changes = changes;
                if warnings > 0 {
                    match lane.connection.query(b"SHOW WARNINGS").await {
                        Ok(conditions) => said.conditions = conditions,
                        Err(error) => {
                            tracing::warn!(%error, "could not ask for a statement's warnings");
                            lane.connection.doom();
                        }
                    }
                }
                self.answer(query, Ok(said));
                self.start_next(at).await?;
            }
        }
        Ok(true)
    }
}
