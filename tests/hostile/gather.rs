//! Statements whose rows come together on one server: what ends them, and what they leave behind.

use std::time::Duration;

use mysql_async::prelude::Queryable;
use shardwell::cli::demo::proxy::{ProxyHandle, start_proxy};

use crate::common::{Place, SCHEMA};
use crate::kill::wait_for_statements;
use crate::raw::Raw;

const NOT_SUPPORTED: u16 = 1235;
const OUT_OF_MEMORY: u16 = 1038;
const INTERRUPTED: u16 = 1317;
const TIMEOUT: u16 = 3024;
const NO_SUCH_TABLE: u16 = 1146;

const TABLES: &str = "[schemas.shop.tables.t]\nkey = \"id\"\nalgorithm = \"hash_mod\"\n\
                      [schemas.shop.tables.u]\nkey = \"id\"\nalgorithm = \"mod\"\n";

/// A join that no shard can answer alone.
const JOIN: &str = "SELECT COUNT(*) FROM t JOIN u ON u.v = t.v";

/// Two tables that are sharded differently, with ten rows each on each of four shards.
async fn rows() -> Place {
    let place = Place::new().await;
    for table in ["t", "u"] {
        let columns = "(id BIGINT PRIMARY KEY, v INT UNIQUE, doc JSON)";
        place
            .everywhere(&format!("CREATE TABLE {table} {columns}"))
            .await;
        for position in 0..4 {
            let mut shard = place.shard(position).await;
            for id in 0..10 {
                let id = position * 100 + id;
                let insert = format!("INSERT INTO {table} VALUES ({id}, {id}, '[1]')");
                shard.query_drop(insert).await.unwrap();
            }
        }
    }
    place
}

async fn proxy(place: &Place, server: &str, backend: &str) -> ProxyHandle {
    let config = place.config(TABLES);
    let config = config
        .replace("[[users]]", &format!("{server}\n[[users]]"))
        .replace("[replica_sets.a]", &format!("{backend}\n[replica_sets.a]"));
    start_proxy(config).await.unwrap()
}

/// No connection holds a gathered table any more: it would be there already.
async fn nothing_is_left(client: &mut Raw) {
    for _ in 0..8 {
        assert_eq!(client.value(JOIN).await, "40");
    }
}

#[tokio::test]
async fn a_budget_ends_the_statement_and_not_the_session() {
    let place = rows().await;
    let limits = "[server.gather]\nmax_rows = 60";
    let proxy = proxy(&place, limits, "").await;
    let mut client = Raw::app(proxy.address(), Some(SCHEMA)).await;
    let error = client.query(JOIN).await.unwrap_err();
    assert_eq!(error.code, OUT_OF_MEMORY, "{error}");
    let text = error.to_string();
    assert!(text.contains("server.gather.max_rows"), "{text}");
    let fewer = format!("{JOIN} WHERE t.v < 5");
    assert_eq!(client.value(&fewer).await, "5");
}

#[tokio::test]
async fn keys_that_shards_use_twice_are_no_error() {
    let place = rows().await;
    for position in 0..4 {
        let mut shard = place.shard(position).await;
        let sql = "INSERT INTO t VALUES (5000, 5000, NULL)";
        shard.query_drop(sql).await.unwrap();
    }
    let proxy = proxy(&place, "", "").await;
    let mut client = Raw::app(proxy.address(), Some(SCHEMA)).await;
    let sql = "SELECT COUNT(*), COUNT(t.id) FROM t LEFT JOIN u ON u.v = t.v";
    assert_eq!(client.value(sql).await, "44");
}

#[tokio::test]
async fn a_document_that_text_cannot_tell_is_not_brought() {
    let place = rows().await;
    let mut shard = place.shard(3).await;
    let sql = "UPDATE t SET doc = JSON_ARRAY(CAST(1.50 AS DECIMAL(5,2)), NOW()) WHERE id = 300";
    shard.query_drop(sql).await.unwrap();
    let proxy = proxy(&place, "", "").await;
    let mut client = Raw::app(proxy.address(), Some(SCHEMA)).await;
    let sql = "SELECT MAX(t.doc) FROM t JOIN u ON u.v = t.v";
    if crate::common::servers().await.flavor() == shardwell::cli::demo::program::Flavor::MySql {
        let error = client.query(sql).await.unwrap_err();
        assert_eq!(error.code, NOT_SUPPORTED, "{error}");
    }
    let others = "SELECT MAX(t.doc) FROM t JOIN u ON u.v = t.v WHERE t.id <> 300";
    assert_eq!(client.value(others).await, "[1]");
}

#[tokio::test]
async fn only_state_of_one_connection_is_refused_in_a_transaction() {
    let place = rows().await;
    let proxy = proxy(&place, "", "").await;
    let mut client = Raw::app(proxy.address(), Some(SCHEMA)).await;
    for begin in ["BEGIN", "SET autocommit = 0"] {
        client.query(begin).await.unwrap();
        assert_eq!(client.value(JOIN).await, "40");
        let sql = format!("{JOIN} WHERE t.v < 100 * IS_FREE_LOCK('a')");
        let error = client.query(&sql).await.unwrap_err();
        assert_eq!(error.code, NOT_SUPPORTED, "{error}");
        let one = "SELECT v FROM t WHERE id = 4";
        client.query(one).await.unwrap();
        client.query("COMMIT").await.unwrap();
    }
    client.query("SET autocommit = 1").await.unwrap();
    assert_eq!(client.value(JOIN).await, "40");
}

#[tokio::test]
async fn variables_of_the_session_stay_where_they_are() {
    let place = rows().await;
    let proxy = proxy(&place, "", "").await;
    let mut client = Raw::app(proxy.address(), Some(SCHEMA)).await;
    client
        .query("SET @v = 7, time_zone = '+03:00'")
        .await
        .unwrap();
    let sql = format!("{JOIN} WHERE t.v < @v");
    for _ in 0..3 {
        assert_eq!(client.value(&sql).await, "7");
        assert_eq!(client.value("SELECT @v").await, "7");
        let error = client
            .query("SELECT t.nothing FROM t JOIN u ON u.v = @v")
            .await
            .unwrap_err();
        assert_eq!(error.code, 1054, "{error}");
        assert_eq!(client.value("SELECT @@time_zone").await, "+03:00");
    }
}

#[tokio::test]
async fn errors_name_the_clients_tables() {
    let place = rows().await;
    let proxy = proxy(&place, "", "").await;
    let mut client = Raw::app(proxy.address(), Some(SCHEMA)).await;
    client
        .query("SET sql_mode = 'ONLY_FULL_GROUP_BY'")
        .await
        .unwrap();
    let sql = "SELECT t.v, COUNT(*) FROM t JOIN u ON u.v = t.v GROUP BY u.v % 2";
    let error = client.query(sql).await.unwrap_err().to_string();
    let physical = format!("{}_", place.name());
    assert!(
        !error.contains(&physical) && !error.contains("__shardwell"),
        "{error}"
    );
    nothing_is_left(&mut client).await;
    let error = client.query("SELECT 1 FROM t, nowhere").await.unwrap_err();
    assert_eq!(error.code, NO_SUCH_TABLE, "{error}");
}

#[tokio::test]
async fn kill_query_and_a_time_limit_end_the_finish() {
    let place = rows().await;
    let timeouts = "[server.timeouts]\nstatement = \"2s\"";
    let proxy = proxy(&place, timeouts, "").await;
    let mut victim = Raw::app(proxy.address(), Some(SCHEMA)).await;
    let mut killer = Raw::app(proxy.address(), Some(SCHEMA)).await;
    let id = victim.greeting.connection_id;
    let long = |name: &str| {
        format!(
            "SELECT SUM(BENCHMARK(4000000000, SHA2(t.v, 256))) AS {name} FROM t JOIN u ON u.v = t.v"
        )
    };
    victim.send(&long("gather_victim")).await;
    tokio::time::sleep(Duration::from_millis(700)).await;
    killer.query(&format!("KILL QUERY {id}")).await.unwrap();
    let error = victim.answer().await.unwrap_err();
    assert_eq!(error.code, INTERRUPTED, "{error}");
    let error = victim.query(&long("gather_late")).await.unwrap_err();
    assert!([INTERRUPTED, TIMEOUT].contains(&error.code), "{error}");
    for position in [0, 2] {
        let mut server = place.shard(position).await;
        wait_for_statements(&mut server, "gather_", 0).await;
    }
    assert_eq!(victim.value(JOIN).await, "40");
}

#[tokio::test]
async fn rows_that_wait_for_a_lock_are_let_go() {
    let place = rows().await;
    let proxy = proxy(&place, "", "").await;
    let mut locker = place.shard(2).await;
    locker.query_drop("LOCK TABLES t WRITE").await.unwrap();
    let mut victim = Raw::app(proxy.address(), Some(SCHEMA)).await;
    let mut killer = Raw::app(proxy.address(), Some(SCHEMA)).await;
    let mut leaver = Raw::app(proxy.address(), Some(SCHEMA)).await;
    victim.send(JOIN).await;
    leaver.send(JOIN).await;
    let mut server = place.shard(3).await;
    wait_for_statements(&mut server, "`t`", 2).await;
    let id = victim.greeting.connection_id;
    killer.query(&format!("KILL QUERY {id}")).await.unwrap();
    assert_eq!(victim.answer().await.unwrap_err().code, INTERRUPTED);
    drop(leaver);
    wait_for_statements(&mut server, "`t`", 0).await;
    locker.query_drop("UNLOCK TABLES").await.unwrap();
    assert_eq!(victim.value(JOIN).await, "40");
}

#[tokio::test]
async fn many_statements_share_few_connections() {
    let place = rows().await;
    let pool = "[backend.pool]\nmax_connections = 2\nacquire_timeout = \"20s\"";
    let proxy = proxy(&place, "", pool).await;
    let mut tasks = Vec::new();
    for _ in 0..8 {
        let mut client = Raw::app(proxy.address(), Some(SCHEMA)).await;
        tasks.push(tokio::spawn(async move {
            for _ in 0..5 {
                assert_eq!(client.value(JOIN).await, "40");
                assert_eq!(client.value("SELECT COUNT(*) FROM t").await, "40");
            }
        }));
    }
    for task in tasks {
        task.await.unwrap();
    }
}

#[tokio::test]
async fn few_rows_of_one_table_limit_what_is_brought_of_another() {
    let place = rows().await;
    let proxy = proxy(&place, "[server.gather]\nmax_rows = 12", "").await;
    let mut client = Raw::app(proxy.address(), Some(SCHEMA)).await;
    // The rows were stored anywhere: one that is where its key says.
    let mut one = 0;
    while client
        .value(&format!("SELECT COUNT(*) FROM t WHERE id = {one}"))
        .await
        == "0"
    {
        one += 1;
    }
    for (sql, expected) in [
        // Of all shards, and of one where they could stay.
        (
            "SELECT COUNT(*) FROM t JOIN u ON u.v = t.v WHERE t.v IN (1, 102)",
            "2",
        ),
        (
            "SELECT SUM(u.id) FROM t JOIN u ON u.v = t.v WHERE t.id = ONE",
            "ONE",
        ),
        (
            "SELECT SUM(u.id) FROM t, u WHERE t.v = u.v AND t.id = ONE",
            "ONE",
        ),
        (
            "SELECT COUNT(u.v) FROM t LEFT JOIN u ON u.v = t.v WHERE t.v IN (5, 7)",
            "2",
        ),
        (
            "SELECT SUM(c.v) FROM t a JOIN u b ON a.v = b.v JOIN t c ON c.v = b.v WHERE a.v = 5",
            "5",
        ),
        (
            "SELECT COUNT(*) FROM t JOIN u ON u.v = t.v WHERE t.v = 55",
            "0",
        ),
        (
            "SELECT COUNT(*) FROM t JOIN u ON u.v = t.v WHERE t.id = 7055",
            "0",
        ),
    ] {
        let (sql, expected) = (
            sql.replace("ONE", &one.to_string()),
            expected.replace("ONE", &one.to_string()),
        );
        assert_eq!(client.value(&sql).await, expected, "{sql}");
        client.query("BEGIN").await.unwrap();
        assert_eq!(client.value(&sql).await, expected, "{sql} in a transaction");
        client.query("COMMIT").await.unwrap();
    }
    for sql in [
        "SELECT COUNT(*) FROM u LEFT JOIN t ON u.v = t.v WHERE t.v IN (5, 7) OR t.v IS NULL",
        "SELECT COUNT(*) FROM t JOIN u ON u.v = t.v OR u.v = 1 WHERE t.v IN (5, 7)",
        "SELECT COUNT(*) FROM t JOIN u ON u.v <=> t.v WHERE t.v IN (5, 7)",
    ] {
        let error = client.query(sql).await.unwrap_err();
        assert_eq!(error.code, OUT_OF_MEMORY, "{sql}: {error}");
    }
}
