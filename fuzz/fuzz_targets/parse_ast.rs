//! Any bytes are classified and parsed without a panic or a stack overflow.
#![no_main]

use libfuzzer_sys::fuzz_target;
use shardwell::parse::{LexMode, Tokens, ast, effects, hints, statement_kind, tokenize};

fuzz_target!(|sql: &[u8]| {
    let mode = LexMode::default();
    if let Ok(digest) = tokenize(sql, mode) {
        let tokens = Tokens::new(sql, &digest);
        let _ = (statement_kind(&tokens), effects(&tokens), hints(&tokens));
        let _ = ast::parse(&tokens, mode);
    }
});
