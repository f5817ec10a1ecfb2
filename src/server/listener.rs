//! Accepting clients.

use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use tokio::net::{TcpListener, UnixListener};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::StartError;
use crate::config::Address;
use crate::error::{ErrorKind, MysqlError};
use crate::net::{Reactor, Stream};
use crate::session::{self, Live};

/// How long to wait after an accept that failed for want of something (file descriptors).
pub(super) const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// How long a listener that is to close waits for one more client.
const LAST_CALL: Duration = Duration::from_millis(20);

/// How long it does so at most.
const LAST_CALLS: Duration = Duration::from_millis(200);

/// Connections that the kernel holds for us.
const BACKLOG: u32 = 4096;

/// A socket that clients connect to.
#[derive(Debug)]
pub(super) enum Listener {
    /// TCP
    Tcp(TcpListener),
    /// A Unix socket.
    Unix {
        /// The socket.
        listener: UnixListener,
        /// Goes with it.
        _file: SocketFile,
    },
}

/// Removes a socket's file.
#[derive(Debug)]
pub(super) struct SocketFile(PathBuf);

impl Drop for SocketFile {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

impl Listener {
    /// Opens it. `reuse_port`: another process may have it open too, and clients come to either.
    pub async fn bind(address: &Address, reuse_port: bool) -> Result<Self, StartError> {
        let failed = |source| StartError::Listen {
            address: address.to_string(),
            source,
        };
        match address {
            Address::Tcp { host, port } => bind_tcp(host, *port, reuse_port)
                .await
                .map(Self::Tcp)
                .map_err(failed),
            Address::Unix(path) => bind_unix(path).map_err(failed),
        }
    }

    /// Where it listens, for TCP.
    pub fn local_addr(&self) -> Option<SocketAddr> {
        match self {
            Self::Tcp(listener) => listener.local_addr().ok(),
            Self::Unix { .. } => None,
        }
    }

    /// Serves clients until it is told to stop; who is waiting to be accepted by then still is.
    pub async fn accept(self, live: Arc<Live>, stop: CancellationToken, reactor: Reactor) {
        loop {
            let next = tokio::select! {
                biased;
                next = self.next() => next,
                () = stop.cancelled() => break,
            };
            match next {
                Ok(stream) => admit(&live, stream, &reactor),
                Err(error) => {
                    tracing::warn!(%error, "cannot accept a client");
                    reactor.sleep(ACCEPT_PAUSE).await;
                }
            }
        }
        // What the kernel has taken in our name would be cut off as the socket is closed.
        let end = Instant::now() + LAST_CALLS;
        while Instant::now() < end
            && let Ok(Ok(stream)) = reactor.timeout(LAST_CALL, self.next()).await
        {
            admit(&live, stream, &reactor);
        }
    }

    /// The next connection.
    pub async fn next(&self) -> io::Result<Stream> {
        match self {
            Self::Tcp(listener) => {
                let (stream, _) = listener.accept().await?;
                stream.set_nodelay(true)?;
                Ok(Stream::Tcp(stream))
            }
            Self::Unix { listener, .. } => Ok(Stream::Unix(listener.accept().await?.0)),
        }
    }
}

fn admit(live: &Live, stream: Stream, reactor: &Reactor) {
    let shared = live.load();
    if shared.registry.len() >= shared.limits.clients {
        shared.metrics.refused.count();
        let reactor = reactor.clone();
        tokio::spawn(async move {
            let error = MysqlError::new(ErrorKind::TooManyConnections, "Too many connections");
            session::refuse(stream, &error, &reactor).await;
        });
        return;
    }
    let peer = session::peer_name(&stream);
    tokio::spawn(session::serve(shared, stream, peer));
}

async fn bind_tcp(host: &str, port: u16, reuse_port: bool) -> io::Result<TcpListener> {
    let mut last = io::Error::from(io::ErrorKind::AddrNotAvailable);
    for address in tokio::net::lookup_host((host, port)).await? {
        match listen(address, reuse_port) {
            Ok(listener) => return Ok(listener),
            Err(error) => last = error,
        }
    }
    Err(last)
}

fn listen(address: SocketAddr, reuse_port: bool) -> io::Result<TcpListener> {
    let socket = match address {
        SocketAddr::V4(_) => tokio::net::TcpSocket::new_v4()?,
        SocketAddr::V6(_) => tokio::net::TcpSocket::new_v6()?,
    };
    socket.set_reuseaddr(true)?;
    if reuse_port {
        socket.set_reuseport(true)?;
    }
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

/// A file that a dead process left is replaced; one that somebody answers on is not.
fn bind_unix(path: &Path) -> io::Result<Listener> {
    match UnixListener::bind(path) {
        Ok(listener) => Ok(unix(listener, path)),
        Err(error) if error.kind() == io::ErrorKind::AddrInUse => {
            if std::os::unix::net::UnixStream::connect(path).is_ok() {
                return Err(error);
            }
            std::fs::remove_file(path)?;
            let listener = UnixListener::bind(path)?;
            Ok(unix(listener, path))
        }
        Err(error) => Err(error),
    }
}

fn unix(listener: UnixListener, path: &Path) -> Listener {
    Listener::Unix {
        listener,
        _file: SocketFile(path.to_owned()),
    }
}
