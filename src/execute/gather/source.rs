//! Rows as they come.

use bytes::BytesMut;

use crate::backend::{BackendError, Connection};
use crate::wire::{Reply, WireError, decode_err, is_eof};

/// The largest row, in bytes: what a server's `max_allowed_packet` may be.
const MAX_ROW: usize = 1 << 30;

/// Rows of text values, one after the other.
pub trait Rows {
    /// The next row's payload; `None` behind the last.
    ///
    /// # Errors
    /// What the source says; it then gives no more rows.
    fn next(&mut self) -> impl Future<Output = Result<Option<BytesMut>, BackendError>> + Send;

    /// Takes a payload back, whose memory serves the next row.
    fn recycle(&mut self, row: BytesMut);
}

/// The rows of a query on one connection.
#[derive(Debug)]
pub(super) struct NodeRows<'a> {
    connection: &'a mut Connection,
}

impl<'a> NodeRows<'a> {
    /// Sends the query and reads up to the first row.
    pub(super) async fn ask(
        connection: &'a mut Connection,
        sql: &[u8],
    ) -> Result<Self, BackendError> {
        connection.queue_query(sql);
        connection.flush().await?;
        connection.packets().set_max_packet(MAX_ROW);
        connection.packets().accept_any_sequence();
        let mut rows = Self { connection };
        let first = rows.packet().await?;
        let malformed = |rows: &Self| {
            rows.connection.malformed(WireError::Malformed {
                packet: "COM_QUERY response",
                reason: "neither rows nor an error",
            })
        };
        let columns = match Reply::decode(&first) {
            Ok(Reply::ResultSet { columns }) => columns,
            Ok(Reply::Err) => return Err(rows.refused(&first)),
            Ok(_) => return Err(malformed(&rows)),
            Err(error) => return Err(rows.connection.malformed(error)),
        };
        for _ in 0..columns {
            rows.packet().await?;
        }
        Ok(rows)
    }

    async fn packet(&mut self) -> Result<BytesMut, BackendError> {
        match self.connection.packets().read_packet().await {
            Ok(payload) => Ok(payload),
            Err(error) => Err(self.connection.lost(error, false)),
        }
    }

    fn refused(&self, payload: &[u8]) -> BackendError {
        match decode_err(payload) {
            Ok(error) => BackendError::Setup(error),
            Err(error) => self.connection.malformed(error),
        }
    }
}

impl Rows for NodeRows<'_> {
    async fn next(&mut self) -> Result<Option<BytesMut>, BackendError> {
        let payload = self.packet().await?;
        if payload.first() == Some(&0xFF) {
            return Err(self.refused(&payload));
        }
        if is_eof(&payload, payload.len(), self.connection.capabilities()) {
            return Ok(None);
        }
        Ok(Some(payload))
    }

    fn recycle(&mut self, row: BytesMut) {
        self.connection.packets().recycle(row);
    }
}
