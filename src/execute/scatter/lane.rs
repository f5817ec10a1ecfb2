//! A connection and the queries that it runs one after another.

use std::collections::VecDeque;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use tokio::sync::futures::OwnedNotified;

use super::Execute;
use crate::backend::{BackendError, Connection, Wanted};
use crate::error::{ErrorKind, MysqlError};
use crate::net::{NetError, STREAM_CHUNK, unless_notified};
use crate::reply::{AnswerReader, Ending, Piece};
use crate::telemetry::Tick;
use crate::wire::{FrameHeader, HEADER_LEN, StatusFlags, put_query};

/// What may be read ahead of the merge, in bytes.
const READ_AHEAD: usize = 2 * STREAM_CHUNK;

/// What one read takes once an answer turns out to be large; as the relay has it.
const STREAMING: usize = 8 * 1024;

/// How much of a file a packet has, in bytes: less than any server's `max_allowed_packet`.
const FILE_PIECE: usize = 256 * 1024;

/// The first byte of an ERR packet.
const ERR: u8 = 0xFF;

/// What a data node is asked.
#[derive(Clone, Debug)]
pub struct Query<'a> {
    /// Its number among the statement's queries: that of a source of the merge.
    pub number: usize,
    /// How it is asked.
    pub command: Command<'a>,
}

/// A command for a data node.
#[derive(Clone, Debug)]
pub enum Command<'a> {
    /// COM_QUERY
    Text {
        /// The text.
        sql: Vec<u8>,
        /// The client's query attributes.
        attributes: &'a [u8],
        /// The current database that the text needs; `None`: any will do.
        database: Option<&'a str>,
    },
    /// COM_QUERY with LOAD DATA LOCAL, whose server asks for a file.
    Load {
        /// The text.
        sql: Vec<u8>,
        /// The client's query attributes.
        attributes: &'a [u8],
        /// The current database that the text needs; `None`: any will do.
        database: Option<&'a str>,
        /// The file: rows of the client's.
        file: Bytes,
    },
    /// COM_STMT_EXECUTE
    Execute(Execute<'a>),
}

/// An answer that has come to its end.
#[derive(Clone, Copy, Debug)]
pub struct Answered {
    /// The number of the query.
    pub query: usize,
    /// When it was queued.
    pub asked: Tick,
    /// How long it took.
    pub took: Duration,
    /// The number of the error, if it was one.
    pub error: Option<u16>,
}

/// A connection with its queries.
#[derive(Debug)]
pub struct Lane<'a> {
    /// The connection, in the session's state.
    pub connection: &'a mut Connection,
    queries: VecDeque<Query<'a>>,
    current: Option<(Query<'a>, AnswerReader)>,
    opened: bool,
    /// The connection is being brought into a query's state; what was given up then stays so.
    preparing: bool,
    /// What the next read asks for.
    chunk: usize,
    /// A file is on its way to the server.
    sending: bool,
    /// The connection's status behind the last complete answer.
    status: Option<StatusFlags>,
    /// When the query under way was queued.
    asked: Option<Tick>,
    /// How long the answers took.
    times: Vec<Answered>,
    /// What the server had sent before.
    received: u64,
    /// Done when the server is taken for dead, where another one can answer as well.
    silent: Option<Pin<&'a mut OwnedNotified>>,
}

impl<'a> Lane<'a> {
    /// A connection on which nothing is under way.
    pub fn new(connection: &'a mut Connection, queries: Vec<Query<'a>>) -> Self {
        let received = connection.packets().traffic().received;
        Self {
            connection,
            queries: queries.into(),
            current: None,
            opened: false,
            preparing: false,
            chunk: 1,
            sending: false,
            status: None,
            asked: None,
            times: Vec::new(),
            received,
            silent: None,
        }
    }

    /// Breaks the connection off when `silent` is done.
    pub fn unless(mut self, silent: Option<Pin<&'a mut OwnedNotified>>) -> Self {
        self.silent = silent;
        self
    }

    /// Adds a query behind the others.
    pub(in crate::execute) fn add(&mut self, query: Query<'a>) {
        self.queries.push_back(query);
    }

    /// The status that the server told last.
    pub fn status(&self) -> Option<StatusFlags> {
        self.status
    }

    /// How many bytes its server has sent since the beginning.
    pub fn received(&mut self) -> u64 {
        let received = self.connection.packets().traffic().received;
        received.saturating_sub(self.received)
    }

    /// How long each of its answers took.
    pub fn times(&self) -> &[Answered] {
        &self.times
    }

    fn note_time(&mut self, query: usize, ending: &Ending) {
        if let Some(asked) = self.asked.take() {
            let took = Tick::now().since(asked);
            self.connection.server().series.times.record(took);
            self.times.push(Answered {
                query,
                asked,
                took,
                error: match ending {
                    Ending::Error(error) => Some(error.code),
                    Ending::Complete { .. } => None,
                },
            });
        }
    }

    /// Nothing is under way or left to do.
    pub fn is_done(&self) -> bool {
        self.current.is_none() && self.queries.is_empty() && !self.preparing
    }

    /// An answer is under way.
    pub(super) fn is_busy(&self) -> bool {
        self.current.is_some()
    }

    /// The columns of its first answer have been read, or it has nothing to answer.
    pub(in crate::execute) fn is_opened(&self) -> bool {
        self.opened || self.is_done()
    }

    pub(super) fn has(&self, query: usize) -> bool {
        self.current
            .as_ref()
            .is_some_and(|(current, _)| current.number == query)
            || self.queries.iter().any(|waiting| waiting.number == query)
    }

    /// The query that begins next.
    pub(super) fn next_query(&self) -> Option<usize> {
        self.queries.front().map(|query| query.number)
    }

    /// Nothing is under way any more on a connection that is lost.
    pub(super) fn give_up(&mut self) {
        self.connection.doom();
        self.queries.clear();
        self.current = None;
        self.preparing = false;
    }

    /// Leaves out what has not begun.
    pub(super) fn forget_rest(&mut self) {
        self.queries.clear();
    }

    /// Whether the connection was given up in the midst of what comes before a query.
    pub(super) fn is_preparing(&self) -> bool {
        self.preparing
    }

    /// Queues the next query, if there is one; gives back its number and what the server has
    /// against preparing it.
    pub(in crate::execute) async fn start_next(
        &mut self,
    ) -> Result<Option<(usize, MysqlError)>, BackendError> {
        let Some(query) = self.queries.pop_front() else {
            return Ok(None);
        };
        if !self.connection.is_quiet() {
            // It said goodbye, or something that nobody asked for.
            return Err(self.connection.lost(NetError::Closed, !self.opened));
        }
        self.preparing = true;
        let mut silent = self.silent.take();
        let ready = self.make_ready(&query.command);
        let ready = unless_notified(silent.as_mut().map(Pin::as_mut), ready).await;
        self.silent = silent;
        let Some(ready) = ready else {
            return Err(self.connection.lost(NetError::Closed, !self.opened));
        };
        let objection = ready?;
        self.preparing = false;
        if let Some(objection) = objection {
            return Ok(Some((query.number, objection)));
        }
        let capabilities = self.connection.capabilities();
        if self.connection.statements().is_closing() {
            self.connection.queue_closes();
        }
        self.connection.packets().reset_sequence();
        match &query.command {
            Command::Text {
                sql, attributes, ..
            }
            | Command::Load {
                sql, attributes, ..
            } => {
                let packets = self.connection.packets();
                packets.queue_with(|out| put_query(out, capabilities, attributes, sql));
            }
            Command::Execute(execute) => execute.queue(self.connection),
        }
        let sequence = self.connection.packets().sequence();
        let reader = match &query.command {
            Command::Load { .. } => AnswerReader::with_file(capabilities, sequence),
            _ => AnswerReader::new(capabilities, sequence),
        };
        self.current = Some((query, reader));
        self.asked = Some(Tick::now());
        self.chunk = 1;
        Ok(None)
    }

    async fn make_ready(
        &mut self,
        command: &Command<'_>,
    ) -> Result<Option<MysqlError>, BackendError> {
        match command {
            Command::Text { database: None, .. } | Command::Load { database: None, .. } => Ok(None),
            Command::Text { database, .. } | Command::Load { database, .. } => {
                let wanted = Wanted {
                    database: *database,
                    variables: None,
                    found_rows: self.connection.found_rows(),
                };
                self.connection.prepare(&wanted, &[]).await?;
                Ok(None)
            }
            Command::Execute(execute) => execute.make_ready(self.connection).await,
        }
    }

    /// Has a query asked once more if its error says that the server has forgotten the statement.
    fn runs_again(&mut self, mut query: Query<'a>, error: &MysqlError) {
        if let Command::Execute(execute) = &mut query.command
            && error.code == ErrorKind::UnknownStatement.code().0
            && !std::mem::replace(&mut execute.again, true)
        {
            self.connection.statements().take(execute.key);
            self.queries.push_front(query);
        }
    }

    /// Whether this query, whose answer has ended, will be asked once more.
    pub(in crate::execute) fn will_repeat(&self, query: usize) -> bool {
        self.queries
            .front()
            .is_some_and(|next| next.number == query)
    }

    /// The next piece of the answer under way, if it has arrived.
    pub(in crate::execute) fn pull(&mut self) -> Result<Option<(usize, Piece)>, BackendError> {
        let Some((query, reader)) = &mut self.current else {
            return Ok(None);
        };
        let piece = reader.next(self.connection.packets().input());
        if let (Some(sequence), Command::Load { file, .. }) =
            (reader.take_file_wish(), &query.command)
        {
            let packets = self.connection.packets();
            packets.set_sequence(sequence);
            file.chunks(FILE_PIECE)
                .for_each(|piece| packets.queue(piece));
            packets.queue(b"");
            reader.resume(packets.sequence());
            self.sending = true;
        }
        let query = query.number;
        let piece = match piece {
            Ok(Ok(piece)) => piece,
            Ok(Err(wanted)) => {
                self.chunk = self.chunk.max(wanted);
                return Ok(None);
            }
            Err(error) => return Err(self.connection.malformed(error)),
        };
        match &piece {
            Piece::Columns(_) => self.opened = true,
            Piece::Row(_) => {}
            Piece::End(Ending::Error(error)) => {
                if let Some((query, _)) = self.current.take() {
                    self.runs_again(query, error);
                }
            }
            Piece::End(Ending::Complete { status, .. }) => {
                self.current = None;
                // OK without columns is no answer to a SELECT; the merge ends without rows.
                self.opened = true;
                self.status = Some(*status);
            }
        }
        if let Piece::End(ending) = &piece {
            self.note_time(query, ending);
        }
        Ok(Some((query, piece)))
    }

    /// Whether an error stands behind the rows that have arrived.
    pub(super) fn has_failed(&mut self) -> bool {
        if !matches!(&self.current, Some((_, reader)) if reader.is_in_rows()) {
            return false;
        }
        let input = self.connection.packets().input();
        let (mut at, mut continued) = (0, false);
        while let Some(rest) = input.get(at..)
            && let Some(header) = FrameHeader::peek(rest)
        {
            if !continued && rest.get(HEADER_LEN) == Some(&ERR) {
                return true;
            }
            continued = header.continues();
            at += HEADER_LEN + header.len;
        }
        false
    }

    /// Reads what has arrived, if an answer is under way and there is room for it.
    pub(in crate::execute) fn poll_fill(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<Result<(), NetError>> {
        if self.current.is_none() {
            return Poll::Pending;
        }
        let packets = self.connection.packets();
        if self.sending
            && let Poll::Ready(sent) = packets.poll_flush(cx)
        {
            self.sending = false;
            if let Err(error) = sent {
                return Poll::Ready(Err(error));
            }
        }
        if packets.input().len() >= READ_AHEAD.max(self.chunk) {
            return Poll::Pending;
        }
        match packets.poll_fill(cx, self.chunk) {
            Poll::Pending => {
                let silent = self.silent.as_mut();
                let silent = silent.is_some_and(|silent| silent.as_mut().poll(cx).is_ready());
                match silent {
                    true => Poll::Ready(Err(NetError::Closed)),
                    false => Poll::Pending,
                }
            }
            Poll::Ready(Ok(0)) => Poll::Ready(Err(NetError::Closed)),
            Poll::Ready(Ok(read)) => {
                self.chunk = if read >= STREAMING { STREAM_CHUNK } else { 1 };
                Poll::Ready(Ok(()))
            }
            Poll::Ready(Err(error)) => Poll::Ready(Err(error)),
        }
    }
}
