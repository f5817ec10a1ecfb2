//! What the proxy knows of the tables and functions on its servers, and what it tells of them.

#![allow(clippy::unwrap_used, clippy::panic, clippy::expect_used)]

mod common;

use std::sync::Arc;

use clap::Parser;
use common::{Answer, Place, ask, connect_app, servers};
use mysql_async::prelude::Queryable;
use mysql_async::{Conn, Error};
use shardwell::backend::Cluster;
use shardwell::backend::catalog::{self, Look, TableName};
use shardwell::cli::demo::program::Flavor;
use shardwell::cli::{Cli, RegisteredAlgorithms, run};
use shardwell::config::{self, Config, Context, ProcessEnvironment};
use shardwell::net::Reactor;
use shardwell::topology::{Discovered, TableDefinition};

/// `t` by key, `r` everywhere.
const TABLES: &str = "[schemas.shop.tables.t]\nkey = \"id\"\nalgorithm = \"hash_mod\"\n\
                      [schemas.shop.tables.r]\nkind = \"broadcast\"";

fn read(text: &str) -> Config {
    let context = Context {
        environment: &ProcessEnvironment,
        algorithms: &RegisteredAlgorithms::default(),
    };
    config::parse(text, std::path::Path::new("shardwell.toml"), &context).unwrap()
}

async fn discover(place: &Place, look: Look<'_>) -> Discovered {
    let config = read(&place.config(TABLES));
    let cluster = Cluster::new(&config, &Reactor::here()).unwrap();
    catalog::discover(&config, &cluster, look).await.unwrap()
}

async fn on_shard(place: &Place, position: usize, statement: &str) {
    let mut shard = place.shard(position).await;
    shard.query_drop(statement).await.expect(statement);
    shard.disconnect().await.unwrap();
}

#[tokio::test]
async fn columns_and_indexes_of_spread_tables_are_read() {
    let place = Place::new().await;
    let create = "CREATE TABLE t (id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT, \
        name VARCHAR(20) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL DEFAULT 'NULL', \
        note VARCHAR(99), price DECIMAL(10,2) NOT NULL, twice INT AS (price * 2) VIRTUAL, \
        at DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP, hidden INT NOT NULL DEFAULT 7 INVISIBLE, \
        PRIMARY KEY (id), UNIQUE KEY u (price, name(5)), KEY k (note))";
    place.everywhere(create).await;
    place
        .everywhere("CREATE TABLE r (id INT PRIMARY KEY)")
        .await;
    on_shard(&place, 2, "CREATE TABLE here (a INT)").await;
    let found = discover(&place, Look::Whole).await;
    let tables = &found.schemas["shop"];
    assert_eq!(tables["here"].found_on, [2]);
    assert!(tables["here"].variants.is_empty());
    assert_eq!(tables["r"].columns()[0].data_type, "int");
    let t = &tables["t"];
    assert_eq!((&*t.found_on, t.variants.len()), (&[0, 1, 2, 3][..], 1));
    let definition = t.definition().unwrap();
    check_columns(definition);
    let indexes: Vec<String> = definition
        .indexes
        .iter()
        .map(|index| format!("{} {} {:?}", index.name, index.unique, index.parts))
        .collect();
    let part = |name: &str, prefix: &str| {
        format!("IndexPart {{ column: Some(\"{name}\"), prefix: {prefix} }}")
    };
    let expected = [
        format!("PRIMARY true [{}]", part("id", "None")),
        format!("k false [{}]", part("note", "None")),
        format!(
            "u true [{}, {}]",
            part("price", "None"),
            part("name", "Some(5)")
        ),
    ];
    assert_eq!(indexes, expected);
    assert!(definition.primary_key().is_some());
}

fn check_columns(definition: &TableDefinition) {
    let columns: Vec<String> = definition
        .columns
        .iter()
        .map(|column| {
            let flags = [
                (column.nullable, "null"),
                (column.has_default, "default"),
                (column.auto_increment, "auto"),
                (column.generated, "generated"),
                (column.invisible, "invisible"),
            ];
            let flags = flags.into_iter().filter(|(holds, _)| *holds);
            let flags: Vec<&str> = flags.map(|(_, flag)| flag).collect();
            format!("{} {} {}", column.name, column.data_type, flags.join(" "))
        })
        .collect();
    let expected = [
        "id bigint auto",
        "name varchar default",
        "note varchar null default",
        "price decimal ",
        "twice int null default generated",
        "at datetime default",
        "hidden int default invisible",
    ];
    assert_eq!(columns, expected);
    let name = &definition.columns[1];
    assert_eq!(name.column_type, "varchar(20)");
    assert_eq!(name.charset.as_deref(), Some("utf8mb4"));
    assert_eq!(name.collation.as_deref(), Some("utf8mb4_bin"));
}

#[tokio::test]
async fn later_looks_read_only_what_is_new_and_find_the_same() {
    let place = Place::new().await;
    place
        .everywhere("CREATE TABLE t (id BIGINT PRIMARY KEY, v INT)")
        .await;
    let known = discover(&place, Look::Whole).await;
    assert_eq!(discover(&place, Look::News(&known)).await, known);
    place
        .everywhere("CREATE TABLE r (id INT PRIMARY KEY)")
        .await;
    on_shard(&place, 0, "ALTER TABLE t ADD COLUMN w INT").await;
    let news = discover(&place, Look::News(&known)).await;
    let of = |found: &Discovered, table: &str| found.schemas["shop"][table].clone();
    assert_eq!(of(&news, "t"), of(&known, "t"));
    assert_eq!(of(&news, "r").variants[0].shards, [0, 1, 2, 3]);
    let name = |table: &str| TableName {
        schema: "shop".to_owned(),
        table: table.to_owned(),
    };
    let changed = discover(&place, Look::Tables(&news, &[name("t")])).await;
    assert_eq!(of(&changed, "t").variants.len(), 2);
    place.everywhere("DROP TABLE r").await;
    let dropped = discover(&place, Look::Tables(&changed, &[name("r")])).await;
    assert!(!dropped.schemas["shop"].contains_key("r"));
    assert_eq!(dropped, discover(&place, Look::Whole).await);
}

/// Runs `shardwell check --connect`: what it says, and its error.
async fn check(place: &Place) -> (String, Option<String>) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("shardwell.toml");
    std::fs::write(&path, place.config(TABLES)).unwrap();
    let arguments = ["shardwell", "check", "--connect", "--config"];
    let cli = Cli::parse_from(arguments.into_iter().chain(path.to_str()));
    let checked = tokio::task::spawn_blocking(move || {
        let mut out = Vec::new();
        let error = run(&cli, &RegisteredAlgorithms::default(), &mut out).err();
        let said = String::from_utf8(out).unwrap();
        (said, error.map(|error| error.to_string()))
    });
    let checked = checked.await.unwrap();
    drop(folder);
    checked
}

#[tokio::test]
async fn check_tells_what_the_shards_do_not_agree_on() {
    let place = Place::new().await;
    place
        .everywhere("CREATE TABLE t (id BIGINT PRIMARY KEY, v INT)")
        .await;
    place
        .everywhere("CREATE TABLE r (id INT PRIMARY KEY)")
        .await;
    let (said, error) = check(&place).await;
    assert!(
        error.is_none() && said.ends_with("\n\nThe file fits the servers.\n"),
        "{said}"
    );
    on_shard(&place, 1, "ALTER TABLE t ADD KEY k (v), MODIFY v SMALLINT").await;
    on_shard(&place, 3, "DROP TABLE r").await;
    place.everywhere("CREATE TABLE everywhere (a INT)").await;
    let (said, error) = check(&place).await;
    assert!(error.is_none(), "{error:?}");
    let [s0, s1, s2, s3] = place.shards().map(|(_, database)| database);
    for warning in [
        format!("table 'shop.t', column 'v': int on a/{s0}, b/{s2}, b/{s3}; smallint on a/{s1}"),
        format!("table 'shop.t', index 'k': missing on a/{s0}, b/{s2}, b/{s3}; (v) on a/{s1}"),
        format!("table 'shop.r': missing on b/{s3}; present on a/{s0}, a/{s1}, b/{s2}"),
    ] {
        let line = format!("warning: shards differ: {warning}\n");
        assert!(said.contains(&line), "{line}\n{said}");
    }
    assert!(
        said.contains("warning: table 'everywhere' exists on 4 shards"),
        "{said}"
    );
    on_shard(&place, 2, "ALTER TABLE t MODIFY id INT").await;
    let (_, error) = check(&place).await;
    let expected = "error: table 'shop.t': its sharding key 'id' is not the same on all shards \
                    (bigint on 3, int on 1)";
    assert!(
        error.as_ref().is_some_and(|e| e.starts_with(expected)),
        "{error:?}"
    );
}

fn refusal(error: Error) -> (u16, String) {
    match error {
        Error::Server(error) => (error.code, error.message),
        other => panic!("{other}"),
    }
}

async fn refused(app: &mut Conn, statement: &str) -> (u16, String) {
    refusal(app.query_drop(statement).await.expect_err(statement))
}

#[tokio::test]
async fn a_table_whose_key_differs_between_shards_is_refused() {
    let place = Place::new().await;
    place
        .everywhere("CREATE TABLE t (id VARCHAR(20) COLLATE utf8mb4_bin PRIMARY KEY)")
        .await;
    let alter = "ALTER TABLE t MODIFY id VARCHAR(20) COLLATE utf8mb4_general_ci";
    on_shard(&place, 1, alter).await;
    let proxy = place.proxy(TABLES).await;
    let mut app = connect_app(&proxy).await;
    let (code, message) = refused(&mut app, "SELECT * FROM t WHERE id = 'a'").await;
    assert_eq!(code, 1235);
    assert!(
        message.contains("its sharding key 'id' is not the same on all shards"),
        "{message}"
    );
    app.disconnect().await.unwrap();
    proxy.shutdown().await;
}

#[tokio::test]
async fn a_table_that_a_shard_misses_gives_the_servers_error_there() {
    let place = Place::new().await;
    place
        .everywhere("CREATE TABLE t (id BIGINT PRIMARY KEY)")
        .await;
    on_shard(&place, 2, "DROP TABLE t").await;
    let proxy = place.proxy(TABLES).await;
    let mut app = connect_app(&proxy).await;
    let mut codes = Vec::new();
    for id in 0..20 {
        match ask(&mut app, &format!("SELECT * FROM t WHERE id = {id}")).await {
            Answer::Refused { code, .. } => codes.push(code),
            other => assert!(matches!(other, Answer::Rows { .. })),
        }
    }
    assert!(!codes.is_empty() && codes.len() < 20);
    assert!(codes.iter().all(|code| *code == 1146), "{codes:?}");
    app.disconnect().await.unwrap();
    proxy.shutdown().await;
}

#[tokio::test]
async fn the_proxys_own_definitions_are_seen_at_once() {
    let place = Place::new().await;
    place
        .everywhere("CREATE TABLE t (id BIGINT PRIMARY KEY)")
        .await;
    let proxy = place.proxy(TABLES).await;
    let mut app = connect_app(&proxy).await;
    app.query_drop("CREATE TABLE mine (a INT)").await.unwrap();
    app.query_drop("INSERT INTO mine VALUES (1)").await.unwrap();
    app.query_drop("RENAME TABLE mine TO yours").await.unwrap();
    let kept: Option<u32> = app.query_first("SELECT a FROM yours").await.unwrap();
    assert_eq!(kept, Some(1));
    app.query_drop("DROP TABLE yours").await.unwrap();
    let gone = ask(&mut app, "SELECT * FROM mine").await;
    assert!(
        matches!(gone, Answer::Refused { code: 1146, .. }),
        "{gone:?}"
    );
    on_shard(&place, 1, "CREATE TABLE behind (a INT)").await;
    tokio::time::sleep(std::time::Duration::from_millis(1100)).await;
    app.query_drop("INSERT INTO behind VALUES (1)")
        .await
        .unwrap();
    app.disconnect().await.unwrap();
    proxy.shutdown().await;
}

#[tokio::test]
async fn a_definition_that_was_left_out_is_read_when_it_is_asked_for() {
    let place = Place::new().await;
    on_shard(&place, 2, "CREATE TABLE here (a INT PRIMARY KEY, b INT)").await;
    let config = Arc::new(read(&place.config(TABLES)));
    let cluster = Cluster::new(&config, &Reactor::here()).unwrap();
    let (_, database) = &place.shards()[2];
    let set = shardwell::topology::ReplicaSetId(1);
    let ask = |table| catalog::definition(&cluster, set, database, table);
    let found = ask("here").await.unwrap().unwrap();
    assert_eq!((found.columns.len(), found.indexes.len()), (2, 1));
    assert!(ask("nowhere").await.unwrap().is_none());
}

#[tokio::test]
async fn the_lists_of_native_functions_are_the_servers_own() {
    use shardwell::plan::{Native, native_functions};
    let place = Place::new().await;
    let mysql = servers().await.flavor() == Flavor::MySql;
    let mut shard = place.shard(0).await;
    let own = if mysql {
        Native::MySql
    } else {
        Native::MariaDb
    };
    let names = native_functions().filter(|(_, kind)| [Native::Everywhere, own].contains(kind));
    for (name, _) in names {
        let error = match ask(&mut shard, &format!("SELECT {name}()")).await {
            Answer::Refused { code, .. } => code,
            _ => continue,
        };
        assert_ne!(error, 1305, "{name} is not native here");
    }
    shard.disconnect().await.unwrap();
}
