//! Small queries of the proxy's own, read whole.

use bytes::BytesMut;

use super::{BackendError, Connection};
use crate::wire::{Reader, Reply, WireError, decode_err, is_eof};

/// One row of text values.
pub type TextRow = Vec<Option<Vec<u8>>>;

/// The most rows that a query of the proxy's own may give.
const MAX_ROWS: usize = 65_536;

const NULL: u8 = 0xFB;

impl Connection {
    /// Runs a query and reads its rows.
    ///
    /// # Errors
    /// [`BackendError::Setup`] with the server's own words; what the connection says.
    pub async fn query(&mut self, sql: &[u8]) -> Result<Vec<TextRow>, BackendError> {
        self.queue_query(sql);
        self.flush().await?;
        let first = self.read_packet().await?;
        let columns = match Reply::decode(&first).map_err(|error| self.malformed(error))? {
            Reply::ResultSet { columns } => usize::try_from(columns).unwrap_or(0),
            Reply::Ok => return Ok(Vec::new()),
            Reply::Err => return Err(self.refused(&first)),
            Reply::Eof | Reply::LocalInfile(_) => {
                return Err(self.malformed(WireError::Malformed {
                    packet: "COM_QUERY response",
                    reason: "neither rows nor an error",
                }));
            }
        };
        for _ in 0..columns {
            self.read_packet().await?;
        }
        let mut rows = Vec::new();
        loop {
            let payload = self.read_packet().await?;
            if payload.first() == Some(&0xFF) {
                return Err(self.refused(&payload));
            }
            if is_eof(&payload, payload.len(), self.capabilities()) {
                return Ok(rows);
            }
            if rows.len() < MAX_ROWS {
                rows.push(read_row(&payload, columns).map_err(|error| self.malformed(error))?);
            }
        }
    }

    fn refused(&self, payload: &BytesMut) -> BackendError {
        match decode_err(payload) {
            Ok(error) => BackendError::Setup(error),
            Err(error) => self.malformed(error),
        }
    }
}

fn read_row(payload: &[u8], columns: usize) -> Result<TextRow, WireError> {
    let mut reader = Reader::new(payload);
    (0..columns)
        .map(|_| {
            if reader.peek() == Some(NULL) {
                reader.take(1)?;
                return Ok(None);
            }
            Ok(Some(reader.lenenc_bytes()?.to_vec()))
        })
        .collect()
}
