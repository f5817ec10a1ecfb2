//! `shardwell serve`: the proxy, until it is told to stop.

use std::io;

use tokio::runtime::{Builder, Handle, Runtime};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::oneshot;

use super::{CliError, ConfigArgs, RegisteredAlgorithms, log};
use crate::config::{self, Config, Context, Environment, ProcessEnvironment};
use crate::net::Reactor;
use crate::server::{self, Source};

/// What the threads are called.
const THREAD: &str = "shardwell";

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
    let workers = Workers::start(config.server.worker_threads)?;
    let beside = Builder::new_current_thread().enable_all().build()?;
    let reactor = Reactor::new(workers.handle.clone(), beside.handle().clone());
    beside.block_on(serve(config, source, reactor))
}

async fn serve(config: Config, source: Source, reactor: Reactor) -> Result<(), CliError> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    let mut hangup = signal(SignalKind::hangup())?;
    let proxy = server::start(config, Some(source), reactor).await?;
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

/// The threads that serve clients. They have no timers of their own (see [`Reactor`]). Dropping it
/// ends what they do.
struct Workers {
    handle: Handle,
    _alive: oneshot::Sender<()>,
}

impl Workers {
    /// As many as configured, else one per core.
    ///
    /// # Errors
    /// The operating system gives no threads.
    fn start(worker_threads: Option<u32>) -> io::Result<Self> {
        let runtime = builder(worker_threads).enable_io().build()?;
        let handle = runtime.handle().clone();
        let (alive, ended) = oneshot::channel();
        let drive = move || drop(runtime.block_on(ended));
        std::thread::Builder::new()
            .name(THREAD.to_owned())
            .spawn(drive)?;
        Ok(Self {
            handle,
            _alive: alive,
        })
    }
}

/// Threads that serve clients and do all the rest: as many as configured, else one per core.
///
/// # Errors
/// The operating system gives no threads.
pub(super) fn runtime(worker_threads: Option<u32>) -> io::Result<Runtime> {
    builder(worker_threads).enable_all().build()
}

fn builder(worker_threads: Option<u32>) -> Builder {
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
    builder.thread_name(THREAD);
    builder
}

/// A client and its server are two file descriptors: the usual limit of 1024 is soon too low.
fn raise_file_limit() {
    match rlimit::increase_nofile_limit(u64::MAX) {
        Ok(limit) => tracing::debug!(limit, "file descriptors"),
        Err(error) => tracing::warn!(%error, "cannot raise the limit of file descriptors"),
    }
}
