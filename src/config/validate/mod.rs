//! [`File`] → [`Config`]: every value becomes a type that cannot be wrong.
//!
//! A value that is wrong is noted in [`Problems`] and something harmless takes its place, so that
//! one reading finds all mistakes; a [`Config`] comes out only if there was none.

mod admin;
mod algorithms;
mod backend;
mod balance;
mod bindings;
mod failover;
mod generate;
mod limits;
mod log;
mod others;
mod period_split;
mod problems;
mod read;
mod rule_hints;
mod rules;
mod scalar;
mod schemas;
mod server;
mod split;
mod tables;
mod traces;
mod transactions;
mod users;

use std::path::Path;

use super::diagnostic::Problem;
use super::environment::Environment;
use super::file::File;
use super::types::{AlgorithmSpec, Config};

use problems::Problems;
use rule_hints::Places;

/// What knows the sharding algorithms; configuration only knows their shape.
pub trait AlgorithmCheck {
    /// The registered names, for suggestions; empty: any name is taken.
    fn names(&self) -> &[&'static str];

    /// Whether the algorithm can be made with these parameters for that many places (shards, or
    /// tables of a split) and a key of that many columns.
    ///
    /// # Errors
    /// Why not, in words for the author of the file.
    fn check(&self, algorithm: &AlgorithmSpec, places: usize, columns: usize)
    -> Result<(), String>;
}

/// Takes every algorithm as it is: for callers that need the file's shape and no routing.
#[derive(Clone, Copy, Debug)]
pub struct AnyAlgorithm;

impl AlgorithmCheck for AnyAlgorithm {
    fn names(&self) -> &[&'static str] {
        &[]
    }

    fn check(&self, _: &AlgorithmSpec, _: usize, _: usize) -> Result<(), String> {
        Ok(())
    }
}

/// What validation asks about things outside the file.
#[derive(Clone, Copy)]
pub struct Context<'a> {
    /// Variables, secret files, certificates.
    pub environment: &'a dyn Environment,
    /// The sharding algorithms.
    pub algorithms: &'a dyn AlgorithmCheck,
}

/// Validates a file; relative paths in it start at `folder`.
pub(super) fn validate(
    file: &File,
    folder: &Path,
    context: &Context<'_>,
) -> Result<Config, Vec<Problem>> {
    let mut problems = Problems::default();
    let outside = scalar::Outside {
        folder,
        environment: context.environment,
    };
    let server = server::server(&file.server, &outside, &mut problems);
    let replica_sets = backend::replica_sets(
        file.backend.as_ref(),
        &file.replica_sets,
        &outside,
        &mut problems,
    );
    let names: Vec<&str> = replica_sets.iter().map(|set| set.name.as_str()).collect();
    let intervals = replica_sets.iter().map(|set| set.backend.health_interval);
    let interval = intervals.max().unwrap_or_default();
    let asked = (context.algorithms, interval);
    let schemas = schemas::schemas(&file.schemas, &names, asked, &mut problems);
    let others = others::others(&file.schemas, &names, interval, &mut problems);
    let transactions = transactions::transactions(&file.transactions, &schemas, &mut problems);
    let users = users::users(file, interval, &outside, &mut problems);
    let places = Places {
        replica_sets: &names,
        schemas: &schemas,
    };
    let rules = rules::rules(file, &places, &mut problems);
    let log = log::log(&file.log, &mut problems);
    let traces = traces::traces(&file.traces, &outside, &mut problems);
    problems.or(Config {
        server,
        users,
        replica_sets,
        schemas,
        others,
        transactions,
        rules,
        log,
        traces,
    })
}
