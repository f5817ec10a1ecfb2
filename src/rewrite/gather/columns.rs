//! Which columns are needed, and how each one's values travel.

use crate::topology::{Column, TableDefinition};

/// How the values of a column travel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Digits that are a literal.
    Number,
    /// Text of a number or time that a string literal holds.
    Text,
    /// FLOAT.
    Float,
    /// TIMESTAMP.
    Timestamp,
    /// JSON.
    Json,
    /// Bytes as the column holds them.
    Bytes,
}

impl Kind {
    pub(super) fn of(column: &Column) -> Self {
        match column.data_type.to_ascii_lowercase().as_str() {
            "tinyint" | "smallint" | "mediumint" | "int" | "integer" | "bigint" | "decimal"
            | "numeric" | "year" => Self::Number,
            "double" | "real" | "date" | "time" | "datetime" => Self::Text,
            "float" => Self::Float,
            "timestamp" => Self::Timestamp,
            "json" => Self::Json,
            // MariaDB reads these as text.
            "uuid" | "inet4" | "inet6" => Self::Text,
            _ => Self::Bytes,
        }
    }
}

/// The needed columns in the table's order. The primary key's are always among them: by it the rows
/// come in the order in which one server would find them, on which sums of floating-point numbers
/// depend, and whatever the statement leaves open.
pub(super) fn needed<'a>(
    definition: &'a TableDefinition,
    all: bool,
    names: &[String],
) -> Vec<&'a Column> {
    let key = definition.primary_key().map_or(&[][..], |key| &key.parts);
    let is_named = |column: &&Column| {
        let in_key = || {
            key.iter()
                .any(|part| part.column.as_ref() == Some(&column.name))
        };
        // How servers fold other letters is theirs to know.
        let certain = column.name.is_ascii();
        let name = column.name.to_lowercase();
        all || !certain || in_key() || names.binary_search(&name).is_ok()
    };
    let columns: Vec<&Column> = definition.columns.iter().filter(is_named).collect();
    if !columns.is_empty() {
        return columns;
    }
    // The statement only counts rows.
    definition.columns.first().into_iter().collect()
}
