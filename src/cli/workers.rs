//! The threads of a proxy.

use std::io;
use std::thread::JoinHandle;
use std::time::Duration;

use tokio::runtime::{Builder, Handle};
use tokio::sync::oneshot;

use crate::net::Reactor;

/// What the threads are called.
const THREAD: &str = "shardwell";

/// What waits for the operating system, such as the look-up of a name, is left behind after so long.
const PATIENCE: Duration = Duration::from_secs(1);

/// The threads that serve clients. They have no timers of their own (see [`Reactor`]). Dropping it
/// ends what they do, and waits for it: the runtime with their timers must outlive them.
pub(super) struct Workers {
    handle: Handle,
    alive: Option<oneshot::Sender<()>>,
    driver: Option<JoinHandle<()>>,
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
        let drive = move || {
            let _ = runtime.block_on(ended);
            runtime.shutdown_timeout(PATIENCE);
        };
        let thread = std::thread::Builder::new().name(THREAD.to_owned());
        let driver = thread.spawn(drive)?;
        Ok(Self {
            handle,
            alive: Some(alive),
            driver: Some(driver),
        })
    }

    /// Clients on these threads; all the rest, and timers, on the runtime of the caller.
    pub fn reactor(&self) -> Reactor {
        Reactor::new(self.handle.clone(), Handle::current())
    }
}

impl Drop for Workers {
    fn drop(&mut self) {
        drop(self.alive.take());
        if self
            .driver
            .take()
            .is_some_and(|driver| driver.join().is_err())
        {
            tracing::error!("the threads that serve clients ended in a panic");
        }
    }
}
