//! The merged answer on its way to the client.

use std::task::Context;

use bytes::Bytes;

use super::{Run, ScatterError, Spent};
use crate::error::StageError;
use crate::execute::{RelayError, Seen, Stop};
use crate::net::{Interest, Signal};
use crate::reply::put_end;
use crate::wire::{CapabilityFlags, EofPacket, put_lenenc, put_packet, put_packet_with};

/// What of an answer may wait for the client before it is sent, in bytes.
const FLUSH: usize = 64 * 1024;

impl Run<'_, '_> {
    /// Queues the columns that the client sees.
    pub(super) fn put_columns(&mut self) -> Result<(), ScatterError> {
        let visible = self.columns.len().saturating_sub(self.job.hidden);
        let names = self.job.names.get(self.first).copied().flatten();
        let mut sequence = self.job.client.sequence();
        let out = self.job.client.output();
        put_packet_with(out, &mut sequence, |out| put_lenenc(out, visible as u64));
        let mut failed = None;
        for column in self.columns.iter().take(visible) {
            match names.filter(|names| !names.same()) {
                Some(names) => put_packet_with(out, &mut sequence, |out| {
                    failed = failed.take().or(names.put_column(column, out).err());
                }),
                None => put_packet(out, &mut sequence, column),
            }
        }
        if !self.deprecates_eof() {
            let eof = EofPacket {
                warnings: 0,
                status: self.job.status,
            };
            put_packet_with(self.job.client.output(), &mut sequence, |out| {
                eof.encode(out)
            });
        }
        if let Some(error) = failed {
            return Err(self.told(error.to_mysql()));
        }
        self.job.client.set_sequence(sequence);
        Ok(())
    }

    fn deprecates_eof(&self) -> bool {
        let capabilities = self.job.capabilities;
        capabilities.contains(CapabilityFlags::CLIENT_DEPRECATE_EOF)
    }

    /// Queues a row for the client, and sends what waits if it is much.
    pub(super) async fn pass_on(&mut self, row: &Bytes) -> Result<(), ScatterError> {
        let spent = Spent {
            rows: self.outcome.rows,
            bytes: self.given,
        };
        let quota = self.job.quota;
        if let Some(error) = quota.and_then(|quota| quota.refuses(spent, row.len())) {
            return Err(self.told(error));
        }
        self.job.client.queue(row);
        self.outcome.rows += 1;
        self.given += row.len() as u64;
        match self.job.client.output().len() >= FLUSH {
            true => self.flush().await,
            false => Ok(()),
        }
    }

    /// Queues what stands behind the rows.
    pub(super) fn put_end(&mut self) {
        let said = (self.job.status, self.outcome.warnings);
        let (client, capabilities) = (&mut self.job.client, self.job.capabilities);
        client.queue_with(|out| put_end(out, said, capabilities));
    }

    /// Sends what is queued for the client.
    pub(super) async fn flush(&mut self) -> Result<(), ScatterError> {
        if self.job.client.output().is_empty() {
            return Ok(());
        }
        let (client, limit) = (&mut self.job.client, Some(self.job.limits.write));
        let flush = |cx: &mut Context<'_>| client.poll_flush(cx);
        match self
            .job
            .watch
            .guard_poll(limit, Interest::FINISH, flush)
            .await
        {
            Ok(Ok(())) => {
                self.seen = Seen::WholeRows(self.job.client.sequence());
                Ok(())
            }
            Ok(Err(_)) => Err(RelayError::Client(Stop::Gone).into()),
            Err(Signal::Deadline) => Err(RelayError::Client(Stop::Stalled).into()),
            Err(_) => Err(RelayError::Client(Stop::Killed).into()),
        }
    }
}
