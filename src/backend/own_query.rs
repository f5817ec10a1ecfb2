//! Small queries of the proxy's own, read whole.

use bytes::BytesMut;

use super::connection::OWN_PATIENCE;
use super::{BackendError, Connection};
use crate::wire::{ColumnDefinition, Reader, Reply, WireError, decode_err, is_eof};

/// One row of text values.
pub type TextRow = Vec<Option<Vec<u8>>>;

/// Names of columns, and rows.
type Named = (Vec<String>, Vec<TextRow>);

/// A column's name, its type's code and the bits of its flags.
pub(super) type Column = (String, u8, u16);

/// The most that a query of the proxy's own may give, in bytes: some 500,000 names of tables.
const MAX_ROWS_BYTES: usize = 64 << 20;

/// What a row occupies besides its values, in bytes.
const ROW_COST: usize = 64;

impl Connection {
    /// Runs a query and reads its rows.
    ///
    /// # Errors
    /// [`BackendError::Setup`] with the server's own words; what the connection says.
    pub async fn query(&mut self, sql: &[u8]) -> Result<Vec<TextRow>, BackendError> {
        Ok(self.query_named(sql).await?.1)
    }

    /// Runs a query and reads its columns' names and its rows.
    ///
    /// # Errors
    /// As [`Connection::query`].
    pub async fn query_named(&mut self, sql: &[u8]) -> Result<Named, BackendError> {
        let (columns, rows) = self.query_whole(sql).await?;
        Ok((columns.into_iter().map(|(name, ..)| name).collect(), rows))
    }

    /// Runs a query and reads its columns' types and flags, and its rows.
    ///
    /// # Errors
    /// As [`Connection::query`].
    pub async fn query_typed(
        &mut self,
        sql: &[u8],
    ) -> Result<(Vec<(u8, u16)>, Vec<TextRow>), BackendError> {
        let (columns, rows) = self.query_whole(sql).await?;
        let types = columns.into_iter().map(|(_, kind, flags)| (kind, flags));
        Ok((types.collect(), rows))
    }

    async fn query_whole(
        &mut self,
        sql: &[u8],
    ) -> Result<(Vec<Column>, Vec<TextRow>), BackendError> {
        let reactor = self.server().reactor.clone();
        match reactor
            .timeout(OWN_PATIENCE, self.query_patiently(sql))
            .await
        {
            Ok(answered) => answered,
            Err(_) => Err(self.too_slow()),
        }
    }

    /// Runs a query and tells its rows as they come, however many there are.
    ///
    /// # Errors
    /// As [`Connection::query`]. The connection is of no use after an error, nor if the wait was
    /// given up.
    pub async fn query_each(
        &mut self,
        sql: &[u8],
        tell: &mut (dyn FnMut(TextRow) + Send),
    ) -> Result<(), BackendError> {
        let reactor = self.server().reactor.clone();
        let columns = match reactor.timeout(OWN_PATIENCE, self.ask(sql)).await {
            Ok(columns) => columns?.len(),
            Err(_) => return Err(self.too_slow()),
        };
        loop {
            match reactor.timeout(OWN_PATIENCE, self.row(columns)).await {
                Ok(Ok(Some((row, _)))) => tell(row),
                Ok(Ok(None)) => return Ok(()),
                Ok(Err(error)) => return Err(error),
                Err(_) => return Err(self.too_slow()),
            }
        }
    }

    async fn query_patiently(
        &mut self,
        sql: &[u8],
    ) -> Result<(Vec<Column>, Vec<TextRow>), BackendError> {
        self.queue_query(sql);
        self.flush().await?;
        self.read_rows().await
    }

    /// Reads the answer to a query that was sent.
    ///
    /// # Errors
    /// As [`Connection::query`].
    pub(super) async fn read_rows(&mut self) -> Result<(Vec<Column>, Vec<TextRow>), BackendError> {
        let columns = self.read_columns().await?;
        let mut rows = Vec::new();
        let mut bytes = 0;
        while !columns.is_empty()
            && let Some((row, len)) = self.row(columns.len()).await?
        {
            bytes += ROW_COST + len;
            if bytes > MAX_ROWS_BYTES {
                return Err(self.malformed(WireError::TooLong {
                    what: "the answer to a query of the proxy's own",
                    len: bytes,
                    max: MAX_ROWS_BYTES,
                }));
            }
            rows.push(row);
        }
        Ok((columns, rows))
    }

    /// Sends a query and reads its columns; none where it gives no rows.
    async fn ask(&mut self, sql: &[u8]) -> Result<Vec<Column>, BackendError> {
        self.queue_query(sql);
        self.flush().await?;
        self.read_columns().await
    }

    /// Reads the columns of an answer; none where it gives no rows.
    async fn read_columns(&mut self) -> Result<Vec<Column>, BackendError> {
        let first = self.read_packet().await?;
        let columns = match Reply::decode(&first).map_err(|error| self.malformed(error))? {
            Reply::ResultSet { columns } => usize::try_from(columns).unwrap_or(0),
            Reply::Ok => return Ok(Default::default()),
            Reply::Err => return Err(self.refused(&first)),
            Reply::Eof | Reply::LocalInfile(_) => {
                return Err(self.malformed(WireError::Malformed {
                    packet: "COM_QUERY response",
                    reason: "neither rows nor an error",
                }));
            }
        };
        let mut names = Vec::new();
        for _ in 0..columns {
            let payload = self.read_packet().await?;
            let column = ColumnDefinition::decode(&payload);
            let column = column.map_err(|error| self.malformed(error))?;
            let name = String::from_utf8_lossy(column.name).into_owned();
            names.push((name, column.column_type, column.flags));
        }
        Ok(names)
    }

    /// The next row and its length in bytes; `None` behind the last one.
    async fn row(&mut self, columns: usize) -> Result<Option<(TextRow, usize)>, BackendError> {
        let payload = self.read_packet().await?;
        if payload.first() == Some(&0xFF) {
            return Err(self.refused(&payload));
        }
        if is_eof(&payload, payload.len(), self.capabilities()) {
            return Ok(None);
        }
        let row = read_row(&payload, columns).map_err(|error| self.malformed(error))?;
        Ok(Some((row, payload.len())))
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
        .map(|_| Ok(reader.nullable_bytes()?.map(<[u8]>::to_vec)))
        .collect()
}
