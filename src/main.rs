//! The `shardwell` binary: see `shardwell --help`.

fn main() {}
