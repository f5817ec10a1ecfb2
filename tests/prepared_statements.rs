//! Prepared statements of many clients: what servers hold of them is bounded, and drivers are served.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use common::{APP_PASSWORD, APP_USER, Place, SCHEMA};
use mysql_async::prelude::Queryable;
use mysql_async::{Conn, Opts, OptsBuilder, Value};
use shardwell::cli::demo::proxy::{ProxyHandle, start_proxy};

const TABLES: &str = "[schemas.shop.tables.users]\nkey = \"id\"\nalgorithm = \"hash_mod\"\n";

/// A client that closes no statement by itself.
async fn client(proxy: &ProxyHandle) -> Conn {
    let address = proxy.address();
    Conn::new(Opts::from(
        OptsBuilder::default()
            .ip_or_hostname(address.ip().to_string())
            .tcp_port(address.port())
            .user(Some(APP_USER))
            .pass(Some(APP_PASSWORD))
            .db_name(Some(SCHEMA))
            .stmt_cache_size(100_000)
            .prefer_socket(false),
    ))
    .await
    .unwrap()
}

async fn place() -> Place {
    let place = Place::new().await;
    place
        .everywhere("CREATE TABLE users (id BIGINT PRIMARY KEY, name VARCHAR(50))")
        .await;
    place
}

/// The servers' count is of all clients: one test at a time.
static ALONE: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());

/// How many statements a server holds for all its clients.
async fn held(server: &mut Conn) -> u64 {
    let status: Option<(String, u64)> = server
        .query_first("SHOW GLOBAL STATUS LIKE 'Prepared_stmt_count'")
        .await
        .unwrap();
    status.unwrap().1
}

/// How many clients there are, and how many statements each of them has: with SHARDWELL_LONG a thousand
/// times a hundred.
fn crowd() -> (usize, usize) {
    match std::env::var_os("SHARDWELL_LONG") {
        Some(_) => (1_000, 100),
        None => (60, 40),
    }
}

#[tokio::test]
async fn many_clients_with_many_statements_do_not_flood_the_servers() {
    let (crowd, each) = crowd();
    let _alone = ALONE.lock().await;
    let place = place().await;
    // 4 connections of 1,024 statements each at most.
    let config = place
        .config(TABLES)
        .replace("[backend]", "[backend]\npool = { max_connections = 4 }");
    let proxy = start_proxy(config).await.unwrap();
    let before = held(&mut place.shard(0).await).await;
    let mut clients = Vec::new();
    for _ in 0..crowd {
        clients.push(client(&proxy).await);
    }
    let mut statements = Vec::new();
    for (number, client) in clients.iter_mut().enumerate() {
        for n in 0..each {
            // Half of them are everybody's.
            let whose = if n % 2 == 0 { 0 } else { number };
            let sql = format!("SELECT name, {n}, {whose} FROM users WHERE id = ?");
            statements.push(client.prep(sql).await.unwrap());
        }
    }
    for (client, statements) in clients.iter_mut().zip(statements.chunks(each)) {
        for (n, statement) in statements.iter().enumerate() {
            let rows: Vec<(String, i64, i64)> = client.exec(statement, (n,)).await.unwrap();
            assert!(rows.is_empty());
        }
    }
    for position in [0, 2] {
        let held = held(&mut place.shard(position).await).await - before;
        // One more on each connection may be about to be closed.
        assert!(held <= 4 * 1_025, "{held} statements of {crowd} clients");
        assert!(held >= 1, "nothing is kept");
    }
}

#[tokio::test]
async fn what_a_connection_keeps_is_bounded_and_forgotten_statements_come_back() {
    let _alone = ALONE.lock().await;
    let place = place().await;
    let config = place
        .config(TABLES)
        .replace("[backend]", "[backend]\npool = { max_connections = 800 }");
    let proxy = start_proxy(config).await.unwrap();
    let mut client = client(&proxy).await;
    let mut server = place.shard(0).await;
    let before = held(&mut server).await;
    let mut statements = Vec::new();
    for n in 0..100 {
        let sql = format!("SELECT {n} FROM users WHERE id = ?");
        statements.push(client.prep(sql).await.unwrap());
    }
    for _ in 0..2 {
        for statement in &statements {
            for id in 0..4 {
                let rows: Vec<Value> = client.exec(statement, (id,)).await.unwrap();
                assert!(rows.is_empty());
            }
        }
    }
    // 16 statements on the one connection to this server, and one that is about to be closed.
    let held = held(&mut server).await - before;
    assert!((1..=17).contains(&held), "{held}");
}

/// How many rows all shards have.
async fn rows(place: &Place) -> u64 {
    let mut all = 0;
    for position in 0..4 {
        let mut shard = place.shard(position).await;
        let count: Option<u64> = shard
            .query_first("SELECT COUNT(*) FROM users")
            .await
            .unwrap();
        all += count.unwrap();
    }
    all
}

#[tokio::test]
async fn statements_over_several_shards_change_what_they_say() {
    let _alone = ALONE.lock().await;
    let place = place().await;
    let proxy = place.proxy(TABLES).await;
    let mut client = client(&proxy).await;
    let insert = "INSERT INTO users VALUES (?, 'a'), (?, 'b'), (?, 'a')";
    client.exec_drop(insert, (1, 2, 3)).await.unwrap();
    assert_eq!(rows(&place).await, 3);
    let pairs = "SELECT a.id, b.id FROM users a JOIN users b ON a.name = b.name WHERE a.id < ? \
                 AND a.id < b.id";
    let found: Vec<(u32, u32)> = client.exec(pairs, (3,)).await.unwrap();
    assert_eq!(found, [(1, 3)]);
    client
        .exec_drop("UPDATE users SET name = ?", ("x",))
        .await
        .unwrap();
    assert_eq!(client.affected_rows(), 3);
    client
        .exec_drop("DELETE FROM users WHERE id > ?", (1,))
        .await
        .unwrap();
    assert_eq!(client.affected_rows(), 2);
    assert_eq!(rows(&place).await, 1);
}

/// MySQL counts such a parameter and does not describe it: whoever waits for its description waits for ever.
#[tokio::test]
async fn a_parameter_that_is_not_described_is_refused_at_once() {
    let place = place().await;
    let proxy = place.proxy(TABLES).await;
    let mut client = client(&proxy).await;
    let version: Option<String> = client.query_first("SELECT VERSION()").await.unwrap();
    let mariadb = version.unwrap().contains("MariaDB");
    for sql in [
        "SELECT GROUP_CONCAT(? ORDER BY ?)",
        "SELECT GROUP_CONCAT(name ORDER BY name, ? DESC) FROM users",
        "SELECT GROUP_CONCAT(name ORDER BY (?)) FROM users WHERE id = ?",
    ] {
        match client.prep(sql).await {
            Ok(_) => assert!(mariadb, "{sql}"),
            Err(mysql_async::Error::Server(error)) => {
                assert!(!mariadb, "{sql}: {error}");
                assert_eq!(error.code, 1235, "{sql}: {error}");
                assert!(error.message.contains("ORDER BY ?"), "{sql}: {error}");
            }
            Err(other) => panic!("{sql}: {other}"),
        }
    }
    let sql = "SELECT GROUP_CONCAT(name ORDER BY name, ? + 1) FROM users WHERE id < ?";
    let none: Option<Option<String>> = client.exec_first(sql, (1, 1)).await.unwrap();
    assert_eq!(none, Some(None));
}

#[tokio::test]
async fn transactions_over_several_servers_hold_prepared_statements() {
    let _alone = ALONE.lock().await;
    let place = place().await;
    let proxy = place.proxy(TABLES).await;
    let mut client = client(&proxy).await;
    let insert = client
        .prep("INSERT INTO users VALUES (?, 'a')")
        .await
        .unwrap();
    let select = client
        .prep("SELECT name FROM users WHERE id = ?")
        .await
        .unwrap();
    for (end, left) in [("ROLLBACK", 0), ("COMMIT", 8)] {
        client.query_drop("BEGIN").await.unwrap();
        for id in 0..8 {
            client.exec_drop(&insert, (id,)).await.unwrap();
            let name: Option<String> = client.exec_first(&select, (id,)).await.unwrap();
            assert_eq!(name.as_deref(), Some("a"));
        }
        client.exec_drop(end, ()).await.unwrap();
        assert_eq!(rows(&place).await, left, "{end}");
    }
}

/// How many statements of a kind all clients of the shards' servers have sent.
async fn sent(place: &Place, kind: &str) -> u64 {
    let mut all = 0;
    for position in [0, 2] {
        let mut server = place.shard(position).await;
        let sql = format!("SHOW GLOBAL STATUS LIKE 'Com_{kind}'");
        let status: Option<(String, u64)> = server.query_first(sql).await.unwrap();
        all += status.unwrap().1;
    }
    all
}

#[tokio::test]
async fn rows_that_get_ids_are_executed_without_being_prepared_each_time() {
    let _alone = ALONE.lock().await;
    let place = place().await;
    let tables =
        TABLES.replace("hash_mod", "mod") + "generate = { column = \"id\", kind = \"segment\" }\n";
    let proxy = start_proxy(place.config(&tables)).await.unwrap();
    let mut client = client(&proxy).await;
    let insert = client
        .prep("INSERT INTO users (name) VALUES (?)")
        .await
        .unwrap();
    assert_eq!(insert.num_params(), 1);
    // Each shard's connections learn it.
    for n in 0..8 {
        client.exec_drop(&insert, (n.to_string(),)).await.unwrap();
    }
    let before = (
        sent(&place, "stmt_prepare").await,
        sent(&place, "stmt_execute").await,
    );
    for n in 9..49_u64 {
        client.exec_drop(&insert, (n.to_string(),)).await.unwrap();
        assert_eq!(client.last_insert_id(), Some(n));
    }
    let after = (
        sent(&place, "stmt_prepare").await,
        sent(&place, "stmt_execute").await,
    );
    assert_eq!((after.0 - before.0, after.1 - before.1), (0, 40));
    assert_eq!(rows(&place).await, 48);
}
