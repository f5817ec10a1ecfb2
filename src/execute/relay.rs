//! The single-shard path: one task, two sockets, no row decoded.
//!
//! A chunk is read from the server, walked, and written to the client before the next one is read:
//! a slow client slows the server down and memory stays flat.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::sync::futures::OwnedNotified;
use tokio::task::JoinHandle;

use super::{FileProgress, RelayError, Seen, Stop, Summary};
use crate::backend::control::{self, Kill};
use crate::backend::{BackendError, Connection};
use crate::net::{Interest, NetError, PacketStream, STREAM_CHUNK, Signal, Watch};
use crate::reply::{Answer, Forwarder, Framing, Progress};
use crate::telemetry::Tick;
use crate::wire::{FrameHeader, HEADER_LEN};

/// How long a server may take to stop a statement that was killed.
const STOP_PATIENCE: Duration = Duration::from_secs(10);

/// How long rows that nobody wants may still come before their statement is stopped: most answers
/// are at their end, and a KILL takes a connection of its own.
pub(super) const GRACE: Duration = Duration::from_millis(20);

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
    /// The backend is one of several that can give the answer.
    pub replica: Option<ReplicaRelay<'a>>,
    /// Told of a file that the client sends.
    pub progress: Option<&'a FileProgress>,
}

/// An answer that another server can give as well.
#[derive(Debug)]
pub struct ReplicaRelay<'a> {
    /// Done when the server is taken for dead; `None`: it is waited for.
    pub silent: Option<Pin<&'a mut OwnedNotified>>,
    /// The errors that another server may not have: they are not passed on.
    pub withheld: &'static [u16],
}

impl ReplicaRelay<'_> {
    fn withholds(&self, error: Option<u16>) -> bool {
        error.is_some_and(|code| self.withheld.contains(&code))
    }
}

/// Sends what is queued for the backend and passes the whole answer on.
///
/// # Errors
/// See [`RelayError`]. KILL QUERY is none: the server's own error is the answer.
pub async fn relay(exchange: &mut Relay<'_>) -> Result<Summary, RelayError> {
    let expected = exchange.backend.packets().sequence();
    let mut forwarder = Forwarder::new(exchange.answer, exchange.client.sequence(), expected);
    let mut seen = Seen::Nothing;
    if !exchange.backend.is_quiet() {
        // It said goodbye, or something that nobody asked for: no statement may get that answer.
        let error = exchange.backend.lost(NetError::Closed, true);
        return Err(RelayError::Backend { error, seen });
    }
    if let Err(error) = exchange.send_command().await {
        return Err(exchange.backend_failed(error, seen));
    }
    let (mut wanted, mut first) = (1, true);
    let (mut answered, mut stopping) = (None, None);
    loop {
        let read = exchange.next_chunk(wanted, seen, &mut stopping).await?;
        if std::mem::take(&mut first) {
            if exchange.is_farewell() {
                let error = exchange.backend.lost(NetError::Closed, true);
                return Err(RelayError::Backend { error, seen });
            }
            answered = Some(Tick::now());
        }
        let queued = exchange.client.output().len();
        let progress = exchange.advance(&mut forwarder, seen)?;
        let unseen = seen == Seen::Nothing && stopping.is_none();
        if unseen && exchange.withholds(forwarder.error_code()) {
            exchange.client.output().truncate(queued);
            let summary = forwarder.into_summary();
            return Ok(Summary {
                withheld: true,
                answered,
                ..summary
            });
        }
        seen = exchange.write_out(&forwarder, seen).await?;
        match progress {
            Progress::Done => break,
            Progress::Refused => {
                Box::pin(exchange.give_up(&mut forwarder, seen, &mut stopping)).await?;
                break;
            }
            Progress::File => {
                seen = Box::pin(exchange.upload(&mut forwarder, &mut stopping)).await?;
            }
            Progress::NeedMore(_) if read >= STREAMING => wanted = STREAM_CHUNK,
            Progress::NeedMore(more) => wanted = more,
        }
    }
    if let Some(stopping) = stopping {
        Box::pin(exchange.wait_for_stop(stopping)).await;
    }
    exchange.client.set_sequence(forwarder.sequence());
    Ok(Summary {
        answered,
        ..forwarder.into_summary()
    })
}

/// A KILL under way; whether the server has carried it out.
pub(super) type Stopping = JoinHandle<bool>;

enum Event {
    Data(Result<usize, NetError>),
    ClientGone,
    ServerSilent,
}

impl Relay<'_> {
    fn withholds(&self, error: Option<u16>) -> bool {
        let replica = self.replica.as_ref();
        replica.is_some_and(|replica| replica.withholds(error))
    }

    pub(super) async fn send_command(&mut self) -> Result<(), NetError> {
        let (packets, limit) = (self.backend.packets(), self.limits.statement);
        let flush = |cx: &mut Context<'_>| packets.poll_flush(cx);
        let flush = self.watch.guard_poll(limit, Interest::FINISH, flush);
        match flush.await {
            Ok(sent) => sent,
            Err(signal) => Err(NetError::Interrupted(signal)),
        }
    }

    /// Waits for bytes of the answer, for the client to go away, or for a KILL.
    async fn next_chunk(
        &mut self,
        wanted: usize,
        seen: Seen,
        stopping: &mut Option<Stopping>,
    ) -> Result<usize, RelayError> {
        loop {
            let (interest, limit) = match stopping {
                None => (Interest::STATEMENT, self.limits.statement),
                Some(_) => (Interest::FINISH, Some(STOP_PATIENCE)),
            };
            let event = {
                let (client, packets) = (&mut *self.client, self.backend.packets());
                let replica = &mut self.replica;
                let either = |cx: &mut Context<'_>| {
                    if let Poll::Ready(read) = packets.poll_fill(cx, wanted) {
                        return Poll::Ready(Event::Data(read));
                    }
                    if let Some(replica) = replica
                        && let Some(silent) = &mut replica.silent
                        && silent.as_mut().poll(cx).is_ready()
                    {
                        return Poll::Ready(Event::ServerSilent);
                    }
                    client.poll_closed(cx).map(|()| Event::ClientGone)
                };
                self.watch.guard_poll(limit, interest, either).await
            };
            match event {
                Ok(Event::Data(Ok(0))) => return Err(self.backend_failed(NetError::Closed, seen)),
                Ok(Event::Data(Ok(read))) => return Ok(read),
                Ok(Event::Data(Err(error))) => return Err(self.backend_failed(error, seen)),
                Ok(Event::ServerSilent) => {
                    return Err(self.backend_failed(NetError::Closed, seen));
                }
                Ok(Event::ClientGone) => return Err(self.abandon(Stop::Gone)),
                Err(Signal::KillConnection) => return Err(self.abandon(Stop::Killed)),
                Err(signal) if stopping.is_none() => {
                    *stopping = Some(self.stop_by_kill(signal));
                }
                Err(signal) => {
                    self.kill(Kill::Connection);
                    return Err(self.backend_failed(NetError::Interrupted(signal), seen));
                }
            }
        }
    }

    /// The statement shall end, as `signal` says: its server is told.
    pub(super) fn stop_by_kill(&mut self, signal: Signal) -> Stopping {
        self.framing.overdue = self.watch.take_overdue() || signal == Signal::Deadline;
        self.watch.acknowledge(Signal::KillQuery);
        tracing::debug!(?signal, "stopping a statement on its server");
        self.kill(Kill::Query)
    }

    /// Whether the server said goodbye to an idle connection before it could see the statement: an
    /// answer to it would carry the id behind the command's own.
    fn is_farewell(&mut self) -> bool {
        let input = self.backend.packets().input();
        FrameHeader::peek(input).is_some_and(|header| header.sequence == 0)
            && input.get(HEADER_LEN) == Some(&0xFF)
    }

    fn advance(&mut self, forwarder: &mut Forwarder, seen: Seen) -> Result<Progress, RelayError> {
        let queued = self.client.output().len();
        let input = self.backend.packets().input();
        forwarder
            .advance(&self.framing, input, self.client.output())
            .map_err(|error| {
                // What was not sent is taken back: an error must follow what the client has seen.
                self.client.output().truncate(queued);
                RelayError::Backend {
                    error: self.backend.malformed(error),
                    seen,
                }
            })
    }

    async fn write_out(&mut self, forwarder: &Forwarder, seen: Seen) -> Result<Seen, RelayError> {
        if self.client.output().is_empty() {
            return Ok(seen);
        }
        let (client, limit) = (&mut *self.client, Some(self.limits.write));
        let flush = |cx: &mut Context<'_>| client.poll_flush(cx);
        let flush = self.watch.guard_poll(limit, Interest::FINISH, flush);
        match flush.await {
            Ok(Ok(())) if !forwarder.has_begun() => Ok(seen),
            Ok(Ok(())) if forwarder.between_rows() => Ok(Seen::WholeRows(forwarder.sequence())),
            Ok(Ok(())) => Ok(Seen::Half),
            Ok(Err(_)) => Err(self.abandon(Stop::Gone)),
            Err(Signal::Deadline) => Err(self.abandon(Stop::Stalled)),
            Err(_) => Err(self.abandon(Stop::Killed)),
        }
    }

    /// The client has an error and gets no more: the server is stopped, unless the rest of its
    /// rows comes at once.
    async fn give_up(
        &mut self,
        forwarder: &mut Forwarder,
        seen: Seen,
        stopping: &mut Option<Stopping>,
    ) -> Result<(), RelayError> {
        let server = Arc::clone(self.backend.server());
        let rest = self.discard(forwarder, seen, stopping);
        if let Ok(done) = server.reactor.timeout(GRACE, rest).await {
            return done;
        }
        if stopping.is_none() {
            *stopping = Some(self.kill(Kill::Query));
        }
        self.discard(forwarder, seen, stopping).await
    }

    async fn discard(
        &mut self,
        forwarder: &mut Forwarder,
        seen: Seen,
        stopping: &mut Option<Stopping>,
    ) -> Result<(), RelayError> {
        loop {
            let input = self.backend.packets().input();
            match forwarder.discard(&self.framing, input) {
                Ok(Progress::NeedMore(_)) => {}
                Ok(Progress::Done | Progress::Refused | Progress::File) => return Ok(()),
                Err(error) => {
                    let error = self.backend.malformed(error);
                    return Err(RelayError::Backend { error, seen });
                }
            }
            self.next_chunk(STREAM_CHUNK, seen, stopping).await?;
        }
    }

    pub(super) fn backend_failed(&self, error: NetError, seen: Seen) -> RelayError {
        RelayError::Backend {
            error: self.backend.lost(error, false),
            seen,
        }
    }

    /// Nobody waits for the answer any more: the server shall not work on it any longer either.
    pub(super) fn abandon(&self, stop: Stop) -> RelayError {
        self.kill(Kill::Connection);
        RelayError::Client(stop)
    }

    pub(super) fn kill(&self, what: Kill) -> Stopping {
        let server = Arc::clone(self.backend.server());
        let thread_id = self.backend.thread_id();
        tokio::spawn(async move {
            let killed = control::kill(server, thread_id, what).await;
            if let Err(error) = &killed {
                tracing::warn!(%error, ?what, "could not stop a statement on its server");
            }
            killed.is_ok()
        })
    }

    /// The statement has ended, perhaps by itself: the KILL must not hit the connection's next one.
    async fn wait_for_stop(&mut self, stopping: Stopping) {
        let reactor = &self.backend.server().reactor;
        let stopped = reactor.timeout(STOP_PATIENCE, stopping).await;
        if !matches!(stopped, Ok(Ok(true))) {
            self.backend.doom();
        }
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
