//! UPDATE of a sharding key → the texts of its steps.
//!
//! In: the pieces of the client's text, and the definition of the table. Out: the SELECT that finds and
//! locks the rows with their old and new primary keys, the same UPDATE of rows that are listed, and what
//! reads, deletes and stores rows that leave their data node, with all of their columns.

use std::ops::Range;

use super::primary::{PrimaryError, among, column, key_text, primary_columns};
use crate::parse::Tokens;
use crate::plan::{Assigned, Rekey};
use crate::route::quoted;
use crate::topology::{Column, Sharding, TableDefinition};

/// What the SELECT that finds rows begins with; the number stands for the data node.
pub const NODE: &str = "SELECT 0";

/// A literal in a text of [`RekeyTexts::update`], in whose place the list of rows comes.
pub const MARK: &str = "'shardwell rows'";

/// Why the rows of a table cannot be told from each other, or do not travel; the end of a sentence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RekeyError {
    /// No row can be told from another.
    #[error(transparent)]
    Primary(#[from] PrimaryError),
    /// The new value of a column of the primary key is not computed outside of the UPDATE.
    #[error(
        "where the new primary key is computed from columns that are assigned before, or by a subquery"
    )]
    KeyExpression,
    /// A key column is not known.
    #[error("of a table whose columns are not known")]
    Columns,
}

/// Which columns an answer has, behind the number of the data node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowLayout {
    /// The old primary key's; behind an UPDATE the only one.
    pub old: Range<usize>,
    /// The new primary key's; empty where none of its columns is assigned.
    pub new: Range<usize>,
    /// The sharding key's, as texts for [`crate::route::Router::place`].
    pub keys: Range<usize>,
    /// Whether the JSON values travel as text.
    pub travels: Option<usize>,
    /// What is stored elsewhere.
    pub stored: Range<usize>,
}

/// What the texts are made of.
pub struct RekeyTexts<'a> {
    tokens: Tokens<'a>,
    rekey: &'a Rekey,
    sharding: &'a Sharding,
    /// The primary key's columns.
    pub primary: Vec<&'a Column>,
    /// The columns that something is stored in.
    pub stored: Vec<&'a Column>,
    definition: &'a TableDefinition,
}

impl<'a> RekeyTexts<'a> {
    /// Whether rows can be told apart and moved.
    ///
    /// # Errors
    /// Why not.
    pub fn new(
        tokens: Tokens<'a>,
        rekey: &'a Rekey,
        (sharding, definition): (&'a Sharding, &'a TableDefinition),
    ) -> Result<Self, RekeyError> {
        let primary = primary_columns(definition)?;
        let keys = sharding.keys.iter();
        if !keys
            .clone()
            .all(|key| column(definition, &key.name).is_some())
        {
            return Err(RekeyError::Columns);
        }
        // What MySQL itself adds as a key where there is none: each server counts for itself.
        let of_server = |column: &Column| column.name == "my_row_id" && column.invisible;
        let stored = definition.columns.iter();
        let stored = stored.filter(|column| !column.generated && !of_server(column));
        let texts = Self {
            tokens,
            rekey,
            sharding,
            primary,
            stored: stored.collect(),
            definition,
        };
        let assigned = texts
            .primary
            .iter()
            .filter_map(|column| texts.assigned(column));
        match assigned
            .clone()
            .all(|assigned| texts.is_computable(assigned))
        {
            true => Ok(texts),
            false => Err(RekeyError::KeyExpression),
        }
    }

    fn assigned(&self, column: &Column) -> Option<&'a Assigned> {
        self.rekey.assigned_to(&column.name)
    }

    /// Whether rows get other primary keys.
    pub fn moves_primary(&self) -> bool {
        let mut primary = self.primary.iter();
        primary.any(|column| self.assigned(column).is_some())
    }

    /// Whether the order in which rows are changed may matter to a unique key: one with a column of the
    /// sharding key has values that are computed.
    pub fn may_collide(&self) -> bool {
        let mut unique = self.definition.indexes.iter().filter(|index| index.unique);
        unique.any(|index| {
            let columns = || index.parts.iter().filter_map(|part| part.column.as_deref());
            let keyed = columns().any(|name| {
                self.sharding.key(name).is_some() && self.rekey.assigned_to(name).is_some()
            });
            let computed = columns().any(|name| {
                let assigned = self.rekey.assigned_to(name);
                assigned.is_some_and(|assigned| !assigned.literal)
            });
            // An expression in an index may be of any column.
            keyed && (computed || columns().count() < index.parts.len())
        })
    }

    /// Whether a value can be computed from the row as it was: nothing is assigned before to what it
    /// names.
    fn is_computable(&self, assigned: &Assigned) -> bool {
        let all = &self.rekey.assigned;
        let before = all
            .iter()
            .take_while(|other| other.column != assigned.column);
        let before: Vec<&str> = before.map(|other| other.column.as_str()).collect();
        let mut tokens = assigned.value.clone();
        tokens.all(|at| {
            let name = self.tokens.name(at).unwrap_or_default().to_lowercase();
            !before.contains(&name.as_str()) && !self.tokens.is_word(at, "SELECT")
        })
    }

    /// The SELECT that finds and locks the rows, in the client's words.
    pub fn reading(&self) -> (Vec<u8>, RowLayout) {
        let (tokens, rekey) = (self.tokens, self.rekey);
        let mut sql = format!("{NODE} AS `shardwell node`").into_bytes();
        let old: Vec<String> = self
            .primary
            .iter()
            .map(|column| quoted(&column.name))
            .collect();
        for name in &old {
            sql.extend_from_slice(format!(", {name}").as_bytes());
        }
        let mut layout = RowLayout::behind(1..1 + old.len());
        if self.moves_primary() {
            for column in &self.primary {
                sql.extend_from_slice(b", ");
                match self.assigned(column) {
                    None => sql.extend_from_slice(quoted(&column.name).as_bytes()),
                    Some(assigned) if assigned.default => {
                        sql.extend_from_slice(
                            format!("DEFAULT({})", quoted(&column.name)).as_bytes(),
                        );
                    }
                    Some(assigned) => sql.extend_from_slice(tokens.span(assigned.value.clone())),
                }
            }
            layout.new = layout.old.end..layout.old.end + old.len();
        }
        let keys: Vec<String> = self.keys().collect();
        layout.keys = layout.new.end..layout.new.end + keys.len();
        sql.extend_from_slice(format!(", {} FROM ", keys.join(", ")).as_bytes());
        for piece in [rekey.source.clone(), rekey.tail.clone()] {
            sql.extend_from_slice(tokens.span(piece));
            sql.push(b' ');
        }
        sql.extend_from_slice(b"FOR UPDATE");
        (sql, layout)
    }

    /// The client's UPDATE of the rows that stand in the place of [`MARK`].
    pub fn update(&self) -> Vec<u8> {
        let (tokens, rekey) = (self.tokens, self.rekey);
        let mut sql = tokens.span(rekey.head.clone()).to_vec();
        sql.extend_from_slice(format!(" WHERE {MARK} ").as_bytes());
        sql.extend_from_slice(tokens.span(rekey.order.clone()));
        sql
    }

    /// The sharding key's columns as the router reads them.
    fn keys(&self) -> impl Iterator<Item = String> {
        let keys = self.sharding.keys.iter();
        keys.map(|key| key_text(key, quoted(&key.name)))
    }

    /// The condition that a row is one of these, whose primary keys are written as rows of values.
    pub fn among(&self, rows: &[&[u8]]) -> String {
        among(&self.primary, rows)
    }

    /// Reads the primary keys that are there already.
    pub fn present(&self, table: &str, among: &str, node: usize) -> String {
        let names: Vec<String> = self
            .primary
            .iter()
            .map(|column| quoted(&column.name))
            .collect();
        let names = names.join(", ");
        format!("SELECT {node}, {names} FROM {table} WHERE {among} FOR UPDATE")
    }

    /// Reads whole rows.
    pub fn whole(&self, table: &str, among: &str, node: usize) -> (String, RowLayout) {
        let primary: Vec<String> = self
            .primary
            .iter()
            .map(|column| quoted(&column.name))
            .collect();
        let keys: Vec<String> = self.keys().collect();
        let stored: Vec<String> = self
            .stored
            .iter()
            .map(|column| travelling(column))
            .collect();
        let json: Vec<String> = self
            .stored
            .iter()
            .filter_map(|column| check(column))
            .collect();
        let mut layout = RowLayout::behind(1..1 + primary.len());
        layout.keys = layout.old.end..layout.old.end + keys.len();
        let mut at = layout.keys.end;
        let mut columns = [primary, keys].concat();
        if !json.is_empty() {
            layout.travels = Some(at);
            columns.push(json.join(" AND "));
            at += 1;
        }
        layout.stored = at..at + stored.len();
        columns.extend(stored);
        let columns = columns.join(", ");
        let sql = format!("SELECT {node}, {columns} FROM {table} WHERE {among} FOR UPDATE");
        (sql, layout)
    }

    /// What rows of values come behind that store whole rows.
    pub fn insert(&self, table: &str) -> String {
        let names: Vec<String> = self
            .stored
            .iter()
            .map(|column| quoted(&column.name))
            .collect();
        format!("INSERT INTO {table} ({}) VALUES ", names.join(", "))
    }
}

impl RowLayout {
    fn behind(old: Range<usize>) -> Self {
        Self {
            new: old.end..old.end,
            keys: old.end..old.end,
            travels: None,
            stored: old.end..old.end,
            old,
        }
    }
}

/// The expression whose text is all of a column's value.
fn travelling(column: &Column) -> String {
    let name = quoted(&column.name);
    match column.data_type.to_ascii_lowercase().as_str() {
        "float" | "double" => format!("{name} * 1e0"),
        "json" => format!("CAST({name} AS CHAR)"),
        _ => name,
    }
}

/// Whether a JSON value is the one that its text stands for: DECIMAL and times in it need not be.
fn check(column: &Column) -> Option<String> {
    if !column.data_type.eq_ignore_ascii_case("json") {
        return None;
    }
    let name = quoted(&column.name);
    let again = format!("CAST(CAST({name} AS CHAR) AS JSON)");
    Some(format!(
        "COALESCE({again} = {name} AND CAST({again} AS CHAR) = CAST({name} AS CHAR), TRUE)"
    ))
}
