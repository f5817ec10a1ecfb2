//! The `shardwell` binary: see `shardwell --help`.
//!
//! Exit codes: 0 done, 1 the command failed, 2 the arguments are wrong.

use std::io::{self, IsTerminal};
use std::process::ExitCode;

use clap::Parser;
use shardwell::cli::{self, Cli, RegisteredAlgorithms};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::LevelFilter;

/// Many threads allocate and free short-lived buffers; the system's allocator serialises them.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Chooses what is logged, in the syntax of `RUST_LOG`.
const LOG_VARIABLE: &str = "SHARDWELL_LOG";

fn main() -> ExitCode {
    let cli = Cli::parse();
    log_to_stderr();
    match run(&cli) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(cli: &Cli) -> anyhow::Result<ExitCode> {
    Ok(cli::run(
        cli,
        &RegisteredAlgorithms::default(),
        &mut io::stdout().lock(),
    )?)
}

/// Standard output belongs to the commands.
fn log_to_stderr() {
    let filter = EnvFilter::builder()
        .with_default_directive(LevelFilter::INFO.into())
        .with_env_var(LOG_VARIABLE)
        .from_env_lossy();
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(io::stderr)
        .with_ansi(io::stderr().is_terminal())
        .init();
}
