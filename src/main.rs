//! The `shardwell` binary: see `shardwell --help`.
//!
//! Exit codes: 0 done, 1 the command failed, 2 the arguments are wrong.

use std::io;
use std::process::ExitCode;

use clap::Parser;
use shardwell::cli::{self, Cli, RegisteredAlgorithms};

/// Many threads allocate and free short-lived buffers; the system's allocator serialises them.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let cli = Cli::parse();
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
