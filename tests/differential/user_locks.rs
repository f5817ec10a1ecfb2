//! Locks by name: GET_LOCK and its kind, in a schema with several shards. The tests run side by side on the
//! same servers: each has names of its own.

use mysql_async::prelude::Queryable;

use super::common::Place;
use super::pair::{CLIENTS, Stage, assert_same};

const TABLES: &str = r#"
[schemas.shop.tables.items]
key = "id"
algorithm = "hash_mod"
"#;

const DEFINITIONS: &[&str] = &["CREATE TABLE items (id BIGINT PRIMARY KEY, a INT)"];

const STATEMENTS: &[&str] = &[
    "SELECT GET_LOCK('one', 0), IS_FREE_LOCK('one'), IS_FREE_LOCK('two')",
    "SELECT IS_USED_LOCK('one') = CONNECTION_ID(), IS_USED_LOCK('two') = CONNECTION_ID()",
    "SELECT CONNECTION_ID() = IS_USED_LOCK('one') AS mine",
    "SELECT IS_USED_LOCK(CONCAT('o', 'ne'))<=>CONNECTION_ID(), CONNECTION_ID() <> IS_USED_LOCK('one')",
    "SELECT IF(IS_USED_LOCK('one') != CONNECTION_ID(), 'other', 'mine')",
    "SELECT IS_USED_LOCK('two') IS NULL, IS_USED_LOCK('one') IS NULL",
    "SELECT GET_LOCK('one', 0), GET_LOCK('two', 0)",
    "SELECT RELEASE_LOCK('one'), RELEASE_LOCK('three')",
    "SELECT RELEASE_ALL_LOCKS()",
    "SELECT IS_FREE_LOCK('one'), RELEASE_LOCK('one')",
    "DO GET_LOCK('one', 0)",
    "INSERT INTO items VALUES (1, 1), (2, 2), (3, 3), (4, 4)",
    "SELECT COUNT(*), SUM(a) FROM items",
    "BEGIN",
    "UPDATE items SET a = a + 1",
    "SELECT IS_USED_LOCK('one') = CONNECTION_ID()",
    "ROLLBACK",
    "SELECT SUM(a), (SELECT COUNT(*) FROM items i JOIN items j ON i.a > j.a) FROM items",
    "SELECT IS_USED_LOCK('one') = CONNECTION_ID()",
    "SELECT id, IS_USED_LOCK('one') = CONNECTION_ID() FROM items WHERE id = 1 AND FALSE",
    "DO RELEASE_LOCK('one')",
    "SELECT IS_FREE_LOCK('one'), IS_USED_LOCK('one') = CONNECTION_ID()",
    "DELETE FROM items",
];

#[tokio::test]
async fn user_locks_are_those_of_one_server() {
    let mut differences = Vec::new();
    let stage = Stage::new(TABLES, DEFINITIONS, &[]).await;
    for (name, extras) in CLIENTS {
        let mut pair = stage.pair(extras).await;
        for statement in STATEMENTS {
            pair.change(statement).await;
        }
        differences.extend(pair.into_differences(name));
    }
    assert_same(&differences);
}

#[tokio::test]
async fn only_who_holds_a_lock_is_told_that_it_does() {
    let stage = Stage::new(TABLES, DEFINITIONS, &[]).await;
    let (mut holder, mut other) = (stage.app().await, stage.app().await);
    let got: Option<u8> = holder
        .query_first("SELECT GET_LOCK('held', 0)")
        .await
        .unwrap();
    assert_eq!(got, Some(1));
    let sql = "SELECT IS_USED_LOCK('held') = CONNECTION_ID()";
    for (app, mine) in [(&mut holder, 1), (&mut other, 0)] {
        for _ in 0..2 {
            let found: Option<u8> = app.query_first(sql).await.unwrap();
            assert_eq!(found, Some(mine));
            let found: Option<u8> = app.exec_first(sql, ()).await.unwrap();
            assert_eq!(found, Some(mine));
        }
    }
    let by_name = "SELECT CONNECTION_ID() = IS_USED_LOCK(?)";
    let found: Option<u8> = holder.exec_first(by_name, ("held",)).await.unwrap();
    assert_eq!(found, Some(1));
    let found: Option<u8> = other.exec_first(by_name, ("held",)).await.unwrap();
    assert_eq!(found, Some(0));
}

/// Sessions in a schema on another server than the first have their locks beside those of all others.
#[tokio::test]
async fn locks_of_all_schemas_are_in_one_place() {
    let place = Place::new().await;
    let solo = format!("{}_solo", place.name());
    let mut root = place.shards()[3].0.admin().await.unwrap();
    for statement in [
        format!("CREATE DATABASE {solo}"),
        format!("CREATE TABLE {solo}.t (id INT PRIMARY KEY)"),
        format!("INSERT INTO {solo}.t VALUES (1)"),
    ] {
        root.query_drop(statement).await.unwrap();
    }
    let tables = format!("{TABLES}[schemas.{solo}]\nshards = [\"b/{solo}\"]\n");
    let stage = Stage::at(place, &tables, DEFINITIONS, &[]).await;
    for take in [
        "DO GET_LOCK('of_all', 0)",
        "SELECT GET_LOCK('of_all', 0)",
        "SET @got = GET_LOCK('of_all', 0)",
    ] {
        let (mut holder, mut other) = (stage.app().await, stage.app().await);
        holder.query_drop(format!("USE {solo}")).await.unwrap();
        holder.query_drop(take).await.unwrap();
        let mut third = stage.app().await;
        third.query_drop(format!("USE {solo}")).await.unwrap();
        for app in [&mut other, &mut third] {
            let got: Option<u8> = app
                .query_first("SELECT GET_LOCK('of_all', 0)")
                .await
                .unwrap();
            assert_eq!(got, Some(0), "{take}");
        }
        holder
            .query_drop("DO RELEASE_LOCK('of_all')")
            .await
            .unwrap();
        let got: Option<u8> = third
            .query_first("SELECT GET_LOCK('of_all', 0)")
            .await
            .unwrap();
        assert_eq!(got, Some(1), "{take}");
        third.query_drop("DO RELEASE_ALL_LOCKS()").await.unwrap();
    }
    let mut app = stage.app().await;
    app.query_drop(format!("USE {solo}")).await.unwrap();
    for elsewhere in [
        "SELECT GET_LOCK('of_all', 0) FROM t",
        "SELECT * FROM (SELECT GET_LOCK('of_all', 0)) AS d",
        "INSERT INTO t VALUES (2 + GET_LOCK('of_all', 0))",
        "DELETE FROM t WHERE IS_FREE_LOCK('of_all')",
        "DO (SELECT GET_LOCK('of_all', id) FROM t)",
    ] {
        let error = app.query_drop(elsewhere).await.unwrap_err().to_string();
        assert!(error.contains("1235"), "{elsewhere}: {error}");
    }
    // Who only defines it takes no lock.
    app.query_drop("CREATE VIEW v AS SELECT GET_LOCK('of_all', 0) AS got")
        .await
        .unwrap();
    app.query_drop("DROP VIEW v").await.unwrap();
}
