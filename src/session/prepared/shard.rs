//! A prepared statement on the connection that serves it, which may not know it yet.

use std::pin::{Pin, pin};
use std::sync::Arc;

use super::bindings::Rebound;
use super::full::is_full;
use super::template::ShardText;
use crate::backend::{BackendError, Connection, ServerStatement, StatementKey, Variables, Wanted};
use crate::error::{ErrorKind, MysqlError};
use crate::execute::{RelayError, ReplicaRelay, Summary};
use crate::net::{Interest, NetError, unless_notified};
use crate::session::connection_phase::wants_found_rows;
use crate::session::diagnostics::Diagnostics;
use crate::session::held::Backend;
use crate::session::local::More;
use crate::session::shard_query::{ShardQuery, Target};
use crate::session::state::Session;
use crate::wire::{Execution, put_err};

/// An execution on a shard.
#[derive(Clone, Copy, Debug)]
pub(in crate::session) struct ShardExecute<'a> {
    /// What is executed.
    pub text: &'a ShardText,
    /// The variables under which the text was read.
    pub settings: &'a Arc<Variables>,
    /// The parameters.
    pub execution: Execution<'a>,
    /// Parameters that were sent before, in pieces.
    pub long_data: &'a [(u16, Vec<u8>)],
    /// What the parameters' types make of the key.
    pub types_hash: u128,
    /// The client's number of the statement, where a cursor is wanted.
    pub cursor: Option<u32>,
}

/// What a cursor makes of a statement's key.
const WITH_CURSOR: u128 = 0x9E37_79B9_7F4A_7C15_F39C_C060_5CED_C834;

impl<'a> ShardExecute<'a> {
    /// The same with other parameters, if there are any.
    pub fn with(self, others: Option<&'a Rebound>) -> Self {
        let Some(others) = others else {
            return self;
        };
        Self {
            execution: others.parameters.execution(),
            long_data: &others.long_data,
            types_hash: others.types_hash,
            ..self
        }
    }
}

impl ShardExecute<'_> {
    /// Under which a connection knows the statement. A server's statements remember types: one of MySQL
    /// that was executed with a number for a string column makes 42 of a later '042', one of
    /// MariaDB takes long data for a number. So that no session feels what another one has bound,
    /// each list of types has a statement of its own. So have cursors: a statement of MySQL 9.7 that
    /// had one answers without rows when it is executed without.
    pub fn key(&self) -> StatementKey {
        let with_cursor = self.cursor.map_or(0, |_| WITH_CURSOR);
        StatementKey(self.text.key.0 ^ self.types_hash ^ with_cursor)
    }

    /// Whether the connection knows the statement, or has one of the text that was never executed.
    pub fn is_known(&self, connection: &mut Connection) -> bool {
        let statements = connection.statements();
        statements.has_or_adopts(self.key(), self.text.key)
    }

    /// Queues the execution on a connection that knows the statement.
    pub fn queue(&self, connection: &mut Connection) {
        connection.queue_execute(self.key(), &self.execution, self.long_data);
    }
}

impl Session {
    /// Executes a statement, which is prepared first where the connection does not know it, and once
    /// more where the server has forgotten it.
    pub(in crate::session) async fn exchange_prepared(
        &mut self,
        backend: &mut Backend,
        (target, query, more): (&Target<'_>, &ShardQuery<'_>, More),
        execute: &ShardExecute<'_>,
        mut replica: Option<ReplicaRelay<'_>>,
    ) -> Result<Summary, RelayError> {
        let mut again = false;
        loop {
            if !execute.is_known(&mut backend.connection) {
                let withheld = replica.as_ref().map_or(&[][..], |replica| replica.withheld);
                let prepared = Box::pin(self.prepare_on(backend, target, execute, withheld));
                let silent = replica.as_mut().and_then(|replica| replica.silent.as_mut());
                let Some(prepared) = unless_notified(silent.map(Pin::as_mut), prepared).await
                else {
                    return Err(backend.connection.lost(NetError::Closed, true).into());
                };
                if let Some(refused) = prepared? {
                    return Ok(refused);
                }
            }
            let replica = replica.as_mut().map(|replica| ReplicaRelay {
                silent: replica.silent.as_mut().map(Pin::as_mut),
                withheld: replica.withheld,
            });
            let summary = pin!(self.exchange_now(backend, target, query, (more, replica))).await?;
            if again || !is_forgotten(&summary) {
                return Ok(summary);
            }
            again = true;
            backend.connection.statements().take(execute.key());
        }
    }

    /// Takes over a statement that was prepared: nothing else has happened.
    pub(in crate::session) fn take_over_prepared(
        &mut self,
        backend: &mut Backend,
        text: &ShardText,
        summary: &Summary,
    ) {
        if let Some(told) = summary.prepared {
            let statement = ServerStatement(told.statement);
            backend.connection.statements().keep(text.key, statement);
        }
        self.diagnostics = match &summary.error {
            Some(error) => Diagnostics::of_error(error),
            None => Diagnostics::default(),
        };
    }

    /// Prepares a statement on the connection that shall execute it. Where the server has something
    /// against it, the client is told, and that is the answer, unless another server may say
    /// otherwise (`withheld`).
    ///
    /// # Errors
    /// What the connection says; nothing was executed.
    pub(in crate::session) async fn prepare_on(
        &mut self,
        backend: &mut Backend,
        target: &Target<'_>,
        execute: &ShardExecute<'_>,
        withheld: &[u16],
    ) -> Result<Option<Summary>, RelayError> {
        let mut objection = self.prepare_in_time(backend, execute).await?;
        if objection.as_ref().is_some_and(is_full) {
            self.free_statements(backend).await;
            objection = self.prepare_in_time(backend, execute).await?;
        }
        let Some(mut error) = objection else {
            return Ok(None);
        };
        let withheld = withheld.contains(&error.code);
        if let Some(names) = target.names {
            names.fix_error(&mut error);
        }
        if !withheld {
            self.client.queue_with(|out| put_err(out, &error));
        }
        Ok(Some(Summary {
            error: Some(error),
            withheld,
            ..Summary::default()
        }))
    }

    /// Prepares a statement, unless that takes longer than a statement may.
    async fn prepare_in_time(
        &self,
        backend: &mut Backend,
        execute: &ShardExecute<'_>,
    ) -> Result<Option<MysqlError>, RelayError> {
        let preparing = self.prepare_as(&mut backend.connection, execute);
        let limit = self.shared.limits.statement;
        match self
            .handle
            .watch
            .guard(limit, Interest::FINISH, preparing)
            .await
        {
            Ok(prepared) => Ok(prepared?),
            Err(signal) => {
                let error = NetError::Interrupted(signal);
                Err(backend.connection.lost(error, true).into())
            }
        }
    }

    /// The session's variables as they were where a statement was prepared under `settings`: the
    /// present ones themselves where nothing differs.
    pub(in crate::session) fn variables_then(&self, settings: &Variables) -> Arc<Variables> {
        self.variables_with(&self.state.variables, settings)
    }

    /// The same of variables that a connection carries for a statement.
    pub(in crate::session) fn variables_with(
        &self,
        now: &Arc<Variables>,
        settings: &Variables,
    ) -> Arc<Variables> {
        match now.for_reading() == *settings {
            true => Arc::clone(now),
            false => self.shared.interner.intern(now.with_reading(settings)),
        }
    }

    /// Prepares a statement in the database and under the settings in which the client prepared it.
    async fn prepare_as(
        &self,
        connection: &mut Connection,
        execute: &ShardExecute<'_>,
    ) -> Result<Option<MysqlError>, BackendError> {
        let now = &self.state.variables;
        let then = self.variables_then(execute.settings);
        let same = Arc::ptr_eq(&then, now);
        let wanted = Wanted {
            database: execute.text.database.as_deref(),
            variables: Some(&then),
            found_rows: wants_found_rows(self.capabilities),
        };
        connection.prepare(&wanted, &[]).await?;
        let (key, sql) = (execute.key(), &execute.text.sql);
        let objection = connection.prepare_statement(key, sql).await?;
        if !same {
            let wanted = Wanted {
                database: None,
                variables: Some(now),
                ..wanted
            };
            connection.prepare(&wanted, &[]).await?;
        }
        Ok(objection)
    }
}

/// Whether the server did not know the statement: nothing was executed, and the client was told
/// nothing.
fn is_forgotten(summary: &Summary) -> bool {
    let unknown = ErrorKind::UnknownStatement.code().0;
    summary
        .error
        .as_ref()
        .is_some_and(|error| error.code == unknown)
}
