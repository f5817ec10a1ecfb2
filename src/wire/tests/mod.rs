//! Every packet: what real peers send is read, what we write is read back, what is cut is refused.

mod binary_text;
mod codec;
mod commands;
mod connect;
mod execute;
mod frames;
mod replies;

use super::Result;

/// Checks that every proper prefix of a valid packet from `from` bytes on is refused.
fn refuses_prefixes<'p, T>(packet: &'p [u8], decode: impl Fn(&'p [u8]) -> Result<T>) {
    assert!(decode(packet).is_ok(), "the whole packet must be valid");
    for len in 0..packet.len() {
        assert!(decode(&packet[..len]).is_err(), "{len} of {}", packet.len());
    }
}
