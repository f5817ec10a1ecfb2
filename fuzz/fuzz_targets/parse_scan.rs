//! Any bytes scan into statements without a panic, and the scan always moves on. What the shape of a
//! statement says of another text is what the scan says: the text is cut in two at a zero byte.
#![no_main]

use libfuzzer_sys::fuzz_target;
use shardwell::parse::{Digest, DigestSeed, LexMode, Multibyte, Shapes, scan};

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
        dollar_quotes: flags & 32 != 0,
        multibyte: [Multibyte::None, Multibyte::Big5, Multibyte::Gbk, Multibyte::Sjis][usize::from(flags >> 6)],
    };
    let mut digest = Digest::default();
    if let Some(cut) = sql.iter().position(|byte| *byte == 0) {
        compare(&sql[..cut], &sql[cut + 1..], mode);
    }
    let mut start = 0;
    while scan(sql, start, mode, DigestSeed(0), 0, &mut digest).is_ok() {
        let Some(next) = digest.next else { break };
        assert!(next > start);
        start = next;
    }
});

/// Asks for the second text when the first one has come twice.
fn compare(before: &[u8], text: &[u8], mode: LexMode) {
    let (mut shapes, mut digest) = (Shapes::default(), Digest::default());
    for _ in 0..2 {
        let Err(key) = shapes.find(before, mode, 0, &mut digest) else {
            break;
        };
        if scan(before, 0, mode, DigestSeed(0), 0, &mut digest).is_err() {
            return;
        }
        shapes.remember(key, before, &digest);
    }
    let mut found = Digest::default();
    if shapes.find(text, mode, 0, &mut found).is_ok() {
        scan(text, 0, mode, DigestSeed(0), 0, &mut digest).expect("a text that was found");
        assert_eq!(
            (found.hash, &found.normal, &found.literals, &found.groups, &found.tokens, found.end, found.next),
            (digest.hash, &digest.normal, &digest.literals, &digest.groups, &digest.tokens, digest.end, digest.next),
        );
    }
}
