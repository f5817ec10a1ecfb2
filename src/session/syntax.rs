//! Statements that the proxy cannot read: whether they are wrong, only a server can say.
//!
//! A server that is asked to prepare a statement parses it first of all and executes nothing. Its
//! syntax error names the place and the line; where it has none, the proxy's own refusal holds. The same
//! goes for names that are called and are no functions as far as the proxy knows.

use std::sync::Arc;

use super::connection_phase::wants_found_rows;
use super::failure::Failure;
use super::shared::Snapshot;
use super::state::Session;
use super::statement::Statement;
use crate::backend::{BackendError, Connection, Wanted};
use crate::error::{ErrorKind, MysqlError};
use crate::plan::Plan;
use crate::topology::{ReplicaSetId, Topology};

/// More than this is not sent twice, in bytes.
const MAX_CHECKED: usize = 1 << 20;

impl Session {
    /// What a server says of the syntax of the statement `sql[start..end]`, else `otherwise`. The
    /// error speaks of the whole rest of `sql`, as it does where a server reads the rest itself.
    pub(super) async fn syntax_error(
        &self,
        sql: &[u8],
        span: (usize, usize),
        otherwise: MysqlError,
    ) -> MysqlError {
        self.server_error(sql, span, &[ErrorKind::Syntax], otherwise)
            .await
    }

    /// What a server says of a statement that is refused where it shall be prepared.
    pub(super) async fn preparation_error(&self, sql: &[u8], otherwise: MysqlError) -> MysqlError {
        let kinds = [ErrorKind::Syntax, ErrorKind::NotPreparable];
        self.server_error(sql, (0, sql.len()), &kinds, otherwise)
            .await
    }

    /// A refusal over several shards; where the statement calls a name that is no function, what a server
    /// says of it. A server looks for the tables first: where it finds none of their names, the refusal holds.
    pub(super) async fn or_unknown_function(
        &self,
        plan: &Plan,
        statement: &Statement<'_>,
        refused: MysqlError,
    ) -> Failure {
        if !plan.calls_unknown || refused.code != ErrorKind::NotSupportedYet.code().0 {
            return Failure::Error(refused);
        }
        let text = statement.text();
        let kinds = [ErrorKind::DoesNotExist];
        let asked = self.server_error(text, (0, text.len()), &kinds, refused);
        let mut error = Box::pin(asked).await;
        let snapshot = self.shared.snapshot();
        let (_, physical) = self.place_to_ask(&snapshot.topology);
        if let Some((physical, logical)) = physical.zip(self.state.schema.as_deref())
            && error.code == ErrorKind::DoesNotExist.code().0
        {
            let of_shard = format!("FUNCTION {physical}.");
            if let Some(rest) = error.message.strip_prefix(of_shard.as_bytes()) {
                error.message = [b"FUNCTION ", logical.as_bytes(), b".", rest].concat();
            }
        }
        Failure::Error(error)
    }

    /// What a server has against a statement, if it is of one of these kinds.
    async fn server_error(
        &self,
        sql: &[u8],
        (start, end): (usize, usize),
        kinds: &[ErrorKind],
        otherwise: MysqlError,
    ) -> MysqlError {
        let statement = sql.get(start..end).unwrap_or_default();
        let rest = sql.get(start..).unwrap_or_default();
        if rest.len() > MAX_CHECKED {
            return otherwise;
        }
        let check = Box::pin(self.check_syntax(statement, rest, kinds));
        let interest = crate::net::Interest::FINISH;
        let limit = Some(self.shared.limits.handshake);
        match self.handle.watch.guard(limit, interest, check).await {
            Ok(Ok(Some(error))) => error,
            Ok(Ok(None)) | Err(_) => otherwise,
            Ok(Err(error)) => {
                tracing::debug!(%error, "could not ask a server about a statement's syntax");
                otherwise
            }
        }
    }

    async fn check_syntax(
        &self,
        statement: &[u8],
        rest: &[u8],
        kinds: &[ErrorKind],
    ) -> Result<Option<MysqlError>, BackendError> {
        let snapshot = self.shared.snapshot();
        let snapshot: Arc<Snapshot> = Arc::clone(&snapshot);
        let (replica_set, database) = self.place_to_ask(&snapshot.topology);
        let wanted = Wanted {
            database,
            variables: Some(&self.state.variables),
            found_rows: wants_found_rows(self.capabilities),
        };
        let Some(set) = self.shared.cluster.get(replica_set) else {
            return Ok(None);
        };
        let mut connection = set.checkout(&wanted).await?;
        connection.prepare(&wanted, &[]).await?;
        let mut error = objection(&mut connection, statement, kinds).await?;
        if error.is_some() && rest.len() > statement.len() {
            error = objection(&mut connection, rest, kinds).await?;
        }
        connection.release();
        Ok(error)
    }

    /// A replica set and the database to ask in. MariaDB looks for a current database, and for the
    /// right to write there, before it has read the statement to its end: so it must be one of the
    /// schema's own.
    fn place_to_ask<'t>(&self, topology: &'t Topology) -> (ReplicaSetId, Option<&'t str>) {
        let Some(name) = &self.state.schema else {
            return (ReplicaSetId(0), None);
        };
        let shard = topology
            .schema(name)
            .and_then(|(_, schema)| topology.shard(schema.default_shard));
        match shard {
            Some(shard) => (shard.replica_set, Some(&shard.database)),
            None => (ReplicaSetId(0), Some("information_schema")),
        }
    }
}

/// The server's objection to a statement, if it is of one of these kinds.
async fn objection(
    connection: &mut Connection,
    sql: &[u8],
    kinds: &[ErrorKind],
) -> Result<Option<MysqlError>, BackendError> {
    let objection = connection.objection(sql).await?;
    let is_one = |error: &MysqlError| kinds.iter().any(|kind| kind.code().0 == error.code);
    Ok(objection.filter(is_one))
}
