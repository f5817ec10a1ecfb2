//! The configuration file: no panic, and a report can always be printed.
#![no_main]

use std::path::Path;

use libfuzzer_sys::fuzz_target;
use shardwell::cli::RegisteredAlgorithms;
use shardwell::config::{self, Context, FileAlone};

fuzz_target!(|text: &str| {
    let context = Context {
        environment: &FileAlone,
        algorithms: &RegisteredAlgorithms::default(),
    };
    if let Err(report) = config::parse(text, Path::new("shardwell.toml"), &context) {
        assert!(!report.to_string().is_empty());
    }
});
