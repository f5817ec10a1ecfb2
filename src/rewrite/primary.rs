//! Rows told apart by their primary keys.

use crate::route::quoted;
use crate::topology::{Column, KeyColumn, KeyType, TableDefinition};

/// Why the rows of a table cannot be told from each other; the end of a sentence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PrimaryError {
    /// No primary key of whole columns.
    #[error("of a table without a primary key of whole columns")]
    None,
    /// A type whose values are not told apart by literals.
    #[error("of a table whose primary key has a column of this type")]
    Type,
}

/// The primary key's columns.
///
/// # Errors
/// Why literals of their values do not name one row.
pub fn primary_columns(definition: &TableDefinition) -> Result<Vec<&Column>, PrimaryError> {
    let parts = definition.primary_key().map(|key| key.parts.as_slice());
    let parts = parts.filter(|parts| parts.iter().all(|part| part.prefix.is_none()));
    let primary: Option<Vec<&Column>> = parts.and_then(|parts| {
        let columns = parts.iter().map(|part| part.column.as_deref());
        columns.map(|name| column(definition, name?)).collect()
    });
    let primary = primary.filter(|all| !all.is_empty());
    let primary = primary.ok_or(PrimaryError::None)?;
    match primary.iter().all(|column| is_told_apart(column)) {
        true => Ok(primary),
        false => Err(PrimaryError::Type),
    }
}

/// A column by its name.
pub fn column<'d>(definition: &'d TableDefinition, name: &str) -> Option<&'d Column> {
    let mut columns = definition.columns.iter();
    columns.find(|column| column.name.eq_ignore_ascii_case(name))
}

/// The condition that a row is one of these, whose primary keys are written as rows of values.
pub fn among(primary: &[&Column], rows: &[&[u8]]) -> String {
    let names: Vec<String> = primary.iter().map(|column| quoted(&column.name)).collect();
    let rows: Vec<_> = rows
        .iter()
        .map(|row| String::from_utf8_lossy(row))
        .collect();
    format!("({}) IN ({})", names.join(", "), rows.join(","))
}

/// What gives a column of a sharding key as the router reads it; `name` as it stands in a statement.
pub fn key_text(key: &KeyColumn, name: String) -> String {
    match key.key_type {
        Some(KeyType::Text { .. }) => format!("CONVERT({name} USING utf8mb4)"),
        _ => name,
    }
}

/// Takes rows away.
pub fn delete(table: &str, among: &str) -> String {
    format!("DELETE FROM {table} WHERE {among}")
}

/// Whether a literal is equal to one value of the column, and only that.
fn is_told_apart(column: &Column) -> bool {
    const TYPES: [&str; 13] = [
        "tinyint",
        "smallint",
        "mediumint",
        "int",
        "bigint",
        "decimal",
        "char",
        "varchar",
        "binary",
        "varbinary",
        "date",
        "datetime",
        "year",
    ];
    let data_type = column.data_type.to_ascii_lowercase();
    TYPES.contains(&data_type.as_str())
}
