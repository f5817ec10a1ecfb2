//! One type for every kind of socket.

use std::io;
use std::mem::MaybeUninit;
use std::net::Shutdown;
use std::pin::Pin;
use std::task::{Context, Poll};

use socket2::{SockRef, Socket};
use tokio::io::{AsyncRead, AsyncWrite, Interest, ReadBuf};
use tokio::net::{TcpStream, UnixStream};
use tokio_rustls::TlsStream;

use super::compress::Compressed;
use super::tls::Encryption;
use crate::config::Address;

/// A connected socket.
#[derive(Debug)]
pub enum Stream {
    /// Plain TCP.
    Tcp(TcpStream),
    /// A Unix socket.
    Unix(UnixStream),
    /// TLS over TCP, in either role.
    Tls(Box<TlsStream<TcpStream>>),
    /// Any of these, with compressed frames on it.
    Compressed(Box<Compressed>),
    /// Given away, or lost in a failed TLS handshake.
    Closed,
}

/// Ends a connection from outside, whoever waits for it.
#[derive(Debug)]
pub struct Cord(Socket);

impl Cord {
    /// Ends it: both sides see the end of the stream.
    pub fn cut(&self) {
        // It may have ended by itself.
        let _ = self.0.shutdown(Shutdown::Both);
    }
}

fn closed() -> io::Error {
    io::Error::from(io::ErrorKind::NotConnected)
}

impl Stream {
    /// Connects, with TCP_NODELAY: a query is one small write that must not wait.
    ///
    /// # Errors
    /// What the operating system says.
    pub async fn connect(address: &Address) -> io::Result<Self> {
        match address {
            Address::Tcp { host, port } => {
                let stream = TcpStream::connect((host.as_str(), *port)).await?;
                stream.set_nodelay(true)?;
                Ok(Self::Tcp(stream))
            }
            Address::Unix(path) => Ok(Self::Unix(UnixStream::connect(path).await?)),
        }
    }

    /// A handle by which somebody else can end the connection.
    ///
    /// # Errors
    /// What the operating system says.
    pub fn cord(&self) -> io::Result<Cord> {
        let socket = match self {
            Self::Tcp(stream) => SockRef::from(stream).try_clone(),
            Self::Tls(stream) => SockRef::from(stream.get_ref().0).try_clone(),
            Self::Unix(stream) => SockRef::from(stream).try_clone(),
            Self::Compressed(stream) => return stream.inner().cord(),
            Self::Closed => return Err(closed()),
        };
        socket.map(Cord)
    }

    /// Whether what is sent stays secret from the network.
    pub fn is_secure(&self) -> bool {
        match self {
            Self::Tcp(_) | Self::Closed => false,
            Self::Unix(_) | Self::Tls(_) => true,
            Self::Compressed(stream) => stream.inner().is_secure(),
        }
    }

    /// How what is sent is encrypted; `None`: not at all.
    pub fn tls(&self) -> Option<Encryption> {
        match self {
            Self::Tls(stream) => Some(Encryption::of(stream.get_ref().1)),
            Self::Compressed(stream) => stream.inner().tls(),
            Self::Tcp(_) | Self::Unix(_) | Self::Closed => None,
        }
    }

    /// Whether the socket has nothing to read: neither data nor the end of the stream.
    pub fn is_quiet(&self) -> bool {
        match self {
            Self::Tcp(stream) => is_nothing(stream.try_io(Interest::READABLE, || peek(stream))),
            Self::Tls(stream) => {
                let stream = stream.get_ref().0;
                is_nothing(stream.try_io(Interest::READABLE, || peek(stream)))
            }
            Self::Unix(stream) => is_nothing(stream.try_io(Interest::READABLE, || peek(stream))),
            Self::Compressed(stream) => stream.inner().is_quiet(),
            Self::Closed => false,
        }
    }
}

/// Readiness alone may be stale; a peek, which happens only where the socket looks readable,
/// corrects it.
fn peek<'s, S>(socket: &'s S) -> io::Result<usize>
where
    SockRef<'s>: From<&'s S>,
{
    SockRef::from(socket).peek(&mut [MaybeUninit::<u8>::uninit()])
}

fn is_nothing(peeked: io::Result<usize>) -> bool {
    matches!(peeked, Err(error) if error.kind() == io::ErrorKind::WouldBlock)
}

impl AsyncRead for Stream {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Tcp(stream) => Pin::new(stream).poll_read(cx, buf),
            Self::Unix(stream) => Pin::new(stream).poll_read(cx, buf),
            Self::Tls(stream) => Pin::new(stream.as_mut()).poll_read(cx, buf),
            Self::Compressed(stream) => Pin::new(stream.as_mut()).poll_read(cx, buf),
            Self::Closed => Poll::Ready(Err(closed())),
        }
    }
}

impl AsyncWrite for Stream {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Tcp(stream) => Pin::new(stream).poll_write(cx, buf),
            Self::Unix(stream) => Pin::new(stream).poll_write(cx, buf),
            Self::Tls(stream) => Pin::new(stream.as_mut()).poll_write(cx, buf),
            Self::Compressed(stream) => Pin::new(stream.as_mut()).poll_write(cx, buf),
            Self::Closed => Poll::Ready(Err(closed())),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Tcp(stream) => Pin::new(stream).poll_flush(cx),
            Self::Unix(stream) => Pin::new(stream).poll_flush(cx),
            Self::Tls(stream) => Pin::new(stream.as_mut()).poll_flush(cx),
            Self::Compressed(stream) => Pin::new(stream.as_mut()).poll_flush(cx),
            Self::Closed => Poll::Ready(Err(closed())),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Tcp(stream) => Pin::new(stream).poll_shutdown(cx),
            Self::Unix(stream) => Pin::new(stream).poll_shutdown(cx),
            Self::Tls(stream) => Pin::new(stream.as_mut()).poll_shutdown(cx),
            Self::Compressed(stream) => Pin::new(stream.as_mut()).poll_shutdown(cx),
            Self::Closed => Poll::Ready(Err(closed())),
        }
    }
}
