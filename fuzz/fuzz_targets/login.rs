//! A client's first packet: no panic, and what is read can be written and read back.
#![no_main]

use bytes::BytesMut;
use libfuzzer_sys::fuzz_target;
use shardwell::wire::{FirstPacket, Login, ServerFeatures, server_capabilities};

fuzz_target!(|data: &[u8]| {
    let offered = server_capabilities(ServerFeatures {
        tls: true,
        local_files: true,
        zlib: true,
        zstd: true,
    });
    if let Ok(FirstPacket::Login(mut login)) = FirstPacket::decode(data, offered) {
        let mut out = BytesMut::new();
        if login.encode(&mut out).is_ok() {
            let Ok(again) = Login::decode(&out, offered) else {
                panic!("what was written cannot be read");
            };
            // The flag of an empty schema is not kept.
            login.capabilities = again.capabilities;
            assert_eq!(again, login);
        }
    }
});
