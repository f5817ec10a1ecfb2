//! What servers have for new sessions, their global variables: a session begins with those of the first replica set's
//! server whatever server runs its statements, and keeps them until it ends.

#![allow(clippy::unwrap_used, clippy::panic)]

mod common;

use std::time::{Duration, Instant};

use common::{APP_PASSWORD, APP_USER, PASSWORD, SCHEMA, USER, ask, connect, connect_app, servers};
use mysql_async::Conn;
use mysql_async::prelude::Queryable;
use shardwell::cli::demo::proxy::{ProxyHandle, start_proxy};
use shardwell::cli::demo::server::{ServerOptions, ServerProcess, free_port};

/// Values that no server has by default.
const GLOBALS: [(&str, &str); 12] = [
    ("autocommit", "0"),
    ("default_week_format", "3"),
    ("div_precision_increment", "7"),
    ("foreign_key_checks", "0"),
    ("group_concat_max_len", "11"),
    ("lc_time_names", "'de_DE'"),
    ("max_sort_length", "64"),
    (
        "sql_mode",
        "'ANSI_QUOTES,PIPES_AS_CONCAT,STRICT_ALL_TABLES'",
    ),
    ("sql_safe_updates", "1"),
    ("sql_select_limit", "5"),
    ("time_zone", "'+03:00'"),
    ("unique_checks", "0"),
];

/// Statements whose answers follow from the variables, for a key in place of `K`.
const STATEMENTS: [&str; 8] = [
    "SELECT @@autocommit, @@sql_mode, @@time_zone, @@foreign_key_checks, @@unique_checks, @@max_sort_length, id FROM t WHERE id = K",
    "SELECT \"id\", 'a' || 'b', 1 / 3, DATE_FORMAT('2026-03-01', '%M'), WEEK('2026-01-01'), FROM_UNIXTIME(0) FROM t WHERE id = K",
    "SELECT GROUP_CONCAT(name) FROM t WHERE id = K",
    "SELECT id FROM t ORDER BY id",
    "SELECT COUNT(*) FROM t",
    "UPDATE t SET name = 'x'",
    "SELECT @@completion_type, @@sql_auto_is_null, @@max_error_count, @@updatable_views_with_limit",
    "SELECT @@sql_select_limit, @@group_concat_max_len, @@sql_safe_updates, @@default_week_format, @@div_precision_increment",
];

struct Pair {
    a: ServerProcess,
    b: ServerProcess,
    plain: ServerProcess,
}

impl Pair {
    /// Servers with the table `t (id, name)` in `d0` and `d1`; on the first one and on the plain one, the globals are others.
    async fn start(globals: &[(&str, &str)]) -> Self {
        let (options, all) = (ServerOptions::default(), servers().await);
        let (a, b, plain) = tokio::join!(
            all.another(&options),
            all.another(&options),
            all.another(&options)
        );
        for (server, database) in [(&a, "d0"), (&b, "d1"), (&plain, "d")] {
            let mut admin = server.admin().await.unwrap();
            let made = format!("CREATE DATABASE {database}");
            admin.query_drop(made).await.unwrap();
            let table =
                format!("CREATE TABLE {database}.t (id BIGINT PRIMARY KEY, name VARCHAR(60))");
            admin.query_drop(table).await.unwrap();
        }
        let pair = Self { a, b, plain };
        for server in [&pair.a, &pair.plain] {
            set_globals(server, globals).await;
        }
        pair
    }

    /// A proxy in front of both servers.
    async fn proxy(&self) -> ProxyHandle {
        let second = format!("[replica_sets.b]\nprimary = \"{}\"", self.b.address());
        let shards = "shards = [\"a/d0\", \"b/d1\"]\n[schemas.shop.tables.t]\nkey = \"id\"\nalgorithm = \"mod\"";
        self.proxy_with(USER, &second, shards).await
    }

    /// A proxy in front of the first server alone, where it logs in as `user`.
    async fn solo(&self, user: &str) -> ProxyHandle {
        self.proxy_with(user, "", "shards = [\"a/d0\"]").await
    }

    async fn proxy_with(&self, user: &str, second: &str, shards: &str) -> ProxyHandle {
        let (a, port) = (self.a.address(), free_port().unwrap());
        let config = format!(
            r#"
[server]
listen = "127.0.0.1:{port}"
[[users]]
name = "{APP_USER}"
password = "{APP_PASSWORD}"
schemas = ["*"]
[backend]
user = "{user}"
password = "{PASSWORD}"
[replica_sets.a]
primary = "{a}"
{second}
[schemas.{SCHEMA}]
{shards}
"#
        );
        start_proxy(config).await.unwrap()
    }

    async fn plain(&self) -> Conn {
        connect(self.plain.address(), USER, PASSWORD, Some("d"))
            .await
            .unwrap()
    }
}

async fn set_globals(server: &ServerProcess, globals: &[(&str, &str)]) {
    let mut admin = server.admin().await.unwrap();
    for (name, value) in globals {
        admin
            .query_drop(format!("SET GLOBAL {name} = {value}"))
            .await
            .unwrap();
    }
}

async fn fill(client: &mut Conn) {
    for id in 0..12 {
        let name = format!("INSERT INTO t VALUES ({id}, 'a long name of row {id}')");
        client.query_drop(name).await.unwrap();
    }
    client.query_drop("COMMIT").await.unwrap();
}

#[tokio::test]
async fn sessions_begin_with_the_first_servers_globals_on_every_shard() {
    let pair = Pair::start(&GLOBALS).await;
    let proxy = pair.proxy().await;
    let (mut app, mut plain) = (connect_app(&proxy).await, pair.plain().await);
    fill(&mut app).await;
    fill(&mut plain).await;
    for statement in STATEMENTS {
        for key in ["4", "5"] {
            let statement = statement.replace('K', key);
            let expected = ask(&mut plain, &statement).await;
            assert_eq!(ask(&mut app, &statement).await, expected, "{statement}");
        }
    }
}

#[tokio::test]
async fn without_autocommit_a_session_that_ends_leaves_nothing() {
    let pair = Pair::start(&[("autocommit", "0")]).await;
    let proxy = pair.proxy().await;
    let mut app = connect_app(&proxy).await;
    for id in 0..4 {
        app.query_drop(format!("INSERT INTO t VALUES ({id}, 'gone')"))
            .await
            .unwrap();
    }
    app.disconnect().await.unwrap();
    let mut app = connect_app(&proxy).await;
    fill(&mut app).await;
    app.query_drop("DELETE FROM t WHERE id = 3").await.unwrap();
    app.query_drop("COMMIT").await.unwrap();
    app.disconnect().await.unwrap();
    for (server, database, rows) in [(&pair.a, "d0", 6), (&pair.b, "d1", 5)] {
        let mut direct = server.admin().await.unwrap();
        let found: Option<i64> = direct
            .query_first(format!("SELECT COUNT(*) FROM {database}.t"))
            .await
            .unwrap();
        assert_eq!(found, Some(rows));
    }
}

/// What a new session has.
async fn begins_with(proxy: &ProxyHandle) -> (String, i64) {
    let mut app = connect_app(proxy).await;
    let found: Option<(String, i64)> = app
        .query_first("SELECT @@sql_mode, @@group_concat_max_len FROM t WHERE id = 4")
        .await
        .unwrap();
    app.disconnect().await.unwrap();
    found.unwrap()
}

#[tokio::test]
async fn globals_that_a_client_sets_hold_for_the_next_sessions_and_no_open_one() {
    let pair = Pair::start(&[]).await;
    let proxy = pair.solo(USER).await;
    let mut open = connect_app(&proxy).await;
    fill(&mut open).await;
    let before = ask(
        &mut open,
        "SELECT @@sql_mode, @@group_concat_max_len FROM t WHERE id = 4",
    )
    .await;
    let mut others = Vec::new();
    for _ in 0..3 {
        let mut other = connect_app(&proxy).await;
        other
            .query_drop("SELECT @@sql_mode FROM t WHERE id = 4")
            .await
            .unwrap();
        others.push(other);
    }
    let mut admin = connect_app(&proxy).await;
    admin.query_drop("SET GLOBAL sql_mode = 'ANSI_QUOTES', GLOBAL group_concat_max_len = 99, GLOBAL default_week_format = 2").await.unwrap();
    drop(others);
    for _ in 0..8 {
        assert_eq!(begins_with(&proxy).await, ("ANSI_QUOTES".to_owned(), 99));
    }
    let after = ask(
        &mut open,
        "SELECT @@sql_mode, @@group_concat_max_len FROM t WHERE id = 4",
    )
    .await;
    assert_eq!(after, before);
    let mut app = connect_app(&proxy).await;
    let quoted = "SELECT \"name\" FROM t WHERE id = 4";
    let name: Option<String> = app.query_first(quoted).await.unwrap();
    assert_eq!(name.as_deref(), Some("a long name of row 4"));
    let name: Option<String> = open.query_first(quoted).await.unwrap();
    assert_eq!(name.as_deref(), Some("name"));
    app.query_drop("SET GLOBAL sql_mode = DEFAULT")
        .await
        .unwrap();
    let (modes, _) = begins_with(&proxy).await;
    assert!(modes.contains("STRICT_TRANS_TABLES"), "{modes}");
}

/// Set on the server itself, they hold once the proxy has opened a connection there again.
#[tokio::test]
async fn globals_that_are_set_on_the_server_come_to_hold() {
    let pair = Pair::start(&[]).await;
    let proxy = pair.proxy().await;
    let mut app = connect_app(&proxy).await;
    fill(&mut app).await;
    assert_ne!(begins_with(&proxy).await.1, 77);
    set_globals(&pair.a, &[("group_concat_max_len", "77")]).await;
    let until = Instant::now() + Duration::from_secs(60);
    let mut busy = Vec::new();
    while begins_with(&proxy).await.1 != 77 {
        assert!(Instant::now() < until);
        // One more connection each time.
        let mut client = connect_app(&proxy).await;
        client.query_drop("BEGIN").await.unwrap();
        client
            .query_drop("SELECT * FROM t WHERE id = 4 FOR SHARE")
            .await
            .ok();
        client
            .query_drop("SELECT * FROM t WHERE id = 4")
            .await
            .unwrap();
        busy.push(client);
        assert!(busy.len() < 20);
    }
    // The old session goes on as it began, on whatever connection.
    drop(busy);
    for _ in 0..5 {
        let found: Option<i64> = app
            .query_first("SELECT @@group_concat_max_len FROM t WHERE id = 4")
            .await
            .unwrap();
        assert_ne!(found, Some(77));
    }
}

#[tokio::test]
async fn init_connect_says_what_sessions_begin_with() {
    let pair = Pair::start(&[]).await;
    // Accounts that may administer skip it.
    let mut admin = pair.a.admin().await.unwrap();
    for sql in [
        format!("CREATE USER ordinary@'%' IDENTIFIED BY '{PASSWORD}'"),
        "GRANT SELECT, INSERT, UPDATE, DELETE, CREATE, DROP ON d0.* TO ordinary@'%'".to_owned(),
        "SET GLOBAL init_connect = 'SET autocommit = 0, time_zone = \"+05:00\", sql_select_limit = 1'".to_owned(),
    ] {
        admin.query_drop(sql).await.unwrap();
    }
    let proxy = pair.solo("ordinary").await;
    let mut app = connect_app(&proxy).await;
    let variables = "SELECT @@autocommit, @@time_zone, @@sql_select_limit";
    let found: Option<(i64, String, u64)> = app.query_first(variables).await.unwrap();
    assert_eq!(found, Some((0, "+05:00".to_owned(), 1)));
    app.query_drop("INSERT INTO t VALUES (1, 'one'), (2, 'two')")
        .await
        .unwrap();
    app.disconnect().await.unwrap();
    let mut app = connect_app(&proxy).await;
    fill(&mut app).await;
    let rows: Vec<i64> = app.query("SELECT id FROM t ORDER BY id").await.unwrap();
    assert_eq!(rows, [0]);
}
