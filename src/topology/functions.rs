//! The stored functions of the schemas.

use std::collections::HashMap;

use super::{Brands, DiscoveredFunctions, SchemaId, ShardId};

/// Which stored functions there are.
#[derive(Debug, Default)]
pub struct Functions {
    known: bool,
    brands: Brands,
    by_schema: HashMap<SchemaId, HashMap<String, StoredFunction>>,
}

/// A stored function.
#[derive(Debug, PartialEq, Eq)]
pub struct StoredFunction {
    /// The shards of its schema that have it.
    pub shards: Vec<ShardId>,
}

impl Functions {
    /// None yet. `known`: the servers were asked, so that what is not here does not exist.
    pub fn new(known: bool, brands: Brands) -> Self {
        Self {
            known,
            brands,
            by_schema: HashMap::new(),
        }
    }

    /// Adds what was found in a schema with these shards.
    pub fn add(&mut self, schema: SchemaId, found: &DiscoveredFunctions, shards: &[ShardId]) {
        let of_schema = self.by_schema.entry(schema).or_default();
        for (name, found_on) in found {
            let shards = found_on.iter().filter_map(|at| shards.get(*at).copied());
            let shards = shards.collect();
            of_schema.insert(name.clone(), StoredFunction { shards });
        }
    }

    /// A stored function by its name, whose case does not matter.
    pub fn get(&self, schema: SchemaId, name: &str) -> Option<&StoredFunction> {
        self.by_schema.get(&schema)?.get(&name.to_lowercase())
    }

    /// Whether any schema has a stored function of this name.
    pub fn anywhere(&self, name: &str) -> bool {
        let name = name.to_lowercase();
        let mut schemas = self.by_schema.values();
        schemas.any(|functions| functions.contains_key(&name))
    }

    /// Whether the servers were asked: what is not here does not exist.
    pub fn are_known(&self) -> bool {
        self.known
    }

    /// Whose servers there are.
    pub fn brands(&self) -> Brands {
        self.brands
    }
}
