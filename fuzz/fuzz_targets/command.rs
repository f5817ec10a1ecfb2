//! A client's command, with query attributes and without: no panic, and no byte of a query is lost.
#![no_main]

use libfuzzer_sys::fuzz_target;
use shardwell::wire::{CapabilityFlags, Command, SERVER_CAPABILITIES};

fuzz_target!(|data: &[u8]| {
    let without = SERVER_CAPABILITIES - CapabilityFlags::CLIENT_QUERY_ATTRIBUTES;
    for capabilities in [SERVER_CAPABILITIES, without] {
        if let Ok(Command::Query(query)) = Command::decode(data, capabilities) {
            assert!(data.ends_with(query.sql));
            assert!(query.attributes.len() + query.sql.len() < data.len());
        }
    }
});
