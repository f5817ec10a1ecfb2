//! MurmurHash3 (x86, 32 bits) of UTF-16 units, little endian: Guava's
//! `Hashing.murmur3_32(seed).hashUnencodedChars`.
//!
//! Written out because Mycat's ring hashes every beginning of one growing text: the state of the
//! beginning is kept instead of hashing it again.

/// The hash of what was pushed so far.
#[derive(Clone, Debug)]
pub(super) struct Murmur {
    hash: u32,
    /// The first half of a block.
    half: Option<u16>,
    bytes: u32,
}

impl Murmur {
    pub(super) fn new(seed: i32) -> Self {
        Self {
            hash: seed as u32,
            half: None,
            bytes: 0,
        }
    }

    pub(super) fn push(&mut self, text: &str) {
        for unit in text.encode_utf16() {
            self.bytes = self.bytes.wrapping_add(2);
            match self.half.take() {
                None => self.half = Some(unit),
                Some(low) => {
                    self.hash ^= mixed(u32::from(unit) << 16 | u32::from(low));
                    self.hash = self.hash.rotate_left(13).wrapping_mul(5);
                    self.hash = self.hash.wrapping_add(0xE654_6B64);
                }
            }
        }
    }

    pub(super) fn finish(&self) -> i32 {
        let mut hash = self.hash;
        if let Some(half) = self.half {
            hash ^= mixed(u32::from(half));
        }
        hash ^= self.bytes;
        hash = (hash ^ hash >> 16).wrapping_mul(0x85EB_CA6B);
        hash = (hash ^ hash >> 13).wrapping_mul(0xC2B2_AE35);
        (hash ^ hash >> 16) as i32
    }
}

fn mixed(block: u32) -> u32 {
    block
        .wrapping_mul(0xCC9E_2D51)
        .rotate_left(15)
        .wrapping_mul(0x1B87_3593)
}
