//! Where sockets are watched, and where timers run.
//!
//! A runtime that has timers reads the clock and looks at them each time it waits for its sockets:
//! under load with nearly every statement, for the few timers of what seldom happens. The threads
//! that serve clients have none; what needs one there borrows it from another runtime.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::time::{Instant, Sleep, Timeout};

/// The runtimes of a proxy.
#[derive(Clone, Debug)]
pub struct Reactor {
    sockets: Handle,
    timers: Handle,
}

impl Reactor {
    /// `sockets` serves clients, `timers` all the rest.
    pub const fn new(sockets: Handle, timers: Handle) -> Self {
        Self { sockets, timers }
    }

    /// One runtime for both, the one that runs the caller.
    ///
    /// # Panics
    /// Outside of a runtime.
    pub fn here() -> Self {
        Self::new(Handle::current(), Handle::current())
    }

    /// The runtime that serves clients.
    pub const fn sockets(&self) -> &Handle {
        &self.sockets
    }

    /// Runs `future`; the sockets that it opens are watched by the threads that serve clients,
    /// whoever runs it.
    pub async fn watching<F: Future>(&self, future: F) -> F::Output {
        let mut future = pin!(future);
        poll_fn(|cx| {
            let _inside = self.sockets.enter();
            future.as_mut().poll(cx)
        })
        .await
    }

    /// As [`tokio::time::sleep`], on any runtime.
    pub fn sleep(&self, duration: Duration) -> Sleep {
        let _inside = self.timers.enter();
        tokio::time::sleep(duration)
    }

    /// As [`tokio::time::timeout`], on any runtime.
    pub fn timeout<F: Future>(&self, duration: Duration, future: F) -> Timeout<F> {
        let _inside = self.timers.enter();
        tokio::time::timeout(duration, future)
    }

    /// As [`tokio::time::timeout_at`], on any runtime.
    pub fn timeout_at<F: Future>(&self, end: Instant, future: F) -> Timeout<F> {
        let _inside = self.timers.enter();
        tokio::time::timeout_at(end, future)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::{TcpListener, TcpStream};
    use tokio::runtime::Builder;

    use super::*;

    #[test]
    fn threads_without_timers_borrow_them() {
        let sockets = Builder::new_current_thread().enable_io().build().unwrap();
        let timers = Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        let reactor = Reactor::new(sockets.handle().clone(), timers.handle().clone());
        sockets.block_on(async {
            let short = Duration::from_millis(20);
            let began = Instant::now();
            reactor.sleep(short).await;
            assert!(began.elapsed() >= short);
            let never = std::future::pending::<()>();
            assert!(reactor.timeout(short, never).await.is_err());
            let end = Instant::now() + Duration::from_secs(60);
            assert_eq!(reactor.timeout_at(end, async { 5 }).await.ok(), Some(5));
        });
    }

    #[test]
    fn a_socket_that_is_opened_elsewhere_is_watched_where_clients_are_served() {
        let workers = Builder::new_current_thread().enable_io().build().unwrap();
        // It cannot watch any socket itself.
        let elsewhere = Builder::new_current_thread().build().unwrap();
        let reactor = Reactor::new(workers.handle().clone(), elsewhere.handle().clone());
        let connecting = async {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let address = listener.local_addr().unwrap();
            (TcpStream::connect(address).await.unwrap(), listener)
        };
        let opening = std::thread::spawn(move || elsewhere.block_on(reactor.watching(connecting)));
        workers.block_on(async {
            while !opening.is_finished() {
                tokio::task::yield_now().await;
            }
            let (mut near, listener) = opening.join().unwrap();
            let (mut far, _) = listener.accept().await.unwrap();
            far.write_all(b"x").await.unwrap();
            assert_eq!(near.read_u8().await.unwrap(), b'x');
        });
    }
}
