//! Rows told apart by their primary keys, or by other unique keys without NULL.

use crate::route::quoted;
use crate::topology::{Column, Index, KeyColumn, KeyType, TableDefinition};

/// Why the rows of a table cannot be told from each other; the end of a sentence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PrimaryError {
    /// No such key of whole columns.
    #[error("of a table without a primary key of whole columns, or a unique one without NULL")]
    None,
    /// A type whose values are not told apart by literals.
    #[error("of a table whose primary key has a column of this type")]
    Type,
}

/// The primary key's columns, or those of another key that no two rows have in common.
///
/// # Errors
/// Why literals of their values do not name one row.
pub fn primary_columns(definition: &TableDefinition) -> Result<Vec<&Column>, PrimaryError> {
    let primary = definition.primary_key();
    let others = definition.indexes.iter();
    let others = others.filter(|index| index.unique && !index.is_primary());
    let keys = primary.into_iter().chain(others);
    let mut whole = keys.filter_map(|key| whole_columns(definition, key));
    let mut reason = PrimaryError::None;
    let found = whole.find(|columns| {
        let apart = columns.iter().all(|column| is_told_apart(column));
        if !apart {
            reason = PrimaryError::Type;
        }
        apart
    });
    found.ok_or(reason)
}

/// The columns of a key in which none may be NULL; `None`: it has something else.
fn whole_columns<'d>(definition: &'d TableDefinition, key: &Index) -> Option<Vec<&'d Column>> {
    let columns = key.parts.iter().map(|part| {
        let name = part.column.as_deref().filter(|_| part.prefix.is_none())?;
        column(definition, name).filter(|column| !column.nullable)
    });
    let columns: Option<Vec<&Column>> = columns.collect();
    columns.filter(|all| !all.is_empty())
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

/// Takes rows away. `ignore`: but for those that it may not.
pub fn delete(table: &str, among: &str, ignore: bool) -> String {
    let ignore = if ignore { "IGNORE " } else { "" };
    format!("DELETE {ignore}FROM {table} WHERE {among}")
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
