//! A table of information_schema about privileges → a query with what the client may do: everything in the
//! schemas that its configuration names, as `SHOW GRANTS` says it.

use super::splice::{ANY_HOST, put_like};
use super::system::Seen;
use super::text::{put_quoted, put_string};
use crate::plan::SystemTable;

/// What ALL PRIVILEGES on a schema is.
const OF_A_SCHEMA: [&str; 18] = [
    "SELECT",
    "INSERT",
    "UPDATE",
    "DELETE",
    "CREATE",
    "DROP",
    "REFERENCES",
    "INDEX",
    "ALTER",
    "CREATE TEMPORARY TABLES",
    "LOCK TABLES",
    "EXECUTE",
    "CREATE VIEW",
    "SHOW VIEW",
    "CREATE ROUTINE",
    "ALTER ROUTINE",
    "EVENT",
    "TRIGGER",
];

/// Appends the query, in parentheses.
pub(super) fn put_privileges(out: &mut Vec<u8>, table: &SystemTable, seen: Seen<'_>) {
    out.extend_from_slice(b"(SELECT ");
    for (at, column) in table.columns.iter().enumerate() {
        if at > 0 {
            out.extend_from_slice(b", ");
        }
        match *column {
            "GRANTEE" => {
                let name = format!("'{}'@'{ANY_HOST}'", seen.client.name);
                put_like(out, "CURRENT_USER()", &name);
            }
            "TABLE_CATALOG" => out.extend_from_slice(b"'def'"),
            "TABLE_SCHEMA" => out.extend_from_slice(b"`of`.`schema`"),
            "PRIVILEGE_TYPE" if table.name == "USER_PRIVILEGES" => {
                out.extend_from_slice(b"'USAGE'");
            }
            "PRIVILEGE_TYPE" => out.extend_from_slice(b"`may`.`do`"),
            "IS_GRANTABLE" => out.extend_from_slice(b"'NO'"),
            // Of tables and columns alone nothing is granted.
            _ => out.extend_from_slice(b"''"),
        }
        out.extend_from_slice(b" AS ");
        put_quoted(out, column.as_bytes());
    }
    if table.name != "USER_PRIVILEGES" {
        let schemas = seen.schemas().map(|(schema, _)| schema.name.as_str());
        out.extend_from_slice(b" FROM (");
        put_rows(out, "schema", schemas);
        out.extend_from_slice(b") AS `of` JOIN (");
        put_rows(out, "do", OF_A_SCHEMA.into_iter());
        out.extend_from_slice(b") AS `may`");
        if table.name != "SCHEMA_PRIVILEGES" {
            out.extend_from_slice(b" WHERE FALSE");
        }
    }
    out.push(b')');
}

/// One row for each text, and none where there is no text.
fn put_rows<'s>(out: &mut Vec<u8>, column: &str, texts: impl Iterator<Item = &'s str>) {
    out.extend_from_slice(b"SELECT NULL AS ");
    put_quoted(out, column.as_bytes());
    out.extend_from_slice(b" FROM DUAL WHERE FALSE");
    for text in texts {
        out.extend_from_slice(b" UNION ALL SELECT ");
        put_string(out, Some(text));
    }
}
