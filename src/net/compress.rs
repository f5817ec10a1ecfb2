//! The compressed protocol: frames of zlib or zstd around the packets.
//!
//! Source: "Compression" in MySQL's protocol documentation
//! (<https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_basic_compression.html>).

use std::io::{self, Read, Write};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::{Buf, BufMut, BytesMut};
use flate2::Compression;
use flate2::read::ZlibDecoder;
use flate2::write::ZlibEncoder;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::Stream;

/// Length of the frame, its number, length of what is in it.
const HEADER: usize = 7;

/// Less than this is sent as it is, as MySQL does; in bytes.
const MIN_COMPRESSED: usize = 50;

/// What goes into one frame of ours, in bytes.
const CHUNK: usize = 1 << 20;

/// One read from the socket, in bytes.
const READ: usize = 16 * 1024;

/// What the two sides agreed on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Algorithm {
    /// CLIENT_COMPRESS
    Zlib,
    /// CLIENT_ZSTD_COMPRESSION_ALGORITHM, with the client's level (1 to 22).
    Zstd(u8),
}

/// A stream whose bytes travel compressed.
#[derive(Debug)]
pub struct Compressed {
    inner: Stream,
    algorithm: Algorithm,
    /// Frames as they came, not decoded yet.
    raw: BytesMut,
    /// Decoded and not read yet.
    plain: BytesMut,
    /// Encoded and not sent yet.
    out: BytesMut,
    /// The next frame's number: one more than the last in either direction.
    sequence: u8,
}

impl Compressed {
    /// Compression begins with the next byte in either direction.
    pub fn new(inner: Stream, algorithm: Algorithm) -> Self {
        Self {
            inner,
            algorithm,
            raw: BytesMut::new(),
            plain: BytesMut::new(),
            out: BytesMut::new(),
            sequence: 0,
        }
    }

    /// What is below.
    pub fn inner(&self) -> &Stream {
        &self.inner
    }

    /// Decodes one frame, if it is there in full.
    fn decode(&mut self) -> io::Result<bool> {
        let Some(&[a, b, c, sequence, d, e, f]) = self.raw.first_chunk::<HEADER>() else {
            return Ok(false);
        };
        let length = u32::from_le_bytes([a, b, c, 0]) as usize;
        let plain_length = u32::from_le_bytes([d, e, f, 0]) as usize;
        let Some(frame) = self.raw.get(HEADER..HEADER + length) else {
            return Ok(false);
        };
        match plain_length {
            0 => self.plain.extend_from_slice(frame),
            expected => {
                let decoded = self.algorithm.decompress(frame, expected)?;
                self.plain.extend_from_slice(&decoded);
            }
        }
        self.sequence = sequence.wrapping_add(1);
        self.raw.advance(HEADER + length);
        if self.raw.is_empty() {
            self.raw = BytesMut::new();
        }
        Ok(true)
    }

    /// Appends a frame with `chunk`.
    fn encode(&mut self, chunk: &[u8]) -> io::Result<()> {
        let compressed = match chunk.len() {
            ..MIN_COMPRESSED => None,
            // What does not get shorter goes as it is.
            length => Some(self.algorithm.compress(chunk)?).filter(|out| out.len() < length),
        };
        let (body, plain_length) = match &compressed {
            Some(body) => (body.as_slice(), chunk.len()),
            None => (chunk, 0),
        };
        self.out.reserve(HEADER + body.len());
        self.out.put_uint_le(body.len() as u64, 3);
        self.out.put_u8(self.sequence);
        self.out.put_uint_le(plain_length as u64, 3);
        self.out.put_slice(body);
        self.sequence = self.sequence.wrapping_add(1);
        Ok(())
    }

    fn poll_send(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        while !self.out.is_empty() {
            let written = ready!(Pin::new(&mut self.inner).poll_write(cx, &self.out))?;
            if written == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            self.out.advance(written);
        }
        self.out = BytesMut::new();
        Poll::Ready(Ok(()))
    }
}

impl Algorithm {
    fn compress(self, plain: &[u8]) -> io::Result<Vec<u8>> {
        match self {
            Self::Zlib => {
                let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
                encoder.write_all(plain)?;
                encoder.finish()
            }
            Self::Zstd(level) => zstd::bulk::compress(plain, i32::from(level)),
        }
    }

    /// Decodes to exactly `expected` bytes, which 24 bits can say: never more is allocated.
    fn decompress(self, body: &[u8], expected: usize) -> io::Result<Vec<u8>> {
        let plain = match self {
            Self::Zlib => {
                let mut plain = Vec::new();
                let limit = expected as u64 + 1;
                ZlibDecoder::new(body).take(limit).read_to_end(&mut plain)?;
                plain
            }
            Self::Zstd(_) => zstd::bulk::decompress(body, expected)?,
        };
        if plain.len() == expected {
            return Ok(plain);
        }
        Err(io::Error::new(
            io::ErrorKind::InvalidData,
            "a compressed packet has another length than it says",
        ))
    }
}

impl AsyncRead for Compressed {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        while this.plain.is_empty() {
            if this.decode()? {
                continue;
            }
            this.raw.reserve(READ);
            let stream = Pin::new(&mut this.inner);
            let polled = tokio_util::io::poll_read_buf(stream, cx, &mut this.raw);
            if polled.is_pending() && this.raw.is_empty() {
                // An idle connection owns no buffer.
                this.raw = BytesMut::new();
            }
            let read = ready!(polled)?;
            if read == 0 {
                let clean = this.raw.is_empty();
                return Poll::Ready(if clean {
                    Ok(())
                } else {
                    Err(io::ErrorKind::UnexpectedEof.into())
                });
            }
        }
        let take = this.plain.len().min(buf.remaining());
        buf.put_slice(&this.plain.split_to(take));
        if this.plain.is_empty() {
            this.plain = BytesMut::new();
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Compressed {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        ready!(this.poll_send(cx))?;
        let chunk = buf.get(..CHUNK).unwrap_or(buf);
        this.encode(chunk)?;
        Poll::Ready(Ok(chunk.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        ready!(this.poll_send(cx))?;
        Pin::new(&mut this.inner).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        ready!(this.poll_send(cx))?;
        Pin::new(&mut this.inner).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::UnixStream;

    use super::*;

    async fn travels(algorithm: Algorithm, sent: &[u8]) {
        let (one, other) = UnixStream::pair().expect("a pair of sockets");
        let mut writer = Compressed::new(Stream::Unix(one), algorithm);
        let mut reader = Compressed::new(Stream::Unix(other), algorithm);
        let write = async {
            writer.write_all(sent).await?;
            writer.flush().await?;
            writer.shutdown().await
        };
        let mut received = Vec::new();
        let (written, read) = tokio::join!(write, reader.read_to_end(&mut received));
        written.expect("written");
        read.expect("read");
        assert_eq!(received, sent);
    }

    #[tokio::test]
    async fn bytes_arrive_as_they_were_sent() {
        let large: Vec<u8> = (0..3_000_000u32).map(|n| (n % 251) as u8).collect();
        let noise: Vec<u8> = (0..100_000).map(|_| rand::random()).collect();
        for algorithm in [Algorithm::Zlib, Algorithm::Zstd(3)] {
            travels(algorithm, b"short").await;
            travels(algorithm, &large).await;
            travels(algorithm, &noise).await;
        }
    }

    #[test]
    fn a_lying_length_is_an_error() {
        for algorithm in [Algorithm::Zlib, Algorithm::Zstd(3)] {
            let body = algorithm.compress(&[7; 1000]).expect("compressed");
            assert!(algorithm.decompress(&body, 1000).is_ok());
            assert!(algorithm.decompress(&body, 999).is_err());
            assert!(algorithm.decompress(&body, 1001).is_err());
            assert!(algorithm.decompress(&body[..body.len() / 2], 1000).is_err());
        }
    }
}
