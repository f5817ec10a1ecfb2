//! Packets in, packets out, with no buffer held while nothing happens.

use std::future::poll_fn;
use std::mem::MaybeUninit;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::{Buf, BytesMut};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, ReadBuf};

use super::{NetError, Stream};
use crate::wire::{FrameHeader, HEADER_LEN, MAX_FRAME, put_packet, put_packet_with};

/// What one read takes from a socket that has little to say. It lies on the stack while the
/// socket is polled, so that an idle connection owns no buffer.
const SMALL_READ: usize = 8 * 1024;

/// What one read takes in the middle of a large packet or result, in bytes.
pub const STREAM_CHUNK: usize = 128 * 1024;

/// How much of a packet is read at first where not one byte more may be read.
const EXACT_READ: usize = 1024;

/// The largest empty buffer that an idle connection keeps.
const KEPT_BUFFER: usize = 1024;

/// How much a pipelining client may send ahead while its statement runs.
const READ_AHEAD: usize = 64 * 1024;

/// A connection that speaks packets.
#[derive(Debug)]
pub struct PacketStream {
    stream: Stream,
    input: BytesMut,
    output: BytesMut,
    sequence: u8,
    any_sequence: bool,
    max_packet: usize,
}

impl PacketStream {
    /// Packets over `stream`; a payload larger than `max_packet` bytes is refused.
    pub fn new(stream: Stream, max_packet: usize) -> Self {
        Self {
            stream,
            input: BytesMut::new(),
            output: BytesMut::new(),
            sequence: 0,
            any_sequence: false,
            max_packet,
        }
    }

    /// The socket, for its addresses and to be wrapped in TLS.
    pub fn stream(&self) -> &Stream {
        &self.stream
    }

    /// Wraps the socket (in TLS), when nothing is queued and nothing was read ahead. After a
    /// failure there is no socket any more.
    ///
    /// # Errors
    /// What `wrap` says.
    pub async fn upgrade<F>(&mut self, wrap: impl FnOnce(Stream) -> F) -> Result<(), NetError>
    where
        F: Future<Output = Result<Stream, NetError>>,
    {
        let plain = std::mem::replace(&mut self.stream, Stream::Closed);
        self.stream = wrap(plain).await?;
        Ok(())
    }

    /// Gives buffers back that a large packet or result has left.
    pub fn trim(&mut self) {
        for buffer in [&mut self.input, &mut self.output] {
            // Reclaimed first: a buffer that was consumed to its end looks small.
            if buffer.is_empty() && buffer.try_reclaim(KEPT_BUFFER + 1) {
                *buffer = BytesMut::new();
            }
        }
    }

    /// Changes the limit of a payload, in bytes.
    pub fn set_max_packet(&mut self, bytes: usize) {
        self.max_packet = bytes;
    }

    /// The sequence id that the next packet in either direction carries.
    pub fn sequence(&self) -> u8 {
        self.sequence
    }

    /// Starts a new exchange: a command has sequence id 0.
    pub fn reset_sequence(&mut self) {
        self.sequence = 0;
    }

    /// Sets the sequence id of the next packet.
    pub fn set_sequence(&mut self, sequence: u8) {
        self.sequence = sequence;
    }

    /// Takes the next packet's sequence id as it comes.
    pub fn accept_any_sequence(&mut self) {
        self.any_sequence = true;
    }

    /// Whether nothing has arrived that nobody asked for, nor the end of the stream. Costs no
    /// syscall while the socket has not become readable.
    pub fn is_quiet(&self) -> bool {
        self.input.is_empty() && self.stream.is_quiet()
    }

    /// What was received and not yet consumed.
    pub fn input(&mut self) -> &mut BytesMut {
        &mut self.input
    }

    /// What is queued and not yet sent.
    pub fn output(&mut self) -> &mut BytesMut {
        &mut self.output
    }

    /// Queues one packet.
    pub fn queue(&mut self, payload: &[u8]) {
        put_packet(&mut self.output, &mut self.sequence, payload);
    }

    /// Queues one packet that `write` appends in place.
    pub fn queue_with(&mut self, write: impl FnOnce(&mut BytesMut)) {
        put_packet_with(&mut self.output, &mut self.sequence, write);
    }

    /// Reads one packet, joined where it spans several frames.
    ///
    /// # Errors
    /// [`NetError::Closed`] at the end of the stream between packets; [`NetError::TooLarge`],
    /// [`NetError::OutOfOrder`] and what the socket says.
    pub async fn read_packet(&mut self) -> Result<BytesMut, NetError> {
        let first = self.read_frame_header(0).await?;
        if first.len < MAX_FRAME {
            return self.read_body(first.len).await;
        }
        let mut payload = self.read_body(first.len).await?;
        loop {
            let next = self.read_frame_header(payload.len()).await?;
            let body = self.read_body(next.len).await?;
            payload.extend_from_slice(&body);
            if next.len < MAX_FRAME {
                return Ok(payload);
            }
        }
    }

    /// Reads one packet of a single frame and not one byte more, so that the socket can be given
    /// to TLS behind it.
    ///
    /// # Errors
    /// As [`PacketStream::read_packet`].
    pub async fn read_packet_exact(&mut self) -> Result<BytesMut, NetError> {
        if !self.input.is_empty() {
            // What was read ahead comes first.
            return self.read_packet().await;
        }
        let mut header = [0u8; HEADER_LEN];
        self.read_exact(&mut header).await?;
        let header = FrameHeader::decode(header);
        if header.sequence != self.sequence {
            return Err(NetError::OutOfOrder);
        }
        if header.len > self.max_packet.min(MAX_FRAME - 1) {
            return Err(NetError::TooLarge);
        }
        self.sequence = self.sequence.wrapping_add(1);
        let mut payload = BytesMut::new();
        while payload.len() < header.len {
            // Grows with what has arrived, never by what the header announces.
            let begun = payload.len();
            let end = header.len.min(begun + begun.max(EXACT_READ));
            payload.resize(end, 0);
            let rest = payload.get_mut(begun..).unwrap_or_default();
            self.read_exact(rest).await?;
        }
        Ok(payload)
    }

    async fn read_exact(&mut self, into: &mut [u8]) -> Result<(), NetError> {
        match self.stream.read_exact(into).await {
            Ok(_) => Ok(()),
            Err(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => {
                Err(NetError::Closed)
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Reads and consumes a frame's header, checking order and the limit on the whole payload.
    async fn read_frame_header(&mut self, already: usize) -> Result<FrameHeader, NetError> {
        let header = loop {
            if let Some(header) = FrameHeader::peek(&self.input) {
                break header;
            }
            self.fill(HEADER_LEN).await?;
        };
        if header.sequence != self.sequence && !std::mem::take(&mut self.any_sequence) {
            return Err(NetError::OutOfOrder);
        }
        if already.saturating_add(header.len) > self.max_packet {
            return Err(NetError::TooLarge);
        }
        self.sequence = header.sequence.wrapping_add(1);
        self.input.advance(HEADER_LEN);
        Ok(header)
    }

    async fn read_body(&mut self, len: usize) -> Result<BytesMut, NetError> {
        while self.input.len() < len {
            self.fill(len - self.input.len())
                .await
                .map_err(|error| match error {
                    NetError::Closed => NetError::Truncated,
                    other => other,
                })?;
        }
        if self.input.len() == len {
            return Ok(std::mem::take(&mut self.input));
        }
        Ok(self.input.split_to(len))
    }

    /// Reads whatever is there, at least one byte; `wanted` says how much more the caller needs.
    ///
    /// # Errors
    /// [`NetError::Closed`] at the end of the stream (`Truncated` with a packet begun).
    pub async fn fill(&mut self, wanted: usize) -> Result<usize, NetError> {
        let read = poll_fn(|cx| self.poll_fill(cx, wanted)).await?;
        match read {
            0 if self.input.is_empty() => Err(NetError::Closed),
            0 => Err(NetError::Truncated),
            read => Ok(read),
        }
    }

    /// Waits until the peer has closed its side. Reads ahead, within a bound, what a pipelining
    /// peer sends meanwhile.
    ///
    /// # Errors
    /// Never returns otherwise.
    pub fn poll_closed(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        while self.input.len() < READ_AHEAD {
            match self.poll_fill(cx, 1) {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(Ok(0) | Err(_)) => return Poll::Ready(()),
                Poll::Ready(Ok(_)) => {}
            }
        }
        Poll::Pending
    }

    /// One read from the socket into the input buffer; 0 at the end of the stream.
    ///
    /// # Errors
    /// What the socket says.
    pub fn poll_fill(
        &mut self,
        cx: &mut Context<'_>,
        wanted: usize,
    ) -> Poll<Result<usize, NetError>> {
        let spare = self.input.capacity() - self.input.len();
        if wanted <= SMALL_READ && spare < SMALL_READ {
            return self.poll_fill_small(cx);
        }
        if spare < wanted.min(STREAM_CHUNK) {
            // Grows with what has arrived, never by what a header announces.
            self.input
                .reserve(wanted.min(STREAM_CHUNK.max(self.input.len())));
        }
        let read = ready!(tokio_util::io::poll_read_buf(
            Pin::new(&mut self.stream),
            cx,
            &mut self.input
        ))?;
        Poll::Ready(Ok(read))
    }

    fn poll_fill_small(&mut self, cx: &mut Context<'_>) -> Poll<Result<usize, NetError>> {
        let mut array = [const { MaybeUninit::<u8>::uninit() }; SMALL_READ];
        let mut buffer = ReadBuf::uninit(&mut array);
        ready!(Pin::new(&mut self.stream).poll_read(cx, &mut buffer))?;
        let filled = buffer.filled();
        if self.input.is_empty() {
            self.input = BytesMut::from(filled);
        } else {
            self.input.extend_from_slice(filled);
        }
        Poll::Ready(Ok(filled.len()))
    }

    /// Sends everything queued.
    ///
    /// # Errors
    /// What the socket says.
    pub async fn flush(&mut self) -> Result<(), NetError> {
        poll_fn(|cx| self.poll_flush(cx)).await
    }

    /// See [`PacketStream::flush`].
    ///
    /// # Errors
    /// What the socket says.
    pub fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), NetError>> {
        while !self.output.is_empty() {
            let written = ready!(Pin::new(&mut self.stream).poll_write(cx, &self.output))?;
            if written == 0 {
                return Poll::Ready(Err(
                    std::io::Error::from(std::io::ErrorKind::WriteZero).into()
                ));
            }
            self.output.advance(written);
        }
        ready!(Pin::new(&mut self.stream).poll_flush(cx))?;
        Poll::Ready(Ok(()))
    }

    /// Says goodbye at the transport (TLS close_notify, FIN); errors do not matter any more.
    pub async fn shutdown(&mut self) {
        let _ = poll_fn(|cx| Pin::new(&mut self.stream).poll_shutdown(cx)).await;
    }
}
