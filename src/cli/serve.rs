//! `shardwell serve`: the proxy, until it is told to stop.

use std::io;

use tokio::runtime::{Builder, Runtime};
use tokio::signal::unix::{SignalKind, signal};

use super::workers::Workers;
use super::{CliError, ConfigArgs, RegisteredAlgorithms, log};
use crate::config::{self, Config, Context, Environment, ProcessEnvironment};
use crate::server::{self, Source};

/// Runs the proxy until SIGINT or SIGTERM, then lets it end in order. SIGHUP has the configuration
/// read again.
pub(super) fn run(args: &ConfigArgs) -> Result<(), CliError> {
    let (path, algorithms) = (args.config.clone(), RegisteredAlgorithms::default());
    let read = move |environment: &dyn Environment| {
        let context = Context {
            environment,
            algorithms: &algorithms,
        };
        config::load(&path, &context)
    };
    let config = read(&ProcessEnvironment)?;
    // What is wrong with the file is told to whoever started the process.
    log::begin(config.log.format);
    raise_file_limit();
    let source = Source::new(args.config.clone(), read);
    let timers = runtime()?;
    let workers = Workers::start(config.server.worker_threads)?;
    timers.block_on(serve(config, source, &workers))
}

async fn serve(config: Config, source: Source, workers: &Workers) -> Result<(), CliError> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    let mut hangup = signal(SignalKind::hangup())?;
    let proxy = server::start(config, Some(source), workers.reactor()).await?;
    loop {
        tokio::select! {
            _ = interrupt.recv() => break,
            _ = terminate.recv() => break,
            // What comes of it is in the log.
            _ = hangup.recv() => drop(proxy.reload().await),
        }
    }
    tracing::info!(clients = proxy.clients(), "shutting down");
    tokio::select! {
        () = proxy.shutdown() => {}
        _ = interrupt.recv() => tracing::warn!("leaving at once"),
    }
    Ok(())
}

/// A runtime for what serves no clients.
///
/// # Errors
/// The operating system gives none.
pub(super) fn runtime() -> io::Result<Runtime> {
    Builder::new_current_thread().enable_all().build()
}

/// A client and its server are two file descriptors: the usual limit of 1024 is soon too low.
fn raise_file_limit() {
    match rlimit::increase_nofile_limit(u64::MAX) {
        Ok(limit) => tracing::debug!(limit, "file descriptors"),
        Err(error) => tracing::warn!(%error, "cannot raise the limit of file descriptors"),
    }
}
