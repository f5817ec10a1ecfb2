//! Locks by name: GET_LOCK and its kind, in a schema with several shards.

use mysql_async::prelude::Queryable;

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
