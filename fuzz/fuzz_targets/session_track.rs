//! Session changes: no panic, an end, and what is read can be written and read back.
#![no_main]

use bytes::BytesMut;
use libfuzzer_sys::fuzz_target;
use shardwell::wire::{SessionChange, SessionChanges};

fuzz_target!(|data: &[u8]| {
    let read: Vec<SessionChange<'_>> = SessionChanges::new(data).flatten().collect();
    let mut out = BytesMut::new();
    for change in &read {
        change.encode(&mut out);
    }
    let again: Result<Vec<_>, _> = SessionChanges::new(&out).collect();
    assert_eq!(again.as_deref(), Ok(&read[..]));
});
