//! Rows as they come.

use std::future::poll_fn;
use std::task::Poll;

use bytes::{Bytes, BytesMut};

use super::Source;
use crate::backend::BackendError;
use crate::execute::scatter::{Command, Execute, Lane, Query};
use crate::reply::{Ending, Piece};
use crate::wire::{BinaryRows, ColumnDefinition, WireError};

/// The rows of a query on one connection. Who gives it up before its end stops the lane.
#[derive(Debug)]
pub(super) struct Rows<'l, 'a> {
    lane: &'l mut Lane<'a>,
    /// The columns have come.
    begun: bool,
    /// The columns, where the rows are binary ones.
    binary: Option<BinaryRows>,
    /// How many the query gave, once it is through.
    pub warnings: u16,
}

impl<'l, 'a> Rows<'l, 'a> {
    /// Sends the query; `sql` is its text where nothing is bound to it.
    pub async fn ask(
        lane: &'l mut Lane<'a>,
        source: &'a Source,
        sql: Vec<u8>,
    ) -> Result<Self, BackendError> {
        lane.add(Query {
            number: 0,
            command: command(source, sql),
        });
        let mut rows = Self {
            lane,
            begun: false,
            binary: source.bound.is_some().then(BinaryRows::default),
            warnings: 0,
        };
        rows.start().await?;
        Ok(rows)
    }

    async fn start(&mut self) -> Result<(), BackendError> {
        match self.lane.start_next().await? {
            Some((_, error)) => Err(BackendError::Setup(error)),
            None => Ok(()),
        }
    }

    /// The next row's payload, of text values; `None` behind the last.
    pub async fn next(&mut self) -> Result<Option<Bytes>, BackendError> {
        loop {
            match self.lane.pull()? {
                Some((_, Piece::Row(row))) => return self.text(row).map(Some),
                Some((_, Piece::Columns(columns))) => self.begin(&columns)?,
                Some((_, Piece::End(Ending::Complete { warnings, .. }))) => {
                    self.warnings = warnings;
                    return match self.begun {
                        true => Ok(None),
                        false => Err(self.malformed()),
                    };
                }
                // The server had forgotten the statement.
                Some((query, Piece::End(Ending::Error(_)))) if self.lane.will_repeat(query) => {
                    self.start().await?;
                }
                Some((_, Piece::End(Ending::Error(error)))) => {
                    return Err(BackendError::Setup(error));
                }
                None => self.fill().await?,
            }
        }
    }

    fn begin(&mut self, columns: &[Bytes]) -> Result<(), BackendError> {
        self.begun = true;
        let Some(binary) = &mut self.binary else {
            return Ok(());
        };
        let known = columns.iter().try_for_each(|column| {
            ColumnDefinition::decode(column).and_then(|column| binary.push(&column))
        });
        known.map_err(|error| self.lane.connection.malformed(error))
    }

    /// A row as one of text values.
    fn text(&self, row: Bytes) -> Result<Bytes, BackendError> {
        let Some(binary) = &self.binary else {
            return Ok(row);
        };
        let mut text = BytesMut::with_capacity(2 * row.len());
        match binary.put_text(&row, &mut text) {
            Ok(()) => Ok(text.freeze()),
            Err(error) => Err(self.lane.connection.malformed(error)),
        }
    }

    async fn fill(&mut self) -> Result<(), BackendError> {
        let filled = poll_fn(|cx| {
            if let Poll::Ready(Err(error)) = self.lane.connection.packets().poll_flush(cx) {
                return Poll::Ready(Err(error));
            }
            self.lane.poll_fill(cx)
        });
        let filled = filled.await;
        filled.map_err(|error| self.lane.connection.lost(error, false))
    }

    fn malformed(&self) -> BackendError {
        self.lane.connection.malformed(WireError::Malformed {
            packet: "COM_QUERY response",
            reason: "neither rows nor an error",
        })
    }
}

fn command(source: &Source, sql: Vec<u8>) -> Command<'_> {
    match &source.bound {
        None => Command::Text {
            sql,
            attributes: b"",
            database: None,
        },
        Some(bound) => Command::Execute(Execute {
            sql: source.sql.text(),
            database: None,
            key: bound.key,
            fresh: bound.fresh,
            then: &bound.then,
            now: &bound.now,
            execution: bound.parameters.execution(),
            long_data: &bound.long_data,
            again: false,
        }),
    }
}
