//! The threads of a proxy.

use std::io;

use tokio::runtime::{Builder, Handle};
use tokio::sync::oneshot;

use crate::net::Reactor;

/// What the threads are called.
const THREAD: &str = "shardwell";

/// The threads that serve clients. They have no timers of their own (see [`Reactor`]). Dropping it
/// ends what they do.
pub(super) struct Workers {
    handle: Handle,
    _alive: oneshot::Sender<()>,
}

impl Workers {
    /// As many as configured, else one per core.
    ///
    /// # Errors
    /// The operating system gives no threads.
    pub fn start(threads: Option<u32>) -> io::Result<Self> {
        let cores = || std::thread::available_parallelism().map_or(1, usize::from);
        let threads = threads.map_or_else(cores, |threads| threads as usize);
        // One thread needs no queue that others could steal from.
        let mut builder = match threads {
            1 => Builder::new_current_thread(),
            _ => Builder::new_multi_thread(),
        };
        if threads > 1 {
            builder.worker_threads(threads);
        }
        let runtime = builder.enable_io().thread_name(THREAD).build()?;
        let handle = runtime.handle().clone();
        let (alive, ended) = oneshot::channel();
        let drive = move || drop(runtime.block_on(ended));
        let thread = std::thread::Builder::new().name(THREAD.to_owned());
        thread.spawn(drive)?;
        Ok(Self {
            handle,
            _alive: alive,
        })
    }

    /// Clients on these threads; all the rest, and timers, on the runtime of the caller.
    pub fn reactor(&self) -> Reactor {
        Reactor::new(self.handle.clone(), Handle::current())
    }
}
