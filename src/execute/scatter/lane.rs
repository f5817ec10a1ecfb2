//! A connection and the queries that it runs one after another.

use std::collections::VecDeque;
use std::task::{Context, Poll};

use crate::backend::{BackendError, Connection, Wanted};
use crate::net::{NetError, STREAM_CHUNK};
use crate::reply::{AnswerReader, Ending, Piece};
use crate::wire::{FrameHeader, HEADER_LEN, StatusFlags, put_query};

/// What may be read ahead of the merge, in bytes.
const READ_AHEAD: usize = 2 * STREAM_CHUNK;

/// What one read takes once an answer turns out to be large; as the relay has it.
const STREAMING: usize = 8 * 1024;

/// The first byte of an ERR packet.
const ERR: u8 = 0xFF;

/// What a data node is asked.
#[derive(Clone, Debug)]
pub struct Query<'a> {
    /// Its number among the statement's queries: that of a source of the merge.
    pub number: usize,
    /// The text.
    pub text: Vec<u8>,
    /// The client's query attributes.
    pub attributes: &'a [u8],
    /// The current database that the text needs; `None`: any will do.
    pub database: Option<&'a str>,
}

/// A connection with its queries.
#[derive(Debug)]
pub struct Lane<'a> {
    /// The connection, in the session's state.
    pub connection: &'a mut Connection,
    queries: VecDeque<Query<'a>>,
    current: Option<(usize, AnswerReader)>,
    opened: bool,
    /// What the next read asks for.
    chunk: usize,
    /// The connection's status behind the last complete answer.
    status: Option<StatusFlags>,
    /// Warnings of the last complete answer.
    warnings: u16,
}

impl<'a> Lane<'a> {
    /// A connection on which nothing is under way.
    pub fn new(connection: &'a mut Connection, queries: Vec<Query<'a>>) -> Self {
        Self {
            connection,
            queries: queries.into(),
            current: None,
            opened: false,
            chunk: 1,
            status: None,
            warnings: 0,
        }
    }

    /// The status that the server told last.
    pub fn status(&self) -> Option<StatusFlags> {
        self.status
    }

    /// How many warnings the connection can still tell about.
    pub fn warnings(&self) -> u16 {
        self.warnings
    }

    /// Nothing is under way or left to do.
    pub fn is_done(&self) -> bool {
        self.current.is_none() && self.queries.is_empty()
    }

    /// An answer is under way.
    pub(super) fn is_busy(&self) -> bool {
        self.current.is_some()
    }

    /// The columns of its first answer have been read.
    pub(super) fn is_opened(&self) -> bool {
        self.opened
    }

    pub(super) fn has(&self, query: usize) -> bool {
        self.current
            .as_ref()
            .is_some_and(|(current, _)| *current == query)
            || self.queries.iter().any(|waiting| waiting.number == query)
    }

    /// Leaves out what has not begun.
    pub(super) fn forget_rest(&mut self) {
        self.queries.clear();
    }

    /// Queues the next query, if there is one.
    pub(super) async fn start_next(&mut self) -> Result<(), BackendError> {
        let Some(query) = self.queries.pop_front() else {
            return Ok(());
        };
        if !self.connection.is_quiet() {
            // It said goodbye, or something that nobody asked for.
            return Err(self.connection.lost(NetError::Closed, !self.opened));
        }
        if query.database.is_some() {
            let wanted = Wanted {
                database: query.database,
                variables: None,
                found_rows: self.connection.found_rows(),
            };
            self.connection.prepare(&wanted, &[]).await?;
        }
        let capabilities = self.connection.capabilities();
        let packets = self.connection.packets();
        packets.reset_sequence();
        packets.queue_with(|out| put_query(out, capabilities, query.attributes, &query.text));
        let reader = AnswerReader::new(capabilities, packets.sequence());
        self.current = Some((query.number, reader));
        self.chunk = 1;
        Ok(())
    }

    /// The next piece of the answer under way, if it has arrived.
    pub(super) fn pull(&mut self) -> Result<Option<(usize, Piece)>, BackendError> {
        let Some((query, reader)) = &mut self.current else {
            return Ok(None);
        };
        let query = *query;
        let piece = match reader.next(self.connection.packets().input()) {
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
            Piece::End(ending) => {
                self.current = None;
                if let Ending::Complete {
                    status, warnings, ..
                } = ending
                {
                    // OK without columns is no answer to a SELECT; the merge ends without rows.
                    self.opened = true;
                    self.status = Some(*status);
                    self.warnings = *warnings;
                }
            }
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
    pub(super) fn poll_fill(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), NetError>> {
        if self.current.is_none() {
            return Poll::Pending;
        }
        let packets = self.connection.packets();
        if packets.input().len() >= READ_AHEAD.max(self.chunk) {
            return Poll::Pending;
        }
        match packets.poll_fill(cx, self.chunk) {
            Poll::Pending => Poll::Pending,
            Poll::Ready(Ok(0)) => Poll::Ready(Err(NetError::Closed)),
            Poll::Ready(Ok(read)) => {
                self.chunk = if read >= STREAMING { STREAM_CHUNK } else { 1 };
                Poll::Ready(Ok(()))
            }
            Poll::Ready(Err(error)) => Poll::Ready(Err(error)),
        }
    }
}
