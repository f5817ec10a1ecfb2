//! Any statement is planned, routed and spliced without a panic: the whole way but for the servers.
#![no_main]

use std::path::Path;
use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use shardwell::cli::RegisteredAlgorithms;
use shardwell::config::{self, Context, FileAlone, GatherConfig};
use shardwell::explain::{Question, planned};
use shardwell::parse::LexMode;
use shardwell::route::key::Charset;
use shardwell::route::{Router, Variables};
use shardwell::topology::{Topology, discovered_in_dump, read_dump};

const CONFIG: &str = r#"
[[users]]
name = "u"
password = ""
schemas = ["*"]
[backend]
user = "u"
password = ""
[replica_sets.a]
primary = "h:1"
[schemas.shop]
shards = ["a/s0", "a/s1"]
[schemas.shop.tables]
users = { key = "id", algorithm = "hash_mod" }
names = { key = ["a", "b"], algorithm = "consistent_hash" }
orders = { key = "user_id", algorithm = "mod", split = { tables = "orders_{0..3}", key = "id", algorithm = "mod" } }
days = { key = "day", algorithm = { kind = "range", bounds = ["2026-01-01"] } }
regions = { kind = "broadcast" }
"#;

const DUMP: &str = "CREATE TABLE users (id BIGINT, name VARCHAR(9));
CREATE TABLE names (a INT, b VARCHAR(9) COLLATE utf8mb4_bin);
CREATE TABLE orders (id INT UNSIGNED, user_id BIGINT, price DECIMAL(9,2));
CREATE TABLE days (day DATE, x INT);
CREATE TABLE regions (id INT, name VARBINARY(9));";

static PLACE: LazyLock<Option<(Topology, Router, GatherConfig)>> = LazyLock::new(|| {
    let context = Context {
        environment: &FileAlone,
        algorithms: &RegisteredAlgorithms::default(),
    };
    let config = config::parse(CONFIG, Path::new("shardwell.toml"), &context).ok()?;
    let found = discovered_in_dump(&config, &read_dump(DUMP.as_bytes()));
    let topology = Topology::build(&config, &found).ok()?;
    let router = Router::new(&topology).ok()?;
    Some((topology, router, config.server.gather))
});

fuzz_target!(|sql: &[u8]| {
    let (topology, router, gather) = PLACE.as_ref().expect("the configuration is right");
    let question = Question {
        sql,
        mode: LexMode::default(),
        charset: Charset::Utf8mb4,
        schema: Some("shop"),
        topology,
        router,
        read: None,
        inside: false,
        gather: *gather,
        hint: None,
        temporary: &[],
    };
    if let Some(planned) = planned(&question) {
        planned.explain(&Variables::default());
    }
});
