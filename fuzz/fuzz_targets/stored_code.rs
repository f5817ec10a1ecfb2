//! Any body of a trigger, routine or view is read without a panic, under any sql_mode; what is found is what
//! is found again, and a body of which nothing is known leaves no less than any other.
#![no_main]

use libfuzzer_sys::fuzz_target;
use shardwell::parse::{CodeFacts, LeftState};

const MODES: [&str; 4] = ["", "ANSI_QUOTES", "NO_BACKSLASH_ESCAPES,PIPES_AS_CONCAT", "IGNORE_SPACE,ANSI"];

fuzz_target!(|data: &[u8]| {
    let Some((&mode, body)) = data.split_first() else {
        return;
    };
    let body = String::from_utf8_lossy(body);
    let facts = CodeFacts::of(&body, MODES[usize::from(mode) % MODES.len()]);
    assert_eq!(facts, CodeFacts::of(&body, MODES[usize::from(mode) % MODES.len()]));
    assert!(facts.leaves <= CodeFacts::unknown().leaves);
    assert_eq!(CodeFacts::unknown().leaves, LeftState::Anything);
});
