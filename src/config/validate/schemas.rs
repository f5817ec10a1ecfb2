//! `[schemas.NAME]`: logical databases and their shards.

use std::collections::HashMap;
use std::time::Duration;

use toml::Spanned;

use super::super::defaults;
use super::super::file::{Named, SchemaFile};
use super::super::suggest;
use super::super::system_schemas::system_schema;
use super::super::types::{SchemaConfig, ShardConfig};
use super::AlgorithmCheck;
use super::bindings::GroupNumbers;
use super::limits;
use super::others::OTHERS;
use super::problems::Problems;
use super::read::read;
use super::scalar;
use super::tables;

const SHARD_FORM: &str = "write \"replica_set/database\"";

pub(super) fn schemas(
    files: &Named<SchemaFile>,
    replica_sets: &[&str],
    (algorithms, interval): (&dyn AlgorithmCheck, Duration),
    problems: &mut Problems,
) -> Vec<SchemaConfig> {
    if files.is_empty() {
        let help = "add [schemas.shop] with shards = [\"a/shop_0\", …]";
        problems.missing("no schemas: there is nothing that a client could use", help);
    }
    let mut files: Vec<_> = files.iter().collect();
    files.retain(|(name, _)| name.get_ref() != OTHERS);
    files.sort_by_key(|(name, _)| name.span().start);
    let mut shards = Shards {
        replica_sets,
        owners: HashMap::new(),
    };
    let mut numbers = GroupNumbers::default();
    let mut schemas = Vec::new();
    for (name, file) in files {
        check_database(name.span(), "schema name", name.get_ref(), problems);
        let written = shards.written(name, file, problems);
        let positions = Positions {
            schema: name.get_ref(),
            written: &written,
        };
        let default_shard = file.default_shard.as_ref();
        let default_shard = default_shard.and_then(|shard| positions.find(shard, problems));
        schemas.push(SchemaConfig {
            name: name.get_ref().clone(),
            default_shard: default_shard.unwrap_or(0),
            read: read(&file.read, interval, problems).unwrap_or_default(),
            limits: limits::limits(&file.limits, problems),
            tables: tables::tables(&file.tables, &positions, algorithms, &mut numbers, problems),
            shards: written.into_iter().map(|shard| shard.config).collect(),
        });
    }
    if shards.owners.len() > defaults::MAX_IDS || schemas.len() > defaults::MAX_IDS {
        problems.missing("too many schemas or shards", "at most 65535 of each");
    }
    schemas
}

pub(super) fn check_database(
    span: std::ops::Range<usize>,
    what: &str,
    name: &str,
    problems: &mut Problems,
) {
    scalar::check_name(span.clone(), what, name, defaults::NAME_CHARS, problems);
    if system_schema(name).is_some() {
        let message = format!("the {what} '{name}' is one of MySQL's own");
        problems.add(span, message, "use another name");
    }
}

/// A shard and how the file spells it.
struct WrittenShard {
    text: String,
    config: ShardConfig,
}

/// All shards of the file; no two may be the same.
struct Shards<'a> {
    replica_sets: &'a [&'a str],
    /// `replica_set/database` to the schema that has it.
    owners: HashMap<String, String>,
}

impl Shards<'_> {
    fn written(
        &mut self,
        schema: &Spanned<String>,
        file: &SchemaFile,
        problems: &mut Problems,
    ) -> Vec<WrittenShard> {
        let name = schema.get_ref();
        let Some(list) = &file.shards else {
            let help = "add shards = [\"replica_set/database\", …]";
            problems.add(
                schema.span(),
                format!("schema '{name}' has no shards"),
                help,
            );
            return Vec::new();
        };
        if list.get_ref().is_empty() {
            problems.add(
                list.span(),
                format!("schema '{name}' has no shards"),
                SHARD_FORM,
            );
        }
        let mut shards = Vec::new();
        for entry in list.get_ref() {
            shards.push(WrittenShard {
                text: entry.get_ref().clone(),
                config: self.shard(name, entry, problems),
            });
        }
        shards
    }

    fn shard(
        &mut self,
        schema: &str,
        entry: &Spanned<String>,
        problems: &mut Problems,
    ) -> ShardConfig {
        let text = entry.get_ref();
        let Some((set, database)) = text.split_once('/') else {
            problems.add(entry.span(), format!("not a shard: \"{text}\""), SHARD_FORM);
            return ShardConfig {
                replica_set: 0,
                database: String::new(),
            };
        };
        check_database(entry.span(), "database name", database, problems);
        let replica_set = replica_set((set, database), entry, self.replica_sets, problems);
        if let Some(owner) = self.owners.insert(text.clone(), schema.to_owned()) {
            let message = format!("the shard \"{text}\" is already in schema '{owner}'");
            problems.add(entry.span(), message, "a shard belongs to one schema, once");
        }
        ShardConfig {
            replica_set: replica_set.unwrap_or(0),
            database: database.to_owned(),
        }
    }
}

/// The position of a replica set that stands in front of a database.
pub(super) fn replica_set(
    (set, database): (&str, &str),
    entry: &Spanned<String>,
    known: &[&str],
    problems: &mut Problems,
) -> Option<usize> {
    let found = known.iter().position(|known| *known == set);
    if found.is_none() {
        let near = suggest::closest(set, known.iter().copied());
        let help = match near {
            Some(near) => format!("did you mean \"{near}/{database}\"?"),
            None => format!("add [replica_sets.{set}]"),
        };
        let message = format!("there is no replica set '{set}'");
        problems.add(entry.span(), message, help);
    }
    found
}

/// The shards of one schema, to find positions in.
pub(super) struct Positions<'a> {
    pub(super) schema: &'a str,
    written: &'a [WrittenShard],
}

impl Positions<'_> {
    pub(super) fn len(&self) -> usize {
        self.written.len()
    }

    pub(super) fn find(&self, shard: &Spanned<String>, problems: &mut Problems) -> Option<usize> {
        let text = shard.get_ref();
        let found = self
            .written
            .iter()
            .position(|written| written.text == *text);
        if found.is_none() {
            let message = format!("schema '{}' has no shard \"{text}\"", self.schema);
            let known = self.written.iter().map(|written| written.text.as_str());
            problems.add(shard.span(), message, suggest::instead(text, known));
        }
        found
    }
}
