//! Packets in, packets out, with no buffer held while nothing happens.

use std::future::poll_fn;
use std::mem::MaybeUninit;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::{Buf, BytesMut};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, ReadBuf};

use super::{NetError, Stream};
use crate::telemetry::Traffic;
use crate::wire::{FrameHeader, HEADER_LEN, MAX_FRAME, put_packet, put_packet_with};

/// What one read takes from a socket that has little to say. It lies on the stack while the
/// socket is polled, so that an idle connection owns no buffer.
const SMALL_READ: usize = 8 * 1024;

/// What one read takes in the middle of a large packet or result, in bytes.
pub const STREAM_CHUNK: usize = 128 * 1024;

/// How much of a packet is read at first where not one byte more may be read.
const EXACT_READ: usize = 1024;

/// The size from which on an empty buffer is given back, in bytes.
const LARGE: usize = 1024;

/// The first buffer of a connection that has said something: small answers fit again and again.
const FIRST_BUFFER: usize = 512;

/// How much a pipelining client may send ahead while its statement runs.
const READ_AHEAD: usize = 64 * 1024;

/// A connection that speaks packets.
#[derive(Debug)]
pub struct PacketStream {
    stream: Stream,
    input: BytesMut,
    output: BytesMut,
    /// How much of the output has been written.
    written: usize,
    /// The frames so far of a packet that needs several.
    joined: BytesMut,
    sequence: u8,
    any_sequence: bool,
    /// The input buffer has been large; one that was consumed to its end looks small.
    large: bool,
    max_packet: usize,
    /// So many bytes of output wait, whatever is flushed.
    held_back: usize,
    traffic: Traffic,
}

impl PacketStream {
    /// Packets over `stream`; a payload larger than `max_packet` bytes is refused.
    pub fn new(stream: Stream, max_packet: usize) -> Self {
        Self {
            stream,
            input: BytesMut::new(),
            output: BytesMut::new(),
            written: 0,
            joined: BytesMut::new(),
            sequence: 0,
            any_sequence: false,
            large: false,
            max_packet,
            held_back: 0,
            traffic: Traffic::default(),
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
        if self.large && self.input.is_empty() {
            self.input = BytesMut::new();
            self.large = false;
        }
        if self.output.is_empty() && self.output.capacity() >= LARGE {
            self.output = BytesMut::new();
        }
    }

    /// Takes back the memory of a packet that was read, for the next one.
    pub fn recycle(&mut self, mut packet: BytesMut) {
        if self.input.capacity() == 0 && !self.large {
            packet.clear();
            self.input = packet;
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

    /// How much has been read and written since the beginning or the last [`PacketStream::take_traffic`],
    /// before compression and inside TLS.
    pub fn traffic(&self) -> Traffic {
        self.traffic
    }

    /// See [`PacketStream::traffic`]; begins to count anew.
    pub fn take_traffic(&mut self) -> Traffic {
        std::mem::take(&mut self.traffic)
    }

    /// What was received and not yet consumed.
    pub fn input(&mut self) -> &mut BytesMut {
        &mut self.input
    }

    /// What is queued and not yet sent.
    pub fn output(&mut self) -> &mut BytesMut {
        &mut self.output
    }

    /// Sends nothing until there are more than so many bytes, or [`PacketStream::let_go`].
    pub fn hold_back(&mut self, bytes: usize) {
        self.held_back = bytes;
    }

    /// Holds nothing back any more; says whether nothing was sent since it began.
    pub fn let_go(&mut self) -> bool {
        std::mem::take(&mut self.held_back) > 0
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
        poll_fn(|cx| self.poll_packet(cx)).await
    }

    /// See [`PacketStream::read_packet`].
    ///
    /// # Errors
    /// As [`PacketStream::read_packet`].
    pub fn poll_packet(&mut self, cx: &mut Context<'_>) -> Poll<Result<BytesMut, NetError>> {
        loop {
            let (body, continues) = ready!(self.poll_frame(cx))?;
            if self.joined.is_empty() {
                if !continues {
                    return Poll::Ready(Ok(body));
                }
                self.joined = body;
                continue;
            }
            self.joined.extend_from_slice(&body);
            if !continues {
                return Poll::Ready(Ok(std::mem::take(&mut self.joined)));
            }
        }
    }

    /// The next piece of a file that comes in packets up to an empty one; `None`: there it is.
    /// `continued`, false at first, is for the next call.
    ///
    /// # Errors
    /// As [`PacketStream::read_packet`].
    pub fn poll_file(
        &mut self,
        cx: &mut Context<'_>,
        continued: &mut bool,
    ) -> Poll<Result<Option<BytesMut>, NetError>> {
        loop {
            let (piece, continues) = ready!(self.poll_frame(cx))?;
            let was_continued = std::mem::replace(continued, continues);
            match (piece.is_empty(), was_continued) {
                (false, _) => return Poll::Ready(Ok(Some(piece))),
                (true, false) => return Poll::Ready(Ok(None)),
                // Behind a frame that was full.
                (true, true) => {}
            }
        }
    }

    /// One frame's payload, and whether another frame continues it.
    fn poll_frame(&mut self, cx: &mut Context<'_>) -> Poll<Result<(BytesMut, bool), NetError>> {
        loop {
            let wanted = match FrameHeader::peek(&self.input) {
                None => HEADER_LEN,
                Some(header) => {
                    self.check(header)?;
                    let end = HEADER_LEN + header.len;
                    if self.input.len() >= end {
                        self.any_sequence = false;
                        self.sequence = header.sequence.wrapping_add(1);
                        return Poll::Ready(Ok((self.take_frame(end), header.continues())));
                    }
                    end - self.input.len()
                }
            };
            if ready!(self.poll_fill(cx, wanted))? == 0 {
                return Poll::Ready(Err(self.ended()));
            }
        }
    }

    /// The order, and the limit on the whole payload.
    fn check(&self, header: FrameHeader) -> Result<(), NetError> {
        if header.sequence != self.sequence && !self.any_sequence {
            return Err(NetError::OutOfOrder);
        }
        if self.joined.len().saturating_add(header.len) > self.max_packet {
            return Err(NetError::TooLarge);
        }
        Ok(())
    }

    /// The payload of the frame that ends at `end`; without a copy where nothing follows it.
    fn take_frame(&mut self, end: usize) -> BytesMut {
        let mut frame = if self.input.len() == end {
            std::mem::take(&mut self.input)
        } else {
            self.input.split_to(end)
        };
        frame.advance(HEADER_LEN);
        frame
    }

    /// The error at the end of the stream.
    fn ended(&self) -> NetError {
        if self.input.is_empty() {
            NetError::Closed
        } else {
            NetError::Truncated
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
            Ok(read) => {
                self.traffic.received += read as u64;
                Ok(())
            }
            Err(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => {
                Err(NetError::Closed)
            }
            Err(error) => Err(error.into()),
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
        self.large = true;
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
        self.traffic.received += read as u64;
        Poll::Ready(Ok(read))
    }

    fn poll_fill_small(&mut self, cx: &mut Context<'_>) -> Poll<Result<usize, NetError>> {
        let mut array = [const { MaybeUninit::<u8>::uninit() }; SMALL_READ];
        let mut buffer = ReadBuf::uninit(&mut array);
        ready!(Pin::new(&mut self.stream).poll_read(cx, &mut buffer))?;
        let filled = buffer.filled();
        self.traffic.received += filled.len() as u64;
        if self.input.capacity() == 0 {
            self.input.reserve(filled.len().max(FIRST_BUFFER));
        }
        self.input.extend_from_slice(filled);
        self.large |= self.input.capacity() >= LARGE;
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
        if self.held_back > 0 && self.output.len() <= self.held_back {
            return Poll::Ready(Ok(()));
        }
        self.held_back = 0;
        loop {
            let rest = self.output.get(self.written..).unwrap_or_default();
            if rest.is_empty() {
                break;
            }
            let written = ready!(Pin::new(&mut self.stream).poll_write(cx, rest))?;
            if written == 0 {
                let error = std::io::Error::from(std::io::ErrorKind::WriteZero);
                return Poll::Ready(Err(error.into()));
            }
            self.written += written;
            self.traffic.sent += written as u64;
        }
        ready!(Pin::new(&mut self.stream).poll_flush(cx))?;
        self.written = 0;
        self.output.clear();
        Poll::Ready(Ok(()))
    }

    /// Says goodbye at the transport (TLS close_notify, FIN); errors do not matter any more.
    pub async fn shutdown(&mut self) {
        let _ = poll_fn(|cx| Pin::new(&mut self.stream).poll_shutdown(cx)).await;
    }
}
