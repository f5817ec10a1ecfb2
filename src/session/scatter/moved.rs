//! INSERT and REPLACE … SELECT whose rows go through the proxy.
//!
//! In one transaction the SELECT is answered and its rows are kept, as far as `[server.merge]` allows;
//! then they are stored by an INSERT … VALUES, which is planned, split and answered like a client's. What
//! is read is locked as MySQL locks it, so that it is still so when the rows are stored.

use std::sync::Arc;

use super::super::failure::Failure;
use super::super::prepared::Given;
use super::super::shard_query::ShardQuery;
use super::super::shared::Snapshot;
use super::super::state::Session;
use super::super::statement::Statement;
use super::super::target::node_target;
use super::limited::own;
use super::writes::{Told, Writing};
use super::{Part, Text};
use crate::error::{MysqlError, StageError};
use crate::parse::Digest;
use crate::plan::{self, Action, Edit, Move, Plan, PlanError, Replacement, Unsupported};
use crate::rewrite::{self, MovedRows};
use crate::route::DataNode;
use crate::topology::{Column, TableDefinition, TableKind};
use crate::wire::ColumnDefinition;

/// An INSERT of moved rows gets no longer than this, in bytes, where it need not: less than any server's
/// `max_allowed_packet`.
pub(super) const PART: usize = 1024 * 1024;

impl Session {
    /// Reads the rows and stores them; says whether the rest of the command shall run. `given`: the
    /// SELECT's parameters; nothing else of the statement has any.
    pub(in super::super) async fn run_moved(
        &mut self,
        moved: &Move,
        (snapshot, plan): (&Snapshot, &Plan),
        (statement, given): (&Statement<'_>, Option<&Given<'_>>),
    ) -> Result<bool, Failure> {
        Self::check_scattered(plan)?;
        self.check_alone()?;
        let own = self.begin_own();
        let (plans, asked) = ((snapshot, plan), (own, statement, given));
        let told = self.move_rows(moved, plans, asked).await;
        let told = self.end_own(own, told).await?;
        self.answer_told(told, statement.more);
        Ok(true)
    }

    async fn move_rows(
        &mut self,
        moved: &Move,
        (snapshot, plan): (&Snapshot, &Plan),
        (own, statement, given): (bool, &Statement<'_>, Option<&Given<'_>>),
    ) -> Result<Told, Failure> {
        let definition = self.shared.refresher.definition(snapshot, moved.table);
        let definition = definition.await.map_err(|error| Failure::from(&error))?;
        let definition =
            definition.ok_or_else(|| Failure::Error(unsupported("whose columns are not known")))?;
        let plans = (snapshot, plan);
        let Some(into) = columns(moved, &definition) else {
            let columns = moved.columns.as_ref().map_or(1, Vec::len);
            let asked = (own, statement);
            let told = self.store_nothing((moved, columns), plans, asked).await;
            return told.and(Err(Failure::Error(MysqlError::stale())));
        };
        let kept = self
            .read_rows(moved, snapshot, (own, statement, given))
            .await?;
        let from: Result<Vec<_>, _> = kept
            .columns
            .iter()
            .map(|column| ColumnDefinition::decode(column))
            .collect();
        let from = from.map_err(|error| Failure::from(&error))?;
        let rows = MovedRows::new(&from, &into)
            .and_then(|rows| rows.sent_in(kept.format, &from))
            .map_err(|error| Failure::from(&error))?;
        if kept.rows.is_empty() {
            return self
                .store_nothing((moved, into.len()), plans, (own, statement))
                .await;
        }
        let tokens = statement.tokens();
        let mut sql = tokens.span(moved.head.clone()).to_vec();
        sql.extend_from_slice(b" VALUES ");
        for (number, row) in kept.rows.iter().enumerate() {
            sql.extend_from_slice(if number > 0 { b"," } else { b"" });
            rows.put(row, &mut sql)
                .map_err(|error| Failure::from(&error))?;
        }
        drop(kept);
        sql.push(b' ');
        sql.extend_from_slice(tokens.span(moved.tail.clone()));
        self.store_rows(&sql, moved, snapshot, (own, statement))
            .await
    }

    /// Runs the INSERT … VALUES of the rows.
    async fn store_rows(
        &mut self,
        sql: &[u8],
        moved: &Move,
        snapshot: &Snapshot,
        (own_transaction, client): (bool, &Statement<'_>),
    ) -> Result<Told, Failure> {
        let mut digest = Digest::default();
        self.scan_alone(sql, &mut digest)?;
        let statement = own(sql, &digest, client);
        let plan = self.plan_in(snapshot, &statement);
        if let Action::Generate(generate) = &plan.action {
            let filled = self.filled(generate, snapshot, &statement).await?;
            let digest = self.scan_filled(&filled, statement.mode)?;
            let statement = filled.statement(&statement, &digest);
            let plan = self.plan_in(snapshot, &statement);
            let asked = (own_transaction, &statement);
            return self.store_planned(moved, (snapshot, &plan), asked).await;
        }
        let asked = (own_transaction, &statement);
        self.store_planned(moved, (snapshot, &plan), asked).await
    }

    /// There are no rows: a server says what that gives, and what is wrong with the statement.
    async fn store_nothing(
        &mut self,
        (moved, columns): (&Move, usize),
        (snapshot, plan): (&Snapshot, &Plan),
        (own, statement): (bool, &Statement<'_>),
    ) -> Result<Told, Failure> {
        let topology = &snapshot.topology;
        let table = topology.table_by_id(moved.table);
        let table = table.ok_or_else(MysqlError::stale)?;
        let shards = topology.schema_by_id(table.schema).map(|s| &s.shards);
        let node = match &table.kind {
            TableKind::Single(shard) => Some(DataNode::from(*shard)),
            TableKind::Sharded(_) if shards.is_some_and(|shards| shards.len() > 1) => {
                snapshot.router.nodes(moved.table).first().copied()
            }
            _ => shards.and_then(|shards| shards.first().map(|shard| DataNode::from(*shard))),
        };
        let node = node.ok_or_else(MysqlError::stale)?;
        let (start, end) = (moved.query.start as u32, moved.query.end as u32);
        let outside = |edit: &&Edit| edit.token < start || edit.token >= end;
        let mut edits: Vec<Edit> = plan.edits.iter().filter(outside).cloned().collect();
        let nulls = vec!["NULL"; columns].join(", ");
        edits.push(Edit {
            token: start,
            tokens: end - start,
            with: Replacement::Text(format!("SELECT {nulls} FROM DUAL WHERE FALSE")),
        });
        edits.sort_by_key(|edit| (edit.token, edit.tokens));
        let target = node_target(topology, node, plan)?;
        let values = self.values((snapshot, plan), (target, node.part));
        let (sql, digest, mut room) = (statement.sql, statement.digest, Vec::new());
        let text = rewrite::splice(sql, statement.start, digest, &edits, &values, &mut room);
        let text = Text::Query(text.map_err(|error| Failure::from(&error))?.to_vec());
        let writing = Writing::alone(Part { target, text });
        let query = ShardQuery::of_write(plan, statement.attributes, plan.qualified);
        let done = self.write_parts(&writing, &query, (own, statement)).await?;
        Ok(self.told(done, (&writing, None), false))
    }

    async fn store_planned(
        &mut self,
        moved: &Move,
        (snapshot, plan): (&Snapshot, &Plan),
        (own, statement): (bool, &Statement<'_>),
    ) -> Result<Told, Failure> {
        let literals = statement.literals(self.state.text.charset);
        let route = snapshot.router.route(plan, literals);
        let route = route.map_err(|error| Failure::from(&error))?;
        let nodes = snapshot.router.routed(&route);
        let plans = (snapshot, plan);
        let writing = match (&plan.write, nodes) {
            (Some(Ok(write)), _) => {
                self.check_temporary(write)?;
                self.writing(plans, (write, PART), nodes, (statement, None))?
            }
            (Some(Err(reason)), _) => {
                let refused = plan::unsplit(&plan.action, *reason, nodes.len());
                return Err(Failure::Error(refused));
            }
            (None, [node]) => {
                let target = node_target(&snapshot.topology, *node, plan)?;
                let mut room = Vec::new();
                let text = self.rewrite(plans, statement, (target, node.part), &mut room)?;
                let text = Text::Query(text.to_vec());
                Writing {
                    rows: rows_with_ids(statement)?,
                    ..Writing::alone(Part { target, text })
                }
            }
            (None, _) => return Err(Failure::Error(MysqlError::stale())),
        };
        let query = ShardQuery::of_write(plan, statement.attributes, plan.qualified);
        let done = self.write_parts(&writing, &query, (own, statement)).await?;
        Ok(self.told(done, (&writing, Some(moved.duplicates)), false))
    }
}

/// The rows that get ids where one shard has all of the schema.
fn rows_with_ids(statement: &Statement<'_>) -> Result<Option<Vec<Vec<usize>>>, Failure> {
    let Some(ids) = statement.insert_ids() else {
        return Ok(None);
    };
    match ids.one_by_one() {
        true => Err(Failure::Error(unsupported(
            "with IGNORE or ON DUPLICATE KEY UPDATE of rows that get ids, in a schema of one shard",
        ))),
        false => Ok(Some(vec![(0..ids.rows.len()).collect()])),
    }
}

/// The columns that get the values; `None`: one of them is not there.
fn columns<'d>(moved: &Move, definition: &'d Arc<TableDefinition>) -> Option<Vec<&'d Column>> {
    let Some(names) = &moved.columns else {
        return Some(definition.visible().collect());
    };
    let column = |name: &String| {
        let mut columns = definition.columns.iter();
        columns.find(|column| column.name.to_lowercase() == name.to_lowercase())
    };
    names.iter().map(column).collect()
}

pub(super) fn unsupported(what: &str) -> MysqlError {
    let what = format!("an INSERT … SELECT {what}");
    PlanError::from(Unsupported::Statement(what)).to_mysql()
}
