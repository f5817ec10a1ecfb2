//! Any bytes scan into statements without a panic, and the scan always moves on.
#![no_main]

use libfuzzer_sys::fuzz_target;
use shardwell::parse::{Digest, DigestSeed, LexMode, Multibyte, scan};

fuzz_target!(|data: &[u8]| {
    let Some((&flags, sql)) = data.split_first() else {
        return;
    };
    let mode = LexMode {
        ansi_quotes: flags & 1 != 0,
        no_backslash_escapes: flags & 2 != 0,
        pipes_as_concat: flags & 4 != 0,
        high_not_precedence: flags & 8 != 0,
        ignore_space: flags & 16 != 0,
        multibyte: [Multibyte::None, Multibyte::Big5, Multibyte::Gbk, Multibyte::Sjis][usize::from(flags >> 6)],
    };
    let mut digest = Digest::default();
    let mut start = 0;
    while scan(sql, start, mode, DigestSeed(0), 0, &mut digest).is_ok() {
        let Some(next) = digest.next else { break };
        assert!(next > start);
        start = next;
    }
});
