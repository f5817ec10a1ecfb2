//! `shardwell explain`: where a statement would go, without running it.

use std::io;
use std::path::PathBuf;

use clap::Args;

use super::{CliError, ConfigArgs, inspect};
use crate::config::{self, AlgorithmCheck, Config, Context, FileAlone, ProcessEnvironment};
use crate::explain::{Question, planned};
use crate::parse::LexMode;
use crate::route::key::Charset;
use crate::route::{RouteError, Router, Variables};
use crate::topology::{Discovered, TableId, Topology, discovered_in_dump, read_dump};

/// The arguments of `shardwell explain`.
#[derive(Debug, Args)]
pub struct ExplainArgs {
    #[command(flatten)]
    config: ConfigArgs,
    /// A schema dump (mysqldump --no-data): the columns of the tables. May be given several times.
    #[arg(long, value_name = "FILE")]
    dump: Vec<PathBuf>,
    /// Ask the servers for the tables instead. Changes nothing.
    #[arg(long, conflicts_with = "dump")]
    connect: bool,
    /// The schema that a client would have selected; the first one of the file without it.
    #[arg(long, value_name = "NAME")]
    schema: Option<String>,
    /// The statements, each as one argument.
    #[arg(required = true, value_name = "SQL")]
    statements: Vec<String>,
}

/// Explains each statement.
pub(super) fn run(
    args: &ExplainArgs,
    algorithms: &dyn AlgorithmCheck,
    out: &mut dyn io::Write,
) -> Result<(), CliError> {
    let environment: &dyn config::Environment = if args.connect {
        &ProcessEnvironment
    } else {
        &FileAlone
    };
    let context = Context {
        environment,
        algorithms,
    };
    let config = config::load(&args.config.config, &context)?;
    let found = found(args, &config)?;
    let topology = Topology::build(&config, &found).map_err(CliError::Topology)?;
    let router = Router::new(&topology).map_err(|errors| CliError::Rules(texts(&errors)))?;
    let first = config.schemas.first().map(|schema| schema.name.as_str());
    let schema = args.schema.as_deref().or(first);
    if args.dump.is_empty() && !args.connect {
        let note = "note: the columns are known with --dump FILE or --connect only";
        writeln!(out, "{note}\n")?;
    }
    for statement in &args.statements {
        let question = Question {
            inside: false,
            read: None,
            sql: statement.as_bytes(),
            mode: LexMode::default(),
            charset: Charset::Utf8mb4,
            schema,
            topology: &topology,
            router: &router,
            gather: config.server.gather,
            hint: None,
            temporary: &[],
        };
        write(statement, &question, out)?;
    }
    Ok(())
}

fn found(args: &ExplainArgs, config: &Config) -> Result<Discovered, CliError> {
    if args.connect {
        return Ok(inspect::inspect(config)?.found);
    }
    let mut tables = Vec::new();
    for path in &args.dump {
        let dump = std::fs::read(path).map_err(|error| {
            let message = format!("{}: {error}", path.display());
            io::Error::new(error.kind(), message)
        })?;
        tables.extend(read_dump(&dump));
    }
    Ok(discovered_in_dump(config, &tables))
}

fn write(
    statement: &str,
    question: &Question<'_>,
    out: &mut dyn io::Write,
) -> Result<(), CliError> {
    writeln!(out, "{statement}")?;
    let lines = match planned(question) {
        Some(planned) => planned.explain(&Variables::default()),
        None => return Ok(writeln!(out, "  no statement that can be read\n")?),
    };
    let width = lines.iter().map(|line| line.what.chars().count()).max();
    let width = width.unwrap_or(0);
    for line in &lines {
        writeln!(out, "  {:width$}  {}", line.what, line.detail)?;
    }
    Ok(writeln!(out)?)
}

fn texts(errors: &[(TableId, RouteError)]) -> Vec<String> {
    errors.iter().map(|(_, error)| error.to_string()).collect()
}
