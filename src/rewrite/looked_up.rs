//! What was looked up before a statement of the servers' own tables → pieces of its text.

use std::io::Write as _;

use super::system::Seen;
use super::text::{put_quoted, put_string};
use crate::merge::Counters;
use crate::plan::{ProcessList, SystemTable};
use crate::topology::{Schema, SchemaId, Shard};

/// What was looked up.
#[derive(Clone, Debug, Default)]
pub struct LookedUp {
    /// The sessions that the client may see.
    pub sessions: Vec<SessionRow>,
    /// What the servers count of tables on several shards.
    pub counters: Counters,
}

/// A session, as the servers' tables show their own.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SessionRow {
    /// The proxy's id of the connection.
    pub id: u32,
    /// Its user.
    pub user: String,
    /// Where the client is.
    pub host: String,
    /// Its current schema.
    pub schema: Option<String>,
    /// `Query`, `Sleep`.
    pub command: &'static str,
    /// Since when, in seconds.
    pub time: u64,
    /// What it is in the midst of; empty: nothing worth telling.
    pub state: String,
    /// The statement that is running.
    pub info: Option<String>,
}

/// Strings as the servers' own tables have them.
const UTF8: &str = "CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci";

/// Appends a query with a row for each session, in parentheses.
pub(super) fn put_sessions(out: &mut Vec<u8>, of: ProcessList, sessions: &[SessionRow]) {
    let rows = sessions.iter().map(|session| {
        serde_json::json!([
            session.id,
            session.user,
            session.host,
            session.schema,
            session.command,
            session.time,
            session.state,
            session.info,
            "PRIMARY"
        ])
    });
    out.extend_from_slice(b"(SELECT * FROM ");
    let text = |length: u16| format!("VARCHAR({length}) {UTF8}");
    let mut columns = vec![
        ("ID", "BIGINT UNSIGNED".to_owned()),
        ("USER", text(32)),
        ("HOST", text(261)),
        ("DB", text(64)),
        ("COMMAND", text(16)),
        ("TIME", "BIGINT".to_owned()),
        ("STATE", text(64)),
        ("INFO", format!("LONGTEXT {UTF8}")),
    ];
    if of == ProcessList::PerformanceSchema {
        columns.push(("EXECUTION_ENGINE", text(9)));
    }
    put_json_table(out, &rows.collect(), &columns);
    out.extend_from_slice(b" AS `sessions`)");
}

/// The column with what was counted on all shards, where it was.
pub(super) fn counted_column(
    table: &SystemTable,
    column: &str,
    seen: Seen<'_>,
) -> Option<&'static str> {
    seen.looked_up?;
    let columns: &[(&str, &'static str)] = match table.name {
        "TABLES" => &[
            ("TABLE_ROWS", "counted_rows"),
            ("AVG_ROW_LENGTH", "counted_average"),
            ("DATA_LENGTH", "counted_data"),
            ("INDEX_LENGTH", "counted_index"),
            ("DATA_FREE", "counted_free"),
            ("AUTO_INCREMENT", "counted_next"),
        ],
        "STATISTICS" => &[("CARDINALITY", "counted_values")],
        _ => return None,
    };
    let found = columns.iter().find(|(name, _)| *name == column);
    found.map(|(_, counted)| *counted)
}

/// Joins what was counted on all shards to the server's own rows.
pub(super) fn put_counted(out: &mut Vec<u8>, table: &SystemTable, seen: Seen<'_>) {
    let Some(found) = seen.looked_up else {
        return;
    };
    let name = || format!("VARCHAR(64) {UTF8}");
    let number = || "BIGINT UNSIGNED".to_owned();
    let (rows, columns, keys): (_, _, &[_]) = match table.name {
        "TABLES" => (
            table_rows(&found.counters, seen),
            vec![
                ("counted_at", name()),
                ("counted_table", name()),
                ("counted_rows", number()),
                ("counted_average", number()),
                ("counted_data", number()),
                ("counted_index", number()),
                ("counted_free", number()),
                ("counted_next", number()),
            ],
            &[("TABLE_NAME", "counted_table")],
        ),
        "STATISTICS" => (
            index_rows(&found.counters, seen),
            vec![
                ("counted_at", name()),
                ("counted_table", name()),
                ("counted_name", name()),
                ("counted_position", number()),
                ("counted_values", number()),
            ],
            &[
                ("TABLE_NAME", "counted_table"),
                ("INDEX_NAME", "counted_name"),
                ("SEQ_IN_INDEX", "counted_position"),
            ],
        ),
        _ => return,
    };
    out.extend_from_slice(b" LEFT JOIN ");
    put_json_table(out, &rows.into(), &columns);
    out.extend_from_slice(b" AS `counted` ON ");
    put_equal(out, table.schema, "counted_at");
    for (column, counted) in keys {
        out.extend_from_slice(b" AND ");
        put_equal(out, column, counted);
    }
}

/// Names are compared by their letters' bytes, but for those of indexes, which have no case.
fn put_equal(out: &mut Vec<u8>, column: &str, counted: &str) {
    let collation = match column {
        "INDEX_NAME" => "utf8mb4_general_ci",
        "SEQ_IN_INDEX" => {
            let _ = write!(out, "`{column}` = `{counted}`");
            return;
        }
        _ => "utf8mb4_bin",
    };
    let _ = write!(
        out,
        "CONVERT(`{column}` USING utf8mb4) COLLATE {collation} = `{counted}`"
    );
}

/// The database whose rows show a schema's tables.
fn home<'a>(seen: Seen<'a>, id: SchemaId) -> Option<&'a str> {
    let schema = seen.topology.schema_by_id(id)?;
    let of_schema = |(other, _): &(&Schema, Vec<_>)| std::ptr::eq(*other, schema);
    let (_, shards) = seen.schemas().find(of_schema)?;
    let first: Option<&(_, &'a Shard)> = shards.first();
    first.map(|(_, shard)| shard.database.as_str())
}

fn table_rows(counters: &Counters, seen: Seen<'_>) -> Vec<serde_json::Value> {
    let rows = counters.tables().filter_map(|(schema, table, counts)| {
        Some(serde_json::json!([
            home(seen, schema)?,
            table,
            counts.rows,
            counts.avg_row_length(),
            counts.data_length,
            counts.index_length,
            counts.data_free,
            counts.auto_increment
        ]))
    });
    rows.collect()
}

fn index_rows(counters: &Counters, seen: Seen<'_>) -> Vec<serde_json::Value> {
    let rows = counters.indexes();
    let rows = rows.filter_map(|(schema, table, index, position, count)| {
        let home = home(seen, schema)?;
        Some(serde_json::json!([home, table, index, position, count]))
    });
    rows.collect()
}

/// Rows of values as a table whose columns have these names and types.
fn put_json_table(out: &mut Vec<u8>, rows: &serde_json::Value, columns: &[(&str, String)]) {
    out.extend_from_slice(b"JSON_TABLE(");
    put_string(out, Some(&rows.to_string()));
    out.extend_from_slice(b", '$[*]' COLUMNS (");
    for (at, (name, kind)) in columns.iter().enumerate() {
        if at > 0 {
            out.extend_from_slice(b", ");
        }
        put_quoted(out, name.as_bytes());
        let _ = write!(out, " {kind} PATH '$[{at}]'");
    }
    out.extend_from_slice(b"))");
}
