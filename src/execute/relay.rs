//! The single-shard path: one task, two sockets, no row decoded.
//!
//! A chunk is read from the server, walked, and written to the client before the next one is read:
//! a slow client slows the server down and memory stays flat.

use std::future::poll_fn;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use super::{RelayError, Seen, Stop, Summary};
use crate::backend::control::{self, Kill};
use crate::backend::{BackendError, Connection};
use crate::net::{Interest, NetError, PacketStream, STREAM_CHUNK, Signal, Watch};
use crate::reply::{Answer, Forwarder, Framing, Progress};
use crate::wire::{HEADER_LEN, decode_err};

/// How long a server may take to stop a statement that was killed.
const STOP_PATIENCE: Duration = Duration::from_secs(10);

/// A read of this size means that more is coming: take large chunks from now on.
const STREAMING: usize = 8 * 1024;

/// How long the two sides may take.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// For the server's next bytes; `None`: as long as it takes.
    pub statement: Option<Duration>,
    /// For a client that does not read.
    pub write: Duration,
}

/// One answer on its way.
#[derive(Debug)]
pub struct Relay<'a> {
    /// What the answer looks like.
    pub answer: Answer,
    /// Who gets the answer; its next sequence id is the answer's first.
    pub client: &'a mut PacketStream,
    /// Who gives it; the command has been queued.
    pub backend: &'a mut Connection,
    /// What differs between the two.
    pub framing: Framing<'a>,
    /// Ends waits.
    pub watch: &'a Watch,
    /// How long waits may take.
    pub limits: Limits,
}

/// Sends what is queued for the backend and passes the whole answer on.
///
/// # Errors
/// See [`RelayError`]. KILL QUERY is none: the server's own error is the answer.
pub async fn relay(mut exchange: Relay<'_>) -> Result<Summary, RelayError> {
    let mut forwarder = Forwarder::new(exchange.answer, exchange.client.sequence());
    let mut seen = Seen::Nothing;
    if let Err(error) = exchange.send_command().await {
        return Err(exchange.backend_failed(error, seen));
    }
    let mut wanted = 1;
    let mut first = true;
    loop {
        let read = exchange.next_chunk(wanted, seen).await?;
        if std::mem::take(&mut first) && exchange.is_farewell() {
            let error = exchange.backend.lost(NetError::Closed, true);
            return Err(RelayError::Backend { error, seen });
        }
        let progress = exchange.advance(&mut forwarder, seen)?;
        seen = exchange.write_out(&forwarder, seen).await?;
        match progress {
            Progress::Done => break,
            Progress::NeedMore(_) if read >= STREAMING => wanted = STREAM_CHUNK,
            Progress::NeedMore(more) => wanted = more,
        }
    }
    exchange.client.set_sequence(forwarder.sequence());
    Ok(forwarder.into_summary())
}

enum Event {
    Data(Result<usize, NetError>),
    ClientGone,
}

impl Relay<'_> {
    async fn send_command(&mut self) -> Result<(), NetError> {
        let flush = self.backend.packets().flush();
        match self
            .watch
            .guard(self.limits.statement, Interest::FINISH, flush)
            .await
        {
            Ok(sent) => sent,
            Err(signal) => Err(NetError::Interrupted(signal)),
        }
    }

    /// Waits for bytes of the answer, for the client to go away, or for a KILL.
    async fn next_chunk(&mut self, wanted: usize, seen: Seen) -> Result<usize, RelayError> {
        let mut interest = Interest::STATEMENT;
        let mut limit = self.limits.statement;
        loop {
            let event = {
                let (client, packets) = (&mut *self.client, self.backend.packets());
                let either = poll_fn(|cx| {
                    if let Poll::Ready(read) = packets.poll_fill(cx, wanted) {
                        return Poll::Ready(Event::Data(read));
                    }
                    client.poll_closed(cx).map(|()| Event::ClientGone)
                });
                self.watch.guard(limit, interest, either).await
            };
            match event {
                Ok(Event::Data(Ok(0))) => return Err(self.backend_failed(NetError::Closed, seen)),
                Ok(Event::Data(Ok(read))) => return Ok(read),
                Ok(Event::Data(Err(error))) => return Err(self.backend_failed(error, seen)),
                Ok(Event::ClientGone) => return Err(self.abandon(Stop::Gone)),
                Err(Signal::KillConnection) => return Err(self.abandon(Stop::Killed)),
                Err(signal) if interest == Interest::STATEMENT => {
                    self.watch.acknowledge(Signal::KillQuery);
                    tracing::debug!(?signal, "stopping a statement on its server");
                    self.kill(Kill::Query);
                    interest = Interest::FINISH;
                    limit = Some(STOP_PATIENCE);
                }
                Err(signal) => {
                    self.kill(Kill::Connection);
                    return Err(self.backend_failed(NetError::Interrupted(signal), seen));
                }
            }
        }
    }

    /// Whether the server answered with its goodbye to an idle connection, which it wrote before it
    /// could see the statement.
    fn is_farewell(&mut self) -> bool {
        const CLIENT_INTERACTION_TIMEOUT: u16 = 4031;
        self.backend
            .packets()
            .input()
            .get(HEADER_LEN..)
            .filter(|payload| payload.first() == Some(&0xFF))
            .and_then(|payload| decode_err(payload).ok())
            .is_some_and(|error| error.code == CLIENT_INTERACTION_TIMEOUT)
    }

    fn advance(&mut self, forwarder: &mut Forwarder, seen: Seen) -> Result<Progress, RelayError> {
        let input = self.backend.packets().input();
        forwarder
            .advance(&self.framing, input, self.client.output())
            .map_err(|error| RelayError::Backend {
                error: self.backend.malformed(error),
                seen,
            })
    }

    async fn write_out(&mut self, forwarder: &Forwarder, seen: Seen) -> Result<Seen, RelayError> {
        if self.client.output().is_empty() {
            return Ok(seen);
        }
        let flush = self.client.flush();
        let written = self
            .watch
            .guard(Some(self.limits.write), Interest::FINISH, flush)
            .await;
        match written {
            Ok(Ok(())) if forwarder.between_rows() => Ok(Seen::WholeRows(forwarder.sequence())),
            Ok(Ok(())) => Ok(Seen::Half),
            Ok(Err(_)) => Err(self.abandon(Stop::Gone)),
            Err(Signal::Deadline) => Err(self.abandon(Stop::Stalled)),
            Err(_) => Err(self.abandon(Stop::Killed)),
        }
    }

    fn backend_failed(&self, error: NetError, seen: Seen) -> RelayError {
        RelayError::Backend {
            error: self.backend.lost(error, false),
            seen,
        }
    }

    /// Nobody waits for the answer any more: the server shall not work on it any longer either.
    fn abandon(&self, stop: Stop) -> RelayError {
        self.kill(Kill::Connection);
        RelayError::Client(stop)
    }

    fn kill(&self, what: Kill) {
        let server = Arc::clone(self.backend.server());
        let thread_id = self.backend.thread_id();
        tokio::spawn(async move {
            if let Err(error) = control::kill(server, thread_id, what).await {
                tracing::warn!(%error, ?what, "could not stop a statement on its server");
            }
        });
    }
}

impl From<BackendError> for RelayError {
    fn from(error: BackendError) -> Self {
        Self::Backend {
            error,
            seen: Seen::Nothing,
        }
    }
}
