//! A server's greeting: no panic, and what is read can be written and read back.
#![no_main]

use bytes::BytesMut;
use libfuzzer_sys::fuzz_target;
use shardwell::wire::{Greeting, ServerHello};

fuzz_target!(|data: &[u8]| {
    if let Ok(ServerHello::Greeting(greeting)) = ServerHello::decode(data) {
        let mut out = BytesMut::new();
        // A greeting without a terminator may hold no zero byte, so it can always be written.
        assert_eq!(greeting.encode(&mut out), Ok(()));
        assert_eq!(Greeting::decode(&out), Ok(greeting));
    }
});
