//! What the commands say, and when they fail.

use std::path::Path;

use clap::{CommandFactory, Parser};

use super::*;
use crate::config::AnyAlgorithm;

fn said(arguments: &[&str]) -> Result<String, String> {
    let cli = Cli::try_parse_from(arguments).map_err(|error| error.to_string())?;
    let mut out = Vec::new();
    run(&cli, &AnyAlgorithm, &mut out).map_err(|error| error.to_string())?;
    Ok(String::from_utf8(out).unwrap())
}

#[test]
fn the_arguments_are_consistent() {
    Cli::command().debug_assert();
}

#[test]
fn check_shows_what_the_example_means() {
    let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("config/shardwell.toml");
    let said = said(&["shardwell", "check", "--config", example.to_str().unwrap()]).unwrap();
    let (first, rest) = said.split_once("\n\n").unwrap();
    assert!(first.ends_with("shardwell.toml is valid."), "{first}");
    assert_eq!(
        rest,
        "listen on 127.0.0.1:3307\n\
         admin on http://127.0.0.1:9307 for whoever can connect\n\
         user app: shop\n\
         user root: all schemas\n\
         replica set a: primary 127.0.0.1:3306, replica 127.0.0.1:3316 (weight 1), \
         replica 127.0.0.1:3326 (weight 2)\n\
         replica set b: primary 127.0.0.1:3336\n\
         \n\
         schema shop: 4 shards: a/shop_0, a/shop_1, b/shop_2, b/shop_3\n  \
           table users: sharded by user_id, hash_mod, together with orders\n  \
           table orders: sharded by user_id, hash_mod, together with users\n  \
           table regions: on every shard\n  \
           table settings: on b/shop_3\n  \
           new tables without a rule: on a/shop_0\n"
    );
}

#[test]
fn explain_shows_where_statements_go_without_any_server() {
    let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("config/shardwell.toml");
    let folder = tempfile::tempdir().unwrap();
    let dump = folder.path().join("schema.sql");
    let tables = "CREATE TABLE `users` (`user_id` bigint NOT NULL, `name` varchar(20));";
    std::fs::write(&dump, tables).unwrap();
    let statement = "SELECT name FROM users WHERE user_id = 7";
    let arguments = [
        "shardwell",
        "explain",
        "--config",
        example.to_str().unwrap(),
    ];
    let with_dump = ["--dump", dump.to_str().unwrap(), statement];
    let said_with = said(&[&arguments[..], &with_dump[..]].concat()).unwrap();
    assert_eq!(
        said_with,
        "SELECT name FROM users WHERE user_id = 7\n  \
           statement  reads\n  \
           sharded    shop.users by user_id, hash_mod\n  \
           condition  user_id = 7\n  \
           route      one data node of 4\n  \
           a/shop_1   SELECT name FROM `shop_1`.users WHERE user_id = 7\n  \
           merge      nothing: the answer is passed on as it comes\n\n"
    );
    let without = said(&[&arguments[..], &[statement]].concat()).unwrap();
    assert!(
        without.starts_with("note: the columns are known with --dump"),
        "{without}"
    );
}

#[test]
fn offline_leaves_the_world_outside_the_file_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("shardwell.toml");
    let text = "[server.tls]\ncert = 'no-such-cert'\nkey = 'no-such-key'\n[[users]]\nname = 'u'\n\
                password_file = 'no-such-file'\nschemas = ['*']\n[backend]\nuser = 'u'\n\
                password_env = 'SHARDWELL_TEST_NO_SUCH_VARIABLE'\n[replica_sets.a]\n\
                primary = 'h:3306'\n[schemas.s]\nshards = ['a/s']\n";
    std::fs::write(&path, text).unwrap();
    let path = path.to_str().unwrap();
    assert!(said(&["shardwell", "check", "--offline", "--config", path]).is_ok());
    let problems = said(&["shardwell", "check", "--config", path]).unwrap_err();
    assert_eq!(problems.matches("error: ").count(), 4, "{problems}");
    assert!(
        problems.contains("'SHARDWELL_TEST_NO_SUCH_VARIABLE' is not set"),
        "{problems}"
    );
}

#[test]
fn a_missing_file_is_named_with_the_reason() {
    let cli = Cli::try_parse_from(["shardwell", "check", "-c", "/no/such/file"]).unwrap();
    let error = run(&cli, &AnyAlgorithm, &mut Vec::new()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "cannot read the configuration /no/such/file"
    );
    let reason = std::error::Error::source(&error).unwrap().to_string();
    assert!(reason.starts_with("No such file"), "{reason}");
}

#[test]
fn algorithms_of_other_middleware_are_in_the_documentation() {
    let page = include_str!("../../docs/algorithms.md");
    let algorithms = RegisteredAlgorithms::default();
    let names = algorithms.names().iter();
    let foreign = names.filter(|name| {
        let origins = ["mycat_", "shardingsphere_", "vitess_"];
        origins.iter().any(|origin| name.starts_with(origin))
    });
    let missing: Vec<_> = foreign
        .filter(|name| !page.contains(&format!("| `{name}` |")))
        .collect();
    assert_eq!(missing, Vec::<&&str>::new());
}
