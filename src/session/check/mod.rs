//! SHARDWELL CHECK TABLE: do the shards define a table alike, and does each row lie where the table's
//! rule says?
//!
//! In: a table's name. Out: what was found, as rows. Rows are read node by node and routed as those
//! of an INSERT; no more than a page of them and what was found are held.

mod pages;

use std::sync::Arc;

use super::failure::{Failure, interrupted};
use super::overview::{Cell, Listing};
use super::shared::{Shared, Snapshot};
use super::state::Session;
use super::statement::Statement;
use crate::backend::catalog::TableName;
use crate::backend::{BackendError, Connection, TextRow};
use crate::error::{ErrorKind, MysqlError, StageError};
use crate::net::{Interest, Signal};
use crate::parse::QualifiedName;
use crate::plan::PlanError;
use crate::route::DataNode;
use crate::topology::{Sharding, TableDefinition, TableId, TableKind};
use pages::Pages;

/// Rows in a wrong place that are listed; more are counted.
const LISTED: usize = 1000;

/// Characters of a value that are shown.
const SHOWN: usize = 100;

const COLUMNS: [&str; 6] = ["Check", "Shard", "Row", "Key", "Belongs_to", "Detail"];

impl Session {
    /// SHARDWELL CHECK TABLE
    pub(super) async fn check_table(
        &mut self,
        name: QualifiedName,
        statement: &Statement<'_>,
    ) -> Result<(), Failure> {
        let tokens = statement.tokens();
        let schema = name.schema.and_then(|at| tokens.name(at));
        let schema = schema.or_else(|| self.state.schema.clone());
        let table = tokens.name(name.name).unwrap_or_default();
        let shared = self.shared.newest();
        let checked = check(&shared, schema, &table);
        let watched = self.handle.watch.guard(None, Interest::STATEMENT, checked);
        let rows = match watched.await {
            Ok(rows) => rows?,
            Err(signal) => {
                self.handle.watch.acknowledge(Signal::KillQuery);
                return Err(interrupted(signal));
            }
        };
        self.reply_listing(Listing::new(&COLUMNS, 1, rows), statement.more);
        Ok(())
    }
}

/// What is found.
#[derive(Debug, Default)]
struct Findings {
    rows: Vec<Vec<Cell>>,
    listed: usize,
}

impl Findings {
    fn add(&mut self, check: &str, shard: Option<&str>, detail: String) {
        let shard = shard.map(str::to_owned);
        let row = vec![
            Some(check.to_owned()),
            shard,
            None,
            None,
            None,
            Some(detail),
        ];
        self.rows.push(row);
    }
}

/// Definitions first, then the rows of each data node.
async fn check(
    shared: &Shared,
    schema: Option<String>,
    table: &str,
) -> Result<Vec<Vec<Cell>>, MysqlError> {
    let schema = schema.ok_or(PlanError::NoSchemaSelected);
    let schema = schema.map_err(|error| error.to_mysql())?;
    let mut findings = Findings::default();
    let before = Arc::clone(&shared.snapshot());
    let (id, name) = resolve(&before, &schema, table)?;
    if !is_single(&before, id) {
        let found = shared.refresher.differences(shared, &name).await;
        let found = found.map_err(|error| told(&error.to_string()))?;
        for difference in found {
            findings.add("definition", None, difference.to_string());
        }
    }
    // The look may have found the table in another state.
    let snapshot = Arc::clone(&shared.snapshot());
    let (id, _) = resolve(&snapshot, &schema, table)?;
    let found = snapshot.topology.table_by_id(id).map(|table| &table.kind);
    match found {
        Some(TableKind::Sharded(sharding)) => {
            if let Some(reason) = snapshot.topology.unusable.get(&id) {
                findings.add("rows", None, format!("not checked: {reason}"));
                return Ok(findings.rows);
            }
            let definition = snapshot.topology.definition(id);
            for node in snapshot.router.nodes(id) {
                let place = Place {
                    snapshot: &snapshot,
                    id,
                    sharding,
                    node: *node,
                };
                let pages = Pages::new(sharding, definition.map(|found| &**found));
                place.check(shared, pages, &mut findings).await?;
            }
        }
        Some(TableKind::Broadcast) => {
            let detail = "the rows of broadcast tables are not compared";
            findings.add("rows", None, detail.to_owned());
        }
        Some(TableKind::Single(_)) | None => {
            let detail = "a single table: all rows are where it is";
            findings.add("rows", None, detail.to_owned());
        }
        Some(TableKind::Refused { reason }) => findings.add("rows", None, reason.clone()),
    }
    Ok(findings.rows)
}

fn is_single(snapshot: &Snapshot, id: TableId) -> bool {
    let table = snapshot.topology.table_by_id(id);
    matches!(table.map(|table| &table.kind), Some(TableKind::Single(_)))
}

fn resolve(
    snapshot: &Snapshot,
    schema: &str,
    table: &str,
) -> Result<(TableId, TableName), MysqlError> {
    let topology = &snapshot.topology;
    let found = topology.schema(schema);
    let (id, schema) =
        found.ok_or_else(|| PlanError::UnknownSchema(schema.to_owned()).to_mysql())?;
    let full = format!("{}.{table}", schema.name);
    let found = topology.table(id, table);
    let (id, table) = found.ok_or_else(|| PlanError::NoSuchTable(full).to_mysql())?;
    let name = TableName {
        schema: schema.name.clone(),
        table: table.name.clone(),
    };
    Ok((id, name))
}

fn told(message: &str) -> MysqlError {
    MysqlError::new(ErrorKind::Internal, message)
}

/// One data node of the table.
struct Place<'a> {
    snapshot: &'a Snapshot,
    id: TableId,
    sharding: &'a Sharding,
    node: DataNode,
}

impl Place<'_> {
    /// `replica_set/database`, with the table where the shards have several.
    fn name(&self, node: DataNode) -> String {
        let shard = self.snapshot.topology.shard(node.shard);
        let shard = shard.map_or("?", |shard| shard.name.as_str());
        match self.sharding.physical_name(node.part) {
            Some(part) => format!("{shard}.{part}"),
            None => shard.to_owned(),
        }
    }

    /// Reads and routes the rows of the node.
    async fn check(
        &self,
        shared: &Shared,
        mut pages: Pages,
        findings: &mut Findings,
    ) -> Result<(), MysqlError> {
        let topology = &self.snapshot.topology;
        let shard = topology.shard(self.node.shard);
        let table = crate::route::node_table(self.id, self.node, topology);
        let (Some(shard), Some(table)) = (shard, table) else {
            return Err(MysqlError::stale());
        };
        let set = shared.cluster.get(shard.replica_set);
        let server = match set {
            Some(set) => set.primary_to_look_at().await,
            None => None,
        };
        let name = self.name(self.node);
        let server = server.ok_or_else(MysqlError::stale)?;
        let mut tally = Tally::default();
        let read = async {
            let mut connection = Connection::open(server, false).await?;
            while let Some(sql) = pages.next(&table) {
                let mut tell = |row: TextRow| {
                    pages.note(&row);
                    self.look_at(&row, &pages, &mut tally, findings);
                };
                connection.query_each(sql.as_bytes(), &mut tell).await?;
            }
            Ok::<(), BackendError>(())
        };
        if let Err(error) = read.await {
            let detail = format!("not checked behind {} rows: {error}", tally.rows);
            findings.add("error", Some(&name), detail);
        }
        let Tally { rows, wrong } = tally;
        let detail = format!("{rows} rows, {wrong} of them in a wrong place");
        findings.add("rows", Some(&name), detail);
        Ok(())
    }

    fn look_at(&self, row: &TextRow, pages: &Pages, tally: &mut Tally, findings: &mut Findings) {
        tally.rows += 1;
        let keys: Vec<Option<&[u8]>> = pages.keys(row).collect();
        let placed = self.snapshot.router.place(self.id, &keys, tally.rows);
        let (check, belongs, detail) = match placed {
            Ok(node) if node == self.node => return,
            Ok(node) => ("misplaced", Some(self.name(node)), None),
            Err(error) => ("unplaced", None, Some(error.to_string())),
        };
        tally.wrong += 1;
        if findings.listed == LISTED {
            return;
        }
        findings.listed += 1;
        let names = self.sharding.keys.iter().map(|key| key.name.as_str());
        findings.rows.push(vec![
            Some(check.to_owned()),
            Some(self.name(self.node)),
            pages.identity(row),
            Some(values(names.zip(keys))),
            belongs,
            detail,
        ]);
    }
}

/// What was seen of a node.
#[derive(Debug, Default)]
struct Tally {
    rows: usize,
    wrong: usize,
}

/// `name=value, name=value`
fn values<'v>(values: impl Iterator<Item = (&'v str, Option<&'v [u8]>)>) -> String {
    let text = |value: Option<&[u8]>| match value {
        None => "NULL".to_owned(),
        Some(bytes) => match std::str::from_utf8(bytes) {
            Ok(text) => text.chars().take(SHOWN).collect(),
            Err(_) => {
                let shown = bytes.get(..SHOWN / 2).unwrap_or(bytes);
                format!("0x{}", hex::encode(shown))
            }
        },
    };
    let all = values.map(|(name, value)| format!("{name}={}", text(value)));
    all.collect::<Vec<_>>().join(", ")
}

/// The columns of the primary key, if there is one of whole columns.
fn primary_key(definition: Option<&TableDefinition>) -> Vec<String> {
    let parts = definition.and_then(|found| found.primary_key());
    let parts = parts.into_iter().flat_map(|index| &index.parts);
    let columns: Option<Vec<String>> = parts.map(|part| part.column.clone()).collect();
    columns.unwrap_or_default()
}
