//! An OTLP request → its spans, read without OpenTelemetry's own code: as
//! `opentelemetry/proto/collector/trace/v1/trace_service.proto` has it.

use std::collections::BTreeMap;

/// A span as the collector got it.
#[derive(Clone, Debug)]
pub struct Span {
    /// As hexadecimal digits, like all ids.
    pub trace: String,
    pub id: String,
    /// Empty where a trace begins.
    pub parent: String,
    pub name: String,
    /// 1: internal, 2: server, 3: client.
    pub kind: u64,
    /// Nanoseconds since 1970.
    pub from: u64,
    pub to: u64,
    /// Texts and numbers.
    pub attributes: BTreeMap<String, String>,
    /// 2: error.
    pub status: u64,
    pub message: String,
    /// Of the resource.
    pub service: String,
}

/// A field's number, with what it holds.
enum Field<'a> {
    Number(u64),
    Bytes(&'a [u8]),
}

/// The fields of a message.
fn fields(mut message: &[u8]) -> Vec<(u64, Field<'_>)> {
    let mut found = Vec::new();
    while !message.is_empty() {
        let tag = varint(&mut message);
        let field = match tag & 7 {
            0 => Field::Number(varint(&mut message)),
            1 => Field::Number(u64::from_le_bytes(
                take(&mut message, 8).try_into().unwrap(),
            )),
            2 => {
                let len = varint(&mut message) as usize;
                Field::Bytes(take(&mut message, len))
            }
            5 => {
                let bytes = take(&mut message, 4).try_into().unwrap();
                Field::Number(u32::from_le_bytes(bytes).into())
            }
            other => panic!("wire type {other}"),
        };
        found.push((tag >> 3, field));
    }
    found
}

fn take<'a>(bytes: &mut &'a [u8], len: usize) -> &'a [u8] {
    let (taken, rest) = bytes.split_at(len);
    *bytes = rest;
    taken
}

fn varint(bytes: &mut &[u8]) -> u64 {
    let mut value = 0;
    for shift in (0..).step_by(7) {
        let byte = take(bytes, 1)[0];
        value |= u64::from(byte & 0x7F) << shift;
        if byte & 0x80 == 0 {
            break;
        }
    }
    value
}

fn messages(message: &[u8], number: u64) -> impl Iterator<Item = &[u8]> {
    fields(message)
        .into_iter()
        .filter_map(move |field| match field {
            (found, Field::Bytes(bytes)) if found == number => Some(bytes),
            _ => None,
        })
}

fn text(message: &[u8], number: u64) -> String {
    let mut found = messages(message, number);
    found.next().map_or_else(String::new, |bytes| {
        String::from_utf8(bytes.to_vec()).unwrap()
    })
}

fn id(message: &[u8], number: u64) -> String {
    messages(message, number)
        .next()
        .map_or_else(String::new, hex::encode)
}

fn number(message: &[u8], wanted: u64) -> u64 {
    let all = fields(message);
    let found = all.iter().find_map(|field| match field {
        (number, Field::Number(value)) if *number == wanted => Some(*value),
        _ => None,
    });
    found.unwrap_or(0)
}

fn attributes(message: &[u8], number_of: u64) -> BTreeMap<String, String> {
    let pairs = messages(message, number_of).map(|pair| {
        let value = messages(pair, 2).next().unwrap_or_default();
        let shown = match text(value, 1) {
            empty if empty.is_empty() => number(value, 3).to_string(),
            text => text,
        };
        (text(pair, 1), shown)
    });
    pairs.collect()
}

/// The spans of an ExportTraceServiceRequest.
pub fn spans(request: &[u8]) -> Vec<Span> {
    let mut found = Vec::new();
    for of_resource in messages(request, 1) {
        let resource = messages(of_resource, 1).next().unwrap_or_default();
        let service = attributes(resource, 1)["service.name"].clone();
        for span in messages(of_resource, 2).flat_map(|scope| messages(scope, 2)) {
            let status = messages(span, 15).next().unwrap_or_default();
            found.push(Span {
                trace: id(span, 1),
                id: id(span, 2),
                parent: id(span, 4),
                name: text(span, 5),
                kind: number(span, 6),
                from: number(span, 7),
                to: number(span, 8),
                attributes: attributes(span, 9),
                status: number(status, 3),
                message: text(status, 2),
                service: service.clone(),
            });
        }
    }
    found
}
