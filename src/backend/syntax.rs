//! Asking a server whether a statement is one at all.

use super::{BackendError, Connection};
use crate::error::MysqlError;
use crate::wire::{PrepareOk, Reply, decode_err, put_stmt_close, put_stmt_prepare};

/// What a server says of a statement that it shall prepare.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Checked {
    /// It can be prepared.
    Prepared {
        /// So many parameters it has.
        parameters: u16,
        /// So much there is to say of it.
        warnings: u16,
    },
    /// It cannot be prepared.
    Objection(MysqlError),
}

impl Connection {
    /// Has the server prepare a statement and forget it: nothing is executed.
    ///
    /// # Errors
    /// What the connection says; it is then of no use.
    pub async fn check(&mut self, sql: &[u8]) -> Result<Checked, BackendError> {
        self.packets().reset_sequence();
        self.packets().queue_with(|out| put_stmt_prepare(out, sql));
        self.flush().await?;
        let payload = self.read_packet().await?;
        if matches!(Reply::decode(&payload), Ok(Reply::Err)) {
            let error = decode_err(&payload).map_err(|error| self.malformed(error))?;
            return Ok(Checked::Objection(error));
        }
        let prepared = PrepareOk::decode(&payload).map_err(|error| self.malformed(error))?;
        // Definitions only: every connection has DEPRECATE_EOF.
        for _ in 0..u32::from(prepared.params) + u32::from(prepared.columns) {
            self.read_packet().await?;
        }
        self.packets().reset_sequence();
        self.packets()
            .queue_with(|out| put_stmt_close(out, prepared.statement));
        self.flush().await?;
        Ok(Checked::Prepared {
            parameters: prepared.params,
            warnings: prepared.warnings,
        })
    }

    /// What the server has against a statement, found out by preparing it: nothing is executed.
    ///
    /// # Errors
    /// What the connection says; it is then of no use.
    pub async fn objection(&mut self, sql: &[u8]) -> Result<Option<MysqlError>, BackendError> {
        match self.check(sql).await? {
            Checked::Prepared { .. } => Ok(None),
            Checked::Objection(error) => Ok(Some(error)),
        }
    }
}
