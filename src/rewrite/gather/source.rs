//! The query that asks a data node for its rows.

use super::super::splice::{PlacedTable, put_quoted, put_table};
use super::GatheredTable;
use super::columns::Kind;

/// Asks for the needed columns of the rows that satisfy all filters; behind the columns, for each
/// JSON column, whether its text says all of it.
pub(super) fn query(
    from: &GatheredTable<'_>,
    (table, alias): (&PlacedTable, &str),
    filters: &[Vec<u8>],
) -> Vec<u8> {
    let mut sql = b"SELECT ".to_vec();
    for (at, (column, kind)) in from.columns.iter().zip(&from.kinds).enumerate() {
        if at > 0 {
            sql.push(b',');
        }
        let (before, behind): (&[u8], &[u8]) = match kind {
            Kind::Float => (b"CAST(", b" AS DOUBLE)"),
            Kind::Timestamp => (b"UNIX_TIMESTAMP(", b")"),
            Kind::Number | Kind::Text | Kind::Json | Kind::Bytes => (b"", b""),
        };
        sql.extend_from_slice(before);
        put_quoted(&mut sql, column.name.as_bytes());
        sql.extend_from_slice(behind);
    }
    let documents = from.columns.iter().zip(&from.kinds);
    for (column, _) in documents.filter(|(_, kind)| **kind == Kind::Json) {
        sql.push(b',');
        put_is_text(&mut sql, &column.name);
    }
    sql.extend_from_slice(b" FROM ");
    put_table(&mut sql, table);
    if !filters.is_empty() {
        sql.extend_from_slice(b" AS ");
        put_quoted(&mut sql, alias.as_bytes());
    }
    for (at, filter) in filters.iter().enumerate() {
        sql.extend_from_slice(if at == 0 { b" WHERE (" } else { b" AND (" });
        sql.extend_from_slice(filter);
        sql.push(b')');
    }
    sql
}

/// A document may hold what its text does not show (times, decimals, bytes): whether the document
/// that its text makes is equal, and has the same text.
fn put_is_text(sql: &mut Vec<u8>, column: &str) {
    let mut name = Vec::new();
    put_quoted(&mut name, column.as_bytes());
    let text = [b"CONVERT(", name.as_slice(), b" USING utf8mb4)"].concat();
    let again = [b"CAST(", text.as_slice(), b" AS JSON)"].concat();
    for piece in [
        b"(".as_slice(),
        &name,
        b"=",
        &again,
        b" AND CAST(",
        &text,
        b" AS BINARY)=CAST(CONVERT(",
        &again,
        b" USING utf8mb4) AS BINARY))",
    ] {
        sql.extend_from_slice(piece);
    }
}
