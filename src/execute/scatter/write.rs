//! Several data nodes carry out one write, each its own part.
//!
//! In: [`Lane`]s, whose connections are in the transaction that the write belongs to. Out: what every
//! node said; the session makes one answer of it, once the transaction may end. The first error
//! ends the write: what the others still work on is stopped, for all of it is taken back.

use super::arrival::{Arrival, arrival};
use super::stop::{abandon, stop};
use super::{Lane, Limits, RelayError, Seen, Stop};
use crate::backend::{BackendError, TextRow};
use crate::error::MysqlError;
use crate::net::{Interest, PacketStream, Signal, Watch};
use crate::reply::{Changes, Ending, Piece};
use crate::wire::WireError;

/// A write on several data nodes.
pub struct Write<'a> {
    /// The connections; they keep what the servers told of them.
    pub lanes: Vec<Lane<'a>>,
    /// Who waits for the answer.
    pub client: &'a mut PacketStream,
    /// Ends waits.
    pub watch: &'a Watch,
    /// How long waits may take.
    pub limits: Limits,
}

/// What a node said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// The number of its query.
    pub query: usize,
    /// What it has changed.
    pub changes: Changes,
    /// How many warnings there are.
    pub warnings: u16,
    /// What SHOW WARNINGS gives.
    pub conditions: Vec<TextRow>,
}

/// A write that must be taken back everywhere.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// A server said no, or the statement was killed.
    #[error("{error}")]
    Refused {
        /// The query whose server said it, with the server's names.
        query: Option<usize>,
        /// What it said.
        error: MysqlError,
    },
    /// A server or the client was lost.
    #[error(transparent)]
    Lost(#[from] RelayError),
}

impl From<BackendError> for WriteError {
    fn from(error: BackendError) -> Self {
        let seen = Seen::Nothing;
        Self::Lost(RelayError::Backend { error, seen })
    }
}

/// Runs the write. Afterwards every lane's connection is at the end of an answer, or doomed.
///
/// # Errors
/// See [`WriteError`].
pub async fn write(job: &mut Write<'_>) -> Result<Vec<Written>, WriteError> {
    let done = job.all().await;
    match &done {
        Err(WriteError::Lost(RelayError::Client(_))) => abandon(&mut job.lanes),
        Err(_) => stop(&mut job.lanes).await,
        Ok(_) => {}
    }
    done
}

impl Write<'_> {
    async fn all(&mut self) -> Result<Vec<Written>, WriteError> {
        let mut written = Vec::new();
        for at in 0..self.lanes.len() {
            self.start_next(at).await?;
        }
        loop {
            for at in 0..self.lanes.len() {
                while let Some(done) = self.pull(at).await? {
                    written.push(done);
                    self.start_next(at).await?;
                }
            }
            if self.lanes.iter().all(Lane::is_done) {
                return Ok(written);
            }
            self.wait().await?;
        }
    }

    async fn start_next(&mut self, at: usize) -> Result<(), WriteError> {
        let Some(lane) = self.lanes.get_mut(at) else {
            return Ok(());
        };
        let limit = self.limits.statement;
        let started = async {
            let objection = lane.start_next().await?;
            lane.connection.flush().await?;
            Ok(objection)
        };
        match self.watch.guard(limit, Interest::FINISH, started).await {
            Ok(Ok(None)) => Ok(()),
            Ok(Ok(Some((query, error)))) => Err(WriteError::Refused {
                query: Some(query),
                error,
            }),
            Ok(Err(error)) => Err(BackendError::into(error)),
            Err(signal) => {
                lane.connection.doom();
                Err(self.interrupted(signal))
            }
        }
    }

    /// The end of a lane's answer, if it has arrived.
    async fn pull(&mut self, at: usize) -> Result<Option<Written>, WriteError> {
        let Some(lane) = self.lanes.get_mut(at) else {
            return Ok(None);
        };
        let Some((query, piece)) = lane.pull()? else {
            return Ok(None);
        };
        match piece {
            Piece::End(Ending::Complete {
                warnings, changes, ..
            }) => {
                let conditions = match warnings {
                    0 => Vec::new(),
                    _ => lane.connection.query(b"SHOW WARNINGS").await?,
                };
                Ok(Some(Written {
                    query,
                    changes,
                    warnings,
                    conditions,
                }))
            }
            // Nothing was done: the server had forgotten the statement.
            Piece::End(Ending::Error(_)) if lane.will_repeat(query) => {
                self.start_next(at).await?;
                Ok(None)
            }
            Piece::End(Ending::Error(error)) => Err(WriteError::Refused {
                query: Some(query),
                error,
            }),
            Piece::Columns(_) | Piece::Row(_) => {
                lane.connection.doom();
                Err(lane
                    .connection
                    .malformed(WireError::Malformed {
                        packet: "COM_QUERY response",
                        reason: "rows in the answer to a write",
                    })
                    .into())
            }
        }
    }

    /// Waits until more has arrived.
    async fn wait(&mut self) -> Result<(), WriteError> {
        let (lanes, client) = (&mut self.lanes, &mut *self.client);
        match arrival(lanes, client, |_| true, (self.watch, self.limits)).await {
            // What looks like an error is read like any answer.
            Ok(Arrival::Data | Arrival::Failed) => Ok(()),
            Ok(Arrival::ClientGone) => Err(RelayError::Client(Stop::Gone).into()),
            Ok(Arrival::Lost(at, error)) => match self.lanes.get_mut(at) {
                Some(lane) => {
                    lane.connection.doom();
                    Err(lane.connection.lost(error, false).into())
                }
                None => Err(RelayError::Client(Stop::Gone).into()),
            },
            Err(signal) => Err(self.interrupted(signal)),
        }
    }

    fn interrupted(&self, signal: Signal) -> WriteError {
        match signal {
            Signal::KillConnection => RelayError::Client(Stop::Killed).into(),
            _ => {
                self.watch.acknowledge(Signal::KillQuery);
                WriteError::Refused {
                    query: None,
                    error: MysqlError::interrupted(),
                }
            }
        }
    }
}
