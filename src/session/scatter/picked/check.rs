//! What a server has against a statement whose steps are other statements: it is asked to prepare it.

use super::super::super::connection_phase::wants_found_rows;
use super::super::super::failure::Failure;
use super::super::super::shard_query::Target;
use super::super::super::shared::Snapshot;
use super::super::super::state::Session;
use super::super::super::statement::Statement;
use super::super::{Part, Text};
use crate::backend::{BackendError, Wanted};
use crate::error::{ErrorKind, MysqlError};
use crate::net::Interest;
use crate::plan::{Picked, Plan};
use crate::route::DataNode;
use crate::topology::{TableId, TableKind};

impl Session {
    /// Has a server read a statement that is prepared.
    ///
    /// # Errors
    /// What it has against it; no server has all of its tables.
    pub(in crate::session) async fn check_picked(
        &mut self,
        planned: (&Snapshot, &Plan),
        picked: &Picked,
        statement: &Statement<'_>,
    ) -> Result<(), Failure> {
        let place = place_to_ask(picked, planned.0);
        match self.object(planned, place, statement).await? {
            true => Ok(()),
            false => Err(Failure::Error(picked.refusal())),
        }
    }

    /// Asks a server that has all of the tables, if there is one; says whether it has read the statement.
    ///
    /// # Errors
    /// What it has against the statement.
    pub(in crate::session) async fn object(
        &mut self,
        (snapshot, plan): (&Snapshot, &Plan),
        place: Option<DataNode>,
        statement: &Statement<'_>,
    ) -> Result<bool, Failure> {
        let Some(node) = place else {
            return Ok(false);
        };
        let asked = (statement, None);
        let Ok(parts) = self.texts((snapshot, plan), &[node], None, asked) else {
            return Ok(false);
        };
        let (target, sql) = match parts.first() {
            Some(Part {
                target,
                text: Text::Query(sql),
            }) => (*target, sql),
            _ => return Ok(false),
        };
        let limit = Some(self.shared.limits.handshake);
        let said = Box::pin(self.objection(target, (plan.qualified, sql)));
        let watch = &self.handle.watch;
        let Ok(said) = watch.guard(limit, Interest::FINISH, said).await else {
            return Ok(false);
        };
        let Some(mut error) = said.map_err(|error| Failure::from(&error))? else {
            return Ok(true);
        };
        let unknown = [
            ErrorKind::DoesNotExist,
            ErrorKind::NoSuchTable,
            ErrorKind::NotPreparable,
        ];
        if unknown.iter().any(|kind| kind.code().0 == error.code) {
            return Ok(false);
        }
        if let Some(names) = target.names {
            names.fix_error(&mut error);
        }
        Err(Failure::Error(error))
    }

    async fn objection(
        &self,
        target: Target<'_>,
        (qualified, sql): (bool, &[u8]),
    ) -> Result<Option<MysqlError>, BackendError> {
        let wanted = Wanted {
            database: target.database().filter(|_| !qualified),
            variables: Some(&self.state.variables),
            found_rows: wants_found_rows(self.capabilities),
        };
        let Some(set) = self.shared.cluster.get(target.replica_set) else {
            return Ok(None);
        };
        let mut connection = set.checkout(&wanted).await?;
        connection.prepare(&wanted, &[]).await?;
        let objection = connection.objection(sql).await?;
        connection.release();
        Ok(objection)
    }
}

/// A data node that has all of the tables, if one has.
pub(in crate::session) fn place_to_ask(picked: &Picked, snapshot: &Snapshot) -> Option<DataNode> {
    if !picked.one_schema {
        return None;
    }
    let own = picked.tables.iter().map(|table| table.table);
    let all: Vec<TableId> = own.chain(picked.read.iter().copied()).collect();
    let is_single = |id: &&TableId| {
        let table = snapshot.topology.table_by_id(**id);
        table.is_some_and(|table| matches!(table.kind, TableKind::Single(_)))
    };
    let first = all.iter().find(is_single).or(all.first())?;
    a_node(*first, snapshot)
}

/// A data node that has the table.
pub(in crate::session) fn a_node(id: TableId, snapshot: &Snapshot) -> Option<DataNode> {
    let table = snapshot.topology.table_by_id(id)?;
    match &table.kind {
        TableKind::Single(shard) => Some(DataNode::from(*shard)),
        TableKind::Sharded(_) => snapshot.router.nodes(id).first().copied(),
        _ => {
            let schema = snapshot.topology.schema_by_id(table.schema)?;
            schema.shards.first().map(|shard| DataNode::from(*shard))
        }
    }
}
