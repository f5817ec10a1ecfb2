//! `[transactions]`: how transactions over several replica sets end.

use super::super::defaults;
use super::super::file::TransactionsFile;
use super::super::types::{CommitMode, SchemaConfig, TransactionConfig};
use super::problems::Problems;
use super::scalar;
use super::schemas::check_database;

const MODES: [(&str, CommitMode); 2] = [
    ("atomic", CommitMode::Atomic),
    ("best_effort", CommitMode::BestEffort),
];

pub(super) fn transactions(
    file: &TransactionsFile,
    schemas: &[SchemaConfig],
    problems: &mut Problems,
) -> TransactionConfig {
    let commit = file.commit.as_ref();
    let commit = commit.and_then(|commit| scalar::choice(commit, "commit", &MODES, problems));
    TransactionConfig {
        commit: commit.unwrap_or(CommitMode::Atomic),
        database: database(file, schemas, problems),
        recover_after: scalar::timeout(
            file.recover_after.as_ref(),
            "recover_after",
            defaults::RECOVER_AFTER,
            problems,
        ),
    }
}

/// Clients must not reach the decisions.
fn database(file: &TransactionsFile, schemas: &[SchemaConfig], problems: &mut Problems) -> String {
    let given = file.database.as_ref();
    let span = given.map_or(0..0, toml::Spanned::span);
    let name = given.map_or(defaults::OWN_DATABASE, |given| given.get_ref().as_str());
    if given.is_some() {
        check_database(span.clone(), "database", name, problems);
    }
    let mut shards = schemas.iter().flat_map(|schema| &schema.shards);
    if shards.any(|shard| shard.database.eq_ignore_ascii_case(name)) {
        let message = format!("the proxy's own database '{name}' is a shard too");
        let help = "write [transactions] database = \"…\" with a name that no shard has";
        problems.add(span, message, help);
    }
    name.to_owned()
}
