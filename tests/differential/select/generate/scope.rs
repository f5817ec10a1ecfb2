//! What names a place in a statement can use.

use super::node::{Node, leaf};
use super::schema::{Kind, Table};

/// A column of a source.
#[derive(Clone, Debug)]
pub struct Field {
    pub name: String,
    pub kind: Kind,
    pub values: &'static [&'static str],
}

/// A table, view or query behind FROM.
#[derive(Clone, Debug)]
pub struct Source {
    /// The name in front of the dot, as SQL.
    pub name: String,
    /// The table, unless it is a query.
    pub table: Option<&'static str>,
    pub fields: Vec<Field>,
    /// Columns that no two rows have the same values of; none if that is not known.
    pub unique: Vec<String>,
    pub key: Option<&'static str>,
}

impl Source {
    pub fn table(table: &'static Table, name: String) -> Self {
        let fields = table.columns.iter().map(|column| Field {
            name: column.name.to_owned(),
            kind: column.kind,
            values: column.values,
        });
        Self {
            name,
            table: Some(table.name),
            fields: fields.collect(),
            unique: table.unique.iter().map(|&name| name.to_owned()).collect(),
            key: table.key,
        }
    }

    /// A query with these columns.
    pub fn query(name: String, fields: Vec<Field>) -> Self {
        Self {
            name,
            table: None,
            fields,
            unique: Vec::new(),
            key: None,
        }
    }
}

/// All sources of one query.
#[derive(Clone, Debug, Default)]
pub struct Scope {
    pub sources: Vec<Source>,
    /// Columns of several sources that USING has made one.
    pub merged: Vec<String>,
}

impl Scope {
    /// Whether a column's name alone says which one it is.
    pub fn is_clear(&self, column: &str) -> bool {
        let fields = self.sources.iter().flat_map(|source| &source.fields);
        let named = fields.filter(|field| field.name == column).count();
        let merged = self.merged.iter().filter(|name| *name == column).count();
        named == 1 + merged
    }

    /// The columns that make a row of all sources unique, if they are known.
    pub fn unique(&self) -> Option<Vec<String>> {
        let mut names = Vec::new();
        for source in &self.sources {
            if source.unique.is_empty() {
                return None;
            }
            let columns = source.unique.iter();
            names.extend(columns.map(|column| format!("{}.{column}", source.name)));
        }
        Some(names)
    }
}

/// A value in the making.
#[derive(Clone, Debug)]
pub struct Value {
    pub node: Node,
    pub kind: Kind,
    pub values: &'static [&'static str],
}

impl Value {
    pub fn new(sql: impl Into<String>, kind: Kind) -> Self {
        Self {
            node: leaf(sql),
            kind,
            values: super::schema::values(kind),
        }
    }
}
