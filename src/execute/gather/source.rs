//! Rows as they come.

use std::future::poll_fn;
use std::task::Poll;

use bytes::Bytes;

use crate::backend::BackendError;
use crate::execute::scatter::{Command, Lane, Query};
use crate::reply::{Ending, Piece};
use crate::wire::WireError;

/// The rows of a query on one connection. Who gives it up before its end stops the lane.
#[derive(Debug)]
pub(super) struct Rows<'l, 'a> {
    lane: &'l mut Lane<'a>,
    /// The columns have come.
    begun: bool,
}

impl<'l, 'a> Rows<'l, 'a> {
    /// Sends the query.
    pub async fn ask(lane: &'l mut Lane<'a>, sql: &[u8]) -> Result<Self, BackendError> {
        lane.add(Query {
            number: 0,
            command: Command::Text {
                sql: sql.to_vec(),
                attributes: b"",
                database: None,
            },
        });
        if let Some((_, error)) = lane.start_next().await? {
            return Err(BackendError::Setup(error));
        }
        Ok(Self { lane, begun: false })
    }

    /// The next row's payload, of text values; `None` behind the last.
    pub async fn next(&mut self) -> Result<Option<Bytes>, BackendError> {
        loop {
            match self.lane.pull()? {
                Some((_, Piece::Row(row))) => return Ok(Some(row)),
                Some((_, Piece::Columns(_))) => self.begun = true,
                Some((_, Piece::End(Ending::Complete { .. }))) => {
                    return match self.begun {
                        true => Ok(None),
                        false => Err(self.malformed()),
                    };
                }
                Some((_, Piece::End(Ending::Error(error)))) => {
                    return Err(BackendError::Setup(error));
                }
                None => self.fill().await?,
            }
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
