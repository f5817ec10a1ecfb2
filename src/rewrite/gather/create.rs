//! The table that holds gathered rows.
//!
//! Its columns have the types, character sets and defaults of the original, in the same order. Its
//! keys are those of the original whose columns are all there: ONLY_FULL_GROUP_BY asks them, clients
//! see them in the flags of result columns, and joins are quick by them. Left out are what gathered
//! rows do not need: CHECK (but where it says that MariaDB's functions shall read text as JSON), references,
//! expressions of generated columns, FULLTEXT and SPATIAL keys.

use super::super::splice::{PlacedTable, put_table};
use super::super::text::put_quoted;
use super::GatheredTable;
use crate::topology::{Column, Index};

/// Most characters of a column that a key may hold whole, four bytes each.
const MAX_KEY_CHARS: u32 = 768;

pub(super) fn table(from: &GatheredTable<'_>, table: &PlacedTable) -> Vec<u8> {
    let mut sql = b"CREATE TEMPORARY TABLE ".to_vec();
    put_table(&mut sql, table);
    sql.extend_from_slice(b" (");
    for (at, column) in from.columns.iter().enumerate() {
        if at > 0 {
            sql.push(b',');
        }
        put_column(&mut sql, column, from);
    }
    for (number, index) in indexes(from) {
        sql.push(b',');
        put_index(&mut sql, number, index, index.unique);
    }
    sql.push(b')');
    sql
}

pub(super) fn without_unique_keys(
    from: &GatheredTable<'_>,
    table: &PlacedTable,
) -> Option<Vec<u8>> {
    let mut sql = b"ALTER TABLE ".to_vec();
    put_table(&mut sql, table);
    let begun = sql.len();
    for (number, index) in indexes(from).filter(|(_, index)| index.unique) {
        sql.extend_from_slice(if sql.len() == begun { b" " } else { b"," });
        if index.is_primary() {
            sql.extend_from_slice(b"DROP PRIMARY KEY");
        } else {
            sql.extend_from_slice(format!("DROP KEY k{number}").as_bytes());
        }
        sql.extend_from_slice(b",ADD ");
        put_index(&mut sql, number, index, false);
    }
    (sql.len() > begun).then_some(sql)
}

fn put_column(sql: &mut Vec<u8>, column: &Column, from: &GatheredTable<'_>) {
    put_quoted(sql, column.name.as_bytes());
    sql.push(b' ');
    sql.extend_from_slice(column.column_type.as_bytes());
    if let (Some(charset), Some(collation)) = (&column.charset, &column.collation) {
        let text = format!(" CHARACTER SET {charset} COLLATE {collation}");
        sql.extend_from_slice(text.as_bytes());
    }
    sql.extend_from_slice(if column.nullable {
        b" NULL"
    } else {
        b" NOT NULL"
    });
    let leads = |(_, index): (usize, &Index)| {
        let first = index.parts.first().and_then(|part| part.column.as_deref());
        first == Some(column.name.as_str())
    };
    if column.auto_increment && indexes(from).any(leads) {
        sql.extend_from_slice(b" AUTO_INCREMENT");
    } else if column.has_default && !column.nullable {
        sql.extend_from_slice(default(column));
    }
    if column.invisible && from.all_columns {
        sql.extend_from_slice(b" INVISIBLE");
    }
    if column.checked_json {
        sql.extend_from_slice(b" CHECK (json_valid(");
        put_quoted(sql, column.name.as_bytes());
        sql.extend_from_slice(b"))");
    }
}

/// Clients are told whether a column has a default, not which one.
fn default(column: &Column) -> &'static [u8] {
    match column.data_type.to_ascii_lowercase().as_str() {
        "tinyint" | "smallint" | "mediumint" | "int" | "bigint" | "decimal" | "float"
        | "double" | "year" | "bit" => b" DEFAULT 0",
        "char" | "varchar" | "binary" | "varbinary" | "set" => b" DEFAULT ''",
        "date" => b" DEFAULT '2000-01-01'",
        "datetime" | "timestamp" => b" DEFAULT '2000-01-01 00:00:00'",
        "time" => b" DEFAULT '00:00:00'",
        _ => b"",
    }
}

/// The keys that the table gets, numbered.
fn indexes<'a>(from: &'a GatheredTable<'_>) -> impl Iterator<Item = (usize, &'a Index)> {
    let all = from.definition.indexes.iter().enumerate();
    all.filter(|(_, index)| is_kept(from, index))
}

fn is_kept(from: &GatheredTable<'_>, index: &Index) -> bool {
    index.parts.iter().all(|part| {
        let mut columns = from.columns.iter();
        let column = columns.find(|column| Some(&column.name) == part.column.as_ref());
        column.is_some_and(
            |column| match column.data_type.to_ascii_lowercase().as_str() {
                "tinytext" | "text" | "mediumtext" | "longtext" | "tinyblob" | "blob"
                | "mediumblob" | "longblob" => part.prefix.is_some(),
                // No server keys a longer one: it is a FULLTEXT key.
                "varchar" | "char" => {
                    index.unique || part.prefix.is_some() || characters(column) <= MAX_KEY_CHARS
                }
                "json" | "geometry" | "point" | "linestring" | "polygon" | "multipoint"
                | "multilinestring" | "multipolygon" | "geomcollection" | "geometrycollection"
                | "vector" => false,
                _ => true,
            },
        )
    })
}

/// The number in `varchar(50)`.
fn characters(column: &Column) -> u32 {
    let digits = column.column_type.split(['(', ')']).nth(1);
    digits
        .and_then(|text| text.parse().ok())
        .unwrap_or(u32::MAX)
}

fn put_index(sql: &mut Vec<u8>, number: usize, index: &Index, unique: bool) {
    if unique && index.is_primary() {
        sql.extend_from_slice(b"PRIMARY KEY");
    } else {
        let kind = if unique { "UNIQUE KEY" } else { "KEY" };
        let name = if unique == index.unique { "k" } else { "n" };
        sql.extend_from_slice(format!("{kind} {name}{number}").as_bytes());
    }
    for (at, part) in index.parts.iter().enumerate() {
        sql.extend_from_slice(if at == 0 { b" (" } else { b"," });
        put_quoted(sql, part.column.as_deref().unwrap_or_default().as_bytes());
        if let Some(prefix) = part.prefix {
            sql.extend_from_slice(format!("({prefix})").as_bytes());
        }
    }
    sql.push(b')');
}
