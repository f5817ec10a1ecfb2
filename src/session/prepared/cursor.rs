//! Read-only cursors, and COM_STMT_FETCH.
//!
//! A server keeps all rows of a cursor from the execution on. So neither the end of a transaction nor a
//! change of the tables means anything to it, and all that a session needs is the connection: while it
//! has nothing else of the session, the session's statements run on others ([`Held`]).
//!
//! Only what one server answers has a cursor there. Rows of any other answer wait here, up to 1 MiB in a
//! session and `[server.merge] cursors` in all of them. If there are more, the client gets all of them
//! at once and a status that tells of no cursor, as servers do it for what they open none for.
//!
//! [`Held`]: crate::session::held::Held

use std::sync::Arc;

use super::bound::Bound;
use super::room::Room;
use super::shard::ShardExecute;
use super::statements::{Prepared, unknown};
use crate::backend::{Flavor, ServerStatement, StatementKey};
use crate::error::{ErrorKind, MysqlError};
use crate::execute::Summary;
use crate::net::Interest;
use crate::plan::Plan;
use crate::reply::{Waiting, put_end};
use crate::session::command_phase::End;
use crate::session::diagnostics::Diagnostics;
use crate::session::failure::Failure;
use crate::session::held::Backend;
use crate::session::local::More;
use crate::session::lost::Ties;
use crate::session::request::Request;
use crate::session::shard_query::{ShardQuery, Target};
use crate::session::state::Session;
use crate::telemetry::Verb;
use crate::topology::ReadPolicy;
use crate::wire::StatusFlags;

/// An open cursor. Its statement on the server is nobody else's meanwhile.
#[derive(Clone, Copy, Debug)]
pub struct Cursor {
    /// The client's number of the statement.
    pub number: u32,
    statement: ServerStatement,
    /// Under which the connection keeps the statement when the cursor is closed.
    key: StatementKey,
}

impl Backend {
    fn cursor(&self, number: u32) -> Option<Cursor> {
        self.cursors.iter().find(|c| c.number == number).copied()
    }

    /// The cursor is closed: on the server, too, where all its rows were `fetched`.
    fn forget_cursor(&mut self, cursor: Cursor, fetched: bool) {
        self.cursors.retain(|open| open.number != cursor.number);
        let statements = self.connection.statements();
        match fetched {
            true => statements.keep(cursor.key, cursor.statement),
            false => statements.close(cursor.statement),
        }
    }
}

impl Session {
    /// Before an execution for which a cursor is wanted: its answer is held back up to what may wait.
    /// Gives the room for it; `None`: it is not held back.
    pub(super) fn hold_back(&mut self, prepared: &Prepared) -> Option<Room> {
        if !prepared.has_columns || !self.client.output().is_empty() {
            return None;
        }
        let most = usize::try_from(self.shared.limits.merge.cursors).unwrap_or(usize::MAX);
        let room = self.statements.room(&self.shared.waiting, most)?;
        self.client.hold_back(room.bytes());
        Some(room)
    }

    /// Keeps the rows of an answer that was held back, if they are what a cursor may have.
    pub(super) fn keep_answer(&mut self, number: u32, room: Room) {
        if !self.client.let_go() {
            return;
        }
        let answer = self.client.output();
        if let Some((opened, rows)) = Waiting::of(answer, self.capabilities) {
            *answer = opened;
            self.statements.keep_rows(number, rows, room);
        }
    }

    /// Answers COM_STMT_FETCH with rows that wait here; says whether there are any.
    fn fetch_kept(&mut self, number: u32, rows: u32) -> bool {
        let status = self.status();
        let Some(waiting) = self.statements.rows(number) else {
            return false;
        };
        let capabilities = self.capabilities;
        let mut sequence = self.client.sequence();
        let cursor = waiting.fetch(rows, self.client.output(), &mut sequence);
        self.client.set_sequence(sequence);
        self.client
            .queue_with(|out| put_end(out, (status | cursor, 0), capabilities));
        if cursor == StatusFlags::SERVER_STATUS_LAST_ROW_SENT {
            self.statements.drop_rows(number);
        }
        true
    }

    /// Whether the server shall be asked for a cursor. Not for what its proxy changes or counts in the
    /// rows, and not for anything but a SELECT: MySQL 9.7 dies of a cursor for EXPLAIN.
    pub(super) fn may_have_cursor(
        &self,
        plan: &Plan,
        target: &Target<'_>,
        bound: &Bound<'_>,
    ) -> bool {
        bound.cursor && plan.verb == Verb::Select && target.rows.is_none() && self.quota.is_none()
    }

    /// Takes over the cursor that an execution has opened.
    pub(in crate::session) fn note_cursor(
        &mut self,
        backend: &mut Backend,
        (query, execute, number): (&ShardQuery<'_>, &ShardExecute<'_>, u32),
        summary: &Summary,
    ) {
        if summary.error.is_some() || !is_open(summary) {
            return;
        }
        let key = execute.key();
        if let Some(statement) = backend.connection.statements().take(key) {
            backend.cursors.push(Cursor {
                number,
                statement,
                key,
            });
        }
        // How many rows there are only the server knows.
        if !query.leaves_counts {
            self.state.found.uncounted();
        }
    }

    /// COM_STMT_FETCH.
    pub(in crate::session) async fn stmt_fetch(
        &mut self,
        number: u32,
        rows: u32,
    ) -> Result<(), End> {
        let flavor = self.flavor();
        let Some(prepared) = self.statements.get_mut(number) else {
            self.reply_error(&unknown(number, "mysqld_stmt_fetch", flavor));
            return Ok(());
        };
        let template = Arc::clone(&prepared.template);
        if self.fetch_kept(number, rows) {
            return Ok(());
        }
        let open = self.held.take_cursor(number);
        let Some((backend, cursor)) = open.and_then(|backend| {
            let cursor = backend.cursor(number)?;
            Some((backend, cursor))
        }) else {
            self.reply_error(&no_cursor(number, flavor));
            return Ok(());
        };
        self.handle.begin(&template.sql);
        self.meter.begin();
        let done = self.fetch(backend, cursor, rows).await;
        self.measured(&done);
        self.handle.end();
        self.tell(done)
    }

    async fn fetch(
        &mut self,
        mut backend: Backend,
        cursor: Cursor,
        rows: u32,
    ) -> Result<(), Failure> {
        let target = Target {
            replica_set: backend.replica_set,
            shard: None,
            names: None,
            rows: None,
            read: ReadPolicy::Primary,
        };
        let statement = cursor.statement;
        let query = ShardQuery {
            request: Request::Fetch { statement, rows },
            ..ShardQuery::OWN
        };
        if !self.is_prepared(&backend, &target, &query)
            && let Err(error) = self.prepare(&mut backend, &target, &query, false).await
        {
            return Err(self.report(error.into(), Ties::of(&backend, false)));
        }
        let exchange = self.exchange_now(&mut backend, &target, &query, (More(false), None));
        let summary = match exchange.await {
            Ok(summary) => summary,
            Err(error) => return Err(self.report(error, Ties::of(&backend, false))),
        };
        self.meter.note(&summary);
        if let Some(error) = &summary.error {
            self.diagnostics = Diagnostics::of_error(error);
            backend.uncertain |= backend.transaction;
            self.abandon_cursor(backend, cursor).await;
            return Ok(());
        }
        if !is_open(&summary) {
            backend.forget_cursor(cursor, true);
        }
        backend.connection.packets().trim();
        self.held.settle(backend);
        Ok(())
    }

    /// Closes a statement's cursor, if it is open; the client does not hear of it.
    pub(super) async fn close_cursor(&mut self, number: u32) {
        self.statements.drop_rows(number);
        let Some(backend) = self.held.take_cursor(number) else {
            return;
        };
        if let Some(cursor) = backend.cursor(number) {
            self.abandon_cursor(backend, cursor).await;
        }
    }

    /// Has the server forget a cursor at once: it keeps all its rows. A connection that is lost by now
    /// is told by its next statement, if it has anything of the session.
    async fn abandon_cursor(&mut self, mut backend: Backend, cursor: Cursor) {
        backend.forget_cursor(cursor, false);
        let limit = Some(self.shared.limits.handshake);
        let connection = &mut backend.connection;
        connection.queue_closes();
        let watch = &self.handle.watch;
        let sent = watch
            .guard(limit, Interest::FINISH, connection.flush())
            .await;
        let needed = Ties::of(&backend, false) == Ties::Some || !backend.cursors.is_empty();
        if needed || matches!(sent, Ok(Ok(()))) {
            self.held.settle(backend);
        }
    }
}

/// Whether the cursor has, or may have, more rows.
fn is_open(summary: &Summary) -> bool {
    let exists = StatusFlags::SERVER_STATUS_CURSOR_EXISTS;
    summary.status.contains(exists)
}

fn no_cursor(number: u32, flavor: Option<Flavor>) -> MysqlError {
    let end = match flavor {
        Some(Flavor::MariaDb) => "",
        Some(Flavor::MySql) | None => ".",
    };
    MysqlError::new(
        ErrorKind::NoOpenCursor,
        format!("The statement ({number}) has no open cursor{end}"),
    )
}
