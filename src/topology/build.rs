//! Configuration + what was found on the servers → [`Topology`].

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, OnceLock};

use crate::config::{Config, SchemaConfig, SplitTables, TableConfig, TableRule};

use super::compare::{key_differs, same_columns};
use super::discovered::merged;
use super::{
    AlgorithmSpec, Discovered, DiscoveredTable, FoundTables, Functions, Generated, IdColumn,
    KeyType, Others, Part, ReplicaSet, ReplicaSetId, Schema, SchemaId, Shard, ShardId, Sharding,
    StoredCode, Table, TableId, TableKind, Topology, TopologyError,
};

impl Topology {
    /// Builds a snapshot. With an empty [`Discovered`] it holds the configured tables only, with
    /// unknown columns.
    ///
    /// # Errors
    /// Every contradiction between the configuration and what was found that is not of one table
    /// alone: such a table cannot be used ([`Topology::unusable`]), and all others can.
    pub fn build(config: &Config, found: &Discovered) -> Result<Self, Vec<TopologyError>> {
        let others = config.others.as_ref().map(|others| Others {
            replica_set: ReplicaSetId(u16_index(others.replica_set)),
            taken: config.taken_names(),
        });
        let config = &*config.with_databases(&found.databases);
        let replica_sets = config.replica_sets.iter();
        let topology = Self {
            replica_sets: replica_sets
                .map(|set| ReplicaSet {
                    name: set.name.clone(),
                })
                .collect(),
            fold_names: found.fold_names,
            own_database: config.transactions.database.clone(),
            others,
            functions: Functions::new(found.functions.is_some(), found.brands),
            ..Self::default()
        };
        let mut builder = Builder {
            topology,
            groups: HashMap::new(),
            unusable: None,
            errors: Vec::new(),
        };
        for schema in &config.schemas {
            builder.schema(config, schema, found);
        }
        if builder.errors.is_empty() {
            let code = code(config, found, &builder.topology);
            Ok(Self {
                code,
                ..builder.topology
            })
        } else {
            Err(builder.errors)
        }
    }
}

/// What was found of code, with the tables that consist of others.
fn code(config: &Config, found: &Discovered, topology: &Topology) -> StoredCode {
    let of_schema = |name: &String| topology.schema(name).map(|(id, _)| id);
    let by_schema = found.code.iter();
    let by_schema = by_schema.filter_map(|(name, code)| Some((of_schema(name)?, code)));
    let shards = config.schemas.iter().flat_map(|schema| &schema.shards);
    let databases = shards.map(|shard| shard.database.to_lowercase()).collect();
    let mut code = StoredCode::new(by_schema, databases);
    if code.is_empty() {
        return code;
    }
    let none = HashMap::new();
    for schema in &config.schemas {
        let tables = FoundTables {
            tables: found.schemas.get(&schema.name).unwrap_or(&none),
            shards: schema.shards.len(),
            fold: found.fold_names,
        };
        for table in &schema.tables {
            if let Some(id) = of_schema(&schema.name) {
                code.stands_for(id, &table.name, &tables.names(table));
            }
        }
    }
    code
}

struct Builder {
    topology: Topology,
    /// The first table with known key types of each binding group.
    groups: HashMap<u32, (String, Vec<KeyType>)>,
    /// Why the table that is being added cannot be used.
    unusable: Option<TopologyError>,
    errors: Vec<TopologyError>,
}

/// A schema while its tables are added.
struct Scope<'a> {
    config: &'a SchemaConfig,
    shards: &'a [ShardId],
    found: FoundTables<'a>,
}

impl Scope<'_> {
    fn shard(&self, position: usize) -> Option<ShardId> {
        self.shards.get(position).copied()
    }
}

impl Builder {
    fn schema(&mut self, config: &Config, schema: &SchemaConfig, found: &Discovered) {
        let id = SchemaId(u16_index(self.topology.schemas.len()));
        let shards = self.shards(config, schema, id);
        let Some(default_shard) = shards.get(schema.default_shard).or(shards.first()).copied()
        else {
            return;
        };
        let key = self.topology.folded(&schema.name).into_owned();
        if self.topology.schema_ids.insert(key, id).is_some() {
            self.errors.push(TopologyError::SameName {
                what: "schema",
                name: schema.name.clone(),
            });
        }
        let none = HashMap::new();
        let scope = Scope {
            config: schema,
            shards: &shards,
            found: FoundTables {
                tables: found.schemas.get(&schema.name).unwrap_or(&none),
                shards: shards.len(),
                fold: found.fold_names,
            },
        };
        let parts = self.parts(&scope);
        let tables = self.tables(id, &scope, &parts);
        let functions = found.functions.as_ref();
        if let Some(functions) = functions.and_then(|found| found.get(&schema.name)) {
            self.topology.functions.add(id, functions, &shards);
        }
        let name = schema.name.clone();
        self.topology.schemas.push(Schema {
            name,
            shards,
            default_shard,
            tables,
            parts,
            read: schema.read,
        });
    }

    /// The tables that the schema's split tables consist of.
    fn parts(&mut self, scope: &Scope<'_>) -> HashMap<String, Part> {
        let mut parts: HashMap<String, Part> = HashMap::new();
        let configured = scope.config.tables.iter();
        let configured: HashSet<String> = configured
            .map(|table| self.topology.folded(&table.name).into_owned())
            .collect();
        let mut taken = Vec::new();
        for table in &scope.config.tables {
            let TableRule::Sharded {
                split: Some(split), ..
            } = &table.rule
            else {
                continue;
            };
            let mut part = |name: &str, number| {
                let table = table.name.clone();
                let name = self.topology.folded(name).into_owned();
                let other = parts.get(&name).is_some_and(|part| part.table != table);
                if other || configured.contains(&name) {
                    taken.push(TopologyError::PartTaken {
                        schema: scope.config.name.clone(),
                        table: table.clone(),
                        part: name.clone(),
                    });
                }
                parts.insert(name, Part { table, number });
            };
            if let SplitTables::ByPeriod(tables) = &split.tables {
                // Also those that only some shards have.
                let fits = |name: &&String| tables.period(name, scope.found.fold).is_some();
                for name in scope.found.tables.keys().filter(fits) {
                    part(name, u32::MAX);
                }
            }
            for (name, number) in scope.found.parts(split).tables.iter().zip(0..) {
                part(name, number);
            }
        }
        self.errors.append(&mut taken);
        parts
    }

    fn tables(
        &mut self,
        id: SchemaId,
        scope: &Scope<'_>,
        parts: &HashMap<String, Part>,
    ) -> HashMap<String, TableId> {
        let found = self.found_in(scope);
        let mut tables = HashMap::new();
        for table in &scope.config.tables {
            let name = self.topology.folded(&table.name).into_owned();
            let names = scope.found.names(table).into_iter();
            let names: Vec<_> = names
                .map(|name| self.topology.folded(&name).into_owned())
                .collect();
            let there = names.iter().filter_map(|name| found.get(name));
            let found = merged(there.map(|(_, found)| *found).collect());
            let found = found.as_deref();
            let kind = self.configured(scope, table, found);
            let table = self.add(id, &table.name, kind, found);
            if let Some(reason) = self.unusable.take() {
                self.topology.refuse(table, reason);
            }
            if tables.insert(name.clone(), table).is_some() {
                self.errors.push(TopologyError::SameName {
                    what: "table",
                    name,
                });
            }
        }
        let mut unlisted: Vec<_> = found
            .into_iter()
            .filter(|(name, _)| !tables.contains_key(name) && !parts.contains_key(name))
            .collect();
        unlisted.sort_by(|(one, _), (other, _)| one.cmp(other));
        for (name, (spelling, table)) in unlisted {
            if let Some(kind) = unconfigured(scope, spelling, table) {
                tables.insert(name, self.add(id, spelling, kind, Some(table)));
            }
        }
        tables
    }

    fn shards(&mut self, config: &Config, schema: &SchemaConfig, id: SchemaId) -> Vec<ShardId> {
        let shards = &mut self.topology.shards;
        let mut ids = Vec::with_capacity(schema.shards.len());
        for shard in &schema.shards {
            let set = config.replica_sets.get(shard.replica_set);
            let set = set.map_or("", |set| set.name.as_str());
            ids.push(ShardId(u16_index(shards.len())));
            shards.push(Shard {
                schema: id,
                replica_set: ReplicaSetId(u16_index(shard.replica_set)),
                database: shard.database.clone(),
                name: format!("{set}/{}", shard.database),
            });
        }
        ids
    }

    /// The schema's found tables: name as the maps hold it → spelling and table.
    fn found_in<'a>(&self, scope: &Scope<'a>) -> HashMap<String, (&'a str, &'a DiscoveredTable)> {
        let folded = |name: &str| self.topology.folded(name).into_owned();
        let tables = scope.found.tables.iter();
        tables
            .map(|(name, table)| (folded(name), (name.as_str(), table)))
            .collect()
    }

    fn add(
        &mut self,
        schema: SchemaId,
        name: &str,
        kind: TableKind,
        found: Option<&DiscoveredTable>,
    ) -> TableId {
        let definition = found.and_then(DiscoveredTable::definition).map(Arc::clone);
        let known = definition.map(OnceLock::from);
        self.topology.definitions.push(known.unwrap_or_default());
        let id = TableId(u32::try_from(self.topology.tables.len()).unwrap_or(u32::MAX));
        if matches!(kind, TableKind::Broadcast) && found.is_some_and(|f| f.variants.len() > 1) {
            self.topology.unlike_copies.insert(id);
        }
        self.topology.tables.push(Table {
            name: name.to_owned(),
            schema,
            kind,
        });
        id
    }

    fn configured(
        &mut self,
        scope: &Scope<'_>,
        table: &TableConfig,
        found: Option<&DiscoveredTable>,
    ) -> TableKind {
        match &table.rule {
            TableRule::Broadcast => TableKind::Broadcast,
            TableRule::Single(shard) => single(scope, &table.name, *shard, found),
            TableRule::Sharded {
                key,
                algorithm,
                split,
                binding_group,
            } => {
                let rule = (key.as_slice(), AlgorithmSpec::clone(algorithm));
                let split = split
                    .as_ref()
                    .map(|split| (split, scope.found.parts(split)));
                let sharding = Sharding::new(rule, split, *binding_group);
                if let Some(reason) = found.and_then(|found| key_differs(found, &sharding)) {
                    return TableKind::Refused { reason };
                }
                TableKind::Sharded(Box::new(self.sharded(scope, table, sharding, found)))
            }
        }
    }

    /// Adds to a placement what was found.
    fn sharded(
        &mut self,
        scope: &Scope<'_>,
        table: &TableConfig,
        mut sharding: Sharding,
        found: Option<&DiscoveredTable>,
    ) -> Sharding {
        if let Some(found) = found.filter(|found| !found.columns().is_empty()) {
            for key in &mut sharding.keys {
                key.key_type = self.key_type(scope, table, &key.name, found);
            }
            sharding.columns = insertable(found);
        }
        sharding.generate = self.generated(scope, table, found);
        self.check_group(scope, table, &sharding);
        sharding
    }

    fn key_type(
        &mut self,
        scope: &Scope<'_>,
        table: &TableConfig,
        key: &str,
        found: &DiscoveredTable,
    ) -> Option<KeyType> {
        let (schema, table) = (scope.config.name.clone(), table.name.clone());
        let is_key = |name: &str| name.to_lowercase() == key;
        let key = key.to_owned();
        match found.columns().iter().find(|column| is_key(&column.name)) {
            None => {
                let names: Vec<&str> = found.columns().iter().map(|c| c.name.as_str()).collect();
                let columns = names.join(", ");
                self.unusable = Some(TopologyError::KeyMissing {
                    schema,
                    table,
                    key,
                    columns,
                });
                None
            }
            Some(column) => match column.key_type() {
                Ok(key_type) => Some(key_type),
                Err(refused) => {
                    let reason = refused.reason;
                    self.unusable = Some(TopologyError::KeyRefused {
                        schema,
                        table,
                        key,
                        reason,
                    });
                    None
                }
            },
        }
    }

    /// What gives the table's rows their ids, with what was found of the column.
    fn generated(
        &mut self,
        scope: &Scope<'_>,
        table: &TableConfig,
        found: Option<&DiscoveredTable>,
    ) -> Option<Generated> {
        let generate = table.generate.as_ref()?;
        let mut generated = Generated::new(generate);
        if let Some(found) = found.filter(|found| !found.columns().is_empty()) {
            match IdColumn::find(generate, found) {
                Ok(column) => generated.found = Some(column),
                Err(reason) => {
                    self.unusable = Some(TopologyError::IdColumn {
                        schema: scope.config.name.clone(),
                        table: table.name.clone(),
                        column: generate.column.clone(),
                        reason,
                    });
                }
            }
        }
        Some(generated)
    }

    /// Equal keys of bound tables must meet.
    fn check_group(&mut self, scope: &Scope<'_>, table: &TableConfig, sharding: &Sharding) {
        let types: Option<Vec<KeyType>> =
            sharding.keys.iter().map(|k| k.key_type.clone()).collect();
        let Some(types) = types else { return };
        let first = || (table.name.clone(), types.clone());
        let group = self.groups.entry(sharding.binding_group);
        let (other, others) = group.or_insert_with(first);
        let pairs = others.iter().zip(&types);
        let alike = others.len() == types.len() && pairs.into_iter().all(|(a, b)| a.places_like(b));
        if !alike {
            let (schema, table) = (scope.config.name.clone(), table.name.clone());
            self.unusable = Some(TopologyError::KeysDiffer {
                schema,
                table,
                other: other.clone(),
            });
        }
    }
}

/// The columns that an INSERT without column list fills, in lower case; `None` where they depend
/// on the shard.
fn insertable(found: &DiscoveredTable) -> Option<Vec<String>> {
    let definition = found.definition().filter(|_| same_columns(found))?;
    let columns = definition.visible();
    Some(columns.map(|column| column.name.to_lowercase()).collect())
}

/// A table configured as single: where the file says, else where it is, else where it would be
/// created.
fn single(
    scope: &Scope<'_>,
    table: &str,
    configured: Option<usize>,
    found: Option<&DiscoveredTable>,
) -> TableKind {
    let schema = &scope.config.name;
    let found_on = found
        .map(|found| found.found_on.as_slice())
        .unwrap_or_default();
    let position = match (configured, found_on) {
        (Some(position), _) => position,
        (None, []) => scope.config.default_shard,
        (None, [only]) => *only,
        (None, several) => {
            let count = several.len();
            let reason = format!(
                "table '{table}' is single but exists on {count} shards of schema '{schema}'; \
                 name one: shard in [schemas.{schema}.tables.{table}]"
            );
            return TableKind::Refused { reason };
        }
    };
    match scope.shard(position) {
        Some(shard) => TableKind::Single(shard),
        None => TableKind::Refused {
            reason: format!("table '{table}' is on no shard of '{schema}'"),
        },
    }
}

/// A table without a rule; `None`: it is nowhere.
fn unconfigured(scope: &Scope<'_>, table: &str, found: &DiscoveredTable) -> Option<TableKind> {
    match found.found_on.as_slice() {
        [] => None,
        [only] => scope.shard(*only).map(TableKind::Single),
        several => {
            let (count, schema) = (several.len(), &scope.config.name);
            let reason = format!(
                "table '{table}' exists on {count} shards of schema '{schema}' but has no rule; \
                 add [schemas.{schema}.tables.{table}]"
            );
            Some(TableKind::Refused { reason })
        }
    }
}

/// An id from a position; the configuration has checked that there are not more.
fn u16_index(position: usize) -> u16 {
    u16::try_from(position).unwrap_or(u16::MAX)
}
