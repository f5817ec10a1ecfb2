//! The statements that are prepared on one connection.
//!
//! A statement is prepared where it is needed first and kept for whoever needs it next. What is used
//! least goes when there are too many: each counts against the server's `max_prepared_stmt_count`.

use std::collections::HashMap;

use super::{BackendError, Connection};
use crate::error::MysqlError;
use crate::wire::{
    Execution, PrepareOk, decode_err, put_execute, put_stmt_close, put_stmt_long_data,
    put_stmt_prepare,
};

/// What makes a prepared statement the one that is wanted: its text, the database of its unqualified
/// names and the settings under which it was read, as one hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct StatementKey(pub u128);

/// A server's number of a statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ServerStatement(pub u32);

/// The statements of one connection.
#[derive(Debug)]
pub struct Statements {
    known: HashMap<StatementKey, Known>,
    capacity: usize,
    /// Counts the uses.
    clock: u64,
    /// What the server shall be told to forget, in front of the next command.
    closing: Vec<ServerStatement>,
}

#[derive(Debug)]
struct Known {
    statement: ServerStatement,
    used: u64,
}

/// The most statements that all connections of a pool may hold together: less than the 16,382 that a
/// server allows for all its clients by default.
const PER_SERVER: usize = 12_800;

/// A pool of many connections still keeps some statements on each.
const LEAST: usize = 16;

/// A pool of few connections keeps no more than this on each.
const MOST: usize = 1024;

impl Statements {
    /// Room for a connection's share of what its pool may hold.
    pub fn new(max_connections: u32) -> Self {
        let connections = usize::try_from(max_connections).unwrap_or(usize::MAX);
        Self {
            known: HashMap::new(),
            capacity: (PER_SERVER / connections.max(1)).clamp(LEAST, MOST),
            clock: 0,
            closing: Vec::new(),
        }
    }

    /// The server's statement, which is in use by this.
    pub fn find(&mut self, key: StatementKey) -> Option<ServerStatement> {
        let known = self.known.get_mut(&key)?;
        self.clock += 1;
        known.used = self.clock;
        Some(known.statement)
    }

    /// Whether the statement is there.
    pub fn has(&self, key: StatementKey) -> bool {
        self.known.contains_key(&key)
    }

    /// Whether the statement is there, or one of the same text that was never executed (`fresh`),
    /// which then becomes it.
    pub fn has_or_adopts(&mut self, key: StatementKey, fresh: StatementKey) -> bool {
        if self.has(key) {
            return true;
        }
        match self.take(fresh) {
            Some(statement) => self.keep(key, statement),
            None => return false,
        }
        true
    }

    /// Keeps a statement; the one of the same key, and what is used least where there are too many,
    /// are closed.
    pub fn keep(&mut self, key: StatementKey, statement: ServerStatement) {
        self.clock += 1;
        let used = self.clock;
        if let Some(replaced) = self.known.insert(key, Known { statement, used }) {
            self.closing.push(replaced.statement);
        }
        if self.known.len() > self.capacity {
            let least = self.known.iter().min_by_key(|(_, known)| known.used);
            let least = least.map(|(key, _)| *key);
            let evicted = least.and_then(|key| self.take(key));
            self.closing.extend(evicted);
        }
    }

    /// Gives a statement to somebody who keeps it to himself.
    pub fn take(&mut self, key: StatementKey) -> Option<ServerStatement> {
        self.known.remove(&key).map(|known| known.statement)
    }

    /// Has a statement closed.
    pub fn close(&mut self, statement: ServerStatement) {
        self.closing.push(statement);
    }

    /// Has the one under a key closed, if there is one.
    pub fn close_known(&mut self, key: StatementKey) {
        if let Some(statement) = self.take(key) {
            self.close(statement);
        }
    }

    /// Whether there are any.
    pub fn keeps_any(&self) -> bool {
        !self.known.is_empty()
    }

    /// Has all of them closed.
    pub fn close_all(&mut self) {
        let all = self.known.drain().map(|(_, known)| known.statement);
        self.closing.extend(all);
    }

    /// The server has forgotten all of them.
    pub(super) fn forget(&mut self) {
        self.known.clear();
        self.closing.clear();
    }

    /// Whether the server must be told of closed ones.
    pub fn is_closing(&self) -> bool {
        !self.closing.is_empty()
    }
}

impl Connection {
    /// Queues what closes statements; the server does not answer it.
    pub fn queue_closes(&mut self) {
        for statement in std::mem::take(&mut self.statements().closing) {
            let packets = self.packets();
            packets.reset_sequence();
            packets.queue_with(|out| put_stmt_close(out, statement.0));
        }
    }

    /// Queues an execution of a statement that the connection knows, with the parameters that were
    /// sent before it, in pieces.
    pub fn queue_execute(
        &mut self,
        key: StatementKey,
        execution: &Execution<'_>,
        long_data: &[(u16, Vec<u8>)],
    ) {
        let capabilities = self.capabilities();
        let Some(statement) = self.statements().find(key) else {
            return;
        };
        let packets = self.packets();
        for (param, data) in long_data {
            packets.queue_with(|out| put_stmt_long_data(out, statement.0, *param, data));
            packets.reset_sequence();
        }
        packets.queue_with(|out| put_execute(out, capabilities, statement.0, execution));
    }

    /// Prepares a statement and keeps it, unless the server has something against it. A server that
    /// has no room for another one gets back what this connection holds.
    ///
    /// # Errors
    /// What the connection says; it is then of no use.
    pub async fn prepare_statement(
        &mut self,
        key: StatementKey,
        sql: &[u8],
    ) -> Result<Option<MysqlError>, BackendError> {
        let mut objection = self.try_prepare(key, sql).await?;
        let full = |error: &MysqlError| error.code == TOO_MANY_STATEMENTS;
        if objection.as_ref().is_some_and(full) && !self.statements().known.is_empty() {
            self.statements().close_all();
            objection = self.try_prepare(key, sql).await?;
        }
        Ok(objection)
    }

    async fn try_prepare(
        &mut self,
        key: StatementKey,
        sql: &[u8],
    ) -> Result<Option<MysqlError>, BackendError> {
        self.queue_closes();
        self.packets().reset_sequence();
        self.packets().queue_with(|out| put_stmt_prepare(out, sql));
        self.flush().await?;
        let payload = self.read_packet().await?;
        if payload.first() == Some(&0xFF) {
            let error = decode_err(&payload).map_err(|error| self.malformed(error))?;
            return Ok(Some(error));
        }
        let prepared = PrepareOk::decode(&payload).map_err(|error| self.malformed(error))?;
        // Definitions only: every connection has DEPRECATE_EOF.
        for _ in 0..u32::from(prepared.params) + u32::from(prepared.columns) {
            self.read_packet().await?;
        }
        self.statements()
            .keep(key, ServerStatement(prepared.statement));
        Ok(None)
    }
}

/// ER_MAX_PREPARED_STMT_COUNT_REACHED
const TOO_MANY_STATEMENTS: u16 = 1461;

#[cfg(test)]
mod tests {
    use super::*;

    fn closed(statements: &mut Statements) -> Vec<u32> {
        let closing = std::mem::take(&mut statements.closing);
        closing.into_iter().map(|statement| statement.0).collect()
    }

    #[test]
    fn what_is_used_least_is_closed() {
        let mut statements = Statements::new(u32::MAX);
        for n in 0..LEAST as u32 {
            statements.keep(StatementKey(n.into()), ServerStatement(100 + n));
        }
        assert_eq!(statements.find(StatementKey(0)), Some(ServerStatement(100)));
        assert!(!statements.is_closing());
        statements.keep(StatementKey(99), ServerStatement(199));
        assert_eq!(closed(&mut statements), [101]);
        assert!(statements.has(StatementKey(0)) && !statements.has(StatementKey(1)));
    }

    #[test]
    fn a_statement_that_is_prepared_again_replaces_the_first() {
        let mut statements = Statements::new(64);
        statements.keep(StatementKey(1), ServerStatement(1));
        statements.keep(StatementKey(1), ServerStatement(2));
        assert_eq!(closed(&mut statements), [1]);
        assert_eq!(statements.take(StatementKey(1)), Some(ServerStatement(2)));
        assert!(!statements.has(StatementKey(1)) && !statements.is_closing());
    }

    #[test]
    fn all_connections_of_a_pool_stay_below_what_servers_allow() {
        for connections in [1, 12, 64, 100, 800] {
            let statements = Statements::new(connections);
            assert!(statements.capacity * connections as usize <= PER_SERVER);
        }
    }
}
