//! `shardwell serve`: the proxy, until it is told to stop.

use std::io;

use tokio::runtime::{Builder, Runtime};
use tokio::signal::unix::{SignalKind, signal};

use super::{CliError, ConfigArgs};
use crate::config::{self, AlgorithmCheck, Config, Context, ProcessEnvironment};
use crate::server;

/// Runs the proxy until SIGINT or SIGTERM, then lets it end in order.
pub(super) fn run(args: &ConfigArgs, algorithms: &dyn AlgorithmCheck) -> Result<(), CliError> {
    let context = Context {
        environment: &ProcessEnvironment,
        algorithms,
    };
    let config = config::load(&args.config, &context)?;
    raise_file_limit();
    runtime(config.server.worker_threads)?.block_on(serve(config))
}

async fn serve(config: Config) -> Result<(), CliError> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    let proxy = server::start(config).await?;
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
    tracing::info!(clients = proxy.clients(), "shutting down");
    tokio::select! {
        () = proxy.shutdown() => {}
        _ = interrupt.recv() => tracing::warn!("leaving at once"),
    }
    Ok(())
}

/// The threads that serve clients: as many as configured, else one per core.
///
/// # Errors
/// The operating system gives no threads.
pub(super) fn runtime(worker_threads: Option<u32>) -> io::Result<Runtime> {
    let cores = || std::thread::available_parallelism().map_or(1, usize::from);
    let threads = worker_threads.map_or_else(cores, |threads| threads as usize);
    // One thread needs no queue that others could steal from.
    let mut builder = match threads {
        1 => Builder::new_current_thread(),
        _ => Builder::new_multi_thread(),
    };
    if threads > 1 {
        builder.worker_threads(threads);
    }
    builder.enable_all().thread_name("shardwell").build()
}

/// A client and its server are two file descriptors: the usual limit of 1024 is soon too low.
fn raise_file_limit() {
    match rlimit::increase_nofile_limit(u64::MAX) {
        Ok(limit) => tracing::debug!(limit, "file descriptors"),
        Err(error) => tracing::warn!(%error, "cannot raise the limit of file descriptors"),
    }
}
