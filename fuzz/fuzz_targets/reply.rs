//! OK, ERR, EOF and first packets: no panic, and an OK packet that is read can be read back.
#![no_main]

use bytes::BytesMut;
use libfuzzer_sys::fuzz_target;
use shardwell::wire::{
    EofPacket, OkHeader, OkPacket, PrepareOk, Reply, SERVER_CAPABILITIES, StatusFlags, decode_err,
};

fuzz_target!(|data: &[u8]| {
    let _ = Reply::decode(data);
    let _ = decode_err(data);
    let _ = EofPacket::decode(data);
    let _ = PrepareOk::decode(data);
    if let Ok(mut ok) = OkPacket::decode(data, SERVER_CAPABILITIES) {
        let mut out = BytesMut::new();
        ok.encode(&mut out, SERVER_CAPABILITIES, OkHeader::Ok);
        // A change that is announced but empty is not announced again.
        let changed = !ok.session_changes.is_empty();
        ok.status.set(StatusFlags::SERVER_SESSION_STATE_CHANGED, changed);
        assert_eq!(OkPacket::decode(&out, SERVER_CAPABILITIES), Ok(ok));
    }
});
