//! Commands, one after the other.

use std::pin::pin;
use std::time::Duration;

use super::connection_phase::{farewell, peer_host};
use super::local::More;
use super::state::Session;
use crate::error::{ErrorKind, MysqlError, StageError};
use crate::execute::Stop;
use crate::net::{Interest, NetError, Signal};
use crate::rewrite;
use crate::wire::{Command, put_err};

/// Why a session ends.
#[derive(Debug)]
pub(super) enum End {
    /// COM_QUIT, or the client just went.
    Left,
    /// Without another word: the client is gone, or the truth cannot be told any more.
    Broken,
    /// With this error.
    Told(MysqlError),
}

impl From<NetError> for End {
    fn from(error: NetError) -> Self {
        match error {
            NetError::Closed => Self::Left,
            NetError::TooLarge | NetError::OutOfOrder | NetError::Compression(_) => {
                Self::Told(error.to_mysql())
            }
            _ => Self::Broken,
        }
    }
}

impl From<Stop> for End {
    fn from(stop: Stop) -> Self {
        match stop {
            Stop::Gone | Stop::Stalled => Self::Broken,
            Stop::Killed => Self::Told(farewell(Signal::KillConnection)),
        }
    }
}

/// Drivers ask for settings right behind the login and take it for failed if they get no answer: so
/// long after it a session that is idle stays when the process leaves.
const SETTLING: Duration = Duration::from_secs(1);

/// The error for a connection that was killed.
const KILLED: u16 = ErrorKind::QueryInterrupted.code().0;

/// Serves commands until the session ends, and cleans up behind it.
pub(super) async fn run(mut session: Box<Session>) {
    let end = loop {
        match session.next_command().await {
            Ok(()) => {}
            Err(end) => break end,
        }
    };
    tracing::debug!(id = session.handle.id.0, ?end, "session ends");
    session.let_go();
    let drained = session.handle.watch.is_sent(Signal::Drain);
    match end {
        // Whoever is still busy when the patience is over is told why.
        End::Told(error) if drained && error.code == KILLED => {
            let error = farewell(Signal::Drain);
            session.client.queue_with(|out| put_err(out, &error));
        }
        End::Told(error) => session.client.queue_with(|out| put_err(out, &error)),
        End::Left => {}
        End::Broken => {
            session.publish();
            return;
        }
    }
    session.say_goodbye().await;
    session.publish();
}

impl Session {
    async fn next_command(&mut self) -> Result<(), End> {
        self.client.trim();
        self.client.reset_sequence();
        let idle_since = self.handle.watch.now();
        let packet = loop {
            let limit = self.state.idle_limit.unwrap_or(self.shared.limits.idle);
            let now = self.handle.watch.now();
            let left = limit.saturating_sub(idle_since.until(now));
            let settling = SETTLING.saturating_sub(self.since.until(now));
            let (interest, wait) = match settling.is_zero() {
                true => (self.idle_interest(), left),
                false => (Interest::FINISH, left.min(settling)),
            };
            let (client, watch) = (&mut self.client, &self.handle.watch);
            let read = watch.guard_poll(Some(wait), interest, |cx| client.poll_packet(cx));
            match read.await {
                Ok(packet) => break packet?,
                Err(Signal::News) => self.catch_up(),
                Err(Signal::Deadline) if wait < left => {}
                Err(signal) => return Err(End::Told(farewell(signal))),
            }
        };
        if self.shared.is_superseded() {
            self.catch_up();
        }
        self.handle.watch.acknowledge(Signal::KillQuery);
        self.state.found.next();
        if !self.state.has_defaults {
            self.take_defaults();
        }
        let command = match Command::decode(&packet, self.capabilities) {
            Ok(command) => command,
            Err(error) => {
                self.reply_error(&error.to_mysql());
                return self.flush().await;
            }
        };
        match command {
            // Nearly all that comes. The others live apart: a future that is awaited as a value is
            // copied first, so the large ones of this path are pinned where they are made.
            Command::Query(query) => pin!(self.query(query)).await?,
            Command::StmtExecute(body) => pin!(self.stmt_execute(body)).await?,
            other => Box::pin(self.carry_out(other)).await?,
        }
        self.client.recycle(packet);
        self.flush().await?;
        self.publish();
        Ok(())
    }

    /// A shutdown waits for a transaction to end, and for a client that is fetching rows.
    fn idle_interest(&self) -> Interest {
        if self.transaction.is_active() || self.held.has_cursors() {
            Interest::FINISH
        } else {
            Interest::BETWEEN
        }
    }

    async fn carry_out(&mut self, command: Command<'_>) -> Result<(), End> {
        match command {
            Command::Quit => return Err(End::Left),
            Command::Query(query) => return self.query(query).await,
            Command::Ping => self.reply_ok(More(false)),
            Command::InitDb(schema) => self.init_db(schema).await,
            Command::FieldList { table, wildcard } => {
                return self.field_list(table, wildcard).await;
            }
            Command::Statistics => self.statistics(),
            Command::ResetConnection => self.reset_connection().await,
            Command::ChangeUser(change) => return self.change_user(change).await,
            Command::SetOption(multi_statements) => {
                self.state.multi_statements = multi_statements;
                self.reply_eof();
            }
            Command::ProcessKill(id) => self.kill_session(u64::from(id), false),
            Command::ProcessInfo => self.show_processlist(false, More(false)),
            Command::StmtPrepare(sql) => return self.stmt_prepare(sql).await,
            Command::StmtExecute(body) => return self.stmt_execute(body).await,
            Command::StmtReset(statement) => self.stmt_reset(statement).await,
            Command::StmtFetch { statement, rows } => {
                return self.stmt_fetch(statement, rows).await;
            }
            // These two have no reply, not even to tell that there is no such statement.
            Command::StmtClose(statement) => self.stmt_close(statement).await,
            Command::StmtSendLongData(body) => self.stmt_long_data(body),
            Command::Debug | Command::Unsupported(_) => {
                self.reply_error(&MysqlError::new(
                    ErrorKind::UnknownCommand,
                    "Unknown command",
                ));
            }
        }
        Ok(())
    }

    /// Sends what is queued; a client that does not read is left after the write timeout.
    pub(super) async fn flush(&mut self) -> Result<(), End> {
        if self.client.output().is_empty() {
            return Ok(());
        }
        let limit = Some(self.shared.limits.write);
        let (client, watch) = (&mut self.client, &self.handle.watch);
        let flush = watch.guard_poll(limit, Interest::FINISH, |cx| client.poll_flush(cx));
        match flush.await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) | Err(_) => Err(End::Broken),
        }
    }

    /// The last words and the end of the stream; a client that does not read is not waited for.
    async fn say_goodbye(&mut self) {
        if self.flush().await.is_err() {
            return;
        }
        let limit = Some(self.shared.limits.write);
        let shutdown = self.client.shutdown();
        let watch = &self.handle.watch;
        let _ = watch.guard(limit, Interest::FINISH, shutdown).await;
    }

    fn statistics(&mut self) {
        let uptime = self.shared.started.elapsed().as_secs();
        let text = format!(
            "Uptime: {uptime}  Threads: {}  Questions: 0  Slow queries: 0  Opens: 0  \
             Flush tables: 0  Open tables: 0  Queries per second avg: 0.000",
            self.shared.registry.len()
        );
        self.client.queue(text.as_bytes());
    }

    /// The host part of the client's address.
    pub(super) fn host(&self) -> &str {
        peer_host(&self.handle.peer)
    }

    /// Who the client is, as USER() tells it.
    pub(super) fn own_name(&self) -> rewrite::Client<'_> {
        rewrite::Client {
            name: &self.account.name,
            host: self.host(),
        }
    }
}
