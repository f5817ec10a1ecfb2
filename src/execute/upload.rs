//! A file that the client sends, piece by piece, and its way to the one server that asked for it.

use std::sync::atomic::{AtomicU64, Ordering};
use std::task::Context;
use std::time::Duration;

use bytes::BytesMut;

use super::relay::{Relay, Stopping};
use super::{RelayError, Seen, Stop};
use crate::backend::control::Kill;
use crate::net::{Interest, NetError, PacketStream, Signal, Watch};
use crate::reply::Forwarder;

/// How much of a file has come; others look at it.
#[derive(Debug, Default)]
pub struct FileProgress {
    bytes: AtomicU64,
    rows: AtomicU64,
}

impl FileProgress {
    /// A file begins, or none is under way any more.
    pub fn reset(&self) {
        self.bytes.store(0, Ordering::Relaxed);
        self.rows.store(0, Ordering::Relaxed);
    }

    /// So many bytes have come.
    pub fn received(&self, bytes: usize) {
        self.bytes.fetch_add(bytes as u64, Ordering::Relaxed);
    }

    /// So many rows have been stored.
    pub fn stored(&self, rows: usize) {
        self.rows.fetch_add(rows as u64, Ordering::Relaxed);
    }

    /// Bytes that have come, and rows that have been stored as far as they are counted.
    pub fn seen(&self) -> (u64, u64) {
        let bytes = self.bytes.load(Ordering::Relaxed);
        (bytes, self.rows.load(Ordering::Relaxed))
    }
}

/// Why a file does not come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileStop {
    /// The statement was killed: the client still sends.
    Killed,
    /// The client's side ended.
    Client(Stop),
}

/// A file on its way from the client, who was asked for it.
#[derive(Debug, Default)]
pub struct ClientFile {
    continued: bool,
    ended: bool,
}

impl ClientFile {
    /// The next piece; `None`: the file has ended. A client that sends nothing for `limit` is given up.
    ///
    /// # Errors
    /// As [`FileStop`] says; [`FileStop::Killed`] only where `interest` has it.
    pub async fn next(
        &mut self,
        client: &mut PacketStream,
        (watch, limit): (&Watch, Duration),
        interest: Interest,
    ) -> Result<Option<BytesMut>, FileStop> {
        if self.ended {
            return Ok(None);
        }
        let poll = |cx: &mut Context<'_>| client.poll_file(cx, &mut self.continued);
        match watch.guard_poll(Some(limit), interest, poll).await {
            Ok(Ok(piece)) => {
                self.ended = piece.is_none();
                Ok(piece)
            }
            Ok(Err(_)) => Err(FileStop::Client(Stop::Gone)),
            Err(Signal::Deadline) => Err(FileStop::Client(Stop::Stalled)),
            Err(Signal::KillConnection) => Err(FileStop::Client(Stop::Killed)),
            Err(_) => Err(FileStop::Killed),
        }
    }

    /// Reads the rest and drops it: only then does the client hear of an error.
    ///
    /// # Errors
    /// The client's side ended.
    pub async fn skip(
        &mut self,
        client: &mut PacketStream,
        timing: (&Watch, Duration),
    ) -> Result<(), Stop> {
        loop {
            match self.next(client, timing, Interest::FINISH).await {
                Ok(Some(_)) => {}
                Ok(None) => return Ok(()),
                Err(FileStop::Client(stop)) => return Err(stop),
                Err(FileStop::Killed) => return Err(Stop::Killed),
            }
        }
    }
}

impl Relay<'_> {
    /// Passes the client's file on to the server that asked for it. What the client has seen then: an
    /// error can follow.
    pub(super) async fn upload(
        &mut self,
        forwarder: &mut Forwarder,
        stopping: &mut Option<Stopping>,
    ) -> Result<Seen, RelayError> {
        self.client.set_sequence(forwarder.sequence());
        self.backend.packets().set_sequence(forwarder.expected());
        let mut file = ClientFile::default();
        let passed = self.pass_pieces(&mut file, stopping).await?;
        if passed.is_err() {
            let timing = (self.watch, self.limits.write);
            let skipped = file.skip(self.client, timing).await;
            skipped.map_err(|stop| self.abandon(stop))?;
        }
        let seen = Seen::WholeRows(self.client.sequence());
        passed.map_err(|error| self.backend_failed(error, seen))?;
        let sequence = self.backend.packets().sequence();
        forwarder.resume(self.client.sequence(), sequence);
        Ok(seen)
    }

    /// `Ok(Err(_))`: the server was lost.
    async fn pass_pieces(
        &mut self,
        file: &mut ClientFile,
        stopping: &mut Option<Stopping>,
    ) -> Result<Result<(), NetError>, RelayError> {
        loop {
            let interest = match stopping {
                None => Interest::STATEMENT,
                Some(_) => Interest::FINISH,
            };
            let timing = (self.watch, self.limits.write);
            let piece = match file.next(self.client, timing, interest).await {
                Ok(piece) => piece,
                Err(FileStop::Client(stop)) => return Err(self.abandon(stop)),
                Err(FileStop::Killed) => {
                    // The file goes on: were it cut off here, the server might take that for its end.
                    *stopping = Some(self.stop_by_kill(Signal::KillQuery));
                    continue;
                }
            };
            let piece_len = piece.as_ref().map_or(0, |piece| piece.len());
            if let Some(progress) = self.progress {
                progress.received(piece_len);
            }
            self.backend
                .packets()
                .queue(piece.as_deref().unwrap_or_default());
            if let Err(error) = self.send_command().await {
                // What was sent of it must not be taken for all of it.
                self.kill(Kill::Connection);
                return Ok(Err(error));
            }
            if piece.is_none() {
                return Ok(Ok(()));
            }
        }
    }
}
