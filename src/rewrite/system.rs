//! A table of information_schema → a query that gives its rows as the client's schemas have them.
//!
//! Each table of a schema is shown once, from the first of the schema's shards on the replica set, or
//! from the shard of a single table.

use super::looked_up::{LookedUp, counted_column, put_counted};
use super::privileges::put_privileges;
use super::splice::Client;
use super::text::{put_quoted, put_string};
use std::io::Write as _;

use crate::config::SchemaAccess;
use crate::plan::{
    CHECKED_TABLE, COUNTERS, DEFINITIONS, INFORMATION_SCHEMA, SCHEMA_COLUMNS, SystemTable,
};
use crate::topology::{ReplicaSetId, Schema, Shard, ShardId, TableKind, Topology};

/// Who asks, and where.
#[derive(Clone, Copy)]
pub(super) struct Seen<'a> {
    pub topology: &'a Topology,
    /// The schemas that the client may see; all without it.
    pub access: Option<&'a SchemaAccess>,
    /// Who the client is.
    pub client: Client<'a>,
    pub replica_set: ReplicaSetId,
    pub mariadb: bool,
    /// What was counted on all shards.
    pub looked_up: Option<&'a LookedUp>,
}

impl<'a> Seen<'a> {
    /// The visible schemas with their shards on the replica set.
    pub(super) fn schemas(self) -> impl Iterator<Item = (&'a Schema, Vec<(ShardId, &'a Shard)>)> {
        let schemas = self.topology.schemas.iter();
        let visible = schemas
            .filter(move |schema| self.access.is_none_or(|access| access.allows(&schema.name)));
        visible.map(move |schema| {
            let shards = schema.shards.iter();
            let shards = shards.filter_map(|id| Some((*id, self.topology.shard(*id)?)));
            let here = shards.filter(|(_, shard)| shard.replica_set == self.replica_set);
            (schema, here.collect())
        })
    }

    /// The names of a schema's single tables, on this shard or on others.
    fn singles(self, schema: &'a Schema, on: impl Fn(ShardId) -> bool) -> Vec<&'a str> {
        let tables = schema.tables.values();
        let tables = tables.filter_map(|id| self.topology.table_by_id(*id));
        let single = tables.filter(|table| match table.kind {
            TableKind::Single(shard) => on(shard),
            _ => false,
        });
        let mut names: Vec<&str> = single.map(|table| table.name.as_str()).collect();
        names.sort_unstable();
        names
    }
}

/// Appends what SHOW DATABASES lists as a table: names with the type and the collation of the server's own.
pub(super) fn put_visible_schemas(
    out: &mut Vec<u8>,
    topology: &Topology,
    access: Option<&SchemaAccess>,
) {
    let schemas = topology.schemas.iter().map(|schema| schema.name.as_str());
    let visible = schemas.filter(|name| access.is_none_or(|access| access.allows(name)));
    let mut names: Vec<&str> = visible.chain([INFORMATION_SCHEMA]).collect();
    names.sort_unstable();
    out.extend_from_slice(
        b"SELECT * FROM (SELECT SCHEMA_NAME AS `Database` FROM information_schema.SCHEMATA WHERE FALSE",
    );
    for name in names {
        out.extend_from_slice(b" UNION ALL SELECT ");
        put_string(out, Some(name));
    }
    out.extend_from_slice(b") AS SCHEMATA");
}

/// Appends that the column `Db` is a database of a schema that the client may see.
pub(super) fn put_condition(
    out: &mut Vec<u8>,
    word: &str,
    topology: &Topology,
    access: Option<&SchemaAccess>,
) {
    let _ = write!(out, " {word} Db IN (''");
    let schemas = topology.schemas.iter();
    let visible = schemas.filter(|schema| access.is_none_or(|access| access.allows(&schema.name)));
    let shards = visible.flat_map(|schema| &schema.shards);
    for shard in shards.filter_map(|shard| topology.shard(*shard)) {
        out.extend_from_slice(b", ");
        put_string(out, Some(&shard.database));
    }
    out.push(b')');
}

/// Appends the query, in parentheses.
pub(super) fn put_system(out: &mut Vec<u8>, table: &SystemTable, seen: Seen<'_>) {
    if table.is_of_privileges() {
        return put_privileges(out, table, seen);
    }
    out.extend_from_slice(b"(SELECT ");
    let own = match seen.mariadb {
        true => table.mariadb,
        false => table.mysql,
    };
    for (at, column) in table.columns.iter().chain(own).enumerate() {
        if at > 0 {
            out.extend_from_slice(b", ");
        }
        put_column(out, table, column, seen);
    }
    out.extend_from_slice(b" FROM information_schema.");
    put_quoted(out, table.name.as_bytes());
    put_counted(out, table, seen);
    out.extend_from_slice(b" WHERE ");
    put_filter(out, table, seen);
    out.push(b')');
}

fn put_column(out: &mut Vec<u8>, table: &SystemTable, column: &str, seen: Seen<'_>) {
    let renamed: Vec<(&str, &str)> = seen
        .schemas()
        .flat_map(|(schema, shards)| shards.into_iter().map(move |(_, shard)| (schema, shard)))
        .map(|(schema, shard)| (shard.database.as_str(), schema.name.as_str()))
        .filter(|(database, schema)| database != schema)
        .collect();
    let spread = seen.schemas().any(|(schema, _)| schema.shards.len() > 1);
    if SCHEMA_COLUMNS.contains(&column) && !renamed.is_empty() {
        put_case(out, column, &renamed);
    } else if DEFINITIONS.contains(&column) && !renamed.is_empty() {
        put_definition(out, column, &renamed);
    } else if COUNTERS.contains(&column) && spread {
        put_counter(out, table, column, seen);
    } else {
        put_quoted(out, column.as_bytes());
        return;
    }
    out.extend_from_slice(b" AS ");
    put_quoted(out, column.as_bytes());
}

/// The client's name for each database.
fn put_case(out: &mut Vec<u8>, column: &str, renamed: &[(&str, &str)]) {
    out.extend_from_slice(b"CASE ");
    put_quoted(out, column.as_bytes());
    for (database, schema) in renamed {
        out.extend_from_slice(b" WHEN ");
        put_string(out, Some(database));
        out.extend_from_slice(b" THEN ");
        put_string(out, Some(schema));
    }
    out.extend_from_slice(b" ELSE ");
    put_quoted(out, column.as_bytes());
    out.extend_from_slice(b" END");
}

/// The text of a view and its like, in which tables stand behind their databases.
fn put_definition(out: &mut Vec<u8>, column: &str, renamed: &[(&str, &str)]) {
    out.extend(b"REPLACE(".repeat(renamed.len()));
    put_quoted(out, column.as_bytes());
    for (database, schema) in renamed {
        for name in [database, schema] {
            let mut quoted = Vec::new();
            put_quoted(&mut quoted, name.as_bytes());
            quoted.push(b'.');
            out.extend_from_slice(b", ");
            put_string(out, Some(&String::from_utf8_lossy(&quoted)));
        }
        out.push(b')');
    }
}

/// What no server knows of a table on several shards: what was counted on all of them, or nothing.
fn put_counter(out: &mut Vec<u8>, table: &SystemTable, column: &str, seen: Seen<'_>) {
    if let Some(counted) = counted_column(table, column, seen) {
        let _ = write!(out, "IF(`counted_at` IS NULL, `{column}`, `{counted}`)");
        return;
    }
    out.extend_from_slice(b"CASE WHEN ");
    put_quoted(out, table.schema.as_bytes());
    out.extend_from_slice(b" IN (");
    let spread = seen.schemas().filter(|(schema, _)| schema.shards.len() > 1);
    let databases = spread.flat_map(|(_, shards)| shards);
    put_strings(out, databases.map(|(_, shard)| shard.database.as_str()));
    out.extend_from_slice(b") THEN NULL ELSE ");
    put_quoted(out, column.as_bytes());
    out.extend_from_slice(b" END");
}

/// The rows that are shown.
fn put_filter(out: &mut Vec<u8>, table: &SystemTable, seen: Seen<'_>) {
    let is_database = |out: &mut Vec<u8>, database: &str| {
        put_quoted(out, table.schema.as_bytes());
        out.extend_from_slice(b" = ");
        put_string(out, Some(database));
    };
    out.push(b'(');
    is_database(out, "information_schema");
    for (schema, shards) in seen.schemas() {
        let home = shards.first().map(|(id, _)| *id);
        for (id, shard) in shards {
            let is_home = Some(id) == home;
            let names = match is_home {
                true => seen.singles(schema, |at| at != id),
                false => seen.singles(schema, |at| at == id),
            };
            if !is_home && (names.is_empty() || table.table.is_none()) {
                continue;
            }
            out.extend_from_slice(b" OR ");
            is_database(out, &shard.database);
            if let Some(column) = table.table.filter(|_| !names.is_empty()) {
                out.extend_from_slice(b" AND ");
                match table.name == "CHECK_CONSTRAINTS" && !seen.mariadb {
                    true => out.extend_from_slice(CHECKED_TABLE.as_bytes()),
                    false => put_quoted(out, column.as_bytes()),
                }
                out.extend_from_slice(if is_home { b" NOT IN (" } else { b" IN (" });
                put_strings(out, names.into_iter());
                out.push(b')');
            }
        }
    }
    out.push(b')');
}

/// Appends a list of databases in parentheses, and a LIMIT of its own: the session may have set one.
pub fn put_databases<'s>(out: &mut Vec<u8>, names: impl Iterator<Item = &'s str>) {
    out.push(b'(');
    put_strings(out, names);
    out.extend_from_slice(b") LIMIT 18446744073709551615");
}

fn put_strings<'s>(out: &mut Vec<u8>, texts: impl Iterator<Item = &'s str>) {
    for (at, text) in texts.enumerate() {
        if at > 0 {
            out.extend_from_slice(b", ");
        }
        put_string(out, Some(text));
    }
}
