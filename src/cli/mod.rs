//! The command line: arguments → one of the commands below, and a text for people.
//!
//! In: what the shell passed. Out: `Ok`, or a [`CliError`] that says all that is wrong;
//! `main` turns it into an exit code.

mod algorithms;
mod check;
pub mod demo;
mod explain;
mod inspect;
mod log;
mod serve;
mod workers;

#[cfg(test)]
mod tests;

use std::io;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};

use crate::backend::BackendError;
use crate::config::{AlgorithmCheck, ConfigError, LogFormat};
use crate::server::StartError;
use crate::topology::TopologyError;

pub use algorithms::RegisteredAlgorithms;
pub use check::CheckArgs;
pub use explain::ExplainArgs;

/// Many MySQL servers that behave as one.
#[derive(Debug, Parser)]
#[command(name = "shardwell", version, about, arg_required_else_help = true)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Check a configuration file and show what it means.
    Check(CheckArgs),
    /// Show where statements would go, and why, without running them.
    Explain(explain::ExplainArgs),
    /// Run the proxy.
    Serve(ConfigArgs),
    /// Start a sharded sample shop on real servers and the proxy in front of it.
    Demo(demo::DemoArgs),
}

/// Which configuration file to use.
#[derive(Clone, Debug, Args)]
pub struct ConfigArgs {
    /// The configuration file.
    #[arg(short, long, value_name = "FILE", default_value = "shardwell.toml")]
    pub config: PathBuf,
}

/// Why a command failed.
#[derive(Debug, thiserror::Error)]
pub enum CliError {
    /// The configuration was refused.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The configuration contradicts itself or the servers.
    #[error("{}", lines(.0))]
    Topology(Vec<TopologyError>),
    /// A server could not be asked.
    #[error(transparent)]
    Backend(#[from] BackendError),
    /// Tables cannot be used as they are on the servers.
    #[error("{}", lines(.0))]
    Refused(Vec<String>),
    /// Sharding rules do not fit their tables.
    #[error("{}", .0.join("\n"))]
    Rules(Vec<String>),
    /// The proxy could not be started.
    #[error(transparent)]
    Start(#[from] StartError),
    /// The demo failed.
    #[error("{0:#}")]
    Demo(#[from] anyhow::Error),
    /// The operating system refused something.
    #[error("{0}")]
    System(#[from] io::Error),
}

fn lines<E: std::fmt::Display>(errors: &[E]) -> String {
    let lines: Vec<String> = errors
        .iter()
        .map(|error| format!("error: {error}"))
        .collect();
    lines.join("\n")
}

/// Carries a command out; what it has to say goes to `out`.
///
/// # Errors
/// The command failed; the error and its sources say why.
pub fn run(
    cli: &Cli,
    algorithms: &dyn AlgorithmCheck,
    out: &mut dyn io::Write,
) -> Result<ExitCode, CliError> {
    if !matches!(cli.command, Command::Serve(_)) {
        log::begin(LogFormat::Text);
    }
    match &cli.command {
        Command::Check(args) => check::run(args, algorithms, out)?,
        Command::Explain(args) => explain::run(args, algorithms, out)?,
        Command::Serve(args) => serve::run(args)?,
        Command::Demo(args) => return Ok(serve::runtime()?.block_on(demo::run(args.clone()))?),
    }
    Ok(ExitCode::SUCCESS)
}
