//! `[schemas."*"]`: the databases that are schemas without standing in the file.

use std::ops::Range;
use std::time::Duration;

use super::super::file::{Named, SchemaFile};
use super::super::limits::Limits;
use super::super::types::OtherSchemas;
use super::limits;
use super::problems::Problems;
use super::read::read;
use super::schemas::replica_set;

/// What stands for the name.
pub(super) const OTHERS: &str = "*";

const FORM: &str = "write shards = [\"replica_set/*\"]";

pub(super) fn others(
    files: &Named<SchemaFile>,
    replica_sets: &[&str],
    interval: Duration,
    problems: &mut Problems,
) -> Option<OtherSchemas> {
    let (name, file) = files.iter().find(|(name, _)| name.get_ref() == OTHERS)?;
    check_keys(file, name.span(), problems);
    let shards = file.shards.as_ref();
    let one = shards.and_then(|list| match list.get_ref().as_slice() {
        [entry] => entry.get_ref().strip_suffix("/*").map(|set| (entry, set)),
        _ => None,
    });
    let Some((entry, set)) = one else {
        let span = shards.map_or(name.span(), toml::Spanned::span);
        let message = "schemas of all other names are on one replica set, a database each";
        problems.add(span, message, FORM);
        return None;
    };
    Some(OtherSchemas {
        replica_set: replica_set((set, "*"), entry, replica_sets, problems).unwrap_or(0),
        read: read(&file.read, interval, problems).unwrap_or_default(),
    })
}

/// Rules are of tables that are known.
fn check_keys(file: &SchemaFile, span: Range<usize>, problems: &mut Problems) {
    let why = "on schemas of all other names: write [schemas.NAME] for one with rules or limits";
    problems.useless(file.default_shard.as_ref(), "default_shard", why);
    if let Some((table, _)) = file.tables.iter().next() {
        problems.useless(Some(table), "tables", why);
    }
    if limits::limits(&file.limits, problems) != Limits::default() {
        problems.add(
            span,
            format!("`limits` has no effect {why}"),
            "remove the key",
        );
    }
}
