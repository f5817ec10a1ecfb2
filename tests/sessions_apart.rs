//! What one session has on several servers must not come apart, nor mix with another session's.

#![allow(clippy::unwrap_used, clippy::panic)]

mod common;

use common::{Place, connect_app};
use mysql_async::Conn;
use mysql_async::prelude::Queryable;
use shardwell::cli::demo::proxy::ProxyHandle;

const TABLES: &str = "[schemas.shop.tables.t]\nkey = \"id\"\nalgorithm = \"hash_mod\"";

/// Rows on all shards, and a client.
async fn filled() -> (Place, ProxyHandle, Conn) {
    let place = Place::new().await;
    place
        .everywhere("CREATE TABLE t (id BIGINT PRIMARY KEY, v INT)")
        .await;
    let proxy = place.proxy(TABLES).await;
    let mut app = connect_app(&proxy).await;
    for id in 1..=40 {
        let insert = format!("INSERT INTO t VALUES ({id}, 0)");
        app.query_drop(insert).await.unwrap();
    }
    (place, proxy, app)
}

/// A key on the first server and one on the second.
async fn a_key_on_each(place: &Place) -> [i64; 2] {
    let mut keys = [0; 2];
    for position in 0..4 {
        let mut shard = place.shard(position).await;
        let found: Option<i64> = shard.query_first("SELECT MIN(id) FROM t").await.unwrap();
        keys[position / 2] = found.unwrap();
        shard.disconnect().await.unwrap();
    }
    keys
}

#[tokio::test]
async fn a_user_variable_does_not_split_a_transaction() {
    let (place, proxy, app) = filled().await;
    let [a, b] = a_key_on_each(&place).await;
    app.disconnect().await.unwrap();
    for autocommit in [1, 0] {
        // Two sessions in a row are tied to different servers.
        for (first, second) in [(a, b), (b, a), (a, b), (b, a)] {
            let mut app = connect_app(&proxy).await;
            app.query_drop("SET @x = 1").await.unwrap();
            let set = format!("SET autocommit = {autocommit}");
            app.query_drop(set).await.unwrap();
            app.query_drop("BEGIN").await.unwrap();
            let update = |id| format!("UPDATE t SET v = v + 1 WHERE id = {id}");
            app.query_drop(update(first)).await.unwrap();
            // On another replica set: it takes part in the same transaction.
            app.query_drop(update(second)).await.unwrap();
            app.query_drop("ROLLBACK").await.unwrap();
            for id in [a, b] {
                let select = format!("SELECT v FROM t WHERE id = {id}");
                let value: Option<i64> = app.query_first(select).await.unwrap();
                assert_eq!(value, Some(0), "id {id}");
                app.query_drop("COMMIT").await.unwrap();
            }
            app.disconnect().await.unwrap();
        }
    }
    proxy.shutdown().await;
}

#[tokio::test]
async fn an_insert_id_of_another_session_is_never_seen() {
    let place = Place::new().await;
    let proxy = place.proxy("").await;
    let mut theirs = connect_app(&proxy).await;
    let create = "CREATE TABLE c (id BIGINT AUTO_INCREMENT PRIMARY KEY, v INT)";
    theirs.query_drop(create).await.unwrap();
    theirs
        .query_drop("INSERT INTO c (id) VALUES (76)")
        .await
        .unwrap();
    let mut mine = connect_app(&proxy).await;
    for statement in [
        "INSERT INTO c (id) VALUES (5)",
        "SELECT SQL_CALC_FOUND_ROWS * FROM c LIMIT 1",
        "UPDATE c SET v = LAST_INSERT_ID(v + 1) WHERE id = -1",
    ] {
        theirs
            .query_drop("INSERT INTO c (v) VALUES (1)")
            .await
            .unwrap();
        mine.query_drop(statement).await.unwrap();
        let id: Option<u64> = mine.query_first("SELECT LAST_INSERT_ID()").await.unwrap();
        assert_eq!(id, Some(0), "{statement}");
    }
    theirs.disconnect().await.unwrap();
    mine.disconnect().await.unwrap();
    proxy.shutdown().await;
}

/// What a statement needs of the session's variables is brought to other servers, and stays there for nobody.
#[tokio::test]
async fn carried_variables_reach_no_other_session() {
    let (place, proxy, mut app) = filled().await;
    let ids = a_key_on_each(&place).await;
    app.query_drop("SET @x = 7").await.unwrap();
    for round in 0..6 {
        let framed = round % 2 == 0;
        let frame = |verb: &'static str| if framed { verb } else { "DO 0" };
        app.query_drop(frame("BEGIN")).await.unwrap();
        for id in ids {
            let select = format!("SELECT @x FROM t WHERE id = {id}");
            let value: Option<i64> = app.query_first(select).await.unwrap();
            assert_eq!(value, Some(7), "id {id}");
        }
        app.query_drop("UPDATE t SET v = @x").await.unwrap();
        app.query_drop(frame("COMMIT")).await.unwrap();
        let mut other = connect_app(&proxy).await;
        for id in ids {
            other.query_drop("BEGIN").await.unwrap();
            let select = format!("SELECT v FROM t WHERE id = {id}");
            let value: Option<i64> = other.query_first(select).await.unwrap();
            assert_eq!(value, Some(7), "id {id}");
            let select = format!("SELECT @x FROM t WHERE id = {id}");
            let value: Option<Option<i64>> = other.query_first(select).await.unwrap();
            assert_eq!(value, Some(None), "id {id}");
            other.query_drop("COMMIT").await.unwrap();
        }
        other.disconnect().await.unwrap();
    }
    app.disconnect().await.unwrap();
    proxy.shutdown().await;
}
