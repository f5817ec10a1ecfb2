//! UPDATE and DELETE over shards → the texts of their steps.
//!
//! In: the pieces of the client's text, and the definitions of the tables in its FROM. Out: the SELECT
//! that gives, of each row to be written, the primary key, the sharding key and the values that come from
//! other rows; and the UPDATE of rows that are listed. Values that are the row's own stay as the client
//! wrote them.

use std::ops::Range;

use super::primary::{PrimaryError, column, key_text, primary_columns};
use crate::parse::Tokens;
use crate::plan::{Picked, PickedTable, PickedValue};
use crate::route::quoted;
use crate::topology::{Column, Sharding, TableDefinition, TableKind, Topology};

/// Why rows cannot be picked; the end of a sentence.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PickError {
    /// The columns of a table were not read.
    #[error("of table '{0}', whose columns are not known")]
    Unknown(String),
    /// No row can be told from another.
    #[error(transparent)]
    Primary(#[from] PrimaryError),
    /// Whose column is assigned.
    #[error("that assigns column '{0}', which is not certain to be of one of its tables")]
    Column(String),
    /// Rows would have to move.
    #[error("that assigns sharding key column '{0}'")]
    Key(String),
    /// Rows are told apart by it while they are written, one list of them after the other.
    #[error("that assigns primary key column '{0}'")]
    Assigned(String),
    /// Which row comes first would decide which one is left out.
    #[error("with IGNORE that assigns column '{0}', which is in a unique key or may be")]
    Unique(String),
    /// Copies would have to be written.
    #[error("of broadcast table '{0}'")]
    Broadcast(String),
}

/// A table of FROM with what is known of it.
#[derive(Clone, Copy, Debug)]
struct From<'a> {
    /// As the statement names it.
    table: &'a PickedTable,
    /// The client's schema of it.
    schema: &'a str,
    /// Its name in the configuration.
    name: &'a str,
    /// How its rows are placed; `None`: they are all on one shard.
    sharding: Option<&'a Sharding>,
    /// It is a broadcast table.
    is_copied: bool,
    /// Its columns and keys.
    definition: &'a TableDefinition,
}

impl<'a> From<'a> {
    fn new(table: &'a PickedTable, topology: &'a Topology) -> Option<Self> {
        let found = topology.table_by_id(table.table)?;
        Some(Self {
            table,
            schema: &topology.schema_by_id(found.schema)?.name,
            name: &found.name,
            sharding: match &found.kind {
                TableKind::Sharded(sharding) => Some(sharding),
                _ => None,
            },
            is_copied: matches!(found.kind, TableKind::Broadcast),
            definition: topology.definition(table.table)?,
        })
    }
}

/// A table whose rows are written.
#[derive(Clone, Debug)]
pub struct PickTarget<'a> {
    from: From<'a>,
    /// The primary key's columns.
    pub primary: Vec<&'a Column>,
    assigned: Vec<(&'a Column, &'a PickedValue)>,
    /// Where the answer has the primary key.
    pub key: Range<usize>,
    /// Where it has the sharding key, as texts for [`crate::route::Router::place`].
    pub place: Range<usize>,
    /// Where it has the values of the columns that get some.
    pub values: Range<usize>,
}

/// What the texts are made of.
#[derive(Clone, Debug)]
pub struct PickTexts<'a> {
    tokens: Tokens<'a>,
    picked: &'a Picked,
    /// The tables that are written.
    pub targets: Vec<PickTarget<'a>>,
}

/// A literal in the UPDATE, in whose place something else comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PickMark {
    /// Which rows.
    Rows,
    /// A value that the SELECT has told, by its number.
    Value(usize),
}

impl PickMark {
    /// The literal.
    pub fn text(self) -> String {
        match self {
            Self::Rows => "'shardwell rows'".to_owned(),
            Self::Value(number) => format!("'shardwell value {number}'"),
        }
    }
}

impl<'a> PickTexts<'a> {
    /// Whether rows can be told apart and written.
    ///
    /// # Errors
    /// Why not.
    pub fn new(
        tokens: Tokens<'a>,
        picked: &'a Picked,
        topology: &'a Topology,
    ) -> Result<Self, PickError> {
        let from = picked.tables.iter().map(|table| {
            let from = From::new(table, topology);
            from.ok_or_else(|| PickError::Unknown(table.name.clone()))
        });
        let from = from.collect::<Result<Vec<_>, _>>()?;
        let owners = picked
            .assigned
            .iter()
            .map(|value| owner(picked, value, &from));
        let owners = owners.collect::<Result<Vec<_>, _>>()?;
        let mut targets = Vec::new();
        let mut next = 0;
        for (at, from) in from.iter().enumerate() {
            let own = owners.iter().zip(&picked.assigned);
            let own = own.filter(|((owner, _), _)| *owner == at);
            let assigned: Vec<_> = own.map(|((_, column), value)| (*column, value)).collect();
            let is_target = match picked.updates {
                true => !assigned.is_empty(),
                false => from.table.written,
            };
            if is_target {
                if picked.ignore {
                    leaves_unique_keys(from.definition, &assigned)?;
                }
                let target = PickTarget::new(*from, assigned, next)?;
                next = target.values.end;
                targets.push(target);
            }
        }
        Ok(Self {
            tokens,
            picked,
            targets,
        })
    }

    /// The SELECT that finds the rows, in the client's words.
    pub fn reading(&self) -> Vec<u8> {
        let mut sql = self.tokens.span(self.picked.with.clone()).to_vec();
        sql.extend_from_slice(if sql.is_empty() { b"" } else { b" " });
        sql.extend_from_slice(b"SELECT ");
        let mut items: Vec<Vec<u8>> = Vec::new();
        for target in &self.targets {
            items.extend(target.columns().map(String::into_bytes));
            let selected = target.selected();
            items.extend(selected.map(|(_, value)| self.tokens.span(value.value.clone()).to_vec()));
        }
        sql.extend_from_slice(&items.join(&b", "[..]));
        sql.extend_from_slice(b" FROM ");
        for piece in [&self.picked.source, &self.picked.tail] {
            sql.extend_from_slice(self.tokens.span(piece.clone()));
            sql.push(b' ');
        }
        sql
    }

    /// The UPDATE of a target's rows, with marks for what is different each time.
    pub fn update(&self, target: &PickTarget<'_>) -> Vec<u8> {
        let from = &target.from;
        let names = [from.schema, from.name, &from.table.name].map(quoted);
        let [schema, table, alias] = names;
        let ignore = if self.picked.ignore { "IGNORE " } else { "" };
        let mut sql = format!("UPDATE {ignore}{schema}.{table} AS {alias} SET ").into_bytes();
        let mut values = 0;
        for (number, (column, value)) in target.assigned.iter().enumerate() {
            sql.extend_from_slice(if number > 0 { b", " } else { b"" });
            sql.extend_from_slice(format!("{} = ", quoted(&column.name)).as_bytes());
            if value.selected {
                sql.extend_from_slice(PickMark::Value(values).text().as_bytes());
                values += 1;
            } else {
                sql.extend_from_slice(self.tokens.span(value.value.clone()));
            }
        }
        sql.extend_from_slice(format!(" WHERE {}", PickMark::Rows.text()).as_bytes());
        sql
    }
}

/// Whether nothing is assigned that is in a unique key, nor computed from what is assigned.
fn leaves_unique_keys(
    definition: &TableDefinition,
    assigned: &[(&Column, &PickedValue)],
) -> Result<(), PickError> {
    let unique = definition.indexes.iter().filter(|index| index.unique);
    for part in unique.flat_map(|index| &index.parts) {
        let name = part.column.as_deref();
        let found = name.and_then(|name| column(definition, name));
        let changes = found.is_none_or(|found| {
            let mut names = assigned.iter().map(|(column, _)| &column.name);
            found.generated || names.any(|name| *name == found.name)
        });
        if changes && !assigned.is_empty() {
            return Err(PickError::Unique(name.unwrap_or_default().to_owned()));
        }
    }
    Ok(())
}

/// The table whose column gets a value, by its number, and the column.
fn owner<'a>(
    picked: &Picked,
    value: &PickedValue,
    from: &[From<'a>],
) -> Result<(usize, &'a Column), PickError> {
    let name = &value.column.name;
    let unknown = || PickError::Column(name.clone());
    let called = |from: &From<'_>| {
        let said = value.column.table.as_ref();
        said.is_none_or(|said| from.table.name.eq_ignore_ascii_case(said))
    };
    if value.column.table.is_none() && picked.has_others || !name.is_ascii() {
        return Err(unknown());
    }
    let having = from.iter().enumerate().filter(|(_, from)| called(from));
    let mut having = having.filter_map(|(at, from)| Some((at, column(from.definition, name)?)));
    match (having.next(), having.next()) {
        (Some(found), None) => Ok(found),
        _ => Err(unknown()),
    }
}

impl<'a> PickTarget<'a> {
    /// A target whose columns begin at a place in the answer.
    fn new(
        from: From<'a>,
        assigned: Vec<(&'a Column, &'a PickedValue)>,
        first: usize,
    ) -> Result<Self, PickError> {
        if from.is_copied {
            return Err(PickError::Broadcast(format!(
                "{}.{}",
                from.schema, from.name
            )));
        }
        let keys = from.sharding.map_or(&[][..], |sharding| &sharding.keys);
        let is_key = |name: &str| keys.iter().any(|key| key.name.eq_ignore_ascii_case(name));
        if let Some((column, _)) = assigned.iter().find(|(column, _)| is_key(&column.name)) {
            return Err(PickError::Key(column.name.clone()));
        }
        let primary = primary_columns(from.definition)?;
        let changes = |part: &&&Column| {
            let mut names = assigned.iter().map(|(column, _)| &column.name);
            part.generated && !assigned.is_empty() || names.any(|name| *name == part.name)
        };
        if let Some(part) = primary.iter().find(changes) {
            return Err(PickError::Assigned(part.name.clone()));
        }
        let key = first..first + primary.len();
        let place = key.end..key.end + keys.len();
        let selected = assigned.iter().filter(|(_, value)| value.selected).count();
        Ok(Self {
            values: place.end..place.end + selected,
            from,
            primary,
            assigned,
            key,
            place,
        })
    }

    /// The table.
    pub fn table(&self) -> &'a PickedTable {
        self.from.table
    }

    /// The columns that get a value which the SELECT tells, in the answer's order.
    pub fn selected(&self) -> impl Iterator<Item = (&'a Column, &'a PickedValue)> {
        let assigned = self.assigned.iter().copied();
        assigned.filter(|(_, value)| value.selected)
    }

    /// What of the row itself the SELECT asks for.
    fn columns(&self) -> impl Iterator<Item = String> {
        let alias = quoted(&self.from.table.name);
        let qualified = move |name: &str| format!("{alias}.{}", quoted(name));
        let keys = self
            .from
            .sharding
            .map_or(&[][..], |sharding| &sharding.keys);
        let primary = self.primary.iter().map(|column| qualified(&column.name));
        let keys = keys.iter().map(|key| key_text(key, qualified(&key.name)));
        primary.chain(keys).collect::<Vec<_>>().into_iter()
    }
}
