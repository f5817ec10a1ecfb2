//! Several data nodes answer one SELECT: all are asked before the first answer is awaited, their
//! rows are merged as they come, and nothing is spawned or sent through channels.
//!
//! In: [`Lane`]s, each a connection with the queries that it runs one after another, and a client.
//! Out: the merged answer at the client, and an [`Outcome`]. Every wait reads from all servers, as
//! far as their buffers have room: a slow client or a slow shard slows the others down, and memory
//! stays flat. The first error ends the statement: what the others still work on is stopped, and
//! their connections stay usable.

mod arrival;
mod each;
mod error;
mod lane;
mod output;
mod prepared;
mod sink;
mod stop;
mod warned;
mod write;

pub use each::{Each, Said, Unsaid, each};
pub use error::ScatterError;
pub use lane::{Answered, Command, Lane, Query};
pub use prepared::Execute;
pub use sink::{Kept, Sink};
pub use stop::stop;
pub use write::{Write, WriteError, Written, write};

use std::task::{Context, Poll};

use bytes::Bytes;

use self::arrival::{Arrival, arrival};
use super::{Limits, RelayError, Seen, Stop};
use crate::backend::BackendError;
use crate::error::{MysqlError, StageError};
use crate::merge::{Budget, MergeError, MergeSpec, Merger, RowFormat, Step, agree};
use crate::net::{Interest, PacketStream, Signal, Watch};
use crate::reply::{Ending, Names, Piece, Quota, Spent, Warned};
use crate::wire::{CapabilityFlags, ColumnDefinition, StatusFlags};

/// A SELECT on several data nodes.
pub struct Scatter<'a> {
    /// The connections; they keep what the servers told of them.
    pub lanes: Vec<Lane<'a>>,
    /// What the client calls the database of each query, by its number.
    pub names: Vec<Option<Names<'a>>>,
    /// Who gets the answer; its next sequence id is the answer's first.
    pub client: &'a mut PacketStream,
    /// What was negotiated with it.
    pub capabilities: CapabilityFlags,
    /// The status that the client is told.
    pub status: StatusFlags,
    /// The form of the rows.
    pub format: RowFormat,
    /// How many columns of the nodes' answers the client does not see; the last ones.
    pub hidden: usize,
    /// What is done with answers of which the client sees so many columns.
    pub spec: &'a (dyn Fn(usize) -> Result<MergeSpec, MysqlError> + Sync),
    /// All rows are counted, also those that LIMIT leaves out.
    pub counts_all: bool,
    /// How much the merge may hold.
    pub budget: Budget,
    /// Where the rows go.
    pub sink: Sink,
    /// The most that the client may get.
    pub quota: Option<&'a Quota>,
    /// The client's statement, with its parameters: what servers say of it, they say once.
    pub texts: &'a [&'a [u8]],
    /// What the servers said behind their answers, in the order of the queries; only where the client
    /// gets the rows.
    pub warned: Vec<Warned>,
    /// The lane whose server ended the statement; `None`: all answered, or something else did.
    pub culprit: Option<usize>,
    /// Ends waits.
    pub watch: &'a Watch,
    /// How long waits may take.
    pub limits: Limits,
}

/// What an answer said, for the session.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// Rows that the client got.
    pub rows: u64,
    /// FOUND_ROWS(): rows with those that OFFSET leaves out; without LIMIT, where all were counted.
    pub counted: u64,
    /// Warnings of all nodes.
    pub warnings: u16,
}

/// Runs the statement. Afterwards every lane's connection is at the end of an answer, or doomed.
///
/// # Errors
/// See [`ScatterError`].
pub async fn scatter(job: &mut Scatter<'_>) -> Result<Outcome, ScatterError> {
    let mut run = Run {
        job,
        columns: Vec::new(),
        first: 0,
        merger: None,
        waiting: 0,
        given: 0,
        outcome: Outcome::default(),
        seen: Seen::Nothing,
    };
    let done = run.all().await;
    match &done {
        Err(ScatterError::Lost(RelayError::Client(_))) => stop::abandon(&mut run.job.lanes),
        _ => stop::stop(&mut run.job.lanes).await,
    }
    done
}

/// A statement under way.
struct Run<'r, 'a> {
    job: &'r mut Scatter<'a>,
    /// The definitions of the first answer's columns, as payloads.
    columns: Vec<Bytes>,
    /// The query that they came from.
    first: usize,
    merger: Option<Merger>,
    /// Bytes of rows that wait in the merger for another query of their own connection.
    waiting: usize,
    /// Bytes of the rows that the client got.
    given: u64,
    outcome: Outcome,
    seen: Seen,
}

impl Run<'_, '_> {
    async fn all(&mut self) -> Result<Outcome, ScatterError> {
        match &self.job.sink {
            Sink::Tally(_) => self.ask_in_turn().await?,
            Sink::Keep(kept) if kept.in_turn => self.ask_in_turn().await?,
            Sink::Client | Sink::Keep(_) => self.ask().await?,
        }
        self.first_columns().await?;
        if self.columns.is_empty() {
            return Err(self.told(MysqlError::new(
                crate::error::ErrorKind::MalformedPacket,
                "Malformed communication packet: an answer to SELECT without columns",
            )));
        }
        if !self.is_told() {
            self.keep_columns();
            self.merge().await?;
            return Ok(self.outcome);
        }
        self.put_columns()?;
        self.merge().await?;
        self.agree_on_conditions();
        self.put_end();
        if !self.job.lanes.iter().all(Lane::is_done) {
            // The client does not wait for rows that nobody wants.
            self.flush().await?;
        }
        Ok(self.outcome)
    }

    /// Sends every lane its first query.
    async fn ask(&mut self) -> Result<(), ScatterError> {
        for at in 0..self.job.lanes.len() {
            self.start_next(at).await?;
        }
        let (lanes, limit) = (&mut self.job.lanes, self.job.limits.statement);
        let flush = |cx: &mut Context<'_>| {
            let mut all = Poll::Ready(Ok(()));
            for (at, lane) in lanes.iter_mut().enumerate() {
                match lane.connection.packets().poll_flush(cx) {
                    Poll::Ready(Ok(())) => {}
                    Poll::Ready(Err(error)) => return Poll::Ready(Err((at, error))),
                    Poll::Pending => all = Poll::Pending,
                }
            }
            all
        };
        match self
            .job
            .watch
            .guard_poll(limit, Interest::STATEMENT, flush)
            .await
        {
            Ok(Ok(())) => Ok(()),
            Ok(Err((at, error))) => Err(self.lost(at, error)),
            Err(signal) => Err(self.interrupted(signal)),
        }
    }

    /// Asks one lane after the other, each when the one before has answered: two statements that lock
    /// the same rows wait for each other on the first server, and never one here and one there.
    async fn ask_in_turn(&mut self) -> Result<(), ScatterError> {
        for at in 0..self.job.lanes.len() {
            self.go_on(at).await?;
            while self.job.lanes.get(at).is_some_and(|lane| !lane.is_done()) {
                match self.pull(at)? {
                    Some((query, piece)) => {
                        if let Piece::Row(row) = &piece {
                            self.hold(row.len())?;
                        }
                        self.take(at, query, piece).await?;
                    }
                    None => self.wait(&[at]).await?,
                }
            }
        }
        Ok(())
    }

    /// Queues the next query of a lane, if it has one.
    async fn start_next(&mut self, at: usize) -> Result<(), ScatterError> {
        let Some(lane) = self.job.lanes.get_mut(at) else {
            return Ok(());
        };
        let (limit, interest) = (self.job.limits.statement, Interest::FINISH);
        let started = lane.start_next();
        match self.job.watch.guard(limit, interest, started).await {
            Ok(Ok(None)) => Ok(()),
            Ok(Ok(Some((query, objection)))) => Err(self.refused(at, query, objection)),
            Ok(Err(error)) => Err(self.broken(at, error)),
            Err(signal) => Err(self.interrupted(signal)),
        }
    }

    /// Queues and sends the next query of a lane.
    async fn go_on(&mut self, at: usize) -> Result<(), ScatterError> {
        self.start_next(at).await?;
        let Some(lane) = self.job.lanes.get_mut(at) else {
            return Ok(());
        };
        let flushed = lane.connection.flush().await;
        flushed.map_err(|error| self.broken(at, error))
    }

    /// Reads until the columns of every lane's first answer are there: an error of one of them is
    /// then all that the client sees.
    async fn first_columns(&mut self) -> Result<(), ScatterError> {
        loop {
            let mut missing = Vec::new();
            for at in 0..self.job.lanes.len() {
                let open = |run: &Self| run.job.lanes.get(at).is_some_and(|lane| lane.is_opened());
                while !open(self) {
                    match self.pull(at)? {
                        Some((query, piece)) => self.take(at, query, piece).await?,
                        None => {
                            missing.push(at);
                            break;
                        }
                    }
                }
            }
            if missing.is_empty() {
                return Ok(());
            }
            self.wait(&missing).await?;
        }
    }

    async fn merge(&mut self) -> Result<(), ScatterError> {
        loop {
            let step = match &mut self.merger {
                Some(merger) => merger.step(),
                None => return Ok(()),
            };
            match step {
                Ok(Step::Row(row)) => self.put(&row).await?,
                Ok(Step::Need(query)) => self.feed(Some(query)).await?,
                Ok(Step::NeedAny) => self.feed(None).await?,
                Ok(Step::Done) => break,
                Err(error) => return Err(self.unmerged(&error)),
            }
        }
        self.outcome.counted = self.merger.as_ref().map_or(0, Merger::counted);
        Ok(())
    }

    /// Gives the merger rows, or the end, of one query or of any.
    async fn feed(&mut self, wanted: Option<usize>) -> Result<(), ScatterError> {
        loop {
            let lanes = self.lanes_of(wanted);
            let mut fed = false;
            for at in &lanes {
                while let Some((query, piece)) = self.pull(*at)? {
                    let useful = wanted.is_none_or(|wanted| wanted == query);
                    let piece = match piece {
                        // Nothing is awaited for a row: there are many of them.
                        Piece::Row(row) => {
                            if !useful {
                                self.hold(row.len())?;
                            }
                            self.push(query, row)?;
                            fed |= useful;
                            continue;
                        }
                        piece => piece,
                    };
                    let ended = matches!(piece, Piece::End(_));
                    fed |= useful && ended;
                    self.take(*at, query, piece).await?;
                    if ended && fed {
                        break;
                    }
                }
            }
            if fed {
                return Ok(());
            }
            self.flush().await?;
            self.wait(&lanes).await?;
        }
    }

    /// The lanes that a query is on, or all that are not done.
    fn lanes_of(&self, wanted: Option<usize>) -> Vec<usize> {
        let lanes = self.job.lanes.iter().enumerate();
        let useful = lanes.filter(|(_, lane)| match wanted {
            Some(query) => lane.has(query),
            None => !lane.is_done(),
        });
        useful.map(|(at, _)| at).collect()
    }

    /// Rows of another query than the one that is needed have to wait.
    fn hold(&mut self, bytes: usize) -> Result<(), ScatterError> {
        self.waiting = self.waiting.saturating_add(bytes);
        if self.waiting <= self.job.budget.bytes {
            return Ok(());
        }
        Err(self.unmerged(&MergeError::Budget {
            limit: self.job.budget.bytes,
            unit: "bytes",
        }))
    }

    /// The next piece of a lane's answer, if it has arrived, and the query that it belongs to.
    fn pull(&mut self, at: usize) -> Result<Option<(usize, Piece)>, ScatterError> {
        let Some(lane) = self.job.lanes.get_mut(at) else {
            return Ok(None);
        };
        let pulled = lane.pull();
        pulled.map_err(|error| self.broken(at, error))
    }

    fn push(&mut self, query: usize, row: Bytes) -> Result<(), ScatterError> {
        match &mut self.merger {
            Some(merger) => {
                let pushed = merger.push(query, row);
                pushed.map_err(|error| self.unmerged(&error))
            }
            None => Ok(()),
        }
    }

    async fn take(&mut self, at: usize, query: usize, piece: Piece) -> Result<(), ScatterError> {
        match piece {
            Piece::Columns(columns) => self.open(query, columns),
            Piece::Row(row) => self.push(query, row),
            Piece::End(Ending::Error(error)) => {
                let mut lane = self.job.lanes.get(at).into_iter();
                match lane.any(|lane| lane.will_repeat(query)) {
                    true => self.go_on(at).await,
                    false => Err(self.refused(at, query, error)),
                }
            }
            Piece::End(Ending::Complete { warnings, .. }) => {
                self.note_warnings(at, query, warnings).await?;
                if let Some(merger) = &mut self.merger {
                    merger.end(query);
                }
                self.go_on(at).await
            }
        }
    }

    /// The columns of an answer: the first ones begin the client's, all others must agree.
    fn open(&mut self, query: usize, columns: Vec<Bytes>) -> Result<(), ScatterError> {
        let definitions = decoded(&columns).map_err(|error| self.told(error.to_mysql()))?;
        if self.merger.is_none() {
            let spec = (self.job.spec)(columns.len().saturating_sub(self.job.hidden));
            let spec = spec.map_err(|error| self.told(error))?;
            let (queries, format) = (self.job.names.len(), self.job.format);
            let merger = Merger::new(&spec, &definitions, format, queries, self.job.budget);
            let mut merger = merger.map_err(|error| self.unmerged(&error))?;
            if self.job.counts_all {
                merger.count_all();
            }
            self.merger = Some(merger);
            self.columns = columns;
            self.first = query;
            return Ok(());
        }
        let first = decoded(&self.columns).map_err(|error| self.told(error.to_mysql()))?;
        match agree(&first, &definitions) {
            true => Ok(()),
            false => Err(self.unmerged(&MergeError::Unmergeable(
                "columns that do not have the same types on all shards",
            ))),
        }
    }

    /// Waits until more has arrived for one of these lanes.
    async fn wait(&mut self, lanes: &[usize]) -> Result<(), ScatterError> {
        if self.job.lanes.iter_mut().any(Lane::has_failed) {
            return self.fail_early();
        }
        let (all, client) = (&mut self.job.lanes, &mut *self.job.client);
        let wanted = |at| lanes.contains(&at);
        let patience = (self.job.watch, self.job.limits);
        match arrival(all, client, wanted, patience).await {
            Ok(Arrival::Data) => Ok(()),
            Ok(Arrival::Failed) => self.fail_early(),
            Ok(Arrival::Lost(at, error)) => Err(self.lost(at, error)),
            Ok(Arrival::ClientGone) => Err(RelayError::Client(Stop::Gone).into()),
            Err(signal) => Err(self.interrupted(signal)),
        }
    }

    /// One server said no: the rows that others still work on are of no use.
    fn fail_early(&mut self) -> Result<(), ScatterError> {
        for at in 0..self.job.lanes.len() {
            if !self.job.lanes.get_mut(at).is_some_and(Lane::has_failed) {
                continue;
            }
            while let Some((query, piece)) = self.pull(at)? {
                if let Piece::End(Ending::Error(error)) = piece {
                    return Err(self.refused(at, query, error));
                }
            }
        }
        // What looked like an error was none.
        Err(self.told(MysqlError::new(
            crate::error::ErrorKind::MalformedPacket,
            "Malformed communication packet: rows that look like an error",
        )))
    }

    fn lost(&mut self, at: usize, error: crate::net::NetError) -> ScatterError {
        let lane = self.job.lanes.get(at);
        let lost = lane.map(|lane| lane.connection.lost(error, !lane.is_opened()));
        match lost {
            Some(error) => self.broken(at, error),
            None => RelayError::Client(Stop::Killed).into(),
        }
    }

    /// The connection of a lane gives no answer.
    fn broken(&mut self, at: usize, error: BackendError) -> ScatterError {
        self.job.culprit = Some(at);
        let seen = self.seen;
        RelayError::Backend { error, seen }.into()
    }

    /// KILL, or a server that takes too long.
    fn interrupted(&self, signal: Signal) -> ScatterError {
        match signal {
            Signal::KillConnection => RelayError::Client(Stop::Killed).into(),
            _ => {
                self.job.watch.acknowledge(Signal::KillQuery);
                self.told(MysqlError::interrupted())
            }
        }
    }

    /// A server's error, with the names that the client knows.
    fn refused(&mut self, at: usize, query: usize, mut error: MysqlError) -> ScatterError {
        self.job.culprit = Some(at);
        if let Some(Some(names)) = self.job.names.get(query) {
            names.fix_error(&mut error);
        }
        ScatterError::said(error, self.seen, self.job.hidden > 0)
    }

    fn unmerged(&self, error: &MergeError) -> ScatterError {
        let unmergeable = matches!(
            error,
            MergeError::Unmergeable(_) | MergeError::Hidden { .. }
        );
        ScatterError::Refused {
            error: error.to_mysql(),
            seen: self.seen,
            unmergeable,
        }
    }

    fn told(&self, error: MysqlError) -> ScatterError {
        ScatterError::Refused {
            error,
            seen: self.seen,
            unmergeable: false,
        }
    }
}

fn decoded(columns: &[Bytes]) -> Result<Vec<ColumnDefinition<'_>>, crate::wire::WireError> {
    columns
        .iter()
        .map(|column| ColumnDefinition::decode(column))
        .collect()
}
