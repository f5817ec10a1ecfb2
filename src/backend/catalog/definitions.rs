//! Columns and indexes of tables.

use std::collections::{HashMap, HashSet};

use super::names::name_list;
use super::scan::{Asked, Place};
use super::{number, quoted, text};
use crate::backend::{BackendError, TextRow};
use crate::topology::{Column, Index, IndexPart, TableDefinition};

/// How many tables one query asks for, counting a table once for each of its shards: what comes
/// back is held in memory.
const TABLES: usize = 4_000;

/// How many databases one query asks for.
const DATABASES: usize = 32;

/// From so many tables on it may be quicker not to name them: reading all tables of a database
/// takes a fifth of the time for each.
const MANY: usize = 200;
const QUICKER: usize = 5;

/// What was read of a table.
#[derive(Debug)]
pub(super) struct FoundDefinition {
    /// Position in the list of the places that were asked.
    pub place: usize,
    /// Its name on the server.
    pub table: String,
    pub definition: TableDefinition,
}

/// Reads the definitions of the tables called so, wherever they are. `there`: how many tables the
/// places have in all.
pub(super) async fn read(
    asked: &mut Asked,
    places: &[Place],
    tables: &[String],
    there: usize,
) -> Result<Vec<FoundDefinition>, BackendError> {
    let wanted: HashSet<&str> = tables.iter().map(String::as_str).collect();
    let places: Vec<(usize, &Place)> = places.iter().enumerate().collect();
    let mut all = Vec::new();
    if tables.len() > MANY && tables.len() * places.len() * QUICKER > there {
        let parts = (there / places.len().max(1)).div_ceil(TABLES).max(1);
        for place in &places {
            for part in 0..parts {
                let filter = format!("CRC32(TABLE_NAME) % {parts} = {part}");
                let found = read_some(asked, &[*place], &filter).await?;
                all.extend(found.filter(|found| wanted.contains(found.table.as_str())));
            }
        }
        return Ok(all);
    }
    for places in places.chunks(DATABASES) {
        for tables in tables.chunks((TABLES / places.len()).max(1)) {
            let filter = format!("TABLE_NAME IN ({})", name_list(tables));
            let found = read_some(asked, places, &filter).await?;
            // Servers may compare names without case.
            all.extend(found.filter(|found| wanted.contains(found.table.as_str())));
        }
    }
    Ok(all)
}

async fn read_some(
    asked: &mut Asked,
    places: &[(usize, &Place)],
    filter: &str,
) -> Result<impl Iterator<Item = FoundDefinition> + use<>, BackendError> {
    let columns = "TABLE_NAME, ORDINAL_POSITION, COLUMN_NAME, DATA_TYPE, COLUMN_TYPE, \
                   CHARACTER_SET_NAME, COLLATION_NAME, IS_NULLABLE, \
                   COLUMN_DEFAULT IS NOT NULL, EXTRA, COLUMN_DEFAULT";
    let indexes = "TABLE_NAME, SEQ_IN_INDEX, INDEX_NAME, NON_UNIQUE, COLUMN_NAME, SUB_PART, \
                   INDEX_TYPE";
    let mut found = Found::default();
    let query = query_of(places, (columns, "COLUMNS", "TABLE_SCHEMA"), filter);
    for row in asked.query(&query).await? {
        found.column(&row);
    }
    let query = query_of(places, (indexes, "STATISTICS", "TABLE_SCHEMA"), filter);
    for row in asked.query(&query).await? {
        found.index_part(&row);
    }
    if asked.is_mariadb() && found.has_long_text() {
        let documents = "TABLE_NAME, CONSTRAINT_NAME";
        let view = (documents, "CHECK_CONSTRAINTS", "CONSTRAINT_SCHEMA");
        let checked =
            "LEVEL = 'Column' AND CHECK_CLAUSE = CONCAT('json_valid(`', CONSTRAINT_NAME, '`)')";
        let query = query_of(places, view, &format!("{filter} AND {checked}"));
        for row in asked.query(&query).await? {
            found.document(&row);
        }
    }
    if found.has_full_text() {
        let engines = "TABLE_NAME, ENGINE";
        let query = query_of(places, (engines, "TABLES", "TABLE_SCHEMA"), filter);
        for row in asked.query(&query).await? {
            found.engine(&row);
        }
    }
    Ok(found.finish())
}

fn query_of(
    places: &[(usize, &Place)],
    (what, view, schema): (&str, &str, &str),
    filter: &str,
) -> String {
    let selects = places.iter().map(|(at, place)| {
        let database = quoted(&place.database);
        format!(
            "SELECT {at}, {what} FROM information_schema.{view} \
             WHERE {schema} = {database} AND {filter}"
        )
    });
    selects.collect::<Vec<_>>().join(" UNION ALL ")
}

/// The rows of both queries by place and table.
#[derive(Default)]
struct Found(HashMap<(usize, String), Parts>);

/// Columns and index parts with their numbers: rows come in any order.
#[derive(Default)]
struct Parts {
    columns: Vec<(usize, Column)>,
    indexes: HashMap<String, (Kind, Vec<(usize, IndexPart)>)>,
    engine: Option<String>,
}

/// What kind of index it is.
#[derive(Clone, Copy, Default)]
struct Kind {
    unique: bool,
    full_text: bool,
}

impl Found {
    fn table(&mut self, row: &TextRow) -> Option<(usize, &mut Parts)> {
        let key = (number(row, 0)?, text(row, 1)?);
        Some((number(row, 2)?, self.0.entry(key).or_default()))
    }

    fn column(&mut self, row: &TextRow) {
        let Some((at, parts)) = self.table(row) else {
            return;
        };
        let nullable = text(row, 8).is_some_and(|value| value == "YES");
        let extra = Extra(text(row, 10).unwrap_or_default().to_lowercase());
        let column = Column {
            name: text(row, 3).unwrap_or_default(),
            data_type: text(row, 4).unwrap_or_default(),
            column_type: text(row, 5).unwrap_or_default(),
            charset: text(row, 6),
            collation: text(row, 7),
            nullable,
            has_default: nullable || number(row, 9) == Some(1),
            volatile_default: text(row, 11).is_some_and(|text| is_volatile(&text)),
            auto_increment: extra.has("auto_increment"),
            generated: extra.has("generated"),
            invisible: extra.has("invisible"),
            checked_json: false,
        };
        parts.columns.push((at, column));
    }

    fn index_part(&mut self, row: &TextRow) {
        let Some((at, parts)) = self.table(row) else {
            return;
        };
        let name = text(row, 3).unwrap_or_default();
        let (kind, of_index) = parts.indexes.entry(name).or_default();
        kind.unique = number(row, 4) == Some(0);
        kind.full_text = text(row, 7).is_some_and(|kind| kind == "FULLTEXT");
        let part = IndexPart {
            column: text(row, 5),
            prefix: text(row, 6).and_then(|prefix| prefix.parse().ok()),
        };
        of_index.push((at, part));
    }

    /// Whether there are columns of the type that MariaDB's JSON is made of.
    fn has_long_text(&self) -> bool {
        let mut columns = self.0.values().flat_map(|parts| &parts.columns);
        columns.any(|(_, column)| column.data_type.eq_ignore_ascii_case("longtext"))
    }

    /// Whether there are indexes of which the engine decides what their searches find.
    fn has_full_text(&self) -> bool {
        self.0.values().any(Parts::has_full_text)
    }

    fn engine(&mut self, row: &TextRow) {
        let key = number(row, 0).zip(text(row, 1));
        if let Some(parts) = key.and_then(|key| self.0.get_mut(&key))
            && parts.has_full_text()
        {
            parts.engine = text(row, 2);
        }
    }

    /// A column that only valid documents can be stored in.
    fn document(&mut self, row: &TextRow) {
        let key = number(row, 0).zip(text(row, 1));
        let parts = key.and_then(|key| self.0.get_mut(&key));
        let (Some(parts), Some(name)) = (parts, text(row, 2)) else {
            return;
        };
        for (_, column) in &mut parts.columns {
            column.checked_json |= column.name == name;
        }
    }

    fn finish(self) -> impl Iterator<Item = FoundDefinition> {
        self.0
            .into_iter()
            .map(|((place, table), parts)| FoundDefinition {
                place,
                table,
                definition: parts.finish(),
            })
    }
}

impl Parts {
    fn has_full_text(&self) -> bool {
        self.indexes.values().any(|(kind, _)| kind.full_text)
    }

    fn finish(self) -> TableDefinition {
        let indexes = self.indexes.into_iter();
        let mut indexes: Vec<Index> = indexes
            .map(|(name, (kind, parts))| Index {
                name,
                unique: kind.unique,
                full_text: kind.full_text,
                parts: in_order(parts),
            })
            .collect();
        indexes.sort_by(|one, other| one.name.cmp(&other.name));
        TableDefinition {
            columns: in_order(self.columns),
            indexes,
            engine: self.engine,
        }
    }
}

fn in_order<T>(mut numbered: Vec<(usize, T)>) -> Vec<T> {
    numbered.sort_by_key(|(number, _)| *number);
    numbered.into_iter().map(|(_, part)| part).collect()
}

/// Whether the text of a DEFAULT calls what gives another value on each server, or with each call. A
/// string that looks like it counts too.
fn is_volatile(default: &str) -> bool {
    const CALLS: [&str; 18] = [
        "uuid",
        "rand",
        "sys_guid",
        "sysdate",
        "user",
        "current_role",
        "version",
        "connection_id",
        "database",
        "schema",
        "value for",
        "nextval",
        "@@",
        "last_insert_id",
        "row_count",
        "found_rows",
        "load_file",
        "encrypt",
    ];
    let default = default.to_lowercase();
    // MariaDB quotes strings; a plain word of MySQL's is no call.
    let literal = default.starts_with('\'') || !default.contains(['(', '@', ' ']);
    !literal && CALLS.iter().any(|call| default.contains(call))
}

/// The column EXTRA: words that servers separate in different ways. `DEFAULT_GENERATED`, which
/// tells of a default, is one word.
struct Extra(String);

impl Extra {
    fn has(&self, word: &str) -> bool {
        let mut words = self
            .0
            .split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
        words.any(|found| found == word)
    }
}
