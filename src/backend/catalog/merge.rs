//! The servers' answers → [`Discovered`].

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use super::scan::{Place, ServerFindings};
use super::{Look, TableName};
use crate::backend::Flavor;
use crate::config::{Config, SchemaConfig};
use crate::topology::{Discovered, DiscoveredTable, FoundTables, TableDefinition};

/// Definitions by position in the schema's shard list.
type ByPosition = BTreeMap<usize, Arc<TableDefinition>>;

/// Grows a [`Discovered`] server by server.
pub(super) struct Merge<'a> {
    config: &'a Config,
    look: Look<'a>,
    found: Discovered,
    /// By schema and table.
    definitions: HashMap<String, HashMap<String, ByPosition>>,
    functions_known: bool,
}

impl<'a> Merge<'a> {
    pub fn new(config: &'a Config, look: Look<'a>) -> Self {
        let schemas = config.schemas.iter();
        let mut found = Discovered {
            schemas: schemas
                .map(|schema| (schema.name.clone(), HashMap::new()))
                .collect(),
            ..Discovered::default()
        };
        if let Look::Tables(known, _) = look {
            // What one table is called tells nothing of the servers.
            found.fold_names = known.fold_names;
            found.brands = known.brands;
        }
        Self {
            config,
            look,
            found,
            definitions: HashMap::new(),
            functions_known: true,
        }
    }

    /// Takes over what one server answered.
    pub fn add(&mut self, answer: ServerFindings) {
        self.found.fold_names |= answer.fold_names;
        match answer.flavor {
            Some(Flavor::MySql) => self.found.brands.mysql = true,
            Some(Flavor::MariaDb) => self.found.brands.mariadb = true,
            None => {}
        }
        for found in answer.tables {
            if let Some((schema, position)) = self.place(&answer.places, found.place) {
                let tables = self.found.schemas.entry(schema.to_owned()).or_default();
                let table = tables.entry(found.name).or_default();
                table.found_on.push(position);
            }
        }
        for found in answer.definitions {
            if let Some((schema, position)) = self.place(&answer.places, found.place) {
                let tables = self.definitions.entry(schema.to_owned()).or_default();
                let by_position = tables.entry(found.table).or_default();
                by_position.insert(position, Arc::new(found.definition));
            }
        }
        for found in answer.code {
            if let Some((schema, _)) = self.place(&answer.places, found.place) {
                let code = self.found.code.entry(schema.to_owned()).or_default();
                code.insert(found.object);
            }
        }
        self.functions_known &= answer.functions.is_some();
        for found in answer.functions.into_iter().flatten() {
            if let Some((schema, position)) = self.place(&answer.places, found.place) {
                let functions = self.found.functions.get_or_insert_default();
                let of_schema = functions.entry(schema.to_owned()).or_default();
                let name = found.name.to_lowercase();
                of_schema.entry(name).or_default().push(position);
            }
        }
    }

    fn place(&self, places: &[Place], at: usize) -> Option<(&'a str, usize)> {
        let place = places.get(at)?;
        let schema = self.config.schemas.get(place.schema)?;
        Some((schema.name.as_str(), place.position))
    }

    /// Everything that was found, with what was known where it was not asked for again.
    pub fn finish(mut self) -> Discovered {
        let known = match self.look {
            Look::Whole | Look::Functions => None,
            Look::News(known) | Look::Tables(known, _) => Some(known),
        };
        for (schema, tables) in &mut self.found.schemas {
            let mut read = self.definitions.remove(schema).unwrap_or_default();
            let known = known.and_then(|known| known.schemas.get(schema));
            for (name, table) in tables {
                let mut definitions = read.remove(name).unwrap_or_default();
                if matches!(self.look, Look::News(_)) {
                    recall(known.and_then(|tables| tables.get(name)), &mut definitions);
                }
                complete(table, definitions);
            }
        }
        if let Look::Tables(known, tables) = self.look {
            return self.into_known(known, tables);
        }
        if self.functions_known {
            let functions = self.found.functions.get_or_insert_default();
            let lists = functions.values_mut().flat_map(HashMap::values_mut);
            lists.for_each(|positions| positions.sort_unstable());
        } else {
            self.found.functions = None;
        }
        self.found
    }

    /// What is known, with the tables that were looked at as they were found.
    fn into_known(mut self, before: &Discovered, tables: &[TableName]) -> Discovered {
        let mut merged = before.clone();
        let fold = self.found.fold_names;
        for schema in &self.config.schemas {
            let Some(known) = merged.schemas.get_mut(&schema.name) else {
                continue;
            };
            let changed = tables.iter().filter(|table| table.schema == schema.name);
            let names: Vec<String> = changed
                .flat_map(|table| names_of(schema, &table.table, before))
                .collect();
            known.retain(|name, _| !names.iter().any(|changed| same_name(changed, name, fold)));
            known.extend(self.found.schemas.remove(&schema.name).unwrap_or_default());
            if !names.is_empty() {
                merged.code.remove(&schema.name);
            }
        }
        merged.code.extend(self.found.code);
        merged
    }
}

/// What a table is called on the servers, by what is known of them.
pub(super) fn names_of(schema: &SchemaConfig, table: &str, known: &Discovered) -> Vec<String> {
    let Some(rule) = schema.tables.iter().find(|rule| rule.name == table) else {
        return vec![table.to_owned()];
    };
    let none = HashMap::new();
    let known_tables = FoundTables {
        tables: known.schemas.get(&schema.name).unwrap_or(&none),
        shards: schema.shards.len(),
        fold: known.fold_names,
    };
    known_tables.names(rule)
}

fn same_name(one: &str, other: &str, fold: bool) -> bool {
    one == other || (fold && one.to_lowercase() == other.to_lowercase())
}

/// What is known of a table's definitions and was not read again.
fn recall(known: Option<&DiscoveredTable>, definitions: &mut ByPosition) {
    for variant in known.into_iter().flat_map(|known| &known.variants) {
        for position in &variant.shards {
            let definition = || Arc::clone(&variant.definition);
            definitions.entry(*position).or_insert_with(definition);
        }
    }
}

fn complete(table: &mut DiscoveredTable, definitions: ByPosition) {
    table.found_on.sort_unstable();
    table.found_on.dedup();
    let there = definitions
        .into_iter()
        .filter(|(position, _)| table.found_on.contains(position))
        .collect::<Vec<_>>();
    for (position, definition) in there {
        table.add(position, definition);
    }
}
