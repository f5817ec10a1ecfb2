//! What the relay pays per packet: walking headers, and reading a point select's answer.

use std::hint::black_box;

use bytes::BytesMut;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use shardwell::wire::{
    CapabilityFlags, ColumnDefinition, FrameHeader, HEADER_LEN, OkPacket, Reply,
    SERVER_CAPABILITIES, StatusFlags, TextColumn, is_eof, put_packet, put_text_result,
};

/// Bytes of one read from a socket.
const READ: usize = 64 * 1024;

/// Bytes of the rows in it: seven short columns.
const ROW: usize = 59;

/// The payload at the front of `bytes`, and what follows it.
fn split(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let header = FrameHeader::peek(bytes)?;
    bytes.get(HEADER_LEN..)?.split_at_checked(header.len)
}

fn walk(bytes: &[u8]) -> usize {
    let (mut rest, mut packets) = (bytes, 0);
    while let Some((payload, tail)) = split(rest) {
        packets += usize::from(!is_eof(payload, payload.len(), SERVER_CAPABILITIES));
        rest = tail;
    }
    packets
}

fn walk_headers(criterion: &mut Criterion) {
    let (mut buffer, mut sequence) = (BytesMut::new(), 0);
    while buffer.len() + HEADER_LEN + ROW <= READ {
        put_packet(&mut buffer, &mut sequence, &[b'x'; ROW]);
    }
    let mut group = criterion.benchmark_group("framing");
    group.throughput(Throughput::Bytes(buffer.len() as u64));
    group.bench_function("walk_64k_of_rows", |bencher| {
        bencher.iter(|| walk(black_box(&buffer)));
    });
    group.finish();
}

/// Reads the answer as a relay that rewrites names would; returns the number of its rows.
fn read_answer(bytes: &[u8], capabilities: CapabilityFlags) -> Option<usize> {
    let (first, mut rest) = split(bytes)?;
    let Ok(Reply::ResultSet { columns }) = Reply::decode(first) else {
        return None;
    };
    for _ in 0..columns {
        let (payload, tail) = split(rest)?;
        black_box(ColumnDefinition::decode(payload).ok()?);
        rest = tail;
    }
    let mut rows = 0;
    loop {
        let (payload, tail) = split(rest)?;
        if is_eof(payload, payload.len(), capabilities) {
            black_box(OkPacket::decode(payload, capabilities).ok()?);
            return Some(rows);
        }
        rows += 1;
        rest = tail;
    }
}

fn read_point_select(criterion: &mut Criterion) {
    let columns: Vec<TextColumn> = ["id", "name", "email", "city", "created", "status", "total"]
        .into_iter()
        .map(TextColumn::text)
        .collect();
    let row = columns.iter().map(|_| Some("a value"));
    let (mut answer, mut sequence) = (BytesMut::new(), 1);
    let status = StatusFlags::SERVER_STATUS_AUTOCOMMIT;
    let capabilities = SERVER_CAPABILITIES;
    put_text_result(
        &mut answer,
        &mut sequence,
        capabilities,
        &columns,
        [row],
        status,
    );
    assert_eq!(read_answer(&answer, capabilities), Some(1));
    criterion.bench_function("framing/read_point_select_7_columns", |bencher| {
        bencher.iter(|| read_answer(black_box(&answer), capabilities));
    });
}

criterion_group!(benches, walk_headers, read_point_select);
criterion_main!(benches);
