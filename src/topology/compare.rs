//! What the shards of a schema do not agree on.
//!
//! In: the configuration and what was found. Out: [`Difference`]s by name, for operators, and the
//! reasons why a table cannot be used at all, for clients.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use super::discovered::{Column, DiscoveredTable, Index, IndexPart, TableDefinition};
use super::{Discovered, FoundTables, Sharding};
use crate::config::{Config, SchemaConfig, ShardConfig, SplitRule, TableRule};

/// Something that is not the same on all shards of a sharded or broadcast table.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Difference {
    /// The schema.
    pub schema: String,
    /// The table.
    pub table: String,
    /// What differs.
    pub subject: Subject,
    /// What there is (empty: it is missing) and the shards (`replica_set/database`) that have it.
    pub found: Vec<(String, Vec<String>)>,
}

/// What differs between shards.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Subject {
    /// The table itself is missing somewhere.
    Table,
    /// A column.
    Column(String),
    /// The columns are the same, but not their order.
    ColumnOrder,
    /// The primary key or a unique index.
    Key(String),
    /// An index that promises nothing.
    Index(String),
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "table '{}.{}'", self.schema, self.table)?;
        match &self.subject {
            Subject::Table => {}
            Subject::Column(name) => write!(f, ", column '{name}'")?,
            Subject::ColumnOrder => write!(f, ", order of columns")?,
            Subject::Key(name) if name == "PRIMARY" => write!(f, ", primary key")?,
            Subject::Key(name) => write!(f, ", unique key '{name}'")?,
            Subject::Index(name) => write!(f, ", index '{name}'")?,
        }
        for (at, (what, shards)) in self.found.iter().enumerate() {
            f.write_str(if at == 0 { ": " } else { "; " })?;
            let what = if what.is_empty() { "missing" } else { what };
            write!(f, "{what} on {}", shards.join(", "))?;
        }
        Ok(())
    }
}

/// Everything that the shards do not agree on, in the order of the configuration. A table that no
/// shard has is not a difference.
pub fn differences(config: &Config, found: &Discovered) -> Vec<Difference> {
    let mut all = Vec::new();
    for schema in &config.schemas {
        let Some(tables) = found.schemas.get(&schema.name) else {
            continue;
        };
        let shards = shard_names(config, schema);
        let there = FoundTables {
            tables,
            shards: shards.len(),
            fold: found.fold_names,
        };
        for table in &schema.tables {
            let everywhere = match &table.rule {
                TableRule::Single(_) => continue,
                TableRule::Sharded {
                    split: Some(split), ..
                } => !matches!(split.by, SplitRule::Spread(_)),
                TableRule::Sharded { split: None, .. } | TableRule::Broadcast => true,
            };
            let mut copies = Copies::new((&schema.name, &table.name), &shards);
            let names = there.names(table);
            for name in &names {
                if let Some(found) = found_table(tables, name, found.fold_names) {
                    copies.add(found, (*name != table.name).then_some(name));
                }
            }
            if everywhere {
                copies.missing(&mut all);
            }
            copies.compare(&mut all);
        }
    }
    all
}

/// A table by its name on the servers.
fn found_table<'a>(
    tables: &'a HashMap<String, DiscoveredTable>,
    name: &str,
    fold_names: bool,
) -> Option<&'a DiscoveredTable> {
    let exact = tables.get(name);
    if !fold_names || exact.is_some() {
        return exact;
    }
    let name = name.to_lowercase();
    let mut spellings = tables.iter();
    let found = spellings.find(|(spelling, _)| spelling.to_lowercase() == name);
    found.map(|(_, table)| table)
}

fn shard_names(config: &Config, schema: &SchemaConfig) -> Vec<String> {
    let name = |shard: &ShardConfig| {
        let set = config.replica_sets.get(shard.replica_set);
        let set = set.map_or("", |set| set.name.as_str());
        format!("{set}/{}", shard.database)
    };
    schema.shards.iter().map(name).collect()
}

/// Why a table cannot be used: the shards do not agree on what equal keys are. Names nothing
/// physical.
pub(super) fn key_differs(found: &DiscoveredTable, sharding: &Sharding) -> Option<String> {
    let keys = sharding.keys.iter();
    keys.map(|key| key.name.as_str())
        .find_map(|key| column_differs(found, key))
}

fn column_differs(found: &DiscoveredTable, key: &str) -> Option<String> {
    let mut kinds: Vec<(String, usize)> = Vec::new();
    for variant in &found.variants {
        let mut columns = variant.definition.columns.iter();
        let column = columns.find(|column| column.name.to_lowercase() == key);
        let kind = column.map_or_else(|| "missing".to_owned(), type_of);
        let shards = variant.shards.len();
        match kinds.iter_mut().find(|(known, _)| *known == kind) {
            Some((_, count)) => *count += shards,
            None => kinds.push((kind, shards)),
        }
    }
    if kinds.len() < 2 {
        return None;
    }
    let kinds = kinds.into_iter();
    let kinds: Vec<String> = kinds
        .map(|(kind, shards)| format!("{kind} on {shards}"))
        .collect();
    Some(format!(
        "its sharding key '{key}' is not the same on all shards ({}); give it the same type and \
         collation everywhere",
        kinds.join(", ")
    ))
}

/// Whether all shards have the same columns in the same order, by name: what an INSERT without
/// column list and `*` rely on.
pub(super) fn same_columns(found: &DiscoveredTable) -> bool {
    let mut lists = found.variants.iter().map(|variant| {
        let visible = variant.definition.visible();
        visible
            .map(|column| column.name.to_lowercase())
            .collect::<Vec<_>>()
    });
    let first = lists.next();
    lists.all(|other| Some(&other) == first.as_ref())
}

/// All copies or parts of a table while they are compared.
struct Copies<'a> {
    schema: &'a str,
    table: &'a str,
    /// All shards of the schema.
    shards: &'a [String],
    /// Each found table: its name where that is not the table's own, and where it is.
    there: Vec<(Option<&'a String>, Vec<usize>)>,
    variants: Vec<Copy>,
}

/// A definition and the places that have it.
struct Copy {
    definition: Arc<TableDefinition>,
    places: Vec<String>,
}

impl<'a> Copies<'a> {
    fn new((schema, table): (&'a str, &'a str), shards: &'a [String]) -> Self {
        Self {
            schema,
            table,
            shards,
            there: Vec::new(),
            variants: Vec::new(),
        }
    }

    /// Adds a found table; `part`: its name where the table is split.
    fn add(&mut self, found: &DiscoveredTable, part: Option<&'a String>) {
        self.there.push((part, found.found_on.clone()));
        for variant in &found.variants {
            let places = variant.shards.iter().map(|shard| self.place(*shard, part));
            let places: Vec<String> = places.collect();
            let mut known = self.variants.iter_mut();
            match known.find(|known| known.definition == variant.definition) {
                Some(known) => known.places.extend(places),
                None => self.variants.push(Copy {
                    definition: Arc::clone(&variant.definition),
                    places,
                }),
            }
        }
    }

    fn place(&self, shard: usize, part: Option<&String>) -> String {
        let shard = self.shards.get(shard).map_or("", String::as_str);
        part.map_or_else(|| shard.to_owned(), |part| format!("{shard}.{part}"))
    }

    /// Every shard should have all of them.
    fn missing(&self, all: &mut Vec<Difference>) {
        for (part, there) in &self.there {
            let missing = (0..self.shards.len()).filter(|shard| !there.contains(shard));
            let missing: Vec<String> = missing.map(|shard| self.place(shard, *part)).collect();
            if !missing.is_empty() && !there.is_empty() {
                let there = there.iter().map(|shard| self.place(*shard, *part));
                let found = vec![
                    (String::new(), missing),
                    ("present".to_owned(), there.collect()),
                ];
                all.push(self.difference(Subject::Table, found));
            }
        }
    }

    fn compare(&self, all: &mut Vec<Difference>) {
        if self.variants.len() < 2 {
            return;
        }
        let before = all.len();
        for name in self.names(column_names) {
            let found = self.collect(|definition| {
                let mut columns = definition.columns.iter();
                let column = columns.find(|column| column.name == name);
                column.map(column_text).unwrap_or_default()
            });
            self.add_difference(Subject::Column(name), found, all);
        }
        if all.len() == before {
            let found = self.collect(|definition| column_names(definition).join(", "));
            self.add_difference(Subject::ColumnOrder, found, all);
        }
        self.compare_indexes(all);
    }

    fn compare_indexes(&self, all: &mut Vec<Difference>) {
        let index_names = |definition: &TableDefinition| {
            let names = definition.indexes.iter().map(|index| index.name.clone());
            names.collect()
        };
        for name in self.names(index_names) {
            let of = |definition: &TableDefinition| {
                let mut indexes = definition.indexes.iter();
                indexes.find(|index| index.name == name).cloned()
            };
            let mut indexes = self.variants.iter().filter_map(|copy| of(&copy.definition));
            let unique = indexes.any(|index| index.unique);
            let found = self.collect(|definition| {
                let index = of(definition);
                index.map(|index| index_text(&index)).unwrap_or_default()
            });
            let subject = if unique { Subject::Key } else { Subject::Index };
            self.add_difference(subject(name), found, all);
        }
    }

    /// All names in order of appearance, each once.
    fn names(&self, of: impl Fn(&TableDefinition) -> Vec<String>) -> Vec<String> {
        let mut names: Vec<String> = Vec::new();
        for name in self.variants.iter().flat_map(|copy| of(&copy.definition)) {
            if !names.contains(&name) {
                names.push(name);
            }
        }
        names
    }

    /// The texts of all definitions; those that agree are one.
    fn collect(&self, text: impl Fn(&TableDefinition) -> String) -> Vec<(String, Vec<String>)> {
        let mut found: Vec<(String, Vec<String>)> = Vec::new();
        for copy in &self.variants {
            let text = text(&copy.definition);
            match found.iter_mut().find(|(known, _)| *known == text) {
                Some((_, places)) => places.extend(copy.places.iter().cloned()),
                None => found.push((text, copy.places.clone())),
            }
        }
        found
    }

    /// Several texts are a difference, one is none.
    fn add_difference(
        &self,
        subject: Subject,
        found: Vec<(String, Vec<String>)>,
        all: &mut Vec<Difference>,
    ) {
        if found.len() > 1 {
            all.push(self.difference(subject, found));
        }
    }

    fn difference(&self, subject: Subject, found: Vec<(String, Vec<String>)>) -> Difference {
        Difference {
            schema: self.schema.to_owned(),
            table: self.table.to_owned(),
            subject,
            found,
        }
    }
}

fn column_names(definition: &TableDefinition) -> Vec<String> {
    let names = definition.columns.iter().map(|column| column.name.clone());
    names.collect()
}

/// A column's type with its collation, in the spelling that all versions of servers share.
fn type_of(column: &Column) -> String {
    let mut text = without_width(column);
    if let Some(collation) = &column.collation {
        text.push_str(" collate ");
        text.push_str(&one_utf8(collation));
    }
    text
}

fn column_text(column: &Column) -> String {
    let mut text = type_of(column);
    let traits = [
        (!column.nullable, " not null"),
        (column.has_default && !column.nullable, " with a default"),
        (column.auto_increment, " auto_increment"),
        (column.generated, " generated"),
        (column.invisible, " invisible"),
    ];
    for (_, word) in traits.iter().filter(|(holds, _)| *holds) {
        text.push_str(word);
    }
    text
}

/// Integers without their display width, which MySQL no longer shows.
fn without_width(column: &Column) -> String {
    let text = column.column_type.to_lowercase();
    let integer = column.data_type.to_lowercase().ends_with("int");
    match (text.split_once('('), text.split_once(')')) {
        (Some((name, _)), Some((_, rest))) if integer && !text.contains("zerofill") => {
            format!("{name}{rest}")
        }
        _ => text,
    }
}

/// `utf8` and `utf8mb3` are one, and versions mix the two names.
fn one_utf8(collation: &str) -> String {
    match collation.strip_prefix("utf8_") {
        Some(rest) => format!("utf8mb3_{rest}"),
        None => collation.to_owned(),
    }
}

fn index_text(index: &Index) -> String {
    let part = |part: &IndexPart| {
        let column = part.column.as_deref().unwrap_or("an expression");
        match part.prefix {
            Some(prefix) => format!("{column}({prefix})"),
            None => column.to_owned(),
        }
    };
    let parts: Vec<String> = index.parts.iter().map(part).collect();
    let unique = if index.unique { "unique " } else { "" };
    format!("{unique}({})", parts.join(", "))
}
