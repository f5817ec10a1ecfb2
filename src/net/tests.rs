//! Packets over a pair of sockets: order, limits, and what is held in memory.

use std::task::{Context, Poll};
use std::time::Duration;

use bytes::BytesMut;
use futures_util::task::noop_waker_ref;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixStream;

use super::{NetError, PacketStream, STREAM_CHUNK, Stream};
use crate::wire::{MAX_FRAME, put_packet};

const LIMIT: usize = 64 << 20;

fn pair(limit: usize) -> (PacketStream, UnixStream) {
    let (near, far) = UnixStream::pair().expect("a pair of sockets");
    (PacketStream::new(Stream::Unix(near), limit), far)
}

fn frames(payload: &[u8], mut sequence: u8) -> BytesMut {
    let mut bytes = BytesMut::new();
    put_packet(&mut bytes, &mut sequence, payload);
    bytes
}

#[tokio::test]
async fn packets_of_every_size_arrive_whole() {
    for size in [
        0,
        1,
        1000,
        9000,
        300_000,
        MAX_FRAME - 1,
        MAX_FRAME,
        MAX_FRAME + 1,
        2 * MAX_FRAME,
    ] {
        let (mut near, mut far) = pair(LIMIT);
        let payload: Vec<u8> = (0..size).map(|n| (n % 251) as u8).collect();
        let bytes = frames(&payload, 0);
        let (sent, read) = tokio::join!(far.write_all(&bytes), near.read_packet());
        sent.unwrap();
        assert!(read.unwrap() == payload, "{size}");
        let frames = size / MAX_FRAME + 1;
        assert_eq!(usize::from(near.sequence()), frames);
    }
}

#[tokio::test]
async fn packets_may_come_byte_by_byte_and_several_at_once() {
    let (mut near, mut far) = pair(LIMIT);
    let mut bytes = frames(b"one", 0);
    bytes.extend_from_slice(&frames(b"", 1));
    bytes.extend_from_slice(&frames(&[7; 20_000], 2));
    let write = async {
        for byte in &bytes[..12] {
            far.write_all(&[*byte]).await.unwrap();
            tokio::task::yield_now().await;
        }
        far.write_all(&bytes[12..]).await.unwrap();
    };
    let read = async {
        assert_eq!(near.read_packet().await.unwrap(), b"one"[..]);
        assert_eq!(near.read_packet().await.unwrap(), b""[..]);
        assert_eq!(near.read_packet().await.unwrap(), [7; 20_000][..]);
    };
    tokio::join!(write, read);
}

#[tokio::test]
async fn what_may_not_arrive_is_named() {
    let cases: [(&[u8], &str); 5] = [
        (b"", "Closed"),
        (b"\x05\x00", "Truncated"),
        (b"\x05\x00\x00\x00abc", "Truncated"),
        (b"\x05\x00\x00\x01abcde", "OutOfOrder"),
        (b"\xff\xff\xff\x00", "TooLarge"),
    ];
    for (bytes, expected) in cases {
        let (mut near, mut far) = pair(1024);
        far.write_all(bytes).await.unwrap();
        drop(far);
        let error = near.read_packet().await.unwrap_err();
        assert_eq!(format!("{error:?}"), expected);
    }
}

#[tokio::test]
async fn the_limit_holds_for_the_sum_of_all_frames() {
    let (mut near, mut far) = pair(MAX_FRAME + 10);
    let bytes = frames(&vec![1; MAX_FRAME + 11], 0);
    let (_, read) = tokio::join!(far.write_all(&bytes), near.read_packet());
    assert!(matches!(read, Err(NetError::TooLarge)));
}

#[tokio::test]
async fn an_announcement_allocates_nothing() {
    let (mut near, mut far) = pair(LIMIT);
    far.write_all(b"\xfe\xff\xff\x00abc").await.unwrap();
    let read = tokio::time::timeout(Duration::from_millis(100), near.read_packet());
    assert!(read.await.is_err(), "the packet is not there yet");
    assert!(
        near.input().capacity() <= 2 * STREAM_CHUNK,
        "{}",
        near.input().capacity()
    );
}

#[tokio::test]
async fn an_exact_read_leaves_the_rest_in_the_socket() {
    let (mut near, mut far) = pair(LIMIT);
    let payload = vec![5; 10_000];
    far.write_all(&frames(&payload, 0)).await.unwrap();
    far.write_all(b"hello of TLS").await.unwrap();
    assert_eq!(near.read_packet_exact().await.unwrap(), payload);
    assert!(near.input().is_empty());
    let mut left = [0; 12];
    let Stream::Unix(socket) = near.stream() else {
        panic!("it is a Unix socket")
    };
    socket.readable().await.unwrap();
    assert_eq!(socket.try_read(&mut left).unwrap(), 12);
    assert_eq!(&left, b"hello of TLS");
}

#[tokio::test]
async fn an_exact_read_begins_with_what_was_read_ahead() {
    let (mut near, mut far) = pair(LIMIT);
    let mut bytes = frames(b"command", 0);
    bytes.extend_from_slice(&frames(b"answer", 1));
    far.write_all(&bytes).await.unwrap();
    assert_eq!(near.read_packet().await.unwrap(), b"command"[..]);
    assert_eq!(near.read_packet_exact().await.unwrap(), b"answer"[..]);
}

fn holds_no_large_buffer(stream: &mut PacketStream) -> bool {
    stream.trim();
    !stream.input().try_reclaim(2048) && !stream.output().try_reclaim(2048)
}

#[tokio::test]
async fn a_trimmed_connection_holds_no_large_buffer() {
    let (mut near, mut far) = pair(LIMIT);
    far.write_all(&frames(&[1; 100_000], 0)).await.unwrap();
    let packet = near.read_packet().await.unwrap();
    near.recycle(packet);
    assert!(holds_no_large_buffer(&mut near));

    near.queue(&[2; 100_000]);
    let mut sent = vec![0; 100_004];
    let (flushed, read) = tokio::join!(near.flush(), far.read_exact(&mut sent));
    flushed.unwrap();
    read.unwrap();
    assert!(holds_no_large_buffer(&mut near));
}

#[tokio::test]
async fn a_buffer_that_was_consumed_to_its_very_end_is_no_small_one() {
    for size in [2000, 20_000, 200_000] {
        let (mut near, mut far) = pair(LIMIT);
        let write = async { far.write_all(&vec![3; size]).await };
        let read = async {
            while near.input().len() < size {
                let missing = size - near.input().len();
                let read = std::future::poll_fn(|cx| near.poll_fill(cx, missing)).await;
                assert_ne!(read.unwrap(), 0);
            }
        };
        let (written, ()) = tokio::join!(write, read);
        written.unwrap();
        bytes::Buf::advance(near.input(), size);
        assert!(holds_no_large_buffer(&mut near), "{size}");
    }
}

#[tokio::test]
async fn a_large_buffer_that_changes_sides_is_given_back_there() {
    let (mut server, mut far) = pair(LIMIT);
    let (mut client, mut reader) = pair(LIMIT);
    far.write_all(&[4; 5000]).await.unwrap();
    let read = std::future::poll_fn(|cx| server.poll_fill(cx, 1)).await;
    assert_eq!(read.unwrap(), 5000);
    // The first packets were passed on, the rows behind them change sides as they are.
    bytes::Buf::advance(server.input(), 3000);
    std::mem::swap(server.input(), client.output());
    client.flush().await.unwrap();
    reader.read_exact(&mut [0; 2000]).await.unwrap();
    assert!(holds_no_large_buffer(&mut client));
    assert!(holds_no_large_buffer(&mut server));
}

#[tokio::test]
async fn small_packets_use_one_buffer() {
    let (mut near, mut far) = pair(LIMIT);
    let mut places = Vec::new();
    for _ in 0..20 {
        near.reset_sequence();
        near.trim();
        far.write_all(&frames(b"SELECT 1", 0)).await.unwrap();
        let packet = near.read_packet().await.unwrap();
        places.push(packet.as_ptr() as usize);
        near.recycle(packet);
    }
    let (first, last) = (places.iter().min(), places.iter().max());
    let spread = last.unwrap() - first.unwrap();
    assert!(spread < 512, "{places:?}");
}

#[tokio::test]
async fn quiet_means_neither_bytes_nor_the_end() {
    let (mut near, mut far) = pair(LIMIT);
    assert!(near.is_quiet());
    // Exactly as much as is asked for leaves the socket's readiness as it was.
    far.write_all(&frames(b"x", 0)).await.unwrap();
    near.read_packet().await.unwrap();
    assert!(near.is_quiet());
    let mut exact = [0; 8];
    far.write_all(&[1; 8]).await.unwrap();
    let Stream::Unix(socket) = near.stream() else {
        panic!("it is a Unix socket")
    };
    socket.readable().await.unwrap();
    assert_eq!(socket.try_read(&mut exact).unwrap(), 8);
    assert!(near.is_quiet());
    far.write_all(b"?").await.unwrap();
    tokio::task::yield_now().await;
    tokio::time::sleep(Duration::from_millis(10)).await;
    assert!(!near.is_quiet());
    let (near, far) = pair(LIMIT);
    drop(far);
    tokio::time::sleep(Duration::from_millis(10)).await;
    assert!(!near.is_quiet());
}

#[tokio::test]
async fn a_peer_that_sends_ahead_is_read_within_a_bound() {
    let (mut near, mut far) = pair(LIMIT);
    let sender = tokio::spawn(async move {
        let chunk = [0; 4096];
        let mut sent = 0;
        while let Ok(Ok(())) =
            tokio::time::timeout(Duration::from_millis(200), far.write_all(&chunk)).await
        {
            sent += chunk.len();
        }
        (sent, far)
    });
    let mut cx = Context::from_waker(noop_waker_ref());
    for _ in 0..100 {
        assert!(matches!(near.poll_closed(&mut cx), Poll::Pending));
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let (sent, far) = sender.await.unwrap();
    assert!(
        near.input().len() < 128 * 1024,
        "{} of {sent}",
        near.input().len()
    );
    drop(far);
}

#[tokio::test]
async fn what_is_queued_is_sent_in_order() {
    let (mut near, mut far) = pair(LIMIT);
    near.queue(b"one");
    near.queue_with(|out| out.extend_from_slice(b"two"));
    near.flush().await.unwrap();
    near.shutdown().await;
    let mut bytes = Vec::new();
    far.read_to_end(&mut bytes).await.unwrap();
    assert_eq!(bytes, b"\x03\x00\x00\x00one\x03\x00\x00\x01two");
}
