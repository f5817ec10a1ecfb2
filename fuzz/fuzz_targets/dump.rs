//! Any bytes are read as a schema dump without a panic, and to their end.
#![no_main]

use libfuzzer_sys::fuzz_target;
use shardwell::topology::read_dump;

fuzz_target!(|dump: &[u8]| {
    let _ = read_dump(dump);
});
